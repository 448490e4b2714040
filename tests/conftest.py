"""Fixtures of the sound and network bench, for every test; and no chance in a run.

Hypothesis tries the same examples each time: what lands is what was tested. To look
for new ones, run it with HYPOTHESIS_PROFILE=search.
"""

import os

from hypothesis import settings

from tests.bench.fixtures import (
    alsa_bench,
    fake_card_plugin,
    fake_cards,
    impaired_network,
    pulse_bench,
)

__all__ = [
    "alsa_bench",
    "fake_card_plugin",
    "fake_cards",
    "impaired_network",
    "pulse_bench",
]

settings.register_profile("same", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

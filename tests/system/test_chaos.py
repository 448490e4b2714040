"""A call through everything that befalls it; the long run is `benchmarks.chaos`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.bench.network import ImpairedNetwork
from tests.bench.pulse import PulseBench
from tests.system.chaos import growth, ordeal
from tests.system.faults import FAULTS, blows

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

FAULTS_COUNT = 20


def test_every_kind_of_fault_comes_before_any_comes_again() -> None:
    first = list(islice(blows(seed=4), len(FAULTS)))
    assert {blow.fault for blow in first} == set(FAULTS)
    assert first == list(islice(blows(seed=4), len(FAULTS)))


def test_sound_comes_back_after_every_fault_and_nobody_ends(
    pulse_bench: PulseBench, impaired_network: ImpairedNetwork, tmp_path: Path
) -> None:
    struck = islice(blows(seed=5), FAULTS_COUNT)
    suffered = ordeal(tmp_path, pulse_bench, impaired_network, struck)
    late = [each for each in suffered.survived if not each.is_within_bound]
    assert late == []
    assert suffered.exits == 0
    assert growth(suffered) == []
    assert not suffered.has_failed_inside

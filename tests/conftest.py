"""Fixtures of the sound and network bench, for every test."""

from tests.bench.fixtures import alsa_bench, impaired_network, pulse_bench

__all__ = ["alsa_bench", "impaired_network", "pulse_bench"]

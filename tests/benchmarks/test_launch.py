from __future__ import annotations

from dataclasses import replace

from tests.benchmarks.launch import Launch, faults
from tests.benchmarks.pressure import Pressure

GOOD = Launch(
    "intercomd",
    "clean",
    m2e_ms=40.0,
    heard=7,
    chirps=7,
    pesq=4.0,
    stoi=0.99,
    pressure=Pressure(busy_cores=0.4, stolen_cores=0.0, psi=0.1),
)


def test_a_quiet_launch_in_which_all_is_heard_is_valid() -> None:
    assert faults(GOOD) == ()


def test_a_player_that_stumbled_makes_a_launch_invalid() -> None:
    assert faults(replace(GOOD, mouth_drift_ms=1.0)) == (
        "the bench stumbled by 1.0 ms",
    )


def test_a_busy_machine_makes_a_launch_invalid() -> None:
    pressure = Pressure(busy_cores=2.0, stolen_cores=0.0, psi=0.6)
    (fault,) = faults(replace(GOOD, pressure=pressure))
    assert fault == "the machine was busy (PSI 0.60)"


def test_silence_at_the_ear_makes_a_launch_invalid() -> None:
    silent = replace(GOOD, m2e_ms=None, heard=0, pesq=None, stoi=None)
    assert faults(silent) == ("heard 0 of 7 chirps", "no speech at the ear")


def test_a_few_chirps_may_be_lost_on_a_bad_network() -> None:
    assert faults(replace(GOOD, heard=5)) == ()


def test_a_call_that_never_came_about_says_why() -> None:
    assert faults(Launch("mumble", "clean", failure="nobody answered")) == (
        "no call: nobody answered",
    )

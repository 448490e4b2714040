"""Levels on the reference's scale, and numbers that belong together."""

from __future__ import annotations

import pytest

from intercomd.domain.sound import DeviceExceptionType, MicState, sound_level


@pytest.mark.parametrize(
    ("dbov", "level"), [(0.0, 100.0), (30.0, 50.0), (60.0, 0.0), (127.0, 0.0)]
)
def test_a_level_is_linear_in_decibels(dbov: float, level: float) -> None:
    assert sound_level(dbov) == level


def test_a_microphones_state_has_the_number_of_its_devices_exception() -> None:
    for exception in range(1, DeviceExceptionType.MEDIA_SERVICES_LOST + 1):
        assert MicState(exception)
    assert (MicState.DISABLE, MicState.MUTE) == (9, 10)
    assert MicState(DeviceExceptionType.DEVICE_UNPLUGGED) is MicState.UNPLUGGED

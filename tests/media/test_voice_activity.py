"""Speech or noise, by loudness and frames."""

from __future__ import annotations

import pytest

from intercomd.media.voice_activity import HANGOVER_FRAMES, VoiceActivity


def heard(activity: VoiceActivity, level_dbov: float, frames: int) -> list[bool]:
    return [activity.hears_speech(level_dbov) for _ in range(frames)]


def test_silence_and_room_noise_are_no_speech() -> None:
    activity = VoiceActivity()
    assert not any(heard(activity, 127.0, 500))
    assert not any(heard(activity, 62.0, 500))


def test_speech_is_heard_with_its_first_frame_and_hangs_over() -> None:
    activity = VoiceActivity()
    heard(activity, 62.0, 100)
    assert heard(activity, 30.0, 3) == [True] * 3
    after = heard(activity, 62.0, HANGOVER_FRAMES + 5)
    assert after == [True] * (HANGOVER_FRAMES - 1) + [False] * 6


def test_a_steady_noise_is_no_speech_for_long() -> None:
    activity = VoiceActivity()
    assert heard(activity, 40.0, 1)[0]
    assert not any(heard(activity, 40.0, 1500)[-100:])


def test_speech_above_a_loud_noise_is_speech() -> None:
    activity = VoiceActivity()
    heard(activity, 40.0, 1500)
    assert heard(activity, 25.0, 1) == [True]


@pytest.mark.parametrize("level", [55.0, 60.0])
def test_what_is_too_quiet_is_no_speech_even_after_silence(level: float) -> None:
    activity = VoiceActivity()
    heard(activity, 127.0, 100)
    assert not any(heard(activity, level, 100))

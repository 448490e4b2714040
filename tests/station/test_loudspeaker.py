"""The station's own volume and tones, between the room and the card."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_BYTES, FRAME_S, SILENCE, Frame
from intercomd.station.loudspeaker import Loudspeaker
from intercomd.station.tones import Tone, frames_of

ROOM = (np.full(480, 1000, np.int16)).tobytes()


def speaker(tone_volume: int = 30, room: Frame = SILENCE) -> Loudspeaker:
    return Loudspeaker(lambda _plays_at: room, lambda: tone_volume)


def peak(frame: Frame) -> int:
    return int(np.abs(np.frombuffer(frame, np.int16)).max())


def heard(loudspeaker: Loudspeaker, frames: int = 100) -> list[int]:
    return [peak(loudspeaker.render(0.0)) for _ in range(frames)]


def test_the_room_passes_untouched_while_no_tone_sounds() -> None:
    assert speaker(room=ROOM).render(0.0) == ROOM


@pytest.mark.parametrize(("volume", "level"), [(0, 0), (50, 500), (200, 2000)])
def test_the_volume_is_a_factor(volume: int, level: int) -> None:
    loudspeaker = speaker(room=ROOM)
    loudspeaker.volume = volume
    assert peak(loudspeaker.render(0.0)) == level


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_heard_over_the_room_and_ends(tone: Tone) -> None:
    loudspeaker = speaker(room=ROOM)
    loudspeaker.play(tone)
    peaks = heard(loudspeaker)
    assert max(peaks) > 1000
    assert peaks[-1] == 1000


def test_tones_wait_for_one_another() -> None:
    loudspeaker = speaker()
    loudspeaker.play(Tone.GONE)
    loudspeaker.play(Tone.BACK)
    both = len(frames_of(Tone.GONE, 30)) + len(frames_of(Tone.BACK, 30))
    peaks = heard(loudspeaker)
    assert max(peaks[:both]) > 0
    assert max(peaks[both:]) == 0


def test_no_volume_is_no_tone() -> None:
    loudspeaker = speaker(tone_volume=0)
    loudspeaker.play(Tone.KICKED)
    assert max(heard(loudspeaker)) == 0


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_short_whole_and_without_clicks(tone: Tone) -> None:
    frames = frames_of(tone, 100)
    assert all(len(frame) == FRAME_BYTES for frame in frames)
    assert len(frames) * FRAME_S <= 0.7
    sound = np.frombuffer(b"".join(frames), np.int16).astype(float)
    assert abs(sound[0]) < 200
    assert abs(np.diff(sound)).max() < 32767 * 0.15
    assert 10_000 < abs(sound).max() < 20_000


def test_no_two_tones_are_alike() -> None:
    assert len({b"".join(frames_of(tone, 30)) for tone in Tone}) == len(Tone)

"""The station's own sounds: short, each different, made here. Pure."""

from __future__ import annotations

from enum import Enum
from functools import cache

import numpy as np

from intercomd.domain.audio import FRAME_BYTES, SAMPLE_RATE_HZ, Frame

_FADE_S = 0.008
_FULL_SCALE = 32767.0


class Tone(Enum):
    """A transition that is heard. `value` is Hz (0 is a pause) and seconds each."""

    IN_ROOM = ((523, 0.07), (784, 0.10))
    GONE = ((784, 0.07), (523, 0.10))
    BACK = ((659, 0.05), (659, 0.05), (784, 0.08))
    MAY_TALK = ((1047, 0.05),)
    MAY_NOT = ((196, 0.12), (0, 0.04), (196, 0.12))
    CALLED = ((880, 0.15), (1109, 0.15), (880, 0.15), (1109, 0.15))
    KICKED = ((392, 0.15), (330, 0.15), (262, 0.25))
    FAULT = ((262, 0.15), (0, 0.05), (262, 0.15), (0, 0.05), (262, 0.15))
    MUTED = ((440, 0.06),)
    UNMUTED = ((587, 0.06),)


@cache
def frames_of(tone: Tone, volume: int) -> tuple[Frame, ...]:
    """The tone at a volume of 0 to 100 (decibels below full scale: 60 to 6)."""
    if volume == 0:
        return ()
    gain = 10 ** (-(6 + 54 * (100 - volume) / 100) / 20)
    sound = np.concatenate([_beep(hz, length_s) for hz, length_s in tone.value])
    pcm = (sound * gain * _FULL_SCALE).astype("<i2").tobytes()
    return tuple(
        pcm[at : at + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")
        for at in range(0, len(pcm), FRAME_BYTES)
    )


def _beep(hz: float, length_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    time_s = np.arange(round(length_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    edge = np.minimum(time_s, length_s - time_s) / _FADE_S
    return np.asarray(np.sin(2 * np.pi * hz * time_s) * np.clip(edge, 0.0, 1.0))

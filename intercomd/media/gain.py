"""Frames made louder or quieter. Factors, and a hard edge at full scale."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_SAMPLES, SILENCE, Frame

_RAMP = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES


def amplified(frame: Frame, gain: float) -> Frame:
    """The frame times `gain` (1.0 as it is, 0.0 silence), held to full scale.

    Hot path: a handful of small arrays; see `tests/media/test_gain.py`.
    """
    if gain == 1.0:
        return frame
    if gain == 0.0:
        return SILENCE
    sound = np.frombuffer(frame, np.int16) * np.float32(gain)
    return _held(sound, gain)


def ramped(frame: Frame, before: float, gain: float) -> Frame:
    """The same, from the gain of the frame before on, without a click.

    Hot path while a gain moves: a handful of small arrays.
    """
    if before == gain:
        return amplified(frame, gain)
    sound = np.frombuffer(frame, np.int16).astype(np.float32)
    sound *= np.float32(before) + np.float32(gain - before) * _RAMP
    return _held(sound, max(before, gain))


def _held(sound: np.ndarray[tuple[int], np.dtype[np.float32]], gain: float) -> Frame:
    if gain > 1.0:
        np.minimum(sound, 32767.0, out=sound)
        np.maximum(sound, -32768.0, out=sound)
    return sound.astype(np.int16).tobytes()

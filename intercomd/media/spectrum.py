"""What a frame is made of: power by frequency."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import FRAME_SAMPLES, Frame

BANDS = 64
"""Of 375 Hz each, from 0 to 24 kHz."""

_POINTS = 2048
"""More than the frame has, so that no sine falls between two of them."""

_WINDOW = np.hanning(FRAME_SAMPLES).astype(np.float32)
_SCALE = 2.0 / float(_WINDOW.sum())


def spectrum(frame: Frame) -> tuple[float, ...]:
    """The highest power in each of 64 bands; 2**30 is a sine of full scale."""
    windowed = np.frombuffer(frame, np.int16) * _WINDOW
    amplitude = np.abs(np.fft.rfft(windowed, _POINTS)[:-1]) * _SCALE
    powers = np.square(amplitude).reshape(BANDS, -1).max(axis=1)
    return tuple(np.minimum(powers, 2.0**30).tolist())

"""Speex's noise suppression and gain control, by ctypes on Debian's libspeexdsp1.

Where the `livekit` wheel is missing. It has no high-pass.
"""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np

from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.domain.errors import LibraryMissing
from intercomd.domain.processing import NoiseMode, ProcessingSettings

# speex_preprocess.h
_SET_DENOISE = 0
_SET_AGC = 2
_SET_NOISE_SUPPRESS = 18

_NOISE_DB = {NoiseMode.SOFT: -4, NoiseMode.MEDIUM: -8, NoiseMode.AGGRESSIVE: -13}


class Speex:
    """Noise and gain. Not thread-safe.

    delay_samples  how much later the sound comes out
    """

    delay_samples = FRAME_SAMPLES

    def __init__(self, settings: ProcessingSettings) -> None:
        """Raise `LibraryMissing`."""
        self._speex = _library()
        self._state = self._speex.speex_preprocess_state_init(
            FRAME_SAMPLES, SAMPLE_RATE_HZ
        )
        self._samples = np.zeros(FRAME_SAMPLES, np.int16)
        self._set(_SET_DENOISE, int(settings.noise))
        self._set(_SET_NOISE_SUPPRESS, _NOISE_DB[settings.noise_mode])
        self._set(_SET_AGC, int(settings.gain))

    def process(self, near: Samples, far: Floats) -> Samples:
        """Return `near`, processed, until the next call; `far` is not looked at.

        Hot path.
        """
        del far
        self._samples[:] = near
        self._speex.speex_preprocess_run(self._state, self._samples.ctypes.data)
        return self._samples

    def __del__(self) -> None:
        if hasattr(self, "_state"):
            self._speex.speex_preprocess_state_destroy(self._state)

    def _set(self, request: int, value: int) -> None:
        self._speex.speex_preprocess_ctl(
            self._state, request, ctypes.byref(ctypes.c_int(value))
        )


@cache
def _library() -> ctypes.CDLL:
    try:
        speex = ctypes.CDLL("libspeexdsp.so.1")
    except OSError as error:
        told = "libspeexdsp: run 'apt-get install libspeexdsp1'"
        raise LibraryMissing(told) from error
    state = ctypes.c_void_p
    speex.speex_preprocess_state_init.restype = state
    speex.speex_preprocess_state_init.argtypes = [ctypes.c_int, ctypes.c_int]
    speex.speex_preprocess_state_destroy.argtypes = [state]
    speex.speex_preprocess_state_destroy.restype = None
    speex.speex_preprocess_run.argtypes = [state, ctypes.c_void_p]
    speex.speex_preprocess_ctl.argtypes = [state, ctypes.c_int, ctypes.c_void_p]
    return speex

"""Noise like a stream's own background, for gaps that last. Pure.

Digital silence in the middle of a talk sounds as if the line were dead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intercomd.domain.audio import FRAME_MS, FRAME_SAMPLES, Frame
from intercomd.media.level import rms_dbov

SILENCE_DBOV = 90.0
"""What is quieter was silenced at its source: there is nothing to imitate."""

LOUDEST_DBOV = 50.0
"""Noise is never louder than this, even if the stream never was as quiet."""

LASTS_FRAMES = 2_000 // FRAME_MS
"""So long a gap may last before the stream counts as over."""

_FADE_FRAMES = 500 // FRAME_MS
_WINDOW_FRAMES = 1_500 // FRAME_MS
_RISE = np.sin(np.linspace(0.0, np.pi / 2, FRAME_SAMPLES, endpoint=False))
_FALL = np.cos(np.linspace(0.0, np.pi / 2, FRAME_SAMPLES, endpoint=False))

_Measured = tuple[float, Frame]


class ComfortNoise:
    """Learns the quietest of the last 1.5 to 3 s, and can go on like it."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)
        self._spectrum: NDArray[np.float64] | None = None
        self._tail = np.zeros(FRAME_SAMPLES)
        self.forget()

    def forget(self) -> None:
        """Another stream comes, or this one ended."""
        self._quietest: _Measured | None = None
        self._quietest_before: _Measured | None = None
        self._is_silent = True
        self._heard = 0
        self._begin()

    @property
    def level_dbov(self) -> float | None:
        """How loud the background is, as far as it was heard."""
        known = (self._quietest_before, self._quietest)
        return max((each[0] for each in known if each is not None), default=None)

    @property
    def is_running(self) -> bool:
        """Whether noise was what came last."""
        return self._made > 0

    def learn(self, frame: Frame, level_dbov: float | None) -> None:
        """Note a frame that was played; its level is measured if it is not known."""
        if level_dbov is None:
            level_dbov = rms_dbov(frame)
        if self._made:
            self._begin()
        self._is_silent = level_dbov >= SILENCE_DBOV
        if self._is_silent:
            return
        self._heard += 1
        if self._heard % _WINDOW_FRAMES == 0:
            self._quietest_before, self._quietest = self._quietest, None
        if self._quietest is None or level_dbov > self._quietest[0]:
            self._quietest = level_dbov, frame

    def frame(self) -> Frame | None:
        """The next 10 ms of noise, or None: silence was last, or it lasted enough."""
        if self._is_silent or self._made >= LASTS_FRAMES:
            return None
        if self._spectrum is None:
            self._spectrum = self._background()
            self._tail = self._piece()[FRAME_SAMPLES:]
        piece = self._piece()
        noise = self._tail * _FALL + piece[:FRAME_SAMPLES] * _RISE
        self._tail = piece[FRAME_SAMPLES:]
        self._made += 1
        left = LASTS_FRAMES - self._made
        if left < _FADE_FRAMES:
            noise *= left / _FADE_FRAMES
        return noise.astype(np.int16).tobytes()

    def _begin(self) -> None:
        self._made = 0
        self._spectrum = None

    def _background(self) -> NDArray[np.float64]:
        """The magnitudes of two frames' length of noise as loud as the background."""
        known = (self._quietest_before, self._quietest)
        level_dbov, frame = max(each for each in known if each is not None)
        sound = np.frombuffer(frame, np.int16) * np.hanning(FRAME_SAMPLES)
        spectrum = np.abs(np.fft.rfft(sound, 2 * FRAME_SAMPLES))
        power = float(spectrum @ spectrum) / FRAME_SAMPLES / (2 * FRAME_SAMPLES)
        wanted = 32768 * 10 ** (-max(level_dbov, LOUDEST_DBOV) / 20)
        scaled: NDArray[np.float64] = spectrum * (wanted / np.sqrt(power + 1e-9))
        return scaled

    def _piece(self) -> NDArray[np.float64]:
        """Two frames of noise: the background's spectrum with phases of chance."""
        assert self._spectrum is not None
        phases = self._random.uniform(0.0, 2 * np.pi, self._spectrum.size)
        return np.fft.irfft(self._spectrum * np.exp(1j * phases))

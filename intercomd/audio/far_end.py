"""What the loudspeaker plays, kept by the time it is heard.

The echo in a microphone frame is of the sound heard while it was captured. The two
cards tell those times in their own clocks, coarsely and with jumps; this finds the
samples that belong together. It does not know what becomes of them.
"""

from __future__ import annotations

import ctypes
from collections import deque
from statistics import median

import numpy as np

from intercomd.audio.echo_kernel import address, kernel
from intercomd.audio.samples import Floats
from intercomd.domain.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame
from intercomd.domain.errors import LibraryMissing

LEAD_S = 0.005
"""The loudspeaker is read so much ahead of the microphone: an echo whose times were
told wrong by less is still later than its cause, as an echo filter needs it."""

_KEPT = 1 << 17  # 2.7 s, a power of two
_JUMP_SAMPLES = SAMPLE_RATE_HZ * 6 // 1000
_JUMP_FRAMES = 15
_BLOCK_FRAMES = 50
_BLOCKS = 48
_BLOCKS_MIN = 8
_CERTAIN = 4.0  # standard errors
_DRIFT_MIN = 8e-6
_DRIFT_MAX = 600e-6
_TAPS = 32
_PHASES = 64

_SILENCE: Floats = np.zeros(FRAME_SAMPLES, np.float32)


class FarEnd:
    """Between a playback thread, which puts, and a capture thread, which takes.

    The read position goes on by exactly a frame each time, for as long as the two
    cards keep step: what lies between loudspeaker and microphone then stays the
    same, sample by sample. It jumps after a gap in either, and where the cards'
    clocks drift it follows by resampling.

    changes  how often the position or its pace was set anew, the first time included
    drift    of the loudspeaker's clock against the microphone's, as a fraction
    """

    def __init__(self) -> None:
        self.changes = 0
        self.drift = 0.0
        self._ring = np.zeros(_KEPT, np.float32)
        self._put: tuple[int, float] | None = None  # samples put, when they end
        self._position: float | None = None
        self._errors: deque[float] = deque(maxlen=_JUMP_FRAMES)
        self._block: list[float] = []
        self._blocks: deque[float] = deque(maxlen=_BLOCKS)
        self._kernel = _kernel()
        self._sincs = _sincs()
        self._resampled = np.zeros(FRAME_SAMPLES, np.float32)
        self._read_from = address(self._ring), address(self._sincs)
        self._read_to = address(self._resampled)

    def put(self, frame: Frame, plays_at: float) -> None:
        """Keep a frame that was given to the card; `plays_at` as `Pull` has it.

        Hot path, in the playback thread: one conversion, no waiting.
        """
        written = 0 if self._put is None else self._put[0]
        start = written % _KEPT
        sound = np.frombuffer(frame, "<i2")
        room = _KEPT - start
        self._ring[start : start + FRAME_SAMPLES] = sound[:room]
        self._ring[: max(0, FRAME_SAMPLES - room)] = sound[room:]
        # Told last, and at once: the other thread sees all of it or nothing.
        self._put = written + FRAME_SAMPLES, plays_at + FRAME_SAMPLES / SAMPLE_RATE_HZ

    def take(self, captured_at: float) -> Floats:
        """The frame heard while the one captured then was; `captured_at` as `Deliver`
        has it. Silence where nothing was put. It is good until the next call.

        Hot path, in the capture thread: no waiting.
        """
        if self._put is None:
            return _SILENCE
        written, ends_at = self._put
        due = written + (captured_at + LEAD_S - ends_at) * SAMPLE_RATE_HZ
        position = self._follow(due)
        self._position = position + FRAME_SAMPLES * (1.0 + self.drift)
        return self._read(position, written)

    def _follow(self, due: float) -> float:
        """Where to read, when the cards' times say `due`."""
        if self._position is None:
            return self._jump(due)
        error = due - self._position
        self._errors.append(error)
        if abs(error) > _JUMP_SAMPLES and len(self._errors) == _JUMP_FRAMES:
            usual = median(self._errors)
            if abs(usual) > _JUMP_SAMPLES:
                return self._jump(self._position + usual)
        self._measure_drift(error)
        return self._position

    def _jump(self, position: float) -> float:
        self.changes += 1
        self._errors.clear()
        self._block.clear()
        self._blocks.clear()
        return float(round(position))

    def _measure_drift(self, error: float) -> None:
        self._block.append(error)
        if len(self._block) < _BLOCK_FRAMES:
            return
        self._blocks.append(sum(self._block) / _BLOCK_FRAMES)
        self._block.clear()
        if len(self._blocks) < _BLOCKS_MIN:
            return
        slope, uncertainty = _line(self._blocks)
        rate = slope / (_BLOCK_FRAMES * FRAME_SAMPLES)
        certain = _CERTAIN * uncertainty / (_BLOCK_FRAMES * FRAME_SAMPLES)
        if abs(rate) > max(_DRIFT_MIN, certain):
            drift = self.drift + rate
            self.drift = min(_DRIFT_MAX, max(-_DRIFT_MAX, drift))
            self._blocks.clear()
            self.changes += 1

    def _read(self, position: float, written: int) -> Floats:
        whole = int(position)
        is_lost = position < 0.0 or whole < written - _KEPT + 2 * FRAME_SAMPLES
        if is_lost or whole - _TAPS > written:
            return _SILENCE
        if self._kernel is None or (self.drift == 0.0 and position == whole):
            span = np.arange(whole, whole + FRAME_SAMPLES)
            sound = self._ring[span % _KEPT]
            sound[span >= written] = 0.0
            return sound
        self._kernel.far_read(
            *self._read_from, position, 1.0 + self.drift, written, self._read_to
        )
        return self._resampled


def _kernel() -> ctypes.CDLL | None:
    """Without it there is no echo filter, and nobody needs to know so exactly."""
    try:
        return kernel()
    except LibraryMissing:
        return None


def _line(values: deque[float]) -> tuple[float, float]:
    """The slope of the straight line through equidistant values, and its error."""
    y = np.array(values)
    x = np.arange(len(y)) - (len(y) - 1) / 2
    slope = float(x @ y / (x @ x))
    rest = y - y.mean() - slope * x
    return slope, float(np.sqrt(rest @ rest / (len(y) - 2) / (x @ x)))


def _sincs() -> Floats:
    """Sincs under a Kaiser window that delay by 0, 1/_PHASES, ... of a sample."""
    phases = (np.arange(_PHASES) + 0.5) / _PHASES
    places = np.arange(_TAPS) - (_TAPS // 2 - 1) - phases[:, None]
    inside = np.maximum(0.0, 1.0 - (2.0 * places / _TAPS) ** 2)
    kernels = np.sinc(places) * np.i0(8.0 * np.sqrt(inside))
    scaled: Floats = (kernels / kernels.sum(axis=1, keepdims=True)).astype(np.float32)
    return scaled

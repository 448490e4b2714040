"""Sounds through the microphone's processing, frame by frame."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from intercomd.audio.chain import Chain
from intercomd.audio.echo_filter import EchoFilter
from intercomd.audio.samples import Floats
from intercomd.audio.samples import Samples as Frame
from intercomd.domain.audio import FRAME_SAMPLES
from intercomd.domain.processing import ProcessingSettings
from tests.bench.signals import Samples


class Stage(Protocol):
    """One part of the chain."""

    def process(self, near: Frame, far: Floats, /) -> Frame | Floats: ...


def s16(samples: Samples) -> npt.NDArray[np.int16]:
    """As a card gives it, whole frames."""
    whole = len(samples) // FRAME_SAMPLES * FRAME_SAMPLES
    return np.rint(np.clip(samples[:whole], -1, 1) * 32767).astype(np.int16)


def through(
    settings: ProcessingSettings,
    near: Samples,
    far: Samples | None = None,
    *,
    chain: Chain | None = None,
) -> Samples:
    """What `settings` make of `near` while `far` is heard, or what `chain` does."""
    chain = chain or Chain(settings, EchoFilter())
    far = np.zeros_like(near) if far is None else far
    frames = [
        chain.process(frame.tobytes(), heard.astype(np.float32))
        for frame, heard in _frames(near, far)
    ]
    return np.frombuffer(b"".join(frames), "<i2") / 32768


def through_stage(stage: Stage, near: Samples, far: Samples | None = None) -> Samples:
    """The same for one part alone."""
    far = np.zeros_like(near) if far is None else far
    frames: list[npt.NDArray[np.float64]] = [
        stage.process(frame, heard.astype(np.float32)).astype(np.float64)
        for frame, heard in _frames(near, far)
    ]
    return np.concatenate(frames) / 32768


def lag_samples(late: Samples, early: Samples) -> int:
    """How much later the same sound is in `late`."""
    size = 2 * len(early)
    spectrum = np.fft.rfft(late, size) * np.fft.rfft(early, size).conj()
    lag = int(np.argmax(np.fft.irfft(spectrum, size)))
    return lag if lag < len(early) else lag - size


def _frames(
    near: Samples, far: Samples
) -> zip[tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]]:
    return zip(
        s16(near).reshape(-1, FRAME_SAMPLES),
        s16(far).reshape(-1, FRAME_SAMPLES),
        strict=True,
    )

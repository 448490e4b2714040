"""WAV files as microphone and loudspeaker, paced by the monotonic clock.

What is read is converted to 48 kHz, mono, 16 bit; what is written is that.
"""

from __future__ import annotations

import logging
import wave
from itertools import chain, cycle
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from intercomd.audio.layout import OURS, Layout, SampleFormat
from intercomd.audio.pace import every_frame
from intercomd.audio.thread import AudioThread
from intercomd.domain.audio import (
    FRAME_BYTES,
    FRAME_S,
    SAMPLE_RATE_HZ,
    SILENCE,
    AudioCounters,
    Deliver,
    Frame,
    Pull,
)
from intercomd.domain.errors import ConfigInvalid

_log = logging.getLogger(__name__)

_HEADER_EVERY_FRAMES = 50
_FORMATS = {
    2: SampleFormat.S16_LE,
    3: SampleFormat.S24_3LE,
    4: SampleFormat.S32_LE,
}
"""By the bytes of a sample."""


class WavSource:
    """An `AudioSource` that reads a WAV file as if it were spoken now.

    After its end the file is repeated (`loop`), or silence is delivered.
    """

    def __init__(self, path: Path, deliver: Deliver, *, loop: bool = False) -> None:
        self.counters = AudioCounters()
        self._path = path
        self._deliver = deliver
        self._loop = loop
        self._frames: list[Frame] = []
        self._thread = AudioThread(f"wav source {path.name}", self._work)

    @property
    def is_open(self) -> bool:
        return bool(self._frames)

    async def __aenter__(self) -> Self:
        """Read the file; `ConfigInvalid` when it is not there or not fitting."""
        self._frames = read_frames(self._path)
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._thread.stop()
        self._frames = []

    def _work(self) -> None:
        frames = cycle(self._frames if self._loop else [SILENCE])
        spoken = frames if self._loop else chain(self._frames, frames)
        for due, frame in zip(every_frame(self._thread.stopping), spoken, strict=False):
            self._deliver(frame, due - FRAME_S)
            self.counters.frames += 1


class WavSink:
    """An `AudioSink` that writes what it pulls to a WAV file.

    The file is brought up to date twice a second, its header too, so that of a
    killed process it plays up to the last half second. Should the disk fill up,
    that is said once and frames are pulled on.
    """

    def __init__(self, path: Path, pull: Pull) -> None:
        self.counters = AudioCounters()
        self._path = path
        self._pull = pull
        self._file: BinaryIO | None = None
        self._thread = AudioThread(f"wav sink {path.name}", self._work)

    @property
    def is_open(self) -> bool:
        return self._file is not None

    async def __aenter__(self) -> Self:
        """Begin a new file; `ConfigInvalid` when it cannot be written."""
        try:
            self._file = self._path.open("wb")
        except OSError as error:
            raise ConfigInvalid(f"{self._path} cannot be written: {error}") from error
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._thread.stop()
        self._file = None

    def _work(self) -> None:
        assert self._file is not None
        ticks = every_frame(self._thread.stopping)
        try:
            with self._file, _header_of(self._file) as file:
                for due in ticks:
                    self._write(file, self._pull(due))
        except OSError as error:
            _log.warning("%s takes no more sound: %s", self._path, error)
            for due in ticks:
                self._pull(due)

    def _write(self, file: wave.Wave_write, frame: Frame) -> None:
        self.counters.frames += 1
        if self.counters.frames % _HEADER_EVERY_FRAMES:
            file.writeframesraw(frame)
        else:
            file.writeframes(frame)


def read_frames(path: Path) -> list[Frame]:
    """The sound of a WAV file of 16, 24 or 32 bit, the last frame filled with silence.

    Other rates and channels are converted. Raises `ConfigInvalid`.
    """
    try:
        with wave.open(str(path), "rb") as file:
            parameters = file.getparams()
            pcm = file.readframes(parameters.nframes)
    except (OSError, EOFError, wave.Error) as error:
        raise ConfigInvalid(f"{path} is no readable WAV file: {error}") from error
    if parameters.sampwidth not in _FORMATS:
        raise ConfigInvalid(
            f"{path} is {8 * parameters.sampwidth} bit: convert it with "
            f"'sox {path} -b 16 out.wav'"
        )
    layout = Layout(
        parameters.framerate, parameters.nchannels, _FORMATS[parameters.sampwidth]
    )
    pcm = pcm[: len(pcm) - len(pcm) % layout.sample_bytes]  # of a file cut off
    if not pcm:
        raise ConfigInvalid(f"{path} holds no sound")
    if layout != OURS:
        pcm = _converted(pcm, layout)
    pcm += bytes(-len(pcm) % FRAME_BYTES)
    return [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]


def _converted(pcm: bytes, layout: Layout) -> bytes:
    samples = layout.to_mono(pcm)
    if layout.rate_hz != SAMPLE_RATE_HZ:
        # Here, for most files have no need of it.
        from intercomd.audio.resampler import resampled

        samples = resampled(samples, layout.rate_hz, SAMPLE_RATE_HZ)
    return samples.tobytes()


def _header_of(file: BinaryIO) -> wave.Wave_write:
    writer = wave.open(file, "wb")  # noqa: SIM115 - the caller's `with` closes it
    writer.setnchannels(1)
    writer.setsampwidth(2)
    writer.setframerate(SAMPLE_RATE_HZ)
    return writer

"""One opened ALSA card, which never blocks and whose errors are ours.

It knows neither threads nor when to try again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
from dataclasses import dataclass
from typing import Any

import alsaaudio

from intercomd.audio.direction import Direction
from intercomd.audio.layout import OURS, Layout, SampleFormat
from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.domain.errors import DeviceUnavailable

ALSA_DIRECTIONS = {
    Direction.CAPTURE: alsaaudio.PCM_CAPTURE,
    Direction.PLAYBACK: alsaaudio.PCM_PLAYBACK,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The buffer to ask for, in samples of 48 kHz; the card grants what is nearest."""

    period_samples: int
    periods: int


class Card:
    """A card, opened at 48 kHz, mono, 16 bit or what it has instead (`layout`).

    Every method returns at once. `DeviceUnavailable` from any of them means: close it
    and look for it again. Samples are counted per channel, as ALSA's frames are. Not
    safe to use from two threads.

    told  its name and, if that is not ours, its layout
    """

    def __init__(self, name: str, direction: Direction, wanted: Wanted) -> None:
        """Open it. Formats that cannot be converted are refused.

        Unlike all else this may take some milliseconds, during which no other
        Python thread runs.
        """
        _hush_alsa()
        self.name = name
        self._pcm = _opened(name, direction, wanted)
        granted = self._pcm.info()
        self.layout = _layout(name, granted)
        self.told = name if self.layout == OURS else f"{name}, made of {self.layout}"
        self.period_samples = int(granted["period_size"])
        self.buffer_samples = int(granted["buffer_size"])
        self._poll = select.poll()
        for descriptor, events in self._pcm.polldescriptors():
            self._poll.register(descriptor, events)

    def available(self) -> int | None:
        """Samples that can be read, or written; None when there was an xrun.

        For playback it exceeds `buffer_samples` where the card, as PulseAudio
        does, plays on through an underrun.
        """
        available = int(self._pcm.avail())
        if available >= 0:
            return available
        if available == -errno.EPIPE:
            return None
        raise DeviceUnavailable(f"{self.name}: {os.strerror(-available)}")

    def restart(self) -> None:
        """Throw away what is in the buffer; the next read or write begins anew."""
        try:
            self._pcm.drop()
        except alsaaudio.ALSAAudioError as error:
            raise DeviceUnavailable(str(error)) from error

    def read(self) -> bytes | None:
        """Up to `period_samples` captured; b"" when none wait; None at an xrun."""
        try:
            samples, pcm = self._pcm.read()
        except alsaaudio.ALSAAudioError as error:
            raise DeviceUnavailable(str(error)) from error
        return None if samples < 0 else bytes(pcm)

    def write(self, pcm: bytes) -> int | None:
        """Samples taken, perhaps fewer than offered; None when there was an xrun."""
        try:
            samples = int(self._pcm.write(pcm))
        except alsaaudio.ALSAAudioError as error:
            raise DeviceUnavailable(str(error)) from error
        return None if samples < 0 else samples

    def wait(self, timeout_s: float) -> None:
        """Return when a period can be read or written, or after `timeout_s`."""
        ready = self._poll.poll(timeout_s * 1000)
        try:
            self._pcm.polldescriptors_revents(ready)
        except alsaaudio.ALSAAudioError as error:
            raise DeviceUnavailable(str(error)) from error

    def close(self) -> None:
        """Let go of it, without playing what is still in the buffer.

        Returns at once, but for a frozen PulseAudio daemon: libasound waits up to
        30 s for it, and pyalsaaudio holds the interpreter's lock meanwhile.
        """
        # Not pcm.close(): that waits until the buffer has been played, which a
        # stalled card never does. Dropping the last reference closes at once.
        del self._pcm


def _opened(name: str, direction: Direction, wanted: Wanted) -> Any:
    """At the rate nearest to ours, with periods that take the time of those wanted."""
    pcm = _opened_at(name, direction, wanted, SAMPLE_RATE_HZ)
    rate_hz = int(pcm.info()["rate"])
    if rate_hz == SAMPLE_RATE_HZ:
        return pcm
    del pcm  # before it is opened again
    return _opened_at(name, direction, wanted, rate_hz)


def _opened_at(name: str, direction: Direction, wanted: Wanted, rate_hz: int) -> Any:
    try:
        return alsaaudio.PCM(
            ALSA_DIRECTIONS[direction],
            alsaaudio.PCM_NONBLOCK,
            device=name,
            rate=rate_hz,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=wanted.period_samples * rate_hz // SAMPLE_RATE_HZ,
            periods=wanted.periods,
        )
    except alsaaudio.ALSAAudioError as error:
        raise DeviceUnavailable(str(error)) from error


def _layout(name: str, granted: dict[str, Any]) -> Layout:
    """What ALSA grants may be anything: it falls back to what the card has."""
    told = granted["format_name"]
    if told not in [each.value for each in SampleFormat]:
        raise DeviceUnavailable(
            f"{name} has only samples of {told}: write plughw: in place of hw:, or "
            f"plug:{name}, so that ALSA converts them"
        )
    return Layout(granted["rate"], granted["channels"], SampleFormat(told))


def _hush_alsa() -> None:
    """Keep libasound from writing to stderr at every look for a missing card.

    The same fault reaches us as an error, and we say it once an episode.
    """
    # A C function that ignores its arguments: libasound may call it in threads
    # of its own, where a Python function would wait for the interpreter's lock.
    nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(nothing)

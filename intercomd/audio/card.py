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
from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.domain.errors import DeviceUnavailable

ALSA_DIRECTIONS = {
    Direction.CAPTURE: alsaaudio.PCM_CAPTURE,
    Direction.PLAYBACK: alsaaudio.PCM_PLAYBACK,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The buffer to ask for; the card grants what is nearest to it."""

    period_samples: int
    periods: int


class Card:
    """A card opened at 48 kHz, mono, 16 bit; every method returns at once.

    `DeviceUnavailable` from any of them means: close it and look for it again.
    Not safe to use from two threads.
    """

    def __init__(self, name: str, direction: Direction, wanted: Wanted) -> None:
        """Open it. Other rates or formats are refused: they would sound wrong.

        Unlike all else this may take some milliseconds, during which no other
        Python thread runs.
        """
        _hush_alsa()
        self.name = name
        self._pcm = _opened(name, direction, wanted)
        granted = self._pcm.info()
        self.period_samples = int(granted["period_size"])
        self.buffer_samples = int(granted["buffer_size"])
        _require_our_format(name, granted)
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
    try:
        return alsaaudio.PCM(
            ALSA_DIRECTIONS[direction],
            alsaaudio.PCM_NONBLOCK,
            device=name,
            rate=SAMPLE_RATE_HZ,
            channels=1,
            format=alsaaudio.PCM_FORMAT_S16_LE,
            periodsize=wanted.period_samples,
            periods=wanted.periods,
        )
    except alsaaudio.ALSAAudioError as error:
        raise DeviceUnavailable(str(error)) from error


def _require_our_format(name: str, granted: dict[str, Any]) -> None:
    rate_hz, channels = granted["rate"], granted["channels"]
    sample_format = granted["format_name"]
    if (rate_hz, channels, sample_format) == (SAMPLE_RATE_HZ, 1, "S16_LE"):
        return
    converting = f"plug{name}" if name.startswith("hw:") else "a plughw:... name"
    raise DeviceUnavailable(
        f"{name} grants only {rate_hz} Hz, {channels} channels, {sample_format}; "
        f"use {converting}, which converts"
    )


def _hush_alsa() -> None:
    """Keep libasound from writing to stderr at every look for a missing card.

    The same fault reaches us as an error, and we say it once an episode.
    """
    # A C function that ignores its arguments: libasound may call it in threads
    # of its own, where a Python function would wait for the interpreter's lock.
    nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(nothing)

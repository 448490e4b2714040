"""Microphone and loudspeaker: whether they open, how they sound, and their echo.

It plays chirps, so that who stands beside it hears what it does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import monotonic

import numpy as np

from intercomd.audio.capture import AlsaCapture
from intercomd.audio.playback import AlsaPlayback
from intercomd.domain.audio import FRAME_BYTES, FRAME_S, SAMPLE_RATE_HZ, SILENCE
from intercomd.station.config import AudioSettings
from intercomd.station.doctor.chirp import (
    CHIRPS,
    SILENT_DB,
    Echo,
    Level,
    Samples,
    echo,
    level,
    score,
)
from intercomd.station.doctor.finding import Finding, failure, fine, note, warning

NOISY_DB = -45.0
QUIET_DB = -100.0
OFFSET_MOST = 0.02
CLIPPED_MOST = 0.0005
LOUD_ECHO_DB = 0.0
LATE_S = 0.2

_OPEN_WITHIN_S = 3.0
_SETTLE_S = 0.5  # the first sound of many a card is its own click
_QUIET_S = 1.0
_LOOK_S = 0.02
_BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Sound:
    """What came of trying: a fault is "" for a card that opened.

    level  of the microphone before the first chirp, None if it gave nothing
    """

    capture_fault: str = ""
    playback_fault: str = ""
    level: Level | None = None
    echo: Echo | None = None


async def listen(settings: AudioSettings) -> Sound:
    """Open the cards of the configuration, play the chirps and listen: 6 s."""
    has_capture, has_playback = (
        settings.capture is not None,
        settings.playback is not None,
    )
    trial = _Trial()
    async with AsyncExitStack() as cards:
        if settings.capture is not None:
            capture = AlsaCapture(
                settings.capture, trial.deliver, on_state=trial.capture_state
            )
            await cards.enter_async_context(capture)
        if settings.playback is not None:
            playback = AlsaPlayback(
                settings.playback, trial.pull, on_state=trial.playback_state
            )
            await cards.enter_async_context(playback)
        await trial.take(has_capture=has_capture, has_playback=has_playback)
    return trial.outcome(has_capture=has_capture, has_playback=has_playback)


def judge_sound(sound: Sound, settings: AudioSettings) -> Iterator[Finding]:
    """What is wrong with the cards, and between them."""
    if settings.capture is None:
        yield note("microphone", "the configuration has none")
    elif sound.capture_fault:
        yield _absent("microphone", sound.capture_fault)
    else:
        yield from _judge_level(sound.level)
    if settings.playback is None:
        yield note("loudspeaker", "the configuration has none")
    elif sound.playback_fault:
        yield _absent("loudspeaker", sound.playback_fault)
    elif sound.echo is None:
        yield note("loudspeaker", "it opened; without a microphone nobody can hear it")
    else:
        yield from _judge_echo(sound.echo)


def _absent(check: str, fault: str) -> Finding:
    if _BUSY in fault:
        return note(
            check,
            f"in use, by the running station perhaps: not tried ({fault})",
            "to try it: sudo systemctl stop intercomd, and then this again",
        )
    return failure(
        check,
        fault,
        "plug it in, or write the card there is under audio: in the configuration",
    )


def _judge_level(found: Level | None) -> Iterator[Finding]:
    if found is None:
        text = "it opened, but gives no sound at all"
        yield failure("microphone", text, "unplug it and plug it in again")
        return
    shown = {"rms_db": round(found.rms_db, 1), "floor_db": round(found.floor_db, 1)}
    if found.peak_db <= SILENT_DB:
        yield failure(
            "microphone",
            "it gives nothing but zeros",
            "look for its switch, its cable, and 'mute' in alsamixer -V capture",
            **shown,
        )
        return
    told = f"level {found.rms_db:.0f} dBFS, noise floor {found.floor_db:.0f} dBFS"
    if found.clipped > CLIPPED_MOST:
        yield warning(
            "microphone", f"it is overdriven ({told})", "lower its gain", **shown
        )
    elif found.floor_db > NOISY_DB:
        yield warning(
            "microphone",
            f"it is noisy, or the room is: {told}",
            "lower its gain, keep its cable away from the supply's",
            **shown,
        )
    elif found.rms_db < QUIET_DB:
        yield warning(
            "microphone",
            f"it is so quiet that it may not be connected: {told}",
            "raise its gain in alsamixer -V capture, and speak into it",
            **shown,
        )
    else:
        yield fine("microphone", told, **shown)
    if abs(found.offset) > OFFSET_MOST:
        yield note(
            "microphone",
            f"it has an offset of {100 * found.offset:.0f} % of full scale",
            "leave processing.high_pass on: it takes it out",
        )


def _judge_echo(found: Echo) -> Iterator[Finding]:
    if not found.heard:
        yield warning(
            "loudspeaker",
            f"{CHIRPS} chirps were played, and the microphone heard nothing of them",
            "fine with a headset or a microphone far away; else look for the "
            "loudspeaker's cable and its volume in alsamixer",
        )
        return
    delay_ms, loss_db = found.delay_s * 1000, found.loss_db
    figures = {"loop_delay_ms": round(delay_ms, 1), "echo_loss_db": round(loss_db, 1)}
    told = (
        f"{found.heard} of {CHIRPS} chirps heard after {delay_ms:.0f} ms, "
        f"{loss_db:.0f} dB quieter"
    )
    if loss_db < LOUD_ECHO_DB:
        yield warning(
            "loudspeaker",
            f"the microphone hears it louder than it plays: {told}",
            "turn one of them down in alsamixer, or part them: echo control needs room",
            **figures,
        )
    elif found.delay_s > LATE_S:
        yield warning(
            "loudspeaker",
            f"sound takes long through the cards: {told}",
            "name the card itself (plughw: or CARD=) in place of a sound server's",
            **figures,
        )
    else:
        yield fine("loudspeaker", told, **figures)


class _Trial:
    """Plays the score and keeps what is heard.

    No lock: each list has one thread that appends to it, and is read when all ended.
    """

    def __init__(self) -> None:
        samples, self._starts = score()
        pcm = np.round(samples * 32767).astype("<i2").tobytes()
        self._frames = [
            pcm[i : i + FRAME_BYTES] for i in range(0, len(pcm), FRAME_BYTES)
        ]
        self._heard: list[tuple[float, bytes]] = []
        self._pulled: list[float] = []
        self._capture_states: list[str] = []
        self._playback_states: list[str] = []
        self._first_quiet = self._last_quiet = 0
        self._is_playing = False

    def deliver(self, frame: bytes, _captured_at: float) -> None:
        self._heard.append((monotonic(), frame))

    def pull(self, _plays_at: float) -> bytes:
        done = len(self._pulled)
        if not self._is_playing or done == len(self._frames):
            return SILENCE
        self._pulled.append(monotonic())
        return self._frames[done]

    def capture_state(self, is_open: bool, text: str) -> None:  # noqa: FBT001 - theirs
        self._capture_states.append("" if is_open else text)

    def playback_state(self, is_open: bool, text: str) -> None:  # noqa: FBT001 - theirs
        self._playback_states.append("" if is_open else text)

    async def take(self, *, has_capture: bool, has_playback: bool) -> None:
        """Wait for the cards, listen to the room, then play."""
        await self._until(
            lambda: (
                bool(self._capture_states) >= has_capture
                and bool(self._playback_states) >= has_playback
            ),
            _OPEN_WITHIN_S,
        )
        await asyncio.sleep(_SETTLE_S)
        self._first_quiet = len(self._heard)
        await asyncio.sleep(_QUIET_S)
        self._last_quiet = len(self._heard)
        if has_playback and not _fault(self._playback_states):
            self._is_playing = True
            within_s = 2 * len(self._frames) * FRAME_S
            await self._until(lambda: len(self._pulled) == len(self._frames), within_s)

    def outcome(self, *, has_capture: bool, has_playback: bool) -> Sound:
        """What came of it, once the cards are closed."""
        frames = [frame for _, frame in self._heard]
        quiet = _samples(frames[self._first_quiet : self._last_quiet])
        found = None
        if frames and self._pulled:
            found = echo(_samples(frames), self._handed_out())
        return Sound(
            _fault(self._capture_states) if has_capture else "",
            _fault(self._playback_states) if has_playback else "",
            level(quiet) if len(quiet) else None,
            found,
        )

    def _handed_out(self) -> list[int]:
        """Which sample of the recording was being read when each chirp was pulled."""
        heard_at = np.array([at for at, _ in self._heard])
        read_from = float(
            np.median(heard_at - FRAME_S * np.arange(1, len(heard_at) + 1))
        )
        pulled_at = np.array(self._pulled)
        played_from = float(np.median(pulled_at - FRAME_S * np.arange(len(pulled_at))))
        ahead = round((played_from - read_from) * SAMPLE_RATE_HZ)
        return [start + ahead for start in self._starts]

    async def _until(self, is_so: Callable[[], bool], within_s: float) -> None:
        deadline = monotonic() + within_s
        while not is_so() and monotonic() < deadline:  # noqa: ASYNC110 - of threads
            await asyncio.sleep(_LOOK_S)


def _fault(states: list[str]) -> str:
    """Why a card is not open now; nothing was heard of one that hangs."""
    return states[-1] if states else "it neither opens nor fails: its driver hangs"


def _samples(frames: list[bytes]) -> Samples:
    samples: Samples = np.frombuffer(b"".join(frames), "<i2").astype(np.float64)
    return samples / 32768

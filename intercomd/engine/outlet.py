"""One publish channel: frames become packets, in the thread that brings them.

A loop that is busy holds up nobody's voice: it has no part in it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from intercomd.domain.audio import FRAME_MS, SILENCE, Frame
from intercomd.engine.sound_settings import SoundSettings, fitted
from intercomd.engine.talk_gate import TalkGate
from intercomd.media.level import SILENT_DBOV
from intercomd.media.packet import Packet
from intercomd.media.sender import Sender

SILENCE_FRAMES = 3
SILENCE_EVERY_S = 0.4
"""Silence is sent as Opus' own DTX does (RFC 6716, 2.1.9): three frames, so that the
loss of one does not leave listeners guessing, then one every 400 ms."""


class Outlet:
    """Encodes what it is given while it is open and hands the packets to `send`.

    Any thread may call anything; `send` is called in theirs, and must not block.

    settings        how to encode where the path bears it
    used            how it is encoded at present
    is_muted        whether silence is sent in place of what it is given
    is_source_silent  the same, because of where it comes from
    is_thinning     whether most of the silence is not sent
    gate            with what asks for sound by a frame's level; None lets all through
    packets_sent    packets given to the network
    frames_sent     frames of 10 ms in them, with those that one of silence stands for
    frames_dropped  frames that could not be sent
    """

    def __init__(self, settings: SoundSettings, send: Callable[[Packet], bool]) -> None:
        self.is_open = False
        self.is_muted = False
        self.is_source_silent = False
        self.is_thinning = True
        self.gate: tuple[TalkGate, Callable[[float], bool]] | None = None
        self.packets_sent = 0
        self.frames_sent = 0
        self.frames_dropped = 0
        self.settings = self.used = settings
        self._sender = Sender(settings.encoder())
        self._packet_frames = settings.frame_ms // FRAME_MS
        self._send = send
        self._lock = threading.Lock()
        self._held: list[Frame] = []
        self._held_at = 0.0
        self._encoded_at = 0.0
        self._taken_at = 0.0
        self._silence_run = 0

    def use(self, settings: SoundSettings) -> None:
        """Encode by these settings from the next packet on."""
        with self._lock:
            self.settings = settings
            self._encode_by(settings)

    def fit(self, path_kbps: float, least_kbps: int) -> None:
        """Encode as the path bears it, until `use` or another `fit`."""
        with self._lock:
            self._encode_by(fitted(self.settings, path_kbps, least_kbps, self.used))

    def take(self, frame: Frame, captured_at: float, level_dbov: float) -> None:
        """Take a frame, in the card's thread. Hot path: one encode, no waiting; up to
        four at the start of a gated talk."""
        if not self.is_open:
            return
        with self._lock:
            self._taken_at = captured_at
            if self.is_muted or self.is_source_silent:
                if self.gate is not None:
                    self.gate[0].forget()
                self._take_silence(captured_at)
            elif self.gate is None:
                self._take_sound(frame, captured_at, level_dbov)
            else:
                self._take_gated(*self.gate, frame, captured_at, level_dbov)

    def fall_silent(self, now: float) -> None:
        """Nothing more will be taken for a while: say so to the listeners at once."""
        if self.is_open:
            with self._lock:
                for _ in range(SILENCE_FRAMES):
                    self._encode(SILENCE, now, SILENT_DBOV)

    def keep_alive(self, now: float) -> None:
        """Send silence if nothing was taken for a while, as without a microphone.

        `now` is monotonic.
        """
        quiet_s = now - max(self._taken_at, self._encoded_at)
        if self.is_open and quiet_s >= SILENCE_EVERY_S:
            with self._lock:
                self._encode(SILENCE, now, SILENT_DBOV)

    def _take_gated(
        self,
        gate: TalkGate,
        wants: Callable[[float], bool],
        frame: Frame,
        captured_at: float,
        level_dbov: float,
    ) -> None:
        is_wanted = wants(level_dbov)
        for taken in gate.take(frame, captured_at, level_dbov, is_wanted=is_wanted):
            self._take_sound(*taken)
        if not is_wanted and not gate.is_passing:
            # As late as a talk's first frame will be: dates never run backwards.
            self._take_silence(captured_at - gate.lag_s)

    def _take_sound(self, frame: Frame, captured_at: float, level_dbov: float) -> None:
        self._silence_run = 0
        held = self._held
        if not held:
            # Another length counts from a packet's first frame on: not all sums of
            # frames are a packet's length.
            self._packet_frames = self.used.frame_ms // FRAME_MS
            if self._packet_frames == 1:
                self._encode(frame, captured_at, level_dbov)
                return
            self._held_at = captured_at
        held.append(frame)
        if len(held) == self._packet_frames:
            pcm = b"".join(held)
            held.clear()
            self._encode(pcm, self._held_at, level_dbov, frames=self._packet_frames)

    def _take_silence(self, captured_at: float) -> None:
        """A frame's worth of silence; most of it need not be sent."""
        self._held.clear()
        self._silence_run += 1
        if (
            not self.is_thinning
            or self._silence_run <= SILENCE_FRAMES
            or captured_at - self._encoded_at >= SILENCE_EVERY_S
        ):
            self._encode(SILENCE, captured_at, SILENT_DBOV)
        else:
            self.frames_sent += 1

    def _encode_by(self, settings: SoundSettings) -> None:
        """Only another mode takes another encoder; a bitrate changes without a seam."""
        used, self.used = self.used, settings
        if replace(used, bitrate_kbps=0) != replace(settings, bitrate_kbps=0):
            self._sender.use(settings.encoder())
        elif used.bitrate_kbps != settings.bitrate_kbps:
            self._sender.set_bitrate(1000 * settings.bitrate_kbps)

    def _encode(
        self, pcm: Frame, captured_at: float, level_dbov: float, *, frames: int = 1
    ) -> None:
        self._encoded_at = captured_at
        packet = self._sender.encode(pcm, captured_at, level_dbov)
        if self._may_go(packet) and self._send(packet):
            self.packets_sent += 1
            self.frames_sent += frames
        else:
            self.frames_dropped += frames

    def _may_go(self, packet: Packet) -> bool:
        """What was encoded during a mute or a close must not go out after it."""
        if not self.is_open:
            return False
        is_silent = self.is_muted or self.is_source_silent
        return not is_silent or packet.level == SILENT_DBOV

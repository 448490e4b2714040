"""The engine's calls that decide when a channel talks; the reference has none.

Publishing goes on all the while: a gate in the sender opens and shuts, and nothing
is negotiated.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.errors import IllegalParameter
from intercomd.domain.sound import PublishChannel
from intercomd.engine.channel import check_channel
from intercomd.engine.part import EnginePart
from intercomd.engine.talk_gate import TalkGate
from intercomd.media.voice_activity import VoiceActivity

PRE_ROLL_MAX_MS = 1000
TAIL_MAX_MS = 2000

_VOICE_PRE_ROLL_MS = 10
_VOICE_TAIL_MS = 1000
_VOICE_OPENS_DB = 6.0
_VOICE_QUIETEST_DBOV = 70.0


@dataclass(frozen=True, slots=True)
class TalkKey:
    """A talk by key goes from `pre_roll_ms` (0 to 1000) before the press to
    `tail_ms` (0 to 2000) after the release, so that no first word is lost."""

    pre_roll_ms: int = 300
    tail_ms: int = 100


class TalkCalls(EnginePart):
    """A part of `Engine`."""

    def __init__(self) -> None:
        super().__init__()
        self._pressed: dict[PublishChannel, bool] = {}

    def talk_by_key(
        self, key: TalkKey | None = None, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Send of a channel only what is said while `talk` is on; at first it is off.

        Raises `IllegalParameter`.
        """
        self._check_alive()
        check_channel(channel)
        key = key or TalkKey()
        if not 0 <= key.pre_roll_ms <= PRE_ROLL_MAX_MS:
            raise IllegalParameter(f"pre-roll {key.pre_roll_ms} ms; 0 to 1000")
        if not 0 <= key.tail_ms <= TAIL_MAX_MS:
            raise IllegalParameter(f"tail {key.tail_ms} ms; 0 to 2000")
        self._pressed[channel] = False
        gate = TalkGate(pre_roll_ms=key.pre_roll_ms, tail_ms=key.tail_ms)
        self._microphone.outlets[channel].gate = (
            gate,
            lambda _level_dbov: self._pressed.get(channel, False),
        )

    def talk_by_voice(self, channel: PublishChannel = PublishChannel.MAIN) -> None:
        """Send of a channel only what rises above the noise of the room, and 1 s more.

        The frame before the first loud one goes with it. Meanwhile next to nothing is
        sent; listeners fill in the noise.
        """
        self._check_alive()
        check_channel(channel)
        activity = VoiceActivity(
            opens_db=_VOICE_OPENS_DB, quietest_dbov=_VOICE_QUIETEST_DBOV
        )
        gate = TalkGate(pre_roll_ms=_VOICE_PRE_ROLL_MS, tail_ms=_VOICE_TAIL_MS)
        self._pressed.pop(channel, None)
        self._microphone.outlets[channel].gate = gate, activity.hears_speech

    def talk_always(self, channel: PublishChannel = PublishChannel.MAIN) -> None:
        """Send all that the microphone hears: how every channel begins."""
        self._check_alive()
        check_channel(channel)
        self._pressed.pop(channel, None)
        self._microphone.outlets[channel].gate = None

    def talk(self, on: bool, channel: PublishChannel = PublishChannel.MAIN) -> None:
        """Press or release the key of a channel; nothing unless it talks by key.

        The next frame of the microphone takes the pre-roll with it. Callable from any
        thread.
        """
        if channel in self._pressed:
            self._pressed[channel] = on

    def is_talking(self, channel: PublishChannel = PublishChannel.MAIN) -> bool:
        """Whether the key of a channel is down, or by voice whether what is heard
        goes out; always, where all of it does."""
        if channel in self._pressed:
            return self._pressed[channel]
        gate = self._microphone.outlets[channel].gate
        return gate is None or gate[0].is_passing

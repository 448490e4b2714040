"""Who is lowered while somebody of higher priority talks.

Pure: it counts frames instead of looking at a clock. It knows levels and no sound.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.audio import FRAME_MS

LOWERED_DB = -12.0
ATTACK_FRAMES = 30 // FRAME_MS
RELEASE_FRAMES = 600 // FRAME_MS
HANG_OVER_FRAMES = 500 // FRAME_MS
TALKS_DBOV = 50.0

_DOWN_DB = LOWERED_DB / ATTACK_FRAMES
_UP_DB = -LOWERED_DB / RELEASE_FRAMES


@dataclass(slots=True)
class _Voice:
    priority: int = 0
    talks_for: int = 0
    lowered_db: float = 0.0


class Ducking:
    """The gains of the slots of one listener; 0 is the priority of all not set.

    A slot is lowered by 12 dB within 30 ms while one of higher priority talks (and
    500 ms after), then it comes back within 600 ms.
    """

    def __init__(self) -> None:
        self._voices: dict[int, _Voice] = {}
        self._priorities: dict[int, int] = {}

    def set_priority(self, slot: int, priority: int) -> None:
        """What the slot carries goes before lower ones, until `forget`."""
        if priority:
            self._priorities[slot] = priority
        else:
            self._priorities.pop(slot, None)
        if slot in self._voices:
            self._voices[slot].priority = priority

    def forget(self, slot: int) -> None:
        """The slot carries something else from now on, or nothing."""
        self._priorities.pop(slot, None)
        self._voices.pop(slot, None)

    def clear(self) -> None:
        """Forget all slots."""
        self._priorities.clear()
        self._voices.clear()

    @property
    def is_needed(self) -> bool:
        """Whether anything goes before anything else, or is lowered still."""
        return bool(self._priorities or self._voices)

    def hear(self, slot: int, level_dbov: float) -> None:
        """A slot's level in this frame, 0 (loudest) to 127. Hot path."""
        voice = self._voices.get(slot)
        if voice is None:
            voice = self._voices[slot] = _Voice(self._priorities.get(slot, 0))
        if level_dbov <= TALKS_DBOV:
            voice.talks_for = HANG_OVER_FRAMES
        elif voice.talks_for:
            voice.talks_for -= 1

    def step(self) -> None:
        """All were heard that are there in this frame: now the gains move."""
        highest = max(
            (voice.priority for voice in self._voices.values() if voice.talks_for),
            default=None,
        )
        for voice in self._voices.values():
            if highest is not None and voice.priority < highest:
                voice.lowered_db = max(LOWERED_DB, voice.lowered_db + _DOWN_DB)
            else:
                voice.lowered_db = min(0.0, voice.lowered_db + _UP_DB)
        if not self._priorities and not any(
            voice.lowered_db for voice in self._voices.values()
        ):
            self._voices.clear()

    def gain(self, slot: int) -> float:
        """The factor that the slot's frame ends with."""
        voice = self._voices.get(slot)
        if voice is None or voice.lowered_db == 0.0:
            return 1.0
        return float(10 ** (voice.lowered_db / 20))

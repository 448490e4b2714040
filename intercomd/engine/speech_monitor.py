"""Whether the microphone has heard nothing but speech, or but noise, for a while.

Pure: time is an argument.
"""

from __future__ import annotations

from intercomd.domain.sound import AudioVadType


class SpeechMonitor:
    """A state is stable once it has lasted; each new stable one is told once."""

    def __init__(self, stable_s: float, now: float) -> None:
        self._stable_s = stable_s
        self._state = AudioVadType.NOISE
        self._since = now
        self._told: AudioVadType | None = None

    def hear(self, *, is_speech: bool, now: float) -> AudioVadType | None:
        """What is heard at `now`; the state if it is stable and not told yet."""
        state = AudioVadType(is_speech)
        if state is not self._state:
            self._state, self._since = state, now
        if now - self._since < self._stable_s or state is self._told:
            return None
        self._told = state
        return state

"""Whether somebody speaks, by loudness alone. Pure: time is an argument."""

from __future__ import annotations

import numpy as np

from intercomd.domain.audio import Frame

_OPENS_DB = 12.0
_LEAST_DBFS = -50.0
_FLOOR_RISES_DB_S = 3.0
_STARTING_FLOOR_DBFS = -60.0
_SILENCE_DBFS = -100.0


class VoiceGate:
    """An energy gate over a floor that follows the room, with a hangover.

    A frame is loud when it is 12 dB above the floor and above -50 dBFS. The floor
    falls at once to a quieter frame and rises by 3 dB a second.
    """

    def __init__(self, hangover_s: float) -> None:
        """Stay open `hangover_s` after the last loud frame."""
        self._hangover_s = hangover_s
        self._floor_dbfs = _STARTING_FLOOR_DBFS
        self._last_at: float | None = None
        self._loud_at: float | None = None

    def hears_voice(self, frame: Frame, now: float) -> bool:
        """Take the next frame, heard at `now` (seconds); whether the gate is open."""
        level = level_dbfs(frame)
        self._follow_floor(level, now)
        if level > max(_LEAST_DBFS, self._floor_dbfs + _OPENS_DB):
            self._loud_at = now
        return self._loud_at is not None and now - self._loud_at < self._hangover_s

    def _follow_floor(self, level: float, now: float) -> None:
        elapsed_s = 0.0 if self._last_at is None else now - self._last_at
        self._last_at = now
        self._floor_dbfs = min(self._floor_dbfs + _FLOOR_RISES_DB_S * elapsed_s, level)
        self._floor_dbfs = max(self._floor_dbfs, _STARTING_FLOOR_DBFS)


def level_dbfs(frame: Frame) -> float:
    """The RMS of a frame against a full-scale square wave; -100 for silence."""
    samples = np.frombuffer(frame, "<i2").astype(np.float32)
    power = float(samples @ samples) / len(samples) / 32768.0**2
    return max(_SILENCE_DBFS, 10 * float(np.log10(power))) if power else _SILENCE_DBFS

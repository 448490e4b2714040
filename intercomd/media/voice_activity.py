"""Whether a microphone hears speech or noise, by loudness alone.

Pure: it counts frames instead of looking at a clock.
"""

from __future__ import annotations

from intercomd.domain.audio import FRAME_MS, FRAME_S

OPENS_DB = 10.0
QUIETEST_DBOV = 55.0
HANGOVER_FRAMES = 300 // FRAME_MS

_FLOOR_RISES_DB = 3.0 * FRAME_S
_QUIETEST_FLOOR_DBOV = 75.0


class VoiceActivity:
    """Speech is 10 dB above the noise floor and above -55 dBov, and 300 ms after.

    The floor falls at once to a quieter frame and rises by 3 dB a second, so that a
    steady noise is no speech for long.
    """

    def __init__(
        self, *, opens_db: float = OPENS_DB, quietest_dbov: float = QUIETEST_DBOV
    ) -> None:
        """Other limits than these two may be given."""
        self._opens_db = opens_db
        self._quietest_dbov = quietest_dbov
        self._floor_dbov = _QUIETEST_FLOOR_DBOV
        self._hangover = 0

    def hears_speech(self, level_dbov: float) -> bool:
        """Take the next frame's level, 0 (loudest) to 127. Hot path: no allocation."""
        floor = self._floor_dbov - _FLOOR_RISES_DB
        self._floor_dbov = min(max(floor, level_dbov), _QUIETEST_FLOOR_DBOV)
        if level_dbov < min(self._quietest_dbov, self._floor_dbov - self._opens_db):
            self._hangover = HANGOVER_FRAMES
        elif self._hangover:
            self._hangover -= 1
        return self._hangover > 0

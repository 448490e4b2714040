"""Which way sound goes on a card."""

from __future__ import annotations

from enum import Enum


class Direction(Enum):
    """Into a microphone, or out of a loudspeaker."""

    CAPTURE = "capture"
    PLAYBACK = "playback"

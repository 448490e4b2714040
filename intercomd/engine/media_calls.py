"""The engine's calls that mend its media connection, for who sees more than it does.

What the connection itself notices it mends unasked.
"""

from __future__ import annotations

from intercomd.engine.part import EnginePart
from intercomd.protocol.client_events import MediaChanged, MediaSilent


class MediaCalls(EnginePart):
    """A part of `Engine`."""

    @property
    def is_media_up(self) -> bool:
        """Whether the media connection is there, and the server is heard over it."""
        return self._link.is_media_up

    def migrate_media(self) -> None:
        """Carry the media connection on over a new socket; if none leads to the server
        make a new one. Sound pauses for some 20 ms."""
        self._check_alive()
        self._link.handle(MediaSilent())

    def renew_media(self) -> None:
        """Make a new media connection in the place of this one. Sound pauses for some
        hundreds of milliseconds."""
        self._check_alive()
        self._link.handle(MediaChanged(is_up=False))

"""What every part of `Engine` knows of the whole."""

from __future__ import annotations

from intercomd.domain.errors import EngineNotCreated, IntercomError, NotLoggedIn
from intercomd.domain.events import Event
from intercomd.engine.link import Link
from intercomd.engine.microphone import Microphone
from intercomd.engine.play_settings import PlaySettings
from intercomd.engine.sidetone import Sidetone
from intercomd.media.playout import Playout


class EnginePart:
    """The engine's calls are spread over files by what they concern; each file has
    one part, and `Engine` is all of them."""

    _link: Link
    _playout: Playout
    _microphone: Microphone
    _sidetone: Sidetone
    _play_settings: PlaySettings
    _is_destroyed: bool

    def _check_alive(self) -> None:
        if self._is_destroyed:
            raise EngineNotCreated

    def _gone(self) -> IntercomError:
        """Why what was waited for will not come, though nothing failed."""
        return EngineNotCreated() if self._is_destroyed else NotLoggedIn()

    def _told(self, event: Event) -> None:
        """Tell the application."""
        raise NotImplementedError

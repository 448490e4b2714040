"""Whether a card is there, said once when that changes."""

from __future__ import annotations

import logging
from collections.abc import Callable

from intercomd.domain.errors import DeviceUnavailable

_log = logging.getLogger(__name__)


class Presence:
    """A card's comings and goings: one log line and one call an episode.

    Not safe to use from two threads, except for reading `is_open`.
    """

    def __init__(
        self,
        what: str,
        listing: str,
        on_state: Callable[[bool, str], None] | None,
    ) -> None:
        """`what` is the card in a sentence; `listing` the command that lists cards."""
        self._what = what
        self._listing = listing
        self._on_state = on_state
        self._is_open: bool | None = None
        self._name = ""

    @property
    def is_open(self) -> bool:
        return bool(self._is_open)

    def came(self, name: str) -> None:
        """Sound moves, on the card that ALSA calls `name`. Cheap when it is known."""
        if self._is_open and name == self._name:
            return
        self._name = name
        text = f"{self._what} is open as {name}"
        _log.info("%s", text)
        self._change(text, is_open=True)

    def gone(self, error: DeviceUnavailable) -> None:
        """The card could not be opened, or was lost."""
        text = f"{self._what} is unavailable ({error.detail}): see '{self._listing}'"
        if self._is_open is False:
            _log.debug("%s", text)
            return
        _log.warning("%s", text)
        self._change(text, is_open=False)

    def left(self) -> None:
        """Nobody looks for the card any more. No news, so nobody is told."""
        self._is_open = False

    def _change(self, text: str, *, is_open: bool) -> None:
        self._is_open = is_open
        if self._on_state is not None:
            self._on_state(is_open, text)

"""What goes wrong again and again, said once an episode."""

from __future__ import annotations

import logging


class Episode:
    """Trouble of one kind: told at `level` when it begins, at DEBUG as it goes on.

    A server that is away for a night is one line.
    """

    def __init__(self, log: logging.Logger, level: int) -> None:
        self._log = log
        self._level = level
        self._said: object = None

    def say(self, message: str, *arguments: object, what: object = True) -> bool:
        """It went wrong; another `what` than last time is news in any case. Whether
        it was news."""
        is_news = what != self._said
        self._said = what
        self._log.log(self._level if is_news else logging.DEBUG, message, *arguments)
        return is_news

    def over(self) -> None:
        """It worked."""
        self._said = None

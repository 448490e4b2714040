"""Who wants to hear of which event, and how an event becomes a call.

Every event of the reference has its name in snake_case and its arguments in the
reference's order: those of its dataclass in `domain.events`.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Callable, Coroutine
from dataclasses import fields
from typing import Any, get_args

from intercomd.domain.events import Event, RoomStateChanged

Callback = Callable[..., object]
Spawn = Callable[[Coroutine[Any, Any, object]], None]

_log = logging.getLogger(__name__)


class Callbacks:
    """The callbacks of one engine, called in the order they were added.

    A plain function runs at once; the coroutine of an `async def` is given to
    `spawn`. What a callback raises is logged and stops nobody else.
    """

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._callbacks: dict[str, list[Callback]] = {name: [] for name in EVENTS}

    def add(self, event: str, callback: Callback) -> None:
        """Call `callback` at every `event`; raise ValueError for an unknown one."""
        self._of(event).append(callback)

    def remove(self, event: str, callback: Callback | None) -> None:
        """Forget one callback, or with None all of this event."""
        callbacks = self._of(event)
        if callback is None:
            callbacks.clear()
        elif callback in callbacks:
            callbacks.remove(callback)

    def emit(self, event: Event) -> None:
        """Make the calls that tell of `event`."""
        for name, arguments in _calls(event):
            for callback in tuple(self._callbacks[name]):
                self._call(name, callback, arguments)

    def _of(self, event: str) -> list[Callback]:
        try:
            return self._callbacks[event]
        except KeyError:
            known = ", ".join(EVENTS)
            raise ValueError(f"no event {event!r}; there are: {known}") from None

    def _call(self, name: str, callback: Callback, arguments: tuple[Any, ...]) -> None:
        try:
            result = callback(*arguments)
        except Exception:  # noqa: BLE001 - whatever the application raises
            _log.exception("callback failed event=%s", name)
            return
        if inspect.iscoroutine(result):
            self._spawn(_guard(name, result))


async def _guard(name: str, coroutine: Coroutine[Any, Any, object]) -> None:
    try:
        await coroutine
    except Exception:  # noqa: BLE001 - whatever the application raises
        _log.exception("callback failed event=%s", name)


def _calls(event: Event) -> list[tuple[str, tuple[Any, ...]]]:
    """The calls an event becomes: a change of the room is told in both styles."""
    name, names_of_arguments = _SIGNATURES[type(event)]
    arguments = tuple(getattr(event, argument) for argument in names_of_arguments)
    if isinstance(event, RoomStateChanged):
        old_style = (event.room_id, event.reason.state, *arguments[2:])
        return [(_OLD_STYLE, old_style), (name, arguments)]
    return [(name, arguments)]


def _name(kind: type) -> str:
    """`RoomUserUpdate` is `room_user_update`; Told only tells it from another type."""
    words = re.findall("[A-Z][a-z]+", kind.__name__.removesuffix("Told"))
    return "_".join(words).lower()


_OLD_STYLE = "room_state_update"
_SIGNATURES = {
    kind: (_name(kind), tuple(field.name for field in fields(kind)))
    for kind in get_args(Event)
}
"""Of each event its callback's name, and the names of its arguments in order."""

ARGUMENTS = dict(_SIGNATURES.values())
"""The names of each event's arguments, without the old style's."""

EVENTS = (_OLD_STYLE, *(name for name, _ in _SIGNATURES.values()))

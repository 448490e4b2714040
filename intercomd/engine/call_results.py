"""The outcome of every call of the engine, as `api_called_result` and `debug_error`.

Both are told to whoever listens: that is how one opts in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Protocol, TypeVar

from intercomd.domain.errors import ErrorCode, IntercomError
from intercomd.domain.events import ApiCalledResult, DebugError

NOT_TOLD = frozenset(
    {
        *("capture", "capture_aux", "render", "talk", "is_talking"),
        *("close", "off", "on", "report_device", "stats", "tell_devices"),
    }
)
"""What is no call of the reference, or runs once a frame."""

_REFUSALS = (IntercomError, ValueError, NotImplementedError)


class _Teller(Protocol):
    def _told(self, event: ApiCalledResult | DebugError, /) -> None: ...


_Kind = TypeVar("_Kind", bound=type)


def tells_results(kind: _Kind) -> _Kind:
    """Class decorator: every public method, inherited ones too, tells how it ended."""
    for name in dir(kind):
        method = inspect.getattr_static(kind, name)
        if name.startswith("_") or name in NOT_TOLD or not inspect.isfunction(method):
            continue
        wrap = _told_async if inspect.iscoroutinefunction(method) else _told_sync
        setattr(kind, name, wrap(method))
    return kind


def _told_sync(method: Callable[..., object]) -> Callable[..., object]:
    @wraps(method)
    def call(engine: _Teller, *arguments: Any, **named: Any) -> object:
        try:
            result = method(engine, *arguments, **named)
        except _REFUSALS as error:
            _tell(engine, method.__name__, error)
            raise
        _tell(engine, method.__name__, None)
        return result

    return call


def _told_async(
    method: Callable[..., Coroutine[Any, Any, object]],
) -> Callable[..., Coroutine[Any, Any, object]]:
    @wraps(method)
    async def call(engine: _Teller, *arguments: Any, **named: Any) -> object:
        try:
            result = await method(engine, *arguments, **named)
        except _REFUSALS as error:
            _tell(engine, method.__name__, error)
            raise
        _tell(engine, method.__name__, None)
        return result

    return call


def _tell(engine: _Teller, function: str, error: Exception | None) -> None:
    match error:
        case None:
            engine._told(ApiCalledResult(ErrorCode.SUCCESS, function, ""))
            return
        case IntercomError():
            code = error.code
        case NotImplementedError():
            code = ErrorCode.UNSUPPORTED_PLATFORM
        case _:
            code = ErrorCode.ILLEGAL_PARAMETER
    engine._told(DebugError(code, function, str(error)))
    engine._told(ApiCalledResult(code, function, str(error)))

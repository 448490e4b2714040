"""How each stream goes, in the reference's event numbers, from its states. Pure."""

from __future__ import annotations

from enum import Enum, IntEnum, auto

from intercomd.domain.errors import ErrorCode
from intercomd.domain.events import Event, PlayerStateUpdate, PublisherStateUpdate
from intercomd.domain.monitor_events import PlayerStreamEvent, PublisherStreamEvent
from intercomd.domain.sound import StreamEvent


class StreamCourses:
    """Remembers where each stream is; a state update becomes the event it means.

        START -> SUCCESS -> RETRY_START -> RETRY_SUCCESS -> ... -> END
    or, where a try is given up, FAIL, and RETRY_FAIL while retrying.
    """

    def __init__(self) -> None:
        self._published: dict[str, _Phase] = {}
        self._played: dict[str, _Phase] = {}

    def follow(self, update: PublisherStateUpdate | PlayerStateUpdate) -> Event:
        """What to tell beside `update`."""
        stream_id, state, code = update.stream_id, int(update.state), update.error_code
        if isinstance(update, PublisherStateUpdate):
            step = _step(self._published, stream_id, _State(state), code)
            event = StreamEvent(StreamEvent.PUBLISH_START + step)
            return PublisherStreamEvent(event, stream_id)
        step = _step(self._played, stream_id, _State(state), code)
        return PlayerStreamEvent(StreamEvent(StreamEvent.PLAY_START + step), stream_id)


class _State(IntEnum):
    """What publishing and playing have in common."""

    STOPPED = 0
    REQUESTING = 1
    RUNNING = 2


class _Phase(Enum):
    STARTING = auto()
    RUNNING = auto()
    RETRYING = auto()


class _Step(IntEnum):
    """Added to 100 for publishing, to 200 for playing."""

    START = 0
    SUCCESS = 1
    FAIL = 2
    RETRY_START = 3
    RETRY_SUCCESS = 4
    RETRY_FAIL = 5
    END = 6


def _step(phases: dict[str, _Phase], stream_id: str, state: _State, code: int) -> _Step:
    before = phases.pop(stream_id, None)
    match state:
        case _State.REQUESTING if before is None:
            phases[stream_id] = _Phase.STARTING
            return _Step.START
        case _State.REQUESTING:
            phases[stream_id] = _Phase.RETRYING
            return _Step.RETRY_START
        case _State.RUNNING:
            phases[stream_id] = _Phase.RUNNING
            is_retry = before is _Phase.RETRYING
            return _Step.RETRY_SUCCESS if is_retry else _Step.SUCCESS
        case _State.STOPPED:
            if code == ErrorCode.SUCCESS or before is _Phase.RUNNING:
                return _Step.END
            return _Step.RETRY_FAIL if before is _Phase.RETRYING else _Step.FAIL

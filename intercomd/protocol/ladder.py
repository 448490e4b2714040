"""A client's signalling connection: made, lost, waited for, made again, given up.

OUT -> CONNECTING -> LOGGING_IN -> IN -> OUT
          ^   |  connection lost,  |
          |   |  no answer in time |
       WAITING <-------------------+
a refusal or a kick: OUT, for good; no retry until the next login (only a login
    refused for being one of too many is as a connection lost)
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from intercomd.protocol.backoff import Backoff
from intercomd.protocol.client_events import Connect, Output

ANSWER_TIMEOUT_S = 5.0
STABLE_S = 5.0
FIRST_RETRY_S = 0.25
RETRY_CAP_S = 1.0


class ClientState(Enum):
    """Where the connection is; see the drawing above."""

    OUT = auto()
    CONNECTING = auto()
    LOGGING_IN = auto()
    IN = auto()
    WAITING = auto()


class Fate(Enum):
    """What has become of a connection whose deadline came."""

    GOES_ON = auto()
    UNANSWERED = auto()
    GIVEN_UP = auto()


class Ladder:
    """A part of `client_session.ClientSession`.

    was_in      whether this login was in the room before
    resume_key  the newest the server gave, "" before the first
    deadline    when `pass_time` must be called, or None
    """

    def __init__(
        self,
        emit: Callable[[Output], None],
        *,
        retry_time_s: float,
        chance: Callable[[], float],
    ) -> None:
        self.state = ClientState.OUT
        self.was_in = False
        self.resume_key = ""
        self.deadline: float | None = None
        self._emit = emit
        self._retry_time_s = retry_time_s
        self._backoff = Backoff(first_s=FIRST_RETRY_S, cap_s=RETRY_CAP_S, chance=chance)
        self._in_since = 0.0
        self._give_up_at = 0.0

    @property
    def is_in(self) -> bool:
        """Whether the server can be asked for something."""
        return self.state is ClientState.IN

    def begin(self, now: float) -> None:
        """A login is wanted that nothing is known of yet."""
        self.was_in = False
        self.resume_key = ""
        self._give_up_at = now + self._retry_time_s
        self._backoff.reset()
        self._connect(now)

    def greeted(self, now: float) -> None:
        """The server said hello; the login goes out."""
        self.state = ClientState.LOGGING_IN
        self.deadline = now + ANSWER_TIMEOUT_S

    def enter(self, now: float, *, resume_key: str) -> None:
        """The server let the user in."""
        self.state = ClientState.IN
        self.was_in = True
        self.resume_key = resume_key
        self.deadline = None
        self._in_since = now

    def lose(self, now: float) -> None:
        """The connection broke, or could not be made: wait for the next attempt."""
        if self.is_in:
            self._give_up_at = now + self._retry_time_s
            if now - self._in_since >= STABLE_S:
                self._backoff.reset()
        self.state = ClientState.WAITING
        self.deadline = now + self._backoff.next_s()

    def leave(self) -> None:
        """The login is over, for good."""
        self.state = ClientState.OUT
        self.deadline = None

    def pass_time(self, now: float) -> Fate:
        """See to the deadline, if it came; connecting again is done here."""
        if self.deadline is None or now < self.deadline:
            return Fate.GOES_ON
        match self.state:
            case ClientState.WAITING if now >= self._give_up_at:
                return Fate.GIVEN_UP
            case ClientState.WAITING:
                self._connect(now)
            case ClientState.CONNECTING | ClientState.LOGGING_IN:
                return Fate.UNANSWERED
            case ClientState.OUT | ClientState.IN:
                self.deadline = None
        return Fate.GOES_ON

    def _connect(self, now: float) -> None:
        self.state = ClientState.CONNECTING
        self.deadline = now + ANSWER_TIMEOUT_S
        self._emit(Connect())

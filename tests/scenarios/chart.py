"""Which change of a room's state may follow which: the reference's chart (§2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from intercomd.engine import RoomStateReason

_R = RoomStateReason
_IN_THE_ROOM = {_R.LOGOUT, _R.LOGOUT_FAILED, _R.RECONNECTING, _R.KICK_OUT}

AFTER: dict[RoomStateReason, set[RoomStateReason]] = {
    # A logout of a room one is not in leaves one where one was.
    _R.LOGOUT: {_R.LOGINING, _R.LOGOUT_FAILED},
    # LOGOUT is the user's own wish here, which the chart leaves out.
    _R.LOGINING: {_R.LOGINED, _R.LOGIN_FAILED, _R.LOGOUT},
    _R.LOGINED: _IN_THE_ROOM,
    _R.RECONNECTING: {_R.RECONNECTED, _R.RECONNECT_FAILED, _R.LOGOUT},
    _R.RECONNECTED: _IN_THE_ROOM,
    # "Logout" after a failure is a state and not told, so the next login follows.
    _R.LOGIN_FAILED: {_R.LOGINING, _R.LOGOUT_FAILED},
    _R.RECONNECT_FAILED: {_R.LOGINING, _R.LOGOUT_FAILED},
    _R.KICK_OUT: {_R.LOGINING, _R.LOGOUT_FAILED},
}


def check_transitions(told: Sequence[tuple[RoomStateReason, int]]) -> None:
    """Fail if one reason followed another that it must not follow."""
    reasons = [_R.LOGOUT, *(reason for reason, _ in told)]
    moves = [reason for reason in reasons if reason is not _R.LOGOUT_FAILED]
    for before, after in pairwise(moves):
        assert after in AFTER[before], f"{after.name} after {before.name}: {reasons}"

"""Which change of a room's state may follow which: the reference's chart (§2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from intercomd.engine import RoomStateReason
from tests.engine.events import Call

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


def check_room_states(calls: Sequence[Call]) -> None:
    """Fail if a change was told in one style only, or must not follow another."""
    told = [call for call in calls if call[0].startswith("room_state_")]
    updates, changes = told[::2], told[1::2]
    for update, change in zip(updates, changes, strict=True):
        room_id, reason, *rest = change[1:]
        expected = ("room_state_update", room_id, reason.state, *rest)
        assert (change[0], update) == ("room_state_changed", expected)
    reasons = [_R.LOGOUT, *(change[2] for change in changes)]
    moves = [reason for reason in reasons if reason is not _R.LOGOUT_FAILED]
    for before, after in pairwise(moves):
        assert after in AFTER[before], f"{after.name} after {before.name}: {reasons}"

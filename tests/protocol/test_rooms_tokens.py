"""A user whose token ended is put out of the room, where his app wants that."""

from __future__ import annotations

from intercomd.domain.errors import ErrorCode
from intercomd.domain.room import UpdateType
from intercomd.protocol.messages import Kicked, Publish, StreamUpdate, UserUpdate
from intercomd.protocol.room_events import CloseMedia, DeleteReason, TokenEnded
from intercomd.protocol.wire import CloseCode
from tests.protocol.house import ALICE, BOB, House, user


def test_who_is_put_out_is_told_why_and_the_others_see_him_go() -> None:
    house = House()
    house.enter(ALICE, BOB)
    house.ask(ALICE, Publish(2, "alice-1"))
    house.forget()
    house.handle(TokenEnded(ALICE))
    (kicked,) = (m for m in house.read(ALICE) if isinstance(m, Kicked))
    assert kicked.code == ErrorCode.TOKEN_EXPIRED_KICKED_OUT
    assert house.hung_up == {ALICE: CloseCode.KICKED}
    assert CloseMedia(ALICE) in house.outputs
    heard = house.read(BOB)
    (gone,) = (m for m in heard if isinstance(m, StreamUpdate))
    assert (gone.update, gone.reason) == (UpdateType.DELETE, DeleteReason.KICKED)
    (left,) = (m for m in heard if isinstance(m, UserUpdate))
    assert (left.update, left.users) == (UpdateType.DELETE, (user(ALICE),))


def test_the_end_of_a_token_of_nobody_here_changes_nothing() -> None:
    house = House()
    house.enter(BOB)
    house.forget()
    house.handle(TokenEnded(ALICE))
    assert house.outputs == []

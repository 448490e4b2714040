"""§2.1, §2.2: the states of a room, why they change, and what may follow what.

Every scenario's actors are held to the chart besides (`cast.actors`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain import errors
from intercomd.engine import RoomState, RoomStateReason, UpdateType
from intercomd.protocol.admin import KickUsers
from tests.room_server import APP_ID, APP_SIGN
from tests.scenarios.cast import ROOM, Actor, a_server, actors, operate
from tests.scenarios.chart import AFTER, check_room_states
from tests.scenarios.clock import run
from tests.scenarios.network import Network
from tests.scenarios.rows import row

R = RoomStateReason


def states(actor: Actor) -> list[tuple[RoomState, int]]:
    return [call[1:3] for call in actor.diary.of("room_state_update")]


@row("§2.1 ZegoRoomState 0 to 2", "§2.1 ZegoRoomStateChangedReason 0 to 8")
def test_states_and_reasons_have_the_references_numbers() -> None:
    assert [(state.value, state.name) for state in RoomState] == [
        (0, "DISCONNECTED"),
        (1, "CONNECTING"),
        (2, "CONNECTED"),
    ]
    assert [(reason.value, reason.name) for reason in R] == [
        (0, "LOGINING"),
        (1, "LOGINED"),
        (2, "LOGIN_FAILED"),
        (3, "RECONNECTING"),
        (4, "RECONNECTED"),
        (5, "RECONNECT_FAILED"),
        (6, "KICK_OUT"),
        (7, "LOGOUT"),
        (8, "LOGOUT_FAILED"),
    ]


@row(
    "§2.2 Logining 0: CONNECTING, loginRoom accepted",
    "§2.2 Logined 0: CONNECTED, with room_session_id",
    "§2.2 Logout 0: DISCONNECTED",
    "§2.2 both events tell each change, roomStateUpdate first",
    "§2.2 Logout to Logining",
    "§2.2 Logining to Logined",
    "§2.2 Logined to Logout",
)
def test_in_and_out(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            await alice.engine.logout_room(ROOM)
            await alice.enter()
            assert alice.reasons == [
                (R.LOGINING, 0),
                (R.LOGINED, 0),
                (R.LOGOUT, 0),
                (R.LOGINING, 0),
                (R.LOGINED, 0),
            ]
            assert [state for state, _ in states(alice)] == [1, 2, 0, 1, 2]
            told = [c[0] for c in alice.diary.calls if c[0].startswith("room_state")]
            assert told == ["room_state_update", "room_state_changed"] * 5

    run(scene())


@row(
    "§2.2 room_session_id is the same in one life of the room",
    "§2.4 a room is made by its first login",
)
def test_a_life_of_a_room_has_one_session_id(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await alice.enter()
            await bob.enter()
            first = [_session_id(alice), _session_id(bob)]
            assert first[0] == first[1] != ""
            await alice.engine.logout_room()
            await bob.engine.logout_room()
            await bob.enter()
            assert _session_id(bob) != first[0]

    run(scene())


def _session_id(actor: Actor) -> str:
    extended = actor.diary.of("room_state_changed")[-1][3]
    return str(extended["room_session_id"])


@row(
    "§2.2 LoginFailed: DISCONNECTED",
    "§2.2 LoginFailed 1001004",
    "§2.2 LoginFailed 1001005",
    "§2.2 Logining to LoginFailed",
    "§2.2 LoginFailed to the next Logining",
    "§12 1001004",
    "§12 1001005",
)
@pytest.mark.parametrize(
    ("app_id", "app_sign", "code"),
    [(APP_ID + 1, APP_SIGN, 1001004), (APP_ID, "f" * 64, 1001005)],
)
def test_a_login_by_wrong_credentials_fails(
    app_id: int, app_sign: str, code: int, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", app_id=app_id, app_sign=app_sign) as (alice,),
        ):
            for _ in range(2):
                with pytest.raises(errors.IntercomError) as caught:
                    await alice.enter()
                assert caught.value.code == code
            assert alice.reasons == [(R.LOGINING, 0), (R.LOGIN_FAILED, code)] * 2
            assert states(alice)[-1] == (RoomState.DISCONNECTED, code)

    run(scene())


@row(
    "§16.2 roomStateUpdate of each reason; a first login fails with 1002053",
    "§2.2 LoginFailed 1002053",
    "§2.2 Logining covers the silent retrying of a first login",
    "§2.3 loginRoom has one final result, retries are told by the event only",
)
def test_a_first_login_is_retried_in_silence_for_20_minutes(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
        ):
            network.cut()
            with pytest.raises(errors.RetryTimeout):
                await alice.enter()
            assert network.refused > 1000
            assert alice.reasons == [(R.LOGINING, 0), (R.LOGIN_FAILED, 1002053)]

    run(scene())


@row(
    "§2.2 Logined to Reconnecting",
    "§2.2 Reconnecting to Reconnected",
    "§2.2 Reconnected to Reconnecting",
    "§2.2 Reconnected to Logout",
    "§2.2 Reconnected to LogoutFailed",
    "§2.2 Reconnected to KickOut",
    "§2.2 KickOut to the next Logining",
    "§2.2 Reconnecting to ReconnectFailed",
    "§2.2 ReconnectFailed to the next Logining",
    "§2.2 Logined to KickOut",
)
def test_a_long_life_goes_by_the_chart(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
        ):
            kick = KickUsers(2, APP_ID, ROOM, ("alice",))
            await alice.enter()
            await _break(alice, network)
            await _break(alice, network)
            with pytest.raises(errors.RoomIdIncorrect):
                await alice.engine.logout_room("cellar")
            await operate(server, kick)
            await alice.comes_to(R.KICK_OUT, 1002055)
            await alice.enter()
            await operate(server, kick)
            await alice.comes_to(R.KICK_OUT, 1002055)
            await alice.enter()
            network.cut()
            await alice.comes_to(R.RECONNECT_FAILED, 1002053, within_s=1300)
            network.mend()
            await alice.enter()
            await _break(alice, network)
            await alice.engine.logout_room()
            reasons = [reason for reason, _ in alice.reasons]
            back = [R.RECONNECTING, R.RECONNECTED]
            login = [R.LOGINING, R.LOGINED]
            assert reasons == [
                *(*login, *back, *back, R.LOGOUT_FAILED, R.KICK_OUT),
                *(*login, R.KICK_OUT),
                *(*login, R.RECONNECTING, R.RECONNECT_FAILED),
                *(*login, *back, R.LOGOUT),
            ]

    run(scene())


async def _break(actor: Actor, network: Network) -> None:
    network.cut()
    await actor.comes_to(R.RECONNECTING, 1002051)
    network.mend()
    await actor.comes_to(R.RECONNECTED)


@row(
    "§2.2 LogoutFailed 1002002",
    "§2.2 Logined to LogoutFailed",
    "§2.2 LogoutFailed to Logout",
    "§2.4 logoutRoom of another room is 1002002",
    "§12 1002002",
)
def test_a_logout_of_another_room_fails_and_changes_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            actors(server, "Alice", "Bob") as (alice, bob),
        ):
            await bob.enter()
            await alice.enter()
            with pytest.raises(errors.RoomIdIncorrect):
                await alice.engine.logout_room("cellar")
            failed = alice.diary.of("room_state_changed")[-1]
            assert failed == ("cellar", R.LOGOUT_FAILED, 1002002, {})
            assert states(alice)[-1] == (RoomState.DISCONNECTED, 1002002)
            await alice.engine.send_broadcast_message(ROOM, "still here")
            await bob.told("im_recv_broadcast_message")
            await alice.engine.logout_room(ROOM)
            assert alice.reasons[-1] == (R.LOGOUT, 0)

    run(scene())


@row("§2.2 LogoutFailed 1000001", "§12 1000001")
def test_a_destroyed_engine_raises_its_code_and_tells_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            await alice.engine.close()
            told = len(alice.diary.calls)
            with pytest.raises(errors.EngineNotCreated) as caught:
                await alice.engine.logout_room(ROOM)
            assert caught.value.code == 1000001
            assert len(alice.diary.calls) == told

    run(scene())


@row("§2.2 a lost logout leaves the user there until the heartbeat timeout")
def test_a_logout_that_is_lost_leaves_a_ghost(tmp_path: Path) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            Network(server) as network,
            actors(network, "Alice") as (alice,),
            actors(server, "Bob") as (bob,),
        ):
            await bob.enter()
            await alice.enter()
            network.cut()
            await alice.comes_to(R.RECONNECTING, 1002051)
            await alice.engine.logout_room()
            assert alice.reasons[-1] == (R.LOGOUT, 0)
            with pytest.raises(TimeoutError):
                await bob.told("room_user_update", 2, within_s=99)
            (*_, gone) = await bob.told("room_user_update", 2)
            assert gone == (ROOM, UpdateType.DELETE, (alice.user,))

    run(scene())


@row(
    "§16.2 roomStateUpdate of each reason; a first login fails with 1002053",
    "§2.2 no other edge, in any scenario",
)
def test_the_chart_is_held_against_what_every_actor_was_told() -> None:
    for forbidden in [
        (R.RECONNECTING, R.KICK_OUT),
        (R.LOGIN_FAILED, R.LOGOUT),
        (R.KICK_OUT, R.RECONNECTING),
        (R.KICK_OUT, R.LOGOUT),
        (R.LOGOUT, R.LOGINED),
    ]:
        assert forbidden[1] not in AFTER[forbidden[0]]
    with pytest.raises(AssertionError, match="LOGINED after LOGOUT"):
        check_room_states(
            [
                ("room_state_update", ROOM, RoomState.CONNECTED, 0, {}),
                ("room_state_changed", ROOM, R.LOGINED, 0, {}),
            ]
        )

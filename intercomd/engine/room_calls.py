"""The engine's calls to the room: messages, extra infos, the list of streams."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence

from intercomd.domain.errors import ErrorCode, ModuleMissing, error_for
from intercomd.domain.room import RoomStreamListType, Stream
from intercomd.domain.room_messages import TransparentMessageMode
from intercomd.domain.room_texts import (
    check_content,
    check_message,
    check_room_extra_info,
    check_stream_extra_info,
    check_targets,
)
from intercomd.domain.sound import PublishChannel
from intercomd.engine.channel import check_channel
from intercomd.engine.part import EnginePart
from intercomd.protocol.client_calls import (
    BarrageWanted,
    BroadcastWanted,
    CallSettled,
    CallWanted,
    CommandWanted,
    RoomExtraInfoWanted,
    TransparentWanted,
)
from intercomd.protocol.client_events import StreamExtraInfoWanted


class RoomCalls(EnginePart):
    """A part of `Engine`.

    What is sent reaches those who are in the room at that moment and is never
    repeated: after an error that is a `ConnectionError` nobody knows who heard it.
    All texts are of UTF-8; `IllegalParameter` is raised for half a character.
    """

    def __init__(self) -> None:
        super().__init__()
        self._calls: dict[int, asyncio.Future[int]] = {}
        self._call_numbers = itertools.count(1)

    async def send_broadcast_message(self, room_id: str, message: str) -> int:
        """Tell everybody else in the room; return the message's ID.

        1 to 1024 bytes, half a second apart. Raises `MessageNull`, `MessageTooLong`,
        `BroadcastTooFrequent`, `MessageRoomNotSame`, `NotLoggedIn` and, without a
        connection, `MessageSendFailed`. They hear `im_recv_broadcast_message`.
        """
        self._check_alive()
        check_message(message)
        number = next(self._call_numbers)
        return await self._call(BroadcastWanted(number, room_id, message))

    async def send_barrage_message(self, room_id: str, message: str) -> str:
        """Tell everybody else in the room something of little weight; return its ID.

        1 to 1024 bytes; beyond twenty a second in the whole room raises
        `RoomCallsTooFrequent`, else as `send_broadcast_message`. They hear
        `im_recv_barrage_message`.
        """
        self._check_alive()
        check_message(message)
        number = next(self._call_numbers)
        return str(await self._call(BarrageWanted(number, room_id, message)))

    async def send_custom_command(
        self,
        room_id: str,
        command: str,
        to_user_list: Sequence[str] | None = None,
    ) -> None:
        """Send these users of the room, or with none all others, a command.

        1 to 1024 bytes. Who is not in the room is left out. Raises a TargetUserId
        error, `RoomCallsTooFrequent` beyond ten a second (two hundred to a single
        user) in the whole room, else as `send_broadcast_message`. They hear
        `im_recv_custom_command`.
        """
        self._check_alive()
        check_message(command)
        to = check_targets(to_user_list or ())
        number = next(self._call_numbers)
        await self._call(CommandWanted(number, room_id, command, to))

    async def send_transparent_message(
        self,
        room_id: str,
        content: bytes,
        to_user_list: Sequence[str] | None = None,
        mode: TransparentMessageMode = TransparentMessageMode.ONLY_CLIENT,
    ) -> None:
        """Send these users of the room, or with none all others, some bytes.

        1 to 1024 bytes, in order. There is no application's server to send them to:
        any other mode than ONLY_CLIENT raises `ModuleMissing`. Else it raises what
        `send_custom_command` does, `RoomCallsTooFrequent` beyond twenty a second (two
        hundred to a single user). They hear `recv_room_transparent_message`.
        """
        self._check_alive()
        if mode is not TransparentMessageMode.ONLY_CLIENT:
            raise ModuleMissing(f"mode {mode.name}")
        check_content(content)
        to = check_targets(to_user_list or ())
        number = next(self._call_numbers)
        await self._call(TransparentWanted(number, room_id, content, to))

    async def set_room_extra_info(self, room_id: str, key: str, value: str) -> None:
        """Let the room keep a text as long as it lives, for who comes later too.

        A room keeps one key; key 1 to 127 bytes, value up to 127. Raises one of
        four RoomExtraInfo errors, `RoomIdIncorrect`, `NotLoggedIn`, beyond ten a
        second in the room `RoomCallsTooFrequent`, and without a connection
        `ConnectionBroken`. The others hear `room_extra_info_update`.
        """
        self._check_alive()
        check_room_extra_info(key, value)
        number = next(self._call_numbers)
        await self._call(RoomExtraInfoWanted(number, room_id, key, value))

    async def set_stream_extra_info(
        self, extra_info: str, channel: PublishChannel = PublishChannel.MAIN
    ) -> None:
        """Let a text go with what this channel publishes, now or from its start on.

        Up to 1023 bytes, "" takes it back; it ends with the stream and survives a
        reconnect. Raises `StreamExtraInfoTooLong`. The others get it with the
        stream, and hear `room_stream_extra_info_update` when it changes.
        """
        self._check_alive()
        check_channel(channel)
        check_stream_extra_info(extra_info)
        self._link.handle(StreamExtraInfoWanted(int(channel), extra_info))

    def get_room_stream_list(
        self, room_id: str, list_type: RoomStreamListType = RoomStreamListType.PLAY
    ) -> tuple[Stream, ...]:
        """The others' streams in the room as last told, in the order they came;
        with ALL, after them one's own that the server has accepted.

        It may be out of date while the connection is lost. Raises
        `RoomIdIncorrect` for a room this engine is not in.
        """
        self._check_alive()
        return self._link.room_streams(room_id, list_type)

    async def _call(self, wish: CallWanted) -> int:
        verdict: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._calls[wish.call] = verdict
        try:
            self._link.handle(wish)
            return await verdict
        finally:
            del self._calls[wish.call]

    def _settle_call(self, settled: CallSettled) -> None:
        verdict = self._calls.get(settled.call)
        if verdict is None or verdict.done():  # its caller was cancelled
            return
        if settled.code == ErrorCode.SUCCESS:
            verdict.set_result(settled.message_id)
        else:
            verdict.set_exception(error_for(settled.code, settled.message))

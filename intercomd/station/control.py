"""A station's control socket: who is in its group can look at it and work it.

Nothing of it is on the network. A reader that does not read loses events, no sound.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from intercomd.domain.audio import FRAME_BYTES, Frame
from intercomd.domain.errors import ControlRefused, IntercomError
from intercomd.engine.callbacks import ARGUMENTS
from intercomd.station.app import Station
from intercomd.station.appliance import Appliance
from intercomd.station.control_messages import (
    LINE_BYTES,
    Events,
    Mute,
    Reload,
    Reply,
    Request,
    Say,
    Status,
    Talk,
    Volume,
    line_of,
    plain,
    request_of,
)
from intercomd.station.listener import Listener

CLIENTS_MAX = 16
MODE = 0o660

_log = logging.getLogger(__name__)


class Control:
    """The socket, there while it is entered.

    Where it cannot be, that is one line in the log: the station goes on without.
    """

    def __init__(self, path: Path, appliance: Appliance) -> None:
        self._path = path
        self._appliance = appliance
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._listeners: set[Listener] = set()

    async def __aenter__(self) -> Self:
        self._appliance.on_station = self._follow
        self._follow(self._appliance.station)
        try:
            listening = _listen(self._path)
            self._server = await asyncio.start_unix_server(
                self._serve, sock=listening, limit=LINE_BYTES
            )
        except OSError as error:
            _log.warning("no control socket path=%s: %s", self._path, error)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is None:
            return
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    def _follow(self, station: Station) -> None:
        for event in ARGUMENTS:
            station.engine.on(event, partial(self._happened, event))

    def _happened(self, event: str, *arguments: object) -> None:
        if not self._listeners:
            return
        told: dict[str, object] = {"event": event, "at": round(time.time(), 3)}
        for name, value in zip(ARGUMENTS[event], arguments, strict=True):
            told[name] = plain(value)
        line = line_of(told)
        for listener in self._listeners:
            listener.put(line)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            if len(self._clients) > CLIENTS_MAX:
                told = f"{CLIENTS_MAX} programs are connected already: end one"
                writer.write(line_of(Reply(ok=False, error=told)))
            else:
                await self._answer_all(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client went, or the station goes: nothing comes after this
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer_all(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # what its reader says of a line that is too long
                told = f"a request has at most {LINE_BYTES} bytes"
                writer.write(line_of(Reply(ok=False, error=told)))
                return
            if not line:
                return
            try:
                request = request_of(line)
                reply = await self._do(request)
            except IntercomError as error:
                writer.write(line_of(Reply(ok=False, error=str(error))))
            else:
                writer.write(line_of(reply))
                if isinstance(request, Events):
                    await self._tell_events(reader, writer)
                    return
                if isinstance(request, Say):
                    await self._say(request, reader, writer)
                    return
            await writer.drain()

    async def _do(self, request: Request) -> Reply:
        station = self._appliance.station
        match request:
            case Status():
                return Reply(ok=True, status=_status(station))
            case Talk(on=is_on):
                if station.talks_by_itself:
                    raise ControlRefused("it talks without a key: see talk.mode")
                station.talk(on=is_on)
            case Mute(microphone=microphone, speaker=speaker):
                station.mute(microphone=microphone, speaker=speaker)
            case Volume(percent=percent):
                station.volume = percent
            case Reload():
                await self._appliance.reload()
            case _:
                pass  # `Events` and `Say` begin after their reply
        return Reply(ok=True)

    async def _say(
        self, say: Say, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """What the client brings; should it go in the middle, the rest is not said."""
        await writer.drain()
        try:
            listeners = await self._appliance.station.say(_frames(reader, say.frames))
        except IntercomError as error:
            writer.write(line_of(Reply(ok=False, error=str(error))))
        except asyncio.IncompleteReadError:
            return
        else:
            writer.write(line_of(Reply(ok=True, listeners=listeners)))

    async def _tell_events(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Until the client goes; it has nothing more to say."""
        listener = Listener()
        self._listeners.add(listener)
        telling = asyncio.create_task(listener.tell(writer))
        try:
            while await reader.read(LINE_BYTES):
                pass
        finally:
            self._listeners.discard(listener)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)


async def _frames(reader: asyncio.StreamReader, count: int) -> AsyncIterator[Frame]:
    for _ in range(count):
        yield await reader.readexactly(FRAME_BYTES)


def _status(station: Station) -> dict[str, object]:
    told = plain(station.status())
    assert isinstance(told, dict)
    return {
        "says": station.sentence(),
        **told,
        "volume": station.volume,
        "is_microphone_muted": station.engine.is_microphone_muted,
        "is_speaker_muted": station.engine.is_speaker_muted,
    }


def _listen(path: Path) -> socket.socket:
    """Raises `OSError`; a socket that a killed station left is no hindrance."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            if not path.is_socket():
                raise OSError("it is no socket: name another file") from None
            path.unlink()
        except FileNotFoundError:
            pass
        else:
            raise OSError("another station has it")
    listening = socket.socket(socket.AF_UNIX)
    try:
        listening.bind(str(path))
        path.chmod(MODE)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening

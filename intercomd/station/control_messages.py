"""What is said over a station's control socket: JSON objects, one a line.

Pure. A request is answered by one `Reply`; after `Events`, what happens follows it.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Annotated

import msgspec

from intercomd.domain.audio import FRAME_MS
from intercomd.domain.errors import ControlRefused
from intercomd.station.loudspeaker import VOLUME_MAX

LINE_BYTES = 4096
SAY_FRAMES_MAX = 600 * 1000 // FRAME_MS


class Request(msgspec.Struct, frozen=True, tag_field="do"):
    """The root of what may be asked for."""


class Status(Request, frozen=True, tag="status"):
    """How the station is."""


class Events(Request, frozen=True, tag="events"):
    """What happens, from now on."""


class Talk(Request, frozen=True, tag="talk"):
    """Press or release the talk key."""

    on: bool


class Mute(Request, frozen=True, tag="mute"):
    """None leaves it as it is."""

    microphone: bool | None = None
    speaker: bool | None = None


class Volume(Request, frozen=True, tag="volume"):
    """The loudspeaker's; 100 is as it is."""

    percent: Annotated[int, msgspec.Meta(ge=0, le=VOLUME_MAX)]


class Say(Request, frozen=True, tag="say"):
    """Say so many frames of 10 ms to the room, in the microphone's place.

    They follow the reply to it, as 48 kHz, mono, 16 bit; another reply tells when the
    last was said. If it is refused the connection ends."""

    frames: Annotated[int, msgspec.Meta(ge=1, le=SAY_FRAMES_MAX)]


class Reload(Request, frozen=True, tag="reload"):
    """Read the configuration again."""


AnyRequest = Status | Events | Talk | Mute | Volume | Say | Reload

_decoder = msgspec.json.Decoder(AnyRequest)


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`error` is "" and `ok` true, or it was refused; `status` answers `Status`, and
    `listeners` tells who heard what was said."""

    ok: bool
    error: str = ""
    status: dict[str, object] | None = None
    listeners: int | None = None


def request_of(line: bytes) -> AnyRequest:
    """The request in a line; raises `ControlRefused`."""
    try:
        request: AnyRequest = _decoder.decode(line)
    except msgspec.DecodeError as error:
        raise ControlRefused(f"no request of a station's: {error}") from error
    return request


def line_of(message: Request | Reply | dict[str, object]) -> bytes:
    """A message as it is sent."""
    return msgspec.json.encode(message) + b"\n"


def plain(value: object) -> object:
    """A value of an event or a status as JSON has it; an Enum by its name."""
    match value:
        case Enum():
            return value.name.lower()
        case dict():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case bytes():
            return value.decode("utf-8", "replace")
        case None | bool() | int() | float() | str():
            return value
        case _ if is_dataclass(value):
            return {
                field.name: plain(getattr(value, field.name)) for field in fields(value)
            }
        case _:
            return str(value)

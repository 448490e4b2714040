"""What a token allows: the JSON in its payload (reference, section 4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from intercomd.domain.errors import TokenFormatError

LOGIN = "1"
PUBLISH = "2"


@dataclass(frozen=True, slots=True)
class Privileges:
    """What the bearer may do.

    room_id     the only room it may enter, "" is any
    stream_ids  the only streams it may publish, None is any
    """

    room_id: str = ""
    may_login: bool = True
    may_publish: bool = True
    stream_ids: frozenset[str] | None = None

    def allow_room(self, room_id: str) -> bool:
        """Whether the bearer may enter this room."""
        return self.may_login and self.room_id in ("", room_id)

    def allow_stream(self, stream_id: str) -> bool:
        """Whether the bearer may publish this stream."""
        if not self.may_publish:
            return False
        return self.stream_ids is None or stream_id in self.stream_ids


ALL = Privileges()
"""What a token allows that only says who somebody is."""


def parse(payload: str) -> Privileges:
    """What this payload allows, or `TokenFormatError`.

    An empty payload only says who somebody is and allows everything. One that is
    not empty allows what it names; an empty list of streams is any stream.
    """
    if not payload:
        return ALL
    try:
        told = _decoder.decode(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise TokenFormatError("its payload is not of privileges") from error
    streams = told.stream_id_list
    return Privileges(
        room_id=told.room_id,
        may_login=told.privilege.get(LOGIN) == 1,
        may_publish=told.privilege.get(PUBLISH) == 1,
        stream_ids=frozenset(streams) if streams else None,
    )


def payload_of(privileges: Privileges) -> str:
    """The payload that says so; `parse` reads it back."""
    if privileges == ALL:
        return ""
    streams = privileges.stream_ids
    assert streams is None or streams  # an empty list would be any stream
    payload = _Payload(
        room_id=privileges.room_id,
        privilege={LOGIN: _flag(privileges.may_login)}
        | {PUBLISH: _flag(privileges.may_publish)},
        stream_id_list=sorted(streams) if streams else None,
    )
    return _encoder.encode(payload).decode()


_Flag = Literal[0, 1]


class _Payload(msgspec.Struct):
    room_id: str = ""
    privilege: dict[str, _Flag] = msgspec.field(default_factory=dict)
    stream_id_list: list[str] | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Payload)


def _flag(allowed: bool) -> _Flag:  # noqa: FBT001 - a conversion
    return 1 if allowed else 0

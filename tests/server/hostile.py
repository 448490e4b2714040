"""Frames that no honest client sends, from a seed; none is a valid message."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

Frame = str | bytes


def hostile_frames(count: int, seed: int) -> list[Frame]:
    """`count` frames, every kind about equally often, the same for the same seed."""
    chance = random.Random(seed)
    return [chance.choice(_KINDS)(chance) for _ in range(count)]


def _not_json(chance: random.Random) -> Frame:
    return chance.choice(["", "{", "}{", "\x00", "null,", "{'a': 1}", "[" * 5000, "é"])


def _not_an_object(chance: random.Random) -> Frame:
    return json.dumps(chance.choice([None, True, 0, -1e300, "login", [], [{}], [[]]]))


def _unknown_type(chance: random.Random) -> Frame:
    kind: object = chance.choice(["", "LOGIN", "hello", "ok", "__proto__", 7, None, {}])
    return json.dumps({"type": kind, "id": 1})


def _missing_fields(chance: random.Random) -> Frame:
    kind = chance.choice(["login", "offer", "publish", "unpublish", "play", "stop"])
    return json.dumps({"type": kind, "id": chance.randrange(1, 99)})


def _wrong_types(chance: random.Random) -> Frame:
    wrong: object = chance.choice([None, [], {}, True, 1.5, -1, 2**70, "x" * 2000])
    message: dict[str, object] = chance.choice(
        [
            {"type": "publish", "id": 1, "stream_id": "s", "slot": wrong},
            {"type": "publish", "id": wrong, "stream_id": "s"},
            {"type": "play", "id": 1, "stream_id": "s", "slot": wrong or "none"},
            {"type": "stop", "id": 1, "stream_id": wrong if wrong != "x" else 1},
        ]
    )
    if message["type"] == "stop" and isinstance(wrong, str) and len(wrong) <= 512:
        message["stream_id"] = 5
    return json.dumps(message)


def _binary(chance: random.Random) -> Frame:
    return chance.randbytes(chance.randrange(0, 300))


def _nested(chance: random.Random) -> Frame:
    depth = chance.randrange(10, 3000)
    return '{"type":"offer","id":1,"sdp":' + "[" * depth + "]" * depth + "}"


def _big_number(_: random.Random) -> Frame:
    return '{"type":"publish","stream_id":"s","id":' + "9" * 400 + "}"


def _bad_sdp(chance: random.Random) -> Frame:
    sdp = chance.choice(
        ["", "v=0", "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "\x00" * 200]
    )
    return json.dumps({"type": "offer", "id": chance.randrange(1, 99), "sdp": sdp})


def _not_now(chance: random.Random) -> Frame:
    """Well formed, but there is no such stream."""
    kind = chance.choice(["unpublish", "stop"])
    return json.dumps({"type": kind, "id": 3, "stream_id": "none-such"})


def _bad_login(chance: random.Random) -> Frame:
    login = {
        "type": "login",
        "id": 1,
        "app_id": chance.choice([0, 1, 1234]),
        "room_id": chance.choice(["", "lobby", "x" * 500]),
        "user_id": chance.choice(["", "mallory", "\u0000"]),
        "proof": chance.choice(["", "0" * 64, "zz"]),
    }
    return json.dumps(login)


_KINDS: list[Callable[[random.Random], Frame]] = [
    _not_json,
    _not_an_object,
    _unknown_type,
    _missing_fields,
    _wrong_types,
    _binary,
    _nested,
    _big_number,
    _bad_sdp,
    _not_now,
    _bad_login,
]

"""Our tokens and those of an independent implementation, each read by the other.

token04.mjs is ours, too, but in another language and on another library of ciphers
(node:crypto); no generator was found in the npm registry under the name looked up.
"""

from __future__ import annotations

import json
import random
import shutil
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest

from intercomd.protocol.privileges import ALL, Privileges, payload_of
from intercomd.protocol.token import Mode, Token, create, verify

TOKENS = 50
SCRIPT = Path(__file__).with_name("token04.mjs")
LETTERS = string.ascii_letters + string.digits
BOTH = pytest.mark.parametrize("mode", list(Mode), ids=lambda mode: mode.name)


def node(wishes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What token04.mjs answers, one for one."""
    program = shutil.which("node")
    assert program, "there is no node: apt-get install nodejs"
    done = subprocess.run(
        [program, str(SCRIPT)],
        input="".join(json.dumps(wish) + "\n" for wish in wishes),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def word(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(LETTERS, k=length))


def some_token(rng: random.Random) -> Token:
    created_at = rng.randrange(1, 1 << 33)
    privileges = Privileges(
        room_id=word(rng, rng.randrange(20)),
        may_login=rng.random() < 0.5,
        may_publish=rng.random() < 0.5,
        stream_ids=frozenset({word(rng, 5), word(rng, 9)})
        if rng.random() < 0.5
        else None,
    )
    return Token(
        app_id=rng.randrange(1, 1 << 32),
        user_id=rng.choice(["Пётр-", "~`;,<>\\", ""]) + word(rng, rng.randrange(1, 50)),
        nonce=rng.randrange(-(1 << 31), 1 << 31),
        created_at=created_at,
        expires_at=created_at + rng.randrange(1, 1 << 31),
        privileges=rng.choice([ALL, privileges]),
    )


def inside_of(token: Token) -> dict[str, object]:
    return {
        "app_id": token.app_id,
        "user_id": token.user_id,
        "nonce": token.nonce,
        "ctime": token.created_at,
        "expire": token.expires_at,
        "payload": payload_of(token.privileges),
    }


@BOTH
def test_our_tokens_are_read_by_the_other(mode: Mode) -> None:
    rng = random.Random(4)
    tokens = [some_token(rng) for _ in range(TOKENS)]
    secrets = [word(rng, 32) for _ in tokens]
    texts = [
        create(token, secret, iv=rng.randbytes(mode.iv_bytes), mode=mode)
        for token, secret in zip(tokens, secrets, strict=True)
    ]
    answers = node(
        [
            {"read": text, "secret": secret}
            for text, secret in zip(texts, secrets, strict=True)
        ]
    )
    expected = [{"inside": inside_of(token), "mode": mode.value} for token in tokens]
    assert answers == expected


@BOTH
def test_the_others_tokens_are_read_by_us(mode: Mode) -> None:
    rng = random.Random(5)
    tokens = [some_token(rng) for _ in range(TOKENS)]
    secrets = [word(rng, 32) for _ in tokens]
    answers = node(
        [
            {"make": inside_of(token), "secret": secret, "mode": mode.value}
            for token, secret in zip(tokens, secrets, strict=True)
        ]
    )
    for token, secret, answer in zip(tokens, secrets, answers, strict=True):
        read = verify(
            answer["token"],
            secret,
            app_id=token.app_id,
            user_id=token.user_id,
            now=token.created_at,
        )
        assert read == token

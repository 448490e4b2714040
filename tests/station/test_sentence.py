"""What a station says of itself in `systemctl status`."""

from __future__ import annotations

import pytest

from intercomd.domain.room import RoomState
from intercomd.station.lights import Facts
from intercomd.station.sentence import sentence

IN = RoomState.CONNECTED


@pytest.mark.parametrize(
    ("facts", "refusal", "told"),
    [
        (Facts(IN, listeners=3), "", "in room yard, 3 listeners"),
        (Facts(IN, listeners=1), "", "in room yard, 1 listener"),
        (
            Facts(IN, is_card_missing=True),
            "",
            "in room yard, 0 listeners; no sound card",
        ),
        (Facts(RoomState.CONNECTING), "", "on the way to room yard"),
        (
            Facts(RoomState.CONNECTING, is_offline=True),
            "",
            "no network or no room server, retrying room yard",
        ),
        (Facts(), "wrong AppSign", "login to room yard refused, retrying: "),
        (Facts(), "", "out of room yard"),
        (Facts(is_kept_out=True), "", "put out of room yard, and staying out"),
        (
            Facts(IN, is_config_refused=True, is_microphone_muted=True),
            "",
            "in room yard, 0 listeners; microphone muted; "
            "the new configuration is refused, the old one goes on",
        ),
    ],
)
def test_it_tells_the_room_first_and_then_what_is_wrong(
    facts: Facts, refusal: str, told: str
) -> None:
    said = sentence("yard", facts, refusal=refusal)
    assert said == told + refusal

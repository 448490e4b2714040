"""What a station does at the moment, in a sentence for whoever looks after it."""

from __future__ import annotations

from intercomd.domain.room import RoomState
from intercomd.station.lights import Facts


def sentence(room_id: str, facts: Facts, *, refusal: str = "") -> str:
    """The state of the room first, then each thing that is wrong.

    refusal  what the server said to the last login, "" if it did not refuse
    """
    told = [_of_room(room_id, facts, refusal)]
    if facts.is_card_missing:
        told.append("no sound card")
    if facts.is_key_stuck:
        told.append("a talk key is stuck")
    if facts.is_microphone_muted:
        told.append("microphone muted")
    if facts.is_speaker_muted:
        told.append("loudspeaker muted")
    if facts.is_config_refused:
        told.append("the new configuration is refused, the old one goes on")
    return "; ".join(told)


def _of_room(room_id: str, facts: Facts, refusal: str) -> str:
    if facts.is_kept_out:
        return f"put out of room {room_id}, and staying out"
    if facts.room is RoomState.CONNECTED:
        count = facts.listeners
        return f"in room {room_id}, {count} listener{'' if count == 1 else 's'}"
    if refusal:
        return f"login to room {room_id} refused, retrying: {refusal}"
    if facts.is_offline:
        return f"no network or no room server, retrying room {room_id}"
    if facts.room is RoomState.CONNECTING:
        return f"on the way to room {room_id}"
    return f"out of room {room_id}"

"""Which parts of a running station a changed configuration concerns.

Pure. What is in no table concerns everything: a forgotten key is slow, never wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from enum import Enum
from types import MappingProxyType

from intercomd.station.config import StationConfig


class Part(Enum):
    """What is stopped and started again, or told of its new settings.

    STATION     all of it: who and where it is, or what it publishes
    CARDS       microphone and loudspeaker; the station stays in its room
    PROCESSING  how the microphone's sound is processed
    PANEL       keys, knobs and lights; sound goes on
    TALK        how its own sound is let through
    NOTHING     read whenever it is needed
    """

    STATION = "station"
    CARDS = "cards"
    PANEL = "panel"
    PROCESSING = "processing"
    TALK = "talk"
    NOTHING = "nothing"


_OF_SECTION: Mapping[str, Part] = MappingProxyType(
    {
        "audio": Part.CARDS,
        "processing": Part.PROCESSING,
        "talk": Part.TALK,
        "keys": Part.PANEL,
        "knobs": Part.PANEL,
        "lights": Part.PANEL,
        "night": Part.PANEL,
        "tones": Part.NOTHING,
        "log": Part.NOTHING,
    }
)


def concerned(old: StationConfig, new: StationConfig) -> frozenset[Part]:
    """The parts that must follow; empty if the two say the same."""
    parts = {
        _OF_SECTION.get(field.name, Part.STATION)
        for field in fields(StationConfig)
        if getattr(old, field.name) != getattr(new, field.name)
    }
    if old.talk_mode is not new.talk_mode:
        parts.add(Part.TALK)  # it may follow from the keys
    if old.published != new.published:
        parts.add(Part.STATION)  # and so may the streams
    capture, playback, mixer = new.audio.capture, new.audio.playback, new.audio.mixer
    of_cards = replace(old.audio, capture=capture, playback=playback, mixer=mixer)
    if of_cards != new.audio:
        parts.add(Part.STATION)  # engine and call have the rest for life
    return frozenset({Part.STATION} if Part.STATION in parts else parts)

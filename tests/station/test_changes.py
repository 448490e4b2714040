"""What a changed configuration concerns, section by section."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from intercomd.domain.log_level import LogLevel, LogSettings
from intercomd.domain.processing import ProcessingSettings
from intercomd.station.changes import Part, concerned
from intercomd.station.config import (
    AppSettings,
    AudioSettings,
    MixerSettings,
    RoomSettings,
    ServerSettings,
    StationConfig,
    StreamSettings,
    TalkMode,
    TalkSettings,
    UserSettings,
)
from intercomd.station.panel_config import (
    Does,
    KeySettings,
    KnobSettings,
    LightSettings,
    NightSettings,
    ToneSettings,
)

OLD = StationConfig(
    server=ServerSettings("ws://127.0.0.1:8470"),
    app=AppSettings(1),
    user=UserSettings("gate"),
    room=RoomSettings("yard"),
)
TALK_KEY = KeySettings(Does.TALK, 17)


@pytest.mark.parametrize(
    ("section", "value", "parts"),
    [
        ("server", ServerSettings("ws://10.0.0.1:8470"), {Part.STATION}),
        ("app", AppSettings(2), {Part.STATION}),
        ("user", UserSettings("door"), {Part.STATION}),
        ("room", RoomSettings("hall"), {Part.STATION}),
        ("stream", StreamSettings("own"), {Part.STATION}),
        ("publish_on_start", False, {Part.STATION}),
        ("audio", AudioSettings(capture=None), {Part.CARDS}),
        ("audio", AudioSettings(mixer=MixerSettings({"Mic": 80})), {Part.CARDS}),
        ("audio", AudioSettings(first_wait_ms=40), {Part.STATION}),
        ("audio", AudioSettings(priority=("desk",)), {Part.STATION}),
        ("processing", ProcessingSettings(gain=True), {Part.PROCESSING}),
        ("talk", TalkSettings(tail_ms=300), {Part.TALK}),
        ("talk", TalkSettings(TalkMode.ALWAYS), {Part.TALK}),
        ("keys", (KeySettings(Does.CALL, 17),), {Part.PANEL}),
        ("keys", (TALK_KEY,), {Part.PANEL, Part.TALK}),
        ("keys", (KeySettings(Does.REPLY, 17),), {Part.STATION}),
        ("knobs", (KnobSettings((5, 6)),), {Part.PANEL}),
        ("lights", (LightSettings(27),), {Part.PANEL}),
        ("night", NightSettings(brightness=50), {Part.PANEL}),
        ("tones", ToneSettings(volume=0), {Part.NOTHING}),
        ("log", LogSettings(LogLevel.DEBUG), {Part.NOTHING}),
    ],
)
def test_a_section_concerns_its_part_alone(
    section: str, value: object, parts: set[Part]
) -> None:
    new = replace(OLD, **{section: value})  # type: ignore[arg-type]
    assert concerned(OLD, new) == parts


def test_the_same_file_concerns_nothing() -> None:
    assert concerned(OLD, replace(OLD)) == set()


def test_what_concerns_the_whole_station_needs_no_more() -> None:
    new = replace(OLD, room=RoomSettings("hall"), lights=(LightSettings(27),))
    assert concerned(OLD, new) == {Part.STATION}


def test_every_section_was_thought_of() -> None:
    known = {field.name for field in fields(StationConfig)}
    assert known == {
        *("server", "app", "user", "room", "stream", "publish_on_start", "play"),
        *("audio", "processing", "talk", "keys", "knobs", "lights"),
        *("night", "tones", "log"),
    }

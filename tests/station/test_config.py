"""A station's YAML file: what it may hold, and the AppSign it names."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.domain.identifiers import check_stream_id
from intercomd.domain.log_level import LogLevel
from intercomd.station.config import (
    AudioSettings,
    MixerSettings,
    Play,
    StationConfig,
    check_server_url,
    load,
    read_app_sign,
    read_token,
)

LEAST = """\
server: {url: "ws://intercom.local:8470"}
app: {id: 1, sign_file: app_sign}
user: {id: gate}
room: {id: yard}
"""


def loaded(tmp_path: Path, text: str = LEAST) -> StationConfig:
    path = tmp_path / "station.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


@pytest.mark.parametrize(
    ("priority", "why"),
    [
        ("[gate, gate]", "has 'gate' twice"),
        ("['no good']", "no good"),
        ("['']", "empty"),
        ("{gate: 1}", "list"),
    ],
)
def test_who_goes_first_must_be_ids(tmp_path: Path, priority: str, why: str) -> None:
    text = f"{LEAST}audio: {{priority: {priority}}}\n"
    with pytest.raises(ConfigInvalid, match=why):
        loaded(tmp_path, text)
    text = f"{LEAST}audio: {{priority: [chief, yard-gate]}}\n"
    assert loaded(tmp_path, text).audio.priority == ("chief", "yard-gate")


def test_what_is_not_given_has_its_default(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert config.audio == AudioSettings(
        ("default",), ("default",), MixerSettings({}, {}), 10
    )
    assert config.user.name == ""
    assert config.publish_on_start
    assert config.play is Play.EVERYONE
    assert config.log.level is LogLevel.INFO


def test_null_is_no_microphone_and_no_loudspeaker(tmp_path: Path) -> None:
    config = loaded(tmp_path, LEAST + "audio: {capture: null, playback: ~}\n")
    assert config.audio.capture is None
    assert config.audio.playback is None


def test_cards_are_a_list_or_the_only_one(tmp_path: Path) -> None:
    text = LEAST + "audio:\n  capture: [usb:1-1.4, 0d8c:0014, CARD=Device, default]\n"
    config = loaded(tmp_path, text + "  playback: serial:A1B2\n")
    assert config.audio.capture == ("usb:1-1.4", "0d8c:0014", "CARD=Device", "default")
    assert config.audio.playback == ("serial:A1B2",)


def test_mixer_levels_are_percents_by_the_names_of_controls(tmp_path: Path) -> None:
    text = LEAST + "audio:\n  mixer:\n    capture: {Mic: 80, 'Auto Gain': 0}\n"
    assert loaded(tmp_path, text).audio.mixer.capture == {"Mic": 80, "Auto Gain": 0}
    with pytest.raises(ConfigInvalid) as caught:
        loaded(tmp_path, text + "    playback: {Speaker: 101, PCM: loud}\n")
    speaker, pcm = str(caught.value).splitlines()
    assert "yaml:8:16: audio.mixer.playback.Speaker: must be 0 to 100 %" in speaker
    assert "yaml:8:30: audio.mixer.playback.PCM: must be a whole number" in pcm


def test_a_card_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path) -> None:
    text = LEAST + "audio:\n  capture: [default, 'usb:4']\n  playback: 3\n"
    with pytest.raises(ConfigInvalid) as caught:
        loaded(tmp_path, text)
    capture, playback = str(caught.value).splitlines()
    assert "station.yaml:6:3: audio.capture: usb: is followed by a port" in capture
    assert "station.yaml:7:3: audio.playback: must be a list, not 3" in playback


def test_the_app_sign_is_found_from_where_the_yaml_file_is(tmp_path: Path) -> None:
    assert loaded(tmp_path).app.sign_file == tmp_path / "app_sign"


def test_an_absolute_path_of_the_app_sign_is_left_alone(tmp_path: Path) -> None:
    text = LEAST.replace("app_sign", "/etc/intercomd/app_sign")
    assert loaded(tmp_path, text).app.sign_file == Path("/etc/intercomd/app_sign")


def test_the_stream_is_named_after_room_and_user(tmp_path: Path) -> None:
    assert loaded(tmp_path).stream_id == "yard-gate"


def test_a_stream_id_that_is_given_is_used(tmp_path: Path) -> None:
    assert loaded(tmp_path, LEAST + "stream: {id: bell}").stream_id == "bell"


def test_what_no_stream_id_may_hold_becomes_an_underscore(tmp_path: Path) -> None:
    text = LEAST.replace("gate", "'gate@north.1'").replace("yard", "'yard & co'")
    text = text.replace(" & ", "&")
    assert loaded(tmp_path, text).stream_id == "yard_co-gate_north_1"


def test_the_longest_room_and_user_make_an_allowed_stream_id(tmp_path: Path) -> None:
    text = LEAST.replace("gate", "g" * 63).replace("yard", "y" * 127)
    check_stream_id(loaded(tmp_path, text).stream_id)


@pytest.mark.parametrize(
    "url",
    ["ws://pi", "wss://intercom.example/room", "ws://[::1]:8470", "ws://127.0.0.1:1"],
)
def test_a_websocket_address_is_a_server(url: str) -> None:
    assert check_server_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pi",
        "//pi",
        "http://pi",
        "ws://",
        "ws://:8470",
        "ws://pi:0",
        "ws://pi:99999",
        "ws://pi:port",
        "ws://[::1",
    ],
)
def test_anything_else_is_none(url: str) -> None:
    with pytest.raises(ConfigInvalid):
        check_server_url(url)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("id: 1,", "id: 0,", "app.id: must be 1 to 4294967295, not 0"),
        ("yard", "'a b'", "room.id: the room ID has a character"),
        ("gate", "'" + "x" * 64 + "'", "user.id: the user ID is too long"),
        ("ws://", "http://", "server.url: must be a room server's address"),
    ],
)
def test_a_wrong_value_is_told_with_line_and_key(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        loaded(tmp_path, LEAST.replace(right, wrong))
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path}/station.yaml:")
    assert told in sentence


def test_a_fingerprint_is_of_use_with_tls_only(tmp_path: Path) -> None:
    pinned = LEAST.replace('8470"', '8470", fingerprint: "' + "ab" * 32 + '"')
    with pytest.raises(ConfigInvalid, match="with wss:// instead of ws://"):
        loaded(tmp_path, pinned)
    config = loaded(tmp_path, pinned.replace("ws://", "wss://"))
    assert config.server.fingerprint == "ab" * 32


def test_a_stream_id_with_a_dot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="stream ID has a character"):
        loaded(tmp_path, LEAST + "stream: {id: a.b}")


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match=r"station\.yaml: No such file"):
        load(tmp_path / "station.yaml")


def test_a_file_that_is_no_text_is_invalid(tmp_path: Path) -> None:
    path = tmp_path / "station.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigInvalid, match="is not text in UTF-8"):
        load(path)


def sign_file(tmp_path: Path, text: str, *, mode: int = 0o600) -> Path:
    path = tmp_path / "app_sign"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    return path


def test_an_app_sign_is_read_without_the_white_space_around_it(tmp_path: Path) -> None:
    assert read_app_sign(sign_file(tmp_path, "aB" * 32 + "\n")) == "aB" * 32


def test_a_wrong_app_sign_is_told_without_its_content(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        read_app_sign(sign_file(tmp_path, "secret" * 10))
    assert "app_sign: the AppSign is not 64 hexadecimal digits" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_app_sign_tells_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable, match="copy the room server's app_sign"):
        read_app_sign(tmp_path / "app_sign")


def test_an_app_sign_others_may_read_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        read_app_sign(sign_file(tmp_path, "a" * 64, mode=0o644))
    assert "readable by others" in caplog.text
    assert "a" * 64 not in caplog.text


def test_a_token_file_takes_the_place_of_the_app_sign(tmp_path: Path) -> None:
    config = loaded(tmp_path, LEAST.replace("sign_file: app_sign", "token_file: t"))
    assert config.app.sign_file is None
    assert config.app.token_file == tmp_path / "t"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("", r"needs either sign_file .* or token_file"),
        (", sign_file: s, token_file: t", "has both sign_file and token_file"),
    ],
)
def test_it_must_be_exactly_one_of_the_two(
    tmp_path: Path, files: str, told: str
) -> None:
    text = LEAST.replace(", sign_file: app_sign", files)
    with pytest.raises(ConfigInvalid, match=told):
        loaded(tmp_path, text)


def test_a_token_is_read_without_the_white_space_around_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("04AAAA\n")
    assert read_token(path) == "04AAAA"


def test_a_token_that_is_not_there_tells_where_to_get_it(tmp_path: Path) -> None:
    path = tmp_path / "token"
    with pytest.raises(ConfigUnreadable, match="put there what 'intercomd token'"):
        read_token(path)
    path.write_text("\n")
    with pytest.raises(ConfigInvalid, match="is empty"):
        read_token(path)

"""The station's configuration: what config/station.yaml may hold.

Declarations and the reading of two files; it opens no device and no connection.
"""

from __future__ import annotations

import logging
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from intercomd.audio.card_choice import check_choices
from intercomd.domain.document import Document, KeyPath
from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable, IntercomError
from intercomd.domain.fingerprint import check_fingerprint
from intercomd.domain.identifiers import (
    APP_ID_MAX,
    check_app_sign,
    check_room_id,
    check_stream_id,
    check_user_id,
    check_user_name,
)
from intercomd.domain.log_level import LogSettings
from intercomd.domain.processing import ProcessingSettings
from intercomd.domain.settings import Check, Range, read_settings
from intercomd.domain.sound import PublishChannel
from intercomd.engine.speaker_calls import PRIORITY_MAX
from intercomd.engine.talk_calls import PRE_ROLL_MAX_MS, TAIL_MAX_MS
from intercomd.station.credential import found, is_credential
from intercomd.station.header import i2s_problems
from intercomd.station.panel_config import (
    TALKING,
    Channel,
    Does,
    KeySettings,
    KnobSettings,
    LightSettings,
    NightSettings,
    ToneSettings,
    pin_problems,
)

_log = logging.getLogger(__name__)


REPLY_SUFFIX = "-reply"
"""Streams of such an ID are played only by those they speak to."""


class TalkMode(Enum):
    """What decides when the microphone is sent."""

    ALWAYS = "always"
    VOICE = "voice"
    KEY = "key"


class Play(Enum):
    """Whose streams a station plays."""

    EVERYONE = "everyone"


def check_server_url(url: str) -> str:
    """Return `url`, or raise `ConfigInvalid` unless it is ws://host or wss://host."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("ws", "wss") and parts.hostname and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        usable = False
    if not usable:
        raise ConfigInvalid(
            f"must be a room server's address as ws://host:8470, not '{url}'"
        )
    return url


def _check_optional_stream_id(stream_id: str) -> None:
    if stream_id:
        check_stream_id(stream_id)


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """`fingerprint` "" trusts the authorities of this machine."""

    url: Annotated[str, Check(check_server_url)]
    fingerprint: Annotated[str, Check(check_fingerprint)] = ""

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if self.fingerprint and urlsplit(self.url).scheme != "wss":
            yield (
                ("fingerprint",),
                "is of no use without TLS: write server.url with wss:// instead of "
                "ws://",
            )


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Which application the station belongs to; the server knows it, too.

    One of the two files says that it does: the AppSign's, or a token's.
    """

    id: Annotated[int, Range(1, APP_ID_MAX)]
    sign_file: Path | None = None
    token_file: Path | None = None

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if self.sign_file is not None and self.token_file is not None:
            yield (), "has both sign_file and token_file: leave out one"
        elif self.sign_file is None and self.token_file is None:
            yield (
                (),
                "needs either sign_file (the room server's app_sign) or token_file "
                "(from 'intercomd token')",
            )


@dataclass(frozen=True, slots=True)
class UserSettings:
    id: Annotated[str, Check(check_user_id)]
    name: Annotated[str, Check(check_user_name)] = ""


@dataclass(frozen=True, slots=True)
class RoomSettings:
    id: Annotated[str, Check(check_room_id)]


@dataclass(frozen=True, slots=True)
class StreamSettings:
    id: Annotated[str, Check(_check_optional_stream_id)] = ""


def check_priority(ids: tuple[str, ...]) -> None:
    """Raise `ConfigInvalid` unless these are IDs of users or streams, none twice."""
    if len(ids) > PRIORITY_MAX:
        raise ConfigInvalid(f"has {len(ids)} IDs: at most {PRIORITY_MAX} go first")
    for each in ids:
        if ids.count(each) > 1:
            raise ConfigInvalid(f"has '{each}' twice")
        try:
            check_user_id(each)
        except IntercomError:
            check_stream_id(each)


Percent = Annotated[int, Range(0, 100, "%")]


@dataclass(frozen=True, slots=True)
class MixerSettings:
    """Levels by the names of a card's controls; those not named are left alone."""

    capture: Mapping[str, Percent] = field(default_factory=dict)
    playback: Mapping[str, Percent] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Cards, the best first; None is no microphone, or no loudspeaker.

    `priority` has users and streams, the highest first.
    """

    capture: Annotated[tuple[str, ...] | None, Check(check_choices)] = ("default",)
    playback: Annotated[tuple[str, ...] | None, Check(check_choices)] = ("default",)
    mixer: MixerSettings = field(default_factory=MixerSettings)
    first_wait_ms: Annotated[int, Range(0, 200, "ms")] = 10
    priority: Annotated[tuple[str, ...], Check(check_priority)] = ()


@dataclass(frozen=True, slots=True)
class TalkSettings:
    """`pre_roll_ms` and `tail_ms` are of a talk by key; `mode` None is by key where
    there is one, else by voice."""

    mode: TalkMode | None = None
    pre_roll_ms: Annotated[int, Range(0, PRE_ROLL_MAX_MS, "ms")] = 300
    tail_ms: Annotated[int, Range(0, TAIL_MAX_MS, "ms")] = 100


@dataclass(frozen=True, slots=True)
class StationConfig:
    """Everything config/station.yaml says, checked; paths are ready to open."""

    server: ServerSettings
    app: AppSettings
    user: UserSettings
    room: RoomSettings
    stream: StreamSettings = field(default_factory=StreamSettings)
    audio: AudioSettings = field(default_factory=AudioSettings)
    processing: ProcessingSettings = field(default_factory=ProcessingSettings)
    talk: TalkSettings = field(default_factory=TalkSettings)
    keys: tuple[KeySettings, ...] = ()
    knobs: tuple[KnobSettings, ...] = ()
    lights: tuple[LightSettings, ...] = ()
    tones: ToneSettings = field(default_factory=ToneSettings)
    night: NightSettings = field(default_factory=NightSettings)
    publish_on_start: bool = True
    play: Play = Play.EVERYONE
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def stream_id(self) -> str:
        """The stream's ID; unless given it is <room>-<user>, with _ for what no
        stream ID may hold."""
        derived = f"{self.room.id}-{self.user.id}"
        return self.stream.id or re.sub(r"[^0-9A-Za-z_-]", "_", derived)

    @property
    def published(self) -> dict[PublishChannel, str]:
        """The stream of each channel that is published from the login on."""
        if not self.publish_on_start:
            return {}
        streams = {PublishChannel.MAIN: self.stream_id}
        if any(key.does is Does.REPLY for key in self.keys):
            streams[PublishChannel.AUX] = self.stream_id + REPLY_SUFFIX
        elif any(key.channel is Channel.AUX for key in self.keys):
            streams[PublishChannel.AUX] = f"{self.stream_id}-aux"
        return streams

    @property
    def talk_mode(self) -> TalkMode:
        """How the main stream talks, whether it was said or follows from the keys."""
        if self.talk.mode is not None:
            return self.talk.mode
        is_keyed = any(key.does in TALKING for key in self.keys)
        return TalkMode.KEY if is_keyed else TalkMode.VOICE

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        is_reply = any(key.does is Does.REPLY for key in self.keys)
        for index, key in enumerate(self.keys):
            if is_reply and key.channel is Channel.AUX:
                told = "cannot be aux: a key that does reply needs this stream"
                yield ("keys", index, "channel"), told
            is_talk = key.does is Does.TALK and key.channel is Channel.MAIN
            if is_talk and self.talk_mode is not TalkMode.KEY:
                told = f"is of no use: talk.mode is {self.talk_mode.value}, not key"
                yield ("keys", index, "does"), told


@dataclass(frozen=True, slots=True)
class Simulation:
    """WAV files instead of a sound card; None is silence, or sound thrown away."""

    microphone: Path | None = None
    speaker: Path | None = None


def without_panel(config: StationConfig) -> StationConfig:
    """The same station without keys, knobs and lights, talking as it did."""
    talk = replace(config.talk, mode=config.talk_mode)
    return replace(config, talk=talk, keys=(), knobs=(), lights=())


def load(path: Path) -> StationConfig:
    """Read a station's YAML file. Relative paths in it are relative to it.

    Raises `ConfigUnreadable`, or `ConfigInvalid` with one line for each problem.
    """
    return from_document(Document.parse(read_text(path), str(path)), path.parent)


def read_text(path: Path) -> str:
    """The text of a YAML file; raises `ConfigUnreadable` or `ConfigInvalid`."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"{path}: is not text in UTF-8") from error


def from_document(document: Document, folder: Path) -> StationConfig:
    """A station's configuration; relative paths in it are relative to `folder`.

    Raises `ConfigInvalid` with one line for each problem.
    """
    beyond = (*pin_problems(document), *i2s_problems(document))
    config = read_settings(StationConfig, document, beyond)
    app = config.app
    app = replace(
        app,
        sign_file=app.sign_file and found(folder, app.sign_file),
        token_file=app.token_file and found(folder, app.token_file),
    )
    return replace(config, app=app)


def read_app_sign(path: Path) -> str:
    """The AppSign, 64 hexadecimal digits, from its file.

    Raises `ConfigUnreadable`, or `ConfigInvalid`, which never tells the content.
    """
    try:
        text = path.read_text(encoding="ascii", errors="replace")
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigUnreadable(
            f"{path}: {error.strerror}; copy the room server's app_sign there"
        ) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and not is_credential(path):
        _log.warning("app sign readable by others file=%s: chmod 600 it", path)
    try:
        return check_app_sign(text.strip())
    except IntercomError as error:
        told = f"{path}: {error}"
        if is_credential(path):
            told += "; put the room server's app_sign where the unit loads it from"
        raise ConfigInvalid(told) from error


def read_token(path: Path) -> str:
    """The token, from its file; it may be another the next time.

    Raises `ConfigUnreadable`, or `ConfigInvalid`, which never tells the content.
    """
    try:
        token = path.read_text(encoding="ascii", errors="replace").strip()
    except OSError as error:
        raise ConfigUnreadable(
            f"{path}: {error.strerror}; put there what 'intercomd token' prints"
        ) from error
    if not token:
        raise ConfigInvalid(
            f"{path}: is empty: put there what 'intercomd token' prints"
        )
    return token

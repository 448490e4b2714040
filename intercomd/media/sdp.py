"""The session descriptions we understand (RFC 8866, 8829): bundled Opus audio.

A description is read into values and written anew from them, so that nothing of
a foreign text reaches aiortc but what was checked here. Pure.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import Enum

from intercomd.domain.errors import MediaRefused
from intercomd.media.rtp import LEVEL_URI, SENT_AT_URI, Extensions

OPUS_TYPE = 111
RED_TYPE = 63
"""What we and browsers offer; redundant audio is taken under these types only."""

TEXT_BYTES_MAX = 64 * 1024
MEDIA_MAX = 34
CANDIDATES_MAX = 32

_LINES_MAX = 4096
_MEDIA = re.compile(r"audio [0-9]{1,5} UDP/TLS/RTP/SAVPF((?: [0-9]{1,3}){1,64})")
_MID = re.compile(r"[A-Za-z0-9_.+-]{1,32}")
_OPUS = re.compile(r"([0-9]{1,3}) opus/48000/2", re.IGNORECASE)
_EXTENSION = re.compile(r"([0-9]{1,2})(?:/[a-z]{1,8})? (\S{1,128})")
_SSRC = re.compile(r"([0-9]{1,10}) .*")
_FRAGMENT = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_FINGERPRINT = re.compile(r"(sha-256|sha-384|sha-512) ([0-9A-F]{2}(?::[0-9A-F]{2})+)")
_CANDIDATE = re.compile(
    r"([A-Za-z0-9+/]{1,32}) 1 udp ([0-9]{1,10}) (\S{2,64}) ([0-9]{1,5})"
    r" typ (host|srflx|relay)(?: .*)?",
    re.IGNORECASE,
)
_DIGEST_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_DYNAMIC_TYPES = range(96, 128)
_NAMED_IDS = range(1, 15)
_NACK = re.compile(r"(\*|[0-9]{1,3}) nack")


class Direction(Enum):
    """Who sends on an m-line, seen from the one who wrote it."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def mirrored(self) -> Direction:
        """The same, seen from the other side."""
        match self:
            case Direction.SENDONLY:
                return Direction.RECVONLY
            case Direction.RECVONLY:
                return Direction.SENDONLY
            case Direction.SENDRECV | Direction.INACTIVE:
                return self


class Setup(Enum):
    """Who opens DTLS (RFC 5763)."""

    ACTPASS = "actpass"
    ACTIVE = "active"
    PASSIVE = "passive"


@dataclass(frozen=True, slots=True)
class Media:
    """One m-line: a slot, or two where it is sendrecv."""

    mid: str
    direction: Direction
    payload_type: int
    ssrc: int | None
    extensions: Extensions
    nack: bool
    red: int | None = None


@dataclass(frozen=True, slots=True)
class Transport:
    """The one ICE and DTLS transport that all m-lines share."""

    fragment: str
    password: str
    fingerprints: tuple[str, ...]
    setup: Setup
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """An offer or an answer."""

    media: tuple[Media, ...]
    transport: Transport

    def __str__(self) -> str:
        """The description as text, with CRLF."""
        mids = " ".join(media.mid for media in self.media)
        lines = [
            "v=0",
            "o=- 0 0 IN IP4 0.0.0.0",
            "s=-",
            "t=0 0",
            f"a=group:BUNDLE {mids}",
        ]
        for media in self.media:
            lines += _media_lines(media)
            lines += _transport_lines(self.transport)
        return "".join(f"{line}\r\n" for line in lines)


def parse(text: str) -> Description:
    """Read an offer or answer; raises MediaRefused for what we cannot use.

    Host names among the candidates (mDNS) are left out: to resolve them would cost
    a second, and the other side's own checks reveal its address anyway.
    """
    session, sections = _split(text)
    if not 1 <= len(sections) <= MEDIA_MAX:
        raise MediaRefused(f"{len(sections)} m-lines, allowed are 1 to {MEDIA_MAX}")
    media = tuple(_parse_media(section) for section in sections)
    _check_together(session, media)
    return Description(media, _parse_transport(session, sections[0]))


@dataclass(frozen=True, slots=True)
class _Section:
    head: str
    attributes: tuple[tuple[str, str], ...]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.attributes)


def _split(text: str) -> tuple[_Section, list[_Section]]:
    if len(text) > TEXT_BYTES_MAX or not text.isascii():
        raise MediaRefused(f"more than {TEXT_BYTES_MAX} bytes or not ASCII")
    lines = re.split("\r?\n", text)
    if lines[0] != "v=0" or len(lines) > _LINES_MAX:
        raise MediaRefused("no session description")
    groups: list[tuple[str, list[tuple[str, str]]]] = [("", [])]
    for line in lines:
        if line.startswith("m="):
            groups.append((line[2:].strip(), []))
        elif line.startswith("a="):
            name, _, value = line[2:].strip().partition(":")
            groups[-1][1].append((name, value))
    session, *sections = [_Section(head, tuple(found)) for head, found in groups]
    return session, sections


def _parse_media(section: _Section) -> Media:
    head = _MEDIA.fullmatch(section.head)
    if head is None:
        raise MediaRefused(f"not audio over DTLS: m={section.head[:40]!r}")
    if not section.has("rtcp-mux"):
        raise MediaRefused("an m-line without rtcp-mux")
    payload_type = _parse_opus(section, head[1].split())
    nacks = [
        match[1] for match in map(_NACK.fullmatch, section.all("rtcp-fb")) if match
    ]
    return Media(
        mid=_only(section, "mid", _MID),
        direction=_parse_direction(section),
        payload_type=payload_type,
        ssrc=_parse_ssrc(section),
        extensions=_parse_extensions(section),
        nack=str(payload_type) in nacks or "*" in nacks,
        red=_parse_red(section, head[1].split(), payload_type),
    )


def _parse_opus(section: _Section, listed: list[str]) -> int:
    for value in section.all("rtpmap"):
        match = _OPUS.fullmatch(value)
        if match and match[1] in listed and int(match[1]) in _DYNAMIC_TYPES:
            return int(match[1])
    raise MediaRefused("an m-line without opus/48000/2 under a type of 96 to 127")


def _parse_red(section: _Section, listed: list[str], opus: int) -> int | None:
    is_offered = (
        str(RED_TYPE) in listed
        and f"{RED_TYPE} red/48000/2" in map(str.lower, section.all("rtpmap"))
        and f"{RED_TYPE} {opus}/{opus}" in section.all("fmtp")
    )
    return RED_TYPE if is_offered and opus == OPUS_TYPE else None


def _parse_direction(section: _Section) -> Direction:
    found = [each for each in Direction if section.has(each.value)]
    if len(found) > 1:
        raise MediaRefused("an m-line with two directions")
    return found[0] if found else Direction.SENDRECV


def _parse_ssrc(section: _Section) -> int | None:
    for value in section.all("ssrc"):
        match = _SSRC.fullmatch(value)
        if match is None or not 0 < int(match[1]) < 1 << 32:
            raise MediaRefused("a malformed SSRC")
        return int(match[1])
    return None


def _parse_extensions(section: _Section) -> Extensions:
    ids: dict[str, int] = {}
    for value in section.all("extmap"):
        match = _EXTENSION.fullmatch(value)
        if match and int(match[1]) in _NAMED_IDS:
            ids.setdefault(match[2], int(match[1]))
    level, sent_at = ids.get(LEVEL_URI, 0), ids.get(SENT_AT_URI, 0)
    if level and level == sent_at:
        raise MediaRefused("two header extensions with one ID")
    return Extensions(level, sent_at)


def _check_together(session: _Section, media: tuple[Media, ...]) -> None:
    mids = [each.mid for each in media]
    if len(set(mids)) != len(mids):
        raise MediaRefused("two m-lines with one mid")
    ssrcs = [each.ssrc for each in media if each.ssrc is not None]
    if len(set(ssrcs)) != len(ssrcs):
        raise MediaRefused("two m-lines with one SSRC")
    bundles = [value.split() for value in session.all("group")]
    if len(mids) > 1 and ["BUNDLE", *mids] not in bundles:
        raise MediaRefused("the m-lines are not one bundle")
    if all(each.direction is Direction.INACTIVE for each in media):
        raise MediaRefused("no m-line sends or receives")


def _parse_transport(session: _Section, first: _Section) -> Transport:
    """Of the first m-line, which speaks for its bundle, or else of the session."""
    both = _Section("", first.attributes + session.attributes)
    setup = both.all("setup")[:1]
    if setup not in [[each.value] for each in Setup]:
        raise MediaRefused("no DTLS role")
    fingerprints = tuple(
        dict.fromkeys(filter(None, map(_digest, both.all("fingerprint"))))
    )
    if not fingerprints:
        raise MediaRefused("no fingerprint of sha-256, sha-384 or sha-512")
    candidates = [_numeric(value) for value in both.all("candidate")[:CANDIDATES_MAX]]
    return Transport(
        fragment=_only(both, "ice-ufrag", _FRAGMENT),
        password=_only(both, "ice-pwd", _PASSWORD),
        fingerprints=fingerprints,
        setup=Setup(setup[0]),
        candidates=tuple(value for value in candidates if value is not None),
    )


def _digest(value: str) -> str | None:
    algorithm, _, digits = value.strip().partition(" ")
    value = f"{algorithm.lower()} {digits.upper()}"
    match = _FINGERPRINT.fullmatch(value)
    if match is None or match[2].count(":") + 1 != _DIGEST_BYTES[match[1]]:
        return None
    return value


def _numeric(value: str) -> str | None:
    """The candidate, shortened, if it names an address that can be sent to."""
    match = _CANDIDATE.fullmatch(value)
    if match is None:
        return None
    foundation, priority, host, port, kind = match.groups()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    usable = not (address.is_multicast or address.is_unspecified)
    if not usable or not 0 < int(port) < 1 << 16 or int(priority) >= 1 << 32:
        return None
    return f"{foundation} 1 udp {priority} {address} {port} typ {kind.lower()}"


def _only(section: _Section, name: str, pattern: re.Pattern[str]) -> str:
    value = next(iter(section.all(name)), "").strip()
    if not pattern.fullmatch(value):
        raise MediaRefused(f"no usable a={name}")
    return value


def _media_lines(media: Media) -> list[str]:
    kind = media.payload_type
    # A browser sends what comes first (and aiortc goes by the order of the rtpmaps):
    # redundant audio, where there is any.
    redundant = [] if media.red is None else _red_lines(media.red, kind)
    kinds = f"{kind}" if media.red is None else f"{media.red} {kind}"
    lines = [
        f"m=audio 9 UDP/TLS/RTP/SAVPF {kinds}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=rtcp-mux",
        f"a=mid:{media.mid}",
        f"a={media.direction.value}",
        *redundant,
        f"a=rtpmap:{kind} opus/48000/2",
        f"a=fmtp:{kind} minptime=10;useinbandfec=1",
    ]
    if media.nack:
        lines.append(f"a=rtcp-fb:{kind} nack")
    if media.extensions.level:
        lines.append(f"a=extmap:{media.extensions.level} {LEVEL_URI}")
    if media.extensions.sent_at:
        lines.append(f"a=extmap:{media.extensions.sent_at} {SENT_AT_URI}")
    if media.ssrc is not None:
        lines.append(f"a=ssrc:{media.ssrc} cname:-")
    return lines


def _red_lines(red: int, kind: int) -> list[str]:
    return [f"a=rtpmap:{red} red/48000/2", f"a=fmtp:{red} {kind}/{kind}"]


def _transport_lines(transport: Transport) -> list[str]:
    """The end of candidates is declared of an answer only, and if there are any.

    Who answers an offer may be reached from an address that is not in it (mDNS, NAT):
    with the end declared, aioice would give up before that check arrives.
    """
    is_all = transport.candidates and transport.setup is not Setup.ACTPASS
    return [
        f"a=ice-ufrag:{transport.fragment}",
        f"a=ice-pwd:{transport.password}",
        *(f"a=fingerprint:{value}" for value in transport.fingerprints),
        f"a=setup:{transport.setup.value}",
        *(f"a=candidate:{value}" for value in transport.candidates),
        *(["a=end-of-candidates"] if is_all else []),
    ]

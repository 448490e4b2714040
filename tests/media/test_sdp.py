"""Descriptions: ours, Chromium's, and hostile ones."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercomd.domain.errors import MediaRefused
from intercomd.media import sdp
from intercomd.media.rtp import LEVEL_URI, SENT_AT_URI, Extensions
from intercomd.media.sdp import Direction, Setup

FINGERPRINT = "sha-256 " + ":".join(["AB"] * 32)


def section(index: int, direction: str) -> list[str]:
    """An m-line as Chromium writes it, shortened."""
    return [
        f"m=audio {9 if index == 0 else 0} UDP/TLS/RTP/SAVPF 111 63 0",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2113937151 0f-1a.local 50000 typ host generation 0",
        "a=candidate:2 1 udp 2113937151 192.0.2.7 50001 typ host generation 0",
        "a=candidate:3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:" + "x" * 24,
        "a=ice-options:trickle",
        f"a=fingerprint:{FINGERPRINT}",
        "a=setup:actpass",
        f"a=mid:{index}",
        f"a=extmap:1 {LEVEL_URI}",
        f"a=extmap:2/sendrecv {SENT_AT_URI}",
        "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
        f"a={direction}",
        "a=rtcp-mux",
        "a=rtpmap:111 opus/48000/2",
        "a=rtcp-fb:111 transport-cc",
        "a=rtcp-fb:111 nack",
        "a=fmtp:111 minptime=10;useinbandfec=1",
        "a=rtpmap:63 red/48000/2",
        "a=fmtp:63 111/111",
        "a=rtpmap:0 PCMU/8000",
        f"a=ssrc:{1000 + index} cname:x",
        f"a=ssrc:{1000 + index} msid:- t",
    ]


def offer(*directions: str, group: str | None = None) -> str:
    mids = " ".join(str(index) for index in range(len(directions)))
    lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    lines.append(group or f"a=group:BUNDLE {mids}")
    for index, direction in enumerate(directions):
        lines += section(index, direction)
    return "\r\n".join([*lines, ""])


def test_browser_offer_is_read() -> None:
    read = sdp.parse(offer("sendonly", *["recvonly"] * 8))
    assert [media.mid for media in read.media] == list("012345678")
    assert read.media[0] == sdp.Media(
        mid="0",
        direction=Direction.SENDONLY,
        payload_type=111,
        ssrc=1000,
        extensions=Extensions(level=1, sent_at=2),
        nack=True,
        red=63,
    )
    assert read.transport == sdp.Transport(
        fragment="abcd",
        password="x" * 24,
        fingerprints=(FINGERPRINT,),
        setup=Setup.ACTPASS,
        candidates=("2 1 udp 2113937151 192.0.2.7 50001 typ host",),
    )


def test_what_is_written_reads_the_same() -> None:
    read = sdp.parse(offer("sendonly", "recvonly", "sendrecv", "inactive"))
    assert sdp.parse(str(read)) == read


def test_nothing_unchecked_is_written() -> None:
    text = str(
        sdp.parse(offer("sendonly").replace("a=rtcp-mux", "a=rtcp-mux\r\na=x:y"))
    )
    assert "a=x:y" not in text
    assert "PCMU" not in text
    assert ".local" not in text


def test_redundant_audio_comes_first_where_it_is_known() -> None:
    text = str(sdp.parse(offer("sendonly")))
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n" in text
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in text


@pytest.mark.parametrize(
    ("known", "other"),
    [
        ("111 63 0", "111 0"),
        ("red/48000/2", "red/8000"),
        ("a=fmtp:63 111/111", "a=fmtp:63 0/0"),
        ("a=fmtp:63 111/111", "a=x:y"),
    ],
)
def test_redundant_audio_of_another_kind_is_not_used(known: str, other: str) -> None:
    read = sdp.parse(offer("sendonly").replace(known, other))
    assert read.media[0].red is None
    assert "red/" not in str(read)


def test_an_offer_may_be_reached_from_addresses_that_are_not_in_it() -> None:
    assert "a=end-of-candidates" not in str(sdp.parse(offer("sendonly")))


def test_an_answer_holds_all_its_addresses_unless_it_has_none() -> None:
    answer = offer("sendonly").replace("actpass", "active")
    assert "a=end-of-candidates" in str(sdp.parse(answer))
    hidden = answer.replace("192.0.2.7", "0f-1b.local")
    assert "a=end-of-candidates" not in str(sdp.parse(hidden))


def test_fingerprint_may_stand_for_the_whole_session() -> None:
    text = offer("sendonly")
    line = f"a=fingerprint:{FINGERPRINT}\r\n"
    moved = text.replace(line, "").replace("t=0 0\r\n", "t=0 0\r\n" + line)
    assert sdp.parse(moved).transport.fingerprints == (FINGERPRINT,)


@pytest.mark.parametrize("address", ["224.0.0.251", "0.0.0.0", "::", "no.such.host"])
def test_candidate_that_cannot_be_sent_to_is_left_out(address: str) -> None:
    assert not sdp.parse(
        offer("sendonly").replace("192.0.2.7", address)
    ).transport.candidates


@pytest.mark.parametrize(
    ("found", "replacement"),
    [
        ("v=0", "v=1"),
        ("m=audio 9", "m=video 9"),
        ("UDP/TLS/RTP/SAVPF", "RTP/AVP"),
        ("111 63 0", "111 63 999999"),
        ("opus/48000/2", "opus/16000/1"),
        ("a=rtpmap:111 opus", "a=rtpmap:110 opus"),
        ("a=rtcp-mux", "a=x"),
        ("a=mid:0", "a=mid:"),
        ("a=mid:0", "a=mid:" + "m" * 33),
        ("a=mid:1", "a=mid:0"),
        ("a=ssrc:1001", "a=ssrc:1000"),
        ("a=ssrc:1000", "a=ssrc:99999999999"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a"),
        ("a=ice-pwd:xxx", "a=ice-pwd:\x01xx"),
        ("a=setup:actpass", "a=setup:holdconn"),
        ("sha-256", "sha-1"),
        ("AB:AB", "AB"),
        ("BUNDLE 0 1", "BUNDLE 0"),
        ("a=sendonly", "a=sendonly\r\na=recvonly"),
        (f"a=extmap:1 {LEVEL_URI}", f"a=extmap:2 {LEVEL_URI}"),
        ("s=-", "s=\u2603"),
    ],
)
def test_unusable_offer_is_refused(found: str, replacement: str) -> None:
    text = offer("sendonly", "recvonly")
    assert found in text
    with pytest.raises(MediaRefused):
        sdp.parse(text.replace(found, replacement))


def test_offer_in_which_nobody_sends_is_refused() -> None:
    with pytest.raises(MediaRefused, match="sends or receives"):
        sdp.parse(offer("inactive", "inactive"))


def test_35_m_lines_are_refused() -> None:
    assert len(sdp.parse(offer(*["recvonly"] * 32)).media) == 32
    with pytest.raises(MediaRefused, match="35 m-lines"):
        sdp.parse(offer(*["recvonly"] * 35))


def test_more_than_64_kib_are_refused() -> None:
    with pytest.raises(MediaRefused, match="65536 bytes"):
        sdp.parse(offer("sendonly") + "a=" + "x" * 65_536)


@given(st.text(max_size=400))
def test_random_text_is_refused(text: str) -> None:
    with pytest.raises(MediaRefused):
        sdp.parse(text)


def mutations() -> st.SearchStrategy[str]:
    """A good offer with a few of its pieces replaced, doubled or dropped."""
    pieces = re.split(r"([ :/\r\n]+)", offer("sendonly", "recvonly"))
    junk = st.sampled_from(
        ["", "0", "-1", "9" * 30, "a=", "m=audio", "\n", "*", "::", "É", "%s"]
    )

    def mutate(changes: list[tuple[int, str]]) -> str:
        mutated = list(pieces)
        for at, text in changes:
            mutated[at % len(mutated)] = text
        return "".join(mutated)

    changes = st.tuples(st.integers(0, len(pieces)), junk | st.sampled_from(pieces))
    return st.lists(changes, min_size=1, max_size=6).map(mutate)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(mutations())
def test_damaged_offer_is_read_or_refused(text: str) -> None:
    try:
        read = sdp.parse(text)
    except MediaRefused:
        return
    assert sdp.parse(str(read)) == read

"""Opus through libopus: sound, guesses, and payloads from hostile hands."""

from __future__ import annotations

import ctypes
import gc
import resource

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.audio import FRAME_BYTES, SILENCE
from intercomd.domain.errors import LibraryMissing, PacketMalformed
from intercomd.media import opus
from intercomd.media.opus import (
    Application,
    Decoder,
    Encoder,
    carries_copy,
    packet_samples,
)


def tone(ms: int, *, start: int = 0, hz: float = 440.0) -> bytes:
    """A sine at a third of full scale."""
    at = (np.arange(ms * 48) + start) / 48_000
    return (10_000 * np.sin(2 * np.pi * hz * at)).astype(np.int16).tobytes()


def rms(pcm: bytes) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(pcm, np.int16).astype(float) ** 2)))


@pytest.mark.parametrize("application", Application)
@pytest.mark.parametrize("ms", [10, 20])
def test_tone_comes_out_as_loud_as_it_went_in(
    application: Application, ms: int
) -> None:
    encoder, decoder = Encoder(application=application), Decoder()
    frames = [tone(ms, start=count * ms * 48) for count in range(20)]
    heard = [decoder.decode(encoder.encode(frame)) for frame in frames]
    assert len(heard[-1]) == len(frames[-1])
    assert rms(heard[-1]) == pytest.approx(rms(frames[-1]), rel=0.1)


def test_low_delay_at_48_kbps_takes_60_bytes_a_frame() -> None:
    encoder = Encoder()
    sizes = [len(encoder.encode(tone(10, start=480 * n))) for n in range(100)]
    assert np.mean(sizes) == pytest.approx(60, abs=15)


def test_silence_takes_little_at_any_bitrate_and_right_after_sound() -> None:
    encoder, decoder = Encoder(bitrate_bps=96_000), Decoder()
    for count in range(20):
        decoder.decode(encoder.encode(tone(10, start=480 * count)))
    payloads = [encoder.encode(SILENCE) for _ in range(20)]
    assert max(map(len, payloads)) <= 40
    heard = [decoder.decode(payload) for payload in payloads]
    assert max(map(rms, heard[1:])) < 100  # -50 dBFS; the first ends the tone


def test_frame_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="not 10, 20, 40 or 60 ms"):
        Encoder().encode(bytes(FRAME_BYTES - 2))


def test_bitrate_libopus_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="setting -5 refused"):
        Encoder(bitrate_bps=-5)


def test_guess_continues_the_sound() -> None:
    encoder, decoder = Encoder(), Decoder()
    frames = [tone(10, start=480 * count) for count in range(10)]
    heard = [decoder.decode(encoder.encode(frame)) for frame in frames]
    guess = decoder.conceal(480)
    assert len(guess) == FRAME_BYTES
    assert rms(guess) > 0.5 * rms(heard[-1])


def test_guess_at_nothing_is_silence() -> None:
    assert rms(Decoder().conceal(480)) < 2


def test_reset_decoder_has_forgotten() -> None:
    decoder = Decoder()
    decoder.decode(Encoder().encode(tone(10)))
    decoder.reset()
    assert rms(decoder.conceal(480)) < 2


@pytest.mark.parametrize(("toc", "ms"), [(0xF0, 10), (0xF8, 20), (0x10, 40)])
def test_payload_says_how_long_it_lasts(toc: int, ms: int) -> None:
    assert packet_samples(bytes((toc, 0, 0))) == ms * 48


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\x03", b"\xfb\x3f"])
def test_garbage_has_no_length(payload: bytes) -> None:
    with pytest.raises(PacketMalformed):
        packet_samples(payload)


def test_empty_payload_is_no_sound() -> None:
    with pytest.raises(PacketMalformed):
        Decoder().decode(b"")


@given(payload=st.binary(max_size=300))
def test_hostile_payload_is_decoded_or_refused(payload: bytes) -> None:
    try:
        samples = packet_samples(payload)
        assert len(Decoder().decode(payload)) == 2 * samples
    except PacketMalformed:
        pass


def test_closing_twice_is_allowed() -> None:
    for part in (Encoder(), Decoder()):
        part.close()
        part.close()


def test_contexts_are_freed() -> None:
    for _ in range(50):
        Encoder(), Decoder()
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(500):
        Encoder(), Decoder()
    gc.collect()
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kb < 4_000  # leaked, they would hold more than 20 MB


def test_missing_library_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def not_found(name: str) -> ctypes.CDLL:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", not_found)
    opus._library.cache_clear()
    try:
        with pytest.raises(LibraryMissing, match="apt-get install libopus0"):
            Decoder()
    finally:
        opus._library.cache_clear()


def voip_payloads(ms: int = 20) -> list[bytes]:
    encoder = Encoder(application=Application.VOIP, bitrate_bps=32_000)
    return [encoder.encode(tone(ms, start=48 * ms * n, hz=180)) for n in range(20)]


def test_low_delay_payload_carries_no_copy_a_voip_one_does() -> None:
    assert not carries_copy(Encoder().encode(tone(10)))
    assert all(carries_copy(payload) for payload in voip_payloads()[2:])
    assert not carries_copy(b"")
    assert not carries_copy(b"\x08")


def test_lost_packet_is_nearer_to_the_original_from_its_copy_than_by_guess() -> None:
    payloads = voip_payloads()
    whole, recovering, guessing = Decoder(), Decoder(), Decoder()
    for payload in payloads[:9]:
        for decoder in (whole, recovering, guessing):
            decoder.decode(payload)
    right = np.frombuffer(whole.decode(payloads[9]), np.int16).astype(float)
    copy = np.frombuffer(recovering.recover(payloads[10], 960), np.int16)
    guess = np.frombuffer(guessing.conceal(960), np.int16)
    assert len(copy) == 960
    assert np.std(right - copy) < 0.3 * np.std(right)
    assert np.std(right - copy) < np.std(right - guess)


@pytest.mark.parametrize("configuration", range(32))
def test_length_of_one_frame_is_what_the_library_says(configuration: int) -> None:
    frame = bytes((configuration << 3, 0))
    one_of_one = bytes((configuration << 3 | 3, 1, 0))  # the long way to say the same
    assert packet_samples(frame) == packet_samples(one_of_one)

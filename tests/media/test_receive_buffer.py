"""The jitter buffer against clean, jittery, lossy and drifting lines."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercomd.domain.audio import FRAME_BYTES
from intercomd.media.concealment import GUESSES_MAX
from intercomd.media.delay_control import MARGIN_S
from intercomd.media.level import rms_dbov
from intercomd.media.opus import Application, Decoder, Encoder
from intercomd.media.packet import Packet
from intercomd.media.packet_queue import PACKETS_MAX, SAMPLES_MAX
from intercomd.media.receive_buffer import ReceiveBuffer
from intercomd.media.transit import SPREAD_MAX_S
from tests.media.line import NumberingDecoder, Pulled, number_at_end, numbered, run
from tests.media.test_opus import tone

WAITED_S_MAX = SAMPLES_MAX / 48_000 + SPREAD_MAX_S + 0.1
"""Half a second of sound, the wait for the slow ones, a packet of 60 ms, and frames."""

MARGIN_MS = 1000 * MARGIN_S
Arrivals = list[tuple[float, Packet]]


def make_buffer() -> ReceiveBuffer:
    return ReceiveBuffer(NumberingDecoder())


def steady(
    seconds: float,
    *,
    ms: int = 10,
    jitter_s: float = 0.0,
    loss: float = 0.0,
    stretch: float = 1.0,
    seed: int = 1,
) -> Arrivals:
    """A stream that arrives in real time, each packet late by up to `jitter_s`."""
    dice = random.Random(seed)
    return [
        (n * ms / 1000 * stretch + dice.random() * jitter_s, numbered(n, ms=ms))
        for n in range(int(seconds * 1000 / ms))
        if dice.random() >= loss
    ]


def since_start(pulled: Iterable[Pulled]) -> list[Pulled]:
    """All pulls from the first that gave sound."""
    found = list(pulled)
    return found[next(n for n, each in enumerate(found) if each.frame is not None) :]


def assert_all_accounted_for(buffer: ReceiveBuffer) -> None:
    stats = buffer.stats
    ends = stats.played + stats.late + stats.duplicate + stats.dropped
    assert stats.received == ends + buffer.waiting


@pytest.mark.parametrize("ms", [10, 20, 40, 60])
@pytest.mark.parametrize("phase", [0.0001, 0.0025, 0.005, 0.0075, 0.0099])
def test_clean_line_waits_for_the_next_pull_and_no_longer(
    ms: int, phase: float
) -> None:
    """Sound is pulled in frames: up to 10 ms, by where the two clocks stand."""
    buffer = make_buffer()
    heard = since_start(run(buffer, steady(20, ms=ms), until=20, phase=phase))
    assert all(each.frame is not None for each in heard)
    assert all(MARGIN_MS <= each.delay_ms <= 14 for each in heard[600:])
    assert buffer.stats.concealed == 0
    assert buffer.stats.shortened_ms + buffer.stats.lengthened_ms <= 10


@pytest.mark.parametrize("ms", [10, 20, 60])
def test_little_jitter_costs_little_delay_and_no_gap(ms: int) -> None:
    buffer = make_buffer()
    pulled = run(buffer, steady(30, ms=ms, jitter_s=0.005), until=30)
    heard = since_start(pulled)
    assert all(each.frame is not None for each in heard)
    assert all(each.delay_ms <= 20 for each in heard[600:])
    assert buffer.stats.concealed <= 1


def test_jitter_is_waited_for_within_few_packets_and_forgotten_in_seconds() -> None:
    buffer = make_buffer()
    calm = steady(30)
    rough = steady(30, jitter_s=0.06)
    arrivals = [rough[n] if 1_000 <= n < 1_500 else calm[n] for n in range(len(calm))]
    pulled = run(buffer, arrivals, until=29)
    assert all(each.delay_ms <= 12 for each in pulled if 6 < each.at < 10)
    assert [each for each in pulled if 10.0 <= each.at <= 10.5][-1].delay_ms > 20
    tail = [each.frame for each in pulled if 11 < each.at < 15]
    guessed = sum(number_at_end(frame or b"\0\0") < 0 for frame in tail)
    assert guessed <= 0.04 * len(tail)
    assert all(each.delay_ms <= 12 for each in pulled if each.at > 21)


@pytest.mark.parametrize(("ppm", "minutes"), [(-500, 30), (500, 10)])
def test_half_an_hour_of_drifting_clocks_adds_no_delay(ppm: int, minutes: int) -> None:
    """500 ppm are 900 ms in that time. Below 0 the sender is the faster one."""
    buffer = make_buffer()
    arrivals = steady(60 * minutes, ms=20, jitter_s=0.002, stretch=1 + ppm * 1e-6)
    pulled = since_start(run(buffer, arrivals, until=60 * minutes - 1))
    assert all(each.frame is not None for each in pulled)
    assert all(each.delay_ms <= 24 for each in pulled[500:])
    first, last = (
        mean(each.delay_ms for each in pulled[start : start + 12_000])
        for start in (500, -12_500)
    )
    assert last - first <= 5
    stats = buffer.stats
    assert stats.late == stats.dropped == 0
    assert stats.concealed <= 5
    drift_ms = 60 * minutes * ppm / 1000
    assert stats.lengthened_ms + 10 * stats.concealed - stats.shortened_ms == (
        pytest.approx(drift_ms, abs=20)
    )


def test_one_lost_packet_is_one_guess_and_no_delay() -> None:
    buffer = make_buffer()
    arrivals = [each for each in steady(6) if each[1].sequence != 500]
    heard = since_start(run(buffer, arrivals, until=6))
    assert buffer.stats.concealed == 1
    assert all(each.frame is not None for each in heard)
    assert heard[-1].delay_ms == pytest.approx(heard[480].delay_ms, abs=0.1)


def test_5_percent_loss_makes_no_gap_and_no_delay() -> None:
    buffer = make_buffer()
    pulled = run(buffer, steady(60, loss=0.05, jitter_s=0.003), until=60)
    heard = since_start(pulled)
    assert all(each.frame is not None for each in heard)
    assert all(each.delay_ms <= 18 for each in heard[600:])
    assert longest_guess(heard) <= 5


def with_copies(arrivals: Arrivals, back: int) -> Arrivals:
    """What is left of a stream that repeats every packet so many packets later."""
    come = {packet.sequence for _, packet in arrivals}
    left: Arrivals = []
    for at, packet in arrivals:
        number = packet.sequence - back
        if number >= 0 and number not in come:
            left.append((at, replace(numbered(number), is_redundant=True)))
        left.append((at, packet))
    return left


@pytest.mark.parametrize("back", [1, 2, 3])
def test_copies_are_waited_for_as_long_as_they_are_needed(back: int) -> None:
    buffer = make_buffer()
    lossy = with_copies(steady(20, loss=0.1), back)
    clean = [each for each in steady(40) if each[0] >= 20]
    pulled = run(buffer, lossy + clean, until=40)
    held = [each for each in pulled if 5 < each.at < 20]
    guessed = sum(number_at_end(each.frame or b"\0\0") < 0 for each in held)
    assert guessed <= 0.025 * len(held)
    assert mean(each.delay_ms for each in held) == pytest.approx(10 * back + 4, abs=7)
    assert all(each.delay_ms <= 14 for each in pulled if each.at > 29)
    assert buffer.stats.recovered > 100
    assert_all_accounted_for(buffer)


def test_copy_that_comes_after_its_original_is_a_duplicate() -> None:
    buffer = make_buffer()
    buffer.put(numbered(0), 0.0)
    buffer.put(replace(numbered(0), is_redundant=True), 0.01)
    assert buffer.stats.duplicate == 1
    assert_all_accounted_for(buffer)


@pytest.mark.parametrize("lost", [2, 5])
def test_lost_packet_is_played_from_the_fec_in_the_next(lost: int) -> None:
    """SILK at 32 kbit/s, and the next packet is there when its turn comes."""
    sound = np.frombuffer(tone(400, hz=180), np.int16)
    frames = [sound[at : at + 960].tobytes() for at in range(0, 19_200, 960)]
    encoder = Encoder(application=Application.VOIP, bitrate_bps=32_000)
    packets = [
        Packet(n, 960 * n, encoder.encode(frame)) for n, frame in enumerate(frames)
    ]
    buffer = ReceiveBuffer(Decoder(), first_wait_ms=30)
    run(
        buffer,
        [(n / 50, each) for n, each in enumerate(packets) if n != 10 + lost],
        until=0.4,
    )
    assert buffer.stats.recovered == 1
    assert buffer.stats.concealed == 0


def longest_guess(heard: list[Pulled]) -> int:
    """The most frames in a row that are guessed or missing."""
    longest = current = 0
    for each in heard:
        is_real = each.frame is not None and number_at_end(each.frame) >= 0
        current = 0 if is_real else current + 1
        longest = max(longest, current)
    return longest


def test_lost_packet_while_nothing_else_waits_adds_no_delay() -> None:
    """The guess is made before it is known that the packet is lost, not late."""
    buffer = make_buffer()
    arrivals = [each for each in steady(6) if each[1].sequence not in (500, 501)]
    heard = since_start(run(buffer, arrivals, until=6))
    assert buffer.stats.concealed == 2
    assert heard[-1].delay_ms == pytest.approx(heard[480].delay_ms, abs=0.1)


def test_late_packet_is_played_when_nothing_else_was() -> None:
    buffer = make_buffer()
    arrivals = steady(2)
    arrivals = [(at + 0.04 if 1 <= at < 1.2 else at, packet) for at, packet in arrivals]
    run(buffer, arrivals, until=2)
    assert buffer.stats.late == 0
    assert buffer.stats.concealed >= 1


def test_stall_ends_in_silence_and_then_nothing_of_it_is_skipped() -> None:
    buffer = make_buffer()
    arrivals = [(2.4 if 2.0 < at < 2.4 else at, packet) for at, packet in steady(6)]
    pulled = run(buffer, arrivals, until=6)
    stalled = [each for each in pulled if 2.15 < each.at < 2.4]
    assert all(each.frame is None for each in stalled)
    after = [each for each in pulled if each.at > 2.43]
    assert all(each.frame is not None for each in after)
    assert all(each.delay_ms <= 14 for each in after if each.at > 4.5)
    assert buffer.stats.late == buffer.stats.dropped == 0
    assert 380 <= buffer.stats.shortened_ms <= 420


def test_pre_roll_is_heard_whole_and_caught_up_within_a_second() -> None:
    """300 ms of talk come at once, and no packet is lost; then real time."""
    buffer = make_buffer()
    arrivals = [(max(0.3, at), packet) for at, packet in steady(4)]
    heard = since_start(run(buffer, arrivals, until=4))
    assert heard[0].at < 0.32
    assert buffer.stats.dropped == buffer.stats.late == buffer.stats.concealed == 0
    assert all(each.delay_ms <= 25 for each in heard if each.at > 1.3)
    assert 250 <= buffer.stats.shortened_ms <= 310


def test_every_spurt_with_pre_roll_begins_at_once() -> None:
    buffer = make_buffer()
    spurts = [
        (max(start + 0.3, start + at), numbered(n, first_timestamp=int(start * 48_000)))
        for start in (0.0, 5.0, 10.0, 15.0)
        for n, (at, _) in enumerate(steady(2))
    ]
    pulled = run(buffer, spurts, until=18)
    for start in (0.0, 5.0, 10.0, 15.0):
        first = next(
            each for each in pulled if each.at > start + 0.3 and each.frame is not None
        )
        assert first.at < start + 0.325
    assert buffer.stats.played == 800
    assert buffer.stats.late == buffer.stats.dropped == 0


def test_path_that_becomes_50_ms_shorter_is_followed_within_seconds() -> None:
    buffer = make_buffer()
    arrivals = [(at + 0.05 if at < 8 else at, packet) for at, packet in steady(20)]
    pulled = run(buffer, arrivals, until=20)
    assert all(each.delay_ms <= 14 for each in pulled if each.at > 14)
    assert buffer.stats.dropped == buffer.stats.late == 0


def test_path_that_becomes_50_ms_longer_is_followed_at_once() -> None:
    buffer = make_buffer()
    arrivals = [(at + 0.05 if at >= 8 else at, packet) for at, packet in steady(20)]
    pulled = run(buffer, arrivals, until=20)
    assert all(each.frame is not None for each in since_start(pulled))
    assert all(each.delay_ms <= 20 for each in pulled if each.at > 9)
    assert buffer.stats.dropped == buffer.stats.late == 0
    assert buffer.stats.concealed <= 6


def test_guesses_fade_and_then_there_is_nothing() -> None:
    encoder, decoder = Encoder(), Decoder()
    buffer = ReceiveBuffer(decoder)
    arrivals = [
        (n / 100, Packet(n, 480 * n, encoder.encode(tone(10, start=480 * n))))
        for n in range(50)
    ]
    pulled = run(buffer, arrivals, until=1)
    last = max(n for n, each in enumerate(pulled) if each.frame is not None)
    peaks = [
        int(np.abs(np.frombuffer(each.frame or b"\0\0", np.int16)).max())
        for each in pulled[last - GUESSES_MAX : last + 1]
    ]
    assert peaks[0] > 8_000
    assert peaks[2] > 4_000
    assert peaks[-1] < peaks[-2] < peaks[-3]
    tail = np.frombuffer(pulled[last].frame or b"", np.int16)
    assert abs(int(tail[-1])) < 300
    assert buffer.stats.concealed == 0


def noisy(frames: int, *, gain: float = 0.002) -> list[bytes]:
    """A tone that pauses now and then, over noise of -54 dBov."""
    noise = np.random.default_rng(3).normal(0, 32768 * gain, 480 * frames)
    sound = np.frombuffer(tone(10 * frames), np.int16) * 1.0
    sound *= (np.arange(sound.size) // 4800) % 4 != 0
    pcm = (sound + noise).astype(np.int16)
    return [pcm[at : at + 480].tobytes() for at in range(0, pcm.size, 480)]


def test_long_gap_is_filled_with_the_background_then_it_ends() -> None:
    encoder = Encoder()
    buffer = ReceiveBuffer(Decoder())
    arrivals = [
        (n / 100, Packet(n, 480 * n, encoder.encode(frame)))
        for n, frame in enumerate(noisy(200))
    ]
    run(buffer, arrivals, until=2)
    gap = [buffer.pull(2 + n / 100) for n in range(300)]
    levels = [rms_dbov(frame or bytes(960)) for frame in gap[10:150]]
    assert all(52 <= level <= 60 for level in levels)
    assert gap[-1] is None


def test_stream_that_ended_or_fell_silent_leaves_no_noise() -> None:
    for silence in (0, 3):
        encoder = Encoder()
        buffer = ReceiveBuffer(Decoder())
        frames = noisy(100) + [bytes(960)] * silence
        arrivals = [
            (n / 100, Packet(n, 480 * n, encoder.encode(frame), level=level))
            for n, frame in enumerate(frames)
            for level in (20 if n < 100 else 127,)
        ]
        run(buffer, arrivals, until=1.03)
        if not silence:
            buffer.end()
        assert [buffer.pull(2.0 + n / 100) for n in range(10)][-1] is None


def test_pause_of_the_sender_restarts_with_the_same_delay() -> None:
    buffer = make_buffer()
    arrivals = [each for each in steady(6) if not 2.0 <= each[0] < 4.0]
    pulled = run(buffer, arrivals, until=6)
    assert all(each.frame is None for each in pulled if 2.2 < each.at < 4.0)
    after = [each for each in pulled if each.at > 4.04]
    assert all(each.frame is not None for each in after)
    assert all(each.delay_ms <= 14 for each in after)
    assert buffer.stats.late == buffer.stats.dropped == 0


def test_stream_that_begins_anew_is_heard_after_two_packets() -> None:
    buffer = make_buffer()
    old = [(n / 100, numbered(n, first_timestamp=1_000_000_000)) for n in range(100)]
    new = [(1 + n / 100, numbered(n)) for n in range(100)]
    pulled = run(buffer, old + new, until=2)
    assert buffer.stats.resets == 1
    assert all(each.frame is not None for each in pulled if each.at > 1.1)
    assert_all_accounted_for(buffer)


def test_stream_that_jumps_ahead_is_followed_without_a_gap() -> None:
    buffer = make_buffer()
    ahead = [
        (1 + n / 100, numbered(n, first_timestamp=1_000_000_000)) for n in range(100)
    ]
    pulled = since_start(run(buffer, steady(1) + ahead, until=2))
    assert all(each.frame is not None and each.delay_ms <= 30 for each in pulled)


def test_reset_forgets_what_waited() -> None:
    buffer = make_buffer()
    run(buffer, steady(1), until=1)
    buffer.reset()
    assert buffer.pull(1.0) is None
    assert buffer.waiting == 0
    assert_all_accounted_for(buffer)


def test_numbers_wrap_in_mid_stream() -> None:
    buffer = make_buffer()
    arrivals = [
        (
            n / 100,
            numbered(n, first_timestamp=(1 << 32) - 480 * 50, first_sequence=65500),
        )
        for n in range(200)
    ]
    heard = since_start(run(buffer, arrivals, until=2))
    numbers = [number_at_end(each.frame or b"") for each in heard[:190]]
    assert numbers == sorted(numbers)
    assert buffer.stats.concealed == buffer.stats.late == buffer.stats.dropped == 0


def test_pulled_frame_says_which_packet_began_in_it() -> None:
    buffer = make_buffer()
    buffer.put(numbered(0, ms=20), 0.0)
    assert buffer.pull(0.005) is None
    assert buffer.began is None
    assert buffer.pull(0.015) is not None
    assert buffer.began == (numbered(0, ms=20), 0.0)
    assert buffer.pull(0.025) is not None
    assert buffer.began is None


def test_hostile_payload_is_dropped_and_guessed_over() -> None:
    buffer = ReceiveBuffer(Decoder())
    encoder = Encoder()
    for n in range(10):
        payload = b"\xff\x80" if n == 5 else encoder.encode(tone(10))
        buffer.put(Packet(n, 480 * n, payload), n / 100)
        buffer.pull(n / 100 + 0.002)
    assert buffer.stats.dropped == 1
    assert_all_accounted_for(buffer)


events = st.lists(
    st.tuples(
        st.integers(0, 400),  # number of the packet
        st.floats(-0.2, 0.3),  # how much earlier or later than its time it arrives
        st.sampled_from([0, 0, 0, 0, 1_000_000, 600_000_000, (1 << 32) - 48_000]),
    ),
    max_size=300,
)


@settings(max_examples=150, deadline=None)
@given(events=events, ms=st.sampled_from([10, 20, 40, 60]))
def test_any_pattern_stays_in_order_bounded_and_accounted_for(
    events: list[tuple[int, float, int]], ms: int
) -> None:
    buffer = make_buffer()
    arrivals = [
        (
            max(0.0, number * ms / 1000 + late_s),
            numbered(number, ms=ms, first_timestamp=epoch),
        )
        for number, late_s, epoch in events
    ]
    waiting = sorted(arrivals, key=lambda each: each[0])
    first_at = {packet: at for at, packet in reversed(waiting)}
    last: tuple[int, int] | None = None
    for count in range(500):
        now = count / 100
        while waiting and waiting[0][0] <= now:
            buffer.put(waiting[0][1], waiting.pop(0)[0])
            assert buffer.waiting <= PACKETS_MAX
            assert buffer.waiting * ms * 48 <= SAMPLES_MAX + ms * 48
        frame = buffer.pull(now)
        assert frame is None or len(frame) == FRAME_BYTES
        if buffer.began is not None:
            packet, offset_s = buffer.began
            assert now + offset_s - first_at[packet] <= WAITED_S_MAX
            here = (buffer.stats.resets, packet.timestamp)
            if last is not None and here[0] == last[0]:
                ahead = (here[1] - last[1]) & 0xFFFFFFFF
                assert 0 < ahead < 1 << 31
            last = here
        assert_all_accounted_for(buffer)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 1 << 16),
    jitter_s=st.floats(0, 0.15),
    loss=st.floats(0, 0.5),
    ms=st.sampled_from([10, 20, 60]),
)
def test_some_seconds_after_any_trouble_the_delay_is_back(
    seed: int, jitter_s: float, loss: float, ms: int
) -> None:
    buffer = make_buffer()
    trouble = steady(2, ms=ms, jitter_s=jitter_s, loss=loss, seed=seed)
    clean = [each for each in steady(20, ms=ms) if each[0] >= 2]
    pulled = run(buffer, trouble + clean, until=20)
    assert all(each.frame is not None for each in pulled if each.at > 2.5)
    calm_ms = [each.delay_ms for each in pulled if each.at > 14]
    assert max(calm_ms) <= 14
    assert_all_accounted_for(buffer)

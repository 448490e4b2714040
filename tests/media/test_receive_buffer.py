"""The jitter buffer against clean, jittery, lossy and drifting lines."""

from __future__ import annotations

import random
from collections.abc import Iterable
from statistics import mean

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intercomd.domain.audio import FRAME_BYTES
from intercomd.media.opus import Decoder, Encoder
from intercomd.media.packet import Packet
from intercomd.media.packet_queue import PACKETS_MAX, SAMPLES_MAX
from intercomd.media.receive_buffer import GUESSES_MAX, ReceiveBuffer
from tests.media.line import NumberingDecoder, Pulled, number_at_end, numbered, run
from tests.media.test_opus import tone

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
@pytest.mark.parametrize("jitter_s", [0.0, 0.005])
def test_clean_line_waits_20_ms_and_never_runs_dry(ms: int, jitter_s: float) -> None:
    buffer = make_buffer()
    pulled = run(buffer, steady(60, ms=ms, jitter_s=jitter_s), until=60)
    heard = since_start(pulled)
    assert all(each.frame is not None for each in heard)
    assert mean(each.delay_ms for each in heard) == pytest.approx(20, abs=5)
    assert buffer.stats.concealed == 0
    assert buffer.stats.shortened + buffer.stats.lengthened == 0


@pytest.mark.parametrize("phase", [0.0, 0.0001, 0.0025, 0.005, 0.0075, 0.0099])
def test_delay_is_right_wherever_the_two_clocks_stand(phase: float) -> None:
    buffer = make_buffer()
    pulled = run(buffer, steady(5, jitter_s=0.004), until=5, phase=phase)
    assert mean(each.delay_ms for each in since_start(pulled)) == pytest.approx(
        20, abs=7
    )
    assert buffer.stats.concealed == 0


@pytest.mark.parametrize("ppm", [200, -200])
def test_drifting_clocks_cost_one_change_for_10_ms(ppm: int) -> None:
    """200 ppm are 10 ms in 50 s; in 300 s that is 6 frames."""
    buffer = make_buffer()
    arrivals = steady(299, jitter_s=0.005, stretch=1 + ppm * 1e-6)
    pulled = since_start(run(buffer, arrivals, until=299))
    stats = buffer.stats
    assert stats.shortened + stats.lengthened <= 7
    assert stats.concealed == stats.late == stats.dropped == 0
    assert all(each.frame is not None for each in pulled)
    assert all(4 <= each.delay_ms <= 36 for each in pulled)


def test_one_lost_packet_is_one_guess_and_no_delay() -> None:
    buffer = make_buffer()
    arrivals = [each for each in steady(3) if each[1].sequence != 100]
    heard = since_start(run(buffer, arrivals, until=3))
    assert buffer.stats.concealed == 1
    assert all(each.frame is not None for each in heard)
    assert heard[-1].delay_ms == pytest.approx(heard[50].delay_ms)


def test_5_percent_loss_makes_no_gap_and_no_delay() -> None:
    buffer = make_buffer()
    pulled = run(buffer, steady(60, loss=0.05, jitter_s=0.003), until=60)
    heard = since_start(pulled)
    assert all(each.frame is not None for each in heard)
    assert all(each.delay_ms <= 30 for each in heard)
    assert longest_guess(heard) <= 5
    assert buffer.stats.late == 0


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
    buffer = ReceiveBuffer(NumberingDecoder(), target_ms=5)
    arrivals = [each for each in steady(2) if each[1].sequence not in (100, 101)]
    heard = since_start(run(buffer, arrivals, until=2))
    assert buffer.stats.concealed == 2
    assert heard[-1].delay_ms == pytest.approx(heard[50].delay_ms, abs=0.1)


def test_late_packet_is_played_when_nothing_else_was() -> None:
    buffer = make_buffer()
    arrivals = steady(2)
    arrivals = [(at + 0.04 if 1 <= at < 1.2 else at, packet) for at, packet in arrivals]
    run(buffer, arrivals, until=2)
    assert buffer.stats.late == 0
    assert buffer.stats.concealed >= 1


def test_stall_ends_in_silence_and_is_caught_up_at_once() -> None:
    buffer = make_buffer()
    arrivals = [(2.5 if 2.0 < at < 2.5 else at, packet) for at, packet in steady(4)]
    pulled = run(buffer, arrivals, until=4)
    stalled = [each for each in pulled if 2.15 < each.at < 2.5]
    assert all(each.frame is None for each in stalled)
    after = [each for each in pulled if each.at > 2.53]
    assert all(each.frame is not None and each.delay_ms <= 30 for each in after)
    assert_all_accounted_for(buffer)


def test_backlog_at_the_start_is_skipped() -> None:
    buffer = make_buffer()
    arrivals = [(max(0.3, at), packet) for at, packet in steady(2)]
    heard = since_start(run(buffer, arrivals, until=2))
    assert all(each.delay_ms <= 30 for each in heard)


def test_path_that_becomes_50_ms_shorter_is_followed_within_a_second() -> None:
    buffer = make_buffer()
    arrivals = [(at + 0.05 if at < 2 else at, packet) for at, packet in steady(5)]
    pulled = run(buffer, arrivals, until=5)
    assert all(each.delay_ms <= 30 for each in pulled if each.at > 3.2)
    assert buffer.stats.shortened == 5 or buffer.stats.dropped > 0


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


def test_pause_of_the_sender_restarts_with_the_target_delay() -> None:
    buffer = make_buffer()
    arrivals = [each for each in steady(6) if not 2.0 <= each[0] < 4.0]
    pulled = run(buffer, arrivals, until=6)
    assert all(each.frame is None for each in pulled if 2.2 < each.at < 4.0)
    after = [each for each in pulled if each.at > 4.04]
    assert all(each.frame is not None for each in after)
    assert all(10 <= each.delay_ms <= 30 for each in after)
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
    assert [number_at_end(each.frame or b"") for each in heard[2:100]] == list(
        range(2, 100)
    )
    assert buffer.stats.concealed == 0


def test_pulled_frame_says_which_packet_began_in_it() -> None:
    buffer = make_buffer()
    buffer.put(numbered(0, ms=20), 0.0)
    assert buffer.pull(0.01) is None
    assert buffer.began is None
    assert buffer.pull(0.02) is not None
    assert buffer.began == (numbered(0, ms=20), 0.0)
    assert buffer.pull(0.03) is not None
    assert buffer.began is None


def test_hostile_payload_is_dropped_and_guessed_over() -> None:
    buffer = ReceiveBuffer(Decoder())
    encoder = Encoder()
    for n in range(10):
        payload = b"\xff\x80" if n == 5 else encoder.encode(tone(10))
        buffer.put(Packet(n, 480 * n, payload), n / 100)
        buffer.pull(n / 100 + 0.001)
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
            packet, _ = buffer.began
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
def test_two_seconds_after_any_trouble_the_delay_is_back(
    seed: int, jitter_s: float, loss: float, ms: int
) -> None:
    buffer = make_buffer()
    trouble = steady(2, ms=ms, jitter_s=jitter_s, loss=loss, seed=seed)
    clean = [each for each in steady(5, ms=ms) if each[0] >= 2]
    pulled = run(buffer, trouble + clean, until=5)
    assert all(each.delay_ms <= 31 for each in pulled if each.at > 4)
    assert all(each.frame is not None for each in pulled if each.at > 2.5)
    assert_all_accounted_for(buffer)

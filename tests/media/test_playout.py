"""Slots in, one frame out, between two threads."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from intercomd.domain.audio import FRAME_BYTES, FRAME_S, SILENCE
from intercomd.media import playout as playout_module
from intercomd.media.opus import Encoder
from intercomd.media.packet import Packet, sent_at_from_wall
from intercomd.media.playout import (
    INBOX_PACKETS_MAX,
    Playout,
    PlayoutStats,
)
from tests.media.test_opus import rms, tone


class Clock:
    """Stands in for `time` in the playout: it moves when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.wall_offset_s = 1_800_000_000.0
        monkeypatch.setattr(playout_module, "time", self)

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now + self.wall_offset_s


class Talker:
    """A stream of tone packets, 10 ms each, dated by the clock."""

    def __init__(self, clock: Clock, *, hz: float = 440.0) -> None:
        self._clock = clock
        self._hz = hz
        self._encoder = Encoder()
        self._count = 0

    def packet(self, *, level: int | None = 12) -> Packet:
        n = self._count
        self._count += 1
        return Packet(
            sequence=n & 0xFFFF,
            timestamp=480 * n,
            payload=self._encoder.encode(tone(10, start=480 * n, hz=self._hz)),
            level=level,
            sent_at=sent_at_from_wall(self._clock.time()),
        )


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def play(
    playout: Playout, clock: Clock, talkers: dict[int, Talker], frames: int
) -> list[bytes]:
    """Let all talk for so many frames; the card's buffer is 15 ms deep."""
    heard = []
    for _ in range(frames):
        for slot, talker in talkers.items():
            playout.put(slot, talker.packet(), clock.now)
        heard.append(playout.render(clock.now + 0.015))
        clock.now += FRAME_S
    return heard


def hertz(frames: list[bytes]) -> int:
    sound = np.frombuffer(b"".join(frames), np.int16)
    if not sound.any():
        return 0
    return int(np.abs(np.fft.rfft(sound)).argmax() / (len(frames) * FRAME_S))


@pytest.mark.parametrize("told_after", [-3, -1, 0, 1, 4, 30])
def test_another_stream_in_the_slot_is_heard_whenever_its_message_comes(
    clock: Clock, told_after: int
) -> None:
    """The server switches between two packets; the message comes so many later."""
    playout = Playout()
    old, new = Talker(clock), Talker(clock, hz=1000)
    play(playout, clock, {0: old}, 100)
    switched_at = new._count = old._count + 3
    heard = []
    for index in range(-3, 60):
        talker = old if index < 0 else new
        if index == told_after:
            playout.reset(0, since=switched_at)
        playout.put(0, talker.packet(), clock.now)
        heard.append(playout.render(clock.now + 0.015))
        clock.now += FRAME_S
    assert hertz(heard[told_after + 9 : told_after + 29]) == 1000
    silent = sum(frame == SILENCE for frame in heard)
    assert silent <= 3 + max(0, -told_after)
    assert hertz(heard[-20:]) == 1000


def test_what_is_late_of_the_stream_before_is_not_played(clock: Clock) -> None:
    playout = Playout()
    old = Talker(clock)
    play(playout, clock, {0: old}, 20)
    playout.reset(0, since=40)
    assert play(playout, clock, {0: old}, 20) == [SILENCE] * 20
    assert playout.stats(0) == PlayoutStats()


@pytest.mark.parametrize("behind", [1, 5_000, 30_000])
def test_another_connection_may_number_as_it_likes(clock: Clock, behind: int) -> None:
    playout = Playout()
    playout.reset(0, since=40_000)
    playout.renumber()
    talker = Talker(clock)
    talker._count = 40_000 - behind
    play(playout, clock, {0: talker}, 20)
    assert playout.stats(0).received == 20


def test_the_first_number_of_a_stream_counts_only_while_stragglers_may_come(
    clock: Clock,
) -> None:
    playout = Playout()
    playout.reset(0, since=65_500)
    packet = Talker(clock).packet()
    for n in range(40_000):
        playout.put(0, replace(packet, sequence=(65_500 + n) & 0xFFFF), clock.now)
        playout.stats(0)
    assert playout.stats(0).received == 40_000


def test_nothing_came_is_silence(clock: Clock) -> None:
    playout = Playout()
    assert playout.render(clock.now) == SILENCE
    assert playout.stats(0) == PlayoutStats()


def test_talker_is_heard_from_the_next_pull_on(clock: Clock) -> None:
    playout = Playout()
    heard = play(playout, clock, {3: Talker(clock)}, 100)
    assert all(len(frame) == FRAME_BYTES for frame in heard)
    assert heard[0] == SILENCE
    assert rms(heard[-1]) == pytest.approx(rms(tone(10)), rel=0.1)
    stats = playout.stats(3)
    assert stats.received == 100
    assert stats.concealed == stats.late == stats.dropped == 0
    assert stats.first_sound_at == pytest.approx(100.0 + 0.02 + 0.015)


def test_latency_is_from_capture_to_loudspeaker(clock: Clock) -> None:
    playout = Playout()
    play(playout, clock, {0: Talker(clock)}, 1_500)
    stats = playout.stats(0)
    assert stats.latency_p50_ms == pytest.approx(15 + stats.delay_ms, abs=0.5)
    assert stats.latency_p95_ms == pytest.approx(15 + stats.delay_ms, abs=0.5)
    assert stats.delay_ms == pytest.approx(10, abs=1.5)


def test_latency_across_disagreeing_wall_clocks_is_not_told(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    for _ in range(50):
        packet = talker.packet()
        clock.wall_offset_s -= 10
        playout.put(0, packet, clock.now)
        playout.render(clock.now)
        clock.wall_offset_s += 10
        clock.now += FRAME_S
    assert playout.stats(0).latency_p50_ms is None


def test_latency_forgets_after_10_seconds(clock: Clock) -> None:
    playout = Playout()
    play(playout, clock, {0: Talker(clock)}, 100)
    clock.now += 11
    playout.render(clock.now)
    assert playout.stats(0).latency_p50_ms is None


def test_talkers_on_two_slots_are_mixed(clock: Clock) -> None:
    playout = Playout()
    heard = play(playout, clock, {0: Talker(clock), 5: Talker(clock, hz=700)}, 60)
    spectrum = np.abs(np.fft.rfft(np.frombuffer(b"".join(heard[-50:]), np.int16)))
    loudest = sorted(int(each) * 2 for each in np.argsort(spectrum)[-2:])
    assert loudest == [440, 700]


def test_level_is_that_of_what_plays(clock: Clock) -> None:
    playout = Playout()
    play(playout, clock, {0: Talker(clock)}, 20)
    assert playout.stats(0).level_dbov == 12
    play(playout, clock, {}, 20)
    assert playout.stats(0).level_dbov == 127


def test_level_is_measured_where_the_packet_does_not_tell(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    for _ in range(10):
        playout.put(0, talker.packet(level=None), clock.now)
        playout.render(clock.now)
        clock.now += FRAME_S
    assert playout.stats(0).level_dbov == pytest.approx(13.3, abs=1)


def test_reset_slot_begins_anew(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    play(playout, clock, {0: talker}, 20)
    playout.put(0, talker.packet(), clock.now)
    playout.reset(0)
    assert playout.stats(0) == PlayoutStats()
    assert playout.render(clock.now) == SILENCE


def test_silence_is_received_but_no_first_sound(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    for _ in range(20):
        playout.put(0, talker.packet(level=127), clock.now)
        play(playout, clock, {}, 1)
    assert playout.stats(0).received == 20
    assert playout.stats(0).first_sound_at is None
    play(playout, clock, {0: talker}, 20)
    assert playout.stats(0).first_sound_at is not None


def test_gain_is_of_one_slot_until_it_is_reset(clock: Clock) -> None:
    playout = Playout()
    talkers = {0: Talker(clock)}
    plain = rms(play(playout, clock, talkers, 30)[-1])
    playout.set_gain(0, 0.5)
    playout.set_gain(1, 2.0)
    halved = rms(play(playout, clock, talkers, 30)[-1])
    assert halved == pytest.approx(plain / 2, rel=0.05)
    playout.set_gain(0, 0.0)
    assert play(playout, clock, talkers, 3)[-1] == SILENCE
    playout.reset(0)
    again = rms(play(playout, clock, talkers, 30)[-1])
    assert again == pytest.approx(plain, rel=0.05)


def test_who_goes_first_lowers_the_others_without_a_click(clock: Clock) -> None:
    playout = Playout()
    other, chief = Talker(clock, hz=400), Talker(clock, hz=3000)
    playout.set_priority(1, 5)
    plain = play(playout, clock, {0: other}, 50)
    both = play(playout, clock, {0: other, 1: chief}, 50)
    assert strength(both[-20:], 400) == pytest.approx(
        strength(plain[-20:], 400) / 4, rel=0.05
    )
    assert strength(both[-20:], 3000) > 3 * strength(both[-20:], 400)
    playout.reset(1)
    after = play(playout, clock, {0: other}, 150)
    assert strength(after[-20:], 400) == pytest.approx(
        strength(plain[-20:], 400), rel=0.05
    )
    sound = np.frombuffer(b"".join(after), np.int16).astype(np.int32)
    steady = np.frombuffer(b"".join(plain[20:]), np.int16).astype(np.int32)
    assert np.abs(np.diff(sound)).max() <= 1.05 * np.abs(np.diff(steady)).max()


def strength(frames: list[bytes], hz: int) -> float:
    sound = np.frombuffer(b"".join(frames), np.int16)
    return float(np.abs(np.fft.rfft(sound))[round(hz * len(frames) * FRAME_S)])


def test_sound_that_stops_dead_is_a_break_until_it_is_back(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    play(playout, clock, {0: talker}, 30)
    play(playout, clock, {}, 20)
    assert playout.stats(0).breaks == 0
    play(playout, clock, {}, 20)
    stats = playout.stats(0)
    assert (stats.breaks, stats.is_broken) == (1, True)
    assert stats.break_frames >= 20
    play(playout, clock, {0: talker}, 10)
    stats = playout.stats(0)
    assert (stats.breaks, stats.is_broken) == (1, False)


def test_sound_that_fell_silent_or_was_stopped_is_no_break(clock: Clock) -> None:
    playout = Playout()
    talker = Talker(clock)
    play(playout, clock, {0: talker}, 30)
    for _ in range(3):
        playout.put(0, talker.packet(level=127), clock.now)
        play(playout, clock, {}, 1)
    play(playout, clock, {}, 60)
    assert playout.stats(0).breaks == 0
    play(playout, clock, {0: talker}, 30)
    playout.expect_silence(0)
    play(playout, clock, {}, 1)
    assert playout.stats(0).breaks == 0


def test_the_loudest_level_is_of_the_time_since_it_was_last_asked(
    clock: Clock,
) -> None:
    playout = Playout()
    play(playout, clock, {0: Talker(clock)}, 30)
    play(playout, clock, {}, 30)
    assert playout.take_loudest_dbov(0) == 12
    assert playout.take_loudest_dbov(0) == 127
    assert playout.take_loudest_dbov(5) == 127


def test_clear_forgets_all_slots(clock: Clock) -> None:
    playout = Playout()
    play(playout, clock, {0: Talker(clock), 1: Talker(clock)}, 20)
    playout.clear()
    assert playout.stats(0) == playout.stats(1) == PlayoutStats()


def test_without_a_card_packets_do_not_pile_up(clock: Clock) -> None:
    playout = Playout()
    packet = Talker(clock).packet()
    for _ in range(3 * INBOX_PACKETS_MAX):
        playout.put(0, packet, clock.now)
    assert playout.stats(0).received == INBOX_PACKETS_MAX


def test_network_and_card_run_in_their_own_threads() -> None:
    """Real threads and time: nothing raises, nothing is lost or blocks."""
    playout, encoder = Playout(), Encoder()
    payload = encoder.encode(tone(10))
    over = threading.Event()
    slowest_put_s = 0.0

    def card() -> None:
        while not over.wait(0.002):
            playout.render(time.monotonic())

    thread = threading.Thread(target=card)
    thread.start()
    try:
        for n in range(300):
            before = time.perf_counter()
            playout.put(
                n % 4, Packet(n // 4, 480 * (n // 4), payload), time.monotonic()
            )
            slowest_put_s = max(slowest_put_s, time.perf_counter() - before)
            if n % 40 == 39:
                playout.reset(n % 4)
    finally:
        over.set()
        thread.join()
    assert sum(playout.stats(slot).received for slot in range(4)) <= 300
    assert slowest_put_s < 0.05

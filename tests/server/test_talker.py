"""Who talks, by the levels that packets say of themselves."""

from __future__ import annotations

import pytest

from intercomd.server.talker import DECAY_DB_PER_S, HANG_OVER_S, LOUD_DBOV, Talker

NOW = 100.0


def test_the_first_loud_packet_begins_a_talk_and_no_other() -> None:
    talker = Talker()
    assert not talker.hear(127, NOW)
    assert not talker.hear(51, NOW)
    assert talker.hear(30, NOW)
    assert not talker.hear(20, NOW + 0.01)
    assert talker.talks(NOW + 0.01)


def test_pauses_between_words_end_no_talk() -> None:
    talker = Talker()
    talker.hear(30, NOW)
    later = NOW + HANG_OVER_S
    assert talker.talks(later - 0.01)
    assert not talker.talks(later)
    assert talker.hear(30, later)


def test_it_is_as_loud_as_the_loudest_of_late() -> None:
    talker = Talker()
    talker.hear(20, NOW)
    talker.hear(40, NOW + 0.1)
    assert talker.level_dbov(NOW + 0.1) == pytest.approx(20 + 0.1 * DECAY_DB_PER_S)
    talker.hear(10, NOW + 0.2)
    assert talker.level_dbov(NOW + 0.2) == 10


def test_a_new_talk_forgets_how_loud_the_last_one_was() -> None:
    talker = Talker()
    talker.hear(5, NOW)
    talker.hear(45, NOW + HANG_OVER_S)
    assert talker.level_dbov(NOW + HANG_OVER_S) == 45


def test_who_says_no_level_is_the_quietest_who_talks() -> None:
    talker = Talker()
    assert talker.hear(None, NOW)
    assert talker.level_dbov(NOW) == LOUD_DBOV

"""Who says nothing any more is unknown, then gone."""

from __future__ import annotations

from intercomd.domain.quality import QualityLevel
from intercomd.engine.heartbeats import Heartbeats

GOOD = (QualityLevel.GOOD, QualityLevel.EXCELLENT)
UNKNOWN = (QualityLevel.UNKNOWN, QualityLevel.UNKNOWN)
DIE = (QualityLevel.DIE, QualityLevel.DIE)


def test_one_missing_is_unknown_and_three_are_the_end() -> None:
    beats = Heartbeats()
    beats.heard("alice-1", "alice", GOOD, 10.0)
    assert beats.levels(12.5) == {"alice": GOOD}
    assert beats.levels(13.1) == {"alice": UNKNOWN}
    assert beats.levels(16.9) == {"alice": UNKNOWN}
    assert beats.levels(17.1) == {"alice": DIE}


def test_the_newest_of_a_user_s_streams_counts() -> None:
    beats = Heartbeats()
    beats.heard("alice-1", "alice", GOOD, 0.0)
    beats.heard("alice-aux", "alice", GOOD, 10.0)
    assert beats.levels(11.0) == {"alice": GOOD}


def test_a_user_is_forgotten_with_its_last_stream() -> None:
    beats = Heartbeats()
    beats.heard("alice-1", "alice", GOOD, 0.0)
    beats.forget("alice-1")
    beats.forget("alice-1")
    assert beats.levels(1.0) == {}

"""When the other end is taken for gone."""

from __future__ import annotations

import pytest

from intercomd.media.liveness import (
    FIRST_PROMISES,
    KEEP_ALIVE_S,
    SILENT_AFTER_S,
    Liveness,
)


def test_keep_alive_is_due_only_after_a_pause_in_sending() -> None:
    liveness = Liveness(5.0)
    for _ in range(FIRST_PROMISES):
        liveness.tried(5.0, is_sent=True)
    assert liveness.deadline == pytest.approx(5.0 + KEEP_ALIVE_S)
    liveness.sent_at = 7.0
    assert liveness.deadline == pytest.approx(7.0 + KEEP_ALIVE_S)


def test_the_first_are_due_whatever_else_is_sent() -> None:
    liveness = Liveness(5.0)
    for promise in range(FIRST_PROMISES):
        liveness.sent_at = liveness.deadline - 0.01
        assert liveness.deadline == pytest.approx(5.0 + (promise + 1) * KEEP_ALIVE_S)
        liveness.tried(liveness.deadline, is_sent=True)
    liveness.sent_at = 7.0
    assert liveness.deadline == pytest.approx(7.0 + KEEP_ALIVE_S)


def test_one_that_could_not_be_sent_is_none_of_the_first() -> None:
    liveness = Liveness(0.0)
    for _ in range(9):
        liveness.tried(liveness.deadline, is_sent=False)
    tried_at = 9 * KEEP_ALIVE_S
    liveness.sent_at = tried_at + 0.1
    assert liveness.deadline == pytest.approx(tried_at + KEEP_ALIVE_S)


def test_who_promised_and_is_not_heard_of_is_silent() -> None:
    liveness = Liveness(0.0)
    liveness.kept_alive()
    assert not liveness.is_silent(SILENT_AFTER_S)
    assert liveness.is_silent(SILENT_AFTER_S + 0.01)
    liveness.heard_at = 10.0
    assert not liveness.is_silent(10.1)


def test_who_never_promised_is_never_silent() -> None:
    assert not Liveness(0.0).is_silent(1000.0)

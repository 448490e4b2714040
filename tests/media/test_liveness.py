"""When the other end is taken for gone."""

from __future__ import annotations

import pytest

from intercomd.media.liveness import KEEP_ALIVE_S, SILENT_AFTER_S, Liveness


def test_keep_alive_is_due_only_after_a_pause_in_sending() -> None:
    liveness = Liveness(5.0)
    assert liveness.deadline == pytest.approx(5.0 + KEEP_ALIVE_S)
    liveness.sent_at = 7.0
    assert liveness.deadline == pytest.approx(7.0 + KEEP_ALIVE_S)


def test_who_promised_and_is_not_heard_of_is_silent() -> None:
    liveness = Liveness(0.0)
    liveness.kept_alive()
    assert not liveness.is_silent(SILENT_AFTER_S)
    assert liveness.is_silent(SILENT_AFTER_S + 0.01)
    liveness.heard_at = 10.0
    assert not liveness.is_silent(10.1)


def test_who_never_promised_is_never_silent() -> None:
    assert not Liveness(0.0).is_silent(1000.0)

from __future__ import annotations

import signal
import sys

import pytest

from tests.bench.processes import Child

_TALKS = """
import json, sys, time
print(json.dumps({"event": "ready"}), file=sys.stderr, flush=True)
print("not json", file=sys.stderr, flush=True)
sum(range(3_000_000))
print("counted", flush=True)
time.sleep(60)
"""
_DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""


def test_a_childs_log_can_be_read_while_it_runs() -> None:
    with _child(_TALKS) as child:
        child.wait_for_line(lambda line: line == "not json")
        assert child.records() == [{"event": "ready"}]
        assert child.is_running


def test_a_line_that_never_comes_is_an_error_that_shows_the_log() -> None:
    with _child(_TALKS) as child:
        child.wait_for_line(lambda line: line == "not json")
        with pytest.raises(TimeoutError, match="not json"):
            child.wait_for_line(lambda line: line == "never", timeout_s=0.01)


def test_leaving_ends_a_child_that_ignores_sigterm() -> None:
    with _child(_DEAF, patience_s=0.1) as child:
        child.wait_for_line(lambda line: line == "deaf", stream="stdout")
        assert child.stop() == -signal.SIGKILL


def test_what_a_child_costs_is_counted() -> None:
    with _child(_TALKS) as child:
        child.wait_for_line(lambda line: line == "counted", stream="stdout")
        assert child.cpu_s() > 0.01
        assert 1 < child.pss_mb() <= child.rss_mb() < 100


def _child(script: str, *, patience_s: float = 5.0) -> Child:
    return Child([sys.executable, "-c", script], patience_s=patience_s)

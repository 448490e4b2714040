from __future__ import annotations

from dataclasses import replace

from tests.benchmarks.peers.mumble import MUMBLE


def test_a_missing_program_is_one_sentence_with_what_to_install() -> None:
    assert replace(MUMBLE, programs=("no-such-client", "sh")).missing() == (
        "Mumble is not measured, for no-such-client is missing: "
        "run 'apt-get install mumble mumble-server'"
    )


def test_a_peer_whose_programs_are_there_is_measured() -> None:
    assert replace(MUMBLE, programs=("sh",)).missing() is None

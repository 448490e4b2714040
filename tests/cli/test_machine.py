"""Where this runs, and the sentence that is told elsewhere."""

from __future__ import annotations

import pytest

from intercomd.cli.machine import Machine, this_machine


@pytest.mark.parametrize("python", [(3, 11), (3, 12), (3, 13)])
def test_64_bit_linux_is_suited(python: tuple[int, int]) -> None:
    assert Machine("linux", python, 64).unsuited() is None


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        (Machine("darwin", (3, 11), 64), "not on darwin"),
        (Machine("linux", (3, 11), 32), "a 32-bit Python"),
        (Machine("linux", (3, 10), 64), "this is 3.10"),
        (Machine("linux", (3, 14), 64), "this is 3.14"),
    ],
)
def test_elsewhere_one_sentence_says_what_to_do(machine: Machine, told: str) -> None:
    sentence = machine.unsuited()
    assert sentence is not None
    assert told in sentence


def test_the_machine_of_the_tests_is_suited() -> None:
    assert this_machine().unsuited() is None

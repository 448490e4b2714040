"""What goes out around a talk: nothing too much, nothing lost, in order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from intercomd.engine.talk_gate import CATCH_UP_FRAMES, LEAD_FRAMES, TalkGate

FRAME_S = 0.01


def driven(gate: TalkGate, pressed: list[bool]) -> list[list[int]]:
    """What came out at each frame, by the frames' numbers."""
    return [
        [
            int.from_bytes(frame, "big")
            for frame, _, _ in gate.take(
                index.to_bytes(4, "big"), index * FRAME_S, 30.0, is_wanted=is_pressed
            )
        ]
        for index, is_pressed in enumerate(pressed)
    ]


def flat(out: list[list[int]]) -> list[int]:
    return [number for numbers in out for number in numbers]


def test_a_press_takes_what_was_said_before_it() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=0)
    out = driven(gate, [False] * 100 + [True] * 50 + [False] * 20)
    assert flat(out) == list(range(70, 150))


def pressed_after(levels_dbov: list[float]) -> list[int]:
    """Which of the frames of these levels go out when the key is pressed with the last
    of them and held."""
    gate = TalkGate(pre_roll_ms=300, tail_ms=0)
    out: list[int] = []
    for index in range(len(levels_dbov) + 20):
        level = levels_dbov[min(index, len(levels_dbov) - 1)]
        is_pressed = index >= len(levels_dbov) - 1
        taken = gate.take(
            index.to_bytes(4, "big"), index * FRAME_S, level, is_wanted=is_pressed
        )
        out += [int.from_bytes(frame, "big") for frame, _, _ in taken]
    return out


def test_silence_before_a_press_stays_behind_but_for_a_short_lead() -> None:
    room = [60.0 + index % 3 for index in range(100)]
    assert pressed_after(room)[0] == 99 - LEAD_FRAMES


def test_a_word_that_began_before_the_press_is_whole() -> None:
    room = [60.0 + index % 3 for index in range(100)]
    for began in (70, 85, 95):
        said = [*room[:began], 53.0, 45.0, *[25.0] * (98 - began)]
        assert pressed_after(said)[0] == max(69, began - LEAD_FRAMES)


def test_a_word_that_fills_the_pre_roll_is_whole_however_even_it_is() -> None:
    assert pressed_after([30.0] * 100)[0] == 69


def test_the_first_frames_go_out_with_the_frame_after_the_press() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=0)
    out = driven(gate, [False] * 100 + [True] * 50)
    assert out[99] == []
    assert out[100] == [70, 71, 72, 73]


def test_the_pre_roll_is_through_within_a_tenth_of_a_second() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=0)
    out = driven(gate, [False] * 100 + [True] * 50)
    assert max(map(len, out)) == CATCH_UP_FRAMES
    assert out[110] == [110]


def test_a_release_has_a_tail() -> None:
    gate = TalkGate(pre_roll_ms=0, tail_ms=100)
    assert flat(driven(gate, [True] * 5 + [False] * 50)) == list(range(15))


def test_a_short_tap_loses_nothing_of_its_pre_roll() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=0)
    out = driven(gate, [False] * 100 + [True] + [False] * 40)
    assert flat(out) == list(range(70, 101))
    assert not gate.is_passing


def test_a_second_press_in_the_tail_continues_the_talk() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=100)
    out = driven(gate, [True] * 10 + [False] * 5 + [True] * 10 + [False] * 30)
    assert flat(out) == list(range(35))


def test_what_was_muted_is_forgotten() -> None:
    gate = TalkGate(pre_roll_ms=300, tail_ms=100)
    driven(gate, [False] * 50)
    gate.forget()
    assert flat(driven(gate, [True])) == [0]


@given(
    pressed=st.lists(st.booleans(), max_size=300),
    pre_roll=st.integers(0, 40),
    tail=st.integers(0, 40),
)
def test_just_the_talks_with_their_pre_roll_and_tail_come_out_once_and_in_order(
    pressed: list[bool], pre_roll: int, tail: int
) -> None:
    gate = TalkGate(pre_roll_ms=10 * pre_roll, tail_ms=10 * tail)
    wanted = {
        number
        for at, is_pressed in enumerate(pressed)
        if is_pressed
        for number in range(max(0, at - pre_roll), at + tail + 1)
        if number < len(pressed)
    }
    # What is still owed at the end comes out while nobody presses.
    out = [
        number
        for number in flat(driven(gate, pressed + [False] * 100))
        if number < len(pressed)
    ]
    assert out == sorted(wanted)

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from intercomd.audio.parrot import Parrot, ParrotMemory
from intercomd.domain.audio import SILENCE, Frame
from tests.audio.frames import Ear, Mouth, tone

_WORD = [tone(amplitude=0.1 + 0.005 * n) for n in range(50)]
_PAUSE = [SILENCE] * 61


def test_the_parrot_is_silent_while_it_is_talked_to() -> None:
    assert _answers(_WORD * 4) == []


def test_the_parrot_says_back_what_it_heard_after_the_pause() -> None:
    answer = _answers([*_WORD, *_PAUSE, *[SILENCE] * 100])
    assert [frame for frame in answer if frame != SILENCE] == _WORD


def test_the_answer_ends_within_the_pause() -> None:
    answer = _answers([*_WORD, *_PAUSE, *[SILENCE] * 100])
    assert len(_WORD) < len(answer) < len(_WORD) + 40


def test_a_soft_beginning_is_not_cut_off() -> None:
    soft = tone(amplitude=0.001)
    answer = _answers([*[SILENCE] * 20, soft, soft, *_WORD, *_PAUSE, *[SILENCE] * 100])
    assert answer.count(soft) == 2


def test_the_parrot_says_no_more_than_ten_seconds() -> None:
    answer = _answers([*_WORD * 30, *_PAUSE, *[SILENCE] * 1100])
    assert 900 < len(answer) <= 1000


def test_the_parrot_does_not_listen_while_it_answers() -> None:
    heard = [*_WORD, *_PAUSE, *_WORD, *[SILENCE] * 300]
    answer = _answers(heard)
    assert [frame for frame in answer if frame != SILENCE] == _WORD


def test_the_parrot_answers_again_and_again() -> None:
    once = [*_WORD, *_PAUSE, *[SILENCE] * 100]
    answer = _answers(once * 3)
    assert [frame for frame in answer if frame != SILENCE] == _WORD * 3


def test_a_parrot_in_a_call_answers_through_its_thread() -> None:
    ear, mouth = Ear(), Mouth([tone()] * 20)
    asyncio.run(_answer_by(Parrot(ear, mouth, pause_s=0.1), ear))
    assert ear.frames[:20].count(tone()) >= 19


async def _answer_by(parrot: Parrot, ear: Ear) -> None:
    async with parrot:
        await ear.hears(20)


def _answers(heard: Sequence[Frame]) -> list[Frame]:
    memory = ParrotMemory(pause_s=0.6)
    said = (memory.exchange(frame, now / 100) for now, frame in enumerate(heard))
    return [frame for frame in said if frame is not None]

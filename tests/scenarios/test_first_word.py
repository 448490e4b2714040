"""The first word is never lost: a key pressed while it is being said."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np

from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES, Frame
from intercomd.engine import Engine, TalkKey
from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.bench.speech import speech
from tests.scenarios.clock import run
from tests.scenarios.duet import duet

PRESSES = 50
BEFORE_PRESS_S = 0.15
PIECE = 30 * SAMPLE_RATE_HZ // 1000
WORDS = ("stop", "door", "help", "gate", "two", "please", "yes", "copy", "wait", "ship")
TURN_S = 3.0
SAID_AT_S = 1.0


def frames_of(samples: Samples) -> list[Frame]:
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
    size = 2 * FRAME_SAMPLES
    return [pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size)]


def turn_of(word: Samples) -> Samples:
    """A quiet room, the word from its first sound on, and quiet again."""
    said = np.random.default_rng(1).normal(0, 1e-4, round(TURN_S * SAMPLE_RATE_HZ))
    at = round(SAID_AT_S * SAMPLE_RATE_HZ)
    said[at : at + len(word)] += word
    return said


def from_its_onset(word: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(word) > 0.02)
    return word[loud[0] :]


async def take_turn(engine: Engine, frames: list[Frame]) -> None:
    """Say it; the key goes down 150 ms after the word began, and up a second later."""
    pressed = round((SAID_AT_S + BEFORE_PRESS_S) / FRAME_S)
    due = time.monotonic()
    for index, frame in enumerate(frames):
        if index in (pressed, pressed + 100):
            engine.talk(index == pressed)
        engine.capture(frame, due)
        due += FRAME_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))


def share_heard(said: Samples, heard: Samples) -> float:
    """How well each 30 ms of what was said is found again, on average: 1 is exactly.

    Piece by piece, for a listener catches up by leaving out periods of the voice.
    """
    pieces = said[: len(said) // PIECE * PIECE].reshape(-1, PIECE)
    return float(np.mean([best_match(piece, heard) for piece in pieces]))


def best_match(piece: Samples, heard: Samples) -> float:
    """The normalised correlation of `piece` at the best place in `heard`."""
    size = 1 << (len(heard) + len(piece)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size))
    places = len(heard) - len(piece)
    energy = np.cumsum(np.concatenate([[0.0], heard**2]))
    there = (energy[len(piece) :] - energy[: -len(piece)])[:places]
    found = np.fft.irfft(product)[:places]
    return float(np.max(found / np.sqrt(there * np.sum(piece**2) + 1e-9)))


def shares_heard(folder: Path, key: TalkKey, talks: int) -> list[float]:
    """Of each talk: how much of what was said before the press was heard."""
    words = [from_its_onset(speech(word)) for word in WORDS]
    shares: list[float] = []

    async def scene() -> None:
        async with duet(folder) as d:
            d.alice.card.says = None
            d.alice.engine.talk_by_key(key)
            await d.talk()
            for number in range(talks):
                word = words[number % len(words)]
                began = len(d.bob.card.heard)
                await take_turn(d.alice.engine, frames_of(turn_of(word)))
                await asyncio.sleep(0.5)
                pcm = b"".join(d.bob.card.heard[began:])
                before = word[: round(BEFORE_PRESS_S * SAMPLE_RATE_HZ)]
                shares.append(share_heard(before, np.frombuffer(pcm, "<i2") / 32768))

    run(scene())
    return shares


def test_of_fifty_talks_begun_before_the_press_no_first_word_is_lost(
    tmp_path: Path,
) -> None:
    shares = shares_heard(tmp_path, TalkKey(), PRESSES)
    assert min(shares) > 0.75
    assert len(shares) == PRESSES


def test_without_a_pre_roll_it_is_lost(tmp_path: Path) -> None:
    shares = shares_heard(tmp_path, TalkKey(pre_roll_ms=0), len(WORDS))
    assert max(shares) < 0.65

"""Guesses, noise, and the way back to sound."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.media.concealment import GUESSES_MAX, Concealment
from intercomd.media.opus import Decoder, Encoder
from tests.media.test_opus import rms, tone


def talking() -> tuple[Concealment, Decoder, Encoder]:
    """A concealment that has just seen 200 ms of a tone."""
    encoder, decoder = Encoder(), Decoder()
    concealment = Concealment(decoder)
    for n in range(20):
        concealment.resumed(decoder.decode(encoder.encode(tone(10, start=480 * n))))
    return concealment, decoder, encoder


def test_two_guesses_are_as_loud_as_the_sound_then_they_fade() -> None:
    concealment, _, _ = talking()
    loudness = [rms(concealment.guess()) for _ in range(GUESSES_MAX)]
    assert loudness[0] == pytest.approx(rms(tone(10)), rel=0.2)
    assert loudness[2:] == sorted(loudness[2:], reverse=True)
    assert loudness[-1] < 0.2 * loudness[0]
    assert concealment.is_spent


def test_sound_comes_back_from_where_the_guesses_had_faded_to() -> None:
    concealment, decoder, encoder = talking()
    for _ in range(5):
        concealment.guess()
    back = concealment.resumed(decoder.decode(encoder.encode(tone(10))))
    assert rms(back[:96]) < 0.5 * rms(back[-480:])
    assert concealment.guesses == 0


def test_guesses_fade_into_the_background_not_into_silence() -> None:
    concealment, _, _ = talking()
    background = np.random.default_rng(2).normal(0, 40, 480).astype(np.int16)
    concealment.learn(background.tobytes(), None)
    last = [concealment.guess() for _ in range(GUESSES_MAX)][-1]
    assert rms(last[-240:]) == pytest.approx(40, rel=0.4)
    noise = concealment.noise()
    assert noise is not None
    assert rms(noise) == pytest.approx(40, rel=0.3)


def test_stream_that_ended_leaves_no_noise() -> None:
    concealment, _, _ = talking()
    concealment.learn(tone(10), None)
    concealment.forget_background()
    assert concealment.noise() is None

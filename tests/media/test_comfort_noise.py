"""Noise that stands in for a stream in long gaps."""

from __future__ import annotations

import numpy as np
import pytest

from intercomd.media.comfort_noise import LASTS_FRAMES, LOUDEST_DBOV, ComfortNoise
from intercomd.media.level import rms_dbov


def frames(count: int, deviation: float, seed: int = 1) -> list[bytes]:
    noise = np.random.default_rng(seed).normal(0, deviation, 480 * count)
    pcm = noise.astype(np.int16)
    return [pcm[at : at + 480].tobytes() for at in range(0, pcm.size, 480)]


def learned(*parts: list[bytes]) -> ComfortNoise:
    noise = ComfortNoise()
    for part in parts:
        for frame in part:
            noise.learn(frame, None)
    return noise


def levels(noise: ComfortNoise, count: int) -> list[float]:
    made = [noise.frame() for _ in range(count)]
    return [rms_dbov(frame) for frame in made if frame is not None]


def test_noise_is_as_loud_as_the_quietest_that_was_heard() -> None:
    background, talk = frames(50, 40.0), frames(80, 4_000.0)
    expected = max(rms_dbov(frame) for frame in background)
    heard = levels(learned(background, talk), 50)
    assert len(heard) == 50
    assert np.mean(heard) == pytest.approx(expected, abs=1.0)


def test_what_was_never_quiet_is_imitated_quietly() -> None:
    heard = levels(learned(frames(200, 6_000.0)), 50)
    assert np.mean(heard) == pytest.approx(LOUDEST_DBOV, abs=1.0)


def test_noise_has_the_colour_of_the_background() -> None:
    t = np.arange(48_000)
    hum = (60 * np.sin(2 * np.pi * 300 * t / 48_000)).astype(np.int16)
    noise = learned([hum[at : at + 480].tobytes() for at in range(0, 48_000, 480)])
    sound = b"".join(noise.frame() or b"" for _ in range(20))
    spectrum = np.abs(np.fft.rfft(np.frombuffer(sound, np.int16)))
    assert np.argmax(spectrum) * 48_000 / (len(sound) / 2) == pytest.approx(300, abs=60)


def test_quietest_is_forgotten_after_three_seconds() -> None:
    noise = learned(frames(50, 10.0), frames(350, 60.0))
    assert noise.level_dbov == pytest.approx(rms_dbov(frames(1, 60.0)[0]), abs=2.0)


def test_nothing_follows_digital_silence_or_nothing() -> None:
    assert ComfortNoise().frame() is None
    assert learned(frames(50, 40.0), [bytes(960)]).frame() is None


def test_noise_fades_after_a_while_and_ends() -> None:
    noise = learned(frames(50, 40.0))
    heard = levels(noise, 2 * LASTS_FRAMES)
    assert len(heard) == LASTS_FRAMES
    assert heard[-10] > heard[-30] > heard[-49]


def test_sound_in_between_makes_it_last_again() -> None:
    noise = learned(frames(50, 40.0))
    levels(noise, LASTS_FRAMES)
    noise.learn(frames(1, 40.0)[0], None)
    assert noise.frame() is not None


def test_stream_that_ended_leaves_none() -> None:
    noise = learned(frames(50, 40.0))
    noise.forget()
    assert noise.frame() is None

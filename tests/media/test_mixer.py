"""Several talkers at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.audio import FRAME_SAMPLES, SAMPLE_RATE_HZ, SILENCE
from intercomd.media.limiter import CEILING
from intercomd.media.mixer import Mixer


def steady(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def noise(seed: int, amplitude: int) -> bytes:
    values = np.random.default_rng(seed).integers(-amplitude, amplitude, FRAME_SAMPLES)
    return values.astype(np.int16).tobytes()


def sine(hz: int, amplitude: float, frames: int) -> list[bytes]:
    time_s = np.arange(frames * FRAME_SAMPLES) / SAMPLE_RATE_HZ
    pcm = (amplitude * 32767 * np.sin(2 * np.pi * hz * time_s)).astype("<i2").tobytes()
    return [pcm[at : at + len(SILENCE)] for at in range(0, len(pcm), len(SILENCE))]


def samples(frame: bytes) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.frombuffer(frame, np.int16).astype(np.int32)


def test_nobody_is_silence() -> None:
    assert Mixer().mix([]) == SILENCE


def test_single_talker_passes_bit_for_bit() -> None:
    frame = noise(1, 32767)
    assert Mixer().mix([frame]) is frame


def test_quiet_talkers_add_up_exactly() -> None:
    frames = [noise(seed, 5_000) for seed in range(3)]
    exact = sum(samples(each) for each in frames)
    assert Mixer().mix(frames) == np.asarray(exact).astype(np.int16).tobytes()


@given(
    st.lists(
        st.lists(st.integers(-32768, 32767), min_size=1, max_size=8),
        min_size=1,
        max_size=6,
    )
)
def test_loud_talkers_neither_clip_nor_change_sign(course: list[list[int]]) -> None:
    mixer = Mixer()
    for values in course:
        mixed = samples(mixer.mix([steady(value) for value in values]))
        total = sum(values)
        assert len(mixed) == FRAME_SAMPLES
        assert np.abs(mixed).max() <= max(32767, abs(values[0]))
        assert np.all(np.sign(mixed) * np.sign(total) >= 0)
        assert np.abs(mixed).max() <= abs(total)


def test_eight_loud_voices_keep_their_shape() -> None:
    """The limiter is a gain: it adds no sound that nobody made."""
    tones = [sine(200 + 130 * n, 0.35, 100) for n in range(8)]
    mixer = Mixer()
    mixed = [mixer.mix(frames) for frames in zip(*tones, strict=True)]
    spectrum = np.abs(np.fft.rfft(samples(b"".join(mixed[20:]))))
    wanted = [round((200 + 130 * n) * 80 / 100) for n in range(8)]
    near = {bin_ + off for bin_ in wanted for off in range(-6, 7)}
    power = spectrum**2
    foreign = sum(power[k] for k in range(len(power)) if k not in near)
    assert 10 * np.log10(power.sum() / foreign) > 25


def test_the_gain_never_jumps_and_comes_back() -> None:
    mixer, quiet = Mixer(), sine(400, 0.5, 200)
    loud = sine(400, 0.9, 200)
    course = [
        [quiet[n]] if n < 50 or n > 70 else [quiet[n], loud[n]] for n in range(200)
    ]
    mixed = [mixer.mix(frames) for frames in course]
    assert mixed[-1] is quiet[-1]
    after = samples(b"".join(mixed[71:]))
    steepest = np.abs(np.diff(samples(b"".join(quiet)))).max()
    assert np.abs(np.diff(after)).max() <= 1.02 * steepest
    assert np.abs(samples(mixed[72])).max() < 0.8 * np.abs(samples(quiet[72])).max()


@pytest.mark.parametrize("amplitude", [0.5, 0.9])
def test_a_steady_loud_mixture_stands_below_the_ceiling(amplitude: float) -> None:
    mixer, tone = Mixer(), sine(500, amplitude, 50)
    mixed = [mixer.mix([frame] * 4) for frame in tone]
    assert np.abs(samples(b"".join(mixed[1:]))).max() <= CEILING + 1
    assert np.abs(samples(mixed[-1])).max() > 0.95 * CEILING

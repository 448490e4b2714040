"""Several talkers at once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from intercomd.domain.audio import FRAME_BYTES, FRAME_SAMPLES, SILENCE
from intercomd.media.mixer import mix


def steady(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, np.int16).tobytes()


def noise(seed: int, amplitude: int) -> bytes:
    values = np.random.default_rng(seed).integers(-amplitude, amplitude, FRAME_SAMPLES)
    return values.astype(np.int16).tobytes()


def test_nobody_is_silence() -> None:
    assert mix([]) == SILENCE


def test_single_talker_passes_bit_for_bit() -> None:
    frame = noise(1, 32767)
    assert mix([frame]) is frame


def test_quiet_talkers_add_up_exactly() -> None:
    frames = [noise(seed, 5_000) for seed in range(3)]
    exact = sum(np.frombuffer(each, np.int16).astype(np.int32) for each in frames)
    assert mix(frames) == np.asarray(exact).astype(np.int16).tobytes()


@given(values=st.lists(st.integers(-32768, 32767), min_size=2, max_size=8))
def test_loud_talkers_neither_clip_nor_change_sign(values: list[int]) -> None:
    mixed = np.frombuffer(mix([steady(value) for value in values]), np.int16)
    total = sum(values)
    assert len(mixed) * 2 == FRAME_BYTES
    assert abs(int(mixed[0])) <= 32767
    assert abs(int(mixed[0])) <= abs(total)
    assert int(mixed[0]) * total >= 0


def test_louder_stays_louder_through_the_limiter() -> None:
    out = [
        int(np.frombuffer(mix([steady(value), steady(value)]), np.int16)[0])
        for value in range(10_000, 25_000, 500)
    ]
    assert out == sorted(out)

"""The 24-bit date that a packet carries from microphone to loudspeaker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intercomd.media.packet import SENT_AT_WRAP_S, age_s, sent_at_from_wall

NTP_EPOCH_S = 2_208_988_800


@given(
    wall_s=st.floats(1.7e9, 2.2e9),
    age=st.floats(-31.9, 31.9),
)
def test_age_survives_the_wrap_of_64_seconds(wall_s: float, age: float) -> None:
    assert age_s(sent_at_from_wall(wall_s - age), wall_s) == pytest.approx(
        age, abs=1e-5
    )


def test_date_is_the_same_counted_from_1900_as_from_1970() -> None:
    assert NTP_EPOCH_S % SENT_AT_WRAP_S == 0


def test_date_fits_into_24_bits() -> None:
    assert 0 <= sent_at_from_wall(63.999999) < 1 << 24
    assert sent_at_from_wall(64.0) == 0

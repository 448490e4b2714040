"""The reference's volumes as factors."""

from __future__ import annotations

from intercomd.domain.errors import IllegalParameter

VOLUME_MAX = 200


def gain_of(volume: int) -> float:
    """The factor for a volume of 0 to 200, 1.0 for 100. Raises `IllegalParameter`."""
    if not 0 <= volume <= VOLUME_MAX:
        raise IllegalParameter(f"volume {volume}; 0 to {VOLUME_MAX}")
    return volume / 100

"""A bitrate that gives way to loss and comes back. Pure.

The loss-based control of draft-ietf-rmcat-gcc-02, section 6, held to a range.
"""

from __future__ import annotations

LOSS_HIGH = 0.10
LOSS_LOW = 0.02
GROWTH = 1.05


class BitrateControl:
    """One published stream's bitrate, from report to report."""

    def __init__(self, wanted_kbps: float) -> None:
        """It begins with what is wanted, which is also the most there will be."""
        self.wanted_kbps = wanted_kbps
        self.kbps = wanted_kbps

    def report(self, loss: float, least_kbps: float) -> float:
        """The bitrate from now on, `loss` (0..1) being of late; never below the least,
        unless less is wanted."""
        if loss > LOSS_HIGH:
            self.kbps *= 1 - loss / 2
        elif loss < LOSS_LOW:
            self.kbps *= GROWTH
        self.kbps = min(max(self.kbps, least_kbps), self.wanted_kbps)
        return self.kbps

"""When to take sound out of a stream or put some in, and how much. Pure.

A packet is needed by the pull in which it begins. Sound is pulled in frames, so the
time that packets have to arrive changes in steps of a frame, while delay changes by
any number of samples: what is above a whole step is delay for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES

MARGIN_S = 0.001
"""Packets should come this long before they are needed, for nothing is exact."""

BAND_S = 0.002
"""A frame is taken out only if the margin is larger by this afterwards."""

SURE_LIKENESS = 0.92
"""From here on (1 is identical) a seam cannot be heard."""

LULL_ONLY = 2.0
"""No sound is so much like itself: only where a seam is too quiet to be heard."""

LULL_S = 2.0
"""So long a small excess waits for a lull, unless it is the rest of a larger: people
pause, and a seam that nobody hears costs PESQ in mid-word (3.6 instead of 4.3)."""

_POOR_LIKENESS = 0.0
_SHORTEN_PATIENCE_S = 2.0
_PRESSED_PATIENCE_S = 0.2
_LENGTHEN_PATIENCE_S = 0.2
_REMAINDER_SAMPLES = FRAME_SAMPLES // 4
_CALM_EVERY_S = 0.1
_CAUTION_S = 0.25
_GOES_ON_S = 0.5
_PRESSED_SAMPLES = 3 * FRAME_SAMPLES
_PRESSED_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """What is wished: `samples` put in (above 0), or at most so many taken out.

    `likeness` is how well the sound must match itself across the seam, or LULL_ONLY.
    """

    samples: int
    likeness: float


class DelayControl:
    """Looks at every pull. Nothing is done for a margin between 0 and a frame."""

    def __init__(self) -> None:
        self.settle(0.0)

    def settle(self, now: float) -> None:
        """The sound began anew: nothing is wished yet."""
        self._changed_at = now
        self._shortened_at = -_GOES_ON_S
        self._cautious_until = now
        self._wished_at: float | None = None

    def wish(self, lead_s: float, remainder: int, now: float) -> Change | None:
        """What would help at `now`; called for every frame.

        `lead_s` is how much earlier than needed the packets are expected, in the
        worst case to be ready for, less MARGIN_S. `remainder` are the samples, less
        than a frame, that will be left of the packet before when the next is needed.
        """
        spare = int((lead_s - BAND_S) / FRAME_S) if lead_s >= BAND_S else 0
        if lead_s >= 0.0 and not spare and remainder < _REMAINDER_SAMPLES:
            self._wished_at = None
            return None
        if self._wished_at is None:
            self._wished_at = now
        if lead_s < 0.0:
            return self._longer(lead_s, remainder, self._wished_at, now)
        return self._shorter(spare * FRAME_SAMPLES + remainder, self._wished_at, now)

    def was_late(self, now: float) -> None:
        """A packet came too late: that may be the first of many, so nothing is taken
        out before it is known how late they are."""
        self._cautious_until = now + _CAUTION_S

    def changed(self, samples: int, now: float) -> None:
        """So many were put in, or taken out: below 0."""
        self._changed_at = now
        self._wished_at = None
        if samples < 0:
            self._shortened_at = now

    def _longer(
        self, lead_s: float, remainder: int, since: float, now: float
    ) -> Change | None:
        if now - self._changed_at < _PRESSED_EVERY_S:
            return None
        steps = 1 + int(-lead_s / FRAME_S)
        samples = steps * FRAME_SAMPLES - remainder
        return Change(samples, _likeness(now - since, _LENGTHEN_PATIENCE_S))

    def _shorter(self, spare: int, since: float, now: float) -> Change | None:
        pressed = spare >= _PRESSED_SAMPLES
        every_s = _PRESSED_EVERY_S if pressed else _CALM_EVERY_S
        if now - self._changed_at < every_s or now < self._cautious_until:
            return None
        if pressed:
            return Change(-spare, _likeness(now - since, _PRESSED_PATIENCE_S))
        goes_on = since - self._shortened_at < _GOES_ON_S
        waited_s = now - since - (0.0 if goes_on else LULL_S)
        if waited_s < 0.0:
            return Change(-spare, LULL_ONLY)
        return Change(-spare, _likeness(waited_s, _SHORTEN_PATIENCE_S))


def _likeness(waited_s: float, patience_s: float) -> float:
    """What is asked for sinks with the time that a change is due."""
    waited = min(1.0, waited_s / patience_s)
    return SURE_LIKENESS - waited * (SURE_LIKENESS - _POOR_LIKENESS)

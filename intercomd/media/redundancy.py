"""How much to repeat, and how far apart, so that a path's losses can be made good.

Pure. It is told which packets a path lost and tries each choice on just those.
"""

from __future__ import annotations

CHOICES = ((), (1,), (2,), (3,), (1, 2), (1, 3), (2, 4), (3, 6))
"""How many packets back the copies are taken, the cheapest choice first.

One copy makes good what is lost at random: 10 % become 1 %. Bursts of 3 need it three
packets away: at distance 1 two thirds of what they take stays lost. Two copies make
0.1 % of 10 % at random, and at (3, 6) 0.04 % of 10 % in bursts of 3; the wait for a
copy is its distance, so nearer ones come first (`tests/benchmarks/redundancy.py`).
"""

WINDOW_PACKETS = 1000
"""So long a loss is remembered: 10 s of packets of 10 ms."""

TOLERATED_LOSSES = 2
"""So many packets of the window may be lost and no copy is sent: a tenth lost asks for
copies after 0.3 s, a burst of 3 at once, and one lost now and then for none at all."""

_WINDOW = (1 << WINDOW_PACKETS) - 1


class Redundancy:
    """One path's losses of late, and the `distances` of the copies they ask for.

    `distances` are in packets, nearest first; none while the path loses nothing.
    """

    def __init__(self) -> None:
        self.distances: tuple[int, ...] = ()
        self._lost = 0

    def note(self, lost: int, count: int) -> None:
        """The next `count` packets are known: bit k of `lost` is the k-th last."""
        before = self._lost
        self._lost = (before << count | lost) & _WINDOW
        if self._lost or before:
            self.distances = self._chosen()

    def note_share(self, losses: int, count: int) -> None:
        """The next `count` packets are known, but not which `losses` of them are lost.

        They are taken for runs of two, evenly spread: Wi-Fi seldom loses one alone.
        """
        runs = min(count, (losses + 1) // 2)
        lost = 0
        for run in range(runs):
            lost |= 3 << run * count // runs
        self.note(lost & (1 << count) - 1, count)

    def _chosen(self) -> tuple[int, ...]:
        """The cheapest choice that will do, or is nearly as good as the best."""
        remaining = [self._remaining(choice) for choice in CHOICES]
        if remaining[0] <= TOLERATED_LOSSES:
            return ()
        tolerated = min(TOLERATED_LOSSES, remaining[0] // 10)
        enough = max(tolerated, 2 * min(remaining))
        return next(
            choice
            for choice, losses in zip(CHOICES, remaining, strict=True)
            if losses <= enough
        )

    def _remaining(self, choice: tuple[int, ...]) -> int:
        """How many stay lost: those whose carriers are all lost, too."""
        lost = self._lost
        for distance in choice:
            lost &= self._lost << distance
        return lost.bit_count()

"""Which packets of a stream are missing: what to ask for, and what to report.

Pure: time is an argument. A packet that is missing is overtaken first, and lost only
when it has stayed away for longer than the path's jitter explains.
"""

from __future__ import annotations

from dataclasses import dataclass

from intercomd.media.allowance import Allowance
from intercomd.media.rtcp import Losses

ASKS_PER_S = 50.0
RETRY_MIN_S = 0.02
YOUNG_S = 0.1
"""A packet missing for longer would come too late to be played."""

WINDOW = 256
"""How many numbers are remembered."""

_ASKS = 2
_OUTAGE = 32
"""A wider gap is an outage or a new stream: no repair helps, it is no loss."""

_ALL = (1 << WINDOW) - 1


@dataclass(slots=True)
class _Gap:
    since: float
    lost_at: float
    ask_at: float
    is_lost: bool = False
    asks: int = 0


class Gaps:
    """Sees the numbers of one stream. `deadline` is when `due` is to be called.

    Bit k of a mask stands for the k-th number before the highest.
    """

    def __init__(self) -> None:
        self._highest: int | None = None
        self._known = 0
        self._unseen = 0
        self._lost = 0
        self._gaps: dict[int, _Gap] = {}
        self._allowance = Allowance(ASKS_PER_S)
        self._is_alarmed = False
        self._is_news = False

    @property
    def deadline(self) -> float | None:
        """The clock is that of `now`; None if nothing is missing."""
        if not self._gaps:
            return None
        return min(
            gap.ask_at if gap.is_lost else gap.lost_at for gap in self._gaps.values()
        )

    def received(
        self, sequence: int, now: float, *, patience_s: float, span_s: float
    ) -> bool:
        """Note a packet; False if its number was handed on before, or is ancient.

        Those before it that are missing are lost if they do not come within
        `patience_s`, and not asked for during `span_s`, as copies of them may come.
        """
        self._is_news = True
        if self._highest is None:
            self._restart(sequence)
            return True
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead == 1:
            self._advance(sequence, 1)
            return True
        if 1 < ahead < 0x8000:
            if ahead - 1 > _OUTAGE:
                self._restart(sequence)
            else:
                self._open(ahead, now, patience_s, max(patience_s, span_s))
                self._advance(sequence, ahead)
            return True
        behind = -ahead & 0xFFFF
        if behind > 0x1000:
            self._restart(sequence)
            return True
        self._gaps.pop(sequence, None)
        return self._see(behind)

    def recovered(self, sequence: int) -> bool:
        """Note a copy; False if its number was handed on before. It stays lost."""
        assert self._highest is not None, "a copy comes with a packet"
        gap = self._gaps.get(sequence)
        if gap is not None:
            gap.asks = _ASKS
        return self._see((self._highest - sequence) & 0xFFFF)

    def due(self, now: float, rtt_s: float) -> list[int]:
        """The numbers to ask for at `now`, in order; forgets those given up."""
        wanted = []
        for sequence, gap in list(self._gaps.items()):
            if not gap.is_lost and gap.lost_at <= now:
                self._lose(sequence, gap)
            if gap.ask_at > now:
                continue
            if gap.asks >= _ASKS or now + rtt_s - gap.since > YOUNG_S:
                del self._gaps[sequence]
                continue
            gap.asks += 1
            gap.ask_at = now + max(RETRY_MIN_S, 1.25 * rtt_s)
            wanted.append(sequence)
        return wanted[: self._allowance.take(len(wanted), now)]

    def take_alarm(self) -> bool:
        """Whether anything was lost since this was last asked."""
        is_alarmed, self._is_alarmed = self._is_alarmed, False
        return is_alarmed

    def losses(self, ssrc: int) -> Losses | None:
        """What came and what was lost of the numbers remembered.

        It ends before the first number of which that is not yet certain. None if
        nothing came since this was last asked.
        """
        if self._highest is None or not self._is_news:
            return None
        self._is_news = False
        open_since = (
            (self._highest - sequence) & 0xFFFF
            for sequence, gap in self._gaps.items()
            if not gap.is_lost
        )
        skipped = max(open_since, default=-1) + 1
        if skipped >= self._known:
            return None
        return Losses(
            media_ssrc=ssrc,
            newest=(self._highest - skipped) & 0xFFFF,
            count=self._known - skipped,
            lost=self._lost >> skipped,
        )

    def _advance(self, sequence: int, ahead: int) -> None:
        self._highest = sequence
        self._known = min(self._known + ahead, WINDOW)
        self._unseen = self._unseen << ahead & _ALL
        self._lost = self._lost << ahead & _ALL
        if ahead > 1:
            self._unseen |= (1 << ahead) - 2

    def _open(self, ahead: int, now: float, patience_s: float, wait_s: float) -> None:
        assert self._highest is not None
        for step in range(1, ahead):
            number = (self._highest + step) & 0xFFFF
            self._gaps[number] = _Gap(now, now + patience_s, now + wait_s)
        while len(self._gaps) > _OUTAGE:
            del self._gaps[next(iter(self._gaps))]

    def _lose(self, sequence: int, gap: _Gap) -> None:
        assert self._highest is not None
        gap.is_lost = self._is_alarmed = True
        behind = (self._highest - sequence) & 0xFFFF
        self._lost |= 1 << min(behind, WINDOW) & _ALL

    def _see(self, behind: int) -> bool:
        """Whether the number is handed on for the first time."""
        if behind >= WINDOW or not self._unseen >> behind & 1:
            return False
        self._unseen ^= 1 << behind
        return True

    def _restart(self, sequence: int) -> None:
        """What came before is forgotten; some of it may yet come, in disorder."""
        self._gaps.clear()
        self._highest = sequence
        self._known = 1
        self._unseen = _ALL - 1
        self._lost = 0

"""What went over a media connection so far. RTP only, headers not counted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PeerStats:
    """A whole connection.

    `loss` (0..1) and `jitter_ms` are what the other side last reported of the slot
    that fares worst; None as long as it reported nothing. `is_queueing` is for a path
    that is too narrow for what goes over it, `is_late` for one that may become so.
    """

    packets_sent: int = 0
    bytes_sent: int = 0
    packets_received: int = 0
    bytes_received: int = 0
    rtt_ms: float | None = None
    loss: float | None = None
    jitter_ms: float | None = None
    nacks_sent: int = 0
    nacks_answered: int = 0
    is_queueing: bool = False
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class SendStats:
    """One send slot; `loss` and `jitter_ms` as the other side reports them, None as
    long as it reported nothing.

    `bytes` is of sound sent once; `redundant_bytes` what copies of it took besides,
    at present of packets `distances` back. Up to number `due`, so many packets are
    `lost` by the latest report; how the number began is not told.
    """

    packets: int = 0
    bytes: int = 0
    loss: float | None = None
    jitter_ms: float | None = None
    redundant_bytes: int = 0
    distances: tuple[int, ...] = ()
    lost: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True)
class ReceiveSlotStats:
    """One receive slot: packets due by their numbers, come, and their bytes.

    `recovered` are those of which a copy came first, or only a copy.
    """

    expected: int = 0
    received: int = 0
    bytes: int = 0
    jitter_ms: float = 0.0
    recovered: int = 0

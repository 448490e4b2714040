"""What was agreed for one slot."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlotFormat:
    """`ssrc` is None if the sender did not say; `red` is the payload type of
    redundant audio (RFC 2198), None without it."""

    ssrc: int | None
    payload_type: int
    nack: bool = True
    red: int | None = None

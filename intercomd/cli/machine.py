"""Which machines this runs on: 64-bit Linux with Python 3.11 to 3.13."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_OLDEST = (3, 11)
_NEWEST = (3, 13)


@dataclass(frozen=True, slots=True)
class Machine:
    """What of a machine decides whether this runs on it."""

    system: str
    python: tuple[int, int]
    bits: int

    def unsuited(self) -> str | None:
        """Why not here, in one sentence that says what to do; None if it runs."""
        if self.system != "linux":
            return f"this runs on Linux only, not on {self.system}: use a Raspberry Pi"
        if self.bits != 64:
            return f"this is a {self.bits}-bit Python: install the 64-bit system"
        if not _OLDEST <= self.python <= _NEWEST:
            told = ".".join(str(part) for part in self.python)
            return (
                f"Python 3.11, 3.12 or 3.13 is needed and this is {told}: use another"
            )
        return None


def this_machine() -> Machine:
    """The machine and the Python this process runs on."""
    bits = sys.maxsize.bit_length() + 1
    return Machine(sys.platform, sys.version_info[:2], bits)

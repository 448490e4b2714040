"""The machine itself: which it is, how warm, how fed, how fast.

From /sys and /proc; on anything else than a Raspberry Pi most of it is not there.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intercomd.station.doctor.finding import Finding, failure, fine, note, warning

HOT_C = 80.0
"""Where a Raspberry Pi begins to slow itself down."""

WARM_C = 70.0

_THROTTLED = "sys/devices/platform/soc*/*firmware/get_throttled"
_CPU = "sys/devices/system/cpu/cpu0/cpufreq"
_UNDERVOLTAGE_NOW, _SLOWED_NOW = 1 << 0, 1 << 1 | 1 << 2 | 1 << 3
_UNDERVOLTAGE_ONCE, _SLOWED_ONCE = 1 << 16, 1 << 17 | 1 << 18 | 1 << 19
_ANSWER_WITHIN_S = 2.0

_FEED = "use the supply made for this board and a short, thick cable"
_COOL = "give it a heat sink, or openings in the enclosure"


@dataclass(frozen=True, slots=True)
class Board:
    """What could be read; "" and None are not known.

    throttled  the firmware's bits, as of `vcgencmd get_throttled`
    """

    model: str = ""
    temperature_c: float | None = None
    throttled: int | None = None
    governor: str = ""
    driver: str = ""


def read_board(root: Path) -> Board:
    """Look; nothing that is absent raises."""
    return Board(
        model=_text(root / "proc/device-tree/model").strip("\0"),
        temperature_c=_temperature_c(root),
        throttled=_throttled(root),
        governor=_text(root / _CPU / "scaling_governor"),
        driver=_text(root / _CPU / "scaling_driver"),
    )


def judge_board(board: Board) -> Iterator[Finding]:
    """What is wrong with it."""
    yield note("board", board.model or "this is no Raspberry Pi, or it does not say so")
    if board.temperature_c is not None:
        yield _judge_temperature(board.temperature_c)
    if board.throttled is not None:
        yield from _judge_throttled(board.throttled)
    # To a PC's pstate driver, powersave is as quick as ondemand elsewhere.
    if board.governor == "powersave" and "pstate" not in board.driver:
        yield warning(
            "board",
            "the processor runs at its lowest clock (governor powersave)",
            "echo ondemand | sudo tee "
            "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
        )
    elif board.governor:
        yield fine("board", f"the processor's governor is {board.governor}")


def _judge_temperature(celsius: float) -> Finding:
    text, shown = f"the processor has {celsius:.0f} °C", round(celsius, 1)
    if celsius >= HOT_C:
        told = f"{text} and slows itself down"
        return failure("board", told, _COOL, temperature_c=shown)
    if celsius >= WARM_C:
        return warning("board", f"{text}, near its limit", _COOL, temperature_c=shown)
    return fine("board", text, temperature_c=shown)


def _judge_throttled(bits: int) -> Iterator[Finding]:
    told = f"0x{bits:x}"
    if bits & _UNDERVOLTAGE_NOW:
        text = "the supply's voltage is too low now"
        yield failure("board", text, _FEED, throttled=told)
    elif bits & _UNDERVOLTAGE_ONCE:
        text = "the supply's voltage was too low since the start"
        yield warning("board", text, _FEED, throttled=told)
    if bits & _SLOWED_NOW:
        yield warning("board", "the processor is slowed down", _COOL, throttled=told)
    elif bits & _SLOWED_ONCE:
        text = "the processor was slowed down since the start"
        yield note("board", text, throttled=told)
    if not bits:
        yield fine("board", "the supply's voltage was never too low", throttled=told)


def _temperature_c(root: Path) -> float | None:
    """Of the warmest zone."""
    found = []
    for path in root.glob("sys/class/thermal/thermal_zone*/temp"):
        with contextlib.suppress(ValueError):
            found.append(int(_text(path)) / 1000)
    return max(found, default=None)


def _throttled(root: Path) -> int | None:
    for path in root.glob(_THROTTLED):
        with contextlib.suppress(ValueError):
            return int(_text(path), 16)
    try:
        told = subprocess.run(
            [root / "usr/bin/vcgencmd", "get_throttled"],
            capture_output=True,
            text=True,
            check=True,
            timeout=_ANSWER_WITHIN_S,
        ).stdout
        return int(told.partition("=")[2], 16)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""

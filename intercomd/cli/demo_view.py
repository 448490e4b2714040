"""The live view of a demonstration: two stations on a terminal, and three keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from intercomd.cli.keys import pressed_keys
from intercomd.station.app import Station
from intercomd.station.lights import LOOKS, Condition, level
from intercomd.station.status import Heard, StationStatus

REDRAW_S = 0.1
METER_CELLS = 20
METER_FLOOR_DBOV = 60.0
SPEECH_DBOV = 50.0
PANEL_WIDTH = 44

_MEANINGS = {
    Condition.KEPT_OUT: "put out of the room",
    Condition.REFUSED: "login refused",
    Condition.NO_CARD: "no sound card",
    Condition.NO_NETWORK: "no network",
    Condition.CONNECTING: "connecting",
    Condition.OUT: "not in the room",
    Condition.KEY_STUCK: "talked for too long",
    Condition.UNHEARD: "talking, but nobody hears it",
    Condition.HEARD: "talking, and heard",
    Condition.CALLED: "somebody calls",
    Condition.SPOKEN_TO: "somebody talks",
    Condition.MUTED: "muted",
    Condition.CONFIG_REFUSED: "the new configuration is wrong",
    Condition.IN_ROOM: "in the room",
}


class View:
    """Draws the stations ten times a second; the last one is this terminal's."""

    def __init__(self, stations: Sequence[Station], caption: str) -> None:
        self._stations = stations
        self._caption = caption
        self._own = stations[-1]

    async def show_until(self, stop: asyncio.Event) -> None:
        """Draw until `stop` is set, or `q` is pressed."""
        clock = asyncio.get_running_loop().time
        view = Live(self._drawn(clock()), auto_refresh=False, screen=True)
        with pressed_keys(lambda key: self._press(key, stop)), view:
            while not stop.is_set():
                view.update(self._drawn(clock()), refresh=True)
                await asyncio.sleep(REDRAW_S)

    def _press(self, key: str, stop: asyncio.Event) -> None:
        match key:
            case " ":
                self._own.talk(on=not self._own.is_talking)
            case "q" | "Q" | "\x03":
                stop.set()
            case _:
                pass

    def _drawn(self, now: float) -> RenderableType:
        statuses = [one.status() for one in self._stations]
        talking = "talking: space to stop" if self._own.is_talking else "space: talk"
        return Group(
            Text("intercomd demo", style="bold"),
            Text(self._caption, style="dim"),
            Columns([_panel(status, now) for status in statuses]),
            Text(f"{talking}    q: quit", style="bold"),
        )


def _panel(status: StationStatus, now: float) -> Panel:
    rows = Table.grid(padding=(0, 1))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column(no_wrap=True)
    rows.add_row("room", f"{status.room_id}: {status.room_state.name.lower()}")
    rows.add_row("light", _lamp(status.condition, now))
    rows.add_row("heard by", str(status.listeners))
    rows.add_row("microphone", _meter(status.microphone_dbov))
    for heard in status.heard:
        _add_heard(rows, heard)
    if not status.heard:
        rows.add_row("hears", "nobody yet")
    return Panel(rows, title=status.user_id, width=PANEL_WIDTH)


def _add_heard(rows: Table, heard: Heard) -> None:
    is_talking = heard.level_dbov < SPEECH_DBOV
    mark = Text(" talks", style="bold green") if is_talking else Text("")
    rows.add_row("hears", Text(heard.stream_id).append_text(mark))
    rows.add_row("", _meter(heard.level_dbov))
    rows.add_row("latency", _latency(heard))
    rows.add_row("lost", _loss(heard))


def _latency(heard: Heard) -> str:
    if heard.latency_p50_ms is None or heard.latency_p95_ms is None:
        return "-"
    return f"{heard.latency_p50_ms:.0f} ms, p95 {heard.latency_p95_ms:.0f} ms"


def _loss(heard: Heard) -> str:
    share = heard.concealed / max(heard.received + heard.concealed, 1)
    return f"{100 * share:.1f} %, {heard.concealed} frames concealed"


def _lamp(condition: Condition, now: float) -> Text:
    brightness, _ = level(LOOKS[condition].pattern, now)
    style = "bold green" if brightness > 0.5 else "green dim" if brightness else "dim"
    return Text("● " if brightness else "○ ", style=style).append(
        _MEANINGS[condition], style="default"
    )


def _meter(dbov: float) -> Text:
    """A bar from -60 dBov to 0; `dbov` is 0 (loudest) to 127."""
    share = max(0.0, 1.0 - dbov / METER_FLOOR_DBOV)
    cells = round(share * METER_CELLS)
    bar = Text("█" * cells, style="green")
    return bar.append("░" * (METER_CELLS - cells), style="dim")

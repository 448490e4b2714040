"""Draws hw/*.svg from the station files they show: `python hw/draw.py`.

What is wired where comes from the YAML; tests compare what is drawn with what is
checked in, so that neither changes alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from intercomd.station.config import StationConfig, load
from intercomd.station.header import GROUNDS, I2S_PINS, POSITIONS

HERE = Path(__file__).parent
GPIO_AT = {position: gpio for gpio, position in POSITIONS.items()}

V3, V5, HAT_MEMORY = (1, 17), (2, 4), (27, 28)

INK, PAPER, BOARD, GOLD = "#1d2733", "#ffffff", "#1f6f54", "#e8c35a"
GROUND, RED3, RED5 = "#3b444f", "#d9480f", "#b3122b"
SIGNALS = ("#1864ab", "#6741d9", "#0b7285", "#a61e4d", "#2b8a3e", "#5f3dc4", "#9c5700")

WIDTH, TOP, PITCH = 1120, 130, 27
LEFT, RIGHT = WIDTH / 2 - 15, WIDTH / 2 + 15
BOX_WIDTH, ROW, FIRST = 236, 27, 60
LANE, FIRST_LANE = 13, 104
MARGIN = 26
BELOW = 13
"""So far below its pin a wire leaves the board, clear of the pin's label."""


@dataclass(frozen=True)
class Terminal:
    """A contact of a part and the header's pin it is wired to, by its position."""

    label: str
    position: int
    color: str


@dataclass(frozen=True)
class Part:
    name: str
    detail: str
    terminals: tuple[Terminal, ...]

    @property
    def height(self) -> float:
        return FIRST + ROW * len(self.terminals)


@dataclass
class Drawing:
    """One sheet: its file, what it says above, and the parts on either side."""

    name: str
    config: Path
    title: str
    subtitle: str
    i2s: tuple[str, ...] = ()
    taken: dict[int, str] = field(default_factory=dict)
    aside: tuple[str, ...] = ()


DRAWINGS = (
    Drawing(
        "button",
        HERE.parent / "config/button.yaml",
        "One button, one light, one knob",
        "config/button.yaml, with any sound card on USB",
    ),
    Drawing(
        "rgb",
        HERE / "rgb.yaml",
        "A light of three colours",
        "hw/rgb.yaml, with any sound card on USB",
    ),
    Drawing(
        "usb",
        HERE / "usb.yaml",
        "A sound card on USB",
        "hw/usb.yaml",
        aside=(
            "USB sound card",
            "microphone: pink socket",
            "loudspeaker: green socket",
        ),
    ),
    Drawing(
        "i2s",
        HERE / "i2s.yaml",
        "An I2S microphone and a class-D amplifier",
        "hw/i2s.yaml, dtoverlay=googlevoicehat-soundcard",
        i2s=("microphone", "amplifier"),
    ),
    Drawing(
        "codec_hat",
        HERE / "codec_hat.yaml",
        "A codec HAT, and what it leaves free",
        "hw/codec_hat.yaml: the HAT sits on all 40 pins, these are wired through it",
        taken={2: "SDA of the HAT", 3: "SCL of the HAT"}
        | {pin: f"{use} of the HAT" for pin, use in I2S_PINS.items()},
    ),
)


def drawn(drawing: Drawing) -> str:
    """The drawing as SVG text."""
    left, right = placed(drawing)
    sheet = _Sheet(drawing, is_left=bool(left), is_right=bool(right or drawing.aside))
    sheet.header({t.position for part in left + right for t in part.terminals})
    sheet.parts(left, is_left=True)
    sheet.parts(right, is_left=False)
    return sheet.text()


def placed(drawing: Drawing) -> tuple[list[Part], list[Part]]:
    """The parts to the left of the header and to the right, from the top on."""
    grounds = _Grounds()
    if drawing.i2s:
        grounds.left -= {6, 14}  # they are the I2S parts'
    parts = list(_panel(load(drawing.config), grounds))
    left = [part for part in parts if _is_left(part)]
    right = [part for part in parts if not _is_left(part)]
    right += [_I2S_PARTS[name] for name in drawing.i2s]
    return _from_top(left), right if drawing.i2s else _from_top(right)


_SCK, _WS = Terminal("BCLK", 12, SIGNALS[0]), Terminal("LRCLK", 35, SIGNALS[1])
_I2S_PARTS = {
    "microphone": Part(
        "Microphone",
        "I2S MEMS, e.g. ICS-43434, SPH0645",
        (
            Terminal("SEL", 14, GROUND),
            Terminal("GND", 14, GROUND),
            Terminal("VDD 3.3 V", 17, RED3),
            _SCK,
            _WS,
            Terminal("DOUT", 38, SIGNALS[2]),
        ),
    ),
    "amplifier": Part(
        "Amplifier",
        "class D, MAX98357A; loudspeaker 4-8 Ω",
        (
            Terminal("VIN 5 V", 4, RED5),
            Terminal("GND", 34, GROUND),
            _SCK,
            _WS,
            Terminal("DIN", 40, SIGNALS[3]),
        ),
    ),
}


class _Grounds:
    """Gives each part the nearest ground that is free on its side of the header."""

    def __init__(self) -> None:
        self.left = set(GROUNDS)

    def near(self, position: int) -> Terminal:
        same_side = [each for each in self.left if each % 2 == position % 2]
        nearest = min(same_side or self.left, key=lambda each: abs(each - position))
        self.left.discard(nearest)
        return Terminal("ground", nearest, GROUND)


def _panel(config: StationConfig, grounds: _Grounds) -> Iterable[Part]:
    colors = itertools.cycle(SIGNALS)

    def terminals(*labelled: tuple[str, int]) -> tuple[Terminal, ...]:
        signals = [
            Terminal(f"{label} · GPIO{pin}".strip(" ·"), POSITIONS[pin], next(colors))
            for label, pin in labelled
        ]
        ground = grounds.near(signals[0].position)
        return tuple(sorted([*signals, ground], key=lambda each: each.position))

    for key in config.keys:
        if key.pin is not None:
            detail = f"{key.does.value}; any two contacts that close"
            yield Part("Push-button", detail, terminals(("", key.pin)))
    for light in config.lights:
        if light.rgb:
            named = zip(("red", "green", "blue"), light.rgb, strict=True)
            detail = "common cathode; 330 Ω per colour"
            yield Part("RGB LED", detail, terminals(*named))
        elif light.pin is not None:
            detail = "330 Ω in series; long leg to GPIO"
            yield Part("LED", detail, terminals(("", light.pin)))
    for knob in config.knobs:
        first, second = knob.pins
        detail = "rotary encoder; C, the middle, to ground"
        yield Part("Volume knob", detail, terminals(("A", first), ("B", second)))


def _is_left(part: Part) -> bool:
    signals = [each for each in part.terminals if each.color != GROUND]
    return signals[0].position % 2 == 1


def _from_top(parts: list[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: part.terminals[0].position)


@dataclass(frozen=True)
class _Wire:
    terminal: Terminal
    part: str
    start: float
    end: float


class _Sheet:
    def __init__(self, drawing: Drawing, *, is_left: bool, is_right: bool) -> None:
        self._drawing = drawing
        self._sides = (0 if is_left else LEFT - 190, WIDTH if is_right else RIGHT + 150)
        self._lines: list[str] = []
        self._height = TOP + 20 * PITCH + 70

    def text(self) -> str:
        title, subtitle = self._drawing.title, self._drawing.subtitle
        left, right = self._sides
        return "\n".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:g} 0 '
                f'{right - left:g} {self._height}" role="img" '
                'font-family="DejaVu Sans, Arial, sans-serif">'
                f"<title>{escape(title)}</title>",
                f'<rect x="{left:g}" width="{right - left:g}" '
                f'height="{self._height}" fill="{PAPER}"/>',
                _text(left + MARGIN, 44, title, 26, weight="bold"),
                _text(left + MARGIN, 70, subtitle, 14, "#5b6773"),
                *self._lines,
                "</svg>\n",
            )
        )

    def header(self, used: set[int]) -> None:
        top, height = TOP - 34, 20 * PITCH + 58
        self._add(
            f'<rect x="{LEFT - 34}" y="{top}" width="{RIGHT - LEFT + 68}" '
            f'height="{height}" rx="14" fill="{BOARD}"/>'
        )
        self._add(
            f'<rect x="{LEFT - 16}" y="{TOP - 15}" width="{RIGHT - LEFT + 32}" '
            f'height="{20 * PITCH + 4}" rx="4" fill="#10171f"/>'
        )
        middle = WIDTH / 2
        self._add(_text(middle, top + 14, "SD card end", 9.5, PAPER, "middle"))
        end = top + height - 6
        self._add(_text(middle, end, "seen from above", 9.5, PAPER, "middle"))
        for position in range(1, 41):
            self._pin(position, is_used=position in used)

    def _pin(self, position: int, *, is_used: bool) -> None:
        is_left = position % 2 == 1
        x, y = (LEFT if is_left else RIGHT), _pin_y(position)
        if position == 1:
            shape = f'<rect x="{x - 9}" y="{y - 9}" width="18" height="18"'
        else:
            shape = f'<circle cx="{x}" cy="{y}" r="9"'
        self._add(f'{shape} fill="{GOLD if is_used else "#8d8a7c"}"/>')
        self._add(_text(x, y + 3.5, str(position), 9.5, INK, "middle", "bold"))
        label, color = _label(position, self._drawing.taken)
        if not is_used:
            color = color if GPIO_AT.get(position) in self._drawing.taken else "#98a2ad"
        x = x - 42 if is_left else x + 42
        anchor = "end" if is_left else "start"
        weight = "bold" if is_used else "normal"
        self._add(_text(x, y + 4, label, 11.5, color, anchor, weight))

    def parts(self, parts: Sequence[Part], *, is_left: bool) -> None:
        if self._drawing.aside and not is_left:
            self._aside(self._drawing.aside)
        wires = []
        x = MARGIN if is_left else WIDTH - MARGIN - BOX_WIDTH
        boxes: list[str] = []
        for part, y in _stacked(parts):
            boxes += _box(part, x, y, is_left=is_left)
            for index, terminal in enumerate(part.terminals):
                end = y + FIRST + ROW * index
                start = _pin_y(terminal.position) + BELOW
                wires.append(_Wire(terminal, part.name, start, end))
        for wire, lane in _lanes(wires):
            self._wire(wire, lane, is_left=is_left)
        self._lines += boxes

    def _wire(self, wire: _Wire, lane: int, *, is_left: bool) -> None:
        position = wire.terminal.position
        sign, edge = (-1, LEFT) if is_left else (1, RIGHT)
        x = edge + sign * (FIRST_LANE + LANE * lane)
        box = MARGIN + BOX_WIDTH if is_left else WIDTH - MARGIN - BOX_WIDTH
        way = f"H{x:g}V{wire.end:g}H{box:g}"  # below the pin's label
        pin_x, pin_y = LEFT if position % 2 == 1 else RIGHT, _pin_y(position)
        if pin_x == edge:
            path = f"M{pin_x + 9 * sign:g} {pin_y:g}h{10 * sign}"
            path += f"L{edge + 30 * sign:g} {wire.start:g}{way}"
        else:  # from the far row it passes between two pins of the near one
            path = f"M{pin_x + 6 * sign:g} {pin_y + 7:g}"
            path += f"L{pin_x + 11 * sign:g} {wire.start:g}{way}"
        gpio = GPIO_AT.get(position, "")
        for under, width, opacity in (
            (f"M{edge + 34 * sign:g} {wire.start:g}{way}", 7, 1),
            (path, 5, 0.5),  # a dark wire is seen on the dark header, too
        ):
            self._add(
                f'<path d="{under}" fill="none" stroke="{PAPER}" '
                f'stroke-width="{width}" stroke-opacity="{opacity}"/>'
            )
        self._add(
            f'<path class="wire" data-pin="{position}" '
            f'data-gpio="{gpio}" data-part="{escape(wire.part)}" d="{path}" '
            f'fill="none" stroke="{wire.terminal.color}" stroke-width="3" '
            'stroke-linejoin="round"/>'
        )

    def _aside(self, lines: tuple[str, ...]) -> None:
        x, y = WIDTH - MARGIN - BOX_WIDTH, TOP + 20 * PITCH - 40
        self._add(
            f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="96" rx="10" '
            'fill="#f1f5f9" stroke="#8796a5" stroke-width="1.5"/>'
        )
        for index, line in enumerate(lines):
            weight = "bold" if index == 0 else "normal"
            size = 15 if index == 0 else 12
            self._add(_text(x + 16, y + 28 + 24 * index, line, size, weight=weight))
        self._add(
            f'<path d="M{x} {y + 52}H{RIGHT + 34}" stroke="{INK}" stroke-width="5" '
            'stroke-dasharray="10 6"/>'
        )
        self._add(_text(x - 12, y + 44, "any USB socket", 11.5, anchor="end"))

    def _add(self, line: str) -> None:
        self._lines.append(line)


def _stacked(parts: Sequence[Part]) -> Iterator[tuple[Part, float]]:
    """Each part with where it begins: beside its pins, but never on the one before."""
    free = TOP - 34.0
    for index, part in enumerate(parts):
        pins = [_pin_y(each.position) for each in part.terminals]
        middle = sum(pins) / len(pins) + BELOW
        wanted = middle - FIRST - ROW * (len(pins) - 1) / 2
        below = sum(each.height + 18 for each in parts[index:])
        y = max(free, min(wanted, TOP + 20 * PITCH + 44 - below))
        yield part, y
        free = y + part.height + 18


def _pin_y(position: int) -> float:
    return TOP + PITCH * ((position - 1) // 2)


def _label(position: int, taken: dict[int, str]) -> tuple[str, str]:
    if position in V3:
        return "3.3 V", RED3
    if position in V5:
        return "5 V", RED5
    if position in GROUNDS:
        return "ground", GROUND
    if position in HAT_MEMORY:
        return "HAT only", "#98a2ad"
    gpio = GPIO_AT[position]
    return (taken[gpio], "#b0401a") if gpio in taken else (f"GPIO{gpio}", INK)


def _box(part: Part, x: float, y: float, *, is_left: bool) -> list[str]:
    lines = [
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{part.height:g}" '
        'rx="10" fill="#f1f5f9" stroke="#8796a5" stroke-width="1.5"/>',
        _text(x + 14, y + 23, part.name, 15, weight="bold"),
        _text(x + 14, y + 40, part.detail, 10.5, "#5b6773"),
    ]
    for index, terminal in enumerate(part.terminals):
        at = y + FIRST + ROW * index
        edge = x + BOX_WIDTH if is_left else x
        inner = edge - 16 if is_left else edge + 16
        anchor = "end" if is_left else "start"
        text = f"{terminal.label} → pin {terminal.position}"
        lines += [
            f'<circle cx="{edge:g}" cy="{at:g}" r="5" fill="{terminal.color}"/>',
            _text(inner, at + 4, text, 12, terminal.color, anchor, "bold"),
        ]
    return lines


def _lanes(wires: list[_Wire]) -> list[tuple[_Wire, int]]:
    """A lane for each wire, so that few of them cross."""
    order = list(range(len(wires)))
    best = _crossings(wires, order)
    is_better = True
    while is_better:
        is_better = False
        for one, other in itertools.combinations(range(len(wires)), 2):
            order[one], order[other] = order[other], order[one]
            count = _crossings(wires, order)
            if count < best:
                best, is_better = count, True
            else:
                order[one], order[other] = order[other], order[one]
    return list(zip(wires, order, strict=True))


def _crossings(wires: Sequence[_Wire], lanes: Sequence[int]) -> int:
    count = 0
    for (one, near), (other, far) in itertools.permutations(
        zip(wires, lanes, strict=True), 2
    ):
        if near > far:
            continue
        low, high = sorted((one.start, one.end))
        count += low <= other.start <= high  # on its way out to the farther lane
        low, high = sorted((other.start, other.end))
        count += low <= one.end <= high  # on its way on, past the farther lane
    return count


def _text(
    x: float,
    y: float,
    text: str,
    size: float,
    color: str = INK,
    anchor: str = "start",
    weight: str = "normal",
) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{color}" '
        f'text-anchor="{anchor}" font-weight="{weight}">{escape(text)}</text>'
    )


def main() -> None:
    """Write them all."""
    for drawing in DRAWINGS:
        (HERE / f"{drawing.name}.svg").write_text(drawn(drawing), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Whatever is in a YAML file: sentences and an exit code, never a traceback."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intercomd.cli.main import main
from intercomd.domain.document import Document
from intercomd.domain.errors import ConfigInvalid
from intercomd.domain.schema import schema
from intercomd.fleet.check import load_checked, problems
from intercomd.fleet.fleet import Fleet
from intercomd.fleet.identity import Identity
from intercomd.fleet.schema import fleet_schema
from intercomd.server.config import ServerConfig
from intercomd.server.config import load as load_server
from intercomd.station.config import StationConfig
from intercomd.station.config import load as load_station

CONFIG = Path(__file__).parents[2] / "config"
SAMPLES = [path.read_text(encoding="utf-8") for path in sorted(CONFIG.glob("*.yaml"))]
WRONG = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "wrong_configs").glob("*/*.yaml"))
]
VALUES = ["", "null", "-1", "1e9", "[]", "{}", "[1, a]", "{a: 1}", "&a [*a]", "'", "*b"]
VALUES += [
    "!!int x",
    "? [",
    "- -",
    "2001-01-01",
    ".nan",
    '"\\0"',
    "|\n  x",
    "é\u2028",
    "~",
]
MACHINE = Identity("10000000abcdef01", frozenset({"dc:a6:32:00:11:22"}), "office")

quick = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def mutilated(draw: st.DrawFn) -> str:
    """A file that was right or nearly so, after up to four accidents."""
    lines = draw(st.sampled_from(SAMPLES + WRONG)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        if not lines:
            break
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].partition(":")
        match draw(st.integers(0, 6)):
            case 0:
                del lines[at]
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2:
                lines.insert(at, lines[other])
            case 3:
                lines[at] = key + colon + " " + draw(st.sampled_from(VALUES))
            case 4:
                lines[at] = key + colon + " " + draw(st.text(max_size=8))
            case 5:
                lines[at] = " " * draw(st.integers(0, 6)) + lines[at].lstrip()
            case _:
                cut = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:cut]
    return "\n".join(lines) + "\n"


texts = st.one_of(mutilated(), st.text(max_size=200))


def written(folder: Path, text: str) -> Path:
    (folder / "app_sign").touch()
    path = folder / "some.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


@quick
@given(texts)
def test_check_has_a_sentence_or_nothing_to_say(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    with contextlib.redirect_stdout(None), contextlib.redirect_stderr(None):
        assert main(["check", str(path)]) in {os.EX_OK, os.EX_CONFIG}


def look_into_fleet(path: Path) -> Fleet:
    """All that `intercomd fleet` and `run --fleet` do with a file."""
    fleet = Fleet.load(path)
    problems(fleet)
    for name in fleet.entries:
        list(fleet.explained(name))
    return fleet


@quick
@given(texts)
@pytest.mark.parametrize("load", [load_station, load_server, look_into_fleet])
def test_a_loader_returns_or_tells_sentences(
    tmp_path_factory: pytest.TempPathFactory, load: Callable[[Path], object], text: str
) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        loaded = load(path)
        if isinstance(loaded, Fleet):
            loaded.config(loaded.find(MACHINE))
    except ConfigInvalid as error:
        sentences = str(error).splitlines()
        assert sentences
        assert all(sentence.startswith(str(path)) for sentence in sentences)


SCHEMAS = [
    (load_station, schema(StationConfig, "station")),
    (load_server, schema(ServerConfig, "server")),
    (load_checked, fleet_schema()),
]


@quick
@given(mutilated())
@pytest.mark.parametrize(("load", "told"), SCHEMAS)
def test_what_is_accepted_no_editor_underlines(
    tmp_path_factory: pytest.TempPathFactory,
    load: Callable[[Path], object],
    told: dict[str, object],
    text: str,
) -> None:
    path = written(tmp_path_factory.getbasetemp(), text)
    try:
        load(path)
    except ConfigInvalid:
        return
    jsonschema.validate(Document.parse(text, "some.yaml").value, told)

"""One file, many stations: who is who, and whose setting counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid
from intercomd.fleet.fleet import Fleet
from intercomd.fleet.identity import Identity
from intercomd.station.config import TalkMode

FLEET = """\
defaults:
  server: {url: ws://one:8470}
  app: {id: 1, sign_file: app_sign}
  room: {id: lobby}
  talk: {mode: key, tail_ms: 50}
groups:
  workshop: {room: {id: workshop}, talk: {tail_ms: 200}}
  quiet: {talk: {tail_ms: 0}}
stations:
  gate:
    match: {serial: "10000000abcdef01"}
    user: {id: gate-1, name: Gate}
  bench:
    match: {mac: DC:A6:32:00:11:22}
    groups: [workshop, quiet]
    audio: {capture: hw:1}
  office:
"""

NOBODY = Identity("", frozenset(), "somewhere")


def fleet_of(tmp_path: Path, text: str = FLEET) -> Fleet:
    path = tmp_path / "fleet.yaml"
    path.write_text(text)
    return Fleet.load(path)


def complaints(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as caught:
        fleet_of(tmp_path, text)
    return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).split("\n")]


def test_a_station_has_the_defaults_under_its_groups_under_its_own(
    tmp_path: Path,
) -> None:
    bench = fleet_of(tmp_path).config("bench")
    assert bench.room.id == "workshop"
    assert bench.talk.mode is TalkMode.KEY
    assert bench.talk.tail_ms == 0  # the last group named counts
    assert bench.audio.capture == ("hw:1",)
    assert bench.app.sign_file == tmp_path / "app_sign"


def test_a_station_is_the_user_of_its_name_unless_it_says_otherwise(
    tmp_path: Path,
) -> None:
    fleet = fleet_of(tmp_path)
    assert fleet.config("office").user.id == "office"
    assert fleet.config("gate").user.id == "gate-1"


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        (Identity("10000000abcdef01", frozenset(), "x"), "gate"),
        (
            Identity("", frozenset({"00:11:22:33:44:55", "dc:a6:32:00:11:22"}), ""),
            "bench",
        ),
        (Identity("", frozenset(), "Office"), "office"),
        (Identity("10000000abcdef01", frozenset(), "office"), "gate"),
    ],
)
def test_a_machine_finds_itself_by_its_surest_mark(
    tmp_path: Path, identity: Identity, name: str
) -> None:
    assert fleet_of(tmp_path).find(identity) == name


def test_a_machine_that_is_in_no_match_is_told_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"no station .* \(hostname somewhere\)"):
        fleet_of(tmp_path).find(NOBODY)


def test_two_stations_that_both_match_are_told(tmp_path: Path) -> None:
    text = FLEET.replace(
        "  office:\n", '  office:\n    match: {mac: "dc:a6:32:00:11:22"}\n'
    )
    with pytest.raises(
        ConfigInvalid, match="bench, office all match this machine by mac"
    ):
        fleet_of(tmp_path, text).find(
            Identity("", frozenset({"dc:a6:32:00:11:22"}), "")
        )


def test_an_unknown_name_is_met_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigInvalid, match=r"no station 'bnch'; did you mean 'bench'\?"
    ):
        fleet_of(tmp_path).config("bnch")


def test_explained_tells_each_value_with_its_line(tmp_path: Path) -> None:
    told = {
        item.path: (item.value, item.layer, item.line)
        for item in fleet_of(tmp_path).explained("bench")
    }
    assert told["room", "id"] == ("workshop", "groups.workshop", 7)
    assert told["talk", "tail_ms"] == (0, "groups.quiet", 8)
    assert told["talk", "mode"] == ("key", "defaults", 5)
    assert told["audio", "capture"] == ("hw:1", "stations.bench", 16)
    assert told["user", "id"] == ("bench", "stations.bench", 13)


def test_a_mistake_is_told_where_it_is_written(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, FLEET.replace("tail_ms: 0", "tail_ms: 20000"))
    with pytest.raises(ConfigInvalid) as caught:
        fleet.config("bench")
    assert str(caught.value) == (
        f"{tmp_path}/fleet.yaml:8:18: talk.tail_ms: must be 0 to 2000 ms, not 20000"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("groups:", "gruops:"), "fleet.yaml:6:1: gruops: is not a known key; did you"),
        (
            ("[workshop, quiet]", "[workshp]"),
            "fleet.yaml:15:14: stations.bench.groups[0]:",
        ),
        (("mac: DC", "mca: DC"), "fleet.yaml:14:13: stations.bench.match.mca: is not"),
        (
            ("DC:A6:32:00:11:22", "12"),
            "fleet.yaml:14:13: stations.bench.match.mac: must",
        ),
        (
            ("  office:\n", "  office: 3\n"),
            "fleet.yaml:17:3: stations.office: must be a",
        ),
    ],
)
def test_what_is_wrong_with_the_sections_is_told_with_its_place(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    assert any(
        line.startswith(told) for line in complaints(tmp_path, FLEET.replace(*change))
    )


def test_an_empty_file_is_one_sentence(tmp_path: Path) -> None:
    assert complaints(tmp_path, "")[0].endswith(
        "must be sections: defaults, groups, stations"
    )

"""What only shows when all stations of a fleet file are looked at together."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from intercomd.domain.errors import ConfigInvalid
from intercomd.fleet.check import load_checked

DEFAULTS = """\
defaults:
  server: {url: ws://one:8470}
  app: {id: 1, sign_file: app_sign}
  room: {id: lobby}
"""


def complaints(tmp_path: Path, text: str, *, secret: bool = True) -> list[str]:
    if secret:
        (tmp_path / "app_sign").write_text("0" * 64)
    path = tmp_path / "fleet.yaml"
    path.write_text(DEFAULTS + text)
    with pytest.raises(ConfigInvalid) as caught:
        load_checked(path)
    return [line.removeprefix(f"{tmp_path}/") for line in str(caught.value).split("\n")]


def test_the_same_user_twice(tmp_path: Path) -> None:
    text = (
        "stations:\n  a: {user: {id: x}}\n  b: {user: {id: x}, stream: {id: other}}\n"
    )
    assert complaints(tmp_path, text) == [
        "fleet.yaml:7:14: stations.b.user.id: user 'x' is station a's already"
    ]


def test_the_same_stream_twice(tmp_path: Path) -> None:
    text = "stations:\n  a: {stream: {id: x}}\n  b: {stream: {id: x}}\n"
    assert complaints(tmp_path, text) == [
        "fleet.yaml:7:16: stations.b.stream.id: stream 'x' is station a's already"
    ]


def test_the_same_address_twice(tmp_path: Path) -> None:
    mark = '{match: {mac: "00:11:22:33:44:55"}}'
    text = f"stations:\n  a: {mark}\n  b: {mark}\n"
    (told,) = complaints(tmp_path, text)
    assert told.endswith("mac '00:11:22:33:44:55' is station a's already")


def test_the_same_hostname_twice(tmp_path: Path) -> None:
    text = "stations:\n  office: {}\n  b: {match: {hostname: office}}\n"
    (told,) = complaints(tmp_path, text)
    assert told.endswith("hostname 'office' is station office's already")


def test_a_secret_that_systemd_gives_is_not_looked_for_here(tmp_path: Path) -> None:
    text = "stations:\n  a: {app: {sign_file: 'credential:app_sign'}}\n"
    path = tmp_path / "fleet.yaml"
    path.write_text(DEFAULTS + text)
    assert list(load_checked(path).entries) == ["a"]


def test_a_group_without_stations(tmp_path: Path) -> None:
    text = "groups:\n  lonely: {}\nstations:\n  a: {}\n"
    assert complaints(tmp_path, text) == [
        "fleet.yaml:6:3: groups.lonely: no station is in this group"
    ]


def test_a_secret_that_is_not_there_is_told_once_for_all_stations(
    tmp_path: Path,
) -> None:
    (told,) = complaints(tmp_path, "stations: {a: {}, b: {}}\n", secret=False)
    assert told == (
        f"fleet.yaml:3:16: defaults.app.sign_file: there is no file {tmp_path}/app_sign"
    )


def test_a_secret_elsewhere_is_the_stations_own_matter(tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(
        DEFAULTS.replace("app_sign}", "/etc/intercomd/app_sign}") + "stations: {a: {}}"
    )
    load_checked(path)


def test_a_mistake_in_the_defaults_is_told_once(tmp_path: Path) -> None:
    text = "  talk: {tail_ms: long}\nstations: {a: {}, b: {}}\n"
    (told,) = complaints(tmp_path, text)
    assert told.startswith("fleet.yaml:5:10: talk.tail_ms: must be")


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = (
        "groups:\n  lonely: {}\n"
        "stations:\n  a: {user: {id: x}}\n  b: {user: {id: x}, stream: {id: y}}\n"
        "  c: {rom: {}}\n"
    )
    told = complaints(tmp_path, text, secret=False)
    assert [int(line.split(":")[1]) for line in told] == [3, 6, 9, 10]


def test_a_thousand_stations_are_checked_while_one_waits(tmp_path: Path) -> None:
    (tmp_path / "app_sign").write_text("0" * 64)
    stations = "".join(
        f"  station-{index}:\n"
        f'    match: {{serial: "{index:016x}"}}\n'
        f"    user: {{name: Station {index}}}\n"
        f"    groups: [floor-{index % 20}]\n"
        for index in range(1000)
    )
    groups = "".join(f"  floor-{n}: {{room: {{id: floor-{n}}}}}\n" for n in range(20))
    path = tmp_path / "fleet.yaml"
    path.write_text(f"{DEFAULTS}groups:\n{groups}stations:\n{stations}")
    began_at = time.monotonic()
    assert len(load_checked(path).entries) == 1000
    assert time.monotonic() - began_at < 6.0  # 0.4 s on a quiet machine

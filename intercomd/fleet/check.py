"""What no single station of a fleet file shows: names taken twice, secrets missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from intercomd.domain.document import KeyPath
from intercomd.domain.errors import ConfigInvalid
from intercomd.fleet.entry import GROUPS, MATCH, Mark
from intercomd.fleet.fleet import STATIONS, Fleet
from intercomd.fleet.layers import value_in
from intercomd.station.config import StationConfig
from intercomd.station.credential import is_named


def load_checked(path: Path) -> Fleet:
    """Read a fleet file; raises `ConfigUnreadable`, or `ConfigInvalid` with one line
    for each mistake of the file and of all its stations."""
    fleet = Fleet.load(path)
    found = problems(fleet)
    if found:
        raise ConfigInvalid("\n".join(found))
    return fleet


def problems(fleet: Fleet) -> list[str]:
    """Every mistake in the file, one sentence each, in the file's order."""
    configs: dict[str, StationConfig] = {}
    found: dict[str, None] = {}  # a mistake in the defaults is told once
    for name in fleet.entries:
        try:
            configs[name] = fleet.config(name)
        except ConfigInvalid as error:
            found.update(dict.fromkeys(str(error).splitlines()))
    for path, text in (
        *_taken_twice(fleet, configs),
        *_unused_groups(fleet),
        *_missing_secrets(fleet, configs),
    ):
        found[fleet.document.problem(path, text)] = None
    return sorted(found, key=lambda sentence: _line(fleet, sentence))


def _taken_twice(
    fleet: Fleet, configs: dict[str, StationConfig]
) -> Iterator[tuple[KeyPath, str]]:
    owners: defaultdict[tuple[str, ...], list[tuple[str, KeyPath]]] = defaultdict(list)
    for name, config in configs.items():
        here, app = (STATIONS, name), str(config.app.id)
        owners["user", config.user.id, app].append((name, (*here, "user", "id")))
        owners["stream", config.stream_id, app].append((name, (*here, "stream", "id")))
    for name, entry in fleet.entries.items():
        for mark, text in entry.marks.items():
            path: KeyPath = (STATIONS, name, MATCH, mark.value)
            owners[mark.value, text].append((name, path))
        if not entry.marks:
            owners[Mark.HOSTNAME.value, name.lower()].append((name, (STATIONS, name)))
    for (kind, text, *_), taken in owners.items():
        first, _ = taken[0]
        for _, path in taken[1:]:
            yield path, f"{kind} '{text}' is station {first}'s already"


def _unused_groups(fleet: Fleet) -> Iterator[tuple[KeyPath, str]]:
    used = {group for entry in fleet.entries.values() for group in entry.groups}
    for group in sorted(fleet.groups - used):
        yield (GROUPS, group), "no station is in this group"


def _missing_secrets(
    fleet: Fleet, configs: dict[str, StationConfig]
) -> Iterator[tuple[KeyPath, str]]:
    """Those beside the fleet file; what is elsewhere, or given to the service by
    systemd, is on the stations alone."""
    missing: dict[KeyPath, Path] = {}
    for name, config in configs.items():
        layers = fleet.layered(name)
        files = {"sign_file": config.app.sign_file, "token_file": config.app.token_file}
        for key, path in files.items():
            given = Path(str(value_in(layers.value, ("app", key))))
            is_beside = not given.is_absolute() and not is_named(given)
            if path and is_beside and not path.is_file():
                missing[layers.origins["app", key]] = path
    for origin, path in missing.items():
        yield origin, f"there is no file {path}"


def _line(fleet: Fleet, sentence: str) -> int:
    number = sentence.removeprefix(f"{fleet.document.name}:").split(":", 1)[0]
    return int(number) if number.isdigit() else 0

"""`intercomd doctor`: what is wrong with this station, and what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable, IntercomError
from intercomd.fleet.fleet import Fleet
from intercomd.fleet.identity import this_machine
from intercomd.station.config import StationConfig, load
from intercomd.station.doctor.examination import examine
from intercomd.station.doctor.finding import Finding, Level, failure, fine

EX_WARNINGS = 1

_MARKS = {
    Level.FINE: "  ok",
    Level.NOTE: "    ",
    Level.WARNING: "warn",
    Level.FAILURE: "FAIL",
}


def main(arguments: argparse.Namespace) -> int:
    """Print each finding; returns 0 if nothing is to be done, 1 for warnings only,
    69 for a failure, 78 or 66 if that is the configuration's."""
    # What a part would log is in its finding.
    logging.getLogger("intercomd").addHandler(logging.NullHandler())
    return asyncio.run(_examine(arguments))


async def _examine(arguments: argparse.Namespace) -> int:
    config, code, found = _configuration(arguments)
    for finding in found:
        _tell(finding, is_json=arguments.json)
    async for finding in examine(config):
        found.append(finding)
        _tell(finding, is_json=arguments.json)
    worst = max(finding.level for finding in found)
    code = code or _code(worst)
    if arguments.json:
        print(json.dumps({"exit_code": code, "findings": [*map(_plain, found)]}))
    else:
        print(_summary(found))
    return code


def _configuration(
    arguments: argparse.Namespace,
) -> tuple[StationConfig | None, int, list[Finding]]:
    path = arguments.fleet or arguments.config
    try:
        if arguments.fleet is None:
            config = load(path)
        else:
            fleet = Fleet.load(path)
            config = fleet.config(arguments.name or fleet.find(this_machine()))
    except ConfigInvalid as error:
        return None, os.EX_CONFIG, list(_faults(error, f"mend {path}"))
    except ConfigUnreadable as error:
        remedy = "name the station's file with --config or --fleet"
        return None, os.EX_NOINPUT, list(_faults(error, remedy))
    told = f"{path}: user {config.user.id} in room {config.room.id}"
    return config, os.EX_OK, [fine("configuration", told)]


def _faults(error: IntercomError, remedy: str) -> Iterator[Finding]:
    for sentence in str(error).splitlines():
        yield failure("configuration", sentence, remedy)


def _code(worst: Level) -> int:
    match worst:
        case Level.FAILURE:
            return os.EX_UNAVAILABLE
        case Level.WARNING:
            return EX_WARNINGS
        case Level.NOTE | Level.FINE:
            return os.EX_OK


def _tell(finding: Finding, *, is_json: bool) -> None:
    if is_json:
        return
    print(f"{_MARKS[finding.level]}  {finding.check:<13} {finding.text}")
    if finding.remedy:
        print(f"{'':19} -> {finding.remedy}")
    sys.stdout.flush()  # for who waits: the chirps take some seconds


def _plain(finding: Finding) -> dict[str, object]:
    return asdict(finding) | {"level": finding.level.name.lower()}


def _summary(found: list[Finding]) -> str:
    failures = sum(finding.level is Level.FAILURE for finding in found)
    warnings = sum(finding.level is Level.WARNING for finding in found)
    if not failures and not warnings:
        return "Nothing is wrong."
    return f"{failures} failures, {warnings} warnings."

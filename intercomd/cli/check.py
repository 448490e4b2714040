"""`intercomd check`: tell every mistake in YAML files, and start nothing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.fleet.check import load_checked
from intercomd.server import config as server
from intercomd.station import config as station

_LOADERS: Final[Mapping[str, Callable[[Path], object]]] = {
    "station": station.load,
    "server": server.load,
    "fleet": load_checked,
}


def main(arguments: argparse.Namespace) -> int:
    """Returns 0 if all files are right, else the code of the last that is not."""
    kinds = [arguments.kind] if arguments.kind else list(_LOADERS)
    code = os.EX_OK
    for path in arguments.files:
        try:
            kind = _checked(path, kinds)
        except ConfigInvalid as error:
            print(error, file=sys.stderr)
            code = os.EX_CONFIG
        except ConfigUnreadable as error:
            print(f"intercomd: {error}", file=sys.stderr)
            code = os.EX_NOINPUT
        else:
            print(f"{path}: a {kind}'s, without mistakes")
    return code


def _checked(path: Path, kinds: list[str]) -> str:
    """The kind that accepts the file, or the complaint of the one that knows it best.

    The kind the file is not for complains of nearly all its keys.
    """
    complaints = []
    for kind in kinds:
        try:
            _LOADERS[kind](path)
        except ConfigInvalid as error:
            complaints.append(error)
        else:
            return kind
    raise min(complaints, key=lambda complaint: str(complaint).count("\n"))

"""`intercomd schema`: print the JSON Schema of a YAML file, for editors."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from typing import Final

from intercomd.domain.schema import Schema, schema
from intercomd.fleet.schema import fleet_schema
from intercomd.server.config import ServerConfig
from intercomd.station.config import StationConfig

_SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {
    "station": lambda: schema(StationConfig, "intercomd station"),
    "server": lambda: schema(ServerConfig, "intercomd room server"),
    "fleet": fleet_schema,
}


def main(arguments: argparse.Namespace) -> int:
    """Print it; returns 0."""
    print(json.dumps(_SCHEMAS[arguments.kind](), indent=2))
    return os.EX_OK

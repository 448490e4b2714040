"""The JSON Schema of a fleet file: a station's, with nothing required."""

from __future__ import annotations

from typing import Any

from intercomd.domain.schema import SECTION, Schema, schema
from intercomd.fleet.entry import GROUPS, MATCH, Mark
from intercomd.fleet.fleet import DEFAULTS, STATIONS
from intercomd.station.config import StationConfig


def fleet_schema() -> Schema:
    """Defaults, groups and stations; each layer may leave out what another says."""
    whole = schema(StationConfig, "intercomd fleet")
    layer = _optional({key: whole[key] for key in ("type", "properties")})
    layer["additionalProperties"] = False
    marks = {mark.value: {"type": "string"} for mark in Mark}
    station = layer | {
        "properties": layer["properties"]
        | {
            GROUPS: {"type": ["array", "null"], "items": {"type": "string"}},
            MATCH: {
                "type": SECTION,
                "properties": marks,
                "additionalProperties": False,
            },
        }
    }
    sections = {
        DEFAULTS: layer,
        GROUPS: {"type": SECTION, "additionalProperties": layer},
        STATIONS: {"type": "object", "additionalProperties": station},
    }
    return {
        "$schema": whole["$schema"],
        "title": whole["title"],
        "type": "object",
        "properties": sections,
        "required": [STATIONS],
        "additionalProperties": False,
    }


def _optional(told: Any) -> Any:
    """The same without `required`, all the way down; a list's items stay whole."""
    if not isinstance(told, dict):
        return told
    optional = {
        key: value if key == "items" else _optional(value)
        for key, value in told.items()
        if key != "required"
    }
    return optional | ({"type": SECTION} if "properties" in told else {})

"""Settings declared as dataclasses, told as JSON Schema (2020-12) for editors. Pure.

What only `Check` or `problems` knows is not in it: `intercomd check` tells that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from intercomd.domain.settings import Range

Schema = dict[str, Any]

SECTION = ["object", "null"]
"""The type of a section that needs no key: there may be nothing below its name."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    Path: "string",
}


def schema(kind: type, title: str) -> Schema:
    """The schema of a whole file whose settings are the dataclass `kind`."""
    return {"$schema": _DIALECT, "title": title, **_section(kind)}


def _section(kind: type) -> Schema:
    hints = get_type_hints(kind, include_extras=True)
    properties: Schema = {}
    required = []
    for field in fields(kind):
        properties[field.name] = _value(hints[field.name])
        if field.default is not MISSING:
            properties[field.name]["default"] = _plain(field.default)
        elif field.default_factory is MISSING:
            required.append(field.name)
    told: Schema = {
        "type": "object" if required else SECTION,
        "properties": properties,
        "additionalProperties": False,
    }
    return told | ({"required": required} if required else {})


def _value(hint: Any) -> Schema:
    origin = get_origin(hint)
    if origin is Annotated:
        plain, *limits = get_args(hint)
        told = _value(plain)
        for limit in limits:
            if isinstance(limit, Range):
                told |= {"minimum": limit.low, "maximum": limit.high}
                told |= {"description": limit.unit} if limit.unit else {}
        return told
    if origin in (Union, UnionType):
        (arm,) = (arm for arm in get_args(hint) if arm is not NoneType)
        return {"anyOf": [_value(arm), {"type": "null"}]}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _value(get_args(hint)[1])}
    if origin is tuple:
        return _list(get_args(hint)[0])
    if is_dataclass(hint):
        assert isinstance(hint, type)
        return _section(hint)
    if issubclass(hint, Enum):
        return {"enum": [member.value for member in hint]}
    return {"type": _TYPES[hint]}


def _list(item: Any) -> Schema:
    several = {"type": "array", "items": _value(item)}
    # A text that is the only one needs no list around it.
    return {"anyOf": [_value(item), several]} if item is str else several


def _plain(default: object) -> object:
    match default:
        case Enum():
            return default.value
        case tuple():
            return [_plain(item) for item in default]
        case Path():
            return str(default)
        case _:
            return default

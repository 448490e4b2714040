"""The spoken greeting that stands in for a microphone; see data/README.md."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def greeting_path() -> Path:
    """A WAV file of about six seconds, as `WavSource` takes it."""
    return Path(str(files("intercomd.audio") / "data" / "greeting.wav"))

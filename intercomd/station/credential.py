"""Secrets that systemd hands to the service, named `credential:app_sign` in a file.

systemd.exec(5), LoadCredential=: nobody but the service can read them.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAMED = "credential:"
_UNIT_FOLDER = Path("/run/credentials/intercomd.service")


def found(folder: Path, named: Path) -> Path:
    """Where a configuration's file is, seen from its `folder`.

    A credential is where systemd put it. While no service runs it is not there: then
    it is the file beside the configuration that the service would be given.
    """
    if not is_named(named):
        return folder / named
    name = str(named).removeprefix(_NAMED)
    return (_credentials() or folder) / name


def is_named(named: Path) -> bool:
    """Whether a configuration's file is a credential."""
    return str(named).startswith(_NAMED)


def is_credential(path: Path) -> bool:
    """Whether systemd put it there, who looks after its rights."""
    folder = _credentials()
    return folder is not None and path.is_relative_to(folder)


def _credentials() -> Path | None:
    """Of this service, or of the one that runs; None if none does."""
    if told := os.environ.get("CREDENTIALS_DIRECTORY"):
        return Path(told)
    return _UNIT_FOLDER if _UNIT_FOLDER.is_dir() else None

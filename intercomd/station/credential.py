"""Secrets that systemd hands to the service, named `credential:app_sign` in a file.

systemd.exec(5), LoadCredential=: nobody but the service can read them.
"""

from __future__ import annotations

import os
from pathlib import Path

_NAMED = "credential:"
_UNIT_FOLDER = "/run/credentials/intercomd.service"


def found(folder: Path, named: Path) -> Path:
    """Where a configuration's file is: a credential, or else found from `folder`."""
    name = str(named)
    if name.startswith(_NAMED):
        return _credentials() / name.removeprefix(_NAMED)
    return folder / named


def is_credential(path: Path) -> bool:
    """Whether systemd put it there, who looks after its rights."""
    return path.is_relative_to(_credentials())


def _credentials() -> Path:
    return Path(os.environ.get("CREDENTIALS_DIRECTORY", _UNIT_FOLDER))

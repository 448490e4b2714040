"""Files that hold one secret each, made at the first start for their owner only.

What is in them is never told, in no log and in no error.
"""

from __future__ import annotations

import logging
import os
import secrets
import stat
import string
from collections.abc import Callable
from pathlib import Path

from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable, IntercomError
from intercomd.domain.identifiers import APP_SIGN_DIGITS, check_app_sign

SECRET_CHARACTERS = 32

_log = logging.getLogger(__name__)


def read_or_create_app_sign(path: Path) -> str:
    """The AppSign, 64 hexadecimal digits; a random one is written if none is there.

    Raises `ConfigUnreadable`, or `ConfigInvalid`, which never tells the content.
    """
    made = secrets.token_hex(APP_SIGN_DIGITS // 2)
    return _read_or_create(path, "app sign", made, check_app_sign)


def read_or_create_admin_secret(path: Path) -> str:
    """The operator's secret, 64 hexadecimal digits as an AppSign, made likewise.

    Raises `ConfigUnreadable`, or `ConfigInvalid`, which never tells the content.
    """
    made = secrets.token_hex(APP_SIGN_DIGITS // 2)
    return _read_or_create(path, "admin secret", made, check_app_sign)


def read_admin_secret(path: Path) -> str:
    """The operator's secret that is there; raises as the one that makes it."""
    return _read(path, "admin secret", check_app_sign)


def read_or_create_secret(path: Path) -> str:
    """The ServerSecret, 32 characters; a random one is written if none is there.

    Raises `ConfigUnreadable`, or `ConfigInvalid`, which never tells the content.
    """
    letters = string.ascii_letters + string.digits
    made = "".join(secrets.choice(letters) for _ in range(SECRET_CHARACTERS))
    return _read_or_create(path, "server secret", made, check_secret)


def read_secret(path: Path) -> str:
    """The ServerSecret that is there; raises as `read_or_create_secret` does."""
    return _read(path, "server secret", check_secret)


def check_secret(secret: str) -> str:
    """Return `secret`, or raise `ConfigInvalid` (never its text) unless it is a
    ServerSecret: 32 ASCII characters without white space."""
    if len(secret) != SECRET_CHARACTERS:
        told = f"{len(secret)} characters"
        raise ConfigInvalid(f"must hold a ServerSecret of 32 characters, not {told}")
    if not (secret.isascii() and secret.isprintable() and " " not in secret):
        raise ConfigInvalid("must hold a ServerSecret of ASCII without white space")
    return secret


def create(path: Path, content: bytes, mode: int = 0o600) -> bool:
    """Write a file that is there with all its content or not at all, also when the
    power goes meanwhile; False leaves an existing one alone. Raises `OSError`."""
    if path.exists():
        return False
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        # A link, and not a rename: whoever else just made one keeps it.
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    _sync(path.parent)
    return True


def _sync(folder: Path) -> None:
    """Bring the folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_or_create(
    path: Path, what: str, made: str, check: Callable[[str], str]
) -> str:
    try:
        created = create(path, f"{made}\n".encode("ascii"))
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error
    if created:
        _log.info("%s created file=%s", what, path)
    return _read(path, what, check)


def _read(path: Path, what: str, check: Callable[[str], str]) -> str:
    try:
        text = path.read_text(encoding="ascii", errors="replace")
        mode = path.stat().st_mode
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        _log.warning("%s readable by others file=%s: chmod 600 it", what, path)
    try:
        return check(text.strip())
    except IntercomError as error:
        raise ConfigInvalid(f"{path}: {error}") from error

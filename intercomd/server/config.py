"""The room server's configuration: what config/server.yaml may hold.

Declarations, and the reading of one file; it binds no port.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from intercomd.domain.document import Document, KeyPath, dotted
from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable
from intercomd.domain.identifiers import APP_ID_MAX
from intercomd.domain.log_level import LogSettings
from intercomd.domain.settings import Check, Range, read_settings
from intercomd.protocol.admission import TokenExpiry

ADMIN_FILE = "admin_secret"


@dataclass(frozen=True, slots=True)
class AppSettings:
    """An application: stations of different ones never hear of each other.

    Without `secret_file` there are no tokens.
    """

    id: Annotated[int, Range(1, APP_ID_MAX)]
    sign_file: Path
    secret_file: Path | None = None
    token_required: bool = False
    token_expiry: TokenExpiry = TokenExpiry.KEEP

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if self.token_required and self.secret_file is None:
            yield ("token_required",), "needs a secret_file to check the tokens with"


def check_apps(apps: Sequence[AppSettings]) -> Sequence[AppSettings]:
    """Return `apps`, or raise `ConfigInvalid` if there is none, or one twice."""
    if not apps:
        raise ConfigInvalid("must hold one application at least, or nobody can log in")
    twice = [
        str(app_id) for app_id, n in Counter(app.id for app in apps).items() if n > 1
    ]
    if twice:
        raise ConfigInvalid(f"must not hold an id twice: {', '.join(twice)}")
    return apps


def check_host(host: str) -> str:
    """Return `host`, or raise `ConfigInvalid` if it is empty or holds white space."""
    if not host or host.split() != [host]:
        raise ConfigInvalid(f"must be an address to listen on, not '{host}'")
    return host


@dataclass(frozen=True, slots=True)
class ListenSettings:
    """Port 0 is any free port; a certificate and its key, or neither."""

    host: Annotated[str, Check(check_host)] = "0.0.0.0"
    port: Annotated[int, Range(0, 65535)] = 8470
    tls_cert: Path | None = None
    tls_key: Path | None = None

    def problems(self) -> Iterator[tuple[KeyPath, str]]:
        """What is wrong with it as a whole."""
        if (self.tls_cert is None) != (self.tls_key is None):
            missing = "tls_key" if self.tls_key is None else "tls_cert"
            yield (missing,), "is missing: TLS needs a certificate and its key"


def check_listen(listen: ListenSettings) -> ListenSettings:
    """Return `listen`, or raise `ConfigInvalid` for half of what TLS needs."""
    for path, text in listen.problems():
        raise ConfigInvalid(f"listen.{dotted(path)}: {text}")
    return listen


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What one client, or all of them, may ask of the server."""

    message_bytes: Annotated[int, Range(16_384, 1_048_576, "bytes")] = 65_536
    messages_per_s: Annotated[float, Range(1, 1000, "per second")] = 50
    message_burst: Annotated[int, Range(1, 10_000)] = 200
    login_s: Annotated[float, Range(1, 60, "s")] = 5
    connections: Annotated[int, Range(1, 100_000)] = 1000
    connections_per_address: Annotated[int, Range(1, 100_000)] = 200


@dataclass(frozen=True, slots=True)
class RoomsSettings:
    """0 is no limit of members."""

    max_members: Annotated[int, Range(0, 100_000)] = 0
    announced_members: Annotated[int, Range(0, 100_000)] = 500
    heartbeat_timeout_s: Annotated[float, Range(1, 3600, "s")] = 100
    plays_per_user: Annotated[int, Range(1, 1000)] = 64


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """`secret_file` None is no operator; a file that is read has one beside it."""

    secret_file: Path | None = None


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """Everything config/server.yaml says, checked; paths are ready to open."""

    apps: Annotated[tuple[AppSettings, ...], Check(check_apps)]
    listen: ListenSettings = field(default_factory=ListenSettings)
    limits: LimitSettings = field(default_factory=LimitSettings)
    rooms: RoomsSettings = field(default_factory=RoomsSettings)
    admin: AdminSettings = field(default_factory=AdminSettings)
    log: LogSettings = field(default_factory=LogSettings)


def load(path: Path) -> ServerConfig:
    """Read a room server's YAML file. Relative paths in it are relative to it.

    Raises `ConfigUnreadable`, or `ConfigInvalid` with one line for each problem.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigUnreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigInvalid(f"{path}: is not text in UTF-8") from error
    config = read_settings(ServerConfig, Document.parse(text, str(path)))
    return replace(
        config,
        listen=_found_from(path.parent, config.listen),
        admin=AdminSettings(path.parent / (config.admin.secret_file or ADMIN_FILE)),
        apps=tuple(
            replace(
                app,
                sign_file=path.parent / app.sign_file,
                secret_file=app.secret_file and path.parent / app.secret_file,
            )
            for app in config.apps
        ),
    )


def _found_from(folder: Path, listen: ListenSettings) -> ListenSettings:
    if listen.tls_cert is None or listen.tls_key is None:
        return listen
    return replace(
        listen, tls_cert=folder / listen.tls_cert, tls_key=folder / listen.tls_key
    )

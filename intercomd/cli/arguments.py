"""The command line's grammar: verbs and options, and nothing of what they do."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from intercomd import __version__
from intercomd.domain.errors import IntercomError
from intercomd.domain.identifiers import (
    APP_ID_MAX,
    check_room_id,
    check_stream_id,
    check_user_id,
)

KICKED_USERS_MAX = 5

_CONTROL = {
    "status": "tell how the station of this machine is",
    "watch": "tell it again and again",
    "events": "tell what happens to it",
    "talk": "press its talk key, or release it",
    "mute": "shut its microphone or loudspeaker, or open it",
    "volume": "set its loudspeaker's volume",
    "say": "say a file to the room, in its microphone's place",
    "reload": "have it read its configuration again",
}
_MODULES = {"uninstall": "install"} | dict.fromkeys(_CONTROL, "control")
"""Where a verb is done, if not in a module of its own name."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The arguments as a namespace; `verb` says whose they are.

    Exits with 64 after one sentence if they are wrong, with 0 after help or version.
    """
    parser = _Parser(
        prog="intercomd", description="A voice intercom: stations and a room server."
    )
    parser.add_argument("--version", action="version", version=__version__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    _add_serve(verbs.add_parser("serve", help="be the room server"))
    _add_run(verbs.add_parser("run", help="be a station"))
    _add_demo(verbs.add_parser("demo", help="show a server and two stations here"))
    _add_token(verbs.add_parser("token", help="make a token for a user"))
    _add_room(verbs.add_parser("room", help="rule over a running server's rooms"))
    _add_check(verbs.add_parser("check", help="look for mistakes in YAML files"))
    _add_schema(verbs.add_parser("schema", help="print a YAML file's JSON Schema"))
    _add_fleet(verbs.add_parser("fleet", help="look into a file of many stations"))
    _add_doctor(verbs.add_parser("doctor", help="tell what a station lacks, and why"))
    for verb, told in _CONTROL.items():
        _add_control(verb, verbs.add_parser(verb, help=told))
    _add_install(verbs.add_parser("install", help="be a service of this machine"))
    _add_install(verbs.add_parser("uninstall", help="be no service any more"))
    chosen = parser.parse_args(arguments)
    chosen.module = _MODULES.get(chosen.verb, chosen.verb)
    if chosen.verb == "run" and not chosen.simulate:
        for option in ("microphone", "speaker"):
            if getattr(chosen, option) is not None:
                parser.error(f"--{option} is for a simulation: add --simulate")
    is_named = chosen.verb in ("run", "doctor") and chosen.name is not None
    if is_named and chosen.fleet is None:
        parser.error("--name is of a fleet file: add --fleet PATH")
    if chosen.verb == "serve" and chosen.self_signed:
        for option in ("tls_cert", "tls_key"):
            if getattr(chosen, option) is not None:
                given = option.replace("_", "-")
                parser.error(f"--self-signed makes its own: leave out --{given}")
    if chosen.verb == "room" and len(getattr(chosen, "users", ())) > KICKED_USERS_MAX:
        parser.error(f"at most {KICKED_USERS_MAX} users can be kicked at once")
    if chosen.verb == "token" and chosen.listen_only and chosen.stream:
        parser.error("--stream is for who may publish: leave out --listen-only")
    return chosen


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see '{self.prog} --help'", file=sys.stderr)
        sys.exit(os.EX_USAGE)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    _add_config(parser, "config/server.yaml")
    parser.add_argument("--host", help="listen on this address instead")
    parser.add_argument(
        "--port",
        type=_whole_number(0, 65535),
        help="listen on this port instead; 0 is any free one",
    )
    parser.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help="serve https and wss with this"
    )
    parser.add_argument(
        "--tls-key", type=Path, metavar="FILE", help="the certificate's key"
    )
    parser.add_argument(
        "--self-signed",
        action="store_true",
        help="serve https and wss with a certificate made at the first start",
    )
    _add_log_format(parser)


def _add_station(parser: argparse.ArgumentParser) -> None:
    _add_config(parser, "config/station.yaml")
    parser.add_argument(
        "--fleet",
        type=Path,
        metavar="PATH",
        help="a fleet file instead, in which this machine finds itself",
    )
    parser.add_argument(
        "--name", help="be this station of the fleet file, whatever machine this is"
    )


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    _add_station(parser)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object instead of text"
    )


def _add_run(parser: argparse.ArgumentParser) -> None:
    _add_station(parser)
    parser.add_argument("--user", metavar="ID", help="be this user instead")
    parser.add_argument("--room", metavar="ID", help="be in this room instead")
    parser.add_argument(
        "--simulate",
        action="store_true",
        help="use files and keys instead of a sound card and pins",
    )
    parser.add_argument(
        "--control",
        type=Path,
        metavar="PATH",
        help="have a control socket there; the service has one in any case",
    )
    parser.add_argument(
        "--microphone", type=Path, metavar="FILE.wav", help="hear this when simulating"
    )
    parser.add_argument(
        "--speaker", type=Path, metavar="FILE.wav", help="play to this when simulating"
    )
    _add_log_format(parser)


def _add_demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seconds", type=_whole_number(1, 86_400), metavar="N", help="end after this"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object at the end instead of a live view",
    )
    parser.add_argument("--room", metavar="ID", default="demo", help="default: demo")


def _add_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument(
        "--kind",
        choices=["station", "server", "fleet"],
        help="what the files are for; unless given, their keys tell",
    )


def _add_schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", choices=["station", "server", "fleet"])


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="tell every mistake in the file")
    names = actions.add_parser("list", help="all stations and what marks them")
    show = actions.add_parser("show", help="a station's settings, as a file of its own")
    show.add_argument("name", metavar="NAME")
    show.add_argument(
        "--explain", action="store_true", help="say where each value came from"
    )
    for parser in (check, names, show):
        parser.add_argument(
            "--fleet",
            type=Path,
            default=Path("config/fleet.yaml"),
            metavar="PATH",
            help="the fleet file; default: config/fleet.yaml",
        )


def _add_control(verb: str, parser: argparse.ArgumentParser) -> None:
    if verb == "mute":
        parser.add_argument("what", choices=["microphone", "speaker"])
    if verb in {"talk", "mute"}:
        parser.add_argument("state", choices=["on", "off"])
    if verb == "volume":
        parser.add_argument(
            "percent",
            type=_whole_number(0, 200),
            metavar="PERCENT",
            help="0 to 200; 100 is as it is",
        )
    if verb == "say":
        parser.add_argument("file", type=Path, metavar="FILE.wav")
    if verb in {"status", "events"}:
        parser.add_argument("--json", action="store_true", help="as JSON, one a line")
    parser.add_argument(
        "--socket",
        type=Path,
        metavar="PATH",
        help="of another station than the service, see run --control",
    )


def _add_install(parser: argparse.ArgumentParser) -> None:
    for role, what in (("station", "the station"), ("server", "the room server")):
        parser.add_argument(
            f"--{role}",
            action="store_true",
            help=f"{what} only; both unless one is named",
        )
    parser.add_argument(
        "--root",
        type=Path,
        default=Path("/"),
        metavar="DIR",
        help="in a system that does not run but is mounted here",
    )


def _add_token(parser: argparse.ArgumentParser) -> None:
    user = _identifier(check_user_id)
    parser.add_argument("--user", type=user, metavar="ID", required=True)
    parser.add_argument(
        "--room",
        type=_identifier(check_room_id),
        metavar="ID",
        help="good for this room only; unless given, for any",
    )
    parser.add_argument(
        "--ttl",
        type=_whole_number(1, 315_360_000),
        default=3600,
        metavar="SECONDS",
        help="how long it is good; default: 3600",
    )
    rights = parser.add_mutually_exclusive_group()
    rights.add_argument(
        "--publish", action="store_true", help="may publish, which is the default"
    )
    rights.add_argument("--listen-only", action="store_true", help="may not publish")
    parser.add_argument(
        "--stream",
        type=_identifier(check_stream_id),
        nargs="+",
        action="extend",
        metavar="ID",
        help="may publish only these streams",
    )
    _add_config(parser, "config/server.yaml")
    parser.add_argument(
        "--app-id",
        type=_whole_number(1, APP_ID_MAX),
        metavar="N",
        help="the application, if the file has several",
    )


def _add_room(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    _add_admin(actions.add_parser("list", help="all rooms"))
    show = actions.add_parser("show", help="who is in a room and does what")
    kick = actions.add_parser("kick", help="put users out of a room")
    close = actions.add_parser("close", help="put everybody out of a room")
    delete = actions.add_parser("delete-stream", help="strike a stream off the list")
    forbid = actions.add_parser("forbid", help="put a user out and keep it out")
    ban = actions.add_parser("forbid-stream", help="let nobody publish or play it")
    user = _identifier(check_user_id)
    for parser in (show, kick, close, delete):
        parser.add_argument("room", type=_identifier(check_room_id), metavar="ROOM")
    kick.add_argument("users", type=user, nargs="+", metavar="USER", help="up to 5")
    delete.add_argument("stream", type=_identifier(check_stream_id), metavar="STREAM")
    forbid.add_argument("user", type=user, metavar="USER")
    forbid.add_argument(
        "--room",
        type=_identifier(check_room_id),
        metavar="ID",
        help="keep it out of this room only; unless given, of all",
    )
    ban.add_argument("stream", type=_identifier(check_stream_id), metavar="STREAM")
    for parser, end in ((forbid, "lets it in again"), (ban, "allows it again")):
        parser.add_argument(
            "--seconds",
            type=_whole_number(0, 31_536_000),
            default=3600,
            metavar="N",
            help=f"for how long; 0 {end}; default: 3600",
        )
    for parser in (kick, close, forbid):
        parser.add_argument("--reason", default="", metavar="TEXT", help="told to them")
    for parser in (show, kick, close, delete, forbid, ban):
        _add_admin(parser)
        parser.add_argument(
            "--app-id",
            type=_whole_number(1, APP_ID_MAX),
            metavar="N",
            help="the application, if the file has several",
        )


def _add_admin(parser: argparse.ArgumentParser) -> None:
    _add_config(parser, "config/server.yaml")
    parser.add_argument(
        "--url", help="ws:// or wss:// of the server; unless given, the file tells"
    )
    parser.add_argument(
        "--self-signed",
        action="store_true",
        help="the server was started with --self-signed",
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object instead of text"
    )


def _add_config(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--config",
        type=Path,
        default=Path(default),
        metavar="PATH",
        help=f"the YAML file; default: {default}",
    )


def _add_log_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--log-format",
        choices=["text", "json"],
        default="text",
        help="how events are told on stderr, one a line; default: text",
    )


def _identifier(check: Callable[[str], str]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        try:
            return check(text)
        except IntercomError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return convert


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"must be {low} to {high}, not '{text}'")
        return int(text)

    return convert

"""Ours: two stations over our own room server, with the defaults a user has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.benchmarks.peers.peer import NoCall, Peer, Processes
from tests.benchmarks.stage import Place, Stage
from tests.system.site import Site

_PLACES: dict[str, Place] = {
    "server": "server",
    "station-0": "talker",
    "station-1": "listener",
}


@contextmanager
def _call(stage: Stage) -> Iterator[Processes]:
    def placed(who: str, command: Sequence[str]) -> list[str]:
        return stage.command(_PLACES[who], *command)

    folder = stage.folder / "site"
    folder.mkdir()
    address = stage.address("server")
    site = Site(folder, stage.cards, host=address, placed=placed, processing={})
    with ExitStack() as exits:
        try:
            exits.enter_context(site)
        except TimeoutError as error:
            raise NoCall(str(error)) from error
        talker, listener = site.stations
        yield {
            "talker": talker.pid,
            "listener": listener.pid,
            "server": site.server.pid,
        }


INTERCOMD = Peer("intercomd", "intercomd", (), (), _call)

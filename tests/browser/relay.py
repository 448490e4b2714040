"""The ways between a page and its server, signalling and media, each to be cut.

Both are relays on loopback that know nothing of what they carry.
"""

from __future__ import annotations

import re
import select
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_CANDIDATE = re.compile(r"(a=candidate:\S+ 1 udp \d+) (\S+) (\d+) (typ host)")
_LOOPBACK = "127.0.0.1"

THROUGH_RELAY = """{
  const { prototype } = RTCPeerConnection;
  const described = Object.getOwnPropertyDescriptor(prototype, "localDescription").get;
  const accept = prototype.setRemoteDescription;
  // Without candidates of ours the server finds us by our own checks, and no way past.
  Object.defineProperty(prototype, "localDescription", {
    get() {
      const { type, sdp } = described.call(this) ?? {};
      return type && { type, sdp: sdp.replace(/^a=candidate:.*\\r\\n/gm, "") };
    },
  });
  prototype.setRemoteDescription = async function ({ type, sdp }) {
    return accept.call(this, { type, sdp: await throughRelay(sdp) });
  };
}"""
"""Runs in a page before its own code; the page must know `MediaRelays.lead`
as the function `throughRelay`."""


class SignallingRelay:
    """TCP to a port of loopback; entered, it listens on `port`."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server((_LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self.accepted = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cut()
        self._listener.close()

    def cut(self) -> None:
        """Every connection breaks, and no new one is made."""
        self._is_cut = True
        for each in list(self._open):
            _hang_up(each)

    def mend(self) -> None:
        """Connections can be made again."""
        self._is_cut = False

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                near, _ = self._listener.accept()
                if self._is_cut:
                    near.close()
                    continue
                self.accepted += 1
                far = socket.create_connection((_LOOPBACK, self._target_port))
                self._open |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(
                        target=self._carry, args=(one, other), daemon=True
                    ).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for each in (one, other):
            _hang_up(each)
            self._open.discard(each)


class MediaRelays:
    """UDP ways, one for each media connection that is led through `lead`."""

    def __init__(self) -> None:
        self._ways: list[_MediaWay] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.cut()

    def lead(self, answer: str) -> str:
        """The server's answer with a new way's address in place of its own."""
        found = _CANDIDATE.search(answer)
        assert found is not None, "no candidate"
        way = _MediaWay((found[2], int(found[3])))
        self._ways.append(way)
        way.start()
        lead = rf"\1 {_LOOPBACK} {way.port} \4"
        lines = [line for line in answer.split("\r\n") if not _is_other(line, found[0])]
        return _CANDIDATE.sub(lead, "\r\n".join(lines))

    def cut(self) -> None:
        """No way there is now carries anything any more; later ones do."""
        for way in self._ways:
            way.is_cut = True


class _MediaWay(threading.Thread):
    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self._target = target
        self._near = _udp_socket()
        self._far = _udp_socket()
        self.port: int = self._near.getsockname()[1]
        self.is_cut = False

    def run(self) -> None:
        browser: tuple[str, int] | None = None
        with self._near, self._far:
            while not self.is_cut:
                ready, _, _ = select.select([self._near, self._far], [], [], 0.1)
                for each in ready:
                    data, sender = each.recvfrom(2048)
                    if each is self._near:
                        browser = sender
                        self._far.sendto(data, self._target)
                    elif browser is not None:
                        self._near.sendto(data, browser)


def _is_other(line: str, candidate: str) -> bool:
    return line.startswith("a=candidate:") and not line.startswith(candidate)


def _udp_socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((_LOOPBACK, 0))
    return made


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

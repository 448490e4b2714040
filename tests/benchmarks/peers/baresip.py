"""Two baresip user agents that call each other directly, with its own defaults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.processes import Child
from tests.benchmarks.peers.peer import NoCall, Peer, Processes
from tests.benchmarks.stage import STATION, Place, Stage

_PORT = 5060
_ESTABLISHED_WITHIN_S = 15.0
_CONFIG = """\
poll_method epoll
sip_listen {address}:{port}
call_local_timeout 120
audio_player alsa,{playback}
audio_source alsa,{capture}
audio_alert alsa,null
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 1
auplay_channels 1
audio_level no
audio_buffer 20-160
jitter_buffer_delay 5-10
rtp_tos 184
module_path /usr/lib/baresip/modules
module uuid.so
module alsa.so
module opus.so
module_tmp account.so
module_app menu.so
opus_bitrate 28000
"""
_ACCOUNT = (
    "<sip:{place}@{address}:{port}>"
    ";regint=0;answermode=auto;audio_codecs=opus/48000/1\n"
)


@contextmanager
def _call(stage: Stage) -> Iterator[Processes]:
    callee = f"sip:listener@{stage.address('listener')}:{_PORT}"
    with ExitStack() as exits:
        listener = exits.enter_context(_agent(stage, "listener"))
        talker = exits.enter_context(_agent(stage, "talker", "-e", f"/dial {callee}"))
        try:
            for agent in (talker, listener):
                agent.wait_for_line(
                    lambda line: "Call established" in line,
                    stream="stdout",
                    timeout_s=_ESTABLISHED_WITHIN_S,
                )
        except TimeoutError as error:
            raise NoCall(str(error)) from error
        yield {"talker": talker.pid, "listener": listener.pid}


def _agent(stage: Stage, place: Place, *more: str) -> Child:
    folder = _folder(stage, place)
    # Its output is a pipe's, which it would keep to itself until it ends.
    command = ["stdbuf", "-oL", "baresip", "-f", str(folder), "-v", *more]
    return Child(stage.command(place, *command))


def _folder(stage: Stage, place: Place) -> Path:
    folder = stage.folder / f"baresip-{place}"
    folder.mkdir()
    address, station = stage.address(place), STATION[place]
    config = _CONFIG.format(
        address=address,
        port=_PORT,
        playback=stage.cards.playback_name(station),
        capture=stage.cards.capture_name(station),
    )
    account = _ACCOUNT.format(place=place, address=address, port=_PORT)
    for name, text in (("config", config), ("accounts", account), ("contacts", "")):
        (folder / name).write_text(text)
    return folder


BARESIP = Peer(
    "baresip", "baresip", ("baresip",), ("baresip",), _call, every_round=False
)

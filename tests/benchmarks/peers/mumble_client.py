"""A home in which a Mumble client asks nothing at its first start."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.benchmarks.peers.certificate import Certificate
from tests.benchmarks.stage import STATION, Place

# Talks all the time; `lastupdate` says that the wizards were seen.
_CONFIG = """\
[General]
lastupdate=3
databaselocation={home}/mumble.sqlite
[audio]
input=PulseAudio
output=PulseAudio
transmit=0
mute=false
deaf=false
attenuateothers=false
positional=false
headphone=false
quality=40000
framesperpacket=2
noisesupress=0
loudness=1000
echo=false
outputdelay=5
jitterbuffer=1
notransmitwarning=false
[pulseaudio]
input=mic{station}
output=spk{station}
[net]
tcponly=false
reconnect=true
autoconnect=false
[ui]
updatecheck=false
plugincheck=false
usage=false
WindowLayout=0
[tts]
enable=false
"""
_IDENTITY = "MumbleAutomaticCertificateBackup.p12"


def write_home(
    home: Path, place: Place, host: str, port: int, digest: str
) -> dict[str, str]:
    """Fill `home`; returns the environment that makes a client live there.

    `digest` is the SHA-1 of the server's certificate, which it then trusts.
    """
    config = home / ".config/Mumble/Mumble.conf"
    identity = home / "Documents" / _IDENTITY
    data = home / ".local/share/Mumble/Mumble/mumble.sqlite"
    for path in (config, identity, data):
        path.parent.mkdir(parents=True)
    home.chmod(0o700)
    config.write_text(_CONFIG.format(home=home, station=STATION[place]))
    identity.write_bytes(Certificate.made_for(place).pkcs12("Mumble Identity"))
    for path in (data, home / "mumble.sqlite"):
        _trust(path, host, port, digest)
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_RUNTIME_DIR": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "JACK_NO_START_SERVER": "1",
    }


def _trust(database: Path, host: str, port: int, digest: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE cert (id INTEGER PRIMARY KEY AUTOINCREMENT, "
            "hostname TEXT, port INTEGER, digest TEXT)"
        )
        connection.execute(
            "CREATE UNIQUE INDEX cert_host_port ON cert (hostname, port)"
        )
        connection.execute(
            "INSERT INTO cert (hostname, port, digest) VALUES (?, ?, ?)",
            (host, port, digest),
        )
    connection.close()

"""A private PulseAudio daemon as the sound cards of several stations.

Every mouth and every ear is a channel of ONE null sink, so one recording holds
them all in one sample clock. It knows nothing about the intercom.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from tests.bench.signals import SAMPLE_RATE_HZ, Samples
from tests.bench.unavailable import BenchUnavailable

_READY_WITHIN_S = 10.0
_PLUGIN_FOLDERS = ("/usr/lib", "/usr/lib64")
_PLUGIN = "libasound_module_pcm_pulse.so"
_PACKAGES = "pulseaudio pulseaudio-utils libasound2-plugins"
_CLOCK_LIBRARY = "libfaketimeMT.so.1"
# By default the kernel kills a daemon whose real-time threads compute for 200 ms on
# end: they do, to catch up, once the machine itself has stood still for seconds.
_DAEMON_CONF = (f"default-sample-rate = {SAMPLE_RATE_HZ}", "rlimit-rttime = -1")
_DAEMON_PRIORITY = 4
_CLIENT_PRIORITY = 3
_PLAYER_LATENCY_MS = 200
_RECORDER_LATENCY_MS = 5
_PUNCTUAL_S = 0.002


class PulseBench:
    """Sound cards for `stations` stations; entered, the daemon is ready.

    Station i speaks into `mouth(i)` of a recording and hears from `ear(i)`. A
    program with `environment()` opens `capture_name(i)` and `playback_name(i)`
    through ALSA. `directory` must be new: it is the daemon's runtime folder, and
    its path must be shorter than about 90 bytes (it holds a Unix socket). The
    cards run `skew_ppm` too fast, against another bench or the time of day.
    """

    def __init__(
        self, directory: Path, *, stations: int = 4, skew_ppm: float = 0.0
    ) -> None:
        self.stations = stations
        self._skew_ppm = skew_ppm
        self._directory = directory
        self._socket = directory / "native"
        self._exits = ExitStack()
        self._doors: dict[int, str] = {}
        self._daemon: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        _require_programs()
        self._directory.mkdir(parents=True, exist_ok=True)
        self._directory.chmod(0o700)
        self._write_configuration()
        self._daemon = self._start_daemon()
        self._exits.callback(_end, self._daemon)
        try:
            self._wait_until_ready()
        except BaseException:
            self._exits.close()
            raise
        _raise_priority(self._daemon.pid)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exits.close()

    def environment(self) -> dict[str, str]:
        """What a child's environment needs on top of the test's own."""
        return {
            "ALSA_CONFIG_PATH": str(self._directory / "asound.conf"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(self._directory / "client.conf"),
            "PULSE_RUNTIME_PATH": str(self._directory),
            "PULSE_STATE_PATH": str(self._directory / "state"),
            "PULSE_COOKIE": str(self._directory / "cookie"),
            "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent",
        }

    @staticmethod
    def capture_name(station: int) -> str:
        """The ALSA name of a station's microphone."""
        return f"st{station}c"

    @staticmethod
    def playback_name(station: int) -> str:
        """The ALSA name of a station's loudspeaker."""
        return f"st{station}p"

    @staticmethod
    def mouth(station: int) -> int:
        """The channel of a recording that holds what is said to a station."""
        return 2 * station

    @staticmethod
    def ear(station: int) -> int:
        """The channel of a recording that holds what a station plays."""
        return 2 * station + 1

    def play(self, station: int, samples: Samples) -> None:
        """Speak `samples` (-1..1) into one station's microphone, to the end."""
        self.play_together({station: samples})

    def play_together(self, voices: Mapping[int, Samples]) -> None:
        """Speak into several microphones at once, sample-synchronously."""
        subprocess.run(
            self._player(voices),
            input=_interleaved(voices),
            env=self._full_environment(),
            check=True,
        )

    @contextmanager
    def repeat(self, voices: Mapping[int, Samples]) -> Iterator[None]:
        """As `play_together`, again and again for as long as the block lasts."""
        player = subprocess.Popen(
            self._player(voices), stdin=subprocess.PIPE, env=self._full_environment()
        )
        assert player.stdin is not None
        feeder = threading.Thread(
            target=_feed, args=(player.stdin, _interleaved(voices))
        )
        feeder.start()
        try:
            yield
        finally:
            _end(player)
            feeder.join()

    @contextmanager
    def record(self, *, tail_s: float = 0.7) -> Iterator[Recording]:
        """Record every mouth and ear; `tail_s` more after the block has ended.

        The samples may be read once the block has been left.
        """
        self._require_alive()
        channels = 2 * self.stations
        recorder = subprocess.Popen(
            _stream_command(
                "parec", "bench.monitor", channels, _aux(channels), _RECORDER_LATENCY_MS
            ),
            stdout=subprocess.PIPE,
            env=self._full_environment(),
        )
        assert recorder.stdout is not None
        recording = Recording(recorder.stdout, channels)
        try:
            recording.wait_for(0.05)
            yield recording
            recording.wait_for(recording.seconds + tail_s)
        finally:
            _end(recorder)
            recording.finish()

    def unplug(self, station: int) -> None:
        """Take a station's card away, microphone and loudspeaker, as its plug does.

        What ends is the card's door into the daemon. A source that is unloaded
        would not do: PulseAudio moves its listeners to another one.
        """
        self._pactl("unload-module", self._doors.pop(station))

    def plug(self, station: int) -> None:
        """Give back what `unplug` took."""
        loaded = self._pactl(
            "load-module",
            "module-native-protocol-unix",
            "auth-anonymous=1",
            f"socket={self._door(station)}",
        )
        self._doors[station] = loaded.strip()

    def open_microphones(self) -> int:
        """How many microphones programs have open now."""
        rows = self._pactl("list", "short", "source-outputs").splitlines()
        clients = [row.split("\t")[2] for row in rows]
        return sum(client != "-" for client in clients)  # "-" is the daemon's own

    def suspend(self, *, station: int) -> None:
        """Make a station's cards stall: they stay there, and no sample moves."""
        self._suspend(station, "1")

    def resume(self, *, station: int) -> None:
        """End what `suspend` began."""
        self._suspend(station, "0")

    def _player(self, voices: Mapping[int, Samples]) -> list[str]:
        stations = sorted(voices)
        channel_map = ",".join(f"aux{self.mouth(station)}" for station in stations)
        return _stream_command(
            "pacat", "bench", len(stations), channel_map, _PLAYER_LATENCY_MS
        )

    def _suspend(self, station: int, switch: str) -> None:
        self._pactl("suspend-source", f"mic{station}", switch)
        self._pactl("suspend-sink", f"spk{station}", switch)

    def _door(self, station: int) -> Path:
        return self._directory / f"native{station}"

    def _write_configuration(self) -> None:
        (self._directory / "state").mkdir(exist_ok=True)
        files = {
            "daemon.conf": "\n".join(_DAEMON_CONF) + "\n",
            "client.conf": "autospawn = no\nenable-shm = yes\n",
            "bench.pa": "\n".join(self._server_script()) + "\n",
            "asound.conf": "\n".join(self._alsa_devices()) + "\n",
        }
        for name, text in files.items():
            (self._directory / name).write_text(text)

    def _server_script(self) -> Iterator[str]:
        channels = 2 * self.stations
        yield ".fail"
        yield (
            "load-module module-native-protocol-unix auth-anonymous=1 "
            f"socket={self._socket}"
        )
        # Without norewinds a late client rewrites what was already "played".
        yield (
            f"load-module module-null-sink sink_name=bench rate={SAMPLE_RATE_HZ} "
            f"format=s16le channels={channels} channel_map={_aux(channels)} "
            "norewinds=1"
        )
        for station in range(self.stations):
            yield (
                f"load-module module-remap-source source_name=mic{station} "
                "master=bench.monitor channels=1 "
                f"master_channel_map=aux{self.mouth(station)} "
                "channel_map=mono remix=no"
            )
            yield (
                f"load-module module-remap-sink sink_name=spk{station} master=bench "
                f"channels=1 master_channel_map=aux{self.ear(station)} "
                "channel_map=mono remix=no"
            )

    def _alsa_devices(self) -> Iterator[str]:
        # No fallback "null": it would turn a dead server into fine-looking silence.
        yield "</usr/share/alsa/alsa.conf>"
        for station in range(self.stations):
            for name, device in (("c", "mic"), ("p", "spk")):
                yield (
                    f"pcm.st{station}{name} {{ type pulse "
                    f'server "unix:{self._door(station)}" device "{device}{station}" }}'
                )
                yield (
                    f"ctl.st{station}{name} {{ type pulse "
                    f'server "unix:{self._door(station)}" '
                    f'source "mic{station}" sink "spk{station}" }}'
                )

    def _start_daemon(self) -> subprocess.Popen[bytes]:
        log = self._exits.enter_context((self._directory / "daemon.log").open("wb"))
        environment = self._full_environment()
        environment["PULSE_CONFIG"] = str(self._directory / "daemon.conf")
        environment["HOME"] = str(self._directory)
        environment |= _clock(self._skew_ppm)
        # The daemon itself refuses to start where PULSE_SERVER is set.
        del environment["PULSE_SERVER"]
        return subprocess.Popen(
            [
                "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                "--realtime=yes",
                "--high-priority=yes",
                "--resample-method=speex-float-5",
                "--log-target=stderr",
                f"--file={self._directory / 'bench.pa'}",
            ],
            env=environment,
            stderr=log,
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while self._daemon.poll() is None and time.monotonic() < deadline:
            try:
                self._pactl("info")
            except subprocess.CalledProcessError:
                threading.Event().wait(0.05)
            else:
                for station in range(self.stations):
                    self.plug(station)
                return
        raise BenchUnavailable(f"pulseaudio did not start: {self._log_end()}")

    def _require_alive(self) -> None:
        if (code := self._daemon.poll()) is not None:
            raise BenchUnavailable(f"pulseaudio ended ({code}): {self._log_end()}")

    def _log_end(self) -> str:
        return (self._directory / "daemon.log").read_text(errors="replace")[-500:]

    def _pactl(self, *arguments: str) -> str:
        return subprocess.run(
            ["pactl", *arguments],
            env=self._full_environment(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def _full_environment(self) -> dict[str, str]:
        return os.environ | self.environment()


class Recording:
    """What `PulseBench.record` hears; grows in its own thread until it ends."""

    def __init__(self, stream: IO[bytes], channels: int) -> None:
        self._stream = stream
        self._channels = channels
        self._chunks: list[bytes] = []
        self._bytes = 0
        self._arrivals: list[tuple[int, float]] = []
        self._grown = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """How long the recording is by now."""
        return self._bytes / (2 * self._channels * SAMPLE_RATE_HZ)

    @property
    def samples(self) -> Samples:
        """All channels as `[n, channels]`, -1..1."""
        pcm = b"".join(self._chunks)
        whole = len(pcm) - len(pcm) % (2 * self._channels)
        flat = np.frombuffer(pcm[:whole], "<i2").astype(np.float64) / 32768
        return flat.reshape(-1, self._channels)

    def channel(self, index: int) -> Samples:
        """One mouth or ear; see `PulseBench.mouth` and `PulseBench.ear`."""
        return self.samples[:, index]

    def since(self, index: int, seconds: float) -> Samples:
        """A mouth or ear from that second on; may be read while it grows."""
        frame_bytes = 2 * self._channels
        with self._grown:
            pcm = b"".join(self._chunks)
        begin = int(seconds * SAMPLE_RATE_HZ) * frame_bytes
        end = len(pcm) - len(pcm) % frame_bytes
        flat = np.frombuffer(pcm[begin:end], "<i2").astype(np.float64) / 32768
        samples: Samples = flat[index :: self._channels]
        return samples

    def clock(self) -> tuple[float, float]:
        """The rate in Hz, and the instant (`time.monotonic`) of the first sample.

        A line through the arrival of the blocks: two recordings made in the same way
        are comparable to about 0.5 ms when they are some seconds long.
        """
        samples, instants = np.array(self._arrivals).T
        late_s = instants - np.polyval(np.polyfit(samples, instants, 1), samples)
        punctual = late_s < _PUNCTUAL_S
        per_sample_s, first = np.polyfit(samples[punctual], instants[punctual], 1)
        return 1 / float(per_sample_s), float(first)

    def wait_for(self, seconds: float) -> None:
        """Block until the recording is this long; a stalled recorder is an error."""
        with self._grown:
            within_s = seconds - self.seconds + 5.0
            if not self._grown.wait_for(lambda: self.seconds >= seconds, within_s):
                raise BenchUnavailable(f"the recorder stalled at {self.seconds:.2f} s")

    def finish(self) -> None:
        """Join the reader; the recorder process must have ended."""
        self._thread.join()
        self._stream.close()

    def _read(self) -> None:
        while chunk := os.read(self._stream.fileno(), 65536):
            with self._grown:
                self._chunks.append(chunk)
                self._bytes += len(chunk)
                samples = self._bytes // (2 * self._channels)
                self._arrivals.append((samples, time.monotonic()))
                self._grown.notify_all()


def _require_programs() -> None:
    missing = [name for name in ("pulseaudio", "pactl") if not shutil.which(name)]
    if not any(
        found for root in _PLUGIN_FOLDERS for found in Path(root).glob(f"*/*/{_PLUGIN}")
    ):
        missing.append(_PLUGIN)
    if missing:
        raise BenchUnavailable(
            f"{', '.join(missing)} not found: run 'apt-get install {_PACKAGES}'"
        )


def _clock(skew_ppm: float) -> dict[str, str]:
    """What makes time pass faster for the daemon; nothing for a true clock."""
    if not skew_ppm:
        return {}
    for root in _PLUGIN_FOLDERS:
        for library in Path(root).glob(f"*/faketime/{_CLOCK_LIBRARY}"):
            return {
                "LD_PRELOAD": str(library),
                "FAKETIME": f"+0 x{1 + skew_ppm / 1e6:.6f}",
                "FAKETIME_DONT_FAKE_MONOTONIC": "0",
            }
    raise BenchUnavailable(
        f"{_CLOCK_LIBRARY} not found: run 'apt-get install libfaketime'"
    )


def _interleaved(voices: Mapping[int, Samples]) -> bytes:
    channels = np.zeros((max(map(len, voices.values())), len(voices)))
    for column, station in enumerate(sorted(voices)):
        channels[: len(voices[station]), column] = voices[station]
    return (np.clip(channels, -1.0, 1.0) * 32767).astype("<i2").tobytes()


def _feed(stream: IO[bytes], pcm: bytes) -> None:
    with suppress(BrokenPipeError), stream:
        while True:
            stream.write(pcm)


def _aux(channels: int) -> str:
    return ",".join(f"aux{channel}" for channel in range(channels))


def _stream_command(
    program: str, device: str, channels: int, channel_map: str, latency_ms: int
) -> list[str]:
    """Player and recorder run above ordinary load, below PulseAudio (RR 5)."""
    root = os.geteuid() == 0
    return [
        *(["chrt", "-r", str(_CLIENT_PRIORITY)] if root else []),
        program,
        f"--device={device}",
        "--raw",
        "--format=s16le",
        f"--rate={SAMPLE_RATE_HZ}",
        f"--channels={channels}",
        f"--channel-map={channel_map}",
        "--no-remix",
        f"--latency-msec={latency_ms}",
    ]


def _raise_priority(pid: int) -> None:
    # PulseAudio drops an inherited real-time class of its main thread.
    if os.geteuid() == 0:
        os.sched_setscheduler(pid, os.SCHED_RR, os.sched_param(_DAEMON_PRIORITY))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(3.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

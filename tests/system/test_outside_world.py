"""Whatever becomes of the world around it, a station is there when that is over."""

from __future__ import annotations

import json
import os
import resource
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.bench.processes import Child, intercomd
from tests.system.site import free_port
from tests.system.test_processes import serve, station_file

pytestmark = pytest.mark.system

Trouble = Callable[[Child], object]

DAY_S = 86400
CLOCK_READ_EVERY_S = 1


def survives(
    folder: Path,
    *,
    before: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    trouble: Trouble = lambda station: None,
    relief: Trouble = lambda station: None,
) -> list[str]:
    """What a station says that finds its way into two servers' room, one after the
    other; `before` is put before its command, `trouble` begins between the two, and
    `relief` ends it once the second server is there."""
    port = free_port()
    path = station_file(folder, port)
    run = intercomd("run", "--simulate", "--config", str(path), "--log-format", "json")
    with serve(folder, port) as server:
        server.wait_for_line(lambda line: "listening" in line)
        with Child([*before, *run], environment=environment) as station:
            server.wait_for_line(lambda line: "user in" in line)
            trouble(station)
            server.stop()
            with serve(folder, port) as next_server:
                next_server.wait_for_line(lambda line: "listening" in line)
                relief(station)
                next_server.wait_for_line(lambda line: "user in" in line)
                assert station.is_running
            assert station.stop() == os.EX_OK
        return station.lines()


def shell(script: str) -> list[str]:
    """Runs the command after it by `exec "$@"`, in a mount namespace of its own."""
    return ["unshare", "--mount", "bash", "-c", script, "bash"]


def test_a_log_that_nobody_reads_any_more(tmp_path: Path) -> None:
    said = survives(tmp_path, before=shell('exec "$@" 2> >(head -n 1 >&2)'))
    assert len(said) == 1


def test_a_log_on_a_disk_that_is_full(tmp_path: Path) -> None:
    full = (
        "mount -t tmpfs -o size=64k none /mnt && { "
        "cat /dev/zero > /mnt/filled 2>/dev/null; true; } && "
    )
    said = survives(tmp_path, before=shell(full + 'exec "$@" 2>> /mnt/log'))
    assert said == []


def test_a_file_system_that_is_read_only(tmp_path: Path) -> None:
    read_only = "mount -o remount,bind,ro / && ! touch /tmp/it 2>/dev/null && "
    said = survives(tmp_path, before=shell(read_only + 'exec "$@"'))
    assert any("station started" in line for line in said)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_jumps(tmp_path: Path, days: int) -> None:
    clock = tmp_path / "clock"
    clock.write_text("+0")
    (library,) = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")

    def jump(station: Child) -> None:
        del station
        clock.write_text(f"{days * DAY_S:+d}")
        threading.Event().wait(1.5 * CLOCK_READ_EVERY_S)

    said = survives(
        tmp_path,
        environment={
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            # At every look at the clock, the file would keep the station busy.
            "FAKETIME_CACHE_DURATION": str(CLOCK_READ_EVERY_S),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
        trouble=jump,
    )
    assert not any("refused" in line for line in said)
    years = {json.loads(line)["time"][:4] for line in said}
    assert len(years) == 2


def test_no_file_descriptor_left_for_a_while(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def exhaust(station: Child) -> None:
        limit = station.open_files()
        resource.prlimit(station.pid, resource.RLIMIT_NOFILE, (limit // 2, hard))

    def restore(station: Child) -> None:
        station.wait_for_line(lambda line: "Too many open files" in line)
        resource.prlimit(station.pid, resource.RLIMIT_NOFILE, (soft, hard))

    said = survives(tmp_path, trouble=exhaust, relief=restore)
    assert sum("Too many open files" in line for line in said) <= 3


@pytest.mark.parametrize(
    ("before", "host"),
    [((), "nobody.invalid"), (("unshare", "--net"), "10.0.0.1")],
    ids=["no name", "no network"],
)
def test_a_server_that_cannot_be_found(
    tmp_path: Path, before: tuple[str, ...], host: str
) -> None:
    (tmp_path / "app_sign").write_text("0123456789abcdef" * 4)
    (tmp_path / "app_sign").chmod(0o600)
    path = station_file(tmp_path, 8470)
    path.write_text(path.read_text().replace("127.0.0.1", host))
    run = intercomd("run", "--simulate", "--config", str(path), "--log-format", "json")
    with Child([*before, *run]) as station:
        station.wait_for_line(lambda line: "no connection" in line)
        with pytest.raises(TimeoutError):
            station.wait_for_line(lambda line: "Traceback" in line, timeout_s=3.0)
        assert station.is_running
        assert station.stop() == os.EX_OK
        complaints = [r for r in station.records() if r["level"] == "warning"]
    assert len(complaints) == 1

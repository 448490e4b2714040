"""Board, rights, clock and storage, of machines made up in a folder or in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from intercomd.station.config import StationConfig, load
from intercomd.station.doctor.board import Board, judge_board, read_board
from intercomd.station.doctor.clock import Clock, judge_clock, read_clock, skew_s
from intercomd.station.doctor.finding import Finding, Level
from intercomd.station.doctor.rights import Rights, judge_rights, read_rights
from intercomd.station.doctor.storage import Place, judge_storage, read_storage

CONFIG = Path(__file__).parents[3] / "config"
NOW = 1_780_000_000.0


def made_up(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def told(findings: list[Finding], level: Level) -> list[str]:
    assert all(f.remedy for f in findings if f.level >= Level.WARNING)
    return [finding.text for finding in findings if finding.level is level]


def test_a_pi_tells_its_model_warmth_and_supply(tmp_path: Path) -> None:
    root = made_up(
        tmp_path,
        {
            "proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
            "sys/class/thermal/thermal_zone0/temp": "48312\n",
            "sys/devices/platform/soc/soc:firmware/get_throttled": "50000\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "ondemand\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_driver": "cpufreq-dt\n",
        },
    )
    assert read_board(root) == Board(
        "Raspberry Pi Zero 2 W Rev 1.0", 48.312, 0x50000, "ondemand", "cpufreq-dt"
    )


def test_of_a_machine_that_tells_nothing_nothing_is_claimed(tmp_path: Path) -> None:
    board = read_board(tmp_path)
    assert board == Board()
    assert [f.level for f in judge_board(board)] == [Level.NOTE]


def test_where_only_vcgencmd_tells_it_is_asked(tmp_path: Path) -> None:
    made_up(tmp_path, {"usr/bin/vcgencmd": "#!/bin/sh\necho throttled=0x1\n"})
    (tmp_path / "usr/bin/vcgencmd").chmod(0o755)
    assert read_board(tmp_path).throttled == 1


@pytest.mark.parametrize(
    ("bits", "level", "part"),
    [
        (0x0, Level.FINE, "never too low"),
        (0x1, Level.FAILURE, "too low now"),
        (0x10000, Level.WARNING, "too low since the start"),
        (0x4, Level.WARNING, "slowed down"),
        (0x8, Level.WARNING, "slowed down"),
        (0x40000, Level.NOTE, "was slowed down since"),
    ],
)
def test_the_supply_is_told(bits: int, level: Level, part: str) -> None:
    (text,) = told(list(judge_board(Board("Pi", throttled=bits)))[1:], level)
    assert part in text


@pytest.mark.parametrize(
    ("celsius", "level"),
    [(45.0, Level.FINE), (72.0, Level.WARNING), (83.0, Level.FAILURE)],
)
def test_the_temperature_is_told(celsius: float, level: Level) -> None:
    findings = list(judge_board(Board("Pi", temperature_c=celsius)))
    assert findings[1].level is level
    assert findings[1].figures == {"temperature_c": celsius}


def test_powersave_is_slow_on_a_pi_and_not_on_a_pc() -> None:
    slow = Board("Pi", governor="powersave", driver="cpufreq-dt")
    assert told(list(judge_board(slow)), Level.WARNING)
    quick = Board("PC", governor="powersave", driver="intel_pstate")
    assert not told(list(judge_board(quick)), Level.WARNING)


RIGHTS = Rights(
    user="pi",
    groups=frozenset({"audio", "gpio", "input"}),
    rtprio=95,
    may_real_time=True,
    rttime_us=None,
    devices={
        "dev/snd/pcm*": (2, 2),
        "dev/gpiochip*": (1, 1),
        "dev/input/event*": (3, 3),
    },
)


def button() -> StationConfig:
    return load(CONFIG / "button.yaml")


def test_who_may_do_all_is_told_so() -> None:
    levels = {finding.level for finding in judge_rights(RIGHTS, button())}
    assert levels == {Level.FINE}


def test_without_real_time_it_may_crackle() -> None:
    rights = replace(RIGHTS, may_real_time=False, rtprio=0)
    (text,) = told(list(judge_rights(rights, button())), Level.WARNING)
    assert "RLIMIT_RTPRIO 0, 20 is needed" in text


def test_a_short_limit_of_computing_ends_threads() -> None:
    rights = replace(RIGHTS, rttime_us=10_000)
    (text,) = told(list(judge_rights(rights, button())), Level.WARNING)
    assert "10000 us" in text


def test_a_group_is_missed_only_where_its_devices_are_needed() -> None:
    devices = dict.fromkeys(RIGHTS.devices, (1, 0))
    rights = replace(RIGHTS, groups=frozenset(), devices=devices)
    findings = list(judge_rights(rights, button()))
    assert told(findings, Level.FAILURE) == [
        "pi may use 0 of 1 sound cards (/dev/snd/pcm*) and is not in group 'audio'",
        "pi may use 0 of 1 pins (/dev/gpiochip*) and is not in group 'gpio'",
    ]
    assert "usermod -aG gpio pi" in findings[-1].remedy


def test_devices_are_counted_where_they_are(tmp_path: Path) -> None:
    made_up(tmp_path, {"dev/snd/pcmC0D0p": "", "dev/snd/pcmC0D0c": ""})
    rights = read_rights(tmp_path)
    assert rights.devices["dev/snd/pcm*"] == (2, 2)
    assert rights.devices["dev/gpiochip*"] == (0, 0)
    assert rights.user


@pytest.mark.parametrize(
    ("clock", "level", "part"),
    [
        (Clock(NOW, True, 0.4), Level.FINE, "is synchronised"),
        (Clock(NOW, False, 0.4), Level.WARNING, "not synchronised"),
        (Clock(NOW, None), Level.NOTE, "not told"),
        (Clock(NOW, True, 90.0), Level.WARNING, "90 s ahead of the server's"),
        (Clock(NOW, False, -7.0), Level.WARNING, "7 s behind the server's"),
        (Clock(3600.0, False), Level.FAILURE, "never set"),
    ],
)
def test_the_clock_is_told(clock: Clock, level: Level, part: str) -> None:
    (text,) = told(list(judge_clock(clock)), level)
    assert part in text


def test_timesyncd_says_when_it_is_synchronised(tmp_path: Path) -> None:
    made_up(tmp_path, {"run/systemd/timesync/synchronized": ""})
    assert read_clock(tmp_path, "", 0.0).is_synchronised


def test_the_skew_is_against_the_servers_date() -> None:
    assert skew_s("Thu, 01 Jan 1970 00:01:00 GMT", 63.5) == 3.5
    assert skew_s("", 63.5) is None
    assert skew_s("yesterday", 63.5) is None


@pytest.mark.parametrize(
    ("place", "level", "part"),
    [
        (Place("/", False, 5000, 100_000), Level.FINE, "5000 MB left"),
        (Place("/", False, 20, 100_000), Level.WARNING, "20 MB left"),
        (Place("/", False, 5000, 7), Level.WARNING, "7 more files"),
        (Place("/", True, 0, 0), Level.NOTE, "read-only"),
        (Place("/run", False, 5000, None), Level.FINE, "5000 MB left"),
    ],
)
def test_the_room_that_is_left_is_told(place: Place, level: Level, part: str) -> None:
    (text,) = told(list(judge_storage([place])), level)
    assert part in text


def test_each_file_system_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "var/log").mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    assert [place.path for place in read_storage(tmp_path)] == ["/"]

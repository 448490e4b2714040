"""What the user who runs this may do: real-time threads, sound, pins, input devices."""

from __future__ import annotations

import grp
import os
import pwd
import resource
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from intercomd.station.config import StationConfig
from intercomd.station.doctor.finding import Finding, failure, fine, note, warning

AUDIO_PRIORITY = 20
"""The real-time priority the sound's threads ask for."""

RTTIME_LEAST_US = 50_000

_SOUND, _PINS, _INPUT = "dev/snd/pcm*", "dev/gpiochip*", "dev/input/event*"


@dataclass(frozen=True, slots=True)
class Rights:
    """What was read of this process; `devices` maps a pattern below /dev to how many
    there are and how many of them may be opened.

    rttime_us  how long a real-time thread may compute on end, None for ever
    """

    user: str
    groups: frozenset[str]
    rtprio: int
    may_real_time: bool
    rttime_us: int | None
    devices: dict[str, tuple[int, int]]


def read_rights(root: Path) -> Rights:
    """Look; `root` is / but for tests."""
    rtprio, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    rttime, _ = resource.getrlimit(resource.RLIMIT_RTTIME)
    return Rights(
        user=_user(),
        groups=frozenset(_group(gid) for gid in {*os.getgroups(), os.getegid()}),
        rtprio=rtprio,
        may_real_time=_may_real_time(),
        rttime_us=None if rttime == resource.RLIM_INFINITY else rttime,
        devices={
            pattern: _usable(list(root.glob(pattern)))
            for pattern in (_SOUND, _PINS, _INPUT)
        },
    )


def judge_rights(rights: Rights, config: StationConfig | None) -> Iterator[Finding]:
    """What the station misses, of what its configuration needs."""
    yield from _judge_real_time(rights)
    for pattern, group, what in (
        (_SOUND, "audio", "sound cards"),
        (_PINS, "gpio", "pins"),
        (_INPUT, "input", "foot-switches"),
    ):
        is_needed = config is None or _is_needed(pattern, config)
        yield from _judge_devices(rights, pattern, group, what, is_needed=is_needed)


def _judge_real_time(rights: Rights) -> Iterator[Finding]:
    if rights.may_real_time:
        yield fine("rights", "sound's threads may run in real time")
    else:
        yield warning(
            "rights",
            "sound's threads may not run in real time: it may crackle under load "
            f"(RLIMIT_RTPRIO {rights.rtprio}, {AUDIO_PRIORITY} is needed)",
            "run the installed service, or put '@audio - rtprio 95' into "
            "/etc/security/limits.d/intercomd.conf and log in anew",
        )
    if rights.rttime_us is not None and rights.rttime_us < RTTIME_LEAST_US:
        yield warning(
            "rights",
            f"the kernel ends threads that compute for {rights.rttime_us} us on end "
            "(RLIMIT_RTTIME)",
            "raise it to 200000 or more: LimitRTTIME= of the service",
        )


def _judge_devices(
    rights: Rights, pattern: str, group: str, what: str, *, is_needed: bool
) -> Iterator[Finding]:
    found, usable = rights.devices[pattern]
    if not found:
        if is_needed and pattern != _SOUND:  # of cards, the card's own check tells
            yield note("rights", f"this machine has no {what} (/{pattern})")
    elif usable == found:
        yield fine("rights", f"{rights.user} may use the {found} {what} there are")
    elif is_needed:
        yield failure(
            "rights",
            f"{rights.user} may use {usable} of {found} {what} (/{pattern})"
            + ("" if group in rights.groups else f" and is not in group '{group}'"),
            f"sudo usermod -aG {group} {rights.user}, and log in anew",
        )


def _is_needed(pattern: str, config: StationConfig) -> bool:
    match pattern:
        case "dev/gpiochip*":
            has_pins = any(key.pin is not None for key in config.keys)
            return has_pins or bool(config.knobs or config.lights)
        case "dev/input/event*":
            return any(key.usb for key in config.keys)
        case _:
            return not (config.audio.capture is None and config.audio.playback is None)


def _usable(paths: list[Path]) -> tuple[int, int]:
    return len(paths), sum(os.access(path, os.R_OK | os.W_OK) for path in paths)


def _may_real_time() -> bool:
    """Try it, in a thread that ends at once: limits, capabilities and cgroups all
    have a say."""
    outcome: list[bool] = []

    def attempt() -> None:
        parameters = os.sched_param(AUDIO_PRIORITY)
        try:
            os.sched_setscheduler(threading.get_native_id(), os.SCHED_FIFO, parameters)
        except OSError:
            outcome.append(False)
        else:
            outcome.append(True)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return outcome == [True]


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

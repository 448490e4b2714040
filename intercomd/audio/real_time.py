"""Real-time priority for the threads of sound, and what to do where there is none."""

from __future__ import annotations

import logging
import os
import resource
import threading

_log = logging.getLogger(__name__)

PRIORITY = 20

_once = threading.Lock()


def ask_for_real_time() -> None:
    """Put the calling thread under SCHED_FIFO.

    Where that is not permitted it is said, once a process, and the thread goes on as
    it is. Threads that libasound starts in it inherit the priority: the one by which
    PulseAudio is spoken to has to keep up.
    """
    if _is_time_limited():
        _refused("its real-time threads may be killed", "LimitRTTIME=infinity")
        return
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    except PermissionError:
        _refused("the system does not permit it", f"LimitRTPRIO={PRIORITY}")


def _is_time_limited() -> bool:
    """Whether the kernel ends this process when a real-time thread computes too long,
    as all threads seem to when the machine itself stood still."""
    _, most = resource.getrlimit(resource.RLIMIT_RTTIME)
    resource.setrlimit(resource.RLIMIT_RTTIME, (most, most))
    return most != resource.RLIM_INFINITY


def _refused(cause: str, remedy: str) -> None:
    """Once; the lock is never given back."""
    if _once.acquire(blocking=False):
        _log.warning(
            "sound runs without real-time priority, and may stutter while the machine "
            "is busy: %s; set %s in the systemd unit, or rtprio in limits.conf",
            cause,
            remedy,
        )

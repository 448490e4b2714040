"""The calls that come before an engine and decide how it will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from intercomd.engine.log_file import LogConfig
from intercomd.engine.profile import EngineConfig, advanced


class SetupCalls:
    """A part of `Engine`; both calls count for the next
    `create_engine_with_profile`."""

    _next_config: ClassVar[EngineConfig | None] = None
    _next_log: ClassVar[LogConfig | None] = None

    @classmethod
    def set_engine_config(cls, advanced_config: Mapping[str, str]) -> None:
        """Take the reference's keys: `room_retry_time` and `av_retry_time` in whole
        seconds, `enable_vad` and `enable_dtx` as "true" or "false".

        Raises `IllegalParameter` for any other key or value. A config that is given
        to `create_engine_with_profile` goes before.
        """
        SetupCalls._next_config = advanced(advanced_config)

    @classmethod
    def set_log_config(cls, config: LogConfig) -> None:
        """Write the log of the next engine into files, until it is destroyed.

        Raises `IllegalParameter`, `LogPathTooLong` or `LogNotWritable`.
        """
        config.check()
        SetupCalls._next_log = config

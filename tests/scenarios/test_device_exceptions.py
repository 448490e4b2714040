"""§12, 1006xxx: a sound card that does not work, by its code."""

from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.domain.sound import DeviceExceptionType, DeviceType
from tests.scenarios.cast import a_server, actors
from tests.scenarios.clock import run
from tests.scenarios.rows import row


@row(
    "§12 1006001",
    "§12 1006002",
    "§12 1006003",
    "§12 1006004",
    "§12 1006005",
    "§12 1006006",
    "§12 1006007",
    "§12 1006008",
)
@pytest.mark.parametrize("exception", DeviceExceptionType)
def test_a_broken_card_is_told_with_its_code(
    exception: DeviceExceptionType, tmp_path: Path
) -> None:
    async def scene() -> None:
        async with a_server(tmp_path) as server, actors(server, "Alice") as (alice,):
            await alice.enter()
            alice.engine.report_device(DeviceType.SPEAKER, exception, "hw:1")
            ((code, function, info),) = await alice.told("debug_error")
            own = 1 <= exception <= 8
            assert (code, function) == (
                1006000 + exception if own else 1006001,
                "report_device",
            )
            assert "hw:1" in info
            assert alice.diary.of("local_device_exception_occurred") == [
                (exception, DeviceType.SPEAKER, "hw:1")
            ]

    run(scene())

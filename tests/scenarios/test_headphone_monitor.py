"""One's own voice in one's own headphones, as section 11 has it."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path

import pytest

from intercomd.domain.errors import IllegalParameter
from intercomd.engine import Engine, EngineProfile
from tests.room_server import engine_of
from tests.scenarios.cast import a_server
from tests.scenarios.rows import row
from tests.scenarios.sound_card import SoundCard, tone

LEVEL = 15.05
"""The tone's: a sine of a quarter of full scale, in -dBov."""


@row("§11 headphone monitor", "§15 sidetone's default volume: 60")
def test_the_headphone_monitor_lets_one_hear_oneself_at_volume_60(
    tmp_path: Path,
) -> None:
    async def scene() -> None:
        async with (
            a_server(tmp_path) as server,
            engine_of(server) as engine,
            SoundCard(engine, tone(500)) as card,
        ):
            await card.hears(0)
            engine.enable_headphone_monitor(True)
            await card.hears(500)
            await card.settles_at(LEVEL - 20 * math.log10(0.6))
            engine.mute_microphone(True)  # sidetone is taken before
            engine.set_headphone_monitor_volume(100)
            await card.settles_at(LEVEL)
            engine.enable_headphone_monitor(False)
            await card.hears(0)

    asyncio.run(scene())


def test_a_volume_beyond_200_is_refused() -> None:
    engine = Engine(EngineProfile(1))
    with pytest.raises(IllegalParameter):
        engine.set_headphone_monitor_volume(201)

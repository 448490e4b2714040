"""What echo control leaves of the echo, and of who talks over it.

`python -m tests.benchmarks.echo`: offline and deterministic. A simulated room (see
tests/bench/echo_room.py); the processing is fed frame by frame as a station's is.
Needs espeak-ng, and the extra `bench` for PESQ.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pesq import pesq

from intercomd.audio.processing import Processing
from intercomd.domain.audio import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE_HZ, Frame
from intercomd.domain.processing import UNPROCESSED, EchoMode, ProcessingSettings
from tests.audio.processed import s16
from tests.bench import echo_room
from tests.bench.signals import Samples

LENGTH_S = 24.0
OVER_S = 8.0
"""From when on somebody talks over the echo."""

JITTER_S = 0.0005
"""How unsteadily the cards tell their times."""

PAUSE_S = 0.025

FILL_S = 0.02
"""How long before it is heard a frame is given to the loudspeaker's card."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A room and its cards.

    gain       of the way from loudspeaker to microphone
    drift      of the loudspeaker's clock against the microphone's
    pause_at_s when the loudspeaker's card runs dry, for 25 ms
    clip       the loudspeaker's own: how far it follows (1.0 is all the way)
    """

    name: str
    gain: float = 0.5
    drift: float = 0.0
    pause_at_s: float | None = None
    clip: float = 1.0


CONDITIONS = (
    Condition("plain"),
    Condition("louder echo, as loud as who is near", gain=1.0),
    Condition("fainter echo", gain=0.2),
    Condition("clocks drift 50 ppm", drift=50e-6),
    Condition("clocks drift 100 ppm", drift=100e-6),
    Condition("loudspeaker ran dry for 25 ms at 6 s", pause_at_s=6.0),
    Condition("loudspeaker clips at half its peak", clip=0.5),
)

ECHO = replace(UNPROCESSED, echo=True)
SETTINGS = {
    "echo medium": ECHO,
    "echo medium, noise medium (default)": ProcessingSettings(),
    "echo aggressive": replace(ECHO, echo_mode=EchoMode.AGGRESSIVE),
    "echo soft": replace(ECHO, echo_mode=EchoMode.SOFT),
}


class Heard:
    """What a loudspeaker plays, and what of it comes back."""

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.played = s16(echo_room.far_voice(LENGTH_S + 1)) / 32768
        response = echo_room.impulse_response(gain=condition.gain)
        peak = np.abs(self.played).max() * condition.clip
        echo = echo_room.echo_of(np.clip(self.played, -peak, peak), response)
        self.echo = _at_the_microphone(echo, condition)

    def plays_at(self, frame: int) -> float:
        """When a frame given to the card is heard, by the microphone's clock."""
        at = frame * FRAME_S / (1 + self.condition.drift)
        pause_at_s = self.condition.pause_at_s
        return at if pause_at_s is None or at < pause_at_s else at + PAUSE_S


def _at_the_microphone(echo: Samples, condition: Condition) -> Samples:
    """Resampled to the microphone's clock, and late once the card ran dry."""
    time_s = np.arange(round(LENGTH_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    if condition.pause_at_s is not None:
        paused = np.clip(time_s - condition.pause_at_s, 0.0, PAUSE_S)
        is_silent = (paused > 0.0) & (paused < PAUSE_S)
        index = np.rint((time_s - paused) * SAMPLE_RATE_HZ).astype(int)
        return np.where(is_silent, 0.0, echo[index])
    if not condition.drift:
        return echo[: len(time_s)]
    return echo_room.values_at(echo, time_s * (1 + condition.drift))


async def published(
    settings: ProcessingSettings, heard: Heard, near: Samples
) -> tuple[Samples, float]:
    """What is published of `near`, shifted back by what processing delays it; and
    the CPU seconds that a second of it took."""
    frames: list[Frame] = []
    async with Processing(
        settings, lambda frame, _: frames.append(frame)
    ) as processing:
        began_at = time.thread_time()
        _run(processing, heard, s16(near).reshape(-1, FRAME_SAMPLES))
        cpu = (time.thread_time() - began_at) / LENGTH_S
    sound = np.frombuffer(b"".join(frames), "<i2") / 32768
    late = round(processing.delay_s * SAMPLE_RATE_HZ)
    return np.concatenate((sound[late:], np.zeros(late))), cpu


def _run(processing: Processing, heard: Heard, captured: npt.NDArray[np.int16]) -> None:
    random = np.random.default_rng(5)
    given = 0
    for index, frame in enumerate(captured):
        now = (index + 1) * FRAME_S
        while heard.plays_at(given) < now + FILL_S:
            sound = heard.played[given * FRAME_SAMPLES :][:FRAME_SAMPLES]
            plays_at = heard.plays_at(given) + JITTER_S * random.standard_normal()
            processing.far_end.put(s16(sound).tobytes(), plays_at)
            given += 1
        captured_at = now - FRAME_S + JITTER_S * random.standard_normal()
        processing.capture(frame.tobytes(), captured_at)


async def figures(
    settings: ProcessingSettings, condition: Condition
) -> dict[str, float]:
    """One row of the table."""
    heard = Heard(condition)
    own = echo_room.noise(LENGTH_S)
    voice = echo_room.near_voice()
    near = np.zeros_like(own)
    said = slice(
        round(OVER_S * SAMPLE_RATE_HZ), round(OVER_S * SAMPLE_RATE_HZ) + len(voice)
    )
    near[said] = voice
    alone, cpu = await published(settings, heard, heard.echo + own)
    over, _ = await published(settings, heard, heard.echo + near + own)
    return {
        "erle_db": round(_erle_db(heard.echo, alone, 4.0, 8.0), 1),
        "erle_later_db": round(_erle_db(heard.echo, alone, 8.0, LENGTH_S - 0.1), 1),
        "near_over_echo_db": round(
            echo_room.level_db(voice) - echo_room.level_db(heard.echo[said]), 1
        ),
        "pesq_said": round(_pesq(voice, (near + own)[said]), 2),
        "pesq_over_echo": round(_pesq(voice, over[said]), 2),
        "pesq_untreated": round(_pesq(voice, (near + own + heard.echo)[said]), 2),
        "cpu": round(cpu, 3),
    }


def _erle_db(echo: Samples, left: Samples, begin_s: float, end_s: float) -> float:
    before = echo_room.level_db(echo_room.between(echo, begin_s, end_s))
    return before - echo_room.level_db(echo_room.between(left, begin_s, end_s))


def _pesq(reference: Samples, degraded: Samples) -> float:
    return float(pesq(16_000, _at_16_khz(reference), _at_16_khz(degraded), "wb"))


def _at_16_khz(samples: Samples) -> Samples:
    """Band-limited, by cutting the spectrum."""
    size = len(samples) // 3
    return np.fft.irfft(np.fft.rfft(samples[: 3 * size]), size) / 3


def main() -> None:
    """Print the table, or the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--quick", action="store_true", help="the first room alone")
    chosen = parser.parse_args()
    conditions = CONDITIONS[:1] if chosen.quick else CONDITIONS
    rows = {
        f"{name}; {condition.name}": asyncio.run(figures(settings, condition))
        for condition in conditions
        for name, settings in SETTINGS.items()
    }
    if chosen.json:
        print(json.dumps(rows, indent=2))
        return
    columns = list(next(iter(rows.values())))
    print("| settings; room |", " | ".join(columns), "|")
    print("|---" * (len(columns) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} |", " | ".join(str(row[column]) for column in columns), "|")


if __name__ == "__main__":
    main()

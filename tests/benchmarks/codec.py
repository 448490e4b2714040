"""What an encoder's settings bring and cost: `python -m tests.benchmarks.codec`.

Encoder and decoder back to back, without network, cards or processing: no call can
sound better than that.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

import numpy as np

from intercomd.domain.audio import SAMPLE_RATE_HZ
from intercomd.engine.sound_settings import SoundSettings
from intercomd.media.opus import Application, Decoder
from tests.bench.signals import Samples
from tests.benchmarks.quality import quality
from tests.benchmarks.script import script

_TAIL_S = 0.1

SETTINGS = (
    *(
        SoundSettings(kbps, Application.LOW_DELAY, complexity, 10)
        for kbps in (48, 64, 80, 96, 128)
        for complexity in (5, 8, 10)
    ),
    SoundSettings(96, Application.LOW_DELAY, 8, 20),
    SoundSettings(96, Application.AUDIO, 8, 10),
    SoundSettings(32, Application.VOIP, 5, 20),
    SoundSettings(48, Application.VOIP, 5, 20),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """`kbps` is what it came to, silence included; the costs are of a packet."""

    pesq: float
    kbps: float
    encode_us: float
    decode_us: float


def main() -> None:
    """Print a table."""
    said = script().talker[script().speech]
    print("| application | kbit/s | complexity | frame | PESQ | in fact | CPU |")
    print("|---|---|---|---|---|---|---|")
    for settings in SETTINGS:
        print(_line(settings, coded(settings, said)), flush=True)


def coded(settings: SoundSettings, said: Samples) -> Figures:
    """Encode and decode it once."""
    pcm = np.rint(np.clip(said, -1.0, 1.0) * 32767).astype(np.int16).tobytes()
    encoder, decoder = settings.encoder(), Decoder()
    size = settings.frame_ms * SAMPLE_RATE_HZ // 1000 * 2
    heard, costs, octets = [], [], 0
    for start in range(0, len(pcm) - size + 1, size):
        began_at = time.perf_counter()
        payload = encoder.encode(pcm[start : start + size])
        encoded_at = time.perf_counter()
        heard.append(decoder.decode(payload))
        costs.append((encoded_at - began_at, time.perf_counter() - encoded_at))
        octets += len(payload)
    ear = np.frombuffer(b"".join(heard), np.int16) / 32768
    judged = quality(said, np.pad(ear, (0, int(_TAIL_S * SAMPLE_RATE_HZ))))
    assert judged is not None, "no speech came through"
    return Figures(
        judged.pesq,
        8 * octets / (len(costs) * settings.frame_ms),
        1e6 * statistics.median(cost[0] for cost in costs),
        1e6 * statistics.median(cost[1] for cost in costs),
    )


def _line(settings: SoundSettings, figures: Figures) -> str:
    return (
        f"| {settings.application.name} | {settings.bitrate_kbps} | "
        f"{settings.complexity} | {settings.frame_ms} ms | {figures.pesq:.2f} | "
        f"{figures.kbps:.0f} kbit/s | {figures.encode_us:.0f} + "
        f"{figures.decode_us:.0f} us |"
    )


if __name__ == "__main__":
    main()

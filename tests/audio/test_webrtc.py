"""The wheel's processing, asked for without the wheel's Python."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from livekit.rtc import AudioFrame
from livekit.rtc.apm import AudioProcessingModule

from intercomd.audio.webrtc import WebRtc
from intercomd.domain.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.domain.processing import UNPROCESSED, NoiseMode
from tests.bench import echo_room


def test_the_library_does_the_same_for_us_as_for_the_wheel() -> None:
    settings = replace(UNPROCESSED, noise=True, noise_mode=NoiseMode.AGGRESSIVE)
    ours = WebRtc(settings)
    theirs = AudioProcessingModule(noise_suppression=True)
    silence = np.zeros(FRAME_SAMPLES, np.float32)
    said = (32767 * echo_room.near_voice()[: 100 * FRAME_SAMPLES]).astype(np.int16)
    for sound in said.reshape(-1, FRAME_SAMPLES):
        frame = AudioFrame(
            bytearray(sound.tobytes()), SAMPLE_RATE_HZ, 1, FRAME_BYTES // 2
        )
        theirs.process_stream(frame)
        heard = ours.process(sound, silence)
        assert np.array_equal(heard, np.frombuffer(frame.data, np.int16))

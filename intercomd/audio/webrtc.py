"""WebRTC's audio processing, out of the `livekit` wheel.

The only importer of livekit: 0.1 s and some 20 MB, and threads that sleep. Nothing
of it speaks to a network here. ALL of its private surface that is used is in here.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from intercomd.audio.samples import Floats, Samples
from intercomd.domain.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE_HZ
from intercomd.domain.errors import LibraryMissing
from intercomd.domain.processing import EchoMode, NoiseMode, ProcessingSettings

# Measured: what each is late, in samples; tests/audio/test_webrtc.py holds them.
_SPLIT_SAMPLES = 45
_NOISE_SAMPLES = 288
_ECHO_SAMPLES = 384

_ANSWER_BYTES = 3
"""Of an answer that tells of no error: it has none but its kind."""

# The wheel's noise suppression has one strength, 12 dB. Less of it is more of the
# sound before it.
_NOISE_LEFT = {NoiseMode.SOFT: 0.5, NoiseMode.MEDIUM: 0.25, NoiseMode.AGGRESSIVE: 0.0}


class WebRtc:
    """Echo (what is left of it, in `EchoMode.AGGRESSIVE` alone), rumble, noise and
    gain, in this order. Not thread-safe.

    delay_samples  how much later the sound comes out
    """

    def __init__(self, settings: ProcessingSettings) -> None:
        """Raise `LibraryMissing`. Takes 0.1 s and more, the first time."""
        self.delay_samples = 0
        self._echo: _Module | None = None
        self._noise: _Module | None = None
        self._plain: _Module | None = None
        self._gain: _Module | None = None
        self._noise_left = np.float32(_NOISE_LEFT[settings.noise_mode])
        if settings.echo and settings.echo_mode is EchoMode.AGGRESSIVE:
            self._echo = self._module(_ECHO_SAMPLES, echo_cancellation=True)
        if settings.noise:
            self._noise = self._module(
                _NOISE_SAMPLES,
                noise_suppression=True,
                high_pass_filter=settings.high_pass,
            )
            if self._noise_left:
                # With none of its switches on it would not even split and join the
                # bands, and be out of step with the other.
                self._plain = _Module(high_pass_filter=True)
        elif settings.high_pass:
            self._noise = self._module(high_pass_filter=True)
        if settings.gain:  # which works on the whole band: no delay
            self._gain = _Module(auto_gain_control=True)
        self._late = np.zeros(_NOISE_SAMPLES + FRAME_SAMPLES, np.int16)

    def process(self, near: Samples, far: Floats) -> Samples:
        """Return `near`, processed; it is good until the next call. `far` is what is
        heard meanwhile, a little ahead.

        Hot path: a request to the library for each that is on; no waiting.
        """
        sound = near
        if self._echo is not None:
            sound = self._echo.process_with_far(sound, far)
        if self._noise is not None:
            sound = self._without_noise(sound, self._noise)
        if self._gain is not None:
            sound = self._gain.process(sound)
        return sound

    def _without_noise(self, sound: Samples, noise: _Module) -> Samples:
        if self._plain is None:
            return noise.process(sound)
        self._late[:-FRAME_SAMPLES] = self._late[FRAME_SAMPLES:]
        self._late[-FRAME_SAMPLES:] = self._plain.process(sound)
        quiet = noise.process(sound).astype(np.float32)
        quiet += self._noise_left * (self._late[:FRAME_SAMPLES] - quiet)
        return quiet.astype(np.int16)

    def _module(self, extra_samples: int = 0, **switches: bool) -> _Module:
        self.delay_samples += _SPLIT_SAMPLES + extra_samples
        return _Module(**switches)


class _Module:
    """One processing module of the library, and the frames it works in."""

    def __init__(self, **switches: bool) -> None:
        try:
            from livekit.rtc import AudioProcessingModule
            from livekit.rtc._ffi_client import FfiClient
            from livekit.rtc._proto.ffi_pb2 import FfiRequest

            self._module: Any = AudioProcessingModule(**switches)
            self._library: Any = FfiClient.instance._ffi_lib
        except (ImportError, AttributeError) as error:  # of the wheel, or its library
            raise LibraryMissing("livekit: run 'pip install livekit==1.2.1'") from error
        handle = self._module._ffi_handle.handle
        near, far, delay = FfiRequest(), FfiRequest(), FfiRequest()
        self._near = _frame(near.apm_process_stream, handle)
        self._far = _frame(far.apm_process_reverse_stream, handle)
        delay.apm_set_stream_delay.apm_handle = handle
        delay.apm_set_stream_delay.delay_ms = 0
        self._near_request = _Request(self._library, near.SerializeToString())
        self._far_request = _Request(self._library, far.SerializeToString())
        self._delay_request = _Request(self._library, delay.SerializeToString())

    def process(self, sound: Samples) -> Samples:
        """The frame, processed; valid until the next call."""
        self._near[:] = sound
        self._near_request.send()
        return self._near

    def process_with_far(self, sound: Samples, far: Floats) -> Samples:
        """`process`, after being told what is heard at that time."""
        self._far[:] = np.rint(far).clip(-32768, 32767)
        self._far_request.send()
        # The two are aligned. A hint that exceeds the truth by little ruins it all.
        self._delay_request.send()
        return self.process(sound)


class _Request:
    """Written once, sent with every frame: measured, the wheel's own Python, which
    writes it anew and reads the answer, costs as much as what is asked for."""

    def __init__(self, library: Any, text: bytes) -> None:
        self._send = library.livekit_ffi_request
        self._let_go = library.livekit_ffi_drop_handle
        self._answer = ctypes.POINTER(ctypes.c_ubyte)()
        self._answer_bytes = ctypes.c_size_t()
        self._arguments = (
            (ctypes.c_ubyte * len(text)).from_buffer_copy(text),
            len(text),
            ctypes.byref(self._answer),
            ctypes.byref(self._answer_bytes),
        )

    def send(self) -> None:
        """Return once it is done. Hot path: two calls into the library."""
        handle = self._send(*self._arguments)
        assert handle, "a request that was well written is answered"
        refused = self._answer_bytes.value > _ANSWER_BYTES
        self._let_go(handle)
        assert not refused, "a frame of 10 ms is never refused"


def _frame(request: Any, handle: int) -> Samples:
    """A frame for the library to work in, and that in the request."""
    samples = np.zeros(FRAME_SAMPLES, np.int16)
    request.apm_handle = handle
    request.data_ptr = samples.ctypes.data
    request.size = FRAME_BYTES
    request.sample_rate = SAMPLE_RATE_HZ
    request.num_channels = 1
    return samples

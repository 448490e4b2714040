"""Opus by ctypes on the system's libopus (RFC 6716): 48 kHz, mono, s16.

It knows nothing of packets in flight: one payload in, one piece of PCM out.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from enum import Enum
from functools import cache

from intercomd.domain.audio import SAMPLE_RATE_HZ, SILENCE, Frame
from intercomd.domain.errors import LibraryMissing, PacketMalformed

PAYLOAD_BYTES_MAX = 1275
"""The longest Opus frame (RFC 6716, section 3.2.1)."""

_SILENCE_BYTES_MAX = 40
"""As long as the encoder's own filter rings, silence would take the full bitrate."""

_PACKET_SAMPLES_MAX = SAMPLE_RATE_HZ * 120 // 1000
_SAMPLE_BYTES = 2
_CHANNELS = 1
_FRAME_LENGTHS = tuple(samples * _SAMPLE_BYTES for samples in (480, 960, 1920, 2880))

_FRAME_COUNT = 0x03
_HYBRID = 12
_CELT_ONLY = 16
_SILK_FRAMES = (1, 1, 2, 3)
_FRAME_SAMPLES = (
    *(480, 960, 1920, 2880) * 3,  # SILK
    *(480, 960) * 2,  # hybrid
    *(120, 240, 480, 960) * 4,  # CELT
)

_OK = 0
_SET_BITRATE = 4002
_SET_COMPLEXITY = 4010
_SET_INBAND_FEC = 4012
_SET_PACKET_LOSS_PERC = 4014
_RESET_STATE = 4028
_EXPECTED_LOSS_PERC = 10


class Application(Enum):
    """What the encoder is tuned for. LOW_DELAY looks 2.5 ms ahead, the others 6.5."""

    VOIP = 2048
    AUDIO = 2049
    LOW_DELAY = 2051


class Encoder:
    """Turns frames into Opus payloads. Not thread-safe."""

    def __init__(
        self,
        *,
        application: Application = Application.LOW_DELAY,
        bitrate_bps: int = 48_000,
        complexity: int = 5,
    ) -> None:
        """Raises LibraryMissing, or ValueError for what libopus does not allow."""
        self._opus = _library()
        failure = ctypes.c_int()
        self._state: int | None = self._opus.opus_encoder_create(
            SAMPLE_RATE_HZ, _CHANNELS, application.value, ctypes.byref(failure)
        )
        if failure.value != _OK:
            raise ValueError(f"no encoder: {_reason(failure.value)}")
        self._payload = ctypes.create_string_buffer(PAYLOAD_BYTES_MAX)
        self._set(_SET_BITRATE, bitrate_bps)
        self._set(_SET_COMPLEXITY, complexity)
        if application is Application.VOIP:
            self._set(_SET_INBAND_FEC, 1)
            self._set(_SET_PACKET_LOSS_PERC, _EXPECTED_LOSS_PERC)

    def encode(self, frame: Frame) -> bytes:
        """The payload of 10, 20, 40 or 60 ms of PCM. Hot path: allocates only it."""
        if len(frame) not in _FRAME_LENGTHS:
            raise ValueError(f"{len(frame)} bytes are not 10, 20, 40 or 60 ms of sound")
        assert self._state is not None, "the encoder is closed"
        length: int = self._opus.opus_encode(
            self._state,
            frame,
            len(frame) // _SAMPLE_BYTES,
            self._payload,
            _SILENCE_BYTES_MAX if frame == SILENCE else PAYLOAD_BYTES_MAX,
        )
        assert length > 0, _reason(length)
        return ctypes.string_at(self._payload, length)

    def set_bitrate(self, bitrate_bps: int) -> None:
        """Encode at this bitrate from the next frame on; no sound is lost."""
        self._set(_SET_BITRATE, bitrate_bps)

    def close(self) -> None:
        """Free the encoder; idempotent."""
        if self._state is not None:
            self._opus.opus_encoder_destroy(self._state)
            self._state = None

    def __del__(self) -> None:
        if getattr(self, "_state", None) is not None:
            self.close()

    def _set(self, request: int, value: int) -> None:
        failure = self._opus.opus_encoder_ctl(self._state, request, value)
        if failure != _OK:
            raise ValueError(f"encoder setting {value} refused: {_reason(failure)}")


class Decoder:
    """Turns Opus payloads into PCM and guesses what is missing. Not thread-safe."""

    def __init__(self) -> None:
        """Raises LibraryMissing."""
        self._opus = _library()
        failure = ctypes.c_int()
        self._state: int | None = self._opus.opus_decoder_create(
            SAMPLE_RATE_HZ, _CHANNELS, ctypes.byref(failure)
        )
        assert failure.value == _OK, _reason(failure.value)
        self._pcm = ctypes.create_string_buffer(_PACKET_SAMPLES_MAX * _SAMPLE_BYTES)

    def decode(self, payload: bytes) -> bytes:
        """PCM of the payload's own duration; raises PacketMalformed.

        Hot path: allocates only the result.
        """
        if not payload:
            raise PacketMalformed("empty")
        return self._run(payload, len(payload), _PACKET_SAMPLES_MAX)

    def conceal(self, samples: int) -> bytes:
        """PCM that continues what was decoded last, `samples` long.

        `samples` is a multiple of 120 (2.5 ms), at most 5760.
        """
        return self._run(None, 0, samples)

    def recover(self, payload: bytes, samples: int) -> bytes:
        """PCM of the `samples` that were lost just before `payload`, from its copy.

        Without one (see `carries_copy`) it is a guess. Raises PacketMalformed.
        """
        return self._run(payload, len(payload), samples, copy=True)

    def reset(self) -> None:
        """Forget all that was decoded: what comes next is another stream."""
        self._opus.opus_decoder_ctl(self._state, _RESET_STATE)

    def close(self) -> None:
        """Free the decoder; idempotent."""
        if self._state is not None:
            self._opus.opus_decoder_destroy(self._state)
            self._state = None

    def __del__(self) -> None:
        if getattr(self, "_state", None) is not None:
            self.close()

    def _run(
        self, payload: bytes | None, length: int, samples: int, *, copy: bool = False
    ) -> bytes:
        assert self._state is not None, "the decoder is closed"
        decoded: int = self._opus.opus_decode(
            self._state, payload, length, self._pcm, samples, copy
        )
        if decoded < 0:
            raise PacketMalformed(_reason(decoded))
        return ctypes.string_at(self._pcm, decoded * _SAMPLE_BYTES)


def packet_samples(payload: bytes) -> int:
    """Samples at 48 kHz the payload lasts, 120..5760; raises PacketMalformed.

    Hot path: of one frame, the first byte says it all (RFC 6716, 3.1).
    """
    if payload and not payload[0] & _FRAME_COUNT:
        return _FRAME_SAMPLES[payload[0] >> 3]
    samples: int = _library().opus_packet_get_nb_samples(
        payload, len(payload), SAMPLE_RATE_HZ
    )
    if samples <= 0:
        raise PacketMalformed(_reason(samples))
    return samples


def carries_copy(payload: bytes) -> bool:
    """Whether a payload of one frame holds a copy of the packet before (LBRR).

    In-band FEC of SILK and hybrid: a flag after those of voice activity, which are
    one for every 20 ms (RFC 6716, 4.2.3).
    """
    if len(payload) < 2 or payload[0] & _FRAME_COUNT:
        return False
    configuration = payload[0] >> 3
    if configuration >= _CELT_ONLY:
        return False
    frames = _SILK_FRAMES[configuration % 4] if configuration < _HYBRID else 1
    return bool(payload[1] >> (7 - frames) & 1)


@cache
def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("opus") or "libopus.so.0"
    try:
        opus = ctypes.CDLL(name)
    except OSError as error:
        raise LibraryMissing("libopus0: apt-get install libopus0") from error
    _declare(opus)
    return opus


def _declare(opus: ctypes.CDLL) -> None:
    """The C signatures (opus.h). PCM and payloads cross as char*, without a copy."""
    size, state, text = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
    failure = ctypes.POINTER(ctypes.c_int)
    signatures: dict[str, tuple[object, list[object]]] = {
        "opus_encoder_create": (state, [size, size, size, failure]),
        "opus_encoder_ctl": (size, [state, size, size]),
        "opus_encoder_destroy": (None, [state]),
        "opus_encode": (size, [state, text, size, text, size]),
        "opus_decoder_create": (state, [size, size, failure]),
        "opus_decoder_ctl": (size, [state, size]),
        "opus_decoder_destroy": (None, [state]),
        "opus_decode": (size, [state, text, size, text, size, size]),
        "opus_packet_get_nb_samples": (size, [text, size, size]),
        "opus_strerror": (text, [size]),
    }
    for function, (result, arguments) in signatures.items():
        getattr(opus, function).restype = result
        getattr(opus, function).argtypes = arguments


def _reason(failure: int) -> str:
    text: bytes = _library().opus_strerror(failure)
    return text.decode("ascii")

"""What is said in every launch: sentences to judge, chirps to time, and a dispute."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from tests.bench.signals import SAMPLE_RATE_HZ, ChirpTrain, Samples, chirp_train
from tests.bench.speech import speech

# Long enough for adaptive buffers to have settled: with the sentences it makes the
# chirps come 15 s after the beginning, as the slowest of the peers needs.
WARM_UP_S = 5.0
SPEECH_S = 10.0
CHIRPS = 7
CHIRP_WINDOW_S = 0.55
DUPLEX_S = 4.0
_GAP_S = 0.6
_PAUSE_S = 0.5

_SENTENCES = (
    "The visitor is waiting at the north gate.",
    "Please open the door, and tell him that the engineer comes in five minutes.",
    "A truck with forty boxes is on its way to the yard.",
    "She asked whether the lights in the long corridor were still on.",
)
_ANSWERS = (
    "Thank you, I have seen him on the screen.",
    "We open the gate as soon as the alarm is off.",
    "Nobody told us about the boxes this morning.",
    "The corridor is dark, and the heating was switched off, too.",
)


@dataclass(frozen=True, slots=True)
class Script:
    """Both voices, as long as each other, and where in them is what (in samples)."""

    talker: Samples
    listener: Samples
    speech: slice
    chirps: slice
    duplex: slice
    train: ChirpTrain

    @property
    def seconds(self) -> float:
        """How long it takes to say it."""
        return len(self.talker) / SAMPLE_RATE_HZ


@cache
def script() -> Script:
    """First the talker alone, for it suits echo control; at the end both at once.

    The end is where a call is costed: nobody saves the work of a silent side there.
    """
    train = chirp_train(CHIRPS, gap_s=_GAP_S)
    questions, answers = _text(_SENTENCES, DUPLEX_S), _text(_ANSWERS, DUPLEX_S)
    parts = (
        _text(_ANSWERS, WARM_UP_S),
        _text(_SENTENCES, SPEECH_S),
        train.samples,
        questions,
    )
    talker = np.concatenate(parts)
    _, speech_from, chirps_from, duplex_from = _starts(parts)
    listener = np.zeros(len(talker))
    listener[duplex_from:] = answers
    return Script(
        talker,
        listener,
        slice(speech_from, chirps_from),
        slice(chirps_from, duplex_from),
        slice(duplex_from, len(talker)),
        train,
    )


def _starts(parts: tuple[Samples, ...]) -> list[int]:
    return [sum(map(len, parts[:index])) for index in range(len(parts))]


def _text(sentences: tuple[str, ...], seconds: float) -> Samples:
    """The sentences with pauses, cut or filled with silence to `seconds`."""
    pause = np.zeros(int(_PAUSE_S * SAMPLE_RATE_HZ))
    parts = [part for text in sentences for part in (speech(text), pause)]
    spoken = np.concatenate(parts)[: int(seconds * SAMPLE_RATE_HZ)]
    padded: Samples = np.pad(spoken, (0, int(seconds * SAMPLE_RATE_HZ) - len(spoken)))
    return padded

"""A stable state is told once; a short one not at all."""

from __future__ import annotations

from intercomd.domain.sound import AudioVadType
from intercomd.engine.speech_monitor import SpeechMonitor

NOISE, SPEECH = AudioVadType.NOISE, AudioVadType.SPEECH


def told(*heard: tuple[float, bool]) -> list[tuple[float, AudioVadType]]:
    monitor = SpeechMonitor(3.0, 0.0)
    found = [(at, monitor.hear(is_speech=speech, now=at)) for at, speech in heard]
    return [(at, state) for at, state in found if state is not None]


def test_noise_from_the_start_is_told_after_the_time() -> None:
    assert told((0, False), (2.9, False), (3, False), (9, False)) == [(3, NOISE)]


def test_speech_is_told_once_it_lasted() -> None:
    heard = ((1, True), (3.9, True), (4, True), (5, False), (8, False))
    assert told(*heard) == [(4, SPEECH), (8, NOISE)]


def test_a_cough_is_not_told() -> None:
    assert told((3, False), (4, True), (5, False), (9, False)) == [(3, NOISE)]

"""The levels of a card's own mixer, as somebody wants them to stay.

It knows nothing of the card's sound.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import alsaaudio

from intercomd.audio.card import ALSA_DIRECTIONS
from intercomd.audio.direction import Direction

_log = logging.getLogger(__name__)

_HARDWARE = re.compile(r"(?:plug)?hw:(?:CARD=)?([^,]+)")


class Mixer:
    """Sets levels, in percent by the names of controls, and says once what it cannot.

    Controls that are not named are left alone.
    """

    def __init__(self, levels: Mapping[str, int], direction: Direction) -> None:
        self._levels = levels
        self._direction = direction
        self._told: set[str] = set()

    def set_levels(self, card_name: str) -> None:
        """Set them in the mixer of the card that ALSA calls so, and switch them on.

        Takes some milliseconds.
        """
        if not self._levels:
            return
        device = mixer_device(card_name)
        there = _controls(device)
        for control, level in self._levels.items():
            if control not in there or not self._set(device, control, level):
                self._tell_missing(control, device, there)

    def _set(self, device: str, control: str, level: int) -> bool:
        """Whether the control has a level for this direction, which it has now."""
        direction = ALSA_DIRECTIONS[self._direction]
        try:
            mixer = alsaaudio.Mixer(control, device=device)
            mixer.setvolume(level, alsaaudio.MIXER_CHANNEL_ALL, direction)
        except alsaaudio.ALSAAudioError:
            return False
        try:
            if self._direction is Direction.CAPTURE:
                mixer.setrec(1)
            else:
                mixer.setmute(0)
        except alsaaudio.ALSAAudioError:
            pass  # it has no switch
        return True

    def _tell_missing(self, control: str, device: str, there: list[str]) -> None:
        if control in self._told:
            return
        self._told.add(control)
        _log.warning(
            "mixer of %s has no %s level %s: there are %s; change audio.mixer.%s",
            device,
            self._direction.value,
            control,
            ", ".join(there) or "none",
            self._direction.value,
        )


def mixer_device(card_name: str) -> str:
    """Whose mixer belongs to a PCM's name: hw:CARD=Device,DEV=0 is of hw:Device."""
    hardware = _HARDWARE.match(card_name)
    return card_name if hardware is None else f"hw:{hardware[1]}"


def _controls(device: str) -> list[str]:
    try:
        return list(alsaaudio.mixers(device=device))
    except alsaaudio.ALSAAudioError:
        return []  # a name that has sound and no mixer

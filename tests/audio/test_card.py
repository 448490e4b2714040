from __future__ import annotations

from pathlib import Path

import pytest

from intercomd.audio.card import Card, Wanted
from intercomd.audio.direction import Direction
from intercomd.domain.errors import DeviceUnavailable

_WANTED = Wanted(period_samples=480, periods=4)
# A card that has two channels and nothing else, as many a USB card does.
_STEREO_ONLY = """
</usr/share/alsa/alsa.conf>
pcm.stereo {
    type multi
    slaves.a { pcm "null" channels 2 }
    bindings.0 { slave a channel 0 }
    bindings.1 { slave a channel 1 }
}
"""


@pytest.mark.parametrize("direction", list(Direction))
def test_a_name_that_does_not_exist_is_unavailable(
    direction: Direction, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DeviceUnavailable, match=r"No such file.*nosuchcard"):
        Card("nosuchcard", direction, _WANTED)
    assert capfd.readouterr().err == "", "libasound was not hushed"


@pytest.mark.parametrize("direction", list(Direction))
def test_a_card_that_grants_something_else_is_refused_with_the_remedy(
    direction: Direction, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asound.conf").write_text(_STEREO_ONLY)
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf"))
    with pytest.raises(DeviceUnavailable, match=r"2 channels.*use a plughw"):
        Card("stereo", direction, _WANTED)

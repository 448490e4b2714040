"""Sound cards as hardware has them, where there is none: see fake_card.c.

They stand in for ALSA's own `hw`, and in a made-up /sys. They know nothing about the
intercom.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.sysfs import Sysfs
from tests.bench.unavailable import BenchUnavailable

_SOURCE = Path(__file__).with_name("fake_card.c")
_CONFIGURATION = """\
</usr/share/alsa/alsa.conf>
pcm_type.fake {{ lib "{plugin}" }}
pcm.!hw {{
    @args [ CARD DEV SUBDEV ]
    @args.CARD {{ type string }}
    @args.DEV {{ type integer default 0 }}
    @args.SUBDEV {{ type integer default -1 }}
    type fake
    folder "{folder}"
    card $CARD
}}
"""


def build_plugin(folder: Path) -> Path:
    """The compiled plug-in, made in `folder`."""
    plugin = folder / "libasound_module_pcm_fake.so"
    command = ["cc", "-shared", "-fPIC", "-DPIC", "-O1", "-Wall", "-Werror"]
    try:
        subprocess.run([*command, "-o", plugin, _SOURCE, "-lasound", "-lm"], check=True)
    except FileNotFoundError as error:
        raise BenchUnavailable(
            "no C compiler: run 'apt-get install build-essential libasound2-dev'"
        ) from error
    return plugin


class FakeCards:
    """Cards that are plugged and pulled; `sysfs` is where the kernel lists them.

    A program whose environment has `environment()` opens them as `hw:CARD=<id>`.
    """

    def __init__(self, folder: Path, plugin: Path) -> None:
        self.sysfs = Sysfs(folder / "sys")
        self._folder = folder
        self._numbers: dict[str, int] = {}
        (folder / "asound.conf").write_text(
            _CONFIGURATION.format(plugin=plugin, folder=folder)
        )

    def environment(self) -> dict[str, str]:
        return {"ALSA_CONFIG_PATH": str(self._folder / "asound.conf")}

    def plug(
        self,
        card_id: str,
        *,
        rate_hz: int = 48_000,
        channels: int = 1,
        sample_format: str = "S16_LE",
        port: str = "1-1.4",
        product: str = "0d8c:0014",
    ) -> None:
        """A card comes, under a number no card had before."""
        folder = self._folder / card_id
        folder.mkdir(exist_ok=True)
        (folder / "card").write_text(f"{rate_hz} {channels} {sample_format}")
        number = max(self._numbers.values(), default=-1) + 1
        self._numbers[card_id] = number
        self.sysfs.plug(number, card_id, port=port, product=product)

    def pull(self, card_id: str) -> None:
        """The card goes, in the midst of what it does."""
        (self._folder / card_id / "card").unlink()
        self.sysfs.pull(self._numbers[card_id])

    def fail(self, card_id: str, fault: str) -> None:
        """From now on "stall", "suspend" or "broken" (only xruns), or once "xrun"."""
        written = self._folder / card_id / "coming"
        written.write_text(fault)
        written.rename(written.with_name("fault"))  # all of it at once

    def heal(self, card_id: str) -> None:
        (self._folder / card_id / "fault").unlink()

    def played(self, card_id: str, sample_type: str) -> NDArray[np.float64]:
        """All that was ever given to its loudspeaker, -1..1, channels interleaved."""
        pcm = np.frombuffer(
            (self._folder / card_id / "played").read_bytes(), sample_type
        )
        return pcm.astype(np.float64) / -float(np.iinfo(pcm.dtype).min)

from __future__ import annotations

import asyncio
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from intercomd.audio.greeting import greeting_path
from intercomd.audio.layout import Layout, SampleFormat
from intercomd.audio.wav import WavSink, WavSource, read_frames
from intercomd.domain.audio import FRAME_BYTES, SILENCE
from intercomd.domain.errors import ConfigInvalid
from tests.audio.frames import Ear, Mouth, tone
from tests.bench.processes import Child

_WRITES_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from intercomd.audio.wav import WavSink

pulls = 0

def pull(plays_at):
    global pulls
    pulls += 1
    if pulls == 80:
        print("written", flush=True)
    return b"\\1\\0" * 480

async def main():
    async with WavSink(Path(sys.argv[1]), pull):
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_file_is_delivered_frame_by_frame_then_silence(tmp_path: Path) -> None:
    _write(tmp_path / "in.wav", tone() * 3 + b"\1\0" * 100)
    ear = asyncio.run(_hear(tmp_path / "in.wav", frames=6))
    last = b"\1\0" * 100 + bytes(FRAME_BYTES - 200)
    assert ear.frames[:6] == [tone(), tone(), tone(), last, SILENCE, SILENCE]


def test_a_looped_file_begins_again(tmp_path: Path) -> None:
    _write(tmp_path / "in.wav", tone() + SILENCE)
    ear = asyncio.run(_hear(tmp_path / "in.wav", frames=4, loop=True))
    assert ear.frames[:4] == [tone(), SILENCE, tone(), SILENCE]


def test_the_greeting_is_a_file_a_source_takes() -> None:
    ear = asyncio.run(_hear(greeting_path(), frames=50))
    assert any(frame != SILENCE for frame in ear.frames)
    assert greeting_path().stat().st_size < 700_000


def test_what_is_pulled_is_written(tmp_path: Path) -> None:
    said = [tone(), SILENCE, tone()]
    asyncio.run(_say(tmp_path / "out.wav", Mouth(said), frames=4))
    assert _read(tmp_path / "out.wav")[: 3 * FRAME_BYTES] == b"".join(said)


def test_the_file_of_a_killed_process_plays(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    with Child([sys.executable, "-c", _WRITES_FOR_EVER, str(path)]) as child:
        child.wait_for_line(lambda line: line == "written", stream="stdout")
        child.kill()
    assert len(_read(path)) >= 50 * FRAME_BYTES


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("layout", [SampleFormat.S16_LE, SampleFormat.S24_3LE])
def test_other_rates_channels_and_widths_sound_the_same(
    tmp_path: Path, rate_hz: int, channels: int, layout: SampleFormat
) -> None:
    """A second of 440 Hz at half of full scale stays that, to the end."""
    path = tmp_path / "in.wav"
    sound = 16384 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    pcm = Layout(rate_hz, channels, layout).from_mono(sound.astype(np.int16))
    width = {SampleFormat.S16_LE: 2, SampleFormat.S24_3LE: 3}[layout]
    _write(path, pcm, rate_hz=rate_hz, channels=channels, width=width)
    heard = np.frombuffer(b"".join(read_frames(path)), "<i2").astype(float)
    assert abs(len(heard) - 48_000) <= 480
    wanted = 16384 * np.sin(2 * np.pi * 440 * np.arange(len(heard)) / 48_000)
    assert np.abs(heard - wanted)[1_000:47_000].max() < 300


def test_a_file_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    _write(path, tone() * 8, channels=2)
    path.write_bytes(path.read_bytes()[:-1923])
    heard = read_frames(path)
    assert len(heard) == 3
    assert heard[0] != SILENCE


def test_eight_bits_are_refused_with_the_command_that_converts(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    _write(path, bytes(4800), width=1)
    with pytest.raises(ConfigInvalid, match=r"is 8 bit: .*sox .*in\.wav -b 16"):
        asyncio.run(_hear(path, frames=1))


@pytest.mark.parametrize("content", [b"", b"no wav at all", None])
def test_what_is_no_wav_file_is_refused_by_name(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "in.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigInvalid, match=r"in\.wav is no readable WAV file"):
        asyncio.run(_hear(path, frames=1))


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "in.wav", b"")
    with pytest.raises(ConfigInvalid, match="no sound"):
        asyncio.run(_hear(tmp_path / "in.wav", frames=1))


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "out.wav"
    with pytest.raises(ConfigInvalid, match=r"out\.wav cannot be written"):
        asyncio.run(_say(path, Mouth(), frames=1))


def test_a_full_disk_is_said_and_frames_are_pulled_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mouth = Mouth()
    asyncio.run(_say(Path("/dev/full"), mouth, frames=150))
    assert caplog.text.count("takes no more sound") == 1


async def _hear(path: Path, *, frames: int, loop: bool = False) -> Ear:
    ear = Ear()
    async with WavSource(path, ear, loop=loop):
        await ear.hears(frames)
    return ear


async def _say(path: Path, mouth: Mouth, *, frames: int) -> None:
    async with WavSink(path, mouth):
        await mouth.said(frames)


def _write(
    path: Path, pcm: bytes, *, rate_hz: int = 48_000, channels: int = 1, width: int = 2
) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(pcm)


def _read(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        assert file.getparams()[:3] == (1, 2, 48_000)
        pcm: bytes = file.readframes(file.getnframes())
        return pcm

"""The page's slots are the engine's: the same course leads both to the same."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

from intercomd.protocol.messages import PlayedEntry
from intercomd.protocol.own_streams import OwnStreams
from intercomd.server import http

COURSES, STEPS, SLOTS = 300, 40, 2
STREAMS = ["a", "b", "c", "d"]
SCRIPT = Path(__file__).with_name("web_streams.mjs")
PAGE = Path(http.__file__).with_name("web") / "streams.js"

Step = dict[str, Any]
Picture = dict[str, list[Any]]


def picture(own: OwnStreams) -> Picture:
    return {s: [play.slot, play.is_accepted] for s, play in own.plays.items()}


def some_step(rng: random.Random, own: OwnStreams) -> Step:
    stream, slot = rng.choice(STREAMS), rng.randrange(SLOTS)
    if stream not in own.plays:
        steps = ["play"] * 3 + ["bind", "resume"]
    else:
        steps = ["accept"] * 3 + ["bind"] * 4 + ["stop", "resume"]
    kept = rng.sample(STREAMS, 3)
    slots = rng.sample([0, 1, None], 3)
    return {
        "step": rng.choice(steps),
        "stream": stream,
        "slot": slot,
        "played": [
            {"stream_id": s, "slot": n, "playing": True}
            for s, n in zip(kept, slots, strict=True)
        ],
    }


def take(own: OwnStreams, step: Step) -> None:
    stream = step["stream"]
    match step["step"]:
        case "play":
            own.play(stream)
        case "accept":
            own.plays[stream].is_accepted = True
        case "stop":
            own.stop(stream)
        case "bind":
            own.bind(step["slot"], stream, 0)
        case "resume":
            played = tuple(PlayedEntry(**entry) for entry in step["played"])
            own.resume((), played)
            own.rebind(played)
        case other:
            raise AssertionError(other)


def some_course(rng: random.Random) -> tuple[list[Step], list[Picture]]:
    own = OwnStreams(receive_slots=SLOTS)
    steps, seen = [], []
    for _ in range(STEPS):
        steps.append(some_step(rng, own))
        take(own, steps[-1])
        seen.append(picture(own))
    return steps, seen


def test_page_and_engine_agree_on_every_slot(tmp_path: Path) -> None:
    program = shutil.which("node")
    assert program, "there is no node: apt-get install nodejs"
    module = shutil.copy(PAGE, tmp_path / "streams.mjs")
    rng = random.Random(8)
    courses = [some_course(rng) for _ in range(COURSES)]
    told = [json.dumps({"slots": SLOTS, "steps": steps}) for steps, _ in courses]
    done = subprocess.run(
        [program, str(SCRIPT), str(module)],
        input="\n".join(told),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert answers == [seen for _, seen in courses]


def test_no_slot_is_ever_lost_or_held_twice() -> None:
    rng = random.Random(9)
    for _ in range(COURSES):
        own = OwnStreams(receive_slots=SLOTS)
        for _ in range(STEPS):
            take(own, some_step(rng, own))
            held = [p.slot for p in own.plays.values() if p.slot is not None]
            assert sorted([*held, *own._free_slots]) == list(range(SLOTS))

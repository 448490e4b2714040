"""`intercomd demo`: a room server and two stations on this machine, to be seen."""

from __future__ import annotations

import argparse
import asyncio

from intercomd.cli.demonstration import demonstrate


def main(arguments: argparse.Namespace) -> int:
    """Returns 0 if sound arrived both ways."""
    return asyncio.run(
        demonstrate(arguments.room, arguments.seconds, as_json=arguments.json)
    )

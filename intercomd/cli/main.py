"""`intercomd`: from a command line to a verb, and from an error to an exit code.

A verb's module, and all that is slow to import with it, is loaded when it is called.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from intercomd.cli.arguments import parse
from intercomd.cli.machine import this_machine
from intercomd.domain.errors import ConfigInvalid, ConfigUnreadable, IntercomError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `intercomd` with these arguments, the process's own if None.

    Returns the exit code of sysexits.h; an error is one sentence on stderr.
    """
    chosen = parse(arguments)
    unsuited = this_machine().unsuited()
    if unsuited:
        return _fail(unsuited, os.EX_UNAVAILABLE)
    try:
        verb = import_module(f"intercomd.cli.{chosen.module}")
        code: int = verb.main(chosen)
    except KeyboardInterrupt:
        return 128 + 2  # as shells count a process that SIGINT ended
    except IntercomError as error:
        return _fail(str(error), exit_code(error))
    except OSError as error:
        return _fail(str(error), os.EX_UNAVAILABLE)
    return code


def exit_code(error: IntercomError) -> int:
    """Which code of sysexits.h tells this error."""
    match error:
        case ConfigInvalid():
            return os.EX_CONFIG
        case ConfigUnreadable():
            return os.EX_NOINPUT
        case _:
            return os.EX_UNAVAILABLE


def _fail(sentences: str, code: int) -> int:
    for sentence in sentences.splitlines():
        print(f"intercomd: {sentence}", file=sys.stderr)
    return code

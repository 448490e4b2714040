"""Why the bench cannot run here: an error, never a reason to skip."""

from __future__ import annotations


class BenchUnavailable(RuntimeError):
    """This machine cannot run the bench; the text says what to install or allow."""

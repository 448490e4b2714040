"""`python -m intercomd` is `intercomd`."""

from __future__ import annotations

import sys

from intercomd.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

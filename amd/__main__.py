"""The `amd` command and ``python -m amd``: Ctrl-C while the command line is still being read from disk is an answer
too (exit status 130), not a traceback."""

from __future__ import annotations

import sys


def run() -> None:
    try:
        from amd.cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main()


if __name__ == "__main__":
    run()

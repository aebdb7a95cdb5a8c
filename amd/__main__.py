"""The `amd` command and ``python -m amd``.

Ctrl-C while the command line is still being read from disk is an answer too (exit status 130), not a traceback.
"""

from __future__ import annotations

import atexit
import os
import sys
from io import TextIOWrapper


def run() -> None:
    try:
        _keep_output_for_answers()
        from amd.cli import main
    except KeyboardInterrupt:
        sys.exit(130)
    main()


def _keep_output_for_answers() -> None:
    """Standard output is for Python alone; what a solver's library prints there by itself goes to standard error, where
    it cannot spoil ``--json``. Without a standard output there is nowhere to answer to."""
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stderr.write("the answer cannot be written: standard output is closed\n")
        sys.exit(3)
    stream = sys.stdout
    try:
        own = os.dup(stream.fileno())
        os.dup2(sys.stderr.fileno(), stream.fileno())
    except (OSError, ValueError):  # no file at all
        return
    binary = os.fdopen(own, "wb")
    sys.stdout = TextIOWrapper(binary, stream.encoding, stream.errors, line_buffering=stream.isatty())
    atexit.register(sys.stdout.close)


if __name__ == "__main__":
    run()

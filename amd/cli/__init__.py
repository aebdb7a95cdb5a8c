"""The command line: one file for a group of verbs, each thin.

Files of verbs import at their top what help needs, and inside the verb what it needs to run: `amd --help` and
`amd list` start without numpy, scipy or a solver.
"""

from amd.cli.main import main

__all__ = ["main"]

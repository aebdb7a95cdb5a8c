"""The most memory that this process has held."""

from __future__ import annotations

import sys


def peak_memory() -> int | None:
    """Bytes held in memory at the peak since the process began, or None where the system does not tell (Windows)."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak  # kilobytes but on macOS

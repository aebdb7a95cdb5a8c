"""What is said where a picture cannot be drawn."""

from __future__ import annotations

from importlib.util import find_spec


class NoPictureError(ValueError):
    """There is no such picture of this object; the message says why, and what there is."""


def require_matplotlib() -> None:
    """Raise ImportError with the remedy where matplotlib is missing."""
    if find_spec("matplotlib") is None:
        raise ImportError("pictures need matplotlib: pip install 'automated-mechanism-design[plot]'")

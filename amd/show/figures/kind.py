"""A kind of picture: its name, what it shows in a sentence, and who draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Kind:
    """`draw` takes the object, ``ax=`` and options of its own, and raises NoPictureError where it cannot."""

    name: str
    about: str
    draw: Callable[..., Figure]


def listed(*entries: tuple[str, str, Callable[..., Any]]) -> dict[str, Kind]:
    """Kinds by name, in order."""
    return {name: Kind(name, about, draw) for name, about, draw in entries}

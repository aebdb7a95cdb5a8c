"""A kind of picture: its name, what it shows in a sentence, and who draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Kind:
    """`draw` takes the object, ``ax=`` and options of its own, and raises NoPictureError where it cannot.

    `costly` pictures take new proofs or runs, and are only drawn when they are asked for by name.
    """

    name: str
    about: str
    draw: Callable[..., Figure]
    costly: bool = False


def listed(*entries: tuple[str, str, Callable[..., Any]]) -> dict[str, Kind]:
    """Kinds by name, in order."""
    return {name: Kind(name, about, draw) for name, about, draw in entries}

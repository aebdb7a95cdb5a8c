"""Places in nested JSON data, and what can be done to the value at one of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[Any, ...]

REARRANGED = ("drop", "double", "exchange")  # the last two in lists only


def places(data: Any, path: Place = ()) -> Iterator[Place]:
    """Paths to every leaf and every list or mapping in it."""
    if path:
        yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def holder_of(data: Any, path: Place) -> Any:
    """The list or mapping that holds what is at a place."""
    for key in path[:-1]:
        data = data[key]
    return data


def rearrange(kind: str, holder: Any, at: Any, other: Callable[[], int]) -> None:
    """What is at a place is dropped, doubled, or exchanged with that at position `other()` of the list."""
    if kind == "drop":
        del holder[at]
    elif kind == "double":
        holder.insert(at, copy.deepcopy(holder[at]))
    else:
        place = other()
        holder[at], holder[place] = holder[place], holder[at]

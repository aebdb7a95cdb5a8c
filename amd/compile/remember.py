"""What is found out about an agent or an environment once, and asked for several times while a plan is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

Thing = TypeVar("Thing")
Rest = ParamSpec("Rest")
Answer = TypeVar("Answer")


def remembered(find: Callable[Concatenate[Thing, Rest], Answer]) -> Callable[Concatenate[Thing, Rest], Answer]:
    """`find` of a thing that never changes and of hashable arguments, found once and forgotten with the thing."""
    known: WeakKeyDictionary[Any, dict[Any, Answer]] = WeakKeyDictionary()

    @wraps(find)
    def look(thing: Thing, /, *rest: Rest.args, **named: Rest.kwargs) -> Answer:
        found = known.setdefault(thing, {})
        key = (rest, tuple(sorted(named.items())))
        if key not in found:
            found[key] = find(thing, *rest, **named)
        return found[key]

    return look

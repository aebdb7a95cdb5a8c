"""Which type a report is.

A report says an agent's type in the words of the problem: the value of its parameter (a number, a `Fraction` or a text
such as ``3/4``), a tuple or a dict of several, an order as a list of outcome names (best first) or ``a > b > c``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from amd.files.faults import clip
from amd.model.environment import Environment
from amd.model.types import TypeSpace

# An exponent of more than four digits would be written out digit by digit.
_RATIONAL = re.compile(r"\s*[+-]?(\d+(/\d+)?|(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?)\s*", re.ASCII)
_LONGEST = 4000  # characters; Python itself refuses integers of more than 4300 digits
_SHOWN = 6  # types listed in a message


def rational(text: str) -> Fraction:
    """The exact number that a text such as ``3/4``, ``0.1`` or ``2e-3`` says; ValueError if it says none."""
    if len(text) > _LONGEST or not _RATIONAL.fullmatch(text):
        raise ValueError(f"{clip(repr(text))} is not a number such as 3/4 or 0.75")
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise ValueError(f"{clip(repr(text))} divides by zero") from None


def type_label(environment: Environment, agent: int, k: int) -> str:
    """A short text for a type: ``v = 3/4``, ``a > b > c`` or ``the only type``."""
    types = environment.agents[agent].types
    if types.orders is not None:
        return " > ".join(environment.allocation.names[outcome] for outcome in types.orders[k])
    return types.label(k)


class ReportIndex:
    """From reports to the positions of types, for every agent of an environment."""

    def __init__(self, environment: Environment) -> None:
        self._readers = tuple(
            _Orders(agent.name, agent.types, environment.allocation.names)
            if agent.types.orders is not None
            else _Parameters(agent.name, agent.types)
            for agent in environment.agents
        )

    def find(self, agent: int, report: Any) -> int:
        """The position of the type that the agent reports; ValueError, saying what would be right, if it is none."""
        return self._readers[agent].find(report)

    def profile(self, reports: Sequence[Any]) -> tuple[int, ...]:
        """The type profile that the agents report, one report each."""
        if len(reports) != len(self._readers):
            raise ValueError(f"{len(reports)} reports for {len(self._readers)} agents")
        return tuple(reader.find(report) for reader, report in zip(self._readers, reports, strict=True))


class _Parameters:
    """Types that are the values of named parameters."""

    def __init__(self, name: str, types: TypeSpace) -> None:
        self.name = name
        self.types = types

    def find(self, report: Any) -> int:
        if _is_whole(report) and len(self.types.parameters) != 1:
            return _position(self.name, int(report), self.types.size)
        point = self._point(report)
        k = self._exact.get(point)
        if k is None and any(type(value) is float for value in point):
            k = self._nearest.get(tuple(float(value) for value in point))
        if k is None:
            raise ValueError(f"{self.name} has no type {self._shown(point)}; {self._known()}")
        return k

    @cached_property
    def _exact(self) -> dict[tuple[Any, ...], int]:
        return {point: k for k, point in reversed(list(enumerate(self.types.points)))}

    @cached_property
    def _nearest(self) -> dict[tuple[float, ...], int]:
        """Types by their nearest doubles: ``1/3`` may be said as a float."""
        points = reversed(list(enumerate(self.types.points)))
        return {tuple(float(value) for value in point): k for k, point in points}

    def _point(self, report: Any) -> tuple[Any, ...]:
        names = self.types.parameters
        if isinstance(report, Mapping):
            if set(report) != set(names):
                raise ValueError(f"{self.name} reports {', '.join(names) or 'nothing'}, not {clip(repr(list(report)))}")
            values = [report[name] for name in names]
        elif isinstance(report, (list, tuple)):
            values = list(report)
        else:
            values = [] if report is None else [report]
        if len(values) != len(names):
            wanted = "1 value" if len(names) == 1 else f"{len(names)} values"
            raise ValueError(f"{self.name} reports {wanted} ({', '.join(names)}), not {len(values)}")
        return tuple(self._number(value) for value in values)

    def _number(self, value: Any) -> Any:
        if isinstance(value, str):
            return rational(value)
        if isinstance(value, float):
            return float(value)
        if isinstance(value, Fraction) or _is_whole(value):
            return Fraction(value)
        raise ValueError(f"{self.name}: {clip(repr(value))} is not a number")

    def _shown(self, point: tuple[Any, ...]) -> str:
        return ", ".join(
            f"{name} = {clip(str(value))}" for name, value in zip(self.types.parameters, point, strict=True)
        )

    def _known(self) -> str:
        labels = [self.types.label(k) for k in range(min(self.types.size, _SHOWN))]
        more = f" and {self.types.size - _SHOWN} more" if self.types.size > _SHOWN else ""
        return f"its types are {'; '.join(labels)}{more}"


class _Orders:
    """Types that are strict preference orders over the outcomes."""

    def __init__(self, name: str, types: TypeSpace, outcomes: Sequence[str]) -> None:
        self.name = name
        self.size = types.size
        self.outcomes = {outcome: position for position, outcome in enumerate(outcomes)}
        self.orders = {order: k for k, order in reversed(list(enumerate(types.orders or ())))}

    def find(self, report: Any) -> int:
        if _is_whole(report):
            return _position(self.name, int(report), self.size)
        names = [name.strip() for name in report.split(">")] if isinstance(report, str) else report
        if not isinstance(names, (list, tuple)):
            raise ValueError(f"{self.name} reports an order of the outcomes, not {clip(repr(report))}")
        unknown = [name for name in names if not isinstance(name, str) or name not in self.outcomes]
        if unknown:
            raise ValueError(f"{self.name} ranks {clip(repr(unknown[0]))}, which is no outcome")
        k = self.orders.get(tuple(self.outcomes[name] for name in names))
        if k is None:
            raise ValueError(f"{self.name} has no type {' > '.join(names)}")
        return k


def _is_whole(value: Any) -> bool:
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _position(name: str, k: int, size: int) -> int:
    if not 0 <= k < size:
        raise ValueError(f"{name} has types 0 to {size - 1}, not {k}")
    return k

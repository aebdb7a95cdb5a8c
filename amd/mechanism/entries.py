"""Entries of a mechanism file: what one type profile's report, decision and payments say."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from amd.files.faults import Faults, clip, suggest
from amd.mechanism.reports import ReportIndex, rational
from amd.mechanism.rows import Number
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import ZERO

Numbers: TypeAlias = list[Any]  # ints and Fractions where exact, floats elsewhere
LARGE = 1e300
NOISE = 1e-7  # how far the probabilities of listed decisions may be from 1 when written in floating point


class Reader:
    """Reads the parts of entries against an environment; whatever is wrong goes to `faults` with its place."""

    def __init__(self, environment: Environment, faults: Faults) -> None:
        self.environment = environment
        self.faults = faults
        self.index = ReportIndex(environment)
        self.known: list[dict[Any, int]] = [{} for _ in environment.agents]
        self.agents = len(environment.agents)
        self.goods = [good.name for good in environment.allocation.goods]
        self.outcomes = {name: column for column, name in enumerate(environment.allocation.names)}

    def fault(self, place: str, message: str) -> None:
        """Remember one fault of the file."""
        self.faults.add(None, place, message)

    def items(self, value: Any, place: str) -> list[Any]:
        """A list; an empty one, with a fault, for anything else."""
        if isinstance(value, list):
            return value
        self.fault(place, f"is {kind(value)}, but needs a list")
        return []

    def mapping(self, value: Any, keys: set[str], place: str) -> bool:
        """Whether the value is a mapping with just these keys."""
        if isinstance(value, dict) and set(value) == keys:
            return True
        self.fault(place, f"needs {', '.join(sorted(keys))}, and nothing else")
        return False

    def number(self, value: Any, place: str) -> Number:
        """An int or a Fraction where the value is written exactly, else a finite float."""
        try:
            found = rational(value) if isinstance(value, str) else value
            if isinstance(found, bool) or not isinstance(found, (int, float, Fraction)):
                raise ValueError(f"{kind(value)} is not a number")
            if not np.isfinite(float(found)):
                raise ValueError(f"{found} is not a finite number")
        except (ValueError, OverflowError) as error:
            message = "is too large" if isinstance(error, OverflowError) else str(error)
            self.fault(place, message)
            return ZERO
        return found

    def numbers(self, values: Any, count: int, place: str, each: str) -> Numbers:
        """A list of `count` numbers, one for `each` thing."""
        if not isinstance(values, list) or len(values) != count:
            self.fault(place, f"is {kind(values)}, but needs a list of {count} numbers, one for each {each}")
            return [ZERO] * count
        if _are_plain(values):
            return values
        return [self.number(value, f"{place}[{k}]") for k, value in enumerate(values, 1)]

    def type_of(self, agent: int, report: Any, place: str) -> int | None:
        """The position of the reported type; None, with a fault, if it is none."""
        if not isinstance(report, list):
            self.fault(place, f"is {kind(report)}, but needs a list of numbers or names")
            return None
        odd = [value for value in report if type(value) not in (str, int, float)]
        if odd:
            self.fault(place, f"holds {kind(odd[0])}, but needs numbers or names")
            return None
        key = tuple(report)
        found = self.known[agent].get(key)
        if found is None:
            try:
                found = self.known[agent][key] = self.index.find(agent, report)
            except (ValueError, OverflowError) as error:
                self.fault(place, str(error))
        return found

    def table(self, value: Any, place: str) -> Numbers:
        """A list for each agent of units of each good, flattened."""
        if not isinstance(value, list) or len(value) != self.agents:
            self.fault(place, f"is {kind(value)}, but needs a list for each of the {self.agents} agents")
            return [ZERO] * (self.agents * len(self.goods))
        rows = [self.numbers(row, len(self.goods), f"{place}[{i}]", "good") for i, row in enumerate(value, 1)]
        return [number for row in rows for number in row]

    def columns(self, entry: dict[str, Any], place: str) -> Numbers:
        """The entry's decision as columns of the environment's allocation."""
        ways: dict[str, Callable[[Any, str], Numbers]] = {"outcomes": self._outcomes}
        if not self.outcomes:
            ways = {"allocation": self._units, "decisions": self._lottery}
        given = [key for key in ways if key in entry]
        if len(given) != 1:
            self.fault(place, f"needs {' or '.join(ways)}" + (", not both" if given else ""))
            return self._nothing()
        return ways[given[0]](entry[given[0]], f"{place}.{given[0]}")

    def _nothing(self) -> Numbers:
        return [0] * self.environment.allocation.size

    def _outcomes(self, value: Any, place: str) -> Numbers:
        columns = self._nothing()
        if not isinstance(value, dict):
            self.fault(place, f"is {kind(value)}, but needs the probability of each outcome by name")
            return columns
        for name, probability in value.items():
            if name in self.outcomes:
                columns[self.outcomes[name]] = self.number(probability, f"{place}.{name}")
            else:
                self.fault(f"{place}.{clip(name)}", f"is no outcome{suggest(name, self.outcomes)}")
        return columns

    def _units(self, value: Any, place: str) -> Numbers:
        """Expected units; where lotteries are over listed decisions, one of them for sure."""
        units = self.table(value, place)
        if self.environment.allocation.kind is AllocationKind.MARGINALS:
            return units
        columns = self._nothing()
        column = self.decisions.get(tuple(units))
        if column is None:
            self.fault(place, "is no whole feasible decision; a lottery over decisions is listed under 'decisions'")
        else:
            columns[column] = 1
        return columns

    def _lottery(self, value: Any, place: str) -> Numbers:
        """Whole decisions with probabilities."""
        columns = self._nothing()
        if not isinstance(value, list):
            self.fault(place, f"is {kind(value)}, but needs a list of {{probability, allocation}}")
            return columns
        total: Number = Fraction(0)
        for k, item in enumerate(value, 1):
            here = f"{place}[{k}]"
            if not isinstance(item, dict) or set(item) != {"probability", "allocation"}:
                self.fault(here, "needs probability and allocation, and nothing else")
                continue
            probability = self.number(item["probability"], f"{here}.probability")
            self._add(columns, probability, self.table(item["allocation"], f"{here}.allocation"), here)
            total += probability
        if not -NOISE <= float(total - 1) <= NOISE:
            self.fault(place, f"the probabilities sum to {float(total):.9g}, not to 1")
        return columns

    def _add(self, columns: Numbers, probability: Number, units: Numbers, place: str) -> None:
        """Add a decision's probability to its column, or its expected units to those of all."""
        if probability < 0:
            self.fault(f"{place}.probability", "is below 0")
        if self.environment.allocation.kind is AllocationKind.MARGINALS:
            feasible = self._feasible(units)
            columns[:] = [old + probability * new for old, new in zip(columns, units, strict=True)]
        else:
            column = self.decisions.get(tuple(units))
            feasible = column is not None
            columns[column or 0] += probability
        if not feasible:
            self.fault(f"{place}.allocation", "is no whole feasible decision")

    def _feasible(self, units: Numbers) -> bool:
        """Whether these are whole units that meet every supply, limit and demand."""
        allocation = self.environment.allocation
        if any(number != int(number) or number < 0 for number in units):
            return False
        handed = allocation.matrix.toarray() @ np.array([int(number) for number in units], dtype=object)
        return bool((handed <= allocation.upper).all())

    @cached_property
    def decisions(self) -> dict[tuple[int, ...], int]:
        """The column of each listed decision, by its units."""
        units = self.environment.allocation.units
        if units is None:
            return {}
        return {tuple(row): column for column, row in enumerate(units.reshape(len(units), -1).tolist())}


def plain(value: Any) -> Any:
    """A number as JSON has it: exact ones as whole numbers or texts."""
    if isinstance(value, float):
        return value
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else str(exact)


def _are_plain(values: list[Any]) -> bool:
    """Whether all are JSON numbers that are finite and not large; most lists are."""
    return all(type(value) in (int, float) and -LARGE < value < LARGE for value in values)


def kind(value: Any) -> str:
    """What a JSON value is, for a message."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "a mapping"
    return "missing" if value is None else clip(json.dumps(value))

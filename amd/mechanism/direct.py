"""Direct mechanisms: each agent reports a type; the reports decide the allocation and the payments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from amd.mechanism.lottery import Lottery, lottery
from amd.mechanism.reports import ReportIndex, type_label
from amd.mechanism.rows import Array, Number, Rows, units_of
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import ExactArray, FloatArray, exact_zeros, to_float
from amd.pictures import Pictured


@dataclass(frozen=True, eq=False)
class Mechanism(Pictured):
    """A direct mechanism, defined at every type profile of its environment.

    `allocation` (K_1, …, K_n, C) over the environment's allocation columns (probabilities or expected units),
    `payments` (K_1, …, K_n, n) from agent to designer, or None where there is no money. `exact_allocation` and
    `exact_payments` hold the same as Fractions where they are known. ValueError where a shape is wrong or a number
    is not finite.

    >>> mechanism(Fraction(3, 4), "1/4")      # what happens at a profile of reports  # doctest: +SKIP
    """

    environment: Environment
    allocation: FloatArray
    payments: FloatArray | None = None
    exact_allocation: ExactArray | None = None
    exact_payments: ExactArray | None = None

    def __post_init__(self) -> None:
        shape = self.environment.shape
        for name, width in (
            ("allocation", self.environment.allocation.size),
            ("payments", len(shape)),
            ("exact_allocation", self.environment.allocation.size),
            ("exact_payments", len(shape)),
        ):
            array = getattr(self, name)
            if array is not None:
                dtype: Any = object if name.startswith("exact") else np.float64
                object.__setattr__(self, name, _frozen(name, array, (*shape, width), dtype))
        if self.payments is None and self.exact_payments is not None:
            raise ValueError("exact_payments are given without payments")

    @classmethod
    def from_exact(
        cls, environment: Environment, allocation: ExactArray, payments: ExactArray | None = None
    ) -> Mechanism:
        """A mechanism known exactly, from object arrays of Fractions."""
        floats = None if payments is None else to_float(payments)
        return cls(environment, to_float(allocation), floats, allocation, payments)

    @property
    def is_exact(self) -> bool:
        """Whether all its numbers are known as rationals."""
        return self.exact_allocation is not None and (self.payments is None or self.exact_payments is not None)

    @cached_property
    def reports(self) -> ReportIndex:
        """From reports to type profiles."""
        return ReportIndex(self.environment)

    def rows(self, exact: bool = False) -> Rows:
        """The mechanism profile by profile; without money all payments are 0. ValueError if not known exactly."""
        count, n = self.environment.profile_count, len(self.environment.agents)
        if exact and not self.is_exact:
            raise ValueError("this mechanism is only known in floating point")
        allocation: Any = self.exact_allocation if exact else self.allocation
        paid: Any = self.exact_payments if exact else self.payments
        if paid is None:
            paid = np.broadcast_to(exact_zeros(1) if exact else np.zeros(1), (count, n))
        index = np.arange(count, dtype=np.int64)
        return Rows(self.environment, index, allocation.reshape(count, -1), paid.reshape(count, n), exact)

    def __call__(self, *reports: Any) -> Outcome:
        """What happens at a profile of reports, given one by one or as one list.

        A report is the value of the type's parameter (number, Fraction or text), a tuple or dict of several, an order
        as a list of outcome names; a whole number is the position of a type unless types are single numbers.
        ValueError, saying what would be right, for a report that is no type.
        """
        if len(reports) == 1 and isinstance(reports[0], (list, tuple)) and len(self.environment.agents) > 1:
            reports = tuple(reports[0])
        return self.at(*self.reports.profile(reports))

    def at(self, *profile: int) -> Outcome:
        """What happens at the type profile with these positions."""
        known = self.exact_allocation if self.exact_allocation is not None else self.allocation
        return self._outcome(profile, known[profile])

    def draw(self, profile: Sequence[int], rng: np.random.Generator) -> Outcome:
        """One whole decision, drawn from the lottery at the type profile with these positions.

        Every draw is feasible and its mean is the allocation (Budish, Che, Kojima and Milgrom, 2013, theorem 1).
        """
        options = self.lottery(profile)
        weights = np.array([float(probability) for probability, _ in options])
        chosen = options[int(rng.choice(len(options), p=weights / weights.sum()))][1]
        return self._outcome(tuple(profile), chosen)

    def lottery(self, profile: Sequence[int]) -> Lottery:
        """Whole decisions with their probabilities at a type profile: pairs of a probability and columns (C,)."""
        known = self.exact_allocation if self.exact_allocation is not None else self.allocation
        return lottery(self.environment, known[tuple(profile)])

    def _outcome(self, profile: tuple[int, ...], columns: Array) -> Outcome:
        known = self.exact_payments if self.exact_payments is not None else self.payments
        labels = tuple(type_label(self.environment, i, k) for i, k in enumerate(profile))
        paid = None if known is None else tuple(_plain(known[profile]))
        return outcome(self.environment, labels, columns, paid)


@dataclass(frozen=True)
class Outcome:
    """What a mechanism does at one report profile.

    `lottery` gives the probability of each named outcome (those above 0); with goods, `allocation` gives each agent's
    expected units of each good, and `decisions` the whole assignments with their probabilities where these are
    what the mechanism decides. `payments` by agent, None where there is no money. Numbers are Fractions where known.
    """

    reports: dict[str, str]
    lottery: dict[str, Number] | None
    allocation: dict[str, dict[str, Number]] | None
    payments: dict[str, Number] | None
    decisions: tuple[tuple[Number, dict[str, dict[str, int]]], ...] | None = None

    def __str__(self) -> str:
        said = "; ".join(f"{name}: {label}" for name, label in self.reports.items())
        lines = [f"when {said}"]
        if self.lottery is not None:
            lines += [f"  {name} with probability {_shown(p)}" for name, p in self.lottery.items()]
        else:
            lines += _holdings(self.allocation or {})
        if self.payments is not None:
            lines += [f"  {name} pays {_shown(amount)}" for name, amount in self.payments.items()]
        return "\n".join(lines)

    __repr__ = __str__


def outcome(
    environment: Environment, labels: tuple[str, ...], columns: Array, paid: tuple[Number, ...] | None
) -> Outcome:
    """The outcome in names, from columns (C,) of the allocation and payments in agent order."""
    agents = [agent.name for agent in environment.agents]
    allocation = environment.allocation
    reports = dict(zip(agents, labels, strict=True))
    payments = None if paid is None else dict(zip(agents, paid, strict=True))
    if allocation.kind is AllocationKind.OUTCOMES:
        named = zip(allocation.names, _plain(columns), strict=True)
        return Outcome(reports, {name: p for name, p in named if p != 0}, None, payments)
    units = units_of(environment, columns[None, :])[0]
    decisions = None
    if allocation.units is not None:
        used = np.flatnonzero(columns != 0)
        decisions = tuple((_plain(columns)[c], _by_name(environment, allocation.units[c])) for c in used)
    return Outcome(reports, None, _by_name(environment, units), payments, decisions)


def _by_name(environment: Environment, units: Array) -> dict[str, dict[str, Any]]:
    goods = [good.name for good in environment.allocation.goods]
    pairs = zip(environment.agents, units, strict=True)
    return {agent.name: dict(zip(goods, _plain(own), strict=True)) for agent, own in pairs}


def _holdings(allocation: dict[str, dict[str, Number]]) -> list[str]:
    lines = [
        f"  {agent} gets {', '.join(f'{_shown(units)} {good}' for good, units in own.items() if units != 0)}"
        for agent, own in allocation.items()
        if any(units != 0 for units in own.values())
    ]
    return lines or ["  nobody gets anything"]


def _plain(array: Array) -> list[Any]:
    """Python numbers, not numpy's."""
    plain: list[Any] = array.tolist()
    return plain


def _shown(number: Number) -> str:
    return f"{number:.6g}" if isinstance(number, float) else str(number)


def _frozen(name: str, array: Any, shape: tuple[int, ...], dtype: Any) -> Array:
    checked = np.ascontiguousarray(array, dtype=dtype)
    if checked.shape != shape:
        raise ValueError(f"{name} has shape {checked.shape}, but the environment needs {shape}")
    if dtype is not object and not np.isfinite(checked).all():
        raise ValueError(f"{name} holds a number that is not finite")
    view = checked.view()
    view.flags.writeable = False
    return view

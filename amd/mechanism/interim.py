"""Interim mechanisms, for when type profiles cannot be listed.

An interim mechanism says what each type of each agent can expect, and carries the rule that says what happens at any
one profile. It is for goods with additive private values and independent types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from amd.mechanism.direct import Outcome, outcome
from amd.mechanism.hierarchies import HierarchyRule
from amd.mechanism.labels import all_quantities
from amd.mechanism.lottery import lottery
from amd.mechanism.reports import ReportIndex, type_label
from amd.model.design import Design, Linear, Quantity
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import FloatArray, IntArray
from amd.pictures import Pictured


class Lift(Protocol):
    """The rule behind an interim mechanism: what happens at type profiles (R, n), given by the positions of types."""

    def allocations(self, profiles: IntArray) -> FloatArray:
        """The allocation's columns (R, C)."""
        ...

    def payments(self, profiles: IntArray, allocation: FloatArray) -> FloatArray:
        """The payments (R, n) with that allocation, from agent to designer."""
        ...

    def hierarchies(self) -> HierarchyRule | None:
        """The rule as lotteries over hierarchies, which files can hold; None if it is none."""
        ...


@dataclass(frozen=True, eq=False)
class InterimMechanism(Pictured):
    """What each type can expect, and the rule that lifts it to profiles.

    `allocation[i]` (K_i, A_i) are the expected features of agent i, that is units of the goods it values, by its
    type; `payments[i]` (K_i,) its expected payments. Goods an agent does not value are not handed to it. ValueError
    for other environments than goods with additive private values and independent types, and for wrong shapes.
    """

    environment: Environment
    allocation: tuple[FloatArray, ...]
    payments: tuple[FloatArray, ...]
    lift: Lift

    def __post_init__(self) -> None:
        environment = self.environment
        if environment.allocation.kind is not AllocationKind.MARGINALS:
            raise ValueError("an interim mechanism needs goods that are valued one by one")
        if not environment.independent or environment.interdependent:
            raise ValueError("an interim mechanism needs independent types and private values")
        shapes = [(agent.size, agent.feature_count) for agent in environment.agents]
        if [array.shape for array in self.allocation] != shapes:
            raise ValueError(f"the interim allocations need the shapes {shapes}")
        if [array.shape for array in self.payments] != [(agent.size,) for agent in environment.agents]:
            raise ValueError("the interim payments need one number for each type")
        if not all(np.isfinite(array).all() for array in (*self.allocation, *self.payments)):
            raise ValueError("the interim mechanism holds a number that is not finite")

    @cached_property
    def reports(self) -> ReportIndex:
        """From reports to type profiles."""
        return ReportIndex(self.environment)

    def __call__(self, *reports: Any) -> Outcome:
        """What happens at a profile of reports, said as to a `Mechanism`. ValueError for a report that is no type."""
        if len(reports) == 1 and isinstance(reports[0], (list, tuple)) and len(self.environment.agents) > 1:
            reports = tuple(reports[0])
        return self.at(*self.reports.profile(reports))

    def at(self, *profile: int) -> Outcome:
        """What happens at the type profile with these positions."""
        return self._outcome(profile, self._columns(profile))

    def draw(self, profile: Sequence[int], rng: np.random.Generator) -> Outcome:
        """One whole decision, drawn from the lottery at the type profile with these positions."""
        options = lottery(self.environment, self._columns(profile))
        weights = np.array([float(probability) for probability, _ in options])
        return self._outcome(tuple(profile), options[int(rng.choice(len(options), p=weights / weights.sum()))][1])

    def _columns(self, profile: Sequence[int]) -> FloatArray:
        return np.asarray(self.lift.allocations(np.array([profile]))[0])

    def _outcome(self, profile: tuple[int, ...], columns: FloatArray | IntArray) -> Outcome:
        """What is decided, with the payments that go with the lottery it was drawn from."""
        labels = tuple(type_label(self.environment, i, k) for i, k in enumerate(profile))
        paid = self.lift.payments(np.array([profile]), self._columns(profile)[None, :])[0]
        return outcome(self.environment, labels, columns, tuple(paid.tolist()))


def promised_units(mechanism: InterimMechanism) -> list[FloatArray]:
    """What each type of each agent is promised of each good, (K, m)."""
    goods = len(mechanism.environment.allocation.goods)
    result = []
    for agent, held in zip(mechanism.environment.agents, mechanism.allocation, strict=True):
        units = np.zeros((agent.size, goods))
        units[:, agent.features.indices % goods] = held
        result.append(units)
    return result


class InterimReport:
    """The quantities of an interim mechanism: expectations only."""

    def __init__(self, mechanism: InterimMechanism) -> None:
        environment = mechanism.environment
        agents = environment.agents
        masses = [agent.types.float_probability for agent in agents]
        self.goods = len(environment.allocation.goods)
        self.held = np.zeros((len(agents), self.goods))  # expected units of each good for each agent
        for i, agent in enumerate(agents):
            self.held[i, agent.features.indices % self.goods] = masses[i] @ mechanism.allocation[i]
        self.paid = np.array([mass @ paid for mass, paid in zip(masses, mechanism.payments, strict=True)])
        self.value = np.array(
            [
                mass @ (agent.float_values * held).sum(axis=1)
                for mass, agent, held in zip(masses, agents, mechanism.allocation, strict=True)
            ]
        )
        self.cost = float(environment.allocation.float_cost @ self.held.reshape(-1))

    def of(self, quantity: Quantity) -> float:
        """One quantity. ValueError for a `worst`, which needs profiles."""
        if quantity.worst:
            raise ValueError(f"{quantity.label} cannot be told from an interim mechanism")
        members = list(range(len(self.paid)) if quantity.agents is None else quantity.agents)
        revenue, value = float(self.paid.sum()), float(self.value.sum())
        match quantity.name:
            case "payment":
                return float(self.paid[members].sum())
            case "surplus":
                return float((self.value - self.paid)[members].sum())
            case "allocated":
                return float(self.held[members, quantity.target].sum())
        plain = {
            "revenue": revenue,
            "cost": self.cost,
            "profit": revenue - self.cost,
            "deficit": self.cost - revenue,
            "welfare": value - self.cost,
        }
        return plain[quantity.name]

    def linear(self, linear: Linear) -> float:
        """A linear combination of quantities plus its constant."""
        return float(linear.constant) + sum(float(weight) * self.of(quantity) for weight, quantity in linear.terms)


def interim_quantities(mechanism: InterimMechanism, design: Design | None = None) -> dict[str, float]:
    """Every quantity by its label, as for a mechanism whose profiles are listed; a `worst` is left out."""
    report = InterimReport(mechanism)
    wanted = all_quantities(mechanism.environment, design)
    return {quantity.label: report.of(quantity) for quantity in wanted if not quantity.worst}

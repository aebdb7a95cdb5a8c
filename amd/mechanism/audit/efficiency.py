"""Efficiency: what a mechanism loses against the decision of greatest total value less cost.

The loss at a profile is the sum over decisions of their probability times their gap, the greatest total value less
their own. Gaps are computed on whole numbers (values times a common denominator), so ties have a gap of exactly 0 and
near ties do not. An allocation of goods is a lottery over whole assignments, so its loss is the greatest total value
less its own, which is linear in the expected units.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from amd.mechanism.audit.assignment import greatest_value
from amd.mechanism.audit.result import Witness, profile_at, shown, when, witnesses
from amd.mechanism.rows import Array, Number, Rows, apply_features, flat
from amd.model.environment import Agent, AllocationKind, Environment
from amd.model.numbers import ExactArray

BLOCK = 1 << 22  # entries of (profiles, columns) held at once


def efficiency_witnesses(rows: Rows) -> list[Witness]:
    """The profiles that lose most."""

    def describe(amount: Number, position: int) -> Witness:
        profile = profile_at(rows.environment, position)
        sentence = f"total value is {shown(amount)} below the greatest possible{when(rows.environment, profile)}"
        return Witness("efficient", amount, sentence, profile=profile)

    return witnesses(efficiency_loss(rows), describe)


def efficiency_loss(rows: Rows) -> Array:
    """Greatest total value less that of the mechanism, in each row (R,)."""
    totals = TotalValues(rows.environment)
    size = max(1, BLOCK // max(1, rows.allocation.shape[1]))
    parts = [_loss(rows, totals, slice(start, start + size)) for start in range(0, len(rows.index), size)]
    return np.concatenate(parts)


def _loss(rows: Rows, totals: TotalValues, part: slice) -> Array:
    columns = totals.columns(rows, part)
    allocation = rows.allocation[part]
    if rows.environment.allocation.kind is not AllocationKind.MARGINALS:
        gaps = columns.max(axis=1)[:, None] - columns
        return np.asarray((totals.scaled(gaps, rows.exact) * allocation).sum(axis=1))
    best = totals.scaled(greatest_value(rows.environment, columns), rows.exact)
    return np.asarray(best - (totals.scaled(columns, rows.exact) * allocation).sum(axis=1))


class TotalValues:
    """Total value less cost of each allocation column at a profile, as whole multiples of 1/`denominator`.

    Whole numbers are int64 where they fit, else Python integers.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        numbers = [environment.allocation.cost, *(agent.values for agent in environment.agents)]
        self.denominator = lcm(*{value.denominator for array in numbers for value in array.ravel()})
        cost, *values = [array * self.denominator for array in numbers]
        self.dtype: Any = np.int64 if _largest(environment, cost, values) < 2**62 else object
        self.cost = cost.astype(self.dtype)
        self.values = [self._by_column(agent, own) for agent, own in zip(environment.agents, values, strict=True)]

    def _by_column(self, agent: Agent, values: ExactArray) -> Array:
        """Values on columns, (K, C); those of profiles stay on features, (P, A)."""
        whole = flat(values).astype(self.dtype)
        return whole if agent.interdependent else apply_features(csr_array(agent.features.T), whole)

    def columns(self, rows: Rows, part: slice) -> Array:
        """Total values for some rows, (R, C)."""
        index = rows.index[part]
        total = np.broadcast_to(-self.cost, (len(index), len(self.cost))).copy()
        for i, (agent, values) in enumerate(zip(self.environment.agents, self.values, strict=True)):
            if agent.interdependent:
                total += apply_features(csr_array(agent.features.T), values[index])
            else:
                total += values[rows.types(i)[part]]
        return total

    def scaled(self, whole: Array, exact: bool) -> Array:
        """Whole numbers in the problem's units again."""
        if exact:
            return np.asarray(whole.astype(object) * Fraction(1, self.denominator))
        return np.asarray(whole / self.denominator).astype(np.float64)


def _largest(environment: Environment, cost: ExactArray, values: list[ExactArray]) -> int:
    """More than any total value of a whole decision, in absolute terms."""
    units = sum(good.supply for good in environment.allocation.goods) or 1
    size = max((abs(value) for value in cost), default=0)
    for agent, own in zip(environment.agents, values, strict=True):
        if own.size:
            size += int(abs(agent.features).sum(axis=0).max()) * max(abs(value) for value in own.ravel())
    return int(size) * units

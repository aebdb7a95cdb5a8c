"""Efficiency of goods in a proof: the total value less cost is at least that of any other feasible allocation.

A program fixes an efficient design good by good: columns of those who do not value a good most are 0, and a good that
somebody wants is all given. The verifier knows one row only, ``Σ net_c (x_c − a_c) >= 0`` in a profile, for any
feasible allocation a. With a best allocation a and B_g = max(0, the greatest net value of good g), add B_g times the
limit of each good g:

    Σ_c (net_c − B_g(c)) x_c >= 0,

which says nothing of the columns that may be positive (their terms vanish) and weighs the others negatively: ν times
it makes up for any positive rest on columns that the program fixed at 0. Without the limit of good g it says
``B_g (Σ x_c − supply) >= 0`` on the columns of g that may be positive: good g is all given.

The other way round, prices of the limits show that an allocation is efficient (linear programming duality): B_g, or
where goods are limited together, the dual values of the greatest total.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from amd.compile.families.efficient import net_values
from amd.model.environment import AllocationKind, Environment
from amd.model.goods import enumerate_decisions
from amd.proof.verify import add
from solvers.exact import RationalProgram, solve_exact

ZERO = Fraction(0)
Multipliers = list[list[Any]]  # [name, rational text]


class Efficiency:
    """The best allocations of goods, and their prices, in every profile."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    @cached_property
    def net(self) -> Any:
        """Total value less cost of one unit of each column in each profile, (P, C)."""
        scaled, scale = net_values(self.environment)
        return scaled.astype(object) * Fraction(1, scale)

    @property
    def by_good(self) -> bool:
        """Whether every good can be decided by itself."""
        allocation = self.environment.allocation
        free = all(agent.demand is None for agent in self.environment.agents) and not allocation.limits
        return allocation.kind is AllocationKind.MARGINALS and free

    def best(self, p: int) -> list[int]:
        """A best allocation at profile p: the units of each column."""
        return self._given(p) if self.by_good else self._listed(p)

    def _given(self, p: int) -> list[int]:
        m = len(self.environment.allocation.goods)
        units = [0] * len(self.net[p])
        for g, good in enumerate(self.environment.allocation.goods):
            first = max(range(g, len(units), m), key=lambda c: self.net[p][c])
            units[first] = good.supply if self.net[p][first] > 0 else 0
        return units

    @cached_property
    def _decisions(self) -> Any:
        allocation, agents = self.environment.allocation, self.environment.agents
        found = enumerate_decisions(
            np.array([good.supply for good in allocation.goods]),
            [(limit.goods, limit.at_most) for limit in allocation.limits],
            [agent.demand for agent in agents],
        )
        return found.reshape(len(found), -1)

    def _listed(self, p: int) -> list[int]:
        totals = self._decisions.astype(object) @ self.net[p]
        units: list[int] = self._decisions[int(np.argmax(totals))].tolist()
        return units

    def prices(self, p: int) -> list[Fraction]:
        """What each limit is worth at profile p, so that no allocation has a greater total than the best one."""
        return self.worth_of_goods(p) if self.by_good else self._dual(p)

    def worth_of_goods(self, p: int) -> list[Fraction]:
        """max(0, greatest net value) of each good."""
        m = len(self.environment.allocation.goods)
        return [max(ZERO, *self.net[p][g::m]) for g in range(m)]

    def _dual(self, p: int) -> list[Fraction]:
        allocation = self.environment.allocation
        coo = allocation.matrix.tocoo()
        lower = [int(u) if equal else None for u, equal in zip(allocation.upper, allocation.equal, strict=True)]
        bounds = (lower, [int(u) for u in allocation.upper], [0] * allocation.size, [int(c) for c in allocation.cap])
        entries = [int(value) for value in coo.data]
        found = solve_exact(RationalProgram.of(self.net[p], coo.row, coo.col, entries, bounds, maximize=True))
        if found.row_dual is None:
            raise ArithmeticError(f"no exact prices were found for an efficient allocation: {found.reason}")
        return [abs(price) for price in found.row_dual.tolist()]


@lru_cache(maxsize=2)
def efficiency_of(environment: Environment) -> Efficiency:
    """Kept, since every profile asks."""
    return Efficiency(environment)


def in_total_value(efficiency: Efficiency, problem: Any, wish: Mapping[Any, Any], found: Multipliers) -> Multipliers:
    """The multipliers without rows ``["given", profile, good]``: in terms of the total value and of the limits."""
    kept = [[name, text] for name, text in found if name[0] != "given"]
    weights: dict[str, Fraction] = {}
    if not efficiency.by_good:
        return kept
    for name, text in found:
        if name[0] == "given":
            _give(weights, efficiency, problem, name, Fraction(text))
    _cover(weights, efficiency, problem, wish, _merged(kept, weights))
    return _merged(kept, weights)


def _merged(found: Multipliers, more: Mapping[str, Fraction]) -> Multipliers:
    total = dict(more)
    for name, text in found:
        key = json.dumps(name)
        total[key] = total.get(key, ZERO) + Fraction(text)
    return [[json.loads(key), str(weight)] for key, weight in total.items() if weight]


def _put(weights: dict[str, Fraction], name: list[Any], weight: Fraction) -> None:
    key = json.dumps(name)
    weights[key] = weights.get(key, ZERO) + weight


def _give(weights: dict[str, Fraction], efficiency: Efficiency, problem: Any, name: list[Any], y: Fraction) -> None:
    """``["given", profile, good]`` times y, on the columns that may be positive."""
    _, profile, good = name
    p = int(np.ravel_multi_index(profile, efficiency.environment.shape))
    worth = efficiency.worth_of_goods(p)
    _put(weights, ["efficient", profile, efficiency.best(p)], y / worth[good])
    for other, price in enumerate(worth):
        if other != good and price:
            _put(weights, ["feasible", other, profile], y / worth[good] * price)


def _cover(
    weights: dict[str, Fraction],
    efficiency: Efficiency,
    problem: Any,
    wish: Mapping[Any, Any],
    found: Multipliers,
) -> None:
    """Makes up for what is left, above 0, on the columns that an efficient allocation leaves at 0."""
    rest = left(problem, wish, found)
    for at, p in enumerate(problem.profiles):
        worth = efficiency.worth_of_goods(at)
        m, ratio = len(worth), ZERO
        for c, net in enumerate(efficiency.net[at]):
            if net < worth[c % m]:
                ratio = max(ratio, rest.get(("x", p, c), ZERO) / (worth[c % m] - net))
        if ratio:
            _put(weights, ["efficient", list(p), efficiency.best(at)], ratio)
            for good, price in enumerate(worth):
                if price:
                    _put(weights, ["feasible", good, list(p)], ratio * price)


def left(problem: Any, wish: Mapping[Any, Any], found: Multipliers) -> dict[Any, Fraction]:
    """wish + Σ multiplier · row, in variables of profiles."""
    total: dict[Any, Any] = dict(wish)
    for name, text in found:
        add(total, problem.row(name)[0], Fraction(text))
    written: dict[Any, Fraction] = problem.written_out(total)
    return written

"""From what agents are worth to an `Environment`: the step that both files and code go through.

`AgentSpec` says one agent's values in the terms of the problem (per outcome, per good or per bundle); the functions
below choose the smallest faithful set of allocation columns and each agent's features on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse import csr_array, eye_array, kron, vstack

from amd.model.environment import (
    Agent,
    Allocation,
    AllocationKind,
    Environment,
    Good,
    Limit,
    distinct_features,
)
from amd.model.goods import enumerate_decisions, is_laminar
from amd.model.numbers import ZERO, ExactArray, IntArray, exact_array, exact_zeros
from amd.model.types import TypeSpace


@dataclass(frozen=True)
class Bundle:
    """One priced bundle: how many units of each good it holds, shape (m,)."""

    units: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class AgentSpec:
    """One agent before features.

    `values` is (K, V), or profile-shaped (K_1, …, K_n, V) where values are interdependent. V counts the outcomes,
    the goods (additive values), or the `bundles`. `outside` defaults to zeros.
    """

    name: str
    types: TypeSpace
    values: ExactArray
    group: str = ""
    outside: ExactArray | None = None
    budget: Fraction | None = None
    interdependent: bool = False
    demand: int | None = None
    bundles: tuple[Bundle, ...] | None = None
    formulas: dict[str, Any] = field(default_factory=dict)

    def agent(self, values: ExactArray, features: csr_array) -> Agent:
        """The agent with its features chosen."""
        outside = _nothing(self.types.size) if self.outside is None else self.outside
        return Agent(
            name=self.name,
            group=self.group or self.name,
            types=self.types,
            features=features,
            values=values,
            outside=outside,
            budget=self.budget,
            interdependent=self.interdependent,
            demand=self.demand,
            formulas=self.formulas,
        )


@lru_cache(maxsize=64)
def _nothing(types: int) -> ExactArray:
    """Outside options worth nothing, one array for all agents with so many types."""
    zeros = exact_zeros(types)
    zeros.setflags(write=False)
    return zeros


def outcome_environment(
    agents: Sequence[AgentSpec],
    outcomes: Sequence[str],
    cost: ExactArray | None = None,
    joint: ExactArray | None = None,
) -> Environment:
    """An environment whose decision is one of the named outcomes."""
    count = len(outcomes)
    allocation = Allocation(
        kind=AllocationKind.OUTCOMES,
        cost=exact_zeros(count) if cost is None else cost,
        matrix=csr_array(np.ones((1, count), dtype=np.int64)),
        upper=np.array([1]),
        equal=np.array([True]),
        cap=np.ones(count, dtype=np.int64),
        names=tuple(outcomes),
    )
    identity = csr_array(eye_array(count, dtype=np.int64, format="csr"))
    merged: dict[int, tuple[ExactArray, csr_array]] = {}  # copies share their values
    for spec in agents:
        if id(spec.values) not in merged:
            merged[id(spec.values)] = distinct_features(spec.values, identity)
    built = tuple(spec.agent(*merged[id(spec.values)]) for spec in agents)
    return Environment(built, allocation, joint)


def goods_environment(
    agents: Sequence[AgentSpec],
    goods: Sequence[Good],
    limits: Sequence[Limit] = (),
    joint: ExactArray | None = None,
) -> Environment:
    """An environment whose decision says who gets each unit.

    Marginal columns (agent, good) serve when all values are additive and the limits are nested or disjoint: with the
    supplies on one side and each agent's demand on the other the constraints are then a bihierarchy, so every point
    is a lottery over whole decisions (Budish, Che, Kojima and Milgrom, 2013, theorem 1). Otherwise the whole
    decisions are listed; TooLargeError is raised when there are too many.
    """
    additive = all(spec.bundles is None for spec in agents)
    if additive and is_laminar([set(limit.goods) for limit in limits]):
        return _marginal_environment(agents, tuple(goods), tuple(limits), joint)
    return _decision_environment(agents, tuple(goods), tuple(limits), joint)


def _marginal_environment(
    agents: Sequence[AgentSpec], goods: tuple[Good, ...], limits: tuple[Limit, ...], joint: ExactArray | None
) -> Environment:
    n, m = len(agents), len(goods)
    everyone = np.ones((1, n), dtype=np.int64)
    supply = kron(everyone, eye_array(m, dtype=np.int64), format="csr")
    grouped = kron(everyone, _limit_rows(limits, m), format="csr")
    demanding = [i for i, spec in enumerate(agents) if spec.demand is not None]
    demand = kron(
        eye_array(n, dtype=np.int64, format="csr")[demanding, :], np.ones((1, m), dtype=np.int64), format="csr"
    )
    matrix = csr_array(vstack([supply, grouped, demand], format="csr"))
    upper = np.array(
        [good.supply for good in goods] + [limit.at_most for limit in limits] + [agents[i].demand for i in demanding],
        dtype=np.int64,
    )
    allocation = Allocation(
        kind=AllocationKind.MARGINALS,
        cost=exact_array([good.cost for _ in agents for good in goods]),
        matrix=matrix,
        upper=upper,
        equal=np.zeros(len(upper), dtype=bool),
        cap=np.array([good.supply for _ in agents for good in goods], dtype=np.int64),
        goods=goods,
        limits=limits,
    )
    built = []
    picked: dict[int, tuple[list[int], ExactArray]] = {}  # copies share their values
    for i, spec in enumerate(agents):
        if id(spec.values) not in picked:
            kept = _valued(spec.values)
            picked[id(spec.values)] = (kept, spec.values[..., kept])
        kept, values = picked[id(spec.values)]
        built.append(spec.agent(values, _single_columns([i * m + g for g in kept], n * m)))
    return Environment(tuple(built), allocation, joint)


def _single_columns(columns: list[int], count: int) -> csr_array:
    """Rows with a 1 in one column each."""
    rows = (np.ones(len(columns), dtype=np.int64), np.array(columns), np.arange(len(columns) + 1))
    return csr_array(rows, shape=(len(columns), count))


def _decision_environment(
    agents: Sequence[AgentSpec], goods: tuple[Good, ...], limits: tuple[Limit, ...], joint: ExactArray | None
) -> Environment:
    supply = np.array([good.supply for good in goods], dtype=np.int64)
    units = enumerate_decisions(
        supply, [(limit.goods, limit.at_most) for limit in limits], [spec.demand for spec in agents]
    )
    handed = units.sum(axis=1)
    cost = exact_zeros(len(units)) + sum(handed[:, g].astype(object) * good.cost for g, good in enumerate(goods))
    allocation = Allocation(
        kind=AllocationKind.DECISIONS,
        cost=cost,
        matrix=csr_array(np.ones((1, len(units)), dtype=np.int64)),
        upper=np.array([1]),
        equal=np.array([True]),
        cap=np.ones(len(units), dtype=np.int64),
        goods=goods,
        limits=limits,
        units=units,
    )
    built = tuple(_decision_agent(spec, units[:, i, :]) for i, spec in enumerate(agents))
    return Environment(built, allocation, joint)


def _decision_agent(spec: AgentSpec, held: IntArray) -> Agent:
    """The agent's features on listed decisions: units of goods when additive, else its distinct holdings."""
    if spec.bundles is None:
        kept = _valued(spec.values)
        return spec.agent(spec.values[..., kept], csr_array(held.T[kept]))
    holdings, which = np.unique(held, axis=0, return_inverse=True)
    columns = csr_array(
        (np.ones(len(held), dtype=np.int64), (which.ravel(), np.arange(len(held)))), shape=(len(holdings), len(held))
    )
    return spec.agent(*distinct_features(bundle_values(spec.values, spec.bundles, holdings), columns))


def bundle_values(values: ExactArray, bundles: Sequence[Bundle], holdings: IntArray) -> ExactArray:
    """The best listed bundle inside each holding (H, m), else 0: (…, B) to (…, H)."""
    result = exact_zeros((*values.shape[:-1], len(holdings)))
    for b, bundle in enumerate(bundles):
        inside = np.flatnonzero((holdings >= np.array(bundle.units)).all(axis=1))
        result[..., inside] = np.maximum(result[..., inside], values[..., b, None])
    return result


def _valued(values: ExactArray) -> list[int]:
    """The goods that some type values at other than zero; the first good where there is none."""
    flat = values.reshape(-1, values.shape[-1])
    return [g for g in range(flat.shape[1]) if any(value != ZERO for value in flat[:, g])] or [0]


def _limit_rows(limits: Sequence[Limit], goods: int) -> csr_array:
    rows = np.zeros((len(limits), goods), dtype=np.int64)
    for row, limit in enumerate(limits):
        rows[row, list(limit.goods)] = 1
    return csr_array(rows)

"""Environment: who the agents are, what they may know, what can be decided, and what each decision is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from amd.model.numbers import ExactArray, FloatArray, IntArray, distinct, shared_float, to_float
from amd.model.types import TypeSpace


class TooLargeError(ValueError):
    """Something would not fit in memory; the message holds the estimate."""


class AllocationKind(Enum):
    """What one column of the allocation stands for."""

    OUTCOMES = "outcomes"  # the probability of a named outcome
    DECISIONS = "decisions"  # the probability of a whole assignment of goods
    MARGINALS = "marginals"  # the expected units of one good for one agent


@dataclass(frozen=True)
class Good:
    """A good in `supply` identical units, each handed out at `cost`."""

    name: str
    supply: int
    cost: Fraction = Fraction(0)


@dataclass(frozen=True)
class Limit:
    """At most `at_most` units, in all, of the goods with these indices."""

    goods: tuple[int, ...]
    at_most: int


@dataclass(frozen=True, eq=False)
class Allocation:
    """What can be decided at one type profile: columns x with ``matrix @ x <= upper``, ``0 <= x <= cap``.

    Rows are equalities where `equal`. Every vertex of this polytope is integral, so a point of it is a lottery over
    whole decisions: for outcomes and decisions it is a simplex, for marginals a bihierarchy (Budish, Che, Kojima and
    Milgrom, 2013).

    `matrix` (R, C) of 0 and 1, `upper` (R,), `equal` (R,), `cap` (C,); `cost` (C,) is what the designer pays per
    unit of each column. `units` (C, n, m) says how many units of each good a decision gives each agent (for
    marginals column i·m + g is one unit of good g for agent i). `names` are the outcomes' names.
    """

    kind: AllocationKind
    cost: ExactArray
    matrix: csr_array
    upper: IntArray
    equal: np.ndarray[Any, np.dtype[np.bool_]]
    cap: IntArray
    names: tuple[str, ...] = ()
    goods: tuple[Good, ...] = ()
    limits: tuple[Limit, ...] = ()
    units: IntArray | None = None

    @property
    def size(self) -> int:
        return int(self.matrix.shape[1])

    @cached_property
    def float_cost(self) -> FloatArray:
        return to_float(self.cost)


@dataclass(frozen=True, eq=False)
class Agent:
    """One agent (a copy of a group is an agent of its own).

    An agent cares about A *features* of the allocation: ``features @ x`` with `features` (A, C), whole numbers. With
    private values its type k values them at ``values[k]``, `values` (K, A); interdependent values are profile-shaped,
    (K_1, …, K_n, A). Features are distinct, and none is worthless to every type (but
    for an agent that cares for nothing, which has one). `outside` (K,) is the payoff of
    not taking part, `budget` the most it can ever pay. `demand` and `bundles` restate how goods are valued.
    """

    name: str
    group: str
    types: TypeSpace
    features: csr_array
    values: ExactArray
    outside: ExactArray
    budget: Fraction | None = None
    interdependent: bool = False
    demand: int | None = None
    formulas: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of its types, K."""
        return self.types.size

    @property
    def feature_count(self) -> int:
        return int(self.features.shape[0])

    @cached_property
    def float_values(self) -> FloatArray:
        return shared_float(self.values)

    @cached_property
    def float_outside(self) -> FloatArray:
        return shared_float(self.outside)


@dataclass(frozen=True)
class Group:
    """Exchangeable copies: the positions of its members in `Environment.agents`."""

    name: str
    members: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Environment:
    """A Bayesian environment. Type profiles are indexed in row-major order, the last agent running fastest.

    `joint` (K_1, …, K_n) holds the probabilities of the type profiles; None when types are independent.
    """

    agents: tuple[Agent, ...]
    allocation: Allocation
    joint: ExactArray | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of types of each agent."""
        return tuple(agent.size for agent in self.agents)

    @property
    def profile_count(self) -> int:
        """How many type profiles there are (a Python integer, however large)."""
        return prod(self.shape)

    @property
    def independent(self) -> bool:
        return self.joint is None

    @property
    def interdependent(self) -> bool:
        return any(agent.interdependent for agent in self.agents)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        names = dict.fromkeys(agent.group for agent in self.agents)
        return tuple(
            Group(name, tuple(i for i, agent in enumerate(self.agents) if agent.group == name)) for name in names
        )

    def marginal(self, agent: int) -> ExactArray:
        """The probability of each type of an agent (K,)."""
        if self.joint is None:
            return self.agents[agent].types.exact_probability
        axes = tuple(axis for axis in range(len(self.agents)) if axis != agent)
        return np.asarray(self.joint.sum(axis=axes), dtype=object).reshape(-1)

    @cached_property
    def exact_prior(self) -> ExactArray:
        """The probability of every type profile, shape `shape`, exactly."""
        if self.joint is not None:
            return self.joint
        return _outer([agent.types.exact_probability for agent in self.agents])

    @cached_property
    def float_prior(self) -> FloatArray:
        """The probability of every type profile, shape `shape`."""
        if self.joint is not None:
            return to_float(self.joint)
        return _outer([agent.types.float_probability for agent in self.agents])

    def index(self, name: str) -> int:
        """The position of the agent with this name."""
        return next(i for i, agent in enumerate(self.agents) if agent.name == name)


def _outer(factors: Sequence[Any]) -> Any:
    """The product measure, one axis a factor."""
    result = factors[0]
    for factor in factors[1:]:
        result = np.multiply.outer(result, factor)
    return result


def distinct_features(values: ExactArray, columns: csr_array) -> tuple[ExactArray, csr_array]:
    """Merge features of equal value and drop worthless ones, but one: `values` (…, A), `columns` (A, C) of 0 and 1."""
    flat = values.reshape(-1, values.shape[-1])
    known, place = distinct(flat)
    alike: dict[bytes, list[int]] = {}
    for feature in range(flat.shape[1]):
        alike.setdefault(place[:, feature].tobytes(), []).append(feature)
    zero = np.array([value == 0 for value in known], dtype=bool)
    kept = [members for members in alike.values() if not zero[place[:, members[0]]].all()]
    kept = kept or list(alike.values())[:1]  # an agent that cares for nothing keeps one, so that arrays stay full
    merge = csr_array(
        (
            np.ones(sum(map(len, kept)), dtype=np.int64),
            ([row for row, members in enumerate(kept) for _ in members], [f for members in kept for f in members]),
        ),
        shape=(len(kept), flat.shape[1]),
    )
    picked = values[..., [members[0] for members in kept]]
    return picked, csr_array(merge @ columns)

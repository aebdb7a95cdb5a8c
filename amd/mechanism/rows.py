"""Rows: a mechanism profile by profile, in floats or in exact rationals.

Everything that is measured of a mechanism (quantities, audit, simulation) starts from these arrays. Floats and
`Fraction` objects go through the same expressions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import IntArray, exact_zeros

Array: TypeAlias = NDArray[Any]  # of float64, or of Fractions
Number: TypeAlias = float | Fraction


def number(value: Any) -> Number:
    """One entry of an array as a Python number; whole numbers are exact."""
    if isinstance(value, (int, np.integer)):
        return Fraction(int(value))
    return value if isinstance(value, Fraction) else float(value)


@dataclass(frozen=True, eq=False)
class Rows:
    """R type profiles with what is decided and paid there.

    `index` (R,) numbers the profiles in row-major order; `allocation` (R, C) over the environment's columns;
    `payments` (R, n), from agent to designer.
    """

    environment: Environment
    index: IntArray
    allocation: Array
    payments: Array
    exact: bool = False

    def types(self, agent: int) -> IntArray:
        """The agent's type in each row (R,)."""
        shape = self.environment.shape
        return np.asarray(self.index // prod(shape[agent + 1 :]) % shape[agent], dtype=np.int64)

    def held(self, agent: int) -> Array:
        """The agent's features of the allocation (R, A)."""
        return apply_features(self.environment.agents[agent].features, self.allocation)

    def worth(self, agent: int) -> Array:
        """What each feature is worth to the agent at the row's profile (R, A)."""
        one = self.environment.agents[agent]
        values: Array = one.values if self.exact else one.float_values
        if one.interdependent:
            return np.asarray(flat(values)[self.index])
        return np.asarray(values[self.types(agent)])

    @cached_property
    def value(self) -> Array:
        """What the allocation is worth to each agent (R, n)."""
        columns = [weighted(self.worth(i), self.held(i)) for i in range(len(self.environment.agents))]
        return np.stack(columns, axis=-1)

    @cached_property
    def cost(self) -> Array:
        """What the allocation costs the designer (R,)."""
        allocation = self.environment.allocation
        return np.asarray(self.allocation @ (allocation.cost if self.exact else allocation.float_cost))

    @cached_property
    def tally(self) -> Tally:
        """What quantities are made of, row by row."""
        return Tally(self.environment, self.allocation, self.payments, self.value, self.cost)


@dataclass(frozen=True, eq=False)
class Tally:
    """What quantities are made of, in R rows that are profiles, rounds, or means of these.

    `allocation` (R, C), `payments` and `value` (R, n), `cost` (R,).
    """

    environment: Environment
    allocation: Array
    payments: Array
    value: Array
    cost: Array

    def mean(self, weights: Array) -> Tally:
        """The one row that is the weighted sum of these."""
        allocation, payments, value = (weights @ array for array in (self.allocation, self.payments, self.value))
        return Tally(self.environment, allocation[None], payments[None], value[None], np.array([weights @ self.cost]))


def units_of(environment: Environment, allocation: Array) -> Array:
    """Expected units of each good for each agent (R, n, m), of an allocation (R, C). ValueError without goods."""
    decided = environment.allocation
    shape = (len(allocation), len(environment.agents), len(decided.goods))
    if decided.kind is AllocationKind.MARGINALS:
        return np.asarray(allocation.reshape(shape))
    if decided.units is None:
        raise ValueError("this environment has named outcomes, not goods")
    return np.asarray(allocation @ decided.units.reshape(decided.size, -1)).reshape(shape)


def flat(values: Array) -> Array:
    """All axes but the last as one; the last may be empty."""
    return values.reshape(prod(values.shape[:-1]), values.shape[-1])


def weighted(weights: Array, amounts: Array) -> Array:
    """Row sums of the products of two (R, A) arrays; zeros where A is 0."""
    if weights.shape[-1] == 0:
        return exact_zeros(len(amounts)) if amounts.dtype == object else np.zeros(len(amounts))
    if amounts.dtype == object:
        return np.asarray((weights * amounts).sum(axis=-1))
    return np.asarray(np.einsum("ra,ra->r", weights, amounts))


def apply_features(features: csr_array, allocation: Array) -> Array:
    """Whole-number features (A, C) of each row of an allocation (R, C), as (R, A)."""
    if _selects(features):
        return np.asarray(allocation[:, features.indices])
    if allocation.dtype != object:
        return np.ascontiguousarray((features @ allocation.T).T)
    if features.shape[0] == 0:
        return exact_zeros((len(allocation), 0))
    parts = [
        allocation[:, features.indices[start:stop]] @ features.data[start:stop]
        for start, stop in zip(features.indptr[:-1], features.indptr[1:], strict=True)
    ]
    return np.stack(parts, axis=-1)


def _selects(features: csr_array) -> bool:
    """Whether each feature is one column."""
    return bool((np.diff(features.indptr) == 1).all() and (features.data == 1).all())

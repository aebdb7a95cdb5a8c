"""The whole decisions behind an environment's allocation columns, and what each is worth at every type profile."""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np

from amd.classics.arrays import Array
from amd.model.environment import AllocationKind, Environment, TooLargeError
from amd.model.goods import enumerate_decisions
from amd.model.numbers import ExactArray, IntArray, exact_zeros

MAX_ENTRIES = 20_000_000
SAFE = 2**62


@dataclass(frozen=True, eq=False)
class Decisions:
    """Every integral allocation of an environment with private values.

    `columns` (D, C) are the decisions in the environment's allocation columns, `cost` (D,) what each costs, `worth[i]`
    (K_i, D) what each is worth to each type of agent i.
    """

    environment: Environment
    columns: IntArray
    cost: ExactArray
    worth: tuple[ExactArray, ...]

    def spread(self, agent: int, table: Array) -> Array:
        """A table over an agent's types, (K_i, …), with axes of length 1 for the other agents' types."""
        n = len(self.environment.agents)
        shape = tuple(table.shape[0] if j == agent else 1 for j in range(n))
        return np.asarray(table.reshape(shape + table.shape[1:]))

    def scaled(self) -> tuple[tuple[IntArray, ...], IntArray, int]:
        """(worth, cost) times their common denominator, and the denominator: whole numbers, exact and fast to compare.

        They are 64-bit integers where every sum of them fits, and Python's own integers, of any length, where not.
        """
        scale = lcm(*(entry.denominator for table in (*self.worth, self.cost) for entry in table.ravel()))
        tables = [_times(table, scale) for table in (*self.worth, self.cost)]
        fits = sum(max((abs(x) for x in table), default=0) for table in tables) < SAFE
        whole = [np.array(table, dtype=np.int64 if fits else object) for table in tables]
        worth = tuple(table.reshape(w.shape) for table, w in zip(whole, self.worth, strict=False))
        return worth, whole[-1], scale


def _times(table: Array, scale: int) -> list[int]:
    return [int(entry.numerator * (scale // entry.denominator)) for entry in table.ravel()]


def list_decisions(environment: Environment) -> Decisions:
    """All decisions of the environment.

    Raises ValueError for interdependent values or preference orders, TooLargeError when the decisions, or decisions
    times type profiles, are too many to list.
    """
    if environment.interdependent:
        raise ValueError("an agent's value depends on another agent's type: these rules need private values")
    if any(agent.types.orders is not None for agent in environment.agents):
        raise ValueError("the agents have preference orders, not values in money")
    columns = _columns(environment)
    entries = environment.profile_count * len(columns)
    if entries > MAX_ENTRIES:
        raise TooLargeError(f"{entries:,} pairs of a type profile and a decision, more than {MAX_ENTRIES:,}")
    worth = tuple(_product(agent.values, columns, agent.features) for agent in environment.agents)
    return Decisions(environment, columns, _dot(columns, environment.allocation.cost), worth)


def _columns(environment: Environment) -> IntArray:
    allocation = environment.allocation
    if allocation.kind is not AllocationKind.MARGINALS:
        return np.eye(allocation.size, dtype=np.int64)
    supply = np.array([good.supply for good in allocation.goods], dtype=np.int64)
    limits = [(limit.goods, limit.at_most) for limit in allocation.limits]
    units = enumerate_decisions(supply, limits, [agent.demand for agent in environment.agents])
    return units.reshape(len(units), -1)


def _product(values: ExactArray, columns: IntArray, features: Any) -> ExactArray:
    held = np.asarray(features @ columns.T).astype(object)
    if not held.shape[0]:
        return exact_zeros((values.shape[0], len(columns)))
    return np.asarray(values.dot(held), dtype=object)


def _dot(columns: IntArray, cost: ExactArray) -> ExactArray:
    return np.asarray(columns.astype(object).dot(cost), dtype=object)

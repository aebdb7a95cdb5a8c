"""Incentive rows that others imply: a lie passes through the types on its way.

Claim. Private values; dominant incentives, or Bayesian ones with independent types. Let the values of type j lie
strictly between those of k and l, v(j) = v(l) + t (v(k) - v(l)) with 0 < t < 1, every outcome alike. Then the row
"k does not gain by saying l" follows from the rows of k against j, of j against l and of l against j. So of all rows
only those between types with no other one strictly between them are needed.

Proof. Write x(l) for what report l brings and u for utility. The rows of j against l and of l against j add up to
(v(j) - v(l))·(x(j) - x(l)) >= 0, and v(k) - v(j) is a positive multiple of v(j) - v(l). With k against j and
j against l,

    u(k) >= u(j) + (v(k) - v(j))·x(j) >= u(l) + (v(j) - v(l))·x(l) + (v(k) - v(j))·x(l) = u(l) + (v(k) - v(l))·x(l).

The three rows used have fewer types strictly between them, so induction on that number ends at rows that were kept.
In one dimension this is the ladder of R3; on a grid of two equal axes it leaves 6/π² of all rows, those whose steps
have no common divisor.

It is wrong with correlated types and Bayesian incentives, where x(l) depends on who says l; and a Bayesian type of
probability zero has no rows, so it passes no lie on, and every lie of being one keeps its row. Types of equal values
have nobody strictly between them, and keep their rows.

Rounds of generated rows find what they need among all rows, and have no use for this. It serves programs that are
written down whole: `amd export` uses it, and ``--formulation between``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from amd.compile.context import Context
from amd.compile.families.incentive import all_pairs
from amd.compile.plan import Plan, Verdict
from amd.model.design import Design, Incentive
from amd.model.environment import Agent, Environment
from amd.model.numbers import IntArray, scaled_integers

NAME = "between"
LARGEST = 1_000  # types, beyond which nobody writes all pairs down


def applies(environment: Environment, design: Design) -> Verdict:
    """Whether incentives pass on through types between others; where there are none, nothing is left out."""
    if design.incentive is Incentive.NONE:
        return Verdict(False, "there are no incentive constraints")
    if design.incentive is Incentive.BAYESIAN and not environment.independent:
        return Verdict(False, "types are correlated: what a report brings depends on who makes it")
    if environment.interdependent:
        return Verdict(False, "values are interdependent")
    if any(agent.types.orders is not None for agent in environment.agents):
        return Verdict(False, "types are preference orders")
    return Verdict(True, "types whose values lie strictly between those of two others pass incentives on")


def apply(plan: Plan) -> Plan:
    """Only rows between types with no other one between them."""
    return replace(plan, between=True)


def pairs(context: Context, agent: int) -> IntArray:
    """The pairs (true type, report) that are needed, (rows, 2)."""
    every, size = all_pairs(context, agent), context.agents[agent].size
    drop = dominated(context.environment, context.design, agent)
    return every[~np.isin(every @ [size, 1], drop @ [size, 1])]


def dominated(environment: Environment, design: Design, agent: int) -> IntArray:
    """The pairs (k, l) that rows of a type between them imply, (rows, 2)."""
    one = environment.agents[agent]
    values = _whole(one)
    if values is None:
        return np.zeros((0, 2), dtype=np.int64)
    rows = np.ones(one.size, dtype=bool)
    if design.incentive is Incentive.BAYESIAN:
        rows = np.asarray(environment.marginal(agent) > 0, dtype=bool)
    found = [_passing(values, rows, k) for k in range(one.size)]
    return np.concatenate(found) if found else np.zeros((0, 2), dtype=np.int64)


def _passing(values: IntArray, rows: IntArray, k: int) -> IntArray:
    """The pairs (k, l) with a type j in `rows` strictly between, where j and l both have rows of their own.

    Seen from k, types in one direction have the same primitive step; j passes the lie on where it is fewer steps away.
    """
    step = values - values[k]
    count = np.gcd.reduce(step, axis=1)
    apart = np.flatnonzero((count > 0) & rows)
    _, direction = np.unique(step[apart] // count[apart, None], axis=0, return_inverse=True)
    nearest = np.full(len(apart), np.iinfo(np.int64).max)
    np.minimum.at(nearest, direction.ravel(), count[apart])
    beyond = apart[count[apart] > nearest[direction.ravel()]]
    return np.column_stack([np.full(len(beyond), k), beyond])


def _whole(agent: Agent) -> IntArray | None:
    """The values as whole numbers of one unit (K, A); None where they would be too large, or the types too many."""
    if agent.interdependent or agent.types.orders is not None or agent.size > LARGEST:
        return None
    (whole,), _ = scaled_integers(agent.values)
    return whole if whole.dtype == np.int64 else None

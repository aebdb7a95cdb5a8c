"""R3, adjacent incentives: with one dimension of types, neighbours suffice.

Claim. Let agent i's values have the form h(k)·α(a) + β(a) + γ(k), its types sorted by h. If truth beats every
report of the own group of equal h and of the two neighbouring groups, it beats every report. (Bayesian:
independent types; dominant: any prior, profile by profile.)

Proof. Write s(l) = α·q(l) for what report l brings, and u for utility net of γ (β cancels). The two rows between k
and l add up to (h(k) - h(l)) (s(k) - s(l)) >= 0, so s rises from group to group where h does *strictly*. For
groups k > l > j the rows u(k) >= u(l) + (h(k) - h(l)) s(l) and u(l) >= u(j) + (h(l) - h(j)) s(j) give, with
s(l) >= s(j), u(k) >= u(j) + (h(k) - h(j)) s(j), and likewise downwards: incentives pass on from neighbour to
neighbour. Types of equal h are kept in one group with all pairs, since nothing orders s among them: a chain through
values 1, 1, 2 would lose the proof, and the theorem.

Increasing differences alone are not enough once lotteries are possible: α must not depend on k. Under correlation
q depends on the true type, and Bayesian rows do not add up.

Types of probability zero have no Bayesian rows of their own, so they are no link of the chain: every other type
keeps its row against each of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from amd.compile.context import Context
from amd.compile.plan import Ladder, Plan, Verdict
from amd.compile.remember import remembered
from amd.model.design import Design, Incentive
from amd.model.environment import Agent, AllocationKind, Environment
from amd.model.numbers import ExactArray, IntArray, scaled_integers

NAME = "adjacent"


def applies(environment: Environment, design: Design) -> Verdict:
    """Whether some agent's incentives can be read off its neighbours."""
    if design.incentive is Incentive.NONE:
        return Verdict(False, "there are no incentive constraints")
    if design.incentive is Incentive.BAYESIAN and not environment.independent:
        return Verdict(False, "types are correlated: Bayesian incentives do not pass on from neighbour to neighbour")
    found = ladders(environment)
    if not found:
        return Verdict(False, "no agent's values have the form h(type)·α(outcome) + β(outcome) + γ(type)")
    names = ", ".join(environment.agents[i].name for i in list(found)[:4]) + (", …" if len(found) > 4 else "")
    return Verdict(True, f"values have one dimension, h(type)·α(outcome) + β(outcome) + γ(type), for {names}")


def apply(plan: Plan, environment: Environment) -> Plan:
    """Those agents keep the rows between neighbouring groups only."""
    return replace(plan, ladders=ladders(environment))


def ladders(environment: Environment) -> dict[int, Ladder]:
    """The agents with one-dimensional values and more than two types, with their groups of equal h."""
    known: dict[tuple[int, int, bool], Ladder | None] = {}  # copies share values, and there may be a thousand of them
    found = {}
    for i, agent in enumerate(environment.agents):
        key = (id(agent.values), id(agent.types), _covered(agent))
        if key not in known:
            known[key] = find_ladder(agent, environment.allocation.kind) if agent.size > 2 else None
        ladder = known[key]
        if ladder is not None:
            found[i] = ladder
    return found


@remembered
def find_ladder(agent: Agent, kind: AllocationKind) -> Ladder | None:
    """The groups of equal h in increasing order, or None where the values are not of that form."""
    if agent.interdependent or agent.types.orders is not None:
        return None
    slope = slopes(values_with_nothing(agent, kind))
    if slope is None:
        return None
    levels, group = np.unique(slope, return_inverse=True)
    return Ladder(tuple(np.flatnonzero(group == level) for level in range(len(levels))))


def values_with_nothing(agent: Agent, kind: AllocationKind) -> ExactArray:
    """The values (K, A), with a column of zeros where some allocation column is worth nothing to the agent.

    Units of goods are always measured against getting nothing.
    """
    if _covered(agent) and kind is AllocationKind.OUTCOMES:
        return agent.values
    zero = np.zeros((agent.size, 1), dtype=object)
    return np.concatenate([agent.values, zero], axis=1)


def _covered(agent: Agent) -> bool:
    """Whether every allocation column is worth something, perhaps zero, to the agent by itself."""
    return bool(agent.features.shape[1] == np.unique(agent.features.tocoo().col).size)


def slopes(values: ExactArray) -> NDArray[np.generic] | None:
    """Whole numbers that order the types by h, or None unless values - row - column has rank at most 1 (exactly)."""
    (scaled,), _ = scaled_integers(values)
    whole = scaled.astype(object)
    relative = whole - whole[:, :1]
    relative = relative - relative[:1]
    if not relative.any():
        return np.zeros(len(values), dtype=object)
    row, column = np.argwhere(relative != 0)[0]
    pivot = relative[row, column]
    if (relative * pivot != np.multiply.outer(relative[:, column], relative[row])).any():
        return None
    return np.asarray(relative[:, column])


def ladder_pairs(context: Context, agent: int) -> IntArray:
    """The pairs (true type, report) that suffice, (rows, 2)."""
    ladder = context.plan.ladders[agent]
    dominant = context.design.incentive is Incentive.DOMINANT
    possible = np.arange(context.agents[agent].size) if dominant else context.possible(agent)
    rungs = [rung[np.isin(rung, possible)] for rung in ladder.rungs]
    rungs = [rung for rung in rungs if rung.size]
    impossible = np.setdiff1d(np.arange(context.agents[agent].size), possible)
    return np.concatenate([rung_pairs(rungs), cross(possible, impossible)])


def rung_pairs(rungs: Sequence[IntArray]) -> IntArray:
    """Every pair of different types on the same rung or on neighbouring ones, (rows, 2)."""
    if all(len(rung) == 1 for rung in rungs):
        chain = np.concatenate(rungs)
        up = np.column_stack([chain[:-1], chain[1:]]).astype(np.int64)
        return np.stack([up, up[:, ::-1]], axis=1).reshape(-1, 2)
    parts = [cross(rung, rung) for rung in rungs]
    for lower, upper in pairwise(rungs):
        parts += [cross(lower, upper), cross(upper, lower)]
    pairs = np.concatenate(parts)
    return pairs[pairs[:, 0] != pairs[:, 1]]


def cross(truths: IntArray, reports: IntArray) -> IntArray:
    """Every (truth, report), (rows, 2)."""
    return np.column_stack([np.repeat(truths, len(reports)), np.tile(reports, len(truths))]).astype(np.int64)

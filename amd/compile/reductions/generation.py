"""R4, generation of incentives: rows are added as they are violated.

Claim (any environment, any objective). Start from some of the incentive rows, solve, look for violated rows among
*all* of them, add those, and repeat until none is violated by more than the tolerance. The last program is a relaxation
of the full one and its optimum is feasible there, hence optimal there. An infeasible relaxation is an
infeasible program. (An unbounded relaxation proves nothing: all rows are then added at once.)

Neighbours alone are not enough with several dimensions: on 4 × 4 grids with random priors they overshoot by up to 2 %.
The search is one matrix product for each agent: the gain of every type from every report.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from amd.compile.context import Context, own_first
from amd.compile.families.incentive import all_pairs
from amd.compile.plan import Plan, Verdict
from amd.compile.reductions.separation import violated_dominant
from amd.model.design import Design, Incentive
from amd.model.environment import Agent, Environment
from amd.model.numbers import FloatArray, IntArray

NAME = "generation"
WORTHWHILE = 2_000  # incentive pairs of an agent below which all of them are simply written down
TABLE_NEIGHBOURS = 6


def applies(environment: Environment, design: Design) -> Verdict:
    """Worthwhile when some agent has many pairs that no ladder shortens."""
    if design.incentive is Incentive.NONE:
        return Verdict(False, "there are no incentive constraints")
    if any(agent.types.orders is not None for agent in environment.agents):
        return Verdict(False, "types are preference orders")
    others = [environment.profile_count // agent.size for agent in environment.agents]
    dominant = design.incentive is Incentive.DOMINANT
    rows = sum(a.size * (a.size - 1) * (s if dominant else 1) for a, s in zip(environment.agents, others, strict=True))
    if rows < WORTHWHILE:
        return Verdict(False, f"all {rows} incentive rows are few enough to write down")
    return Verdict(True, f"of {rows} incentive rows few bind")


def apply(plan: Plan) -> Plan:
    """Start from neighbours."""
    return replace(plan, generate=True)


def first_pairs(context: Context, agent: int) -> IntArray:
    """The pairs to start from: neighbours in the grid, or the nearest types by value; every pair when there are few."""
    every = all_pairs(context, agent)
    one = context.agents[agent]
    if len(every) < WORTHWHILE // 10 or one.interdependent:
        return every if not one.interdependent else _close_numbers(every)
    near = grid_neighbours(one) if len(one.types.shape) > 1 else _value_neighbours(one)
    return near[np.isin(near[:, 0], every[:, 0])]


def _close_numbers(pairs: IntArray) -> IntArray:
    return pairs[np.abs(pairs[:, 0] - pairs[:, 1]) <= 1]


def grid_neighbours(agent: Agent) -> IntArray:
    """Pairs of types that differ by one step in one parameter, both ways."""
    index = np.arange(agent.size).reshape(agent.types.shape)
    parts = []
    for axis in range(index.ndim):
        moved = np.moveaxis(index, axis, 0)
        up = np.column_stack([moved[1:].ravel(), moved[:-1].ravel()])
        parts += [up, up[:, ::-1]]
    return np.concatenate(parts)


def _value_neighbours(agent: Agent) -> IntArray:
    count = min(TABLE_NEIGHBOURS + 1, agent.size)
    _, near = cKDTree(agent.float_values).query(agent.float_values, k=count)
    pairs = np.column_stack([np.repeat(np.arange(agent.size), count), np.asarray(near).ravel()])
    return pairs[pairs[:, 0] != pairs[:, 1]]


def violated(context: Context, agent: int, x: FloatArray, tolerance: float, most: int) -> IntArray:
    """Rows of the full incentive family that `x` breaks, worst first: some for every type, at most `most` in all."""
    if context.design.incentive is Incentive.DOMINANT:
        return violated_dominant(context, agent, x, tolerance, most)
    gains = _interim_gains(context, agent, x)[:, :, None]
    gains[np.setdiff1d(np.arange(len(gains)), context.truths(agent))] = 0
    k_s = gains.shape[0] * gains.shape[2]
    per_type = max(1, most // max(1, k_s))
    ranked = np.argsort(-gains, axis=1)[:, : max(per_type, 1), :]
    worst = np.take_along_axis(gains, ranked, axis=1)
    k, place, s = np.nonzero(worst > tolerance)
    order = np.argsort(-worst[k, place, s])[:most]
    return np.column_stack([k, ranked[k, place, s]])[order]


def _held(context: Context, agent: int, x: FloatArray) -> FloatArray:
    """What report l brings against the others' profile s, (K, S, A)."""
    one = context.agents[agent]
    allocation = context.allocation.take(x)
    held = np.asarray((one.features @ allocation.T).T)
    return held[context.profiles(agent)]


def _paid(context: Context, agent: int, x: FloatArray) -> FloatArray:
    """What report l pays against the others' profile s, (K, S), or (K, 1) for interim payments."""
    if agent in context.interim_payments:
        return np.asarray(context.interim_payments[agent].take(x))[:, None]
    if context.payments is None:
        return np.zeros((context.agents[agent].size, 1))
    return np.asarray(context.payments.take(x))[context.profiles(agent), agent]


def _interim_gains(context: Context, agent: int, x: FloatArray) -> FloatArray:
    """What type k gains by saying l on average, (K, K); nothing for types without beliefs."""
    belief = np.asarray(context.beliefs(agent), dtype=float)
    held, paid = _held(context, agent, x), _paid(context, agent, x)
    values = context.agents[agent].float_values
    if len(belief) == 1 and not context.agents[agent].interdependent:
        brought = values @ np.einsum("s,lsa->al", belief[0], held)
    else:
        brought = np.einsum("ksa,lsa->kl", _believed_values(context, agent, belief), held, optimize=True)
    charged = paid[:, 0][None, :] if paid.shape[1] == 1 else belief @ paid.T
    utility = brought - charged
    gains = utility - np.diag(utility)[:, None]
    impossible = np.setdiff1d(np.arange(len(gains)), context.possible(agent))
    gains[impossible] = 0
    return gains


def _believed_values(context: Context, agent: int, belief: FloatArray) -> FloatArray:
    """Belief times value, (K, S, A)."""
    return belief[:, :, None] * _profile_values(context, agent)


def _profile_values(context: Context, agent: int) -> FloatArray:
    one = context.agents[agent]
    if not one.interdependent:
        return one.float_values[:, None, :]
    return own_first(one.float_values, agent, len(context.agents))

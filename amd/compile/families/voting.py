"""Requirements on preference orders: unanimity, Pareto efficiency, onto, nobody a dictator.

Unanimous: a common top gets probability 1. Pareto: an outcome that everybody ranks below some other one gets
probability 0. Onto (deterministic only): every outcome is chosen in some profile. Nondictatorial
(deterministic only): for every agent there is a profile in which its top is not chosen.
"""

from __future__ import annotations

import numpy as np

from amd.compile.builder import terms
from amd.compile.context import Context
from amd.model.environment import Environment
from amd.model.numbers import IntArray


def add_voting(context: Context) -> None:
    """Whatever of the four the design requires."""
    design = context.design
    if design.unanimous:
        context.builder.fix_zero(context.allocation.index[_not_common_top(context.environment)])
    if design.pareto:
        context.builder.fix_zero(context.allocation.index[_dominated(context.environment)])
    if design.onto:
        _onto(context)
    if design.nondictatorial:
        _nondictatorial(context)


def ranks(environment: Environment) -> list[IntArray]:
    """For each agent the rank of each outcome in each profile, (P, D), 0 best."""
    grid = np.indices(environment.shape).reshape(len(environment.agents), -1)
    return [np.argsort(np.array(agent.types.orders), axis=1)[grid[i]] for i, agent in enumerate(environment.agents)]


def _not_common_top(environment: Environment) -> np.ndarray:
    tops = [rank == 0 for rank in ranks(environment)]
    common = np.logical_and.reduce(tops)
    return common.any(axis=1, keepdims=True) & ~common


def _dominated(environment: Environment) -> np.ndarray:
    every = ranks(environment)
    worse = np.logical_and.reduce([rank[:, :, None] > rank[:, None, :] for rank in every])
    return np.asarray(worse.any(axis=2))


def _onto(context: Context) -> None:
    count = context.environment.allocation.size
    unit = np.ones((1, 1), dtype=object if context.builder.exact else float)
    names = context.environment.allocation.names
    row = np.arange(count)
    part = terms(row[None, :], context.allocation.index, unit)
    context.builder.add_rows("onto", row[:, None], [part], 1, np.inf, lambda at: f"onto[{names[at[0]]}]")


def _nondictatorial(context: Context) -> None:
    profiles = context.environment.profile_count
    unit = np.ones(profiles, dtype=object if context.builder.exact else float)
    parts = [
        terms(agent, context.allocation.index[rank == 0], unit) for agent, rank in enumerate(ranks(context.environment))
    ]
    agents = np.arange(len(context.agents))[:, None]
    context.builder.add_rows(
        "nondictatorial", agents, parts, -np.inf, profiles - 1, lambda at: f"nondictatorial[{context.label(at[0])}]"
    )

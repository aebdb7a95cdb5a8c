"""R2, interim allocation columns: incentives speak of what a report brings on average.

Claim. With independent types and private values the interim utility of type k reporting l is
``values[k] @ q[l] - m[l]`` where q[l] = E[features @ x(l, θ_{-i})] does not depend on the true type. Naming q[l] by one
equality per own type and feature makes every incentive row short (2 A + 2 entries instead of 2 S A): the feasible
set in the other columns is unchanged, since q is a linear function of x.

With correlated types q depends on the true type as well, and the equalities would be as long as the rows they
replace; with interdependent values the average value is not the value of the average. It is refused there.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from amd.compile.builder import Terms, terms
from amd.compile.context import Context
from amd.compile.plan import Plan, Verdict
from amd.model.design import Design, Incentive
from amd.model.environment import Environment
from amd.model.numbers import IntArray

NAME = "interim-allocation"


def applies(environment: Environment, design: Design) -> Verdict:
    """Bayesian incentives, independent types, private values, and something to know."""
    if design.incentive is not Incentive.BAYESIAN:
        return Verdict(False, "only Bayesian incentives speak of averages")
    if not environment.independent:
        return Verdict(False, "types are correlated")
    if environment.interdependent:
        return Verdict(False, "values are interdependent")
    if any(agent.types.orders is not None for agent in environment.agents):
        return Verdict(False, "types are preference orders")
    return Verdict(True, "types are independent and values private: a report means the same to every type")


def apply(plan: Plan) -> Plan:
    """Incentive rows refer to q."""
    return replace(plan, interim_allocation=True)


def add_interim_allocation(context: Context) -> None:
    """The columns q_i (K, A) and the rows that define them."""
    if not context.plan.interim_allocation:
        return
    for i in context.actors.tolist():
        agent = context.agents[i]
        shape = (agent.size, agent.feature_count)
        block = context.builder.add_columns(
            "interim allocation", shape, -np.inf, np.inf, partial(_name, context.label(i))
        )
        _define(context, i, block.index)
        context.interim_allocation[i] = block


def _name(agent: str, at: tuple[int, ...]) -> str:
    return f"q[{agent}]@{at[0]}:{at[1]}"


def _define(context: Context, i: int, index: IntArray) -> None:
    """A row for each type and feature, a piece of them at a time."""
    profiles, belief, features = context.profiles(i), context.beliefs(i), context.agents[i].features.tocsr()
    number = object if context.builder.exact else float

    def parts(lines: IntArray) -> list[Terms]:
        entries = features[lines[:, 1]].tocoo()
        own = lines[entries.row, 0]
        units = entries.data.astype(np.int64).astype(number)[:, None]
        shares = belief[own] if len(belief) > 1 else belief
        held = terms(entries.row[:, None], context.allocation[profiles[own], entries.col[:, None]], -shares * units)
        return [terms(np.arange(len(lines)), index[lines[:, 0], lines[:, 1]], np.ones(len(lines), dtype=number)), held]

    key = np.stack(np.divmod(np.arange(index.size), index.shape[1]), axis=1)
    name = context.label(i)
    context.builder.add_rows("interim", key, parts, 0, 0, lambda at: f"interim[{name}]@{at[0]}:{at[1]}", i)

"""Quantities as coefficients: the objective, the bounds on quantities, and worst cases.

In every profile a quantity is linear in the allocation and the payments of that profile; its expectation weighs
these by the prior. ``worst(Q)`` is a free column t with a row ``t <= Q`` in every profile, those of probability
zero too; it may therefore only be pushed up.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from amd.compile.builder import Columns, Numbers, Terms, terms
from amd.compile.context import Context
from amd.compile.families.allocation import profile_name
from amd.model.design import Bound, Linear, Quantity
from amd.model.environment import AllocationKind


def add_objective(context: Context) -> Numbers:
    """The wish as costs of columns; returns its constant."""
    objective = context.design.objective
    zero: Any = 0
    if objective is None:
        return zero
    for part in _linear(context, objective):
        context.builder.add_cost(part)
    return _scalar(context, objective.constant)


def add_bounds(context: Context) -> None:
    """One row for each required bound on a quantity."""
    for position, bound in enumerate(context.design.bounds):
        parts = _linear(context, bound.linear)
        right = -_scalar(context, bound.linear.constant)
        lower = right if bound.sense in (">=", "==") else -np.inf
        upper = right if bound.sense in ("<=", "==") else np.inf
        index = np.full((1, 1), position)
        context.builder.add_rows("bound", index, parts, lower, upper, partial(_bound_name, bound))


def _bound_name(bound: Bound, _: tuple[int, ...]) -> str:
    return f"bound[{bound.text or bound.linear.text}]"


def _scalar(context: Context, value: Any) -> Any:
    return value if context.builder.exact else float(value)


def _linear(context: Context, linear: Linear) -> list[Terms]:
    """The combination as terms of row 0."""
    parts: list[Terms] = []
    for weight, quantity in linear.terms:
        scale = _scalar(context, weight)
        found = _worst(context, quantity) if quantity.worst else expectation(context, quantity)
        parts += [Terms(part.row, part.column, part.value * scale) for part in found]
    return parts


def expectation(context: Context, quantity: Quantity) -> list[Terms]:
    """The expected quantity as terms of row 0."""
    return expected(context, allocation_weights(context, quantity), payment_weights(context, quantity))


def expected(context: Context, on_allocation: Numbers, weights: Numbers) -> list[Terms]:
    """The expectation of weighted allocations (P, C) and payments (n,), as terms of row 0."""
    prior = context.prior[:, None]
    if context.utilities is not None:
        on_allocation = on_allocation.copy()
        for agent in np.flatnonzero(weights).tolist():
            _add_worth(context, agent, on_allocation, weights[agent])
    parts = [terms(0, context.allocation.index, prior * on_allocation)]
    if context.utilities is not None:
        parts.append(terms(0, context.utilities.index, -prior * weights[None, :]))
    if context.payments is not None:
        parts.append(terms(0, context.payments.index, prior * weights[None, :]))
    for agent, block in context.interim_payments.items():
        parts.append(terms(0, block.index, context.marginal(agent) * weights[agent]))
    return parts


def _worst(context: Context, quantity: Quantity) -> list[Terms]:
    """The column that stands for the worst case, with its rows."""
    column = _worst_column(context, quantity)
    return [terms(0, column.index, np.ones(1, dtype=object if context.builder.exact else float))]


def _worst_column(context: Context, quantity: Quantity) -> Columns:
    name = f"worst({quantity.label})"
    for block in context.builder.columns:
        if block.name == name:
            return block
    block = context.builder.add_columns(name, (1,), -np.inf, np.inf, lambda at: name)
    listed = context.listed
    row = np.arange(len(listed))
    parts = [terms(row[:, None], context.allocation[listed], allocation_weights(context, quantity)[listed])]
    weights = payment_weights(context, quantity)
    if context.payments is not None:
        parts.append(terms(row[:, None], context.payments[listed], weights[None, :]))
    minus = -np.ones(len(listed), dtype=object if context.builder.exact else float)
    parts.append(terms(row, block.index[0], minus))
    context.builder.add_rows(
        "worst", listed[:, None], parts, 0, np.inf, lambda at: f"{name}@{profile_name(context, at[0])}"
    )
    return block


def payment_weights(context: Context, quantity: Quantity) -> Numbers:
    """The weight of each agent's payment in the quantity (n,)."""
    sign = {"revenue": 1, "profit": 1, "deficit": -1, "payment": 1, "surplus": -1}.get(quantity.name, 0)
    weights = np.zeros(len(context.agents), dtype=object if context.builder.exact else float)
    weights[list(members(context, quantity))] = sign
    return weights


def members(context: Context, quantity: Quantity) -> tuple[int, ...]:
    """The agents the quantity sums over."""
    return tuple(range(len(context.agents))) if quantity.agents is None else quantity.agents


def allocation_weights(context: Context, quantity: Quantity) -> Numbers:
    """The weight of each allocation column in each profile, (P, C)."""
    shape = context.allocation.index.shape
    result = np.zeros(shape, dtype=object if context.builder.exact else float)
    if quantity.name in ("welfare", "surplus"):
        for agent in members(context, quantity):
            _add_worth(context, agent, result)
    if quantity.name in ("welfare", "profit"):
        result -= context.numbers(context.environment.allocation.cost)[None, :]
    if quantity.name in ("cost", "deficit"):
        result += context.numbers(context.environment.allocation.cost)[None, :]
    if quantity.name == "probability":
        result[:, quantity.target] += 1
    if quantity.name == "allocated":
        result += _units(context, quantity)[None, :]
    return result


def _add_worth(context: Context, agent: int, result: Numbers, weight: Any = 1) -> None:
    """Adds the agent's value of each column, times the weight, to `result` (P, C)."""
    if context.agents[agent].types.orders is not None:
        return
    profiles = context.profiles(agent)
    result[profiles[:, :, None], context.support(agent)] += weight * context.worth(agent)


def _units(context: Context, quantity: Quantity) -> Numbers:
    """Units of the good that each column hands to the quantity's agents, (C,)."""
    allocation = context.environment.allocation
    agents = list(members(context, quantity))
    if allocation.kind is AllocationKind.MARGINALS:
        units = np.zeros((len(context.agents), len(allocation.goods)), dtype=np.int64)
        units[agents, quantity.target] = 1
        return units.reshape(-1)
    if allocation.units is None:
        raise ValueError("allocated() speaks of goods, and this problem has outcomes")
    return np.asarray(allocation.units[:, agents, quantity.target].sum(axis=1))

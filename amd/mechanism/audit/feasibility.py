"""Feasibility: whether every profile's allocation is a lottery over decisions that can be carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from amd.mechanism.audit.result import Witness, profile_at, shown, when, witnesses
from amd.mechanism.rows import Array, Number, Rows, units_of
from amd.model.design import Design
from amd.model.environment import AllocationKind, Environment

Say: TypeAlias = Callable[[str, int], str]  # the sentence for an amount (as text) in a column


def feasibility_witnesses(rows: Rows, design: Design) -> list[Witness]:
    """What cannot be carried out.

    Negative probabilities or units, wrong sums, more units than supply, demand or limits allow; fractions where the
    design is deterministic, and payments where it has no money.
    """
    environment = rows.environment
    found = per_entry(
        rows, "negative", -rows.allocation, lambda much, c: f"{column_name(environment, c)} is {much} below 0"
    )
    if environment.allocation.kind is AllocationKind.MARGINALS:
        for family, excess, say in _excesses(rows):
            found += per_entry(rows, family, excess[:, None], say)
    else:
        off = np.abs(rows.allocation.sum(axis=1) - 1)
        found += per_entry(rows, "sum", off[:, None], lambda much, _: f"the probabilities miss a sum of 1 by {much}")
    if design.deterministic:
        found += per_entry(rows, "deterministic", _fraction(rows.allocation), _fractional(environment))
    if not design.transfers:
        found += per_entry(rows, "transfers", np.abs(rows.payments), _moneyless(environment))
    return found


def _excesses(rows: Rows) -> Iterator[tuple[str, Array, Say]]:
    """By how much each supply, limit and demand is exceeded, (R,) each, with the sentence for it."""
    allocation, units = rows.environment.allocation, units_of(rows.environment, rows.allocation)
    handed = units.sum(axis=1)
    for g, good in enumerate(allocation.goods):
        yield "supply", handed[:, g] - good.supply, _saying(f"more of {good.name} is handed out than there is")
    for limit in allocation.limits:
        names = " and ".join(allocation.goods[g].name for g in limit.goods)
        excess = handed[:, list(limit.goods)].sum(axis=1) - limit.at_most
        yield "limit", excess, _saying(f"more than {limit.at_most} of {names} is handed out")
    for i, agent in enumerate(rows.environment.agents):
        if agent.demand is not None:
            excess = units[:, i].sum(axis=1) - agent.demand
            yield "demand", excess, _saying(f"more is handed to {agent.name} than the {agent.demand} it demands")


def _saying(rest: str) -> Say:
    return lambda much, _: f"{much} {rest}"


def per_entry(rows: Rows, family: str, amounts: Array, say: Say) -> list[Witness]:
    """Witnesses of the largest amounts (R, W) above 0."""
    width = amounts.shape[1]

    def describe(amount: Number, position: int) -> Witness:
        profile = profile_at(rows.environment, position // width)
        sentence = say(shown(amount), position % width) + when(rows.environment, profile)
        return Witness(family, amount, sentence, profile=profile)

    return witnesses(amounts.reshape(-1), describe)


def _fraction(allocation: Array) -> Array:
    """The distance of each entry from a whole number."""
    if allocation.dtype != object:
        return np.asarray(np.abs(allocation - np.rint(allocation)))
    below = allocation % 1
    return np.asarray(np.minimum(below, 1 - below))


def _fractional(environment: Environment) -> Say:
    return lambda much, column: f"{column_name(environment, column)} is {much} away from a whole number"


def _moneyless(environment: Environment) -> Say:
    return lambda much, i: f"{environment.agents[i].name} pays or gets {much} where there is no money"


def column_name(environment: Environment, column: int) -> str:
    """What one column of the allocation stands for."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return f"the probability of {allocation.names[column]}"
    if allocation.units is not None:
        return f"the probability of {decision_name(environment, column)}"
    agent, good = divmod(column, len(allocation.goods))
    return f"the expected number of {allocation.goods[good].name} for {environment.agents[agent].name}"


def decision_name(environment: Environment, column: int) -> str:
    """A whole assignment in words: ``lamp to ann, 2 chair to bob``."""
    allocation = environment.allocation
    units = np.zeros((1, 0, 0), dtype=np.int64) if allocation.units is None else allocation.units[column]
    names = [good.name for good in allocation.goods]
    given = [
        f"{name if k == 1 else f'{k} {name}'} to {agent.name}"
        for agent, own in zip(environment.agents, units.tolist(), strict=True)
        for name, k in zip(names, own, strict=True)
        if k
    ]
    return ", ".join(given) or "nothing to anybody"

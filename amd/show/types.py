"""Types and what is decided, in a few characters each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from amd.model.environment import AllocationKind, Environment
from amd.show.numbers import NOISE, number

SURE = 1e-7  # a probability this close to 1 goes without saying


def value_scale(environment: Environment) -> float:
    """The largest value or outside option, by which amounts of money are large or small; 1 where all are 0."""
    arrays = [array for agent in environment.agents for array in (agent.float_values, agent.float_outside)]
    return max(float(np.abs(array).max(initial=0.0)) for array in arrays) or 1.0


def type_text(environment: Environment, agent: int, k: int) -> str:
    """A type in a cell: ``3/4``; ``3/4, 10`` of several parameters; ``a > b > c``; ``-`` for the only type."""
    types = environment.agents[agent].types
    if types.orders is not None:
        return " > ".join(environment.allocation.names[outcome] for outcome in types.orders[k])
    if types.labels:
        return types.labels[k]
    return ", ".join(number(value) for value in types.points[k]) or "-"


def type_header(environment: Environment, agent: int) -> str:
    """What the cells of `type_text` hold: ``v``, ``v, w``, ``order`` or ``type``."""
    types = environment.agents[agent].types
    return "order" if types.orders is not None else ", ".join(types.parameters) or "type"


def decision_text(environment: Environment, columns: Any) -> str:
    """What is decided at one profile, from the allocation columns (C,)."""
    kind = environment.allocation.kind
    if kind is AllocationKind.OUTCOMES:
        names = environment.allocation.names
        return _lottery([(float(columns[c]), names[c]) for c in np.flatnonzero(columns > NOISE)])
    if kind is AllocationKind.DECISIONS:
        units = environment.allocation.units
        if units is None:
            raise ValueError("decisions without units")
        used = np.flatnonzero(columns > NOISE)
        return _lottery([(float(columns[c]), assignment_text(environment, units[c])) for c in used])
    return assignment_text(environment, columns.reshape(len(environment.agents), -1))


def _lottery(parts: Sequence[tuple[float, str]]) -> str:
    if len(parts) == 1 and parts[0][0] > 1 - SURE:
        return parts[0][1]
    return " | ".join(f"{number(probability)}: {name}" for probability, name in parts)


def assignment_text(environment: Environment, units: Any) -> str:
    """Who gets what, from expected units (n, m): ``ann: lamp, 0.5 chair; bob: chair``, or ``nobody``."""
    goods = environment.allocation.goods
    if len(goods) == 1:
        return _single_good(environment, units[:, 0])
    parts = []
    for i, agent in enumerate(environment.agents):
        own = [_units(float(units[i, g]), good.name) for g, good in enumerate(goods) if units[i, g] > NOISE]
        if own:
            parts.append(f"{agent.name}: {', '.join(own)}")
    return "; ".join(parts) or "nobody"


def _single_good(environment: Environment, units: Any) -> str:
    """With one good its name goes without saying: ``ann``, ``ann 0.5, bob 0.25``, ``ann 2, bob``."""
    parts = [
        agent.name if abs(float(amount) - 1) < SURE else f"{agent.name} {number(float(amount))}"
        for agent, amount in zip(environment.agents, units, strict=True)
        if amount > NOISE
    ]
    return ", ".join(parts) or "nobody"


def _units(amount: float, good: str) -> str:
    return good if abs(amount - 1) < SURE else f"{number(amount)} {good}"

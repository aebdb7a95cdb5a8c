"""Expected quantities in one form: payments, values and columns with their weights, and a constant.

Revenue, welfare, profit, deficit, surplus, a chance and units handed out are all linear in what agents pay, in what
they get (measured by their own values) and in the columns of the allocation. So are their combinations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.model.design import Linear, Quantity
from amd.model.environment import Allocation, Environment

Row = tuple[Fraction, ...]
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Wish:
    """``Σ payment_i E[m_i] + Σ value_i E[v_i] + Σ column_x E[x] + constant``: every expected quantity has this form."""

    payment: Row
    value: Row
    column: Row
    constant: Fraction = ZERO

    def scaled(self, factor: Fraction) -> Wish:
        payment, value, column = (tuple(factor * x for x in row) for row in (self.payment, self.value, self.column))
        return Wish(payment, value, column, factor * self.constant)

    def plus(self, other: Wish) -> Wish:
        rows = zip((self.payment, self.value, self.column), (other.payment, other.value, other.column), strict=True)
        payment, value, column = (tuple(x + y for x, y in zip(a, b, strict=True)) for a, b in rows)
        return Wish(payment, value, column, self.constant + other.constant)


def nothing(environment: Environment) -> Wish:
    """The wish for nothing."""
    agents = (ZERO,) * len(environment.agents)
    return Wish(agents, agents, (ZERO,) * environment.allocation.size)


def wish_of(environment: Environment, linear: Linear) -> Wish:
    """A linear combination of expected quantities; worst cases among them are left out."""
    total = nothing(environment)
    for weight, quantity in linear.terms:
        if not quantity.worst:
            total = total.plus(quantity_wish(environment, quantity).scaled(weight))
    return Wish(total.payment, total.value, total.column, total.constant + linear.constant)


def quantity_wish(environment: Environment, quantity: Quantity) -> Wish:
    """One quantity: payments and values of agents, and what each column adds."""
    n, allocation = len(environment.agents), environment.allocation
    chosen = range(n) if quantity.agents is None else quantity.agents
    some = tuple(ONE if i in chosen else ZERO for i in range(n))
    none, empty = (ZERO,) * n, (ZERO,) * allocation.size
    minus = tuple(-x for x in some)
    cost = tuple(Fraction(c) for c in allocation.cost)
    saved = tuple(-c for c in cost)
    simple = {
        "revenue": Wish(some, none, empty),
        "payment": Wish(some, none, empty),
        "cost": Wish(none, none, cost),
        "profit": Wish(some, none, saved),
        "deficit": Wish(minus, none, cost),
        "welfare": Wish(none, some, saved),
        "surplus": Wish(minus, some, empty),
    }
    if quantity.name in simple:
        return simple[quantity.name]
    return Wish(none, none, _counted(environment, quantity, chosen))


def _counted(environment: Environment, quantity: Quantity, agents: Sequence[int]) -> Row:
    """The columns that `probability` or `allocated` counts."""
    allocation, target = environment.allocation, quantity.target or 0
    if quantity.name == "probability":
        return tuple(ONE if x == target else ZERO for x in range(allocation.size))
    units = units_of(allocation, len(environment.agents))
    return tuple(Fraction(int(count)) for count in units[:, list(agents), target].sum(axis=1))


def units_of(allocation: Allocation, agents: int) -> np.ndarray[tuple[int, int, int], np.dtype[np.int64]]:
    """How many units of each good every column gives each agent, (C, n, m)."""
    if allocation.units is not None:
        return np.asarray(allocation.units).reshape(-1, agents, len(allocation.goods))
    m = len(allocation.goods)
    return np.eye(agents * m, dtype=np.int64).reshape(agents * m, agents, m)

"""The Vickrey–Clarke–Groves mechanism with the pivot rule, in any finite environment with private values.

The decision maximises total reported value less cost, W(d). Agent i pays what its presence costs the others,

    p_i = max_d W_{−i}(d) − W_{−i}(d*),

so its utility is W(d*) less a term it cannot influence, and truth is dominant (Vickrey, 1961; Clarke, 1971; Groves,
1973). What is open to the others without the agent is a choice, `Pivot`; ties go to the decision listed first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from amd.classics.arrays import Array, Number, Numbers, number, numbers
from amd.classics.decisions import list_decisions
from amd.model.environment import Environment
from amd.model.numbers import ExactArray, IntArray
from amd.pictures import Pictured


class Pivot(Enum):
    """What an agent's payment compares with.

    * ABSENT: the decisions that are worth at least 0 to each of the agent's types. Nobody supplies or suffers anything
      while away, so taking part never hurts; in auctions and for public goods of nonnegative value it is Clarke's rule.
      In bilateral trade it is double Vickrey: the buyer pays the cost and the seller receives the value.
    * CLARKE: all decisions, also those that need the agent's goods.
    * LOWEST: the agent's least favourable type in its place, min over t of max_d W(d; t, θ_{−i}): on connected types
      the most that can be charged with dominant strategies and ex post participation (Krishna and Perry, 1998).
    """

    ABSENT = "absent"
    CLARKE = "clarke"
    LOWEST = "lowest"


@dataclass(frozen=True, eq=False)
class Vickrey(Pictured):
    """One VCG outcome: the decision's position, total welfare W(d*), and payments (n,)."""

    decision: int
    welfare: Any
    payments: Array


def vcg(worth: Any, cost: Any | None = None) -> Vickrey:
    """VCG at one profile of reports. `worth` (n, D): what each decision is worth to each agent; `cost` (D,), default
    0.
    """
    table = numbers(worth, "worth")
    if table.ndim != 2 or not table.shape[1]:
        raise ValueError("worth needs one row an agent and one column a decision")
    spent = numbers([0] * table.shape[1] if cost is None else cost, "cost")
    total = table.sum(axis=0) - spent
    best = int(np.argmax(total))
    others = total - table
    return Vickrey(best, total[best], others.max(axis=1) - others[:, best])


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who gets a unit, and what each bidder pays: `wins` (n,) whole units, `payments` (n,)."""

    wins: IntArray
    payments: Array


def vickrey_units(values: Numbers, units: int = 1, reserve: Number = 0) -> Assignment:
    """Identical units to bidders who want one each: the k highest values at or above `reserve` win.

    Every winner pays the (k + 1)-th highest value, or the reserve if that is greater. Ties go to who is listed first.
    """
    if units < 0:
        raise ValueError(f"{units} units cannot be sold")
    bids, least = numbers(values), number(reserve)
    order = sorted(range(len(bids)), key=lambda i: (-bids[i], i))
    winners = [i for i in order[:units] if bids[i] >= least]
    price = max([least] + [bids[i] for i in order[units : units + 1]])
    wins = np.zeros(len(bids), dtype=np.int64)
    wins[winners] = 1
    return Assignment(wins, np.where(wins > 0, price, 0 * bids))


def public_good(values: Numbers, cost: Number) -> tuple[bool, Array]:
    """Whether an indivisible public good is built (iff the values exceed its cost), and the pivot payments (n,)."""
    v = numbers(values)
    result = vcg(np.stack([0 * v, v], axis=1), [0, cost])
    return bool(result.decision), result.payments


def vcg_mechanism(environment: Environment, pivot: Pivot = Pivot.ABSENT) -> tuple[ExactArray, ExactArray]:
    """VCG at every type profile: allocation (*shape, C) over the environment's columns and payments (*shape, n), exact.

    Raises ValueError without private values in money, TooLargeError when decisions or profiles are too many to list.
    """
    decisions = list_decisions(environment)
    worth, cost, scale = decisions.scaled()
    n = len(worth)
    spread = [decisions.spread(i, table) for i, table in enumerate(worth)]
    total = sum(spread, start=-cost.reshape((1,) * n + (-1,)))
    chosen = np.asarray(total.argmax(axis=-1))
    paid = [_payment(total, chosen, table, axis, pivot) for axis, table in enumerate(spread)]
    allocation = decisions.columns[chosen]
    return _exact(allocation, 1), _exact(np.stack(paid, axis=-1), scale)


def _payment(total: IntArray, chosen: IntArray, table: IntArray, axis: int, pivot: Pivot) -> IntArray:
    others = np.take_along_axis(total - table, chosen[..., None], axis=-1)[..., 0]
    if pivot is Pivot.LOWEST:
        return np.asarray(total.max(axis=-1).min(axis=axis, keepdims=True) - others)
    # any one own type will do: W_{−i} does not depend on it
    first = (slice(None),) * axis + (slice(0, 1),)
    without = total[first] - table[first]
    if pivot is Pivot.ABSENT:
        open_ = (np.moveaxis(table, axis, 0).reshape(table.shape[axis], -1) >= 0).all(axis=0)
        if not open_.any():
            raise ValueError("each decision hurts some type of an agent, so it cannot be absent: use Pivot.CLARKE")
        without = without[..., open_]
    return np.asarray(without.max(axis=-1) - others)


def _exact(array: IntArray, scale: int) -> ExactArray:
    known = {int(x): Fraction(int(x), scale) for x in np.unique(array)}
    flat = np.empty(array.size, dtype=object)
    flat[:] = [known[x] for x in array.ravel().tolist()]
    return flat.reshape(array.shape)

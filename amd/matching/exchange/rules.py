"""What an exchange may do and what it is for: caps, conventions about chains, objectives in order of importance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from amd.matching.exchange.pool import FloatArray, Pool
from amd.matching.market import IntArray, MarketError

Goal = Literal["transplants", "weight", "expected_transplants", "expected_weight", "two_way", "fewest_long_cycles"]

GOALS: dict[str, str] = {
    "transplants": "most transplants",
    "weight": "greatest total weight",
    "expected_transplants": "most transplants in expectation over failures",
    "expected_weight": "greatest total weight in expectation over failures",
    "two_way": "most two-way exchanges",
    "fewest_long_cycles": "fewest cycles of three or more pairs",
}


@dataclass(frozen=True)
class Rules:
    """`cycle_cap`: pairs in a cycle at most. `chain_cap`: length of a chain at most, 0 for no chains; it `counts`
    transplants to pairs (arcs), or all donations, the last donor's to the waiting list included. `waiting_list`: what
    that last donation is worth in every goal that counts transplants or weight; with `unused_altruists`, an altruist
    who starts no chain makes it too. `goals`: the first is met best, then the second among those, and so on."""

    cycle_cap: int = 3
    chain_cap: int = 0
    counts: Literal["transplants", "donations"] = "transplants"
    waiting_list: float = 0.0
    unused_altruists: bool = False
    goals: tuple[Goal, ...] = ("transplants",)

    def __post_init__(self) -> None:
        if self.cycle_cap < 0 or self.cycle_cap == 1 or self.chain_cap < 0:
            raise MarketError("a cycle cap is 0 or at least 2, a chain cap at least 0")
        if not self.goals:
            raise MarketError("an exchange needs a goal: " + ", ".join(GOALS))
        for goal in self.goals:
            if goal not in GOALS:
                raise MarketError(f"'{goal}' is no goal; there are " + ", ".join(GOALS))

    @property
    def chain_arcs(self) -> int:
        """How many transplants to pairs a chain may have."""
        return max(0, self.chain_cap - (self.counts == "donations"))


@dataclass(frozen=True, eq=False)
class Objective:
    """One goal in numbers.

    A cycle is worth the product of its arcs' `chance` times the sum of their `arc` values (all or nothing), and `fixed`
    of its length. A chain goes on until an arc fails: it is worth the sum of its arcs' values, each times the chance
    that all arcs up to it succeed, plus `end` (Dickerson, Procaccia and Sandholm 2019). `offset` comes on top of all.
    """

    name: str
    arc: FloatArray
    chance: FloatArray
    fixed: FloatArray
    end: float
    offset: float
    integral: bool

    @property
    def uniform(self) -> float | None:
        """The chance of success, where all arcs have the same: then a cycle is priced by adding up its arcs."""
        if not self.chance.size:
            return 1.0
        return float(self.chance[0]) if (self.chance == self.chance[0]).all() else None

    def cycle_values(self, arcs: IntArray) -> FloatArray:
        """(c,): of cycles given by their arcs (c, l)."""
        values: FloatArray = self.arc[arcs].sum(1) * self.chance[arcs].prod(1) + self.fixed[arcs.shape[1]]
        return values

    def chain_values(self, arcs: IntArray) -> FloatArray:
        """(c,): of chains given by their arcs (c, l), first to last."""
        values: FloatArray = (self.arc[arcs] * self.chance[arcs].cumprod(1)).sum(1) + self.end
        return values


def objective(pool: Pool, rules: Rules, goal: Goal) -> Objective:
    """The numbers of a goal over the arcs of `pool`."""
    lengths = np.arange(rules.cycle_cap + 1)
    counts_arcs = goal not in ("two_way", "fewest_long_cycles")
    weighted = goal in ("weight", "expected_weight")
    arc = pool.weight if weighted else np.full(pool.arcs, float(counts_arcs))
    chance = pool.chance if goal.startswith("expected") else np.ones(pool.arcs)
    fixed = np.zeros(lengths.size)
    if goal == "two_way":
        fixed[2:3] = 1.0
    if goal == "fewest_long_cycles":
        fixed[3:] = -1.0
    last = rules.waiting_list if counts_arcs else 0.0
    # An altruist without a chain donates too: then every altruist ends somewhere on the waiting list.
    end, offset = (0.0, last * int(pool.altruist.sum())) if rules.unused_altruists else (last, 0.0)
    numbers = np.concatenate([arc, [end]])
    integral = bool((numbers == numbers.round()).all() and (chance == 1).all())
    return Objective(goal, arc, chance, fixed, end, offset, integral)

"""Step mechanisms for any decision, agents with one parameter: bounds from below (C6), with at most one need to meet.

*The mechanism.* Each agent's cells carry scores s_ik that never fall along its type; in every product cell the
alternative with the greatest Σ_i β_i s_i + constant is chosen (the first of ties), β_i the agent's slope for it.

*It is exactly incentive compatible.* Raising only s_i can only raise the chosen β_i (compare the two choices at both
scores and add), so y_i rises along its own cells for each report of the others; with m_k − m_{k−1} = a_k (y_k −
y_{k−1}) at the cells' lower ends truth is dominant for every type of the continuum. This is checked cell by cell,
exactly, before the value is used. U_0 is the least number that gives every cell end, hence (U is linear in between,
net of an affine outside option) every type, at least its outside option.

*Its value* is a finite sum, with E[m_i] = Σ_k y_ik (R(a_k) − R(b_k)) − U_0.

*A need* (such as a budget in expectation): scores maximise wish + μ · need; the two rules on both sides of the
critical μ are mixed so that the need holds exactly. A mixture of incentive compatible mechanisms is one. A budget in
every profile follows by R7 (interim payments stay).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from amd.model.numbers import ExactArray, FloatArray, IntArray, exact_array
from amd.proof.continuum.laws import Pair
from amd.proof.continuum.profiles import Party, party
from amd.proof.continuum.relations import NoBoundError
from amd.proof.continuum.setting import Setting
from amd.proof.continuum.step import ironed
from amd.proof.wish import Wish

ZERO, ONE = Fraction(0), Fraction(1)
MOST_ALTERNATIVES = 512
MOST_WORK = 400_000  # product cells times alternatives
HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Rule:
    """The alternative chosen in every product cell, an index array over the agents' cells; `scores` (N_i,) say why."""

    choice: IntArray
    scores: tuple[ExactArray, ...]


@dataclass(frozen=True, eq=False)
class Mixture:
    """Rules with their probabilities, and a number the wish is at least. `needs` are met."""

    parts: tuple[tuple[Fraction, Rule], ...]
    value: Fraction
    cells: int


class RuleMaker:
    """Step mechanisms for `setting` on `cells` cells an agent."""

    def __init__(self, setting: Setting, cells: int) -> None:
        self.setting, self.cells = setting, cells
        self.parties = tuple(party(setting, i, cells) for i in range(len(setting.agents)))
        self.options = alternatives_of(setting)
        if prod(p.size for p in self.parties) * len(self.options) > MOST_WORK:
            raise NoBoundError("too many product cells for a step mechanism; ask for fewer cells")
        self.slopes = tuple(self.options @ exact_array(p.slopes) for p in self.parties)

    def choose(self, wish: Wish) -> Rule:
        """The rule that is best for the wish among step mechanisms whose scores need no more than ironing."""
        scores = tuple(self._scores(i, wish) for i in range(len(self.parties)))
        columns = [c + sum((wish.value[i] + wish.payment[i]) * p.agent.levels[x] for i, p in enumerate(self.parties))
                   for x, c in enumerate(wish.column)]  # fmt: skip
        total = np.asarray(self.options @ exact_array(columns))
        for i, score in enumerate(scores):
            part = np.multiply.outer(score, self.slopes[i])
            shape = [1] * len(self.parties) + [len(self.options)]
            shape[i] = len(score)
            total = total + part.reshape(shape)
        return Rule(np.asarray(np.argmax(total, axis=-1), dtype=np.int64), scores)

    def _scores(self, i: int, wish: Wish) -> ExactArray:
        q = self.parties[i]
        return exact_array(ironed([self._weight(q, k, wish) for k in range(q.size)], q.cut.mass))

    def _weight(self, q: Party, k: int, wish: Wish) -> Pair:
        """Enclosure of what the wish gains per unit of y on cell k: the virtual value's and the value's integrals."""
        a, b = q.cut.cell(k)
        start, end = q.cut.above[k], q.cut.above[k + 1]
        paid, worth = wish.payment[q.position], wish.value[q.position]
        revenue = plus(times((a, a), start), times((-b, -b), end))
        return plus(times((paid, paid), revenue), times((worth, worth), q.cut.law.moment(a, b)))

    def value(self, rule: Rule, wish: Wish) -> Fraction:
        """A number that the expected wish is at least. Raises ValueError where the rule is not incentive compatible."""
        total: Pair = (wish.constant, wish.constant)
        columns = list(wish.column)
        for i, q in enumerate(self.parties):
            y = self.slopes[i][rule.choice] - q.tilt
            if (np.diff(y, axis=i) < 0).any():
                raise ValueError(f"the rule is not incentive compatible: agent {q.agent.name}'s allocation falls")
            paid, worth = wish.payment[i], wish.value[i]
            interim = self._interim(i, y)
            for k, level in enumerate(interim):
                total = plus(total, times(level, self._weight(q, k, wish)))
            total = plus(total, times((-paid, -paid), self._rent(q, interim)))
            total = plus(total, (-paid * q.agent.outside[0],) * 2)
            if q.tilt:
                mean = q.cut.law.moment(q.cut.edges[0], q.cut.edges[-1])
                total = plus(total, times((worth * q.tilt,) * 2, mean))
            columns = [c + (paid + worth) * level for c, level in zip(columns, q.agent.levels, strict=True)]
        gains = (self.options @ exact_array(columns))[rule.choice]
        return plus(total, self._mean(gains))[0]

    def _rent(self, q: Party, interim: Sequence[Pair]) -> Pair:
        """Enclosure of the least U_0 that lets every type take part, from what U − U_0 is at the cells' ends."""
        low = high = reach_low = reach_high = ZERO
        for k, (y_low, y_high) in enumerate(interim):
            width = q.cut.width(k)
            reach_low, reach_high = reach_low + width * y_low, reach_high + width * y_high
            low, high = min(low, reach_low), min(high, reach_high)
        return -high, -low

    def _interim(self, i: int, y: ExactArray) -> list[Pair]:
        """Enclosures of the average of y over the others' types, (N_i,)."""
        rows = np.moveaxis(y, i, 0)
        others = [q for j, q in enumerate(self.parties) if j != i]
        return [_expectation(row, others) for row in rows]

    def _mean(self, gains: ExactArray) -> Pair:
        return _expectation(gains, self.parties)

    def _estimate(self, rule: Rule, wish: Wish) -> float:
        """The value in floats, for halving only."""
        masses = [np.array([float(m[0]) for m in q.cut.mass]) for q in self.parties]
        columns = np.array([float(c) for c in wish.column])
        total = float(wish.constant)
        for i, q in enumerate(self.parties):
            y = (self.slopes[i].astype(float))[rule.choice] - float(q.tilt)
            weights = np.array([float(sum(self._weight(q, k, wish))) / 2 for k in range(q.size)])
            shape = [-1 if j == i else 1 for j in range(len(self.parties))]
            total += _float_mean(y * (weights / masses[i]).reshape(shape), masses)
            total -= float(wish.payment[i] * q.agent.outside[0])
            columns = columns + float(wish.value[i] + wish.payment[i]) * np.array([float(x) for x in q.agent.levels])
        return total + _float_mean((self.options @ columns)[rule.choice], masses)

    def best(self) -> Mixture:
        """The best step mechanism, mixed so that the one need is met; NoBoundError when there is more than one need."""
        needs, wish = self.setting.needs, self.setting.wish
        if len(needs) > 1:
            raise NoBoundError("step mechanisms are found for one budget or bound at a time")
        if not needs:
            rule = self.choose(wish)
            return Mixture(((ONE, rule),), self.value(rule, wish), self.cells)
        need = needs[0]
        if need.equal and not need.spare:
            raise NoBoundError(f"a step mechanism that meets '{need.text}' with equality may have to hand money back")
        return self._mix(need.wish)

    def _mix(self, need: Wish) -> Mixture:
        """Halve the multiplier until the rules beside the critical one are found, and mix them."""
        wish = self.setting.wish
        loose = self.choose(wish)
        if self.value(loose, need) >= 0:  # the need costs nothing
            return Mixture(((ONE, loose),), self.value(loose, wish), self.cells)
        low, high = ZERO, ONE  # the weight of the need in (1 − t) wish + t need
        tight = self.choose(need)
        if self.value(tight, need) < 0:
            raise NoBoundError("no step mechanism on these cells meets the budget or bound")
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            rule = self.choose(wish.scaled(1 - middle).plus(need.scaled(middle)))
            if self._estimate(rule, need) >= 0:
                high, tight = middle, rule
            else:
                low, loose = middle, rule
            if (loose.choice != tight.choice).sum() <= 1:
                break
        over, under = self.value(tight, need), self.value(loose, need)
        if over < 0 or under >= 0:
            raise NoBoundError("the two rules beside the critical multiplier could not be told apart")
        weight = over / (over - under)
        value = weight * self.value(loose, wish) + (1 - weight) * self.value(tight, wish)
        return Mixture(((weight, loose), (1 - weight, tight)), value, self.cells)


def alternatives_of(setting: Setting) -> IntArray:
    """The whole allocations, (A, C): every 0-1-… vector that the limits allow."""
    caps = [int(cap) for cap in setting.allocation.cap]
    if len(caps) > 1 and all(upper == 1 for upper in setting.allocation.upper) and len(setting.allocation.upper) == 1:
        rows = np.eye(len(caps), dtype=np.int64)
        return rows if setting.allocation.equal[0] else np.vstack([np.zeros((1, len(caps)), dtype=np.int64), rows])
    if prod(cap + 1 for cap in caps) > 2**16:
        raise NoBoundError("too many whole allocations for a step mechanism")
    every = np.array(list(product(*(range(cap + 1) for cap in caps))), dtype=np.int64)
    used = every @ setting.allocation.matrix.toarray().T
    fine = (used <= setting.allocation.upper) & (~setting.allocation.equal | (used == setting.allocation.upper))
    found = every[fine.all(axis=1)]
    if len(found) > MOST_ALTERNATIVES:
        raise NoBoundError("too many whole allocations for a step mechanism")
    return np.asarray(found, dtype=np.int64)


def _expectation(values: ExactArray, parties: Sequence[Party]) -> Pair:
    """Enclosure of the expectation of an array with one axis for each party's cells."""
    low = high = np.asarray(values, dtype=object)
    for q in reversed(parties):
        floor, ceil = exact_array([m[0] for m in q.cut.mass]), exact_array([m[1] for m in q.cut.mass])
        low = np.where(low >= 0, low * floor, low * ceil).sum(axis=-1)
        high = np.where(high >= 0, high * ceil, high * floor).sum(axis=-1)
    return Fraction(low.item() if isinstance(low, np.ndarray) else low), Fraction(
        high.item() if isinstance(high, np.ndarray) else high
    )


def _float_mean(values: FloatArray, masses: Sequence[FloatArray]) -> float:
    for mass in reversed(masses):
        values = values @ mass
    return float(values)


def plus(x: Pair, y: Pair) -> Pair:
    return x[0] + y[0], x[1] + y[1]


def times(x: Pair, y: Pair) -> Pair:
    """The product of two enclosures."""
    corners = [a * b for a in x for b in y]
    return min(corners), max(corners)

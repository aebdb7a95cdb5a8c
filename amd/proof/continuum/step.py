"""Step mechanisms for goods sold one by one: bounds from below that are exactly incentive compatible in the continuum
(C6).

*The mechanism.* Each agent's cells carry scores that never fall as its value rises. The good goes to the highest
positive score, ties to the earlier agent; a type is treated like every other of its cell.

*It is exactly incentive compatible.* The interim allocation y is constant on cells and monotone; with m_k − m_{k−1} =
a_k (y_k − y_{k−1}) at the lower end a_k of cell k, U(θ) = U_0 + ∫ y, so truth is best for every type of the
continuum, not only for one a cell. The same holds cell by cell of the others' reports: it is dominant strategy, and
ex post individually rational, as well.

*Its value.* Abel summation gives E[m] = Σ_k y_k (R(a_k) − R(b_k)) with R(θ) = θ (1 − F(θ)), U_0 = 0: one number a
cell, the cell's virtual value. By independence y_k = Π_{earlier j} Pr[score_j < s] Π_{later j} Pr[score_j <= s].

*Which scores.* The best among these mechanisms takes as score the cell's virtual value per unit of probability,
ironed by the concave hull of its cumulative sum where it is not monotone (Myerson 1981). Any other monotone scores
are still a valid bound.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from amd.proof.continuum.cells import Line
from amd.proof.continuum.laws import Pair

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, eq=False)
class Bidder:
    """One agent and one good: the cells of its value, and what the wish gives for E[payment], E[value] and E[units]."""

    name: str
    line: Line
    payment: Fraction
    value: Fraction
    unit: Fraction = ZERO

    def weight(self, k: int) -> Pair:
        """Enclosure of what the wish gains when cell k gets the good for sure."""
        a, b = self.line.cell(k)
        start, end = self.line.above[k], self.line.above[k + 1]
        virtual = _scaled(_minus(_scaled(start, a), _scaled(end, b)), self.payment)
        worth = _scaled(self.line.law.moment(a, b), self.value)
        return _plus(virtual, _plus(worth, _scaled(self.line.mass[k], self.unit)))

    def below(self, k: int) -> Pair:
        """Enclosure of the probability of the cells before k."""
        low, high = self.line.above[k]
        return (ONE - high, ONE - low)


@dataclass(frozen=True, eq=False)
class StepAuction:
    """A step mechanism for one good: the scores (N_i,) of each bidder, and a number its value is at least."""

    bidders: tuple[Bidder, ...]
    scores: tuple[tuple[Fraction, ...], ...]
    value: Fraction


def step_auction(bidders: Sequence[Bidder]) -> StepAuction:
    """The best step mechanism on the bidders' cells. Condition: payments are wanted (weight >= 0), U_0 = 0."""
    scores = tuple(ironed([bidder.weight(k) for k in range(bidder.line.size)], bidder.line.mass) for bidder in bidders)
    return StepAuction(tuple(bidders), scores, step_value(bidders, scores))


def ironed(weights: Sequence[Pair], masses: Sequence[Pair]) -> tuple[Fraction, ...]:
    """Weight per unit of mass, averaged over the blocks where it would fall (slopes of the concave hull from above)."""
    blocks: list[tuple[Fraction, Fraction, int]] = []  # weight, mass, cells
    for (low, high), (f_low, f_high) in zip(weights, masses, strict=True):
        weight, mass, count = (low + high) / 2, (f_low + f_high) / 2, 1
        while blocks and blocks[-1][0] * mass >= weight * blocks[-1][1]:
            weight, mass, count = weight + blocks[-1][0], mass + blocks[-1][1], count + blocks[-1][2]
            blocks.pop()
        blocks.append((weight, mass, count))
    return tuple(weight / mass if mass else ZERO for weight, mass, count in blocks for _ in range(count))


def step_value(bidders: Sequence[Bidder], scores: Sequence[Sequence[Fraction]]) -> Fraction:
    """A number that the value of the mechanism with these scores is at least.

    Raises ValueError where a bidder's scores fall, since the mechanism is then not incentive compatible.
    """
    if any(a > b for row in scores for a, b in itertools.pairwise(row)):
        raise ValueError("the scores of a step mechanism must not fall")
    total = ZERO
    for i, bidder in enumerate(bidders):
        wins: dict[Fraction, Pair] = {}
        for k, score in enumerate(scores[i]):
            if score > 0:
                if score not in wins:
                    wins[score] = _winning(i, score, bidders, scores)
                total += _times(wins[score], bidder.weight(k))[0]
    return total


def _winning(i: int, score: Fraction, bidders: Sequence[Bidder], scores: Sequence[Sequence[Fraction]]) -> Pair:
    """Enclosure of the probability that nobody beats `score` of bidder i."""
    chance = (ONE, ONE)
    for j, other in enumerate(bidders):
        if j != i:
            beaten = sum(1 for s in scores[j] if s < score or (s == score and i < j))
            chance = _times(chance, other.below(beaten))
    return chance


def _plus(x: Pair, y: Pair) -> Pair:
    return x[0] + y[0], x[1] + y[1]


def _minus(x: Pair, y: Pair) -> Pair:
    return x[0] - y[1], x[1] - y[0]


def _scaled(x: Pair, factor: Fraction) -> Pair:
    ends = x[0] * factor, x[1] * factor
    return min(ends), max(ends)


def _times(x: Pair, y: Pair) -> Pair:
    """The product of enclosures; the first one is not negative."""
    return (x[0] if y[0] >= 0 else x[1]) * y[0], (x[1] if y[1] >= 0 else x[0]) * y[1]

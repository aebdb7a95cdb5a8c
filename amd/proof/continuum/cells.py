"""One parameter of one agent, cut into cells: what the relations of the continuum need to know of its law.

`Line` holds, for each cell [a, b], enclosures of its probability, and gives the constants of the relations C3 and C4.
A *step* at s is the interim allocation 1{θ >= s}; every monotone allocation on a cell is a mixture of steps, which is
why one constant per split point describes them all (see `gain`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from heapq import heapify, heappop, heappush

from amd.model.types import Law
from amd.proof.continuum.laws import Pair, finest

CLOSE = 12  # the gain is searched to within this part of itself
PIECES = 400  # how often a cell may be halved in looking for the largest gain


@dataclass(frozen=True)
class Tangent:
    """Constants of one relation ``E[g q; C_k] <= level Q_k + above e_{k+1} − below e_k`` (see `envelope`)."""

    level: Fraction
    above: Fraction
    below: Fraction


@dataclass(frozen=True, eq=False)
class Line:
    """The cells between `edges` (N + 1 increasing numbers that cover the support) of `law`."""

    law: Law
    edges: tuple[Fraction, ...]
    _memo: dict[tuple[str, int, Fraction], Tangent] = field(default_factory=dict, repr=False)
    _between: dict[Pair, Pair] = field(default_factory=dict, repr=False)

    @property
    def size(self) -> int:
        return len(self.edges) - 1

    def between(self, a: Fraction, b: Fraction) -> Pair:
        """Enclosure of the probability of [a, b], kept: laws may be slow."""
        if (a, b) not in self._between:
            self._between[a, b] = _clip(self.law.mass(a, b))
        return self._between[a, b]

    def cell(self, k: int) -> Pair:
        return self.edges[k], self.edges[k + 1]

    def width(self, k: int) -> Fraction:
        return self.edges[k + 1] - self.edges[k]

    def middle(self, k: int) -> Fraction:
        return (self.edges[k] + self.edges[k + 1]) / 2

    @cached_property
    def mass(self) -> tuple[Pair, ...]:
        """Enclosures of the cells' probabilities, (N,)."""
        return tuple(self.between(*self.cell(k)) for k in range(self.size))

    @cached_property
    def above(self) -> tuple[Pair, ...]:
        """Enclosures of Pr[θ >= edge], (N + 1,)."""
        top = self.edges[-1]
        return tuple(self.between(edge, top) for edge in self.edges)

    @cached_property
    def exact(self) -> bool:
        """Whether all cell probabilities are rational and known."""
        return all(low == high for low, high in (*self.mass, *self.above))

    @cached_property
    def uniform(self) -> tuple[bool, ...]:
        """Whether the density is constant and positive, and the probability rational, on each cell (N,)."""
        return tuple(
            self.law.density_is_constant(*self.cell(k)) and 0 < low == high and s_low == s_high
            for k, ((low, high), (s_low, s_high)) in enumerate(zip(self.mass, self.above[:-1], strict=True))
        )

    def rent_rate(self, k: int) -> Fraction:
        """γ of the payment identity on a cell of constant density δ: a + Pr[θ >= a] / δ."""
        a, _ = self.cell(k)
        return a + self.above[k][0] * self.width(k) / self.mass[k][0]

    def value_tangent(self, k: int, split: Fraction) -> Tangent:
        """Constants for the weight g = θ: E[(θ − c)⁺; C_k] from above and E[(c − θ)⁺; C_k] from below."""
        key = ("value", k, split)
        if key not in self._memo:
            a, b = self.cell(k)
            above = self.law.moment(split, b)[1] - _low(split, self.between(split, b))
            below = _low(split, self.between(a, split)) - self.law.moment(a, split)[1]
            self._memo[key] = Tangent(split, max(above, Fraction(0)), max(below, Fraction(0)))
        return self._memo[key]

    def virtual_tangent(self, k: int, split: Fraction) -> Tangent:
        """Constants for the virtual value, with the tangent that touches a step near `split`."""
        key = ("virtual", k, split)
        if key not in self._memo:
            level = self._slope(k, split)
            a, b = self.cell(k)
            above = self.gain(k, level)
            start = self._gain_at_start(a, b, level)
            self._memo[key] = Tangent(level, above, max(above - start, Fraction(0)))
        return self._memo[key]

    def _slope(self, k: int, split: Fraction) -> Fraction:
        """A guess of the virtual value at `split`: any number gives a valid tangent."""
        a, b = self.cell(k)
        half = (b - a) / 16
        low, high = max(a, split - half), min(b, split + half)
        mass = _middle(self.between(low, high))
        if mass == 0:
            return Fraction(0)
        tail = _middle(self.between(high, self.edges[-1]))
        # R(low) − R(high) = low · mass − (high − low) · tail, divided by the mass
        return (low - (high - low) * tail / mass).limit_denominator(2**20)

    def _gain_at_start(self, a: Fraction, b: Fraction, level: Fraction) -> Fraction:
        """The gain of the step at a, from above."""
        tail = self.between(b, self.edges[-1])
        return _high(a - level, self.between(a, b)) - (b - a) * tail[0]

    def gain(self, k: int, level: Fraction) -> Fraction:
        """A number >= max over s in the cell [a, b] of  R(s) − R(b) − level (F(b) − F(s)),  R(s) = s (1 − F(s)).

        With m(s) = F(b) − F(s) and S = 1 − F(b) this is (s − level) m(s) − (b − s) S. On [s, s'] the first product is
        at most (s' − level) m(s) or, where s' < level, (s' − level) m(s'), because m decreases; the second term is at
        least (b − s') S. The cell is halved where this is largest, until it is within a twelfth of a value that is
        attained, or PIECES times. At least 0, the gain at s = b.
        """
        a, b = self.cell(k)
        tail = self.between(b, self.edges[-1])[0]
        attained = Fraction(0)
        scale = (b - a) * self.between(a, b)[1]

        def piece(low: Fraction, high: Fraction, m_low: Pair, m_high: Pair) -> tuple[Fraction, ...]:
            reach = _high(high - level, m_low if high >= level else m_high) - (b - high) * tail
            return (-reach, low, high, *m_low, *m_high)

        queue = [piece(a, b, self.between(a, b), (Fraction(0), Fraction(0)))]
        heapify(queue)
        for _ in range(PIECES):
            reach, low, high, l0, l1, h0, h1 = queue[0]
            if -reach <= attained + max(attained, scale / 64) / CLOSE:
                break
            heappop(queue)
            middle = (low + high) / 2
            mass = self.between(middle, b)
            attained = max(attained, (middle - level) * mass[0] - (b - middle) * tail)
            heappush(queue, piece(low, middle, (l0, l1), mass))
            heappush(queue, piece(middle, high, mass, (h0, h1)))
        return max(Fraction(0), -queue[0][0])


def _clip(pair: Pair) -> Pair:
    """A probability's enclosure cut to [0, 1]."""
    return max(pair[0], Fraction(0)), min(pair[1], Fraction(1))


def _middle(pair: Pair) -> Fraction:
    return (pair[0] + pair[1]) / 2


def _low(factor: Fraction, pair: Pair) -> Fraction:
    """The least of factor · x over the enclosure."""
    return factor * (pair[0] if factor >= 0 else pair[1])


def _high(factor: Fraction, pair: Pair) -> Fraction:
    """The largest of factor · x over the enclosure."""
    return factor * (pair[1] if factor >= 0 else pair[0])


def line(law: Law, edges: Sequence[Fraction]) -> Line:
    """Cells between the edges, cut further where a piecewise constant density jumps."""
    return Line(law, finest(edges, law))

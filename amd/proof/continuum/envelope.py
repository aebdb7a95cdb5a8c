"""One agent with one parameter: C3 and C4, the envelope theorem cell by cell.

Setting: the agent's type θ is its marginal value, its utility θ y − m for an interim allocation y in [0, 1] and an
interim payment m. Incentive compatibility makes y monotone and U(θ) = U_0 + ∫ y (Myerson 1981). F is the law of θ,
R(θ) = θ (1 − F(θ)). For a cell C_k = [a, b] of probability f_k write

    Q_k = E[y; C_k],   W_k = E[θ y; C_k],   P_k = E[φ y; C_k],   e_k = y(a),

"; C_k" meaning the integral over the cell, and φ the virtual value, so that ∫_s^b φ dF = R(s) − R(b) for all s; then
E[m] = Σ_k P_k − U_0. (With atoms or gaps φ is a measure; only R is used below.)

*Order.* f_k e_k <= Q_k <= f_k e_{k+1}, because y is monotone; 0 <= e_0 and e_N <= 1.

*C4.* Let G(s) be the gain of the step at s, ∫_s^b g dF, for the weight g = θ or φ, and D(s) = G(s) − t (F(b) − F(s))
for any number t. On the cell y is the mixture y(a) 1{θ >= a} + ∫ 1{θ >= s} dy(s) of steps. Hence, with K >= max over
s in the cell of D(s),

    E[g y; C_k] = t Q_k + y(a) D(a) + ∫ D dy <= t Q_k + y(a) D(a) + K (y(b) − y(a)) = t Q_k + K e_{k+1} − (K − D(a))
    e_k.

K >= D(b) = 0. For g increasing and t = g(c), K = E[(g − t)⁺; C_k] and K − D(a) = E[(t − g)⁺; C_k]. Condition: y
monotone. A mechanism whose y decreases can break it, and does (tests). A larger K is still valid since e_{k+1} >=
e_k; enclosures are rounded so.

*C3.* On a cell of constant density δ, φ = 2θ − γ with γ = a + (1 − F(a))/δ, so P_k = 2 W_k − γ Q_k exactly (the value
identity): only the tangents of W_k are needed. In terms of the average utility u_k and U at the ends this is
u_k >= t U_k + (1 − t) U_{k+1} + e_k h t²/2 − e_{k+1} h (1 − t)²/2. And W_k >= Q_k (a + b)/2, because y and θ both
increase (Chebyshev), which is u_k <= (U_k + U_{k+1})/2.

The loss of a cell is at most K (e_{k+1} − e_k) with K = O(h²): these sum to O(h²) in all, since the e_k rise from 0
to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from amd.proof.continuum.cells import Line, Tangent
from amd.proof.continuum.relations import NoBoundError, Relation, Relaxation, Terms, Variable

ZERO, ONE = Fraction(0), Fraction(1)
START = (Fraction(0), Fraction(1, 2), Fraction(1))  # tangents put in from the start, as parts of the cell
STEPS = 64  # later splits are multiples of 1/64 of a cell


class Envelope:
    """The variables and relations of agent (or group of copies, whose average this is) `agent`.

    `low` and `high` bound y: 0 and 1 for one good. A negative `low` needs constant densities.
    """

    def __init__(self, agent: int, line: Line, low: Fraction = ZERO, high: Fraction = ONE) -> None:
        self.agent, self.line, self.low, self.high = agent, line, low, high
        if low < 0 and not all(line.uniform):
            raise NoBoundError("an allocation of both signs is handled for piecewise constant densities only")

    def name(self, kind: str, k: int) -> Variable:
        return (kind, self.agent, k)

    @property
    def rent(self) -> Variable:
        """The utility of the lowest type, U_0."""
        return ("U", self.agent)

    def declare(self, relaxation: Relaxation) -> None:
        """Add the variables with their ranges, and the order relations."""
        line, low, high = self.line, self.low, self.high
        relaxation.variable(self.rent, ZERO, None)
        for k in range(line.size + 1):
            relaxation.variable(self.name("e", k), low, high)
        for k in range(line.size):
            least, f = line.mass[k]
            relaxation.variable(self.name("Q", k), low * least, high * f)  # exact where low < 0
            corners = [x * y * f for x in line.cell(k) for y in (low, high)] + [ZERO]
            relaxation.variable(self.name("W", k), min(corners), max(corners))
            if not line.uniform[k]:
                relaxation.variable(self.name("P", k), min(corners) - line.width(k) * high, max(corners))
            relaxation.add(*self.order(k))
            if line.uniform[k]:
                relaxation.add(self.rising(k))

    def order(self, k: int) -> tuple[Relation, Relation]:
        """f_k e_k <= Q_k <= f_k e_{k+1}."""
        low, high = self.line.mass[k]
        q, e, e_next = self.name("Q", k), self.name("e", k), self.name("e", k + 1)
        return (
            Relation(("order", self.agent, k, "start"), {e: low, q: -ONE}, ZERO),
            Relation(("order", self.agent, k, "end"), {q: ONE, e_next: -high}, ZERO),
        )

    def rising(self, k: int) -> Relation:
        """W_k >= middle · Q_k on a cell of constant density."""
        return Relation(
            ("C3 rising", self.agent, k), {self.name("Q", k): self.line.middle(k), self.name("W", k): -ONE}, ZERO
        )

    def tangent(self, kind: str, k: int, part: Fraction) -> Relation:
        """The tangent of W ("W") or P ("P") at the split a + part · h."""
        a, b = self.line.cell(k)
        split = a + part * (b - a)
        value = kind == "W"
        constants = self.line.value_tangent(k, split) if value else self.line.virtual_tangent(k, split)
        family = "C3" if self.line.uniform[k] else "C4"
        return Relation((family, self.agent, k, kind, part), self._tangent_terms(kind, k, constants), ZERO)

    def _tangent_terms(self, kind: str, k: int, constants: Tangent) -> Terms:
        return {
            self.name(kind, k): ONE,
            self.name("Q", k): -constants.level,
            self.name("e", k + 1): -constants.above,
            self.name("e", k): constants.below,
        }

    def kinds(self, k: int) -> tuple[str, ...]:
        return ("W",) if self.line.uniform[k] else ("W", "P")

    def start(self, relaxation: Relaxation) -> None:
        """Put in the first tangents; those of virtual values take a search each (`Line.gain`), so only one a cell."""
        for k in range(self.line.size):
            for kind in self.kinds(k):
                relaxation.add(*(self.tangent(kind, k, t) for t in (START if kind == "W" else START[1:2])))

    def cuts(self, point: Mapping[Variable, float]) -> list[Relation]:
        """In each cell, the tangents at the step that has the cell's current average."""
        found = []
        for k in range(self.line.size):
            e, e_next = point[self.name("e", k)], point[self.name("e", k + 1)]
            f = float(self.line.mass[k][1])
            if f <= 0 or e_next - e < 1e-9:
                continue
            part = min(max((e_next - point[self.name("Q", k)] / f) / (e_next - e), 0.0), 1.0)
            found += [self.tangent(kind, k, Fraction(round(part * STEPS), STEPS)) for kind in self.kinds(k)]
        return found

    def value(self) -> Terms:
        """E[θ y]."""
        return {self.name("W", k): ONE for k in range(self.line.size)}

    def payment(self) -> Terms:
        """E[m] = Σ P_k − U_0, with P_k by the value identity where the density is constant."""
        terms: Terms = {self.rent: -ONE}
        for k in range(self.line.size):
            terms |= self.virtual(k)
        return terms

    def virtual(self, k: int) -> Terms:
        """E[φ y; C_k]."""
        if not self.line.uniform[k]:
            return {self.name("P", k): ONE}
        return {self.name("W", k): Fraction(2), self.name("Q", k): -self.line.rent_rate(k)}

    def amounts(self, j: int = 0) -> tuple[Variable, ...]:
        """The variables whose sum is E[y]."""
        return tuple(self.name("Q", k) for k in range(self.line.size))

    def masses(self) -> tuple[Fraction, ...]:
        """The cells' probabilities at their upper ends."""
        return tuple(high for _, high in self.line.mass)

    def participation(self) -> list[Relation]:
        """U >= 0 at every cell end, needed where y may be negative: U_0 + Σ_{j<k} Q_j/δ_j >= 0."""
        if self.low >= 0:
            return []
        rows, terms = [], {self.rent: -ONE}
        for k in range(self.line.size):
            rate = self.line.width(k) / self.line.mass[k][0]
            terms = {**terms, self.name("Q", k): -rate}
            rows.append(Relation(("utility", self.agent, k), dict(terms), ZERO))
        return rows

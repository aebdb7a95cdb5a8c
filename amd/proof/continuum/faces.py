"""One agent with several parameters: C5, the envelope theorem on boxes, and C2 between boxes.

Setting: the agent's utility is Σ_j θ_j y_j − m with y_j in [0, 1], its parameters are independent and have constant
densities on the cells of their lines, so that a box is a product of cells with a uniform law. Incentive compatibility
makes the indirect utility U convex with gradient y (Rochet 1987). For a box with sides [a_j, b_j] of width h_j and
probability f write u for the average of U over it, q_j of y_j, F_j⁻ and F_j⁺ for the averages of U over its two faces
orthogonal to axis j, E_j⁻ and E_j⁺ for those of y_j. A face belongs to both boxes beside it. All utilities are
measured from U_0, that of the lowest type.

*Faces* (C5). Integrate ∂U/∂θ_j = y_j along axis j and average over the others: h_j q_j = F_j⁺ − F_j⁻. By parts,
E[θ_j y_j] = (b_j F_j⁺ − a_j F_j⁻)/h_j − u. So the average payment on the box is Σ_j (b_j F_j⁺ − a_j F_j⁻)/h_j − (J +
1) u − U_0.

*Order.* h_j E_j⁻ <= F_j⁺ − F_j⁻ <= h_j E_j⁺, because y_j increases in θ_j.

*C3 along j.* For every t in [0, 1], u >= t F_j⁻ + (1 − t) F_j⁺ + E_j⁻ h_j t²/2 − E_j⁺ h_j (1 − t)²/2: on each line
along j, U(θ) >= U(start) + y(start) (θ_j − a_j) for the first part t of the side and U(θ) >= U(end) − y(end) (b_j −
θ_j) for the rest, by convexity; integrate, and average over the other parameters. And u <= (F_j⁻ + F_j⁺)/2 by
convexity.

*C2.* u_k >= u_l + Σ_j q_j(l) (x_kj − x_lj) for boxes of equal sides with middles x: the type θ + x_k − x_l in k could
report θ in l; average over θ in l. Condition: the same sides and a uniform law in both (tests show it fails without).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product

import numpy as np

from amd.proof.continuum.cells import Line
from amd.proof.continuum.relations import NoBoundError, Relation, Relaxation, Terms, Variable

Box = tuple[int, ...]
ZERO, ONE, HALF = Fraction(0), Fraction(1), Fraction(1, 2)
START = (ZERO, HALF, ONE)
STEPS = 32
MOST_PAIRS = 4_000  # relations C2 added in one round, the most violated first


class Faces:
    """The variables and relations of agent (or group average) `agent` whose J parameters are cut by `lines`."""

    def __init__(self, agent: int, lines: Sequence[Line], caps: Sequence[Fraction]) -> None:
        self.agent, self.lines, self.caps = agent, tuple(lines), tuple(caps)
        if not all(all(line.uniform) for line in lines):
            raise NoBoundError(
                "several parameters are bounded only where each has a piecewise constant density (C5); "
                "for other densities no relation of second order is known here"
            )

    @property
    def rent(self) -> Variable:
        return ("U", self.agent)

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        return tuple(product(*(range(line.size) for line in self.lines)))

    @property
    def axes(self) -> range:
        return range(len(self.lines))

    def mass(self, k: Box) -> Fraction:
        """The probability of box k."""
        result = ONE
        for line, index in zip(self.lines, k, strict=True):
            result *= line.mass[index][0]
        return result

    def amount(self, j: int, k: Box) -> Variable:
        """E[y_j; box k]."""
        return ("Q", self.agent, j, k)

    def average(self, k: Box) -> Variable:
        return ("u", self.agent, k)

    def faces(self, kind: str, j: int, k: Box) -> tuple[Variable, Variable]:
        """The lower and the upper face of box k along j, of U ("F") or of y_j ("E")."""
        upper = (*k[:j], k[j] + 1, *k[j + 1 :])
        return (kind, self.agent, j, k), (kind, self.agent, j, upper)

    def declare(self, relaxation: Relaxation) -> None:
        relaxation.variable(self.rent, ZERO, None)
        spans = [line.edges[-1] - line.edges[0] for line in self.lines]
        reach = sum((span * cap for span, cap in zip(spans, self.caps, strict=True)), ZERO)
        for k in self.boxes:
            relaxation.variable(self.average(k), ZERO, reach)
            for j in self.axes:
                relaxation.variable(self.amount(j, k), ZERO, self.caps[j] * self.mass(k))
                for face in self.faces("F", j, k):
                    relaxation.variable(face, ZERO, reach)
                for face in self.faces("E", j, k):
                    relaxation.variable(face, ZERO, self.caps[j])
                relaxation.add(*self.order(j, k), self.rising(j, k), self.slope(j, k))

    def slope(self, j: int, k: Box) -> Relation:
        """h_j Q_j = f (F_j⁺ − F_j⁻)."""
        low, high = self.faces("F", j, k)
        rate = self.mass(k) / self.lines[j].width(k[j])
        return Relation(("C5", self.agent, j, k), {high: rate, low: -rate, self.amount(j, k): -ONE}, ZERO, equal=True)

    def order(self, j: int, k: Box) -> tuple[Relation, Relation]:
        h = self.lines[j].width(k[j])
        low, high = self.faces("F", j, k)
        start, end = self.faces("E", j, k)
        return (
            Relation(("C5 order", self.agent, j, k, "start"), {start: h, high: -ONE, low: ONE}, ZERO),
            Relation(("C5 order", self.agent, j, k, "end"), {end: -h, high: ONE, low: -ONE}, ZERO),
        )

    def rising(self, j: int, k: Box) -> Relation:
        low, high = self.faces("F", j, k)
        return Relation(("C3 rising", self.agent, j, k), {self.average(k): ONE, low: -HALF, high: -HALF}, ZERO)

    def tangent(self, j: int, k: Box, t: Fraction) -> Relation:
        """C3 along j, split after the part t of the side."""
        h = self.lines[j].width(k[j])
        low, high = self.faces("F", j, k)
        start, end = self.faces("E", j, k)
        terms = {low: t, high: 1 - t, start: h * t * t / 2, end: -h * (1 - t) ** 2 / 2, self.average(k): -ONE}
        return Relation(("C3", self.agent, j, k, t), terms, ZERO)

    def same_offset(self, k: Box, source: Box) -> Relation:
        """C2: box k could report like box `source`."""
        terms: Terms = {self.average(source): ONE, self.average(k): -ONE}
        for j in self.axes:
            move = self.lines[j].middle(k[j]) - self.lines[j].middle(source[j])
            rate = move / self.lines[j].width(source[j])
            if rate:
                low, high = self.faces("F", j, source)
                terms |= {high: rate, low: -rate}
        return Relation(("C2", self.agent, k, source), terms, ZERO)

    def alike(self, k: Box, source: Box) -> bool:
        """Whether the two boxes have the same sides."""
        pairs = zip(self.lines, k, source, strict=True)
        return all(line.width(a) == line.width(b) for line, a, b in pairs)

    def neighbours(self) -> Iterator[tuple[Box, Box]]:
        for k in self.boxes:
            for step in product((-1, 0, 1), repeat=len(self.lines)):
                source = tuple(a + b for a, b in zip(k, step, strict=True))
                inside = all(0 <= a < line.size for a, line in zip(source, self.lines, strict=True))
                if any(step) and inside and self.alike(k, source):
                    yield k, source

    def start(self, relaxation: Relaxation) -> None:
        relaxation.add(*(self.tangent(j, k, t) for k in self.boxes for j in self.axes for t in START))
        relaxation.add(*(self.same_offset(k, source) for k, source in self.neighbours()))

    def cuts(self, point: Mapping[Variable, float]) -> list[Relation]:
        """The tangents at the steps that have the boxes' current averages, and violated C2 between any two boxes."""
        return [*self._tangents(point), *self._pairs(point)]

    def _tangents(self, point: Mapping[Variable, float]) -> Iterator[Relation]:
        for k in self.boxes:
            for j in self.axes:
                start, end = (point[face] for face in self.faces("E", j, k))
                if end - start > 1e-9:
                    low, high = (point[face] for face in self.faces("F", j, k))
                    part = (end - (high - low) / float(self.lines[j].width(k[j]))) / (end - start)
                    yield self.tangent(j, k, Fraction(round(min(max(part, 0.0), 1.0) * STEPS), STEPS))

    def _pairs(self, point: Mapping[Variable, float]) -> Iterator[Relation]:
        middles = np.array([[float(line.middle(i)) for line, i in zip(self.lines, k, strict=True)] for k in self.boxes])
        average = np.array([point[self.average(k)] for k in self.boxes])
        mass = np.array([float(self.mass(k)) for k in self.boxes])
        slopes = np.array([[point[self.amount(j, k)] for j in self.axes] for k in self.boxes]) / mass[:, None]
        gain = (
            average + ((middles[:, None, :] - middles[None, :, :]) * slopes[None, :, :]).sum(axis=2) - average[:, None]
        )
        for flat in np.argsort(-gain, axis=None)[:MOST_PAIRS]:
            k, source = divmod(int(flat), len(self.boxes))
            if gain[k, source] <= 1e-9:
                return
            if self.alike(self.boxes[k], self.boxes[source]):
                yield self.same_offset(self.boxes[k], self.boxes[source])

    def payment(self) -> Terms:
        """E[m]."""
        terms: Terms = {self.rent: -ONE}
        for k in self.boxes:
            self._add(terms, self.value_in(k), ONE)
            self._add(terms, {self.average(k): self.mass(k)}, -ONE)
        return terms

    def value(self) -> Terms:
        """E[Σ_j θ_j y_j]."""
        terms: Terms = {}
        for k in self.boxes:
            self._add(terms, self.value_in(k), ONE)
        return terms

    def value_in(self, k: Box) -> Terms:
        """f Σ_j ((b_j F_j⁺ − a_j F_j⁻)/h_j − u) on box k."""
        f = self.mass(k)
        terms: Terms = {self.average(k): -f * len(self.lines)}
        for j, line in enumerate(self.lines):
            a, b = line.cell(k[j])
            low, high = self.faces("F", j, k)
            terms |= {high: f * b / (b - a), low: -f * a / (b - a)}
        return terms

    @staticmethod
    def _add(terms: Terms, more: Mapping[Variable, Fraction], times: Fraction) -> None:
        for variable, value in more.items():
            terms[variable] = terms.get(variable, ZERO) + times * value

    def amounts(self, j: int) -> tuple[Variable, ...]:
        return tuple(self.amount(j, k) for k in self.boxes)

    def masses(self) -> tuple[Fraction, ...]:
        return tuple(self.mass(k) for k in self.boxes)

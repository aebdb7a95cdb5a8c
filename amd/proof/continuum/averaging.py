"""Relations between the cells of one agent when its allocation is known: C0, C2 and C3 by hand.

The setting of an impossibility: the allocation is prescribed (efficient, say), so each cell's average allocation q_k
and value w_k are known numbers, and only the average payments m_k are free, u_k = w_k − m_k. x_k is the cell's mean,
f_k its probability.

*C0 Independent averaging* (any density). w_k − m_k >= x_k q_l − m_l. The type θ in cell k could draw a type of cell l
and report that: it would get on average θ q_l − m_l. Average over θ in cell k.

*C2 Same offset.* u_k >= u_l + q_l (x_k − x_l). Types at the same place of their cells: θ could report θ + x_l − x_k
and then gains (x_k − x_l) y over what that type has; average. Condition: equal widths and constant densities, so that
the shift carries one conditional law to the other. No slack is lost, so C2 implies C0 there: w_l − x_l q_l >= 0 by
Chebyshev.

*C3.* With U_k the utility at the cell's lower end and U_{k+1} = U_k + h q_k, for t in [0, 1]
u_k >= t U_k + (1 − t) U_{k+1} + q_{k−1} h t²/2 − q_{k+1} h (1 − t)²/2 (see `envelope`), q = 0 and 1 beyond the ends.

*Value identity* (constant density). u_k = (b U_{k+1} − a U_k)/h − w_k, by parts: with w_k known this fixes u_k.

*Participation.* u_k >= 0 in each cell, U_0 >= 0: everybody's utility is at least 0, hence its average.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from amd.proof.continuum.relations import Relation, Relaxation, Terms, Variable

ZERO, ONE, HALF = Fraction(0), Fraction(1), Fraction(1, 2)


@dataclass(frozen=True)
class Known:
    """One agent whose allocation is prescribed, (N,) each: cells' ends (N + 1), probability, average allocation and
    value."""

    name: str
    edges: tuple[Fraction, ...]
    mass: tuple[Fraction, ...]
    mean: tuple[Fraction, ...]
    allocation: tuple[Fraction, ...]
    value: tuple[Fraction, ...]

    @property
    def size(self) -> int:
        return len(self.mass)

    def payment(self, k: int) -> Variable:
        return ("m", self.name, k)

    @property
    def rent(self) -> Variable:
        return ("U", self.name)

    def end(self, k: int) -> Fraction:
        """U at edge k less U_0."""
        widths = (self.edges[j + 1] - self.edges[j] for j in range(k))
        return sum((h * q for h, q in zip(widths, self.allocation, strict=False)), ZERO)


def independent(agent: Known, k: int, source: int) -> Relation:
    """C0: types of cell k could report like cell `source`."""
    terms: Terms = {agent.payment(k): ONE, agent.payment(source): -ONE}
    bound = agent.value[k] - agent.mean[k] * agent.allocation[source]
    return Relation(("C0", agent.name, k, source), terms, bound)


def same_offset(agent: Known, k: int, source: int) -> Relation:
    """C2: types of cell k could report the type at the same place of cell `source`. Its condition is the caller's."""
    terms: Terms = {agent.payment(k): ONE, agent.payment(source): -ONE}
    moved = agent.allocation[source] * (agent.mean[k] - agent.mean[source])
    return Relation(("C2", agent.name, k, source), terms, agent.value[k] - agent.value[source] - moved)


def envelope(agent: Known, k: int, t: Fraction) -> Relation:
    """C3 on cell k, split after the part t."""
    h = agent.edges[k + 1] - agent.edges[k]
    before = agent.allocation[k - 1] if k else ZERO
    after = agent.allocation[k + 1] if k + 1 < agent.size else ONE
    least = t * agent.end(k) + (1 - t) * agent.end(k + 1) + before * h * t**2 / 2 - after * h * (1 - t) ** 2 / 2
    return Relation(("C3", agent.name, k, t), {agent.payment(k): ONE, agent.rent: ONE}, agent.value[k] - least)


def identity(agent: Known, k: int) -> Relation:
    """The value identity on cell k: m_k = 2 w_k − (b U_{k+1} − a U_k)/h, in which U_0 appears as −U_0."""
    a, b = agent.edges[k], agent.edges[k + 1]
    fixed = 2 * agent.value[k] - (b * agent.end(k + 1) - a * agent.end(k)) / (b - a)
    return Relation(("identity", agent.name, k), {agent.payment(k): ONE, agent.rent: ONE}, fixed, equal=True)


def takes_part(agent: Known, k: int) -> Relation:
    """Participation of cell k: m_k <= w_k."""
    return Relation(("participation", agent.name, k), {agent.payment(k): ONE}, agent.value[k])


def relations(agent: Known, family: str, splits: Sequence[Fraction] = (HALF,)) -> Iterable[Relation]:
    """All relations of one family ("C0", "C2", "C3" or "identity"), with participation for those that need it."""
    cells = range(agent.size)
    pairs = [(k, source) for k in cells for source in cells if k != source]
    if family == "C0":
        return [independent(agent, k, s) for k, s in pairs] + [takes_part(agent, k) for k in cells]
    if family == "C2":
        return [same_offset(agent, k, s) for k, s in pairs] + [takes_part(agent, k) for k in cells]
    if family == "C3":
        return [envelope(agent, k, t) for k in cells for t in splits]
    return [identity(agent, k) for k in cells]


def most_collected(agents: Sequence[Known], family: str) -> Relaxation:
    """The relaxation whose optimum bounds the sum of expected payments."""
    relaxation = Relaxation()
    for agent in agents:
        relaxation.variable(agent.rent, ZERO, None)
        for k in range(agent.size):
            relaxation.variable(agent.payment(k), None, None)
            relaxation.want({agent.payment(k): agent.mass[k]})
        relaxation.add(*relations(agent, family))
    return relaxation

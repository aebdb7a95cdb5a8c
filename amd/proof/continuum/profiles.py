"""Any decision, agents with at most one parameter each: the relaxation on product cells, C1 included.

Columns are integrals over product cells p (one cell an agent): M_px = E[x; p] for each allocation column x, and w_ip
= E[θ_i y_i; p] with y_i = Σ_x β_ix x − τ_i the agent's marginal worth of the allocation (β its slopes, τ that of its
outside option). Summed over the cells of the others they are the Q and W of the agent's envelope (C3, C4). Levels of
value and outside options move payments one for one: with m the payment, m − Σ_x α_ix x + o_i is the payment of the
agent whose utility is θ y net of its outside option. An agent whose slopes are all negative (a seller) is mirrored:
−θ is its type. An agent without private information has a type in [0, 1] that nothing depends on.

*Feasible.* Linear limits on the allocation hold for integrals: Σ_x A_rx M_px <= upper_r f_p; with f_p in an enclosure,
at the end where upper_r f_p is greatest (for the other side of an equation, least).

*C1.* For any numbers t, Σ_i w_ip + Σ_i τ_i E[θ_i; p] <= Σ_x t_x M_px + E[max_x (Σ_i β_ix θ_i − t_x); p], when the x
are alternatives with Σ_x x = 1: the difference of the left side and Σ t_x M is E[Σ_x (g_x − t_x) x], an average of
g_x − t_x under weights that sum to 1. Condition: the weights sum to 1 (where a row of the allocation is only <= 1,
the null alternative with g = 0 is among those of the maximum).

*Efficient.* The allocation is known almost everywhere, hence so are M_px and w_ip. Where two alternatives tie on a
whole cell the statement is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from amd.model.design import Participation
from amd.proof.continuum.cells import Line, line
from amd.proof.continuum.envelope import Envelope
from amd.proof.continuum.laws import good_edges, moved, uniform_law
from amd.proof.continuum.polytope import Affine, best_shares, integral_of_max
from amd.proof.continuum.relations import NoBoundError, Relation, Relaxation, Terms, Variable
from amd.proof.continuum.setting import ContinuousAgent, Need, Setting
from amd.proof.wish import Row, Wish

ZERO, ONE = Fraction(0), Fraction(1)
Profile = tuple[int, ...]
MOST_PROFILES = 20_000
SAMPLES = 24  # points a side at which the split of C1 is estimated
STEPS = 128


@dataclass(frozen=True, eq=False)
class Party:
    """One agent in its own orientation: type ``sign · θ``, marginal worth ``slopes`` (C,) of the columns, net of
    `tilt`."""

    agent: ContinuousAgent
    position: int
    cut: Line
    slopes: Row
    tilt: Fraction
    low: Fraction
    high: Fraction

    @property
    def size(self) -> int:
        return self.cut.size


def alternatives(setting: Setting) -> bool:
    """Whether the columns are alternatives one of which happens, or at most one."""
    bounds = setting.column_bounds
    return len(bounds) == 1 and bounds[0][1] == 1 and all(x == 1 for x in bounds[0][0])


def party(setting: Setting, position: int, cells: int) -> Party:
    """Orient an agent and cut its law."""
    agent = setting.agents[position]
    if agent.dimension > 1:
        raise NoBoundError(f"agent {agent.name} has several parameters that act together; no relation is known here")
    if agent.dimension == 0:
        zero = tuple(ZERO for _ in agent.levels)
        return Party(agent, position, line(uniform_law(), (ZERO, ONE)), zero, ZERO, ZERO, ZERO)
    raw, tilt = agent.slopes[0], agent.outside[1]
    sign = -ONE if max(x - tilt for x in raw) <= 0 and max(raw) <= 0 else ONE
    slopes = tuple(sign * x for x in raw)
    low, high = _range(setting, slopes)
    law = moved(agent.laws[0], sign)
    return Party(
        agent, position, line(law, good_edges(law, cells)), slopes, sign * tilt, low - sign * tilt, high - sign * tilt
    )


def _range(setting: Setting, slopes: Row) -> tuple[Fraction, Fraction]:
    """Numbers that the marginal worth Σ β_x x lies between."""
    low, high = min(slopes), max(slopes)
    if alternatives(setting):
        forced = setting.column_bounds[0][2]
        return (low, high) if forced else (min(low, ZERO), max(high, ZERO))
    caps = [Fraction(int(cap)) for cap in setting.allocation.cap]
    parts = [(slope * cap, ZERO) for slope, cap in zip(slopes, caps, strict=True)]
    return sum((min(p) for p in parts), ZERO), sum((max(p) for p in parts), ZERO)


class ProfileModel:
    """The relaxation for `setting` with `cells` cells an agent."""

    def __init__(self, setting: Setting, cells: int) -> None:
        self.setting = setting
        self.parties = tuple(party(setting, i, cells) for i in range(len(setting.agents)))
        count = prod(p.size for p in self.parties)
        if count > MOST_PROFILES:
            raise NoBoundError(f"{count:,} product cells are too many; ask for fewer cells")
        self.envelopes = tuple(Envelope(i, p.cut, p.low, p.high) for i, p in enumerate(self.parties))
        self.exact = all(all(p.cut.uniform) for p in self.parties)
        self.relaxation = self._build()

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        return tuple(product(*(range(p.size) for p in self.parties)))

    def mass(self, p: Profile) -> tuple[Fraction, Fraction]:
        """Enclosure of the probability of a product cell."""
        pairs = [q.cut.mass[k] for q, k in zip(self.parties, p, strict=True)]
        return prod((low for low, _ in pairs), start=ONE), prod((high for _, high in pairs), start=ONE)

    def _build(self) -> Relaxation:
        relaxation = Relaxation()
        for envelope in self.envelopes:
            envelope.declare(relaxation)
            envelope.start(relaxation)
        for p in self.profiles:
            self._declare(relaxation, p)
        for i, envelope in enumerate(self.envelopes):
            relaxation.add(*self._sums(i, envelope), *envelope.participation())
            self._take_part(relaxation, i)
        terms, constant = self.terms(self.setting.wish)
        relaxation.want(terms)
        relaxation.constant += constant
        for position, need in enumerate(self.setting.needs):
            relaxation.add(*(self._need(position, need, side) for side in ((1, -1) if need.equal else (1,))))
        if self.setting.efficient:
            relaxation.add(*self._efficient())
        return relaxation

    def _declare(self, relaxation: Relaxation, p: Profile) -> None:
        low, high = self.mass(p)
        for x, cap in enumerate(self.setting.allocation.cap):
            relaxation.variable(("M", p, x), ZERO, int(cap) * high)
        for r, (row, upper, equal) in enumerate(self.setting.column_bounds):
            terms = {("M", p, x): value for x, value in enumerate(row) if value}
            for side in (1, -1) if equal else (1,):
                bound = max(side * upper * low, side * upper * high)
                relaxation.add(Relation(("feasible", r, p, side), {v: side * x for v, x in terms.items()}, bound))
        if self.exact:
            for i, q in enumerate(self.parties):
                corners = [x * y * high for x in q.cut.cell(p[i]) for y in (q.low, q.high)]
                relaxation.variable(("w", i, p), min(*corners, ZERO), max(*corners, ZERO))

    def _sums(self, i: int, envelope: Envelope) -> Iterator[Relation]:
        """Q_ik and W_ik are sums over the cells of the others."""
        q = self.parties[i]
        for k in range(q.size):
            here = [p for p in self.profiles if p[i] == k]
            terms: Terms = {("M", p, x): -slope for p in here for x, slope in enumerate(q.slopes) if slope}
            fixed = -q.tilt * envelope.line.mass[k][0]
            yield Relation(("sum Q", i, k), {envelope.name("Q", k): ONE, **terms}, fixed, equal=True)
            if self.exact:
                values = {("w", i, p): -ONE for p in here}
                yield Relation(("sum W", i, k), {envelope.name("W", k): ONE, **values}, ZERO, equal=True)

    def _take_part(self, relaxation: Relaxation, i: int) -> None:
        stage = self.parties[i].agent.participation
        if stage in (Participation.INTERIM, Participation.EX_POST):
            return
        relaxation.ranges[("U", i)] = (None, None)
        relaxation.relations = [r for r in relaxation.relations if r.name[:2] != ("utility", i)]
        if stage is Participation.EX_ANTE:
            gain, constant = self._net(i, ONE, -ONE)
            relaxation.add(Relation(("on average", i), {v: -x for v, x in gain.items()}, constant))

    def _net(self, i: int, value: Fraction, payment: Fraction) -> tuple[Terms, Fraction]:
        """value · E[θ y] + payment · E[net payment] of agent i, net of its outside option."""
        envelope = self.envelopes[i]
        terms: Terms = {}
        for source, weight in ((envelope.value(), value), (envelope.payment(), payment)):
            for variable, x in source.items():
                terms[variable] = terms.get(variable, ZERO) + weight * x
        return terms, ZERO

    def terms(self, wish: Wish) -> tuple[Terms, Fraction]:
        """A wish in the relaxation's columns, and its constant."""
        total: Terms = {}
        constant = wish.constant
        per_column = list(wish.column)
        for i, q in enumerate(self.parties):
            net, _ = self._net(i, wish.value[i], wish.payment[i])
            for variable, amount in net.items():
                total[variable] = total.get(variable, ZERO) + amount
            constant -= wish.payment[i] * q.agent.outside[0]
            constant += wish.value[i] * q.tilt * self._mean(q)
            for x, level in enumerate(q.agent.levels):
                per_column[x] += (wish.value[i] + wish.payment[i]) * level
        for p in self.profiles:
            for x, weight in enumerate(per_column):
                if weight:
                    total["M", p, x] = total.get(("M", p, x), ZERO) + weight
        return {variable: amount for variable, amount in total.items() if amount}, constant

    def _mean(self, q: Party) -> Fraction:
        """E[type], needed only with a tilt (which asks for exact laws)."""
        return q.cut.law.moment(q.cut.edges[0], q.cut.edges[-1])[0] if q.tilt else ZERO

    def _need(self, position: int, need: Need, side: int) -> Relation:
        terms, constant = self.terms(need.wish)
        return Relation(("need", position, side), {v: -side * x for v, x in terms.items()}, side * constant)

    def sides(self, p: Profile) -> tuple[tuple[Fraction, Fraction], ...]:
        return tuple(q.cut.cell(k) for q, k in zip(self.parties, p, strict=True))

    def density(self, p: Profile) -> Fraction:
        """Probability per unit of volume on a product cell."""
        volume = prod((b - a for a, b in self.sides(p)), start=ONE)
        return self.mass(p)[1] / volume

    def gross(self, x: int) -> Row:
        """The slopes of the total worth of column x in the types."""
        return tuple(q.slopes[x] for q in self.parties)

    def ceiling(self, p: Profile, split: Mapping[int, Fraction]) -> Relation:
        """C1 on product cell p with the numbers t_x = split[x]."""
        functions: list[Affine] = [(-split[x], self.gross(x)) for x in range(self.setting.columns)]
        if not self.setting.column_bounds[0][2]:
            functions.append((ZERO, tuple(ZERO for _ in self.gross(0))))
        peak = self.density(p) * integral_of_max(self.sides(p), functions)
        terms: Terms = {("w", i, p): ONE for i in range(len(self.parties))}
        terms |= {("M", p, x): -t for x, t in split.items() if t}
        tilted = sum((q.tilt * q.cut.middle(p[i]) for i, q in enumerate(self.parties)), ZERO)
        return Relation(("C1", p, tuple(split.values())), terms, peak - tilted * self.mass(p)[1])

    def cuts(self, point: Mapping[Variable, float]) -> list[Relation]:
        found = [cut for envelope in self.envelopes for cut in envelope.cuts(point)]
        return found + list(self._ceilings(point))

    def _ceilings(self, point: Mapping[Variable, float]) -> Iterator[Relation]:
        """C1 where it can bind: two distinct columns, split at the quantile that has the current probability."""
        if not (self.exact and alternatives(self.setting)):
            return
        rows = [self.gross(x) for x in range(self.setting.columns)]
        base = (ZERO,) * len(rows[0]) if not self.setting.column_bounds[0][2] else rows[0]
        kinds = dict.fromkeys([base, *rows])
        if len(kinds) != 2:
            return
        other = next(row for row in kinds if row != base)
        slope = tuple(b - a for a, b in zip(base, other, strict=True))
        mine = [x for x, row in enumerate(rows) if row == other]
        for p in self.profiles:
            share = sum(point["M", p, x] for x in mine) / float(self.mass(p)[1])
            t = _quantile(self.sides(p), slope, share)
            yield self.ceiling(p, {x: t if x in mine else ZERO for x in range(self.setting.columns)})

    def _efficient(self) -> Iterator[Relation]:
        """The allocation and the values of the efficient rule in every product cell."""
        if not (self.exact and alternatives(self.setting)):
            raise NoBoundError("efficient rules are handled for alternatives and piecewise constant densities only")
        functions = self._totals()
        if len(set(functions)) < len(functions):
            raise NoBoundError(
                "two alternatives have the same total value: what an efficient rule does is not determined"
            )
        for p in self.profiles:
            shares = best_shares(self.sides(p), functions)
            density = self.density(p)
            for x in range(self.setting.columns):
                yield Relation(("efficient", p, x), {("M", p, x): ONE}, density * shares[x][0], equal=True)
            for i, q in enumerate(self.parties):
                worth = sum((shares[x][1 + i] * slope for x, slope in enumerate(q.slopes)), ZERO)
                fixed = density * worth - q.tilt * q.cut.middle(p[i]) * self.mass(p)[1]
                yield Relation(("efficient value", p, i), {("w", i, p): ONE}, fixed, equal=True)

    def efficient_value(self, setting: Setting) -> Fraction:
        """The wish of `setting` at the efficient allocation with U_0 = 0, exactly. NoBoundError where it breaks a
        need."""
        known = {variable: r.bound for r in self._efficient() for variable in r.terms}
        for i, q in enumerate(self.parties):
            known["U", i] = ZERO
            for k in range(q.size):
                here = [p for p in self.profiles if p[i] == k]
                worth = sum((s * known["M", p, x] for p in here for x, s in enumerate(q.slopes)), ZERO)
                known["Q", i, k] = worth - q.tilt * self.mass_of(i, k)
                known["W", i, k] = sum((known["w", i, p] for p in here), ZERO)
        for i, q in enumerate(self.parties):
            known["U", i] = self._rent(i, q, known)
        for need in setting.needs:
            if not need.met(_evaluated(*self.terms(need.wish), known)):
                raise NoBoundError(f"the efficient rule with the highest payments does not meet '{need.text}'")
        return _evaluated(*self.terms(setting.wish), known)

    def _rent(self, i: int, q: Party, known: Mapping[Variable, Fraction]) -> Fraction:
        """A U_0 that makes every type's net utility at least 0, where that may fall along the type.

        On cell k, U(θ) >= U(a) + s (θ − a) and U(θ) >= U(b) − s' (b − θ), with s and s' the average slopes of the
        cells before and after (convexity; the extreme slopes beyond the ends). The greater of the two lines is lowest
        at an end or where they cross.
        """
        if q.low >= 0:
            return ZERO
        slopes = [known["Q", i, k] / self.mass_of(i, k) for k in range(q.size)]
        least = utility = ZERO
        for k, slope in enumerate(slopes):
            h = q.cut.width(k)
            before = slopes[k - 1] if k else q.low
            after = slopes[k + 1] if k + 1 < q.size else q.high
            end = utility + h * slope
            if before < 0 < after:
                crossing = (end - utility - after * h) / (before - after)
                least = min(least, utility + before * min(max(crossing, ZERO), h))
            utility = end
            least = min(least, utility)
        return -least

    def mass_of(self, i: int, k: int) -> Fraction:
        """The probability of cell k of agent i, where it is exact."""
        return self.parties[i].cut.mass[k][0]

    def _totals(self) -> tuple[Affine, ...]:
        """The total value less cost of each alternative."""
        costs = self.setting.allocation.cost
        found: list[Affine] = []
        for x in range(self.setting.columns):
            level = sum((q.agent.levels[x] for q in self.parties), ZERO) - costs[x]
            found.append((level, self.gross(x)))
        if not self.setting.column_bounds[0][2]:
            found.append((ZERO, tuple(ZERO for _ in self.gross(0))))
        return tuple(found)


def _evaluated(terms: Terms, constant: Fraction, point: Mapping[Variable, Fraction]) -> Fraction:
    return sum((x * point[variable] for variable, x in terms.items()), constant)


def _quantile(sides: tuple[tuple[Fraction, Fraction], ...], slope: Row, share: float) -> Fraction:
    """About the number that slope · θ exceeds on the part `share` of the box, on a grid of its range."""
    axes = [float(a) + (np.arange(SAMPLES) + 0.5) / SAMPLES * float(b - a) for a, b in sides]
    value = sum(float(s) * axis for s, axis in zip(slope, np.meshgrid(*axes, indexing="ij"), strict=True))
    low = sum((min(s * a, s * b) for s, (a, b) in zip(slope, sides, strict=True)), ZERO)
    high = sum((max(s * a, s * b) for s, (a, b) in zip(slope, sides, strict=True)), ZERO)
    inside = 1e-7 < share < 1 - 1e-7
    guess = float(np.quantile(value, 1 - share)) if inside else float(low if share > 0.5 else high)
    step = (high - low) / STEPS
    return low + step * round((guess - float(low)) / float(step)) if step else low


def uses_ceilings(setting: Setting) -> bool:
    """Whether C1 will be used: constant densities, and alternatives of two kinds (the null one included)."""
    laws = [law for agent in setting.agents for law in agent.laws]
    plain = all(all(line(law, law.support).uniform) for law in laws)
    rows = {tuple(slope[x] for agent in setting.agents for slope in agent.slopes) for x in range(setting.columns)}
    if alternatives(setting) and not setting.column_bounds[0][2]:
        rows.add(tuple(ZERO for agent in setting.agents for _ in agent.slopes))
    return plain and alternatives(setting) and len(rows) == 2

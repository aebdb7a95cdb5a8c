"""Goods sold by the unit: the relaxation in reduced form, and selling each good by itself.

Applies where every good comes in one unit, values are additive, and each parameter of an agent is what one good is
worth to it (after an affine change of the parameter: *the type is the value*). The columns of the relaxation are
interim: integrals over cells of each agent's own type, coupled by Border's inequality for each good. Copies of a
group that the wish treats alike share their columns, which then stand for the average over the copies: every relation
is linear, so it holds for averages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from amd.model.design import Participation
from amd.model.types import Law
from amd.proof.continuum.border import Claimant, border, separate
from amd.proof.continuum.cells import line
from amd.proof.continuum.envelope import Envelope
from amd.proof.continuum.faces import Faces
from amd.proof.continuum.laws import good_edges, moved
from amd.proof.continuum.relations import NoBoundError, Relation, Relaxation, Terms, Variable
from amd.proof.continuum.setting import ContinuousAgent, Need, Setting
from amd.proof.continuum.step import Bidder, StepAuction, step_auction
from amd.proof.wish import Wish

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, eq=False)
class Buyer:
    """A group of `count` like agents: which goods it can use, and the law of its value for each."""

    names: tuple[str, ...]
    position: int  # of the first copy in the setting
    goods: tuple[int, ...]
    laws: tuple[Law, ...]
    outside: Fraction

    @property
    def count(self) -> int:
        return len(self.names)


def applies(setting: Setting) -> bool:
    """Whether the reduced form is faithful: single units, each parameter the value of one good, no `efficient`."""
    return setting.sells_single_units and not setting.efficient and all(_matched(agent) for agent in setting.agents)


def _matched(agent: ContinuousAgent) -> bool:
    """Each parameter raises the worth of one good, no good has two parameters, and none is worth a constant alone."""
    users = [[x for x, slope in enumerate(row) if slope] for row in agent.slopes]
    single = all(len(found) == 1 and row[found[0]] > 0 for found, row in zip(users, agent.slopes, strict=True))
    used = [found[0] for found in users if found]
    plain = all(level == 0 or x in used for x, level in enumerate(agent.levels))
    flat = not any(agent.outside[1:])
    return bool(users) and single and plain and flat and len(set(used)) == len(used)


def buyers(setting: Setting) -> tuple[Buyer, ...]:
    """The groups of agents, copies together where the wish and the needs treat them alike."""
    groups: dict[object, list[int]] = {}
    for i, agent in enumerate(setting.agents):
        if agent.dimension:
            groups.setdefault(_treatment(setting, i), []).append(i)
    return tuple(_buyer(setting, members) for members in groups.values())


def _treatment(setting: Setting, i: int) -> object:
    agent = setting.agents[i]
    wishes = [setting.wish, *(need.wish for need in setting.needs)]
    mine = [(w.payment[i], w.value[i], tuple(w.column[x] for x in _own(setting, i))) for w in wishes]
    return agent.group, agent.participation, tuple(mine)


def _own(setting: Setting, i: int) -> range:
    """The columns of agent i, one a good."""
    m = len(setting.allocation.goods)
    return range(i * m, (i + 1) * m)


def _buyer(setting: Setting, members: Sequence[int]) -> Buyer:
    first = setting.agents[members[0]]
    columns = [next(x for x, slope in enumerate(row) if slope) for row in first.slopes]
    laws = tuple(
        moved(law, row[x], first.levels[x]) for law, row, x in zip(first.laws, first.slopes, columns, strict=True)
    )
    names = tuple(setting.agents[i].name for i in members)
    return Buyer(names, members[0], tuple(setting.good_of(x) for x in columns), laws, first.outside[0])


class AuctionModel:
    """The relaxation for `setting` with `cells` cells a parameter."""

    def __init__(self, setting: Setting, cells: int) -> None:
        self.setting = setting
        self.buyers = buyers(setting)
        self.parts = tuple(self._part(i, buyer, cells) for i, buyer in enumerate(self.buyers))
        self.claims = {good: self._claimants(good) for good in range(len(setting.allocation.goods))}
        self.relaxation = self._build()

    def _part(self, i: int, buyer: Buyer, cells: int) -> Envelope | Faces:
        lines = [line(law, good_edges(law, cells)) for law in buyer.laws]
        return Envelope(i, lines[0]) if len(lines) == 1 else Faces(i, lines, [ONE] * len(lines))

    def _claimants(self, good: int) -> tuple[Claimant, ...]:
        found = []
        for i, (buyer, part) in enumerate(zip(self.buyers, self.parts, strict=True)):
            if good in buyer.goods:
                found.append(Claimant(i, buyer.count, part.amounts(buyer.goods.index(good)), part.masses()))
        return tuple(found)

    def _build(self) -> Relaxation:
        relaxation = Relaxation()
        for part in self.parts:
            part.declare(relaxation)
            part.start(relaxation)
        for buyer, part in zip(self.buyers, self.parts, strict=True):
            self._take_part(relaxation, buyer, part)
        for good, claimants in self.claims.items():
            relaxation.add(*_upper_sets(good, claimants))
        terms, constant = self.terms(self.setting.wish)
        relaxation.want(terms)
        relaxation.constant += constant
        relaxation.add(
            *(
                self._need(position, need, side)
                for position, need in enumerate(self.setting.needs)
                for side in ((1, -1) if need.equal else (1,))
            )
        )
        return relaxation

    def _take_part(self, relaxation: Relaxation, buyer: Buyer, part: Envelope | Faces) -> None:
        """The utility of the lowest type, or of all types on average, is at least the outside option."""
        stage = self.setting.agents[buyer.position].participation
        if stage in (Participation.INTERIM, Participation.EX_POST):
            relaxation.ranges[part.rent] = (buyer.outside, None)
            return
        relaxation.ranges[part.rent] = (None, None)
        if stage is Participation.EX_ANTE:
            terms = dict(part.payment())
            for variable, value in part.value().items():
                terms[variable] = terms.get(variable, ZERO) - value
            relaxation.add(Relation(("on average", part.agent), terms, -buyer.outside))

    def terms(self, wish: Wish) -> tuple[Terms, Fraction]:
        """A wish in the relaxation's columns."""
        terms: Terms = {}
        for buyer, part in zip(self.buyers, self.parts, strict=True):
            i = buyer.position
            own = _own(self.setting, i)
            sources = [(part.payment(), wish.payment[i]), (part.value(), wish.value[i])]
            sources += [
                (dict.fromkeys(part.amounts(j), ONE), wish.column[own[good]]) for j, good in enumerate(buyer.goods)
            ]
            for source, weight in sources:
                for variable, value in source.items():
                    terms[variable] = terms.get(variable, ZERO) + buyer.count * weight * value
        return {variable: value for variable, value in terms.items() if value}, wish.constant

    def _need(self, position: int, need: Need, side: int) -> Relation:
        terms, constant = self.terms(need.wish)
        return Relation(("need", position, side), {v: -side * x for v, x in terms.items()}, side * constant)

    def cuts(self, point: Mapping[Variable, float]) -> list[Relation]:
        found = [cut for part in self.parts for cut in part.cuts(point)]
        for good, claimants in self.claims.items():
            if sum(claimant.count for claimant in claimants) > 1:
                found += separate(good, claimants, point)
        return found


def _upper_sets(good: int, claimants: Sequence[Claimant]) -> list[Relation]:
    """Border for all types, and for the cells above each edge when there is one group with one parameter."""
    if len(claimants) != 1 or claimants[0].count == 1:
        return [border(good, claimants, [range(len(c.masses)) for c in claimants])] if claimants else []
    size = len(claimants[0].masses)
    return [border(good, claimants, [range(k, size)]) for k in range(size)]


def sell_separately(setting: Setting, cells: int) -> tuple[StepAuction, ...]:
    """Each good in its own optimal step auction; its agents' parameters for other goods are ignored.

    Exactly incentive compatible in all goods together: with additive values and independent auctions, each dominant
    strategy, truth in all is best. Raises NoBoundError where payments are unwanted or somebody may not stay away.
    """
    if setting.needs:
        raise NoBoundError("selling separately does not know of " + "; ".join(need.text for need in setting.needs))
    found = []
    for good in range(len(setting.allocation.goods)):
        bidders = [b for buyer in buyers(setting) for b in _bidders(setting, buyer, good, cells)]
        found.append(step_auction(bidders))
    return tuple(found)


def _bidders(setting: Setting, buyer: Buyer, good: int, cells: int) -> list[Bidder]:
    if good not in buyer.goods:
        return []
    i, wish = buyer.position, setting.wish
    law = buyer.laws[buyer.goods.index(good)]
    cut = line(law, good_edges(law, cells))
    unit = wish.column[_own(setting, i)[good]]
    return [Bidder(name, cut, wish.payment[i], wish.value[i], unit) for name in buyer.names]


def fixed_part(setting: Setting) -> Fraction:
    """The value of the wish when nothing is allocated: everybody gets its outside option."""
    paid = sum((w * -a.outside[0] for w, a in zip(setting.wish.payment, setting.agents, strict=True)), ZERO)
    return setting.wish.constant + paid

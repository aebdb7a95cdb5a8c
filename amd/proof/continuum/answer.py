"""Both sides of the bracket for a `Setting`: which model, how many cells, and what cannot be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from amd.model.design import Participation
from amd.proof.continuum import auction
from amd.proof.continuum.auction import AuctionModel, fixed_part, sell_separately
from amd.proof.continuum.cells import line
from amd.proof.continuum.faces import Faces
from amd.proof.continuum.menu import Menu, MenuWish, best_menu
from amd.proof.continuum.profiles import ProfileModel, uses_ceilings
from amd.proof.continuum.relations import NoBoundError, Proof, prove, solve
from amd.proof.continuum.rule import Mixture, RuleMaker
from amd.proof.continuum.setting import Setting
from amd.proof.continuum.step import StepAuction
from amd.proof.wish import Wish

ZERO, ONE = Fraction(0), Fraction(1)
LINE_CELLS, FACE_CELLS = 100, {2: 14, 3: 5}  # cells a parameter that take seconds
SHARED_CELLS = {2: 8}  # with several bidders
STEP_CELLS, SLOW_CELLS = 400, 40
ROUNDS, SLOW_ROUNDS = 40, 4  # rounds of cuts; each new tangent of a virtual value takes a search over its cell
PROFILE_CELLS = {1: 60, 2: 24, 3: 8}
CEILING_CELLS = {2: 8, 3: 4}  # where C1 applies: sharper on fewer cells, and slower
RULE_CELLS = {1: 400, 2: 64, 3: 16}

Mechanism = tuple[StepAuction, ...] | Mixture | Menu | None


@dataclass(frozen=True)
class Answer:
    """Bounds in the sense of maximisation, with their proof and mechanism."""

    lower: Fraction | None
    upper: Fraction | None
    cells: int
    relations: tuple[str, ...]
    reasons: tuple[str, ...]
    proof: Proof | None
    mechanism: Mechanism
    model: AuctionModel | ProfileModel | None


def continuum_bounds(setting: Setting, cells: int | None = None, mechanism_cells: int | None = None) -> Answer:
    """The bracket of a continuum problem."""
    reasons = [f"from above: {note}" for note in setting.weakened]
    cells = cells or default_cells(setting)
    model: AuctionModel | ProfileModel | None = None
    proof = None
    try:
        model = AuctionModel(setting, cells) if auction.applies(setting) else ProfileModel(setting, cells)
        proof = prove(model.relaxation, model.cuts, ROUNDS if _plain(setting) else SLOW_ROUNDS)
    except NoBoundError as refusal:
        reasons.append(f"from above: {refusal}")
    value, mechanism, used = None, None, ""
    try:
        value, mechanism, used = _from_below(setting, model, mechanism_cells)
    except NoBoundError as refusal:
        reasons.append(f"from below: {refusal}")
    relations = (*(proof.families if proof else ()), *((used,) if used else ()))
    upper = proof.value if proof else None
    return Answer(value, upper, cells, relations, tuple(reasons), proof, mechanism, model)


def default_cells(setting: Setting) -> int:
    """How many cells a parameter give a good bracket within seconds."""
    most = max(agent.dimension for agent in setting.agents)
    if not auction.applies(setting):
        informed = sum(agent.dimension > 0 for agent in setting.agents)
        ceilings = uses_ceilings(setting) or setting.efficient
        return (CEILING_CELLS if ceilings and informed > 1 else PROFILE_CELLS).get(informed, 2)
    if most == 1:
        return LINE_CELLS if _plain(setting) else SLOW_CELLS
    return (FACE_CELLS if len(setting.agents) == 1 else SHARED_CELLS).get(most, 3)


def _plain(setting: Setting) -> bool:
    """Whether every density is constant but for a few breaks, so that constants cost nothing."""
    laws = [law for agent in setting.agents for law in agent.laws]
    return all(all(line(law, law.support).uniform) for law in laws)


def _from_below(
    setting: Setting, model: AuctionModel | ProfileModel | None, cells: int | None
) -> tuple[Fraction, Mechanism, str]:
    """The value of a mechanism, the mechanism, and what kind it is."""
    if setting.unproven:
        raise NoBoundError("; ".join(setting.unproven))
    setting = prepared(setting)
    if setting.efficient:
        return _efficient_value(model, setting), None, "C6 efficient rule"
    if isinstance(model, AuctionModel):
        if isinstance(model.parts[0], Faces) and len(setting.agents) == 1 and not setting.needs:
            menu = _menu(model)
            return menu.value + fixed_part(setting), menu, "C6 menu"
        if not setting.needs:
            auctions = sell_separately(setting, cells or STEP_CELLS)
            value = sum((part.value for part in auctions), fixed_part(setting))
            return value, auctions, "C6 step" if len(auctions) == 1 else "C6 step, each good sold by itself"
    informed = sum(agent.dimension > 0 for agent in setting.agents)
    mixture = RuleMaker(setting, cells or RULE_CELLS.get(informed, 8)).best()
    return mixture.value, mixture, "C6 step"


def prepared(setting: Setting) -> Setting:
    """The same problem for step mechanisms, with what U_0 can do for free already done.

    1. A single need that wants money from an agent who may not stay away is met by charging that agent, if the wish
    does not speak of payments. 2. What exceeds a budget can be handed back under the same condition. 3. An agent who
    only takes part ex ante can be charged its expected surplus up front: E[m] = E[value] − outside, where payments
    are wanted.
    """
    if len(setting.needs) == 1 and not any(setting.wish.payment) and _captive(setting):
        setting = replace(setting, needs=())
    needs = tuple(replace(need, spare=setting.hands_back(need)) for need in setting.needs)
    setting = replace(setting, needs=needs)
    stage = [agent.participation is Participation.EX_ANTE and not any(agent.outside[1:]) for agent in setting.agents]
    wishes = [setting.wish, *(need.wish for need in setting.needs)]
    if not any(stage) or any(w < 0 for wish in wishes for w, early in zip(wish.payment, stage, strict=True) if early):
        return setting
    needs = tuple(replace(need, wish=_up_front(setting, need.wish, stage)) for need in setting.needs)
    return replace(setting, wish=_up_front(setting, setting.wish, stage), needs=needs)


def _captive(setting: Setting) -> bool:
    """Whether the need wants money from somebody who cannot stay away."""
    paid = zip(setting.needs[0].wish.payment, setting.agents, strict=True)
    return any(weight > 0 and agent.participation is Participation.NONE for weight, agent in paid)


def _up_front(setting: Setting, wish: Wish, stage: Sequence[bool]) -> Wish:
    """Payments of the agents in `stage` turned into their values less their outside options."""
    early = tuple(w if s else ZERO for w, s in zip(wish.payment, stage, strict=True))
    payment = tuple(w - e for w, e in zip(wish.payment, early, strict=True))
    value = tuple(w + e for w, e in zip(wish.value, early, strict=True))
    kept = sum((e * agent.outside[0] for e, agent in zip(early, setting.agents, strict=True)), ZERO)
    return Wish(payment, value, wish.column, wish.constant - kept)


def _menu(model: AuctionModel) -> Menu:
    """A menu for the one buyer, from the relaxation's last solution."""
    part, buyer, setting = model.parts[0], model.buyers[0], model.setting
    if not isinstance(part, Faces):
        raise NoBoundError("a menu is offered to a buyer of several goods")
    point = solve(model.relaxation)
    mass = np.array([float(f) for f in part.masses()])
    found = np.array([[point[part.amount(j, k)] for j in part.axes] for k in part.boxes]) / mass[:, None]
    average = np.array([point[part.average(k)] for k in part.boxes])
    i, wish = buyer.position, setting.wish
    unit = tuple(wish.column[len(setting.allocation.goods) * i + good] for good in buyer.goods)
    return best_menu(part.lines, MenuWish(wish.payment[i], wish.value[i], unit), ZERO, found, average, mass)


def _efficient_value(model: AuctionModel | ProfileModel | None, setting: Setting) -> Fraction:
    """The wish under the efficient allocation with the highest payments that keep everybody taking part.

    The relations `efficient` fix every integral of the relaxation except the U_0, which are as low as participation
    allows.
    """
    if not isinstance(model, ProfileModel):
        raise NoBoundError("the efficient rule is known on product cells only")
    return model.efficient_value(setting)

"""Certificates of continuum claims: plain data that a verifier checks with rational arithmetic alone.

"No mechanism does better", or "none meets the design", are named relations with multipliers (`verify_auction` for
goods, `verify_continuum` for other decisions); "a mechanism reaches this" is the mechanism (`verify_rule`). `digest` is
the SHA-256 of the restated problem.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from amd.model.design import Participation
from amd.model.types import Law
from amd.proof import verify_auction, verify_continuum, verify_rule
from amd.proof.continuum import auction
from amd.proof.continuum.answer import Answer
from amd.proof.continuum.auction import AuctionModel, buyers
from amd.proof.continuum.cells import Line, Tangent, line
from amd.proof.continuum.menu import Menu
from amd.proof.continuum.problem import Document, Stated, cells_problem, goods_problem, plain
from amd.proof.continuum.profiles import ProfileModel
from amd.proof.continuum.relations import NoBoundError, Proof, prove
from amd.proof.continuum.rule import Mixture, RuleMaker
from amd.proof.continuum.setting import Setting
from amd.proof.continuum.step import StepAuction

Model = AuctionModel | ProfileModel


def upper_certificate(answer: Answer) -> Document:
    """That nothing does better than the bound. Raises NoBoundError where there is none."""
    if answer.proof is None or answer.model is None:
        raise NoBoundError("there is no bound to certify: " + "; ".join(answer.reasons))
    problem = problem_of(answer.model, answer.proof)
    setting = answer.model.setting
    kind, sign = ("at most", 1) if setting.maximize else ("at least", -1)
    claim = {"kind": kind, "value": str(sign * answer.proof.value)}
    return _from_above(problem, claim, _relations(answer.proof))


def model_of(setting: Setting, cells: int) -> Model:
    """The relaxation of a setting."""
    return AuctionModel(setting, cells) if auction.applies(setting) else ProfileModel(setting, cells)


def impossible_certificate(setting: Setting, cells: int) -> Document | None:
    """That no mechanism meets the needs: even the most that one of them can be, given the rest, is less than 0."""
    for position, need in enumerate(setting.needs):
        for side in (1, -1) if need.equal else (1,):
            others = tuple(other for other in setting.needs if other is not need)
            model = model_of(replace(setting, wish=need.wish.scaled(Fraction(side)), needs=others), cells)
            if isinstance(model, AuctionModel) and model.buyers != buyers(setting):
                continue  # copies that only the wish tells apart
            proof = prove(model.relaxation, model.cuts)
            if proof.value < 0:
                problem = problem_of(model, proof, setting)
                relations = [[["need", position, side], "1"], *_renumbered(_relations(proof), position)]
                return _from_above(problem, {"kind": "infeasible"}, relations)
    return None


def _renumbered(relations: list[Any], missing: int) -> list[Any]:
    """Needs numbered as in the whole setting, of which one was left out."""
    return [
        [["need", name[1] + (name[1] >= missing), name[2]] if name[0] == "need" else name, y] for name, y in relations
    ]


def lower_certificate(answer: Answer, wished: bool = True) -> Document:
    """The mechanism of the other bound; without a wish, that it meets the design. Raises NoBoundError where there is
    none, or none in a written form."""
    mechanism, model = answer.mechanism, answer.model
    if answer.lower is None or model is None:
        raise NoBoundError("there is no mechanism to certify: " + "; ".join(answer.reasons))
    setting = model.setting
    if not all(_plain_values(setting, law) for agent in setting.agents for law in agent.laws):
        raise NoBoundError("the mechanism's value uses moments that are not rational; it has no written form yet")
    if any(agent.participation in (Participation.EX_ANTE, Participation.NONE) for agent in setting.agents):
        raise NoBoundError("a mechanism that charges agents before they know their types has no written form yet")
    problem, proof = _written(model, mechanism)
    if not wished:
        return _document(verify_rule.FORMAT, problem, {"kind": "possible"}, {"mechanism": proof})
    kind, sign = ("at least", 1) if setting.maximize else ("at most", -1)
    value = min(answer.lower, _reached(problem, proof))
    return _document(verify_rule.FORMAT, problem, {"kind": kind, "value": str(sign * value)}, {"mechanism": proof})


def _written(model: Model, mechanism: Any) -> tuple[Document, Document]:
    """The problem at the mechanism's own cells, and the mechanism."""
    if isinstance(mechanism, Mixture):
        return _rule(model.setting, mechanism)
    if isinstance(mechanism, Menu) and isinstance(model, AuctionModel):
        return problem_of(model, None), {"menu": plain(mechanism.entries)}
    if isinstance(mechanism, tuple) and isinstance(model, AuctionModel):
        return _steps(model, mechanism)
    if isinstance(model, ProfileModel) and all(party.low >= 0 for party in model.parties):
        return problem_of(model, None), {"efficient": True}
    raise NoBoundError("this mechanism has no written form")


def _reached(problem: Document, mechanism: Document) -> Fraction:
    """The mechanism's value from the document's own numbers: enclosures of cells, where laws are not rational, are a
    little wider than those of the law itself, so the claim has to be a little weaker."""
    return Fraction(verify_rule.reached(problem, mechanism))


def _plain_values(setting: Setting, law: Law) -> bool:
    """Whether the verifier can value a step mechanism: by probabilities alone, or by constant densities."""
    return (not any(setting.wish.value) and not setting.needs) or all(line(law, law.support).uniform)


def _from_above(problem: Document, claim: Document, relations: list[Any]) -> Document:
    verifier = verify_auction if problem["model"] == "goods" else verify_continuum
    return _document(verifier.FORMAT, problem, claim, {"relations": relations})


def _document(form: str, problem: Document, claim: Document, proof: Document) -> Document:
    digest = verify_continuum.digest(problem)
    return {"format": form, "digest": digest, "problem": problem, "claim": claim, "proof": proof}


def _relations(proof: Proof) -> list[Any]:
    """Names and multipliers. The verifier writes an equation as ``terms − bound == 0``, an inequality as ``bound −
    terms >= 0``."""
    return [[plain(relation.name), str(-y if relation.equal else y)] for relation, y in proof.multipliers]


def problem_of(model: Model, proof: Proof | None, setting: Setting | None = None) -> Document:
    """The problem at the cells of the relaxation; `setting` replaces the one that the relaxation is of."""
    stated = _stated(proof)
    asked = setting or model.setting
    if isinstance(model, AuctionModel):
        own = [list(part.lines) if hasattr(part, "lines") else [part.line] for part in model.parts]
        lines = [[(cut, stated.get(i, {})) for cut in cuts] for i, cuts in enumerate(own)]
        return goods_problem(asked, model.buyers, lines)
    cut = [(one.cut, stated.get(i, {})) for i, one in enumerate(model.parties)]
    return cells_problem(asked, model.parties, cut)


def _stated(proof: Proof | None) -> dict[int, Stated]:
    """The constants of the C4 tangents that a proof uses, agent by agent: premises of the document."""
    found: dict[int, Stated] = {}
    for relation, _ in proof.multipliers if proof else ():
        if relation.family == "C4":
            _, agent, k, kind, part = relation.name
            names = [("Q", agent, k), ("e", agent, k + 1), ("e", agent, k)]
            level, above, below = (relation.terms[name] for name in names)
            found.setdefault(agent, {})[k, kind, part] = Tangent(-level, -above, below)
    return found


def _steps(model: AuctionModel, auctions: tuple[StepAuction, ...]) -> tuple[Document, Document]:
    """Cells and scores of step auctions, good by good; copies share them."""
    cuts: list[list[tuple[Line, Stated]]] = []
    scores: list[list[Any]] = []
    for buyer in model.buyers:
        chosen = [(auctions[good], _find(auctions[good], buyer.names[0])) for good in buyer.goods]
        cuts.append([(sold.bidders[at].line, {}) for sold, at in chosen])
        scores.append([plain(sold.scores[at]) for sold, at in chosen])
    return goods_problem(model.setting, model.buyers, cuts), {"scores": scores}


def _find(sold: StepAuction, name: str) -> int:
    return next(i for i, bidder in enumerate(sold.bidders) if bidder.name == name)


def _rule(setting: Setting, mixture: Mixture) -> tuple[Document, Document]:
    """The cells, and what every product cell gets: the mixture of the rules."""
    maker = RuleMaker(setting, mixture.cells)
    lines = [(one.cut, Stated()) for one in maker.parties]
    allocation = sum(weight * maker.options.astype(object)[rule.choice.ravel()] for weight, rule in mixture.parts)
    listed = [[[c, str(Fraction(x))] for c, x in enumerate(row) if x] for row in allocation.tolist()]
    return cells_problem(setting, maker.parties, lines), {"allocation": listed}

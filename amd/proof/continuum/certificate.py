"""Certificates of continuum claims: plain data that `amd.proof.verify_continuum` checks with rational arithmetic alone.

A document restates the environment by its cells (ends, probabilities, for unlike densities also the constants of the
C4 tangents used), the claim, and either named relations with multipliers ("at most") or a mechanism ("at least").
Where a law's numbers are not rational, the cells carry enclosures, and the document proves the claim for every prior
whose numbers lie in them. `digest` is the SHA-256 of the environment's canonical JSON.
"""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from typing import Any

from amd.model.design import Participation
from amd.model.types import Law
from amd.proof import verify_continuum
from amd.proof.continuum.answer import Answer
from amd.proof.continuum.auction import AuctionModel, Buyer
from amd.proof.continuum.averaging import Known
from amd.proof.continuum.cells import Line, line
from amd.proof.continuum.impossibility import TradeProof
from amd.proof.continuum.menu import Menu
from amd.proof.continuum.profiles import Party, ProfileModel
from amd.proof.continuum.relations import NoBoundError, Proof
from amd.proof.continuum.rule import Mixture, RuleMaker
from amd.proof.continuum.setting import Setting, Wish
from amd.proof.continuum.step import StepAuction

FORMAT = "amd-continuum-1"
Document = dict[str, Any]


def upper_certificate(answer: Answer) -> Document:
    """The bound from above. Raises NoBoundError where there is none."""
    if answer.proof is None or answer.model is None:
        raise NoBoundError("there is no bound from above to certify: " + "; ".join(answer.reasons))
    environment = _auction(answer.model) if isinstance(answer.model, AuctionModel) else _profiles(answer.model)
    _state_constants(environment, answer.model, answer.proof)
    return _document(environment, "at most", answer.proof.value, {"relations": _relations(answer.proof)})


def lower_certificate(answer: Answer) -> Document:
    """The mechanism of the bound from below. Raises NoBoundError where there is none."""
    mechanism, model = answer.mechanism, answer.model
    if answer.lower is None or model is None:
        raise NoBoundError("there is no bound from below to certify: " + "; ".join(answer.reasons))
    if not all(_plain_values(model.setting, law) for agent in model.setting.agents for law in agent.laws):
        raise NoBoundError("the mechanism's value uses moments that are not rational; it has no written form yet")
    if any(agent.participation in (Participation.EX_ANTE, Participation.NONE) for agent in model.setting.agents):
        raise NoBoundError("a mechanism that charges agents before they know their types has no written form yet")
    if isinstance(mechanism, Mixture):
        environment, proof = _rule(model.setting, mechanism)
    elif isinstance(mechanism, Menu) and isinstance(model, AuctionModel):
        environment, proof = _auction(model), {"menu": plain(mechanism.entries)}
    elif isinstance(mechanism, tuple) and isinstance(model, AuctionModel):
        environment, proof = _steps(model, mechanism)
    elif isinstance(model, ProfileModel) and all(party.low >= 0 for party in model.parties):
        environment, proof = _profiles(model), {"efficient": True}
    else:
        raise NoBoundError("this mechanism has no written form")
    return _document(environment, "at least", min(answer.lower, _restated_value(environment, proof)), proof)


def _restated_value(environment: Document, proof: Document) -> Fraction:
    """The mechanism's value from the document's own numbers: enclosures of cells, where laws are not rational, are a
    little wider than those of the law itself, so the claim has to be a little weaker."""
    models: dict[str, Any] = verify_continuum.MODELS
    model = models[environment["model"]](environment)
    return Fraction(model.mechanism(proof))


def trade_certificate(found: TradeProof) -> Document:
    """Efficient trade collects at most −subsidy: an impossibility without outside money."""
    environment = {"model": "efficient trade", "buyer": _known(found.buyer), "seller": _known(found.seller)}
    return _document(environment, "at most", -found.subsidy, {"relations": _relations(found.proof)})


def digest(environment: Document) -> str:
    """The SHA-256 of the environment's canonical JSON."""
    text = json.dumps(environment, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def plain(value: Any) -> Any:
    """Rationals as texts, tuples as lists."""
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    return value


def _plain_values(setting: Setting, law: Law) -> bool:
    """Whether the verifier can value a step mechanism: by probabilities alone, or by constant densities."""
    return (not any(setting.wish.value) and not setting.needs) or all(line(law, law.support).uniform)


def _document(environment: Document, claim: str, value: Fraction, proof: Document) -> Document:
    return {
        "format": FORMAT,
        "claim": {"wish": claim, "value": str(value)},
        "environment": environment,
        "digest": digest(environment),
        "proof": proof,
    }


def _relations(proof: Proof) -> list[Any]:
    return [[plain(relation.name), str(y)] for relation, y in proof.multipliers]


def _line(cut: Line) -> Document:
    return {"edges": plain(cut.edges), "masses": plain(cut.mass), "uniform": list(cut.uniform), "constants": []}


def _auction(model: AuctionModel, cuts: list[list[Line]] | None = None) -> Document:
    """The environment of goods sold by the unit; `cuts` replaces the cells of the relaxation."""
    lines = cuts or [list(part.lines) if hasattr(part, "lines") else [part.line] for part in model.parts]
    buyers = [
        {
            "name": list(buyer.names),
            "goods": list(buyer.goods),
            "lines": [_line(cut) for cut in own],
            "outside": str(buyer.outside),
            "stage": model.setting.agents[buyer.position].participation.value,
        }
        for buyer, own in zip(model.buyers, lines, strict=True)
    ]
    wishes = [
        _auction_wish(model, need.wish) | {"equal": need.equal, "text": need.text} for need in model.setting.needs
    ]
    return {"model": "auction", "buyers": buyers, "wish": _auction_wish(model, model.setting.wish), "needs": wishes}


def _auction_wish(model: AuctionModel, wish: Wish) -> Document:
    goods = len(model.setting.allocation.goods)

    def units(buyer: Buyer) -> list[str]:
        return [str(wish.column[buyer.position * goods + good]) for good in buyer.goods]

    return {
        "payment": [str(wish.payment[buyer.position]) for buyer in model.buyers],
        "value": [str(wish.value[buyer.position]) for buyer in model.buyers],
        "units": [units(buyer) for buyer in model.buyers],
        "constant": str(wish.constant),
    }


def _steps(model: AuctionModel, auctions: tuple[StepAuction, ...]) -> tuple[Document, Document]:
    """Cells and scores of step auctions, good by good; copies share them."""
    cuts: list[list[Line]] = []
    scores: list[list[Any]] = []
    for buyer in model.buyers:
        chosen = [_find(auctions[good], buyer.names[0]) for good in buyer.goods]
        cuts.append([auctions[good].bidders[at].line for good, at in zip(buyer.goods, chosen, strict=True)])
        scores.append([plain(auctions[good].scores[at]) for good, at in zip(buyer.goods, chosen, strict=True)])
    return _auction(model, cuts), {"scores": scores}


def _find(auction: StepAuction, name: str) -> int:
    return next(i for i, bidder in enumerate(auction.bidders) if bidder.name == name)


def _profiles(model: ProfileModel | RuleMaker) -> Document:
    setting = model.setting
    rows = [{"row": plain(row), "upper": str(upper), "equal": equal} for row, upper, equal in setting.column_bounds]
    return {
        "model": "profiles",
        "parties": [_party(party) for party in model.parties],
        "rows": rows,
        "caps": [int(cap) for cap in setting.allocation.cap],
        "costs": [str(cost) for cost in setting.allocation.cost],
        "efficient": setting.efficient,
        "wish": _wish(setting.wish),
        "needs": [_wish(need.wish) | {"equal": need.equal, "text": need.text} for need in setting.needs],
    }


def _party(party: Party) -> Document:
    return {
        "name": party.agent.name,
        "line": None if party.cut is None else _line(party.cut),
        "slopes": plain(party.slopes),
        "levels": plain(party.agent.levels),
        "tilt": str(party.tilt),
        "outside": str(party.agent.outside[0]),
        "stage": party.agent.participation.value,
    }


def _wish(wish: Wish) -> Document:
    rows = {"payment": wish.payment, "value": wish.value, "column": wish.column}
    return {name: plain(row) for name, row in rows.items()} | {"constant": str(wish.constant)}


def _rule(setting: Setting, mixture: Mixture) -> tuple[Document, Document]:
    """The cells, the whole allocations and what each product cell gets under each rule of the mixture."""
    maker = RuleMaker(setting, mixture.cells)
    parts = [{"weight": str(weight), "choice": rule.choice.ravel().tolist()} for weight, rule in mixture.parts]
    return _profiles(maker), {"options": maker.options.tolist(), "rules": parts}


def _known(agent: Known) -> Document:
    return {"edges": plain(agent.edges), "masses": plain([(f, f) for f in agent.mass])}


def _state_constants(environment: Document, model: AuctionModel | ProfileModel, proof: Proof) -> None:
    """Write the constants of C4 tangents into the lines that they are about: premises of the document."""
    for relation, _ in proof.multipliers:
        if relation.family == "C4":
            _, agent, k, kind, part = relation.name
            names = [(kind, agent, k), ("Q", agent, k), ("e", agent, k + 1), ("e", agent, k)]
            _, level, above, below = (relation.terms[name] for name in names)
            row = [k, kind, str(part), str(-level), str(-above), str(below)]
            if isinstance(model, AuctionModel):
                environment["buyers"][agent]["lines"][0]["constants"].append(row)
            else:
                environment["parties"][agent]["line"]["constants"].append(row)

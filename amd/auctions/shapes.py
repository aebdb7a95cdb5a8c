"""The problem file of `kind: auction` as a table of shapes; see docs/auction-format.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amd.auctions.formats import Format
from amd.files.format import DISTRIBUTION
from amd.files.records import Key, Record
from amd.files.shapes import ByForm, Choice, Expr, ListOf, MapOf, Text

COMBINATORIAL, VCG = "combinatorial", "vcg"
FORMATS = (COMBINATORIAL, VCG, *(form.value for form in Format))
PAYMENTS = ("vcg", "core", "bid")


def _words(*words: str) -> dict[str, str]:
    return {word: word for word in words}


def _without_cells(shape: Any) -> Any:
    """A distribution that may leave out its 'cells': an auction's prior is continuous unless it lists values."""
    if not isinstance(shape, Record) or "cells" not in shape.keys:
        return shape
    keys = {**shape.keys, "cells": replace(shape.keys["cells"], required=False)}
    return replace(shape, name=f"auction-{shape.name}", keys=keys)


PRIOR = replace(DISTRIBUTION, cases={name: _without_cells(shape) for name, shape in DISTRIBUTION.cases.items()})
_NUMBER = Expr("a number")
_WORTH = "a number, or outcomes with numbers"
_LANGUAGE = Key(Choice(_words("xor", "or")), "xor: at most one of a bidder's bids wins; or: any that fit")

BID = Record(
    "auction-bid",
    {
        "of": Key(
            ByForm(
                "a list of goods, or a mapping of goods to units",
                sequence=ListOf(Text("a good"), "a list of goods", fewest=1),
                mapping=MapOf(Expr("a whole number of units"), "a mapping of goods to units", fewest=1),
            ),
            "the goods of the bundle; named twice for two units",
            required=True,
        ),
        "bid": Key(_NUMBER, "what is offered for the whole bundle", required=True),
    },
    "a bid, {of: [A, B], bid: 100},",
    hints={"value": "a bid is written 'bid'", "price": "a bid is written 'bid'", "goods": "its goods are written 'of'"},
)
BIDDER = Record(
    "auction-bidder",
    {
        "bids": Key(ListOf(BID, "a list of bids"), "combinatorial: its bids for bundles", blank=True),
        "language": _LANGUAGE,
        "value": Key(
            ByForm(
                "a number, or outcomes with numbers", scalar=_NUMBER, mapping=MapOf(_NUMBER, "outcomes with numbers")
            ),
            "what the good (or each outcome) is worth to it",
        ),
        "bid": Key(_NUMBER, "what it bids, in place of what equilibrium would have it bid"),
        "signal": Key(_NUMBER, "with 'affiliation': what it sees"),
        "prior": Key(PRIOR, "where the others think that its value comes from, in place of the common 'prior'"),
    },
    "a bidder",
    blank=True,
)
_GOOD = Record(
    "auction-good",
    {
        "supply": Key(Expr("a whole number"), "how many units there are; 1 when left out"),
        "reserve": Key(_NUMBER, "the least that the seller takes for a unit; 0 when left out"),
    },
    "a number of units, or {supply: n, reserve: x}",
)
AFFILIATION = Record(
    "auction-affiliation",
    {
        "common": Key(PRIOR, "the distribution of the part that all signals share", required=True),
        "weight": Key(
            _NUMBER, "the weight of the mean signal in the worth to each; 0 when left out, 1: of common value"
        ),
    },
    "an affiliation, {common: DISTRIBUTION, weight: w},",
)
_OUTCOME = Record("auction-outcome", {"cost": Key(_NUMBER, "what the outcome costs")}, "{cost: number}", blank=True)

AUCTION = Record(
    "auction",
    {
        "amd": Key(Choice({"1": "1"}), "the version of the format", required=True),
        "kind": Key(Choice({"auction": "auction"}), "the kind of problem", required=True),
        "title": Key(Text(), "for people"),
        "source": Key(Text(), "for people"),
        "notes": Key(Text(), "for people"),
        "parameters": Key(MapOf(Expr(), "names with numbers", identifiers=True), "constants for expressions"),
        "format": Key(Choice(_words(*FORMATS)), "how the sale runs; combinatorial when left out"),
        "goods": Key(
            ByForm(
                "a list of goods, or goods with their numbers of units",
                sequence=ListOf(Text("a good"), "a list of goods"),
                mapping=MapOf(
                    ByForm("a number of units, or a mapping", scalar=Expr("a whole number"), mapping=_GOOD),
                    "goods with their numbers of units",
                ),
            ),
            "what is for sale",
        ),
        "outcomes": Key(
            ByForm(
                "a list of outcomes, or outcomes with costs",
                sequence=ListOf(Text("an outcome"), "a list of outcomes", fewest=1),
                mapping=MapOf(_OUTCOME, "outcomes with costs", fewest=1),
            ),
            "format vcg: what can be decided",
        ),
        "bidders": Key(MapOf(BIDDER, "a mapping of names to bidders"), "who bids, and what"),
        "bids": Key(Text("the name of a CSV file"), "combinatorial: a table with columns bidder, goods, bid"),
        "cats": Key(Text("the name of a file"), "combinatorial: a file of the Combinatorial Auction Test Suite"),
        "language": _LANGUAGE,
        "payment": Key(Choice(_words(*PAYMENTS)), "combinatorial: what winners pay; vcg when left out"),
        "reserve": Key(_NUMBER, "the least bid that wins, or 'optimal'"),
        "prior": Key(PRIOR, "the distribution of everyone's value"),
        "risk_aversion": Key(_NUMBER, "relative risk aversion of bidders: from 0 to below 1, or more with 'wealth'"),
        "wealth": Key(_NUMBER, "what each bidder owns besides, of which it is risk averse; 0 when left out"),
        "affiliation": Key(AFFILIATION, "how signals are related: each is a draw from 'prior' and a common one"),
        "ties": Key(Expr("a whole number"), "the seed by which ties are broken; 0 when left out"),
    },
    "an auction",
)

_SALE = frozenset({"reserve", "prior", "risk_aversion", "wealth", "affiliation"})
_BUNDLES = frozenset({"goods", "bids", "cats", "language", "payment"})
MISPLACED: dict[str, frozenset[str]] = {
    COMBINATORIAL: _SALE | {"outcomes"},
    VCG: _SALE | _BUNDLES | {"ties"},
    **{form.value: _BUNDLES | {"outcomes"} for form in Format},
}
UNDER_AFFILIATION = frozenset({"reserve", "risk_aversion", "wealth"})
MISPLACED_IN_BIDDER: dict[str, frozenset[str]] = {
    COMBINATORIAL: frozenset({"value", "bid", "signal", "prior"}),
    VCG: frozenset({"bids", "language", "bid", "signal", "prior"}),
    **{form.value: frozenset({"bids", "language"}) for form in Format},
}

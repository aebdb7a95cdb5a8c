"""One good in a standard format: from the fields of its file to its task."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from amd.auctions.affiliation import Affiliation
from amd.auctions.formats import Format
from amd.auctions.parts import at_least_zero, bidders_of, digest_of, seed_of
from amd.auctions.shapes import UNDER_AFFILIATION
from amd.auctions.tasks import FormatTask
from amd.classics.continuous import Prior, uniform
from amd.files.context import Context
from amd.files.distributions import read_distribution
from amd.files.records import Fields
from amd.model.types import Grid

OPTIMAL = "optimal"


def read_format(fields: Fields, context: Context) -> FormatTask | None:
    form = Format(fields.value("format"))
    bidders = bidders_of(fields)
    if fields.has("affiliation"):
        return _affiliated(fields, form, bidders, context)
    for bidder in bidders.values():
        if bidder.has("signal"):
            bidder.blame("signal", context.faults, "means nothing without 'affiliation'; its 'value' is wanted")
    values = tuple(_amount(bidder, "value", context) for bidder in bidders.values())
    bids = tuple(_amount(bidder, "bid", context) for bidder in bidders.values())
    priors, restated = _priors(fields, bidders, context)
    reserve = _reserve(fields, priors, context)
    risk = at_least_zero(fields.get("risk_aversion"), "risk aversion", context) or Fraction(0)
    wealth = at_least_zero(fields.get("wealth"), "wealth", context) or Fraction(0)
    if risk >= 1 and not wealth:
        wanted = "below 1 is wanted, or the bidders' 'wealth'"
        fields.blame("risk_aversion", context.faults, f"is {risk}; relative risk aversion {wanted}")
    for bidder, value, bid in zip(bidders.values(), values, bids, strict=True):
        if value is not None and bid is None and priors is None and not form.truthful:
            bidder.blame("value", context.faults, "needs a 'prior', from which its bid follows, or give its 'bid'")
    seed = seed_of(fields, context)
    owned = [wealth] if wealth else []
    digest = digest_of(form.value, list(bidders), values, bids, restated, reserve, risk, seed, *owned)
    title = fields.value("title", "")
    return FormatTask(title, digest, form, tuple(bidders), values, bids, priors, reserve, risk, seed, wealth)


def _affiliated(fields: Fields, form: Format, bidders: dict[str, Fields], context: Context) -> FormatTask | None:
    """A format with affiliated signals: like bidders, risk neutral, without a reserve."""
    for key in UNDER_AFFILIATION & set(fields.entries):
        fields.blame(key, context.faults, "is not covered under 'affiliation'; leave it out")
    for bidder in bidders.values():
        for key in {"value", "bid", "prior"} & set(bidder.entries):
            bidder.blame(key, context.faults, "means nothing under 'affiliation'; a bidder gives its 'signal'")
    said: Fields = fields.value("affiliation")
    own, common = _prior(fields, context), _prior(said, context, "common")
    weight = at_least_zero(said.get("weight"), "a weight", context) or Fraction(0)
    if weight > 1:
        said.blame("weight", context.faults, f"is {weight}; a weight of at most 1 is wanted")
    if not fields.has("prior"):
        fields.blame("affiliation", context.faults, "needs the 'prior' of each bidder's own part")
    signals = tuple(_amount(bidder, "signal", context) for bidder in bidders.values())
    if None in signals and any(signal is not None for signal in signals):
        fields.blame("bidders", context.faults, "some have a signal and some have none; give all of them or none")
    if len(bidders) < 2:
        fields.blame("bidders", context.faults, "are fewer than two; affiliation is between signals")
    seed = seed_of(fields, context)
    context.faults.check()
    if own is None or common is None:
        return None
    try:
        affiliation = Affiliation(own[0], common[0], float(weight), len(bidders))
    except ValueError as error:
        fields.blame("affiliation", context.faults, f"is refused: {error}")
        return None
    _refuse_impossible(bidders, signals, affiliation, context)
    digest = digest_of(form.value, list(bidders), signals, [own[1]], [common[1], weight], seed)
    return FormatTask(
        title=fields.value("title", ""),
        digest=digest,
        form=form,
        bidders=tuple(bidders),
        values=signals,
        bids=(None,) * len(bidders),
        priors=(own[0],) * len(bidders),
        reserve=Fraction(0),
        risk_aversion=Fraction(0),
        seed=seed,
        affiliation=affiliation,
    )


def _refuse_impossible(
    bidders: dict[str, Fields], signals: tuple[Fraction | None, ...], found: Affiliation, context: Context
) -> None:
    for bidder, signal in zip(bidders.values(), signals, strict=True):
        if signal is not None and not found.low <= signal <= found.high:
            between = f"signals lie between {found.low:g} and {found.high:g}"
            bidder.blame("signal", context.faults, f"is {signal}; {between}")


def _amount(bidder: Fields, key: str, context: Context) -> Fraction | None:
    if isinstance(bidder.value(key), dict):
        bidder.blame(key, context.faults, "is a mapping; one number is wanted, since one good is for sale")
        return None
    return at_least_zero(bidder.get(key), f"a {key}", context)


def _reserve(fields: Fields, priors: tuple[Prior, ...] | None, context: Context) -> Fraction | None:
    item = fields.get("reserve")
    if item is None or item.value.text != OPTIMAL:
        return at_least_zero(item, "a reserve", context) or Fraction(0)
    if priors is None:
        item.blame(context.faults, "'optimal' needs the 'prior' of the values")
    elif any(prior is not priors[0] for prior in priors):
        item.blame(context.faults, "'optimal' is one price for like bidders; these have different priors")
    return None


def _priors(fields: Fields, bidders: dict[str, Fields], context: Context) -> tuple[tuple[Prior, ...] | None, list[Any]]:
    """One prior a bidder, the same object for the common one, and what they say for the digest."""
    common = _prior(fields, context)
    found = [_prior(bidder, context) or common for bidder in bidders.values()]
    known = [pair for pair in found if pair is not None]
    if not known:
        return (None if common is None else ()), []
    for bidder, pair in zip(bidders.values(), found, strict=True):
        if pair is None:
            bidder.blame("prior", context.faults, "is missing, though others have one")
    return tuple(prior for prior, _ in known), [said for _, said in known]


def _prior(fields: Fields, context: Context, key: str = "prior") -> tuple[Prior, Any] | None:
    item = fields.get(key)
    if item is None:
        return None
    grid = read_distribution(item, context)
    if grid is None:
        return None
    if grid.edges is None:
        item.blame(context.faults, "has finitely many values; the bids of these formats need a continuous prior")
        return None
    return _piecewise(grid), [*map(str, grid.edges), *map(str, grid.probability)]


def _piecewise(grid: Grid) -> Prior:
    """The prior that is uniform within each cell, with the cells' own probabilities."""
    exact = grid.edges or ()
    if len({f / (high - low) for f, low, high in zip(grid.probability, exact, exact[1:], strict=False)}) == 1:
        return uniform(float(exact[0]), float(exact[-1]))
    edges = np.array([float(x) for x in exact])
    mass = np.array([float(x) for x in grid.probability])
    total = np.minimum(np.concatenate([[0.0], np.cumsum(mass)]), 1.0)
    total[-1] = 1.0
    height = np.diff(total) / np.diff(edges)
    last = len(height) - 1
    return Prior(
        float(edges[0]),
        float(edges[-1]),
        cdf=lambda x: np.interp(x, edges, total),
        density=lambda x: height[np.clip(np.searchsorted(edges, x, side="right") - 1, 0, last)],
        quantile=lambda p: np.interp(p, total, edges),
    )

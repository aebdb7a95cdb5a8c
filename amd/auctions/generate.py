"""Instances drawn from the distributions of the Combinatorial Auction Test Suite (Leyton-Brown, Pearson and Shoham,
2000).

`arbitrary` (their section 4.3) and `regions` (4.2) with uniform private values, `scheduling` (4.5), and `decay`, the
older distribution of Sandholm (1999) that they call L4. Prices are rounded to the cent. Bids that another bid dominates
stay, as with the option `-no_dom_check` of CATS; `scheduling` counts deadlines from 1, so that no price is 0.

Default parameters are those of the program CATS 2 but for two: a job in `scheduling` gets a further deadline with
probability 0.9, as in the paper (0.7 in the program), and a bundle of `decay` grows with probability 0.75, where its
instances are hardest (Sandholm, 2002; 0.55 in the program). `CATS_2` has the program's numbers:
`scheduling(100, 1000, **CATS_2["scheduling"])`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import count

import numpy as np

from amd.auctions.bids import CombinatorialAuction, combinatorial_auction
from amd.model.numbers import FloatArray

Offer = tuple[tuple[int, ...], float]


@dataclass(frozen=True)
class Preferences:
    """The parameters of `arbitrary` and `regions` in the paper.

    Common values of goods are uniform on [1, `highest`]; a bidder's private part is uniform within ± `deviation` ·
    `highest`. A bundle grows with probability `grow` at each step and is worth its goods plus (its size)^(1 +
    `additivity`). A bidder adds up to
    `substitutes` bids within `budget` times its first bid's price and at least `resale` times its resale value. With
    probability `jump` a good is added without regard to those held.
    """

    highest: float = 100.0
    deviation: float = 0.5
    grow: float = 0.9
    additivity: float = 0.2
    substitutes: int = 5
    budget: float = 1.5
    resale: float = 0.5
    jump: float = 0.0


def arbitrary(goods: int, bids: int, seed: int = 0, preferences: Preferences = Preferences()) -> CombinatorialAuction:
    """Goods related at random: complementarities drawn uniformly for every pair."""
    random = np.random.default_rng(seed)
    related = np.triu(random.random((goods, goods)), 1)
    return _auction("arbitrary", goods, bids, _bidders(random, related + related.T, preferences))


def regions(
    goods: int, bids: int, seed: int = 0, preferences: Preferences = Preferences(jump=0.05)
) -> CombinatorialAuction:
    """Goods are places in the plane, related when adjacent: a grid that lacks each of its edges with probability 0.1
    and has one of the two diagonals of a square with probability 0.2.
    """
    random = np.random.default_rng(seed)
    return _auction("regions", goods, bids, _bidders(random, _neighbours(goods, random), preferences))


def scheduling(
    goods: int,
    bids: int,
    seed: int = 0,
    longest: int = 10,
    later: float = 0.9,
    deviation: float = 0.5,
    additivity: float = 0.2,
) -> CombinatorialAuction:
    """Goods are time slots: a job bids for every run of slots by its deadline, and less for runs by later deadlines.

    Its length is uniform on 1 to `longest`, its worth (length)^(1 + `additivity`) times a number uniform within
    `deviation` of 1; there is one more deadline with probability `later` each time, before the last slot.
    """
    random = np.random.default_rng(seed)
    draw = partial(_job, random, goods, min(longest, goods), later, deviation, additivity)
    return _auction("scheduling", goods, bids, (draw() for _ in count()))


def decay(goods: int, bids: int, seed: int = 0, grow: float = 0.75) -> CombinatorialAuction:
    """A bundle takes another random good with probability `grow` each time; its price is uniform on [0, size]."""
    random = np.random.default_rng(seed)
    return _auction("decay", goods, bids, ([_decayed(random, goods, grow)] for _ in count()))


DISTRIBUTIONS: dict[str, Callable[..., CombinatorialAuction]] = {
    "arbitrary": arbitrary,
    "regions": regions,
    "scheduling": scheduling,
    "decay": decay,
}
CATS_2: dict[str, dict[str, float]] = {"scheduling": {"later": 0.7}, "decay": {"grow": 0.55}}


def _auction(name: str, goods: int, bids: int, offers: Iterator[list[Offer]]) -> CombinatorialAuction:
    """Bidders are drawn until there are `bids` bids; the last one's surplus bids are dropped."""
    if goods < 1 or bids < 0:
        raise ValueError(f"an instance of '{name}' needs at least one good and no fewer than 0 bids")
    triples: list[tuple[str, list[str], Fraction]] = []
    for number, own in enumerate(offers, 1):
        if len(triples) >= bids:
            break
        for bundle, price in own:
            names = [f"g{g}" for g in bundle]
            triples.append((f"bidder {number}", names, Fraction(max(round(price * 100), 1), 100)))
    return combinatorial_auction([f"g{g}" for g in range(goods)], triples[:bids])


def _neighbours(goods: int, random: np.random.Generator) -> FloatArray:
    """(goods, goods): 1 between adjacent places of the most nearly square grid that holds them all, everyone with a
    neighbour."""
    width = int(np.ceil(np.sqrt(goods)))
    place = np.arange(goods)
    column = place % width
    while True:
        related = np.zeros((goods + width + 1,) * 2)
        keep_down, keep_right = random.random((2, goods)) > 0.1
        diagonal, falling = random.random((2, goods)) < np.array([[0.2], [0.5]])
        inner = column < width - 1
        for pick, one, two in (
            (keep_down, place, place + width),
            (keep_right & inner, place, place + 1),
            (diagonal & falling & inner, place, place + width + 1),
            (diagonal & ~falling & inner, place + 1, place + width),
        ):
            related[one[pick], two[pick]] = 1
        related = np.maximum(related, related.T)[:goods, :goods]
        if goods < 3 or related.any(axis=1).all():
            return related


def _bidders(random: np.random.Generator, related: FloatArray, chosen: Preferences) -> Iterator[list[Offer]]:
    common = random.uniform(1, chosen.highest, len(related))
    while True:
        offers = _bidder(random, related, common, chosen)
        if offers:
            yield offers


def _bidder(random: np.random.Generator, related: FloatArray, common: FloatArray, chosen: Preferences) -> list[Offer]:
    spread = chosen.deviation * chosen.highest
    private = random.uniform(-spread, spread, len(common))
    interest = (private + spread) / (2 * spread)

    def price(bundle: tuple[int, ...]) -> float:
        own = list(bundle)
        return float((common + private)[own].sum()) + len(own) ** (1 + chosen.additivity)

    first = int(random.choice(len(common), p=interest / interest.sum()))
    bundle = _grown(random, related, interest, first, chosen)
    asked = price(bundle)
    if asked < 0:
        return []
    resale = float(common[list(bundle)].sum())
    others: dict[tuple[int, ...], float] = {}
    for start in bundle:
        other = _grown(random, related, interest, start, chosen, len(bundle))
        worth = price(other)
        if 0 <= worth <= chosen.budget * asked and common[list(other)].sum() >= chosen.resale * resale:
            others[other] = worth
    others.pop(bundle, None)
    best = sorted(others.items(), key=lambda item: (-item[1], item[0]))[: chosen.substitutes]
    return [(bundle, asked), *best]


def _grown(
    random: np.random.Generator,
    related: FloatArray,
    interest: FloatArray,
    first: int,
    chosen: Preferences,
    size: int | None = None,
) -> tuple[int, ...]:
    """A bundle from one good, each next one drawn by relation to those held times private interest; up to `size`, or
    growing by chance."""
    held = [first]
    while len(held) < (len(interest) if size is None else size):
        stops = random.random() >= chosen.grow
        if size is None and stops:
            break
        jumps = chosen.jump > 0 and random.random() < chosen.jump
        weight = np.ones(len(interest)) if jumps else related[held].sum(axis=0) * interest
        weight[held] = 0
        if not weight.any():
            break
        held.append(int(random.choice(len(interest), p=weight / weight.sum())))
    return tuple(sorted(held))


def _job(
    random: np.random.Generator, slots: int, longest: int, later: float, deviation: float, additivity: float
) -> list[Offer]:
    length = int(random.integers(1, longest + 1))
    first = int(random.integers(length - 1, slots))
    worth = random.uniform(1 - deviation, 1 + deviation) * length ** (1 + additivity)
    offers: list[Offer] = []
    reached, deadline = -1, first
    while True:
        ends = range(max(length - 1, reached + 1), deadline + 1)
        price = worth * (first + 1) / (deadline + 1)
        offers += [(tuple(range(end - length + 1, end + 1)), price) for end in ends]
        reached = deadline
        if reached >= slots - 1 or random.random() > later:
            return offers
        deadline = int(random.integers(reached + 1, slots))


def _decayed(random: np.random.Generator, goods: int, grow: float) -> Offer:
    size = 1
    while size < goods and random.random() < grow:
        size += 1
    bundle = tuple(sorted(int(g) for g in random.choice(goods, size, replace=False)))
    return bundle, float(random.uniform(0, size))

"""The file format of the Combinatorial Auction Test Suite (Leyton-Brown, Pearson and Shoham, 2000), read and written.

Comments start with % or #; ``goods G``, ``bids B``, ``dummy D``; then one bid a line: its number, its price, its goods,
``#``.
Goods from G to G + D − 1 are dummies: bids that share one belong to one bidder and exclude each other. A bid without a
dummy comes from a bidder of its own.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from amd.auctions.bids import CombinatorialAuction, combinatorial_auction
from amd.files.faults import Faults, clip
from amd.model.numbers import ExactArray

HEADERS = ("goods", "bids", "dummy")
MOST = 10**6  # goods, bids or dummies


def read_cats(text: str, origin: str) -> CombinatorialAuction:
    """The auction of a CATS file; goods are named by their numbers. Raises InputError with every fault and its line."""
    faults = Faults(origin)
    header: dict[str, int] = {}
    triples: list[tuple[str, list[str], Fraction]] = []
    for line, raw in enumerate(text.splitlines(), 1):
        words = raw.split()
        if not words or words[0].startswith(("%", "#")):
            continue
        if words[0].lower() in HEADERS:
            _take_header(words, line, header, faults)
        elif "goods" not in header:
            faults.add(line, "", "a bid stands before the line 'goods N'")
        elif (bid := _bid(words, line, header["goods"], header.get("dummy", 0), faults)) is not None:
            triples.append(bid)
    for name in HEADERS[:2]:
        if name not in header:
            faults.add(None, name, f"the line '{name} N' is missing")
    if "bids" in header and not faults and header["bids"] != len(triples):
        faults.add(None, "bids", f"says {header['bids']} bids, but there are {len(triples)}")
    faults.check()
    return combinatorial_auction([str(g) for g in range(header["goods"])], triples)


def _take_header(words: list[str], line: int, header: dict[str, int], faults: Faults) -> None:
    name = words[0].lower()
    if len(words) != 2 or not words[1].isascii() or not words[1].isdigit() or int(words[1]) > MOST:
        faults.add(line, name, f"is '{clip(' '.join(words[1:]))}'; a whole number up to {MOST:,} is wanted")
    elif name in header:
        faults.add(line, name, "is given twice")
    else:
        header[name] = int(words[1])


def _bid(
    words: list[str], line: int, goods: int, dummies: int, faults: Faults
) -> tuple[str, list[str], Fraction] | None:
    label = f"bid {clip(words[0], 20)}"
    body = words[2 : words.index("#")] if "#" in words else words[2:]
    try:
        price = Fraction(words[1])
        held = [int(word) for word in body]
    except (ValueError, IndexError, ZeroDivisionError):
        faults.add(line, label, "must be a number, a price, goods by number and '#'")
        return None
    real, dummy = [g for g in held if g < goods], [g for g in held if g >= goods]
    if price < 0:
        faults.add(line, label, f"has the negative price {words[1]}")
    elif any(not 0 <= g < goods + dummies for g in held):
        faults.add(line, label, f"names a good that is not among 0 to {goods + dummies - 1}")
    elif not real or len(set(held)) < len(held):
        faults.add(line, label, "names no good, or one twice")
    elif len(dummy) > 1:
        faults.add(line, label, "holds two dummy goods; at most one, its bidder's, is understood")
    else:
        bidder = f"bidder {dummy[0] - goods}" if dummy else f"single {words[0]}"
        return bidder, [str(g) for g in real], price
    return None


def write_cats(auction: CombinatorialAuction) -> str:
    """The CATS text of an auction of single units. Raises ValueError for several units, reserves or OR bids of one
    bidder.
    """
    if (auction.supply != 1).any() or (auction.units.data != 1).any() or (auction.reserve != 0).any():
        raise ValueError("the CATS format has single units without reserves")
    counts = np.bincount(auction.owner, minlength=len(auction.bidders))
    if (~auction.exclusive & (counts > 1)).any():
        raise ValueError("the CATS format has no OR bids of one bidder; write each as a bidder of its own")
    dummies = np.flatnonzero(counts > 1)
    number = {int(i): len(auction.goods) + k for k, i in enumerate(dummies)}
    lines = [f"goods {len(auction.goods)}", f"bids {len(auction.owner)}", f"dummy {len(dummies)}", ""]
    for b, owner in enumerate(auction.owner):
        part = slice(auction.units.indptr[b], auction.units.indptr[b + 1])
        held = sorted(int(g) for g in auction.units.indices[part])
        held += [number[int(owner)]] if int(owner) in number else []
        lines.append("\t".join([str(b), _decimal(auction.price, b), *map(str, held), "#"]))
    return "\n".join(lines) + "\n"


def _decimal(price: ExactArray, b: int) -> str:
    value = float(price[b])
    return str(price[b].numerator) if price[b].denominator == 1 else repr(value)

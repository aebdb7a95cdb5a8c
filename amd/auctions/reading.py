"""From a problem file of `kind: auction` to its task, with every fault by its line."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from amd.auctions.bids import CombinatorialAuction, combinatorial_auction
from amd.auctions.cats import read_cats
from amd.auctions.format_reading import read_format
from amd.auctions.parts import at_least_zero, bidders_of, digest_of, seed_of
from amd.auctions.shapes import AUCTION, COMBINATORIAL, MISPLACED, MISPLACED_IN_BIDDER, VCG
from amd.auctions.tables import Triple, read_bids
from amd.auctions.tasks import AuctionTask, ChoiceTask, CombinatorialTask
from amd.files import document
from amd.files.context import Context
from amd.files.expressions import Expression
from amd.files.faults import Faults, listing, suggest
from amd.files.nodes import Entry, Node, Scalar
from amd.files.nodes import Mapping as MappingNode
from amd.files.parameters import read_parameters
from amd.files.records import Fields
from amd.files.samples import SampleError, find
from amd.files.shapes import Item
from amd.model.numbers import exact_array

CELLS = "1000"  # a prior without 'cells' is taken as uniform within each of so many cells
MOST_UNITS = 10**6


def read_auction(
    text: str, origin: str, folder: Path | None = None, overrides: Mapping[str, str] | None = None
) -> AuctionTask:
    """The task of an auction file; its tables lie below `folder`. Raises InputError with all faults."""
    faults = Faults(origin)
    found = AUCTION.read(_with_cells(document.read(text, origin, faults)), "", faults)
    faults.check()
    fields: Fields = found.value if found is not None else Fields({}, {}, Scalar(None, None, ""), "")
    context = Context(faults, folder)
    read_parameters(fields.get("parameters"), overrides or {}, context)
    form = fields.value("format", COMBINATORIAL)
    _refuse_misplaced(fields, form, faults)
    reader = {COMBINATORIAL: _combinatorial, VCG: _choice}.get(form, read_format)
    task = reader(fields, context)
    faults.check()
    if task is None:
        raise ValueError(f"{origin}: the auction could not be read")
    return task


def _with_cells(node: Node) -> Node:
    """The document with `cells` in its priors, where a file leaves them out."""
    if not isinstance(node, MappingNode):
        return node
    entries = []
    for entry in node.entries:
        value = entry.value
        if entry.key.text in ("prior", "common") and isinstance(value, MappingNode):
            known = {below.key.text for below in value.entries}
            if "cells" not in known and "values" not in known:
                key = Scalar(value.line, value.column, "cells")
                value = MappingNode(
                    value.line, value.column, (*value.entries, Entry(key, Scalar(value.line, value.column, CELLS)))
                )
        elif entry.key.text == "affiliation":
            value = _with_cells(value)
        elif entry.key.text == "bidders" and isinstance(value, MappingNode):
            below_ = tuple(Entry(below.key, _with_cells(below.value)) for below in value.entries)
            value = MappingNode(value.line, value.column, below_)
        entries.append(Entry(entry.key, value))
    return MappingNode(node.line, node.column, tuple(entries))


def _refuse_misplaced(fields: Fields, form: str, faults: Faults) -> None:
    for key in MISPLACED[form] & set(fields.entries):
        fields.blame(key, faults, f"means nothing in the format '{form}'; leave it out")
    for bidder in bidders_of(fields).values():
        for key in MISPLACED_IN_BIDDER[form] & set(bidder.entries):
            bidder.blame(key, faults, f"means nothing in the format '{form}'; leave it out")


# combinatorial auctions


def _combinatorial(fields: Fields, context: Context) -> CombinatorialTask | None:
    given = [key for key in ("bidders", "bids", "cats") if fields.has(key)]
    if "cats" in given and len(given) + fields.has("goods") > 1:
        fields.blame("cats", context.faults, "brings its own goods and bidders; leave 'goods', 'bidders', 'bids' out")
    if not given:
        fields.blame("bidders", context.faults, "is missing; bidders, or a file of 'bids' or 'cats', are wanted")
    context.faults.check()
    auction = _from_cats(fields, context) if "cats" in given else _from_bids(fields, context)
    context.faults.check()
    if auction is None:
        return None
    payment, seed = fields.value("payment", "vcg"), seed_of(fields, context)
    parts = [
        [*auction.goods, *auction.supply.tolist(), *map(str, auction.reserve)],
        [*auction.bidders, *auction.exclusive.tolist(), *auction.owner.tolist()],
        [*map(str, auction.price), auction.units.indptr.tolist(), auction.units.indices.tolist()],
        [auction.units.data.tolist(), payment, seed],
    ]
    return CombinatorialTask(fields.value("title", ""), digest_of(*parts), auction, payment, seed)


def _file(fields: Fields, key: str, context: Context) -> tuple[str, str] | None:
    name = fields.value(key)
    try:
        path = find(name, context.folder)
        return document.decode(path.read_bytes(), name), name
    except (SampleError, OSError) as error:
        fields.blame(key, context.faults, str(error))
        return None


def _from_cats(fields: Fields, context: Context) -> CombinatorialAuction | None:
    found = _file(fields, "cats", context)
    return None if found is None else read_cats(*found)


def _from_bids(fields: Fields, context: Context) -> CombinatorialAuction | None:
    supply, reserve = _goods(fields, context)
    triples: list[Triple] = []
    either: list[str] = []
    default = fields.value("language", "xor")
    bidders = bidders_of(fields)
    for name, bidder in bidders.items():
        if bidder.value("language", default) == "or":
            either.append(name)
        for item in bidder.value("bids", []):
            bid = None if item is None else _bid(name, item, supply, context)
            triples += [] if bid is None else [bid]
    if fields.has("bids") and (found := _file(fields, "bids", context)) is not None:
        table = read_bids(*found, supply if fields.has("goods") else None)
        either += [] if default == "xor" else [name for name, _, _ in table if name not in bidders]
        triples += table
        if not fields.has("goods"):
            supply.update(dict.fromkeys((good for _, bundle, _ in table for good in bundle), 1))
    if context.faults:
        return None
    return combinatorial_auction(supply, triples, either, reserve, tuple(bidders))


def _goods(fields: Fields, context: Context) -> tuple[dict[str, int], dict[str, Fraction]]:
    if not fields.has("goods") and not fields.has("bids"):
        fields.blame("goods", context.faults, "is missing; what is for sale?")
    listed = fields.value("goods", {})
    supply: dict[str, int] = {}
    reserve: dict[str, Fraction] = {}
    for name, item in listed.items() if isinstance(listed, dict) else []:
        own = item.value if item is not None else None
        if isinstance(own, Fields):
            reserve[name] = at_least_zero(own.get("reserve"), "a reserve", context) or Fraction(0)
            supply[name] = _units(own.get("supply"), context) if own.has("supply") else 1
        else:
            supply[name] = _units(item, context)
    for item in listed if isinstance(listed, list) else []:
        if item is not None and item.value in supply:
            item.blame(context.faults, f"'{item.value}' is listed twice; write {item.value}: 2 for two units")
        elif item is not None:
            supply[item.value] = 1
    return supply, reserve


def _units(item: Item[Expression] | None, context: Context) -> int:
    return context.whole(item, 0, MOST_UNITS, "a number of units") or 0


def _bid(bidder: str, item: Item[Fields], supply: dict[str, int], context: Context) -> Triple | None:
    price = at_least_zero(item.value.get("bid"), "a bid", context)
    bundle: dict[str, int] = {}
    of = item.value.value("of", [])
    for name, units in of.items() if isinstance(of, dict) else []:
        bundle[name] = context.whole(units, 1, MOST_UNITS, "a number of units") or 1
    for good in of if isinstance(of, list) else []:
        if good is not None:
            bundle[good.value] = bundle.get(good.value, 0) + 1
    unknown = [name for name in bundle if name not in supply]
    for name in unknown:
        item.value.blame("of", context.faults, f"'{name}' is not for sale{suggest(name, supply)}")
    return None if price is None or unknown or not bundle else (bidder, bundle, price)


# a choice among outcomes


def _choice(fields: Fields, context: Context) -> ChoiceTask | None:
    listed = fields.value("outcomes")
    if listed is None:
        fields.blame("outcomes", context.faults, "is missing; what can be decided?")
        return None
    items = listed.items() if isinstance(listed, dict) else [(item.value, None) for item in listed if item is not None]
    names = tuple(name for name, _ in items)
    if len(set(names)) < len(names):
        fields.blame("outcomes", context.faults, "lists an outcome twice")
    costs = [None if item is None else context.number(item.value.get("cost")) for _, item in items]
    bidders = bidders_of(fields)
    rows = [_worths(bidder, names, context) for bidder in bidders.values()]
    context.faults.check()
    worth = exact_array([x for row in rows for x in row], (len(rows), len(names)))
    cost = exact_array([x or 0 for x in costs])
    digest = digest_of(names, list(bidders), worth.tolist(), cost.tolist())
    return ChoiceTask(fields.value("title", ""), digest, tuple(bidders), names, worth, cost)


def _worths(bidder: Fields, outcomes: tuple[str, ...], context: Context) -> list[Fraction]:
    given = bidder.value("value", {})
    if not isinstance(given, dict):
        bidder.blame("value", context.faults, f"is one number; give one for each of {listing(outcomes)}")
        return []
    for name in given:
        if name not in outcomes:
            bidder.blame("value", context.faults, f"'{name}' is not an outcome{suggest(name, outcomes)}")
    return [context.number(given.get(name)) or Fraction(0) for name in outcomes]

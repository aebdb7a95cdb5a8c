"""What an agent may know, from a file: a product of distributions, a table of types, or preference orders."""

from __future__ import annotations

from itertools import permutations
from math import factorial, prod
from typing import Any

from amd.files.context import MAX_TYPES, Context, memory
from amd.files.decisions import Decisions
from amd.files.distributions import read_distribution
from amd.files.records import Fields
from amd.files.shapes import Item
from amd.files.shares import check_shares, equal, read_shares
from amd.model.types import TypeSpace, product_types, single_type

MAX_RANKED = 8  # outcomes in `orders: all`: 8! = 40,320 orders
_OWN = ("prob", "weights")
_ROW_WEIGHTS = ("prob", "weights", "weight")


def read_types(item: Item[Any] | None, decisions: Decisions, joint: bool, context: Context) -> TypeSpace | None:
    """The types of one agent; one type where `item` is None. `joint`: a joint prior gives the probabilities."""
    if item is None:
        return single_type()
    if isinstance(item.value, tuple):
        form, fields = item.value
        return (
            _read_table(fields, joint, context) if form == "table" else _read_orders(fields, decisions, joint, context)
        )
    return _read_product(item, joint, context)


def _read_product(item: Item[dict[str, Item[Any] | None]], joint: bool, context: Context) -> TypeSpace | None:
    grids = {}
    for name, below in item.value.items():
        if below is not None:
            _, fields = below.value
            _refuse_own(fields, joint, context)
            grids[name] = read_distribution(below, context)
    known = [grid for grid in grids.values() if grid is not None]
    if len(known) < len(item.value):
        return None
    if not known:
        return single_type()
    size = prod(len(grid.points) for grid in known)
    if size > MAX_TYPES:
        sizes = " × ".join(f"{len(grid.points):,}" for grid in known)
        need = memory(size * (len(known) + 2))
        item.blame(context.faults, f"makes {sizes} = {size:,} types, about {need}; at most {MAX_TYPES:,} are handled")
        return None
    if not context.fits(item, size * (len(known) + 2), f"makes {size:,} types"):
        return None
    return product_types(tuple(grids), tuple(known))


def _refuse_own(fields: Fields, joint: bool, context: Context) -> None:
    """Beside a joint prior no probabilities of one's own."""
    for key in _OWN:
        if joint and fields.has(key):
            fields.blame(key, context.faults, "the joint prior gives the probabilities; leave this out")


def _read_table(fields: Fields, joint: bool, context: Context) -> TypeSpace | None:
    table = fields.get("table")
    if table is None or any(row is None for row in table.value):
        return None
    rows: list[Item[dict[str, Item[Any] | None]]] = table.value
    names = tuple(name for name in rows[0].value if name not in _ROW_WEIGHTS)
    if not _same_keys(rows, context):
        return None
    given = next((name for name in _ROW_WEIGHTS if name in rows[0].value), None)
    if given and joint:
        rows[0].blame(context.faults, f"the joint prior gives the probabilities; leave '{given}' out")
        return None
    points = [context.numbers(row.value[name] for name in names) for row in rows]
    if given is None:
        shares = equal(len(rows))
    else:
        found = check_shares(table, [row.value[given] for row in rows], context, scaled=given != "prob")
        if found is None:
            return None
        shares = found
    known = [tuple(point) for point in points if point is not None]
    return TypeSpace(names, tuple(known), shares) if len(known) == len(rows) else None


def _same_keys(rows: list[Item[dict[str, Item[Any] | None]]], context: Context) -> bool:
    """Every row has the keys of the first."""
    first = rows[0].value.keys()
    same = True
    for row in rows[1:]:
        missing, extra = first - row.value.keys(), row.value.keys() - first
        if missing or extra:
            same = False
            wrong = [f"'{name}' is missing" for name in sorted(missing)]
            wrong += [f"'{name}' is not in the first row" for name in sorted(extra)]
            row.blame(context.faults, f"{' and '.join(wrong)}; all rows have the same keys")
    weights = [name for name in _ROW_WEIGHTS if name in first]
    if len(weights) > 1:
        rows[0].blame(context.faults, f"has '{weights[0]}' and '{weights[1]}'; one of them is right")
    return same and len(weights) < 2


def _read_orders(fields: Fields, decisions: Decisions, joint: bool, context: Context) -> TypeSpace | None:
    _refuse_own(fields, joint, context)
    item = fields.get("orders")
    if item is None or not decisions.complete:
        return None
    if decisions.by_goods:
        item.blame(context.faults, "orders rank outcomes, and this problem has goods")
        return None
    orders = _all_orders(item, decisions, context) if item.value == "all" else _listed(item, decisions, context)
    if orders is None:
        return None
    shares = read_shares(fields, len(orders), "orders", context)
    if shares is None:
        return None
    labels = tuple(" > ".join(decisions.outcomes[x] for x in order) for order in orders)
    return TypeSpace((), ((),) * len(orders), shares, orders=orders, labels=labels)


def _all_orders(item: Item[Any], decisions: Decisions, context: Context) -> tuple[tuple[int, ...], ...] | None:
    count = len(decisions.outcomes)
    if count > MAX_RANKED:
        number = f"{factorial(count):,}" if count <= 20 else f"more than 10^{len(str(factorial(min(count, 1000)))) - 1}"
        right = f"at most {MAX_RANKED} outcomes are ranked in all ways, so list the orders that may occur"
        item.blame(context.faults, f"{count} outcomes have {number} orders; {right}")
        return None
    return tuple(permutations(range(count)))


def _listed(item: Item[Any], decisions: Decisions, context: Context) -> tuple[tuple[int, ...], ...] | None:
    seen: dict[tuple[int, ...], None] = {}
    wrong = False
    for order in item.value:
        found = None if order is None else _read_order(order, decisions, context)
        if found in seen and order is not None:
            order.blame(context.faults, "this order is listed twice")
        wrong |= found is None or found in seen
        if found is not None:
            seen[found] = None
    return None if wrong else tuple(seen)


def _read_order(order: Item[Any], decisions: Decisions, context: Context) -> tuple[int, ...] | None:
    places = [None if name is None else decisions.position(name, context) for name in order.value]
    known = [place for place in places if place is not None]
    if len(known) < len(places):
        return None
    if len(set(known)) < len(known):
        twice = next(decisions.outcomes[place] for place in known if known.count(place) > 1)
        order.blame(context.faults, f"'{twice}' stands twice; an order is strict and has each outcome once")
        return None
    if len(known) < len(decisions.outcomes):
        left = [name for place, name in enumerate(decisions.outcomes) if place not in known]
        order.blame(context.faults, f"an order has every outcome once; '{left[0]}' is missing")
        return None
    return tuple(known)

"""Bids for bundles from a CSV table: columns `bidder`, `goods` and `bid`, one bid a row.

The goods of a bundle are separated by blanks, semicolons or bars (`A B`, `A;B`, `A|B`); a good named twice is two
units.
"""

from __future__ import annotations

import csv
import io
import re
from fractions import Fraction

from amd.files.expressions import ExpressionError
from amd.files.expressions import read as read_expression
from amd.files.faults import Faults, clip, listing, suggest

COLUMNS = ("bidder", "goods", "bid")
Triple = tuple[str, dict[str, int], Fraction]
_SEPARATORS = re.compile(r"[\s;|]+")


def read_bids(text: str, shown: str, goods: dict[str, int] | None) -> list[Triple]:
    """The bids of a table; `goods` None takes whatever goods the table names. Raises InputError with every fault."""
    faults = Faults(shown)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    triples: list[Triple] = []
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            faults.add(1, "", f"the first row lacks {listing(missing)}; columns {listing(COLUMNS)} are wanted")
            faults.check()
        place = [header.index(name) for name in COLUMNS]
        for row in rows:
            if any(cell.strip() for cell in row):
                _take(row, place, rows.line_num, goods, triples, faults)
    except csv.Error as error:
        faults.add(rows.line_num, "", f"is not CSV: {error}")
    faults.check()
    return triples


def _take(
    row: list[str], place: list[int], line: int, goods: dict[str, int] | None, triples: list[Triple], faults: Faults
) -> None:
    if len(row) <= max(place):
        faults.add(line, "", f"has {len(row)} cells; a bidder, goods and a bid are wanted")
        return
    bidder, bundle, bid = (row[at].strip() for at in place)
    names = [name for name in _SEPARATORS.split(bundle) if name]
    price = _number(bid)
    if not bidder:
        faults.add(line, "bidder", "is empty")
    if not names:
        faults.add(line, "goods", "is empty; a bid is for at least one good")
    if price is None or price < 0:
        faults.add(line, "bid", f"is '{clip(bid)}'; a number of at least 0 is wanted")
    for name in names:
        if goods is not None and name not in goods:
            faults.add(line, "goods", f"'{clip(name)}' is not for sale{suggest(name, goods)}")
    if bidder and names and price is not None and price >= 0:
        triples.append((bidder, {name: names.count(name) for name in dict.fromkeys(names)}, price))


def _number(text: str) -> Fraction | None:
    try:
        value = read_expression(text).evaluate()
    except ExpressionError:
        return None
    return value if isinstance(value, Fraction) else None

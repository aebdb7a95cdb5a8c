"""Observed values from a CSV file, as types or cut into cells."""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from amd.files.cells import MEAN, place, width_edges
from amd.files.context import MAX_TYPES, Context
from amd.files.faults import clip, listing, suggest
from amd.files.records import Fields
from amd.model.numbers import ZERO
from amd.model.types import Grid

MAX_BYTES = 64 * 2**20
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,300}\.?[0-9]{0,300}|\.[0-9]{1,300})(?:[eE][+-]?[0-9]{1,2})?")

Ends = tuple[Fraction, Fraction]


class SampleError(ValueError):
    """The CSV file cannot be used; the message names it, and the line where there is one."""


def read_samples(
    fields: Fields, support: Ends | None, cells: int | None, at: str, by: str, context: Context
) -> Grid | None:
    """The grid of observed values.

    Without `cells` every value is a type with its frequency. With cells a type stands at the mean of the values in its
    cell (or where `at` says); cells are closed below, the last also above; a cell without values has no type. Values
    outside `support` are left out. With `cut: mass` the cells have equal numbers of values, as far as equal values,
    which stay together, allow.
    """
    name, column = fields.get("samples"), fields.get("column")
    if name is None or column is None or (fields.has("cells") and cells is None):
        return None
    try:
        path = find(name.value, context.folder)
        values = sorted(read_column(path, name.value, column.value))
    except SampleError as error:
        at_column = "column" if "column" in str(error) else "samples"
        fields.blame(at_column, context.faults, str(error))
        return None
    if support is not None:
        values = [value for value in values if support[0] <= value <= support[1]]
    if not values:
        where = "" if support is None else " inside the support"
        fields.blame("samples", context.faults, f"'{name.value}' has no values{where} in column '{column.value}'")
        return None
    if cells is None:
        return _frequencies(fields, values, context)
    return _cut(values, support, cells, at, by)


def find(name: str, folder: Path | None) -> Path:
    """The file of that name, which must lie below the folder of the problem, symbolic links followed."""
    base = (Path.cwd() if folder is None else folder).resolve()
    relative = Path(name)
    if "\0" in name or relative.is_absolute() or ".." in relative.parts:
        raise SampleError(f"'{clip(name)}' leaves the folder of the problem; name a file below it")
    try:
        path = (base / relative).resolve()
        there = path.is_file()
    except OSError as error:  # a name that the system refuses, such as a very long one
        raise SampleError(f"'{clip(name)}' cannot be read: {error.strerror}") from None
    if not path.is_relative_to(base):
        raise SampleError(f"'{clip(name)}' leads out of the folder of the problem; name a file below it")
    if not there:
        raise SampleError(f"there is no file '{clip(name)}' below the folder of the problem")
    return path


def read_column(path: Path, name: str, column: str) -> Iterator[Fraction]:
    """The numbers of one column, empty cells dropped."""
    rows = csv.reader(io.StringIO(_text(path, name), newline=""))
    try:
        header = [cell.strip() for cell in next(rows, [])]
        where = _position(header, name, column)
        for row in rows:
            cell = row[where].strip() if where < len(row) else ""
            if cell:
                yield _number(cell, f"{name}:{rows.line_num}", column)
    except csv.Error as error:
        raise SampleError(f"{name}:{rows.line_num} is not CSV: {error}") from None


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SampleError(f"'{clip(name)}' is larger than {MAX_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise SampleError(f"'{clip(name)}' cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SampleError(f"{name}:{line} is not UTF-8; save the file as UTF-8") from None


def _position(header: list[str], name: str, column: str) -> int:
    places = [place for place, cell in enumerate(header) if cell == column.strip()]
    if len(places) == 1:
        return places[0]
    if places:
        raise SampleError(f"'{clip(name)}' has {len(places)} columns '{clip(column)}'; their names must differ")
    if not any(header):
        raise SampleError(f"'{clip(name)}' has no header row")
    hint = suggest(column, header)
    columns = "" if hint.startswith("; there") else f" (the columns are {listing(header)})"
    raise SampleError(f"'{clip(name)}' has no column '{clip(column)}'{hint}{columns}")


def _number(cell: str, place: str, column: str) -> Fraction:
    if not _DECIMAL.fullmatch(cell):
        raise SampleError(f"{place} has '{clip(cell)}' in column '{clip(column)}', which is not a number")
    return Fraction(cell)


def _frequencies(fields: Fields, values: list[Fraction], context: Context) -> Grid | None:
    counts: dict[Fraction, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    for key in ("at", "cut"):
        if fields.has(key):
            fields.blame(key, context.faults, "means something with 'cells' only; without them every value is a type")
    if len(counts) > MAX_TYPES:
        fields.blame("samples", context.faults, f"has {len(counts):,} different values; give 'cells'")
        return None
    return Grid(tuple(counts), tuple(Fraction(count, len(values)) for count in counts.values()))


def _cut(values: list[Fraction], support: Ends | None, cells: int, at: str, by: str) -> Grid:
    low, high = support or (values[0], values[-1])
    if low == high:
        return Grid((low,), (Fraction(1),))
    edges = width_edges(low, high, cells) if by == "width" else _equal_counts(values, low, high, cells)
    members: dict[int, list[Fraction]] = {}
    for value in values:
        members.setdefault(min(bisect_right(edges, value), len(edges) - 1) - 1, []).append(value)
    points, shares = [], []
    for cell, inside in members.items():
        mean = sum(inside, ZERO) / len(inside)
        points.append(mean if at == MEAN else place(at, edges[cell], edges[cell + 1]))
        shares.append(Fraction(len(inside), len(values)))
    return Grid(tuple(points), tuple(shares))


def _equal_counts(values: list[Fraction], low: Fraction, high: Fraction, cells: int) -> tuple[Fraction, ...]:
    """The lower end, the values at every N-th part of the sorted ones, and the upper end.

    Equal values stay together, so there may be fewer cells; the last may be the greatest value alone.
    """
    count = min(cells, len(values))
    inner = {values[-(-k * len(values) // count)] for k in range(1, count)}
    return (*sorted({low, *inner}), high)

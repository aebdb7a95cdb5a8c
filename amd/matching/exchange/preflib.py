"""Kidney pools in PrefLib's format: a `.wmd` file of arcs and a `.dat` file that marks the altruists.

Old files begin with `vertices,arcs` and count vertices from 0 on arcs (from 1 in the list of names); the files of
series 00036 begin with `# …` lines and count from 1 throughout. Arcs of weight 0 into altruists, by which the old files
close chains into cycles, are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from amd.matching.exchange.pool import Pool
from amd.matching.market import BoolArray, MarketError


@dataclass(frozen=True, eq=False)
class PoolFile:
    """The pool, the number of arcs in the file, and how many returned to altruists and were left out."""

    pool: Pool
    arcs: int
    returning: int
    first_index: int


def read_wmd(wmd: Path, dat: Path | None = None, first_index: int | None = None) -> PoolFile:
    """Read a pool. Without `dat` there are no altruists; `first_index` (0 or 1) overrides what the header tells.

    Raises MarketError, with file and line, when a line does not have the format's form.
    """
    lines = list(_lines(wmd))
    if not lines:
        raise MarketError(f"{wmd}: the file is empty")
    names, count, promised, body = (_new_head if lines[0][1].startswith("#") else _old_head)(wmd, lines)
    first = first_index if first_index is not None else int(lines[0][1].startswith("#"))
    rows = [_arc(wmd, line, text, first, count) for line, text in body]
    if len(rows) != promised:
        raise MarketError(f"{wmd}:{lines[0][0]}: the header promises {promised} arcs, the file has {len(rows)}")
    source = np.array([row[0] for row in rows], np.int64)
    target = np.array([row[1] for row in rows], np.int64)
    weight = np.array([row[2] for row in rows], np.float64)
    altruist = np.zeros(count, np.bool_) if dat is None else _read_altruists(dat, count)
    returning = altruist[target] & (weight == 0)
    kept = ~returning
    pool = Pool(altruist, source[kept], target[kept], weight[kept], names=names)
    return PoolFile(pool, len(rows), int(returning.sum()), first)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if text.strip():
            yield number, text.strip()


Head = tuple[tuple[str, ...], int, int, list[tuple[int, str]]]


def _old_head(path: Path, lines: list[tuple[int, str]]) -> Head:
    count, promised = _whole_numbers(path, *lines[0], 2)
    if len(lines) <= count:
        raise MarketError(f"{path}:{lines[0][0]}: the header promises {count} vertices, their names are not all there")
    names = tuple(text.partition(",")[2].strip() for _, text in lines[1 : count + 1])
    return names, count, promised, lines[count + 1 :]


def _new_head(path: Path, lines: list[tuple[int, str]]) -> Head:
    keys = {}
    for _, text in lines:
        if text.startswith("#"):
            key, _, value = text.lstrip("# ").partition(":")
            keys[key.strip()] = value.strip()
    try:
        count, promised = int(keys["NUMBER ALTERNATIVES"]), int(keys["NUMBER EDGES"])
    except (KeyError, ValueError) as error:
        raise MarketError(f"{path}: the header lacks a whole NUMBER ALTERNATIVES or NUMBER EDGES") from error
    names = tuple(keys.get(f"ALTERNATIVE NAME {i}", str(i)) for i in range(1, count + 1))
    return names, count, promised, [line for line in lines if not line[1].startswith("#")]


def _whole_numbers(path: Path, line: int, text: str, count: int) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",")]
    except ValueError as error:
        raise MarketError(f"{path}:{line}: '{text}' should be {count} whole numbers with commas between") from error
    if len(numbers) != count:
        raise MarketError(f"{path}:{line}: '{text}' should be {count} whole numbers with commas between")
    return numbers


def _arc(path: Path, line: int, text: str, first: int, count: int) -> tuple[int, int, float]:
    parts = text.split(",")
    try:
        source, target, weight = int(parts[0]) - first, int(parts[1]) - first, float(parts[2])
    except (ValueError, IndexError) as error:
        raise MarketError(f"{path}:{line}: '{text}' should be source,target,weight") from error
    for vertex in (source, target):
        if not 0 <= vertex < count:
            here = f"{first} … {count - 1 + first}"
            raise MarketError(f"{path}:{line}: vertex {vertex + first} is not one of {here}")
    if source == target:
        raise MarketError(f"{path}:{line}: an arc goes from vertex {source + first} to itself")
    return source, target, weight


def _read_altruists(path: Path, count: int) -> BoolArray:
    """The `Altruist` column; vertices are counted from 1 in files of either age."""
    lines = list(_lines(path))
    header = [name.strip() for name in lines[0][1].split(",")] if lines else []
    if "Altruist" not in header or header[0] != "Pair":
        raise MarketError(f"{path}:1: the header should begin with Pair and have a column Altruist")
    column = header.index("Altruist")
    altruist = np.zeros(count, np.bool_)
    for line, text in lines[1:]:
        parts = text.split(",")
        if len(parts) != len(header) or parts[column].strip() not in ("0", "1") or not parts[0].strip().isdigit():
            raise MarketError(f"{path}:{line}: '{text}' should have {len(header)} columns, Altruist 0 or 1")
        vertex = int(parts[0])
        if not 1 <= vertex <= count:
            raise MarketError(f"{path}:{line}: vertex {vertex} is not one of 1 … {count}")
        altruist[vertex - 1] = parts[column].strip() == "1"
    if len(lines) - 1 != count:
        raise MarketError(f"{path}: {len(lines) - 1} vertices are described, the arcs are among {count}")
    return altruist

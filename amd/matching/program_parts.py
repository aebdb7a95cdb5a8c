"""Rows that several of the module's programs share: sums over parts of preference lists, as sparse matrices.

Columns are the entries of the applicants' lists, x_e = 1 when the pair of entry e is matched.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.matching.market import EntryArray, IntArray, Lists, Market
from solvers import LinearProgram, Settings, Solution, get

FloatArray: TypeAlias = NDArray[np.float64]


def sums_by(group: EntryArray, count: int) -> csr_array:
    """(count, k): row g adds up the columns whose group is g."""
    return csr_array((np.ones(group.size), (group, np.arange(group.size))), shape=(count, group.size))


def list_prefixes(lists: Lists, through_ties: bool) -> csr_array:
    """(k, k): row e adds up the entries of the same list that are better than e; with `through_ties` also those tied
    with e, e itself included."""
    last = tier_ends(lists) if through_ties else tier_starts(lists)
    first = lists.start[lists.owner]
    indptr = np.concatenate([[0], np.cumsum(last - first)])
    columns = np.arange(indptr[-1]) + np.repeat(first - indptr[:-1], last - first)
    return csr_array((np.ones(columns.size), columns, indptr), shape=(lists.entries, lists.entries))


def tier_starts(lists: Lists) -> IntArray:
    """(k,): the first entry of each entry's tier."""
    position = np.arange(lists.entries)
    opens = np.ones(lists.entries, np.bool_)
    opens[1:] = (np.diff(lists.tier) != 0) | (np.diff(lists.owner) != 0)
    return np.maximum.accumulate(np.where(opens, position, 0)) if position.size else position


def tier_ends(lists: Lists) -> IntArray:
    """(k,): one past the last entry of each entry's tier."""
    first = tier_starts(lists)
    last = np.zeros(lists.entries, np.int64)
    np.maximum.at(last, first, np.arange(1, lists.entries + 1))
    return last[first]


def program_prefixes(market: Market, through_ties: bool) -> csr_array:
    """(k, k): the same sums along the programs' lists, rows and columns still the applicants' entries."""
    inner = list_prefixes(market.programs, through_ties)
    return csr_array(csr_array(inner[market.cross])[:, market.cross])


def solve(program: LinearProgram, settings: Settings = Settings()) -> Solution:
    return get("highs").solve(program, settings)


class Rows:
    """Rows of a program collected one at a time: for parts that have no array form and are few."""

    def __init__(self) -> None:
        self._row: list[int] = []
        self._column: list[int] = []
        self._value: list[float] = []
        self.lower: list[float] = []
        self.upper: list[float] = []

    def add(self, terms: Iterable[tuple[int, float]], lower: float = -np.inf, upper: float = np.inf) -> None:
        """One row: (column, coefficient) pairs and its bounds."""
        for column, value in terms:
            self._row.append(len(self.lower))
            self._column.append(column)
            self._value.append(value)
        self.lower.append(lower)
        self.upper.append(upper)

    def matrix(self, columns: int) -> csr_array:
        """All rows; coefficients of a column that was named twice in one row add up."""
        coordinates = (np.array(self._row, np.int64), np.array(self._column, np.int64))
        return csr_array((np.array(self._value, np.float64), coordinates), shape=(len(self.lower), columns))

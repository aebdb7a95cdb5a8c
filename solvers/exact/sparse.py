"""Sparse matrices of whole numbers of any length."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from solvers.exact.digits import bits, scaled_floats
from solvers.exact.numbers import WORD, Integers, Whole, compact, known_words, longest, words
from solvers.program import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Sparse:
    """A matrix of `width` columns in CSR arrays of Python integers, each place at most once; `word` are the same
    values in machine words, where they are known already."""

    starts: IntArray
    column: IntArray
    value: Integers
    width: int
    word: IntArray | None = None

    @classmethod
    def of(cls, starts: IntArray, column: IntArray, value: Whole, width: int) -> Sparse:
        """From Python integers or machine words."""
        return cls(starts, column, value.astype(object), width, known_words(value))

    @property
    def size(self) -> int:
        """Its rows."""
        return len(self.starts) - 1

    @cached_property
    def row(self) -> IntArray:
        """The row of each entry."""
        return np.repeat(np.arange(self.size), np.diff(self.starts))

    @cached_property
    def transposed(self) -> Sparse:
        order = np.argsort(self.column, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.column, minlength=self.width))])
        return Sparse.of(starts, self.row[order], self.entries[order], self.size)

    @property
    def entries(self) -> Whole:
        """The entries in machine words, where they fit with room for x."""
        return self.value if self._word is None else self._word

    def times(self, x: Integers) -> Integers:
        """The matrix times x (width,): (size,)."""
        return self.product(compact(x)).astype(object)

    def product(self, x: Whole) -> Whole:
        """The same, in machine words where x is and no sum can be too long for them."""
        if self._word is not None and x.dtype == np.int64 and self._bits + longest(x) <= WORD:
            return group_sums(self._word * x[self.column], self.starts)
        return group_sums(self.value * x.astype(object)[self.column], self.starts)

    @cached_property
    def sizes(self) -> IntArray:
        """The length of each entry in binary digits, about."""
        return bits(self.value) if self._word is None else np.asarray(np.frexp(self._word)[1], dtype=np.int64)

    def scaled(self, exponents: IntArray) -> FloatArray:
        """The entries times ``2.0**-exponents`` in floats."""
        if self._word is None:
            return scaled_floats(self.value, exponents)
        return np.asarray(np.ldexp(self._word.astype(float), -exponents))

    @cached_property
    def _bits(self) -> int:
        """Binary digits of a row's sum when x is 0, 1 or -1."""
        return (
            longest(self.value if self.word is None else self.word)
            + int(np.diff(self.starts).max(initial=0)).bit_length()
        )

    @cached_property
    def _word(self) -> IntArray | None:
        """The entries in machine words, where there is room left for x."""
        if self._bits >= WORD:
            return None
        return words(self.value) if self.word is None else self.word


def group_sums(values: Whole, starts: IntArray) -> Whole:
    """The sums of ``values[starts[k] : starts[k + 1]]``, 0 for empty groups, in the numbers' own type."""
    sums: Any = np.zeros(len(starts) - 1, dtype=values.dtype)
    full = np.flatnonzero(np.diff(starts))
    if full.size:
        sums[full] = np.add.reduceat(values, starts[full])
    return sums

"""The pool of an exchange: vertices (pairs and altruists), arcs (whose donor can give to whom), weights, chances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from amd.matching.market import BoolArray, IntArray, MarketError

FloatArray: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pool:
    """A compatibility graph.

    `altruist` (n,): true for donors without a patient; `source`, `target` (k,): the donor at `source` can give to the
    patient at `target`; `weight` (k,): what that transplant is worth; `success` (k,): the chance that it takes place
    once agreed, default 1. Raises MarketError on a self-loop, an arc listed twice, an arc to an altruist, a number out
    of range.
    """

    altruist: BoolArray
    source: IntArray
    target: IntArray
    weight: FloatArray
    success: FloatArray | None = None
    names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        arrays = [self.source, self.target, self.weight] + ([] if self.success is None else [self.success])
        if any(array.shape != self.source.shape for array in arrays):
            raise MarketError("sources, targets, weights and chances of success differ in number")
        if not self.source.size:
            return
        if min(self.source.min(), self.target.min()) < 0 or max(self.source.max(), self.target.max()) >= self.count:
            raise MarketError(f"an arc leaves the pool of {self.count}")
        self._refuse(self.source == self.target, "goes from {0} to itself")
        self._refuse(self.altruist[self.target], "goes to the altruist {1}, who needs nothing")
        self._refuse(~np.isfinite(self.weight), "from {0} to {1} has a weight that is not a finite number")
        if self.success is not None:
            self._refuse(~((self.success >= 0) & (self.success <= 1)), "from {0} to {1} has a chance outside 0 … 1")
        order = np.argsort(self.keys, kind="stable")
        twice = np.zeros(self.source.size, np.bool_)
        twice[order[1:]] = np.diff(self.keys[order]) == 0
        self._refuse(twice, "from {0} to {1} is listed twice")

    def _refuse(self, wrong: BoolArray, what: str) -> None:
        if wrong.any():
            arc = int(wrong.argmax())
            ends = self.name(int(self.source[arc])), self.name(int(self.target[arc]))
            raise MarketError(f"an arc {what.format(*ends)}")

    @property
    def count(self) -> int:
        return self.altruist.size

    @property
    def arcs(self) -> int:
        return self.source.size

    @cached_property
    def keys(self) -> IntArray:
        """(k,): source and target as one number."""
        return self.source.astype(np.int64) * self.count + self.target

    @cached_property
    def chance(self) -> FloatArray:
        """(k,): success, 1 where it is not given."""
        return np.ones(self.arcs) if self.success is None else self.success

    def name(self, vertex: int) -> str:
        return self.names[vertex] if self.names is not None else str(vertex + 1)

    def sorted(self) -> Pool:
        """The same pool with its arcs in order of source, then target."""
        order = np.argsort(self.keys, kind="stable")
        return replace(
            self,
            source=self.source[order],
            target=self.target[order],
            weight=self.weight[order],
            success=None if self.success is None else self.success[order],
        )

    def arc_of(self, source: IntArray, target: IntArray) -> IntArray:
        """The arcs between vertices, for a pool with sorted arcs. Raises MarketError where there is none."""
        wanted = source * self.count + target
        found = np.searchsorted(self.keys, wanted)
        if (np.append(self.keys, -1)[found] != wanted).any():
            raise MarketError("an exchange uses an arc that the pool does not have")
        return found

"""The standard formats for one good: who wins and who pays what, for many rounds of bids at once.

* first-price and Dutch: the winner pays its bid. (Dutch: a bid is the price at which a bidder stops the clock.)
* second-price and English: the winner pays the highest other bid, or the reserve. (English: a bid is when to drop out.)
* all-pay: everyone who bids at least the reserve pays its bid.

The highest bid of at least the reserve wins; ties are broken by a draw from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from amd.classics.arrays import Array
from amd.model.numbers import IntArray

NOBODY = -1


class Format(Enum):
    """A standard format; the value is its name in files."""

    FIRST_PRICE = "first-price"
    SECOND_PRICE = "second-price"
    ENGLISH = "english"
    DUTCH = "dutch"
    ALL_PAY = "all-pay"

    @property
    def truthful(self) -> bool:
        """Whether bidding one's value is a dominant strategy with private values."""
        return self in (Format.SECOND_PRICE, Format.ENGLISH)


@dataclass(frozen=True, eq=False)
class Rounds:
    """`winner` (R,) positions or NOBODY, `payments` (R, n)."""

    winner: IntArray
    payments: Array

    @property
    def revenue(self) -> Array:
        """(R,): the sum of payments of each round."""
        return np.asarray(self.payments.sum(axis=1))


def play(form: Format, bids: Array, reserve: Any = 0, random: np.random.Generator | None = None) -> Rounds:
    """The outcome of R rounds of `bids` (R, n), floats or Fractions; a NaN is no bid. Ties by `random` (default seed
    0).
    """
    if bids.ndim != 2:
        raise ValueError("bids need one row a round and one column a bidder")
    rounds, n = bids.shape
    if not n:
        return Rounds(np.full(rounds, NOBODY), np.zeros((rounds, 0)))
    valid = bids >= reserve
    offered = np.where(valid, bids, reserve - 1)
    order = _ranked(offered, np.random.default_rng(0) if random is None else random)
    rows = np.arange(rounds)
    top = order[:, 0]
    sold = valid[rows, top]
    payments = 0 * offered
    if form is Format.ALL_PAY:
        payments = np.where(valid, offered, payments)
    elif form.truthful:
        second = offered[rows, order[:, 1]] if n > 1 else offered[rows, top] * 0 + reserve
        payments[rows, top] = np.where(sold, np.maximum(second, reserve), payments[rows, top])
    else:
        payments[rows, top] = np.where(sold, offered[rows, top], payments[rows, top])
    return Rounds(np.where(sold, top, NOBODY), payments)


def _ranked(offered: Array, random: np.random.Generator) -> IntArray:
    """(R, min(n, 2)): the highest and second-highest bidder of each round, ties in random order."""
    rounds, n = offered.shape
    shuffle = random.permuted(np.tile(np.arange(n), (rounds, 1)), axis=1)
    mixed = np.take_along_axis(offered, shuffle, axis=1)
    first = mixed.argmax(axis=1)
    picked = [np.take_along_axis(shuffle, first[:, None], axis=1)[:, 0]]
    if n > 1:
        others = np.arange(n - 1) + (np.arange(n - 1) >= first[:, None])
        second = np.take_along_axis(mixed, others, axis=1).argmax(axis=1)
        place = np.take_along_axis(others, second[:, None], axis=1)
        picked.append(np.take_along_axis(shuffle, place, axis=1)[:, 0])
    return np.stack(picked, axis=1)

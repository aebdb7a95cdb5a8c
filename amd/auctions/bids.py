"""A combinatorial auction: goods in whole units, and sealed bids for bundles of them.

A bidder's bids are joined by XOR (at most one of them wins) or by OR (any of them that fit may win, and it pays for
all).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.model.numbers import ExactArray, FloatArray, IntArray, exact_array, exact_zeros


@dataclass(frozen=True, eq=False)
class CombinatorialAuction:
    """G goods, N bidders, B bids.

    `supply` (G,) units; `reserve` (G,) the least the seller takes for a unit; `owner` (B,) positions of bidders,
    `price` (B,) offered for the whole bundle, `units` (B, G) what it holds; `exclusive` (N,) True for XOR. Raises
    ValueError where shapes disagree, a price is negative, or a bundle is empty or not of whole units.
    """

    goods: tuple[str, ...]
    supply: IntArray
    bidders: tuple[str, ...]
    exclusive: NDArray[np.bool_]
    owner: IntArray
    price: ExactArray
    units: csr_array
    reserve: ExactArray

    def __post_init__(self) -> None:
        G, N, B = len(self.goods), len(self.bidders), len(self.owner)
        shapes = {
            "supply": (self.supply.shape, (G,)),
            "reserve": (self.reserve.shape, (G,)),
            "exclusive": (self.exclusive.shape, (N,)),
            "price": (self.price.shape, (B,)),
            "units": (self.units.shape, (B, G)),
        }
        for name, (found, wanted) in shapes.items():
            if found != wanted:
                raise ValueError(f"{name} has shape {found}, expected {wanted}")
        if B and (self.price.min() < 0 or np.diff(self.units.indptr).min() == 0 or self.units.data.min() < 1):
            raise ValueError("a bid needs a price of at least 0 and at least one unit of some good")
        if B and not (self.owner.min() >= 0 and self.owner.max() < N):
            raise ValueError("a bid belongs to no bidder")

    @cached_property
    def bundle_reserve(self) -> ExactArray:
        """(B,): the least the seller takes for each bundle."""
        if not (self.reserve != 0).any():
            return exact_zeros(len(self.owner))
        return np.asarray(self.units.toarray().astype(object).dot(self.reserve)).reshape(-1) + exact_zeros(1)

    @cached_property
    def gain(self) -> ExactArray:
        """(B,): price less the bundle's reserve, the bid's part of the total to be maximised."""
        return np.asarray(self.price - self.bundle_reserve)

    @cached_property
    def denominator(self) -> int:
        """The common denominator of all gains."""
        return lcm(*(gain.denominator for gain in self.gain)) if len(self.gain) else 1

    @cached_property
    def float_gain(self) -> FloatArray:
        return self.gain.astype(np.float64)

    def bundle(self, bid: int) -> dict[str, int]:
        """Good → units of one bid."""
        row = slice(self.units.indptr[bid], self.units.indptr[bid + 1])
        return {self.goods[g]: int(n) for g, n in zip(self.units.indices[row], self.units.data[row], strict=True)}


def combinatorial_auction(
    goods: Mapping[str, int] | Sequence[str],
    bids: Sequence[tuple[str, Mapping[str, int] | Sequence[str], Fraction | int | str]],
    either: Sequence[str] = (),
    reserve: Mapping[str, Fraction | int | str] | None = None,
    bidders: Sequence[str] = (),
) -> CombinatorialAuction:
    """An auction from (bidder, bundle, price) triples.

    A bundle is a list of goods (repeats are units) or good → units. Bidders named in `either` bid by OR, all others by
    XOR.
    `bidders` names those who may have no bids. Raises ValueError for unknown goods and bad bids.

    >>> combinatorial_auction(["A", "B"], [("ann", ["A"], 80), ("bob", ["A", "B"], 100)]).bidders
    ('ann', 'bob')
    """
    supply = dict(goods) if isinstance(goods, Mapping) else dict.fromkeys(goods, 1)
    names = tuple(supply)
    position = {name: g for g, name in enumerate(names)}
    everyone = tuple(dict.fromkeys([*bidders, *(bidder for bidder, _, _ in bids)]))
    who = {name: i for i, name in enumerate(everyone)}
    rows, columns, data = [], [], []
    for row, (_, bundle, _) in enumerate(bids):
        for good, count in _counted(bundle).items():
            if good not in position:
                raise ValueError(f"bid {row + 1} names the good '{good}', which is not for sale")
            rows.append(row)
            columns.append(position[good])
            data.append(count)
    least = {} if reserve is None else dict(reserve)
    return CombinatorialAuction(
        goods=names,
        supply=np.array(list(supply.values()), dtype=np.int64),
        bidders=everyone,
        exclusive=np.array([name not in set(either) for name in everyone], dtype=bool),
        owner=np.array([who[bidder] for bidder, _, _ in bids], dtype=np.int64),
        price=exact_array([price for _, _, price in bids]),
        units=csr_array((np.array(data, dtype=np.int64), (rows, columns)), shape=(len(bids), len(names))),
        reserve=exact_array([least.get(name, 0) for name in names]),
    )


def _counted(bundle: Mapping[str, int] | Sequence[str]) -> dict[str, int]:
    if isinstance(bundle, Mapping):
        return dict(bundle)
    counts: dict[str, int] = {}
    for good in bundle:
        counts[good] = counts.get(good, 0) + 1
    return counts

"""Virtual values of finitely many types: marginal revenue, regularity, ironing (Myerson, 1981; Bulow and Roberts,
1989).

A buyer has value v_1 < … < v_K with probabilities f_k > 0. Selling to all values from v_k up, at the price v_k, sells
with probability S_k = f_k + … + f_K and earns R_k = v_k S_k. The slope of this revenue curve between S_{k+1} and S_k is

    φ_k = v_k − (v_{k+1} − v_k)(1 − F_k)/f_k,    φ_K = v_K,

the *virtual value*: marginal revenue is virtual value. In any Bayesian incentive compatible mechanism in which the
lowest type gets nothing, E[payment] ≤ E[φ q] with equality when the neighbouring downward incentives bind, and q can be
had iff it is nondecreasing. Where φ falls, the best monotone q is constant on the intervals on which the least concave
majorant of the revenue curve is straight; its slopes are the *ironed* virtual values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.classics.arrays import Array, Number, Numbers, prior
from amd.pictures import Pictured


@dataclass(frozen=True, eq=False)
class VirtualValues(Pictured):
    """The revenue curve of one buyer and its slopes; every array has one entry a value, lowest value first.

    `survival` S_k and `revenue` R_k are the points of the revenue curve, `virtual` its slopes and `ironed` those of its
    concave majorant. `pools` lists the ironed intervals as (first, last) positions of at least two values.
    """

    values: Array
    probability: Array
    survival: Array
    revenue: Array
    virtual: Array
    ironed: Array
    pools: tuple[tuple[int, int], ...]

    @property
    def regular(self) -> bool:
        """Whether the virtual values never fall, so that nothing is ironed away."""
        return all(a <= b for a, b in zip(self.virtual, self.virtual[1:], strict=False))

    def reserve_index(self, own_value: Number = 0) -> int | None:
        """The position of the lowest value whose ironed virtual value is at least `own_value`; None where there is
        none.
        """
        enough = np.flatnonzero(self.ironed >= own_value)
        return int(enough[0]) if enough.size else None

    def reserve(self, own_value: Number = 0) -> Any:
        """The individual reserve price for a seller who keeps `own_value` when not selling; None: never sell."""
        index = self.reserve_index(own_value)
        return None if index is None else self.values[index]

    def posted_price(self, own_value: Number = 0) -> tuple[Any, Any]:
        """The best take-it-or-leave-it price and its expected profit E[(price − own value)·sale], lowest price
        first.
        """
        profit = self.revenue - self.survival * own_value
        best = int(np.argmax(profit))
        return self.values[best], profit[best]


def virtual_values(values: Numbers, probability: Numbers | None = None) -> VirtualValues:
    """The virtual and ironed virtual values of a finite distribution (equal probabilities unless given).

    Raises ValueError unless values are strictly increasing and probabilities positive with sum 1.
    """
    v, f = prior(values, probability)
    survival = np.cumsum(f[::-1])[::-1]
    revenue = v * survival
    virtual = (revenue - np.append(revenue[1:], 0 * v[:1])) / f
    ironed, pools = iron(virtual, f)
    return VirtualValues(v, f, survival, revenue, virtual, ironed, pools)


def iron(slopes: Array, weight: Array) -> tuple[Array, tuple[tuple[int, int], ...]]:
    """The nondecreasing weighted isotonic regression of `slopes` (K,), and its pools of two or more positions.

    The slopes of the concave majorant of the revenue curve drawn from the highest value down are the isotonic
    regression of φ with weights f (Barlow, Bartholomew, Bremner and Brunk, 1972): adjacent violators are pooled at
    their weighted mean until none is left. Neighbours of equal mean stay apart, so a regular prior has no pools.
    """
    blocks: list[tuple[int, Any, Any]] = []  # first position, weight, weighted sum
    for position, (slope, mass) in enumerate(zip(slopes, weight, strict=True)):
        first, total, area = position, mass, slope * mass
        while blocks and blocks[-1][2] * total > area * blocks[-1][1]:
            first, mass_before, area_before = blocks.pop()
            total, area = total + mass_before, area + area_before
        blocks.append((first, total, area))
    ends = [block[0] for block in blocks[1:]] + [len(slopes)]
    ironed = slopes.copy()
    for (first, total, area), end in zip(blocks, ends, strict=True):
        if end - first > 1:
            ironed[first:end] = area / total
    return ironed, tuple((b[0], end - 1) for b, end in zip(blocks, ends, strict=True) if end - b[0] > 1)

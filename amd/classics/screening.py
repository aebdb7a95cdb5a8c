"""A monopolist screens by quality (Mussa and Rosen, 1978), and by quantity (Maskin and Riley, 1984, monopoly).

A buyer of type θ_k values quality q at θ_k q; producing q costs linear·q + curvature·q²/2. The profit of a
nondecreasing menu is E[φ_k q_k − cost(q_k)] with φ the virtual value, so the best quality has marginal cost equal to
the ironed virtual value where that is above `linear`, and is 0 below. The highest type gets the efficient quality, all
others less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from amd.classics.arrays import Array, Number, Numbers, number
from amd.classics.payments import greatest_payments
from amd.classics.virtual import virtual_values
from amd.pictures import Pictured


@dataclass(frozen=True, eq=False)
class Menu(Pictured):
    """A menu, one entry a type: `quality`, `price`, the `efficient` quality beside it, and the expected profit."""

    types: Array
    quality: Array
    price: Array
    efficient: Array
    profit: Any


def screening_menu(
    types: Numbers,
    probability: Numbers | None = None,
    linear: Number = 0,
    curvature: Number = 1,
) -> Menu:
    """The profit-maximising menu, exact for exact input. Raises ValueError unless curvature is positive."""
    slope, bend = number(linear), number(curvature)
    if bend <= 0:
        raise ValueError("the cost of quality must be strictly convex: curvature > 0")
    known = virtual_values(types, probability)
    quality, efficient = (np.maximum(level - slope, 0 * level) / bend for level in (known.ironed, known.values))
    price = greatest_payments(known.values, quality)
    cost = slope * quality + bend * quality * quality / 2
    return Menu(known.values, quality, price, efficient, (known.probability * (price - cost)).sum())

"""Payments from an allocation rule: the payment identity and revenue equivalence (Myerson, 1981).

One dimension, utility v·q − m. On a continuum truth-telling fixes payments up to a constant: m(x) = m(r) + ∫_r^x y
dq(y).
On finitely many values it only encloses them: between neighbours,

    v_{k−1} (q_k − q_{k−1}) ≤ m_k − m_{k−1} ≤ v_k (q_k − q_{k−1}),

and the rule can be had iff q is nondecreasing. The upper end, where downward incentives bind, gives the greatest
revenue.
Revenue equivalence on a grid is therefore an interval that shrinks with the steps of the grid.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from amd.classics.arrays import Array, Number


def is_monotone(q: Array, axis: int = 0) -> bool:
    """Whether q is nondecreasing along the axis of the values."""
    steps = np.diff(q, axis=axis)
    return bool((steps >= 0).all())


def greatest_payments(values: Array, q: Array, lowest_utility: Number = 0, axis: int = 0) -> Array:
    """m_k = v_k q_k − Σ_{l<k} (v_{l+1} − v_l) q_l − `lowest_utility`: the greatest payments that implement q.

    `values` (K,); `q` has K entries along `axis`, and the other axes are carried along (the other agents' reports).
    Raises ValueError where q falls, since no payments implement it then.
    """
    return _payments(values, q, lowest_utility, axis, upper=True)


def least_payments(values: Array, q: Array, lowest_utility: Number = 0, axis: int = 0) -> Array:
    """The least payments that implement q and leave the lowest type `lowest_utility`: upward incentives bind."""
    return _payments(values, q, lowest_utility, axis, upper=False)


def _payments(values: Array, q: Array, lowest_utility: Number, axis: int, upper: bool) -> Array:
    moved = np.moveaxis(q, axis, 0)
    if moved.shape[0] != len(values):
        raise ValueError(
            f"the allocation has {moved.shape[0]} entries along axis {axis} but there are {len(values)} values"
        )
    if not is_monotone(moved):
        raise ValueError("the allocation falls as the value rises: no payments make truth-telling best")
    v = values.reshape(-1, *([1] * (moved.ndim - 1)))
    at = v[1:] if upper else v[:-1]
    first = v[:1] * moved[:1] - lowest_utility
    return np.moveaxis(np.cumsum(np.concatenate([first, at * np.diff(moved, axis=0)]), axis=0), 0, axis)


def revenue_interval(values: Array, probability: Array, q: Array, lowest_utility: Number = 0) -> tuple[Any, Any]:
    """The least and the greatest expected payment over all payments that implement the interim allocation q (K,)."""
    low, high = (rule(values, q, lowest_utility) for rule in (least_payments, greatest_payments))
    return (probability * low).sum(), (probability * high).sum()


def identity_gap(values: Array, q: Array, m: Array) -> Any:
    """How far m is from the band of the payment identity: the greatest excess over neighbouring steps (0 if inside).

    `q` and `m` (K,) are interim. The gap is positive iff an incentive between neighbours is violated, so on every
    incentive compatible mechanism it is 0, and the band itself, (v_k − v_{k−1})(q_k − q_{k−1}), vanishes with the grid.
    """
    steps, moves = np.diff(q), np.diff(m)
    parts = np.concatenate([values[:-1] * steps - moves, moves - values[1:] * steps])
    return max(parts.max(initial=0 * values[0]), 0 * values[0])

"""The search for violated dominant incentives: every lie against every profile of the others, a block at a time.

The gain of type k from saying l against s is ``v(k)·x(l, s) - p(l, s) - u(k, s)``; where rows are written for one
(k, s) of each orbit only, only these are searched.

Lies to a near type of the grid, at most two steps away, are looked at first, and the others once few near lies pay:
rows between near types add up to those between far ones, and so are worth more. (Two bidders × three goods × 6
values: 6 rounds and 3,100 rows rather than 6 rounds and 14,000, or 16 rounds where only single steps come first.)
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from amd.compile.context import Context, own_first
from amd.model.numbers import FloatArray, IntArray

BLOCK = 1 << 16  # gains looked at in one go: they stay in the processor's cache
LIES = 6  # the worst lies of a type against a profile that are handed back
NEAR = 2  # steps in the grid
FEW = 0.02  # near lies that pay, for each type and profile of the others, when far ones are looked at, too


def violated_dominant(context: Context, agent: int, x: FloatArray, tolerance: float, most: int) -> IntArray:
    """Rows (k, l, s) that `x` breaks by more than the tolerance, worst first, at most `most`."""
    near = _near(context, agent)
    rows = np.zeros((0, 4)) if near is None else _violated(context, agent, x, tolerance, near)
    if len(rows) <= FEW * context.written(agent).sum():
        rows = _violated(context, agent, x, tolerance, None)
    return np.asarray(rows[np.argsort(-rows[:, 3], kind="stable")][:most, :3], dtype=np.int64)


def _near(context: Context, agent: int) -> NDArray[np.bool_] | None:
    """Which reports are near each type, (K, K); None without a grid."""
    shape = context.agents[agent].types.shape
    if len(shape) == 1:
        return None
    steps: IntArray = sum(  # type: ignore[assignment]
        np.abs(np.subtract.outer(place, place)) for place in np.indices(shape).reshape(len(shape), -1)
    )
    return steps <= NEAR


def _violated(
    context: Context, agent: int, x: FloatArray, tolerance: float, wanted: NDArray[np.bool_] | None
) -> FloatArray:
    """Rows (k, l, s, gain), of the wanted lies (K, K) or of all."""
    found = [np.zeros((0, 4))]
    written = context.written(agent)
    truths = np.flatnonzero(written.any(axis=1))
    for others, gains in _gains(context, agent, x, truths):
        gains[~written[np.ix_(truths, others)]] = 0
        if wanted is not None:
            gains = np.where(wanted[truths][:, None, :], gains, 0)
        found += [
            np.column_stack([truths[k], lie, others[s], gain]) for k, s, lie, gain in _worst_lies(gains, tolerance)
        ]
    return np.concatenate(found)


def _worst_lies(gains: FloatArray, tolerance: float) -> Iterator[tuple[IntArray, IntArray, IntArray, FloatArray]]:
    """(k, s, lie, gain) of the worst lies, then of the second worst, … in `gains` (K, S, L), which is used up."""
    for _ in range(LIES):
        lie = gains.argmax(axis=2)
        worst = np.take_along_axis(gains, lie[:, :, None], axis=2)[:, :, 0]
        k, s = np.nonzero(worst > tolerance)
        if len(k) == 0:
            return
        yield k, s, lie[k, s], worst[k, s]
        gains[k, s, lie[k, s]] = -np.inf


def _gains(context: Context, agent: int, x: FloatArray, truths: IntArray) -> Iterator[tuple[IntArray, FloatArray]]:
    """Some profiles of the others, and what each true type gains there by each report, (types, profiles, reports)."""
    held, paid = held_and_paid(context, agent, x)
    values = _profile_values(context, agent)
    truth = np.einsum("ksa,ksa->ks", np.broadcast_to(values, held.shape), held) - paid
    step = max(1, BLOCK // (len(truths) * len(held)))
    for start in range(0, held.shape[1], step):
        others = np.arange(start, min(start + step, held.shape[1]))
        value = values[truths] if values.shape[1] == 1 else values[np.ix_(truths, others)]
        value = np.broadcast_to(value, (len(truths), len(others), held.shape[2]))
        brought = np.matmul(value.transpose(1, 0, 2), held[:, others].transpose(1, 2, 0)).transpose(1, 0, 2)
        yield others, brought - paid[:, others].T[None] - truth[np.ix_(truths, others)][:, :, None]


def held_and_paid(context: Context, agent: int, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What report l brings (K, S, A) and costs (K, S) against the others' profile s."""
    one, profiles = context.agents[agent], context.profiles(agent)
    held = np.asarray((one.features @ context.allocation.take(x).T).T)[profiles]
    if context.utilities is not None:
        utility = np.asarray(context.utilities.take(x))[profiles, agent]
        return held, np.einsum("la,lsa->ls", one.float_values, held) - utility
    if context.payments is None:
        return held, np.zeros(profiles.shape)
    return held, np.asarray(context.payments.take(x))[profiles, agent]


def _profile_values(context: Context, agent: int) -> FloatArray:
    """The values of each type, (K, 1 or S, A)."""
    one = context.agents[agent]
    if not one.interdependent:
        return one.float_values[:, None, :]
    return own_first(one.float_values, agent, len(context.agents))

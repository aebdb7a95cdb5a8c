"""Rounds of the reduced form: Border's rows and incentive rows as they are violated."""

from __future__ import annotations

import numpy as np

from amd.compile.builder import Terms, terms
from amd.compile.reduced.border import violated_sets
from amd.compile.reduced.program import ClassColumns, ReducedForm, add_rows, incentive_terms
from amd.model.numbers import FloatArray, IntArray
from solvers import Session

SETS_PER_ROUND = 12
REPORTS_PER_TYPE = 2
BLOCK = 4_000_000  # gains looked at in one go


def add_violated(form: ReducedForm, session: Session, x: FloatArray, tolerance: float) -> int:
    """Adds what `x` violates; returns how many rows."""
    added = 0
    for r in range(len(form.resources)):
        if r not in form.ordered:
            added += _add_border(form, session, r, x, tolerance)
    for position in form.generated:
        added += _add_incentives(form, session, form.columns[position], x, tolerance)
    return added


def _add_border(form: ReducedForm, session: Session, r: int, x: FloatArray, tolerance: float) -> int:
    resource = form.resources[r]
    found = violated_sets(form.population, form.share(resource, x), min(tolerance, 1e-9), SETS_PER_ROUND)
    if not found:
        return 0
    goods = list(resource.goods)
    columns = np.concatenate([one.allocation.index[:, goods] for one in form.columns])
    weight = form.population.weight
    parts: list[Terms] = [terms(row, columns[types], weight[types][:, None]) for row, (types, _) in enumerate(found)]
    upper = np.array([right for _, right in found]) * resource.capacity
    add_rows(session, form.builder, parts, len(found), upper)
    key = np.array([[r, len(types)] for types, _ in found])
    form.builder.note_rows("border", key, lambda at: f"border[{at[0]}]@{at[1]}")
    return len(found)


def violated_pairs(one: ClassColumns, x: FloatArray, tolerance: float) -> IntArray:
    """The best lies (k, l) of the types whose rows are written, where they gain more than the tolerance, (rows, 2).

    The gains of all pairs are looked at a block of types at a time.
    """
    q, u = one.allocation.take(x), one.utility.take(x)
    offer = u - (one.values * q).sum(axis=1)
    truths = one.truths[one.mass[one.truths] > 0]
    size = max(1, BLOCK // len(u))
    found = [np.zeros((0, 2), dtype=np.int64)]
    for start in range(0, len(truths), size):
        k = truths[start : start + size]
        lie = one.values[k] @ q.T + offer
        for _ in range(REPORTS_PER_TYPE):
            best = lie.argmax(axis=1)
            row = np.flatnonzero(lie[np.arange(len(k)), best] - u[k] > tolerance)
            if len(row) == 0:
                break
            found.append(np.column_stack([k[row], best[row]]))
            lie[row, best[row]] = -np.inf
    return np.concatenate(found)


def _add_incentives(form: ReducedForm, session: Session, one: ClassColumns, x: FloatArray, tolerance: float) -> int:
    pairs = violated_pairs(one, x, tolerance)
    if len(pairs) == 0:
        return 0
    parts = [-part for part in incentive_terms(one, pairs)]
    add_rows(session, form.builder, parts, len(pairs), np.zeros(len(pairs)))
    name = one.agent.group
    form.builder.note_rows("incentive", pairs, lambda at: f"incentive[{name}]@{at[0]}->{at[1]}")
    return len(pairs)

"""Rounds of the reduced form: Border's rows and incentive rows as they are violated.

Which violated rows are added decides how many rounds it takes, never what the last round finds: every row added is a
row of the full program, and the rounds end only when the solution itself breaks none.

Solutions of early rounds are far from the last one and from each other. So Border's sets are looked for at the
average of the solutions so far, too, each weighing half of the next (stabilised cutting planes: Ben-Ameur and Neto,
2007): a set that both the average and the solution give too much is nearer to those that bind in the end. When no
such set is found the average starts again from the solution.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from amd.compile.pool import RowPool
from amd.compile.reduced.border import violated_sets
from amd.compile.reduced.border_rows import border_name, border_terms
from amd.compile.reduced.form import ClassColumns, ReducedForm, add_rows
from amd.compile.reduced.program import (
    incentive_name,
    incentive_terms,
    participation_name,
    participation_terms,
    staying,
)
from amd.compile.reduced.resources import Resource
from amd.model.numbers import FloatArray, IntArray
from solvers import Session

REPORTS_PER_TYPE = 2
MEMORY = 0.5  # weight of the past in the average of solutions
VAIN = 3  # searches for incentive rows in vain, after which Border's rows come first
BLOCK = 1 << 16  # utilities looked at in one go: they stay in the processor's cache

Set = tuple[IntArray, float]


@dataclass(eq=False)
class Rounds:
    """What the rounds of one solve remember: the `average` solution, the rows, and the searches in vain."""

    form: ReducedForm
    average: FloatArray | None = None
    vain: int = 0
    pool: RowPool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = RowPool(self.form.builder, self.form.permanent)

    def add_violated(self, session: Session, x: FloatArray, tolerance: float) -> int:
        """Adds what `x` violates; returns how many rows. Nothing is violated where it returns 0."""
        self.pool.drop_idle(session, x)
        added = self._add_border(session, x, min(tolerance, 1e-9))
        if added and self.vain >= VAIN:
            return added
        incentives = self._add_incentives(session, x, tolerance)
        self.vain = 0 if incentives else self.vain + 1
        return added + incentives

    def _add_border(self, session: Session, x: FloatArray, tolerance: float) -> int:
        form = self.form
        self.average = x if self.average is None else MEMORY * self.average + (1 - MEMORY) * x
        added, agreed = 0, 0
        for r in (r for r in range(len(form.resources)) if r not in form.ordered):
            share = form.share(form.resources[r], x)
            found = violated_sets(form.population, share, tolerance)
            if not found:
                continue
            others = violated_sets(form.population, form.share(form.resources[r], self.average), tolerance)
            others = [one for one in others if _excess(form, share, one) > tolerance]
            agreed += len(others)
            added += _add_sets(form, session, r, found + others)
        if not agreed:
            self.average = x
        return added

    def _add_incentives(self, session: Session, x: FloatArray, tolerance: float) -> int:
        columns = [self.form.columns[position] for position in self.form.generated]
        stay = sum(_add_participation(self.form, session, one, x, tolerance) for one in columns)
        return stay + sum(_add_incentives(self.form, session, one, x, tolerance) for one in columns)


def _excess(form: ReducedForm, share: FloatArray, one: Set) -> float:
    types, right = one
    return float(form.population.weight[types] @ share[types]) - right


def _add_sets(form: ReducedForm, session: Session, r: int, found: list[Set]) -> int:
    resource: Resource = form.resources[r]
    upper = np.array([right for _, right in found]) * resource.capacity
    add_rows(session, form.builder, border_terms(form, resource, found), len(found), upper)
    key = np.array([[r, len(types)] for types, _ in found])
    form.builder.note_rows("border", key, border_name)
    return len(found)


def violated_pairs(one: ClassColumns, x: FloatArray, tolerance: float) -> IntArray:
    """The best lies (k, l) of the types whose rows are written, where they gain more than the tolerance, (rows, 2).

    The gains of all pairs are looked at a block of types at a time; which lies they are is asked of liars only.
    """
    q, u = one.allocation.take(x), one.utility.take(x)
    offers = np.column_stack([q, u - (one.values * q).sum(axis=1)]).T
    wishes = np.column_stack([one.values, np.ones(len(u))])
    truths = one.truths[one.mass[one.truths] > 0]
    size = max(1, BLOCK // len(u))
    found = [np.zeros((0, 2), dtype=np.int64)]
    for start in range(0, len(truths), size):
        k = truths[start : start + size]
        lie = wishes[k] @ offers
        for _ in range(REPORTS_PER_TYPE):
            gaining = lie.max(axis=1) - u[k] > tolerance
            if not gaining.any():
                break
            k, lie = k[gaining], lie[gaining]
            best = lie.argmax(axis=1)
            found.append(np.column_stack([k, best]))
            lie[np.arange(len(k)), best] = -np.inf
    return np.concatenate(found)


def _add_participation(form: ReducedForm, session: Session, one: ClassColumns, x: FloatArray, tolerance: float) -> int:
    """Rows of types that get less than outside: they were written at first, and may have been dropped."""
    types = staying(form, one)
    outside = one.agent.float_outside
    types = types[outside[types] - one.utility.take(x)[types] > tolerance]
    if len(types) == 0:
        return 0
    parts = [-part for part in participation_terms(one, types)]
    add_rows(session, form.builder, parts, len(types), -outside[types])
    form.builder.note_rows("participation", types[:, None], participation_name(one))
    return len(types)


def _add_incentives(form: ReducedForm, session: Session, one: ClassColumns, x: FloatArray, tolerance: float) -> int:
    pairs = violated_pairs(one, x, tolerance)
    if len(pairs) == 0:
        return 0
    parts = [-part for part in incentive_terms(one, pairs)]
    add_rows(session, form.builder, parts, len(pairs), np.zeros(len(pairs)))
    form.builder.note_rows("incentive", pairs, incentive_name(one))
    return len(pairs)

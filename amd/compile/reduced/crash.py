"""Where the simplex method may begin with a single class ordered by value: at a rule that has one threshold.

The rule gives the unit to the highest type, if that is at least the threshold, and leaves every type the least utility
that incentives allow. With K types it is a vertex of the program, and its basis can be written down: downward
incentives, the definitions of s and the lowest type's participation are tight; s is at its bound from the threshold
on, below it the allocation is zero.

Raising q(i) raises the utility of all higher types by the step of the value, so along this family of rules the wish is
a sum of one number for each type, and the best threshold is where the sums from the top are largest. Nothing is lost:
a basis to begin with never changes which answers are right. It is the optimum where that number, for each unit that
the type gets, rises with the type and no other requirement binds; elsewhere the simplex method goes on from there,
and was quicker than from nothing on random and two-humped priors, too, with bounds and budgets or without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amd.compile.reduced.form import ReducedForm
from amd.model.design import Participation
from amd.model.numbers import FloatArray, IntArray
from solvers import Basis, LinearProgram


@dataclass(frozen=True, eq=False)
class Chain:
    """A single class from its lowest to its highest type: columns of q, u and s (K,), and the types themselves."""

    types: IntArray
    q: IntArray
    u: IntArray
    s: IntArray
    weight: FloatArray
    value: FloatArray


def crash_basis(form: ReducedForm, program: LinearProgram) -> Basis | None:
    """The basis of the best threshold rule, or None where the program has another shape."""
    chain = _chain(form)
    if chain is None:
        return None
    rows = _tight_rows(form, chain)
    if rows is None:
        return None
    total = np.cumsum(_gains(chain, program)[::-1])[::-1]
    threshold = int(np.argmax(np.append(total, 0.0)))
    return _basis(program, chain, rows, threshold)


def _chain(form: ReducedForm) -> Chain | None:
    design, one = form.design, form.columns[0]
    plain = len(form.columns) == len(form.resources) == 1 and design.transfers and design.objective is not None
    stages = (Participation.INTERIM, Participation.EX_POST)
    if form.sold is None or not plain or design.participation[one.group.first] not in stages:
        return None
    order = np.argsort(one.values[:, 0])
    q, u = one.allocation.index[order, 0], one.utility.index[order]
    return Chain(order, q, u, form.sold, one.weight[order], one.values[order, 0])


def _tight_rows(form: ReducedForm, chain: Chain) -> IntArray | None:
    """The rows that are tight: all that define s, incentives towards the next lower type, the lowest participation."""
    place = np.empty(len(chain.types), dtype=np.int64)
    place[chain.types] = np.arange(len(place))
    found = {family.kind: family for family in form.builder.families}
    pairs = place[found["incentive"].index]
    down = np.flatnonzero(pairs[:, 0] == pairs[:, 1] + 1)
    if len(down) != len(place) - 1:
        return None
    lowest = np.flatnonzero(place[found["participation"].index[:, 0]] == 0)
    parts = [(found["sold"], np.arange(len(place))), (found["incentive"], down), (found["participation"], lowest)]
    return np.concatenate([family.start + rows for family, rows in parts])


def _gains(chain: Chain, program: LinearProgram) -> FloatArray:
    """What the wish gains from each type's share at the bounds of s, rents of higher types counted in, (K,)."""
    cost = program.cost if program.maximize else -program.cost
    rents = np.cumsum(cost[chain.u][::-1])[::-1]
    step = np.append(np.diff(chain.value) * rents[1:], 0.0)
    return np.asarray((cost[chain.q] + step) / chain.weight * -np.diff(program.column_upper[chain.s], append=0.0))


def _basis(program: LinearProgram, chain: Chain, rows: IntArray, threshold: int) -> Basis:
    columns, slack = np.full(program.column_count, -1, dtype=np.int8), np.zeros(program.row_count, dtype=np.int8)
    columns[chain.u] = columns[chain.q[threshold:]] = columns[chain.s[:threshold]] = 0
    columns[chain.s[threshold:]] = 1
    slack[rows] = -1
    return Basis(columns, slack)

"""How large a program is: counted where it is small enough to be built for it, estimated where not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from amd.compile.builder import ProgramBuilder
from amd.compile.plan import Plan
from amd.compile.program import build_context
from amd.compile.reduced.program import build_reduced
from amd.compile.size import Size, estimate
from amd.model.design import Design
from amd.model.environment import Environment
from amd.show.counts import AT_MOST, full_columns, full_rows

BUILDABLE = 3_000_000  # nonzeros, rows or columns up to which a program is built just to be counted


@dataclass(frozen=True)
class Counted:
    """The size of a program with its families of rows and blocks of columns.

    `exact` says whether it was built; otherwise the textbook program's families are counted by formula (those in
    `at_most` from above), and those of a reduced program are unknown (empty).
    """

    size: Size
    rows: Mapping[str, int]
    columns: Mapping[str, int]
    exact: bool
    at_most: frozenset[str] = frozenset()


def counted(environment: Environment, design: Design, plan: Plan, buildable: int = BUILDABLE) -> Counted:
    """The size of the plan's program, built for it up to `buildable` nonzeros."""
    if plan.reduced_form:
        return _tally(build_reduced(environment, design).builder, design.maximize)
    size = estimate(environment, design, plan)
    if max(size.nonzeros, size.columns, size.rows) <= buildable:
        return _tally(build_context(environment, design, plan)[0].builder, design.maximize)
    if plan.names:
        return Counted(size, {}, {}, exact=False)
    rows, columns = full_rows(environment, design), full_columns(environment, design)
    estimated = Size(sum(rows.values()), sum(columns.values()), size.nonzeros)
    return Counted(estimated, rows, columns, exact=False, at_most=AT_MOST)


def _tally(builder: ProgramBuilder, maximize: bool) -> Counted:
    """What was built. Columns that a symmetry makes one are counted once."""
    program = builder.build(maximize=maximize)
    rows: Counter[str] = Counter()
    for family in builder.families:
        rows[family.kind] += family.count
    columns: Counter[str] = Counter()
    for block in builder.columns:
        columns["worst" if block.name.startswith("worst(") else block.name] += len(np.unique(block.index))
    size = Size(program.row_count, program.column_count, program.nonzero_count)
    return Counted(size, rows, columns, exact=True)

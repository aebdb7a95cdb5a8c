"""A program of whole numbers in floats, with rows and columns scaled by powers of two, and its basis from HiGHS.

Scaling leaves bases as they are, and it keeps the rows of rare events from falling below HiGHS's tolerances or being
dropped as too small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from solvers.backend import Settings
from solvers.exact.digits import largest, near_one, scaled_floats, scaled_quotients
from solvers.exact.integral import IntegerProgram, Side
from solvers.highs_engine import Engine
from solvers.program import FloatArray, IntArray, LinearProgram
from solvers.solution import Basis

WEIGHTS: dict[str, Any] = {"simplex_dual_edge_weight_strategy": 1}  # Devex: a seventh less time than steepest edge
WITHOUT_PRESOLVE: dict[str, Any] = {"presolve": "off"}
LARGE = 5_000  # nonzeros
FAR = 1e290  # bounds further away than this are put here
PRIMAL = 4  # HiGHS's number of the primal simplex method
SURE = ("kOptimal", "kInfeasible", "kUnbounded", "kUnboundedOrInfeasible")


@dataclass(frozen=True, eq=False)
class Scales:
    """Binary exponents: entries are multiplied by ``2.0**-(row + column)``, so unknowns by ``2.0**column``."""

    row: IntArray
    column: IntArray

    @classmethod
    def of(cls, program: IntegerProgram, columns_too: bool = False) -> Scales:
        """Every row's largest entry near 1; before that, where unknowns have no natural unit, every column's."""
        sizes = program.matrix.sizes
        column = np.zeros(program.column_count, dtype=np.int64)
        if columns_too:
            column = -largest(sizes, program.column, program.column_count)
        row = largest(sizes + column[program.column], program.row, program.row_count)
        return cls(row, -column)


def float_form(program: IntegerProgram, scales: Scales) -> LinearProgram:
    """The minimised program in scaled floats, its largest cost near 1."""
    return LinearProgram(
        cost=near_one(program.cost, scales.column),
        matrix=entries(program, scales),
        row_lower=_rows(program.row_lower, scales, -np.inf),
        row_upper=_rows(program.row_upper, scales, np.inf),
        column_lower=_columns(program.column_lower, program.bound_scale, scales, -np.inf),
        column_upper=_columns(program.column_upper, program.bound_scale, scales, np.inf),
    )


def entries(program: IntegerProgram, scales: Scales) -> csr_array:
    """The matrix in scaled floats."""
    values = program.matrix.scaled(scales.row[program.row] + scales.column[program.column])
    return csr_array((values, program.column, program.starts), shape=(program.row_count, program.column_count))


def solved_in_floats(
    form: LinearProgram, settings: Settings, deadline: float | None, basis: Basis | None = None
) -> tuple[str, Basis | None]:
    """HiGHS's status, and the basis of an optimum; from `basis`, without presolve, where one is given."""
    options = _quicker(form) | settings.options
    engine = Engine(form, replace(settings, options=options if basis is None else options | WITHOUT_PRESOLVE))
    if basis is not None:
        engine.set_basis(basis)
    status = engine.run(deadline)
    if status not in (*SURE, "kTimeLimit"):
        status = engine.run_afresh(deadline)
    return status, engine.vertex(form) if status == "kOptimal" else None


def last_basis(form: LinearProgram, settings: Settings, deadline: float | None) -> tuple[str, Basis | None]:
    """HiGHS's status and the basis in which its primal simplex method ended, whatever it found.

    Without presolve and without scaling of its own, the method measures violations as `solvers.exact.pivoting` does:
    its last basis without a solution is one whose prices are a contradiction.
    """
    careful = {"simplex_strategy": PRIMAL, "simplex_scale_strategy": 0}
    options = settings.options | WITHOUT_PRESOLVE | careful
    engine = Engine(form, replace(settings, options=options))
    return engine.run(deadline), engine.basis()


def _quicker(form: LinearProgram) -> dict[str, Any]:
    """What makes HiGHS faster on a large program; a small one takes no time, and its usual way tells more about tails:
    of 40 priors with masses down to 1e-15, one needs far more exact pivots from the basis that these options give."""
    if form.nonzero_count < LARGE:
        return {}
    return WEIGHTS if _presolve_helps(form) else WEIGHTS | WITHOUT_PRESOLVE


def _presolve_helps(form: LinearProgram) -> bool:
    """Whether presolve saves time: it lives on equations of two unknowns, and on rows that are many beside the columns.

    By measurement on 43 bundled problems at 10,000 nonzeros (`benchmarks/exact_step.py`): of 14 that have neither, 13
    take 11 to 40 % less time without presolve and one a fifth more; of the others half take at least an eighth more
    without it, and some four times as long.
    """
    equations = form.row_lower == form.row_upper
    pairs = equations & (np.diff(form.matrix.indptr) == 2)
    return bool(pairs.any()) or form.row_count > form.column_count


def _rows(side: Side, scales: Scales, absent: float) -> FloatArray:
    return np.where(side.there, np.clip(scaled_floats(side.value, scales.row), -FAR, FAR), absent)


def _columns(side: Side, below: int, scales: Scales, absent: float) -> FloatArray:
    values = scaled_quotients(side.value, below, -scales.column)
    return np.where(side.there, np.clip(values, -FAR, FAR), absent)

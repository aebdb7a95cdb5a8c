"""A better basis, where the exact basic solution shows that the float solver's is not optimal.

With the exact basic solution x, its activities Ax and multipliers y, z, the program in the differences δ = x' − x and
σ = Ax' − Ax is: minimise z·δ + y·σ, Aδ − σ = 0, bounds shifted by x and Ax. These numbers are exact before they are
rounded, and magnified by powers of two so that the largest fault is of order 1: what was below the tolerance of
the first solve decides the second one.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import highspy
import numpy as np
from scipy.sparse import csr_array, eye_array, hstack

from amd.proof.exact.basic import Basic
from amd.proof.exact.program import Exact, RationalProgram
from amd.proof.exact.refinement import powers
from solvers.backend import Settings
from solvers.highs_engine import Engine
from solvers.program import FloatArray, LinearProgram
from solvers.solution import Basis

MAGNIFY = 30  # at most 2^30, as more would push sound bounds out of the range of the solver
_STATUS = {
    -1: highspy.HighsBasisStatus.kLower,
    0: highspy.HighsBasisStatus.kBasic,
    1: highspy.HighsBasisStatus.kUpper,
    2: highspy.HighsBasisStatus.kZero,
}


def corrected_basis(program: RationalProgram, basis: Basis, found: Basic, settings: Settings) -> Basis | None:
    """The basis of the magnified correction; None where the solver finds none."""
    form = _correction(program, basis, found)
    engine = Engine(form, settings)
    engine.set_option("presolve", "off")
    start = highspy.HighsBasis()
    start.valid = True
    start.col_status = [_STATUS[code] for code in [*basis.columns.tolist(), *basis.rows.tolist()]]
    start.row_status = [_STATUS[-1]] * program.row_count
    engine.highs.setBasis(start)  # a basis that is refused is only a slower start
    if engine.run() != "kOptimal":
        return None
    ended = engine.basis()
    if ended is None:
        return None
    n = program.column_count
    rows = np.where(ended.rows == 0, 0, ended.columns[n:])  # a row's own slack and our explicit one are the same vector
    return Basis(ended.columns[:n], rows.astype(np.int8))


def _correction(program: RationalProgram, basis: Basis, found: Basic) -> LinearProgram:
    activity = program.activity(found.x)
    reduced = program.cost - program.transposed(found.row_dual)
    at = np.concatenate([found.x, activity])
    cost = np.concatenate([reduced, found.row_dual])
    lower = np.concatenate([program.column_lower, program.row_lower])
    upper = np.concatenate([program.column_upper, program.row_upper])
    low, high = _shifted(lower, at, -np.inf), _shifted(upper, at, np.inf)
    outside = max(float(low.max(initial=0.0)), float((-high).max(initial=0.0)))
    prices = cost.astype(float)
    wrong = _wrong(prices if not program.maximize else -prices, low, high, np.concatenate([basis.columns, basis.rows]))
    matrix = program.matrix.copy()
    power = powers(np.abs(matrix.data), program.row, program.row_count)
    matrix.data = matrix.data * power[program.row]
    wide: Any = hstack([matrix, -eye_array(program.row_count)], format="csr")
    slack = power  # σ is measured in the row's scale
    scale = np.concatenate([np.ones(program.column_count), slack]) * 2.0 ** _digits(outside)
    prices = prices / np.concatenate([np.ones(program.column_count), slack]) * 2.0 ** _digits(wrong)
    zero = np.zeros(program.row_count)
    return LinearProgram(
        cost=prices,
        matrix=csr_array(wide),
        row_lower=zero,
        row_upper=zero,
        column_lower=np.minimum(low * scale, high * scale),
        column_upper=high * scale,
        maximize=program.maximize,
    )


def _shifted(bound: Exact, at: Exact, absent: float) -> FloatArray:
    pairs = zip(bound.tolist(), at.tolist(), strict=True)
    return np.array([absent if side is None else float(Fraction(side - value)) for side, value in pairs])


def _wrong(prices: FloatArray, low: FloatArray, high: FloatArray, code: np.ndarray[Any, Any]) -> float:
    """The largest price of the wrong sign (minimising)."""
    movable = (code != 0) & (low < high)
    down = np.where(movable & ((code == 1) | (code == 2)), prices, 0.0)
    up = np.where(movable & ((code == -1) | (code == 2)), -prices, 0.0)
    return max(float(down.max(initial=0.0)), float(up.max(initial=0.0)))


def _digits(fault: float) -> int:
    """How many binary digits to magnify a fault by."""
    return 0 if fault <= 0 else int(np.clip(-np.floor(np.log2(fault)), 0, MAGNIFY))

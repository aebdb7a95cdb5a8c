"""Do rational numbers prove what is claimed? Decided in whole numbers, without a look at how they were found.

Linear-programming duality and Farkas' lemma (Schrijver, Theory of Linear and Integer Programming, 1986, sections 7.3
and 7.4), in the signs of `solvers.solution`. Each function returns what is wrong as a sentence part, and the empty
string where the claim is proven.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from solvers.exact.integral import IntegerProgram, Side
from solvers.exact.numbers import Integers, Rationals, objects
from solvers.program import BoolArray


def check_feasible(program: IntegerProgram, x: Rationals) -> str:
    """Whether x (n,) meets every bound of a row or column."""
    activity, scale = program.times(x.numerators), x.denominator
    fault = _outside("row", activity, program.row_lower, program.row_upper, scale)
    point = x.numerators * program.bound_scale
    return fault or _outside("column", point, program.column_lower, program.column_upper, scale)


def check_optimal(program: IntegerProgram, x: Rationals, row_dual: Rationals) -> str:
    """Whether x (n,) is optimal and the row multipliers (m,) of the rational program prove it.

    x must be feasible; every multiplier, and every reduced cost ``cost - matrix.T @ row_dual``, must have a bound of
    its sign to lean on; and the sum of multipliers times those bounds must be the value of x.
    """
    fault = check_feasible(program, x)
    if fault:
        return fault
    rows = whole_multipliers(program, row_dual)
    prices = rows.numerators * program.cost_scale  # those of the minimised program in whole numbers
    columns = program.cost * rows.denominator - program.transposed_times(prices)
    dual_value = _value(program, prices, columns)
    if dual_value is None:
        return "a multiplier has no bound to lean on"
    value = Fraction(sum((program.cost * x.numerators).tolist()), x.denominator)
    return "" if value * rows.denominator == dual_value else "primal and dual values differ"


def check_infeasible(program: IntegerProgram, row_dual: Rationals) -> str:
    """Whether the row multipliers (m,) of the rational program prove that it has no solution.

    With the column multipliers that cancel them, a solution would make 0 at least the sum of all multipliers times the
    bounds that they lean on; the proof is that this sum is positive.
    """
    rows = whole_multipliers(program, row_dual).numerators
    value = _value(program, rows, -program.transposed_times(rows))
    if value is None:
        return "a multiplier has no bound to lean on"
    return "" if value > 0 else "the multipliers do not contradict each other"


def check_unbounded(program: IntegerProgram, x: Rationals, ray: Rationals) -> str:
    """Whether x (n,) is feasible and the objective improves for ever along `ray` (n,)."""
    fault = check_feasible(program, x)
    if fault:
        return fault
    rows = _leaves(program.times(ray.numerators), program.row_lower, program.row_upper)
    if rows or _leaves(ray.numerators, program.column_lower, program.column_upper):
        return "the ray leaves a bound"
    slope = sum((program.cost * ray.numerators).tolist())
    return "" if slope < 0 else "the ray does not improve the objective"


def whole_multipliers(program: IntegerProgram, row_dual: Rationals) -> Rationals:
    """Multipliers of the program's whole rows, from those of the rational rows: divided by the rows' scales."""
    rows = np.flatnonzero(row_dual.numerators.astype(bool))
    above, scales = row_dual.numerators[rows].tolist(), program.row_scale[rows].tolist()
    common = lcm(*{scale // gcd(one, scale) for one, scale in zip(above, scales, strict=True)})
    numerators = objects([0] * program.row_count)
    numerators[rows] = [one * common // scale for one, scale in zip(above, scales, strict=True)]
    return Rationals(numerators, row_dual.denominator * common)


def _value(program: IntegerProgram, rows: Integers, columns: Integers) -> Fraction | None:
    """The sum of multipliers times the bounds that they lean on; None where one leans on nothing."""
    parts = (
        _support(rows, program.row_lower, program.row_upper),
        _support(columns, program.column_lower, program.column_upper),
    )
    if parts[0] is None or parts[1] is None:
        return None
    return parts[0] + Fraction(parts[1], program.bound_scale)


def _support(multipliers: Integers, lower: Side, upper: Side) -> int | None:
    up, down = _positive(multipliers), _positive(-multipliers)
    if (up & ~lower.there).any() or (down & ~upper.there).any():
        return None
    parts = (multipliers[up] * lower.value[up], multipliers[down] * upper.value[down])
    return int(sum(parts[0].tolist()) + sum(parts[1].tolist()))


def _outside(what: str, values: Integers, lower: Side, upper: Side, scale: int) -> str:
    below, above = (
        lower.there & _positive(lower.value * scale - values),
        upper.there & _positive(values - upper.value * scale),
    )
    places = np.flatnonzero(below | above)
    return f"{what} {places[0]} is outside its bounds" if places.size else ""


def _leaves(move: Integers, lower: Side, upper: Side) -> bool:
    return bool((lower.there & _positive(-move)).any() or (upper.there & _positive(move)).any())


def _positive(values: Integers) -> BoolArray:
    return np.asarray(values > 0, dtype=bool)

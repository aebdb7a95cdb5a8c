"""Do rational numbers prove what is claimed? Decided in whole numbers, without a look at how they were found.

Linear-programming duality and Farkas' lemma (Schrijver, Theory of Linear and Integer Programming, 1986, sections 7.3
and 7.4), in the signs of `solvers.solution`. Each function returns what is wrong as a sentence part, and the empty
string where the claim is proven.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

import numpy as np

from solvers.exact.integral import IntegerProgram, Side
from solvers.exact.numbers import Rationals, Whole, compact, difference, dot, product, single
from solvers.program import BoolArray


def check_feasible(program: IntegerProgram, x: Rationals) -> str:
    """Whether x (n,) meets every bound of a row or column."""
    numerators, scale = compact(x.numerators), single(x.denominator)
    fault = _outside("row", program.matrix.product(numerators), program.row_lower, program.row_upper, scale)
    point = product(numerators, single(program.bound_scale))
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
    prices = product(compact(rows.numerators), single(program.cost_scale))  # of the minimised program, whole
    cost = compact(program.cost)
    columns = difference(product(cost, single(rows.denominator)), program.matrix.transposed.product(prices))
    dual_value = _value(program, prices, columns)
    if dual_value is None:
        return "a multiplier has no bound to lean on"
    value = Fraction(dot(cost, compact(x.numerators)), x.denominator)
    return "" if value * rows.denominator == dual_value else "primal and dual values differ"


def check_infeasible(program: IntegerProgram, row_dual: Rationals) -> str:
    """Whether the row multipliers (m,) of the rational program prove that it has no solution.

    With the column multipliers that cancel them, a solution would make 0 at least the sum of all multipliers times the
    bounds that they lean on; the proof is that this sum is positive.
    """
    rows = compact(whole_multipliers(program, row_dual).numerators)
    value = _value(program, rows, product(program.matrix.transposed.product(rows), single(-1)))
    if value is None:
        return "a multiplier has no bound to lean on"
    return "" if value > 0 else "the multipliers do not contradict each other"


def check_unbounded(program: IntegerProgram, x: Rationals, ray: Rationals) -> str:
    """Whether x (n,) is feasible and the objective improves for ever along `ray` (n,)."""
    fault = check_feasible(program, x)
    if fault:
        return fault
    rows = _leaves(program.matrix.product(compact(ray.numerators)), program.row_lower, program.row_upper)
    if rows or _leaves(ray.numerators, program.column_lower, program.column_upper):
        return "the ray leaves a bound"
    slope = dot(compact(program.cost), compact(ray.numerators))
    return "" if slope < 0 else "the ray does not improve the objective"


def whole_multipliers(program: IntegerProgram, row_dual: Rationals) -> Rationals:
    """Multipliers of the program's whole rows, from those of the rational rows: divided by the rows' scales."""
    above, scales = row_dual.numerators, program.row_scale
    if (scales == 1).all():
        return row_dual
    common = lcm(*set((scales // np.gcd(above, scales)).tolist()))
    return Rationals(np.asarray(above * common // scales, dtype=object), row_dual.denominator * common)


def _value(program: IntegerProgram, rows: Whole, columns: Whole) -> Fraction | None:
    """The sum of multipliers times the bounds that they lean on; None where one leans on nothing."""
    parts = (
        _support(rows, program.row_lower, program.row_upper),
        _support(columns, program.column_lower, program.column_upper),
    )
    if parts[0] is None or parts[1] is None:
        return None
    return parts[0] + Fraction(parts[1], program.bound_scale)


def _support(multipliers: Whole, lower: Side, upper: Side) -> int | None:
    up, down = _true(multipliers > 0), _true(multipliers < 0)
    if (up & ~lower.there).any() or (down & ~upper.there).any():
        return None
    return dot(multipliers[up], lower.whole[up]) + dot(multipliers[down], upper.whole[down])


def _outside(what: str, values: Whole, lower: Side, upper: Side, scale: Whole) -> str:
    below, above = (
        lower.there & _true(values < product(lower.whole, scale)),
        upper.there & _true(values > product(upper.whole, scale)),
    )
    places = np.flatnonzero(below | above)
    return f"{what} {places[0]} is outside its bounds" if places.size else ""


def _leaves(move: Whole, lower: Side, upper: Side) -> bool:
    return bool((lower.there & _true(move < 0)).any() or (upper.there & _true(move > 0)).any())


def _true(values: object) -> BoolArray:
    return np.asarray(values, dtype=bool)

"""Formulas in x without branches as functions of a complex ball, for rigorous integration.

`formula(x, analytic)` encloses the value; with `analytic` it is not finite unless the function is analytic on x, as
Arb's integration asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import flint

from amd.files.balls import ball
from amd.files.pieces import X
from amd.files.trees import Call, ExpressionError, Name, Number, Power, Product, Sum, Tree

Formula: TypeAlias = Callable[[Any, bool], Any]
_Signed: TypeAlias = Sequence[tuple[bool, Formula]]


def compiled(tree: Tree) -> Formula:
    """The function of a tree. Raises ExpressionError for a part that is not smooth."""
    match tree:
        case Number(value, low, high):
            return _constant(value) if low == high else _interval(low, high)
        case Name(name) if name == X:
            return lambda x, analytic: x
        case Sum(terms):
            return _sum([(negative, compiled(term)) for negative, term in terms])
        case Product(factors):
            return _product([(divided, compiled(factor)) for divided, factor in factors])
        case Power(base, Number(value, low, high)) if low == high and value.denominator == 1:
            return _whole_power(compiled(base), value.numerator)
        case Power(base, exponent):
            return _power(compiled(base), compiled(exponent))
        case Call("exp" | "sqrt" | "log" as function, (argument,)):
            return _call(function, compiled(argument))
    raise ExpressionError("the distribution function has a part that cannot be integrated")


def _constant(value: Fraction) -> Formula:
    return lambda x, analytic: flint.acb(ball(value))


def _interval(low: Fraction, high: Fraction) -> Formula:
    return lambda x, analytic: flint.acb(ball(low).union(ball(high)))


def _sum(terms: _Signed) -> Formula:
    (negative, first), rest = terms[0], terms[1:]

    def formula(x: Any, analytic: bool) -> Any:
        total = -first(x, analytic) if negative else first(x, analytic)
        for minus, term in rest:
            total = total - term(x, analytic) if minus else total + term(x, analytic)
        return total

    return formula


def _product(factors: _Signed) -> Formula:
    (_, first), rest = factors[0], factors[1:]  # the first is never divided by

    def formula(x: Any, analytic: bool) -> Any:
        total = first(x, analytic)
        for divided, factor in rest:
            total = total / factor(x, analytic) if divided else total * factor(x, analytic)
        return total

    return formula


def _whole_power(base: Formula, exponent: int) -> Formula:
    return lambda x, analytic: base(x, analytic) ** exponent


def _power(base: Formula, exponent: Formula) -> Formula:
    def formula(x: Any, analytic: bool) -> Any:
        value, times = base(x, analytic), exponent(x, analytic)
        if not analytic and value.contains(0) and times.real > 0 and times.imag == 0:
            return _power_near_zero(value, times.real)
        return value.pow(times, analytic=analytic)

    return formula


def _power_near_zero(value: Any, times: Any) -> Any:
    """A ball around z^t where z may be 0: |z^t| = |z|^t for the principal branch and real t > 0.

    That is largest at the largest |z|, with the least t where |z| < 1 and the largest where not.
    """
    size = value.abs_upper()
    radius = (size ** times.lower()).max(size ** times.upper()).upper()
    wide = flint.arb(0, radius)
    return flint.acb(wide.nonnegative_part() if value.imag == 0 and value.real >= 0 else wide, wide)


def _call(function: str, argument: Formula) -> Formula:
    if function == "exp":
        return lambda x, analytic: argument(x, analytic).exp()
    if function == "sqrt":
        return lambda x, analytic: argument(x, analytic).sqrt(analytic=analytic)
    return lambda x, analytic: argument(x, analytic).log(analytic=analytic)

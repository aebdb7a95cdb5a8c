"""Where a function of x changes its formula, and its smooth formula on each piece.

``if``, comparisons, ``min``, ``max`` and ``abs`` change formula only where two expressions cross. Where their
difference is a polynomial its roots say where; otherwise interval arithmetic must show that they do not cross.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import flint

from amd.files.balls import ball
from amd.files.evaluate import Scope, evaluate
from amd.files.intervals import enclose
from amd.files.laws import flint_polynomial
from amd.files.polynomials import polynomial
from amd.files.trees import Call, Compare, ExpressionError, Product, Sum, Tree, number, rebuild, walk
from amd.model.numbers import ONE, ZERO

X = "x"
_MAX_DEGREE = 100  # of a polynomial whose roots are asked for
_DEPTH = 10  # halvings in which interval arithmetic may show that two expressions do not cross


def split(tree: Tree, low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction, Tree]]:
    """(from, to, formula without branches) for consecutive pieces of [low, high].

    Raises ExpressionError where the pieces cannot be found exactly.
    """
    breaks = {low, high}
    for difference in _crossings(tree):
        breaks |= set(_roots(difference, low, high))
    ordered = sorted(breaks)
    return [(a, b, _smooth(tree, (a + b) / 2)) for a, b in pairwise(ordered)]


def _crossings(tree: Tree) -> Iterator[Tree]:
    """Expressions in x whose sign decides a branch."""
    for below in walk(tree):
        match below:
            case Compare(_, left, right):
                yield _difference(left, right)
            case Call("min" | "max", arguments):
                for left, right in combinations(arguments, 2):
                    yield _difference(left, right)
            case Call("abs", (argument,)):
                yield argument
            case Call("if", (condition, _, _)) if not isinstance(condition, Compare):
                yield condition
            case Call("floor" | "ceil"):
                raise ExpressionError("floor and ceil jump, and a continuous distribution function does not")


def _difference(left: Tree, right: Tree) -> Tree:
    return Sum(((False, left), (True, right)))


def _roots(difference: Tree, low: Fraction, high: Fraction) -> list[Fraction]:
    """Where an expression is zero inside (low, high), unless it is zero everywhere."""
    found = as_polynomial(difference)
    if found is None:
        if _keeps_sign(difference, low, high):
            return []
        raise ExpressionError("the points where its branches meet cannot be found; let conditions be polynomials in x")
    if found.degree() <= 0:
        return []
    rational = {Fraction(int(root.p), int(root.q)) for root, _ in found.roots()}
    if len([root for root in rational if low < root < high]) < len(real_roots(found, low, high)):
        raise ExpressionError("the points where its branches meet are not rational; write them as numbers")
    return [root for root in rational if low < root < high]


def as_polynomial(tree: Tree) -> Any | None:
    """A flint polynomial in x, or None."""
    try:
        found = polynomial(tree, (X,))
    except ExpressionError:
        return None
    if found is None:
        return None
    degree = max((power for (power,) in found), default=0)
    if degree > _MAX_DEGREE:
        return None
    return flint_polynomial([found.get((power,), ZERO) for power in range(degree + 1)])


def real_roots(poly: Any, low: Fraction, high: Fraction) -> list[tuple[Any, int]]:
    """The real roots in the open interval with their multiplicities: rational ones as Fractions, others as balls.

    Rational roots are found by factoring and divided out. The rest are irrational, so never at the ends, and enough
    precision tells on which side of an end they lie.
    """
    exact = [(Fraction(int(root.p), int(root.q)), times) for root, times in poly.roots()]
    inside: list[tuple[Any, int]] = [(root, times) for root, times in exact if low < root < high]
    rest = poly
    for root, times in exact:
        rest = rest // flint_polynomial([-root, ONE]) ** times
    bits = 64
    while rest.degree() > 0:
        with flint.ctx.workprec(bits):
            start, end = ball(low), ball(high)
            real = [(root.real, times) for root, times in rest.complex_roots() if root.imag.is_zero()]
            within = [(root, times) for root, times in real if root > start and root < end]
            outside = sum(bool(root < start or root > end) for root, _ in real)
        if len(within) + outside == len(real):
            return inside + within
        bits *= 2
    return inside


def _keeps_sign(tree: Tree, low: Fraction, high: Fraction) -> bool:
    """Whether interval arithmetic shows that the expression is nowhere zero on [low, high]."""
    stack = [(low, high, 0)]
    while stack:
        a, b, depth = stack.pop()
        try:
            bottom, top = enclose(tree, {X: (a, b)})
        except ExpressionError:
            bottom, top = -ONE, ONE
        if bottom > 0 or top < 0:
            continue
        if depth == _DEPTH:
            return False
        middle = (a + b) / 2
        stack += [(a, middle, depth + 1), (middle, b, depth + 1)]
    return True


def _smooth(tree: Tree, x: Fraction) -> Tree:
    """The formula that holds around x, where no branch changes."""
    scope = Scope({X: x})
    match tree:
        case Compare():
            return number(_value(tree, scope))
        case Call("if", (condition, then, otherwise)):
            return _smooth(then if _value(condition, scope) else otherwise, x)
        case Call("min" | "max" as function, arguments):
            choose = min if function == "min" else max
            return _smooth(choose(arguments, key=lambda argument: _value(argument, scope)), x)
        case Call("abs", (argument,)):
            return Sum(((_value(argument, scope) < 0, _smooth(argument, x)),))
        case Call("sum" | "mean" as function, arguments):
            total = Sum(tuple((False, _smooth(argument, x)) for argument in arguments))
            count = number(Fraction(len(arguments) if function == "mean" else 1))
            return Product(((False, total), (True, count)))
    return rebuild(tree, lambda below: _smooth(below, x))


def _value(tree: Tree, scope: Scope) -> Fraction:
    value = evaluate(tree, scope)
    return value if isinstance(value, Fraction) else Fraction(value)

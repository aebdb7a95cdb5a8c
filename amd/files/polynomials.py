"""Expressions that are polynomials, as monomials with exact coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from amd.files.functions import check_size
from amd.files.intervals import enclose
from amd.files.trees import Call, ExpressionError, Member, Name, Number, Power, Product, Sum, Tree
from amd.model.numbers import ONE, ZERO

Monomial: TypeAlias = tuple[int, ...]
Polynomial: TypeAlias = dict[Monomial, Fraction]

MAX_TERMS = 1_000


def polynomial(tree: Tree, names: Sequence[str]) -> Polynomial | None:
    """The expression as {exponents of `names`: coefficient}, zero coefficients left out; None if it is none.

    Names of other agents are ``owner.name``. Any name not listed, an irrational constant, or a function of a listed
    name makes it None.
    """
    unit = (0,) * len(names)
    match tree:
        case Number(value, low, high):
            return _constant(value, unit) if low == high else None
        case Name(name):
            return _variable(name, names)
        case Member(owner, name):
            return _variable(f"{owner}.{name}", names)
        case Sum(terms):
            return _sum(terms, names)
        case Product(factors):
            return _product(factors, names)
        case Power(base, exponent):
            power = _power(polynomial(base, names), polynomial(exponent, names), unit)
            return _known(tree, unit) if power is None else power
        case Call("sum", arguments):
            return _sum([(False, argument) for argument in arguments], names)
    return _known(tree, unit)


def _constant(value: Fraction, unit: Monomial) -> Polynomial:
    return {unit: value} if value else {}


def _variable(name: str, names: Sequence[str]) -> Polynomial | None:
    if name not in names:
        return None
    return {tuple(int(name == other) for other in names): ONE}


def _known(tree: Tree, unit: Monomial) -> Polynomial | None:
    """A function of constants, where it is rational."""
    try:
        low, high = enclose(tree, {})
    except ExpressionError:
        return None
    return _constant(low, unit) if low == high else None


def _sum(terms: Sequence[tuple[bool, Tree]], names: Sequence[str]) -> Polynomial | None:
    total: Polynomial = {}
    for negative, term in terms:
        part = polynomial(term, names)
        if part is None:
            return None
        total = _add(total, part, -ONE if negative else ONE)
    return total


def _product(factors: Sequence[tuple[bool, Tree]], names: Sequence[str]) -> Polynomial | None:
    unit = (0,) * len(names)
    total: Polynomial = {unit: ONE}
    for divided, factor in factors:
        part = polynomial(factor, names)
        if part is None:
            return None
        if divided:
            if set(part) != {unit}:
                return None
            part = {unit: 1 / part[unit]}
        product = _times(total, part)
        if product is None:
            return None
        total = product
    return total


def _power(base: Polynomial | None, exponent: Polynomial | None, unit: Monomial) -> Polynomial | None:
    if base is None or exponent is None or not set(exponent) <= {unit}:
        return None
    times = exponent.get(unit, ZERO)
    if times.denominator != 1 or not 0 <= times <= MAX_TERMS:
        return None
    result: Polynomial | None = {unit: ONE}
    for _ in range(times.numerator):
        result = None if result is None else _times(result, base)
    return result


def _add(left: Polynomial, right: Polynomial, weight: Fraction) -> Polynomial:
    total = dict(left)
    for monomial, coefficient in right.items():
        total[monomial] = check_size(total.get(monomial, ZERO) + weight * coefficient)
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}


def _times(left: Polynomial, right: Polynomial) -> Polynomial | None:
    """The product, or None when it has too many terms to be of use."""
    if len(left) * len(right) > MAX_TERMS:
        return None
    total: Polynomial = {}
    for a, x in left.items():
        for b, y in right.items():
            monomial = tuple(i + j for i, j in zip(a, b, strict=True))
            total[monomial] = check_size(total.get(monomial, ZERO) + x * y)
    return {monomial: coefficient for monomial, coefficient in total.items() if coefficient}

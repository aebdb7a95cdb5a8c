"""Rigorous enclosures of an expression over intervals, with exact rational ends.

Interval arithmetic (Moore, 1966): each operation gives an interval that holds its value for all arguments in the
given intervals, so the whole holds every value of the expression. Exact where names are numbers and no irrational
function is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor

from amd.files import functions
from amd.files.functions import Bounds, check_size
from amd.files.trees import Call, Compare, ExpressionError, Member, Name, Number, Power, Product, Sum, Tree
from amd.model.numbers import ONE, ZERO

UNSURE: Bounds = (ZERO, ONE)


def enclose(tree: Tree, values: Mapping[str, Bounds]) -> Bounds:
    """The ends of an interval around the expression for names in the given intervals.

    Names of other agents are looked up as ``owner.name``. Raises ExpressionError where some argument has no value.
    """
    match tree:
        case Number(_, low, high):
            return low, high
        case Name(name):
            return _look_up(name, values)
        case Member(owner, name):
            return _look_up(f"{owner}.{name}", values)
        case Sum(terms):
            total: Bounds = (ZERO, ZERO)
            for negative, term in terms:
                low, high = enclose(term, values)
                total = _checked((total[0] - high, total[1] - low) if negative else (total[0] + low, total[1] + high))
            return total
        case Product(factors):
            total = (ONE, ONE)
            for divided, factor in factors:
                value = enclose(factor, values)
                total = _checked(_times(total, _inverse(value) if divided else value))
            return total
        case Power(base, exponent):
            return _power(enclose(base, values), enclose(exponent, values))
        case Compare(sense, left, right):
            return _compare(sense, enclose(left, values), enclose(right, values))
        case Call("if", (condition, then, otherwise)):
            return _choose(enclose(condition, values), then, otherwise, values)
        case Call(function, arguments):
            return _call(function, [enclose(argument, values) for argument in arguments])
    raise ExpressionError("the expression has no enclosure")


def _look_up(name: str, values: Mapping[str, Bounds]) -> Bounds:
    if name not in values:
        raise ExpressionError(f"unknown name '{name}'")
    return values[name]


def _checked(value: Bounds) -> Bounds:
    return check_size(value[0]), check_size(value[1])


def _times(left: Bounds, right: Bounds) -> Bounds:
    products = [a * b for a in left for b in right]
    return min(products), max(products)


def _inverse(value: Bounds) -> Bounds:
    if value[0] <= 0 <= value[1]:
        raise ExpressionError("division by an interval that holds zero")
    return 1 / value[1], 1 / value[0]


def _power(base: Bounds, exponent: Bounds) -> Bounds:
    """Monotone in the base on each side of 0 and in the exponent on each side of base 1, so corners decide."""
    if exponent[0] == exponent[1] and exponent[0].denominator == 1:
        return _whole_power(base, exponent[0].numerator)
    corners = [functions.power_bounds(b, e) for b in base for e in exponent]
    return min(low for low, _ in corners), max(high for _, high in corners)


def _whole_power(base: Bounds, exponent: int) -> Bounds:
    if exponent < 0:
        return _inverse(_whole_power(base, -exponent))
    ends = [functions.power(end, Fraction(exponent)) for end in base]
    if exponent and exponent % 2 == 0 and base[0] < 0 < base[1]:
        ends.append(ZERO)
    return min(ends), max(ends)


def _compare(sense: str, left: Bounds, right: Bounds) -> Bounds:
    if sense in (">", ">="):
        left, right, sense = right, left, "<" if sense == ">" else "<="
    if sense in ("==", "!="):
        same = left == right and left[0] == left[1]
        apart = left[1] < right[0] or right[1] < left[0]
        holds = same if sense == "==" else apart
        return (ONE, ONE) if holds else (ZERO, ZERO) if same or apart else UNSURE
    strict = sense == "<"
    if left[1] < right[0] or (not strict and left[1] == right[0]):
        return ONE, ONE
    if left[0] > right[1] or (strict and left[0] == right[1]):
        return ZERO, ZERO
    return UNSURE


def _choose(condition: Bounds, then: Tree, otherwise: Tree, values: Mapping[str, Bounds]) -> Bounds:
    if condition[0] > 0 or condition[1] < 0:
        return enclose(then, values)
    if condition == (ZERO, ZERO):
        return enclose(otherwise, values)
    first, second = enclose(then, values), enclose(otherwise, values)
    return min(first[0], second[0]), max(first[1], second[1])


def _call(function: str, arguments: list[Bounds]) -> Bounds:
    lows, highs = [low for low, _ in arguments], [high for _, high in arguments]
    if function == "min":
        return min(lows), min(highs)
    if function == "max":
        return max(lows), max(highs)
    if function in ("sum", "mean"):
        count = len(arguments) if function == "mean" else 1
        return _checked((sum(lows, ZERO) / count, sum(highs, ZERO) / count))
    low, high = arguments[0]
    if function == "abs":
        ends = (abs(low), abs(high))
        return (ZERO if low < 0 < high else min(ends)), max(ends)
    if function in ("floor", "ceil"):
        step = floor if function == "floor" else ceil
        return Fraction(step(low)), Fraction(step(high))
    bounds = functions.BOUNDS[function]  # sqrt, exp and log increase
    return bounds(low)[0], bounds(high)[1]

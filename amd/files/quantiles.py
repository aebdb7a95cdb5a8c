"""Cells of equal probability: where the distribution function reaches k/N, exactly or as the nearest double."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite

import flint

from amd.files.balls import AmbiguousError, ends
from amd.files.laws import ContinuousLaw

_FLOAT_BITS = 80
_STEPS = 60
_LAST_BITS = 320
_SIMPLE = 10**6  # the largest denominator of a rational that is tried for an exact answer


def mass_edges(law: ContinuousLaw, cells: int) -> tuple[tuple[Fraction, ...], tuple[bool, ...]]:
    """The ends of cells of equal probability, and which of them are exact."""
    low, high = law.support
    edges, exact = [low], [True]
    for k in range(1, cells):
        edge, sure = quantile(law, Fraction(k, cells), edges[-1])
        edges.append(min(max(edge, edges[-1]), high))  # rounding may lead out of a support narrower than a double
        exact.append(sure)
    return (*edges, high), (*exact, True)


def quantile(law: ContinuousLaw, share: Fraction, above: Fraction) -> tuple[Fraction, bool]:
    """Where the law has the given share of its mass below, looked for from `above` on, and whether that is exact.

    Raises AmbiguousError where the mass cannot be computed.
    """
    exact = law.exact_quantile(share)
    if exact is not None:
        return exact, True
    guess = Fraction(_approximate(law, share, above))
    low, high = _bracket(law, share, guess)
    while float(low) != float(high):
        simple = ((low + high) / 2).limit_denominator(_SIMPLE)
        middle = simple if low < simple < high else (low + high) / 2
        side = _side(law, share, middle)
        if side == 0:
            return middle, True
        low, high = (middle, high) if side < 0 else (low, middle)
    simple = Fraction(float(low)).limit_denominator(_SIMPLE)
    return (simple, True) if _reaches(law, share, simple) else (Fraction(float(low)), False)


def _reaches(law: ContinuousLaw, share: Fraction, x: Fraction) -> bool:
    low, high = law.support
    return low < x < high and law.exact_mass(low, x) == share


def _side(law: ContinuousLaw, share: Fraction, x: Fraction) -> int:
    """−1, 0, 1: the mass below x is less than the share, equal to it within some 2^−250, or more."""
    exact = law.exact_mass(law.support[0], x)
    if exact is not None:
        return (exact > share) - (exact < share)
    bits, known = _FLOAT_BITS, False
    while bits <= _LAST_BITS:
        with flint.ctx.workprec(bits):
            mass = law.ball_mass(law.support[0], x)
            if mass.is_finite():
                low, high = ends(mass)
                known = high - low < Fraction(1, 2**64)
                if low > share or high < share:
                    return 1 if low > share else -1
        bits *= 2
    if not known:
        raise AmbiguousError("the mass below a point cannot be enclosed")
    return 0


def _bracket(law: ContinuousLaw, share: Fraction, guess: Fraction) -> tuple[Fraction, Fraction]:
    """Two points around the quantile, close to the guess."""
    start, end = law.support
    width = max(abs(guess), end - start) / 2**52
    while True:
        low, high = max(start, guess - width), min(end, guess + width)
        below = low == start or _side(law, share, low) < 0
        beyond = high == end or _side(law, share, high) > 0
        if below and beyond:
            return low, high
        width *= 16


def _approximate(law: ContinuousLaw, share: Fraction, above: Fraction) -> float:
    """The quantile in floats: false position with halving (the Illinois rule) between `above` and the upper end."""
    start, end = law.support

    def excess(x: float) -> float:
        exact = Fraction(min(max(x, float(start)), float(end)))
        inside = min(max(exact, start), end)
        if inside <= start:
            return -float(share)
        with flint.ctx.workprec(_FLOAT_BITS):
            mass = float(law.ball_mass(start, inside))
        if not isfinite(mass):
            raise AmbiguousError("the mass below a point cannot be enclosed")
        return mass - float(share)

    return _illinois(excess, float(above), float(end))


def _illinois(f: Callable[[float], float], a: float, b: float) -> float:
    at_a, at_b = f(a), f(b)
    for _ in range(_STEPS):
        if at_a == at_b or abs(b - a) <= 1e-15 * max(abs(a), abs(b)):
            break
        c = (a * at_b - b * at_a) / (at_b - at_a)
        at_c = f(c)
        if abs(at_c) < 1e-16:
            return c
        if at_c * at_b < 0:
            a, at_a = b, at_b
        else:
            at_a /= 2
        b, at_b = c, at_c
    return b

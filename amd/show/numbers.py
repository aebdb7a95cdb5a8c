"""Numbers as people read them: no 0.30000000000000004, no -0, no 27-digit fractions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import floor, isfinite, log10
from typing import Any

DIGITS = 6  # significant digits of a number in a table
HEADLINE_DIGITS = 9  # of the answer itself: about what a solver's tolerance allows
NOISE = 1e-9  # what a solver leaves where the answer is 0, per unit of the numbers around it
LONGEST_FRACTION = 12  # characters of a fraction that is still easier to read than its decimals
LONGEST_EXACT = 48  # characters of an exact answer that is still printed as a fraction


def number(value: Any, digits: int = DIGITS, scale: float = 1.0) -> str:
    """A float or Fraction in a table; amounts within NOISE of zero, in units of `scale`, are 0."""
    if isinstance(value, Fraction):
        text = str(value)
        if len(text) <= LONGEST_FRACTION:
            return text
    amount = float(value)
    if not isfinite(amount):
        return "inf" if amount > 0 else "-inf" if amount < 0 else "unknown"
    if abs(amount) <= NOISE * max(scale, 1e-300):
        return "0"
    return _decimal(amount, digits)


def _decimal(amount: float, digits: int) -> str:
    """Rounded to significant digits; whole numbers up to 10^15 in full, others beyond that with an exponent."""
    magnitude = floor(log10(abs(amount)))
    if digits <= magnitude < 15:
        return f"{amount:,.0f}"
    rounded = float(f"{amount:.{digits}g}")
    if magnitude >= 15 or magnitude < -5:
        return f"{rounded:.{digits}g}"
    text = f"{rounded:,.{max(0, digits - 1 - magnitude)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def headline(value: float, exact: str | None = None) -> str:
    """The answer; ``87/200 = 0.435`` or ``5/12 ≈ 0.416666667`` where the fraction was established exactly."""
    if exact is None:
        return number(value, HEADLINE_DIGITS)
    fraction = Fraction(exact)
    decimals = _decimal(float(fraction), HEADLINE_DIGITS) if fraction else "0"
    if fraction.denominator == 1 and len(exact) <= LONGEST_EXACT:
        return f"{fraction.numerator:,}"
    sign = "=" if Fraction(decimals.replace(",", "")) == fraction else "≈"
    return f"{exact} {sign} {decimals}" if len(exact) <= LONGEST_EXACT else f"{decimals} (the exact value is known)"


def seconds(amount: float) -> str:
    """A time for people: ``<0.01 s``, ``0.35 s``, ``12.4 s``, ``3 min 20 s``."""
    if amount < 0.005:
        return "<0.01 s"
    if amount < 10:
        return f"{amount:.2f} s"
    if amount < 100:
        return f"{amount:.1f} s"
    minutes, rest = divmod(round(amount), 60)
    return f"{minutes} min {rest} s"


def count(amount: int, one: str, many: str = "") -> str:
    """``1 row``, ``1,200 rows``; beyond a billion ``3.2e+14 rows``."""
    text = f"{amount:,}" if abs(amount) < 10**9 else _large(amount)
    return f"{text} {one if amount == 1 else many or one + 's'}"


def _large(amount: int) -> str:
    """Two digits and the power of ten, for Python integers of any size."""
    return f"{Decimal(amount):.1e}" if amount.bit_length() < 10_000 else "more than 10^3000"


def listing(items: Iterable[str], last: str = "and", most: int = 12) -> str:
    """``a, b and c``; a long list is cut off: ``a, b, c and 9 more``."""
    names = list(items)
    if len(names) > most:
        return ", ".join(names[: most - 1]) + f" {last} {len(names) - most + 1} more"
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + f" {last} {names[-1]}"

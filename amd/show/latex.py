"""LaTeX that reads the same in a paper, in MathJax and in KaTeX: texts of users, numbers, sums.

Nothing that a user wrote can become a command: of a text only letters, digits and plain punctuation stand inside
``\\text{}``, and every sign with a meaning in TeX or in Markdown is spelt as a mathematical symbol outside of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from amd.show.numbers import number

_SPELT = {
    "_": r"\_",
    "$": r"\$",
    "%": r"\%",
    "#": r"\#",
    "&": r"\&",
    "{": r"\{",
    "}": r"\}",
    "\\": r"\backslash{}",
    "^": r"{\wedge}",
    "~": r"{\sim}",
    "|": r"{\vert}",
    "<": "{<}",
    ">": "{>}",
    "*": "{*}",
    "`": "{'}",
    '"': "{''}",
}
_RUN = re.compile("([" + re.escape("".join(_SPELT)) + "])")
MOST_TERMS = 12  # of a sum that is written out


def text(words: str) -> str:
    """A text inside a formula: ``\\text{no}\\_\\text{trade}``. Control characters and line ends become blanks."""
    plain = "".join(sign if sign.isprintable() else " " for sign in words)
    parts = (_SPELT.get(part, rf"\text{{{part}}}") for part in _RUN.split(plain) if part)
    return "".join(parts) or r"\text{}"


def amount(value: Any, scale: float = 1.0) -> str:
    """A number: ``37.5``, ``\\tfrac{1}{4}``, ``1.2\\cdot 10^{-7}``."""
    shown = number(value, scale=scale)
    sign, shown = ("-", shown[1:]) if shown.startswith("-") else ("", shown)
    if "/" in shown:
        above, below = shown.split("/")
        return rf"{sign}\tfrac{{{above}}}{{{below}}}"
    if "e" in shown:
        mantissa, power = shown.split("e")
        return rf"{sign}{mantissa}\cdot 10^{{{int(power)}}}"
    return sign + {"inf": r"\infty", "unknown": "?"}.get(shown, shown.replace(",", r"{,}"))


def linear(terms: Sequence[tuple[Any, str]], most: int = MOST_TERMS) -> str:
    """A sum of numbers times signs, ``x - 2y``; a long one ends in dots; an empty one is 0."""
    words = "".join(_term(factor, sign, first=place == 0) for place, (factor, sign) in enumerate(terms[:most]))
    return (words or "0") + (r" + \cdots" if len(terms) > most else "")


def pieces(sum_of: Sequence[tuple[Any, str]], lower: Any, upper: Any, wide: int = 4) -> list[str]:
    """A long row in formulas of `wide` terms each, between which a line may break."""
    groups = [sum_of[at : at + wide] for at in range(0, min(len(sum_of), MOST_TERMS), wide)] or [sum_of]
    parts = [linear(groups[0])]
    for group in groups[1:]:
        more = linear(group)
        parts.append(f"{{}}- {more[1:]}" if more.startswith("-") else f"{{}}+ {more}")
    if len(sum_of) > MOST_TERMS:
        parts.append(r"{}+ \cdots")
    return [*parts[:-1], relation(parts[-1], lower, upper)]


def _term(factor: Any, sign: str, first: bool) -> str:
    minus, size = factor < 0, abs(factor)
    lead = ("-" if first else " - ") if minus else ("" if first else " + ")
    return lead + (sign if size == 1 else rf"{amount(size)}\,{sign}")


def relation(sum_: str, lower: Any, upper: Any) -> str:
    """``sum = b``, ``sum \\ge b``, ``sum \\le b`` or ``a \\le sum \\le b``; bounds of None are absent."""
    if lower is not None and lower == upper:
        return f"{sum_} = {amount(lower)}"
    left = "" if lower is None or upper is None else rf"{amount(lower)} \le "
    if upper is None:
        return sum_ if lower is None else rf"{sum_} \ge {amount(lower)}"
    return rf"{left}{sum_} \le {amount(upper)}"


def profile(types: Iterable[str]) -> str:
    """Types in brackets, ``(10,\\, 50)``."""
    return "(" + r",\, ".join(types) + ")"


def type_sign(words: str) -> str:
    """A type as it stands in a formula: numbers as numbers, orders and labels as text."""
    parts = words.split(", ")
    return r",\, ".join(_fraction(part) for part in parts)


def _fraction(words: str) -> str:
    if re.fullmatch(r"-?\d+/\d+", words):
        return amount(Fraction(words)) if len(words) <= 9 else words
    return words if re.fullmatch(r"-?\d+(\.\d+)?", words) else text(words)

"""Bounds on the continuum optimum in words."""

from __future__ import annotations

from fractions import Fraction

from rich.console import RenderableType
from rich.text import Text

from amd.model.design import Design
from amd.model.task import Task
from amd.proof.bounds import Bounds, outward
from amd.show.design import linear_text
from amd.show.numbers import HEADLINE_DIGITS, LONGEST_EXACT, count
from amd.show.result import title_parts
from amd.show.tables import pairs


def bounds_parts(task: Task, bounds: Bounds) -> list[RenderableType]:
    """Everything that `amd bounds` prints."""
    rows = [("  at least", bound_words(bounds.lower, -1)), ("  at most", bound_words(bounds.upper, 1))]
    parts: list[RenderableType] = [
        *title_parts(task.title, task.source),
        Text(lead(task.design, bounds), style="bold"),
        pairs(rows),
    ]
    if gap := gap_words(bounds):
        parts.append(Text(gap))
    if bounds.relations:
        how = f"by {', '.join(bounds.relations)}"
        how = f"on {count(bounds.cells, 'cell')} a parameter, {how}" if bounds.cells else how
        parts += [Text(""), Text(f"Proven in exact arithmetic {how}.")]
    return [*parts, *(Text(f"note: {reason}") for reason in bounds.reasons)]


def lead(design: Design | None, bounds: Bounds) -> str:
    """What is bounded: the continuum, or, without cells, a problem whose types are all finite."""
    if bounds.lower is None and bounds.upper is None:
        return "No bound on the optimum is known."
    where = "Over all mechanisms for the continuous prior" if bounds.cells else "Over all mechanisms"
    if design is None or design.objective is None:
        return f"{where} the optimum is"
    return f"{where} the {'greatest' if design.maximize else 'least'} {linear_text(design.objective)} is"


def bound_words(value: Fraction | None, direction: int) -> str:
    """The bound, rounded away from the optimum where it is not printed in full."""
    if value is None:
        return "unknown"
    exact = str(value)
    if value.denominator == 1:
        return exact
    decimals = rounded_outward(value, direction)
    if len(exact) > LONGEST_EXACT:
        return decimals
    return f"{exact} {'=' if Fraction(decimals) == value else '≈'} {decimals}"


def rounded_outward(value: Fraction, direction: int) -> str:
    """Decimals that still are a bound: never nearer to the optimum than the value itself."""
    text = f"{float(value):.{HEADLINE_DIGITS}g}"
    shown = Fraction(text)
    if (shown < value) if direction > 0 else (shown > value):
        exponent = Fraction(f"1{_exponent(text)}")
        text = f"{float(shown + direction * exponent):.{HEADLINE_DIGITS}g}"
    if (Fraction(text) < value) if direction > 0 else (Fraction(text) > value):
        return repr(outward(value, direction * float("inf")))
    return text


def _exponent(text: str) -> str:
    """One unit of the last digit of a decimal text, as the exponent of ten."""
    mantissa, _, power = text.partition("e")
    places = len(mantissa.partition(".")[2])
    return f"e{int(power or 0) - places}"


def gap_words(bounds: Bounds) -> str:
    """How far apart the two are."""
    if bounds.lower is None or bounds.upper is None:
        return ""
    gap, scale = bounds.upper - bounds.lower, max(abs(bounds.upper), abs(bounds.lower))
    if not gap:
        return "The two are equal: this is the optimum."
    return (
        f"The two are {float(gap / scale):.2%} apart."
        if gap / scale > Fraction(1, 10000)
        else (f"The two are {float(gap / scale) * 100:.1g} % apart.")
    )

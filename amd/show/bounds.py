"""Bounds on the optimum in words."""

from __future__ import annotations

from fractions import Fraction

from rich.console import RenderableType
from rich.text import Text

from amd.model.task import Task
from amd.proof.bounds import Bounds, outward
from amd.proof.continuum.reading import has_continuum
from amd.show.design import linear_text
from amd.show.numbers import HEADLINE_DIGITS, LONGEST_EXACT, count
from amd.show.result import title_parts
from amd.show.tables import pairs

USED = {
    "Border": "Border's inequality",
    "C0": "averages of reports (C0)",
    "C1": "the best allocation of a cell (C1)",
    "C2": "reports at the same place of another cell (C2)",
    "C3": "the envelope theorem in cells of constant density (C3)",
    "C3 rising": "the envelope theorem in cells of constant density (C3)",
    "C4": "the envelope theorem in cells of varying density (C4)",
    "C5": "the envelope theorem between faces of boxes (C5)",
    "C5 order": "the envelope theorem between faces of boxes (C5)",
    "order": "monotone allocations",
    "need": "the requirements",
    "on average": "participation on average",
    "utility": "participation of every cell",
    "efficient": "the efficient allocation",
}
MECHANISMS = {
    "C6 step": "a step mechanism (C6)",
    "C6 step, each good sold by itself": "a step mechanism for each good by itself (C6)",
    "C6 menu": "a menu (C6)",
    "C6 efficient rule": "the efficient rule (C6)",
}


def bounds_parts(task: Task, bounds: Bounds) -> list[RenderableType]:
    """Everything that `amd bounds` prints."""
    parts: list[RenderableType] = [*title_parts(task.title, task.source), Text(lead(task, bounds), style="bold")]
    if bounds.lower is not None or bounds.upper is not None:
        parts.append(
            pairs([("  at least", bound_words(bounds.lower, -1)), ("  at most", bound_words(bounds.upper, 1))])
        )
    if gap := gap_words(bounds):
        parts.append(Text(gap))
    how = [Text(sentence) for sentence in how_words(task, bounds)]
    parts += [Text(""), *how] if how else []
    return [*parts, *(Text(f"note: {reason}") for reason in bounds.reasons)]


def lead(task: Task, bounds: Bounds) -> str:
    """What is bounded: the continuum, or a problem whose types are all finite."""
    continuous = has_continuum(task)
    if bounds.verdict == "impossible":
        return "No mechanism meets the design" + (", for the continuous prior." if continuous else ".")
    if bounds.verdict == "possible":
        return "A mechanism meets the design; it has no wish to bound."
    if bounds.lower is None and bounds.upper is None:
        return "No bound on the optimum is known."
    where = "Over all mechanisms for the continuous prior" if continuous else "Over all mechanisms"
    if task.design is None or task.design.objective is None:
        return f"{where} the optimum is"
    sense = "greatest" if task.design.maximize else "least"
    return f"{where} the {sense} {linear_text(task.design.objective)} is"


def how_words(task: Task, bounds: Bounds) -> list[str]:
    """By which relations and which mechanism, in words."""
    if not has_continuum(task):
        finite = "Types are finite: this is the exact answer to the program (see `amd certify`)."
        return [finite] if bounds.verdict or bounds.lower is not None else []
    used = list(dict.fromkeys(USED[family] for family in bounds.relations if family in USED))
    found = [MECHANISMS[kind] for kind in bounds.relations if kind in MECHANISMS]
    what = "" if bounds.verdict == "impossible" else "nothing does better, "
    sentences = []
    if used:
        sentences.append(
            f"Proven in exact arithmetic: {what}by {', '.join(used)}, on {count(bounds.cells, 'cell')} a parameter."
        )
    if found:
        sentences.append(f"The other bound is the exact value of {found[0]}.")
    return sentences


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

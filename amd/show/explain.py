"""`amd explain`: the linear program in mathematical notation, how large it is, and what was reduced and why."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from amd.compile.choose import choose
from amd.compile.cost import expected_seconds, seconds_in_words
from amd.compile.plan import Plan
from amd.compile.reductions import equivalence, expected_budget, interim_payments
from amd.model.task import Task
from amd.show.formulation import size_words
from amd.show.notation import (
    Notation,
    columns,
    constraints,
    definitions,
    objective,
    reduced_columns,
    reduced_constraints,
)
from amd.show.numbers import count
from amd.show.page import to_text
from amd.show.people import people_parts
from amd.show.result import title_parts
from amd.show.sizes import Counted, counted
from amd.show.tables import pairs

_FIXED = ("efficient", "unanimous", "pareto")  # requirements that fix columns at zero instead of adding rows


def explain(task: Task, formulation: str = "auto") -> str:
    """The explanation as plain text. Raises FormulationError where the formulation does not apply."""
    return to_text(explain_parts(task, formulation))


def explain_parts(task: Task, formulation: str = "auto") -> list[RenderableType]:
    """Everything that `amd explain` prints."""
    parts: list[RenderableType] = [*title_parts(task.title, task.source), *people_parts(task.environment)]
    if task.design is None:
        return [*parts, Text(""), Text("The problem has no `design`: it does not say what is wanted.")]
    environment, design = task.environment, task.design
    plan = choose(environment, design, formulation)
    full = counted(environment, design, Plan())
    here = counted(environment, design, plan) if plan.names else full
    same = full if plan.reduced_form else here  # a reduced form has rows and columns of its own, told further down
    notation = Notation(environment, design)
    wish, meant = objective(notation)
    sections = [
        ("Choose", _columns(notation, full, same)),
        (wish, [(name, f"= {formula}") for name, formula in meant]),
        ("Subject to", _constraints(notation, full, same)),
        ("Where", definitions(notation)),
        *(_reduced(notation, here) if plan.reduced_form else ()),
        ("Reductions", _reductions(plan, formulation)),
        ("Size", _sizes(full, here, plan)),
    ]
    for heading, rows in sections:
        parts += [Text(""), Text(heading, style="bold"), pairs([(f"  {name}", words) for name, words in rows])]
    return parts


def _columns(notation: Notation, full: Counted, here: Counted) -> list[tuple[str, str]]:
    known = columns(notation)
    rows = []
    for name in dict.fromkeys([*full.columns, *here.columns]):
        sign, meaning = known.get(name, (name, ""))
        rows.append((sign, " ".join(part for part in (meaning, f"({_tally(name, 'column', full, here)})") if part)))
    return rows


def _tally(kind: str, what: str, full: Counted, here: Counted) -> str:
    """``400 columns``; ``9,900 rows in full, 198 here``; ``12 rows here``."""
    whole = full.columns.get(kind, 0) if what == "column" else full.rows.get(kind, 0)
    used = here.columns.get(kind, 0) if what == "column" else here.rows.get(kind, 0)
    words = ("at most " if kind in full.at_most else "") + count(whole, what)
    if not (here.rows or here.columns) or whole == used:
        return words
    return f"{words} in full, {f'{used:,}' if used else 'none'} here" if whole else f"{count(used, what)} here"


def _constraints(notation: Notation, full: Counted, here: Counted) -> list[tuple[str, str]]:
    known = constraints(notation)
    kinds = [kind for kind in dict.fromkeys([*known, *full.rows, *here.rows]) if _occurs(kind, notation, full, here)]
    rows = []
    for kind in kinds:
        formula, where = known.get(kind, (kind, ""))
        rows.append((kind, formula + (f"   for {where}" if where else "")))
        if full.rows.get(kind) or here.rows.get(kind):
            rows.append(("", _tally(kind, "row", full, here)))
    return rows


def _reduced(notation: Notation, here: Counted) -> list[tuple[str, list[tuple[str, str]]]]:
    """The program that is solved in place of the one over type profiles."""
    signs, rules = reduced_columns(), reduced_constraints(notation)
    chosen = [
        (signs.get(name, (name, ""))[0], f"{signs.get(name, ('', ''))[1]} ({count(size, 'column')})")
        for name, size in here.columns.items()
    ]
    rows = []
    for kind in [kind for kind in dict.fromkeys([*rules, *here.rows]) if here.rows.get(kind) or kind == "border"]:
        formula, where = rules.get(kind, (kind, ""))
        rows.append((kind, formula + (f"   for {where}" if where else "")))
        if here.rows.get(kind):
            rows.append(("", count(here.rows[kind], "row")))
    return [("Solved in its place: choose", chosen), ("Subject to", rows)]


def _occurs(kind: str, notation: Notation, full: Counted, here: Counted) -> bool:
    """Whether the family has rows, or is a requirement that fixes columns."""
    required = kind in _FIXED and bool(getattr(notation.design, kind))
    return required or bool(full.rows.get(kind) or here.rows.get(kind))


def _reductions(plan: Plan, formulation: str) -> list[tuple[str, str]]:
    """Which reductions are in use and why, which not and why not."""
    rows = []
    for name, verdict in plan.reasons.items():
        if name in plan.names:
            words = "in use"
        elif plan.equivalence and verdict.applies and name in equivalence.CONTAINED:
            rows.append((name, f"in use with {equivalence.NAME}: {verdict.why}"))
            continue
        elif formulation != "auto":
            words = "switched off" + ("" if verdict.applies else " (and does not apply)")
        elif name == interim_payments.NAME and plan.interim_payments:
            rows.append((name, f"not needed: {expected_budget.NAME} does as much"))
            continue
        else:
            words = "not needed beside the others" if verdict.applies else "does not apply"
        rows.append((name, f"{words}: {verdict.why}"))
    return rows


def _sizes(full: Counted, here: Counted, plan: Plan) -> list[tuple[str, str]]:
    rows = [("in full", _size(full))]
    if plan.names:
        more = ", before violated rows are added" if plan.generate or plan.reduced_form else ""
        seconds = expected_seconds(here.size, generated=bool(more))
        rows.append(("here", f"{_size(here)}{more}; {seconds_in_words(seconds)} to solve"))
    return rows


def _size(one: Counted) -> str:
    return size_words(one.size) if one.exact else f"about {size_words(one.size)} (estimated, not built)"

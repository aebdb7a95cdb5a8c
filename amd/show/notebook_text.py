"""An explanation as Markdown, as LaTeX and as plain text."""

from __future__ import annotations

import html
import re
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from amd.show.latex import amount, text
from amd.show.latex_rows import Row
from amd.show.notebook import Explanation, Family
from amd.show.numbers import count
from amd.show.numbers import number as plain_number
from amd.show.page import to_text
from amd.show.tables import table

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|$~])")


def markdown(told: Explanation) -> str:
    """Markdown with formulas between dollars."""
    lines = [f"**{_md(told.title)}**", ""] if told.title else []
    lines += [_md(told.answer), "", *(f"$${line}$$" for line in told.wish), "", *_md_table(told), ""]
    lines += [f"$${line}$$" for line in told.meaning]
    if told.columns:
        lines += ["", "Solution: " + ", ".join(f"${sign} = {value}$" for sign, value in told.columns), ""]
    return "\n".join([*lines, _md(told.note)])


def _md(words: str) -> str:
    """Text of anybody: every sign that Markdown could read is escaped."""
    return html.escape(_SPECIAL.sub(r"\\\1", " ".join(words.split())), quote=False)


def _md_table(told: Explanation) -> list[str]:
    if not told.rowwise:
        rows = [_md_summary(family) for family in told.families]
        return ["| constraints | rows | binding | largest multipliers |", "| --- | --- | --- | --- |", *rows]
    lines = ["| constraint | says | slack | multiplier |", "| --- | --- | --- | --- |"]
    for family in told.families:
        lines.append(f"| *{_md(family.kind)}* | ${_formula(family)}$ | | |")
        lines += [f"| ${row.name}$ | ${row.formula}$ | {_slack(row)} | {_paid(row)} |" for row in family.rows]
    return lines


def _md_summary(family: Family) -> str:
    largest = ", ".join(f"${row.name}$: **${amount(row.multiplier)}$**" for row in family.largest)
    return f"| *{_md(family.kind)}* ${_formula(family)}$ | {len(family.rows):,} | {family.binding:,} | {largest} |"


def _formula(family: Family) -> str:
    return rf"{family.formula} \quad {family.where}" if family.where else family.formula


def _slack(row: Row) -> str:
    if row.slack is None:
        return ""
    return "=" if row.equality else "binds" if row.binding else f"${amount(row.slack)}$"


def _paid(row: Row) -> str:
    shown = "" if row.multiplier is None else f"${amount(row.multiplier)}$"
    return f"**{shown}**" if row.priced else shown


def latex(told: Explanation) -> str:
    """One display formula: the wish, and each constraint with its multiplier at the right."""
    lines = [rf"& {line} & &" for line in told.wish]
    for family in told.families:
        if told.rowwise:
            lines += [_latex_row(row) for row in family.rows]
        else:
            lines.append(rf"& {_formula(family)} & & {text(count(len(family.rows), 'row'))}")
            lines += [rf"& \quad {row.name} & & {amount(row.multiplier)}" for row in family.largest]
    body = (r" \\" + "\n").join([*lines, *(rf"& {line} & &" for line in told.meaning)])
    return "$$\n\\begin{aligned}\n" + body + "\n\\end{aligned}\n$$"


def _latex_row(row: Row) -> str:
    shown = "" if row.multiplier is None else amount(row.multiplier)
    paid = rf"\;[\mathbf{{{shown}}}]" if row.priced else rf"\;[{shown}]" if shown else ""
    return rf"{row.name}:\quad & {row.formula} & & {paid}"


def plain(told: Explanation) -> str:
    """For terminals: the same tables, formulas as readable as LaTeX turned into signs allows."""
    return to_text(plain_parts(told))


def plain_parts(told: Explanation) -> list[RenderableType]:
    """What a terminal shows."""
    parts: list[RenderableType] = [Text(told.title, style="bold"), Text("")] if told.title else []
    parts += [Text(told.answer, style="bold"), *(Text(f"  {unlatex(line)}") for line in told.wish), Text("")]
    parts.append(_plain_rows(told) if told.rowwise else _plain_families(told))
    if told.columns:
        listed = ", ".join(f"{unlatex(sign)} = {unlatex(value)}" for sign, value in told.columns)
        parts += [Text(""), Text(f"Solution: {listed}; {count(told.zeros, 'other column')} at 0 or left out.")]
    return [*parts, Text(""), Text(told.note)]


def _plain_rows(told: Explanation) -> RenderableType:
    cells = [
        [unlatex(row.name), unlatex(row.formula), _plain_slack(row), _plain(row.multiplier)]
        for family in told.families
        for row in family.rows
    ]
    return table(["constraint", "says", "slack", "multiplier"], cells, right=[2, 3])


def _plain_slack(row: Row) -> str:
    return "=" if row.equality and row.slack is not None else "binds" if row.binding else _plain(row.slack)


def _plain(value: Any) -> str:
    return "" if value is None else plain_number(value)


def _plain_families(told: Explanation) -> RenderableType:
    cells = []
    for family in told.families:
        priced = [[unlatex(row.name), _plain(row.multiplier)] for row in family.largest] or [["", ""]]
        cells.append([family.kind, f"{len(family.rows):,}", f"{family.binding:,}", *priced[0]])
        cells += [["", "", "", *pair] for pair in priced[1:]]
    return table(["constraints", "rows", "binding", "largest", "multipliers"], cells, right=[1, 2, 4])


_SIGNS = {
    r"\ge": "≥",
    r"\le": "≤",
    r"\to": "→",
    r"\mid": "|",
    r"\theta": "θ",
    r"\sum": "Σ",
    r"\prod": "Π",
    r"\forall": "for all",
    r"\cdots": "…",
    r"\cdot": "·",
    r"\infty": "∞",
    r"\max": "Maximize",
    r"\min": "Minimize",
    r"\sigma": "σ",
    r"\in": "in",
    r"\dots": "…",
    r"\wedge": "^",
    r"\sim": "~",
    r"\vert": "|",
    r"\backslash": "\\",
}
_FRACTION = re.compile(r"\\tfrac\{(\d+)\}\{(\d+)\}")
_WRAPPED = re.compile(r"\\(?:text|mathrm|mathbf)\{([^{}]*)\}")
_SPACES = re.compile(r"\\[,;!]|\\quad|\\Big|\\displaystyle|\{\}")
_COMMAND = re.compile(r"\\[A-Za-z]+")
_ESCAPED = re.compile(r"\\([_$%#&])")
_SUBSCRIPT = re.compile(r"_\{([^{}]*)\}")


def unlatex(formula: str) -> str:
    """Our own LaTeX as a line of text: ``IC_buyer(3/4 → 1/4)``."""
    line = _FRACTION.sub(r"\1/\2", formula)
    line = _SPACES.sub(" ", line)
    line = _COMMAND.sub(lambda found: _SIGNS.get(found[0], found[0]), _WRAPPED.sub(r"\1", line))
    line = _SUBSCRIPT.sub(r"_\1", _ESCAPED.sub(r"\1", line))
    line = re.sub(r"\\([{}])", r"\1", re.sub(r"(?<!\\)[{}]", "", line))
    return re.sub(r"\(\s+", "(", " ".join(line.split()))

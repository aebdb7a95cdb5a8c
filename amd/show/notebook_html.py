"""An explanation as HTML: tables whose formulas are LaTeX for the notebook to typeset; no script, no style sheet."""

from __future__ import annotations

import html
from typing import Any

from amd.show.latex import amount
from amd.show.latex_rows import Row
from amd.show.notebook import Explanation, Family
from amd.show.numbers import count

_DISPLAY = r"\displaystyle "
_MARK = ' style="background-color: rgba(230, 159, 0, 0.28);"'  # a row that costs something
_TIGHT = ' style="background-color: rgba(86, 180, 233, 0.16);"'  # a row that binds for free
_HEAD = ' style="text-align: left; border-top: 1px solid rgba(128, 128, 128, 0.6); padding-top: 0.6em;"'
_LEFT = ' style="text-align: left;"'
_QUIET = ' style="opacity: 0.75; margin: 0.4em 0;"'


def math(formula: str, display: bool = False) -> str:
    """A formula between dollars, safe inside HTML."""
    mark = "$$" if display else "$"
    return f"{mark}{html.escape(formula, quote=True)}{mark}"


def words(plain: str) -> str:
    """A text of anybody: neither markup nor a formula."""
    escaped = html.escape(plain, quote=True)
    for sign in ("$", "\\"):
        escaped = escaped.replace(sign, f"<span>{sign}</span>")
    return f'<span class="tex2jax_ignore mathjax_ignore">{escaped}</span>'


def page(told: Explanation) -> str:
    """The whole explanation."""
    heading = f"<h4>{words(told.title)}</h4>" if told.title else ""
    wish = "".join(f"<div>{math(_DISPLAY + line)}</div>" for line in told.wish)
    meaning = "".join(f"<div>{math(line)}</div>" for line in told.meaning)
    where = f"<p{_QUIET}>where</p>{meaning}" if meaning else ""
    return (
        f'<div class="amd-explanation">{heading}<p><b>{words(told.answer)}</b></p>{wish}{_table(told)}{where}'
        f"{_solution(told)}<p{_QUIET}>{words(told.note)}</p></div>"
    )


def _table(told: Explanation) -> str:
    if told.rowwise:
        header = _cells("th", ["constraint", "slack", "multiplier", "says"])
        body = "".join(_heading(family) + "".join(map(_row, family.rows)) for family in told.families)
    else:
        header = _cells("th", ["constraints", "rows", "binding", "largest multipliers"])
        body = "".join(map(_summary, told.families))
    return f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"


def _cells(tag: str, contents: list[str], style: str = _LEFT) -> str:
    return "".join(f"<{tag}{style}>{content}</{tag}>" for content in contents)


def _heading(family: Family) -> str:
    where = f"&emsp;{math(family.where)}" if family.where else ""
    return f'<tr><td colspan="4"{_HEAD}><i>{words(family.kind)}</i>&emsp;{math(family.formula)}{where}</td></tr>'


def _row(row: Row) -> str:
    tight = row.binding and not row.equality
    costs = row.priced and row.kind != "interim"  # what q stands for costs nothing
    style = _MARK if costs else _TIGHT if tight else ""
    slack = "" if row.slack is None else "=" if row.equality else "binds" if tight else number(row.slack)
    paid = "" if row.multiplier is None else number(row.multiplier)
    if row.priced:
        paid = f"<b>{paid}</b>"
    says = " ".join(map(math, row.pieces))
    return f"<tr{style}>{_cells('td', [math(row.name), slack, paid, says])}</tr>"


def number(value: Any) -> str:
    """A number as a formula."""
    return math(amount(value))


def _summary(family: Family) -> str:
    where = f"&emsp;{math(family.where)}" if family.where else ""
    first = f"<i>{words(family.kind)}</i><br>{math(family.formula)}{where}"
    largest = "<br>".join(f"{math(row.name)}: <b>{number(row.multiplier)}</b>" for row in family.largest)
    known = any(row.slack is not None for row in family.rows)
    equal = all(row.equality for row in family.rows)
    binding = "=" if equal else f"{family.binding:,}" if known else ""
    return f"<tr>{_cells('td', [first, f'{len(family.rows):,}', binding, largest])}</tr>"


def _solution(told: Explanation) -> str:
    if not told.columns:
        return ""
    listed = ",&ensp; ".join(math(f"{sign} = {value}") for sign, value in told.columns)
    rest = f"; {words(count(told.zeros, 'other column'))} at 0 or left out" if told.zeros else ""
    return f"<p><i>Solution</i>&emsp;{listed}{rest}.</p>"

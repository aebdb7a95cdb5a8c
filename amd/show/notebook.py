"""`explain` in notebooks: the program typeset beside its solution, constraint by constraint, with the multipliers.

An `Explanation` shows itself as HTML with LaTeX (notebooks), Markdown, LaTeX, or plain text (terminals). Of small
programs every row is told, binding rows marked; of large ones the families with how many rows bind and the largest
multipliers. Text of users is escaped everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from amd.compile.reduced.approach import Reduced
from amd.result import Result
from amd.show.latex import amount, text
from amd.show.latex_notation import definitions, families, objective, reduced_families
from amd.show.latex_rows import Numbers, Row, numbers_of, rows
from amd.show.latex_signs import Signs
from amd.show.numbers import count, headline
from solvers import Status

MOST_ROWS = 60  # of a program that is told row by row
MOST_COLUMNS = 40  # of a solution that is written out
LARGEST = 5  # multipliers told of each family of a large program


@dataclass(frozen=True)
class Family:
    """Rows of one kind: the formula they share, for what it holds, and the rows themselves."""

    kind: str
    formula: str
    where: str
    rows: tuple[Row, ...]

    @property
    def binding(self) -> int:
        """How many inequalities leave no room."""
        return sum(row.binding and not row.equality for row in self.rows)

    @property
    def largest(self) -> list[Row]:
        """The rows with the largest multipliers, largest first."""
        priced = [row for row in self.rows if row.priced]
        return sorted(priced, key=lambda row: -abs(row.multiplier))[:LARGEST]


@dataclass(frozen=True)
class Explanation:
    """A solved program, told. `wish` and `meaning` are LaTeX; `answer` a sentence; `columns` pairs of a sign and its
    value in LaTeX, those that are not 0, with `zeros` others; `rowwise` says whether rows and columns are told one by
    one.
    """

    title: str
    answer: str
    wish: tuple[str, ...]
    meaning: tuple[str, ...]
    families: tuple[Family, ...]
    columns: tuple[tuple[str, str], ...]
    zeros: int
    rowwise: bool
    note: str

    def _repr_html_(self) -> str:
        from amd.show.notebook_html import page

        return page(self)

    def _repr_markdown_(self) -> str:
        from amd.show.notebook_text import markdown

        return markdown(self)

    def _repr_latex_(self) -> str:
        from amd.show.notebook_text import latex

        return latex(self)

    def __str__(self) -> str:
        from amd.show.notebook_text import plain

        return plain(self)

    __repr__ = __str__


def explanation(result: Result) -> Explanation:
    """What a result has to tell about its program. ValueError where it was never solved."""
    if result.compiled is None or result.program is None or result.solution is None or result.task.design is None:
        raise ValueError("this result holds no program to explain")
    signs, numbers = Signs(result.compiled), numbers_of(result)
    told = tuple(rows(result, signs, numbers))
    kinds = tuple(dict.fromkeys(row.kind for row in told))
    environment, design = result.task.environment, result.task.design
    reduced = isinstance(result.compiled, Reduced)
    known = reduced_families(environment, design) if reduced else families(environment, design)
    rowwise = len(told) <= MOST_ROWS
    shown, zeros = _columns(signs, numbers) if rowwise else ((), 0)
    return Explanation(
        title=result.task.title,
        answer=_answer(result),
        wish=tuple(objective(environment, design)),
        meaning=() if reduced else tuple(definitions(environment, design, kinds)),
        families=tuple(_family(kind, known.get(kind, (text(kind), "")), told) for kind in kinds),
        columns=shown,
        zeros=zeros,
        rowwise=rowwise,
        note=_note(result, numbers),
    )


def _family(kind: str, formula: tuple[str, str], told: Iterable[Row]) -> Family:
    return Family(kind, *formula, tuple(row for row in told if row.kind == kind))


def _columns(signs: Signs, numbers: Numbers) -> tuple[tuple[tuple[str, str], ...], int]:
    """The columns of the solution that are not 0, as far as they are few, and how many others there are."""
    if numbers.x is None:
        return (), 0
    values = list(numbers.x)
    tolerance = 0.0 if numbers.exact else 1e-9 * max([1.0, *(abs(float(value)) for value in values)])
    used = [column for column, value in enumerate(values) if abs(value) > tolerance]
    shown = tuple((signs.column(column), amount(values[column])) for column in used[:MOST_COLUMNS])
    return shown, len(values) - len(shown)


def _answer(result: Result) -> str:
    """The answer in a line."""
    if result.status is Status.OPTIMAL and result.objective is not None:
        return f"The best value is {headline(result.objective, result.objective_exact)}."
    if result.status is Status.INFEASIBLE and (result.solution is None or result.solution.row_dual is None):
        return "There is no such mechanism."
    words = {
        Status.OPTIMAL: "There is such a mechanism; nothing was to be optimized.",
        Status.INFEASIBLE: "There is no such mechanism: times their multipliers, the rows add up to a contradiction.",
        Status.UNBOUNDED: "There is no best mechanism: for every one there is a better one.",
        Status.LIMIT: "A limit was reached before the answer was known.",
    }
    return words.get(result.status, "The solver failed.")


def _note(result: Result, numbers: Numbers) -> str:
    """How to read the numbers: what was solved, in which arithmetic, and what a multiplier is."""
    formulation = result.formulation
    size = f"{count(formulation.rows, 'row')}, {count(formulation.columns, 'column')}"
    by = f", made small by {', '.join(formulation.reductions)}" if formulation.reductions else ""
    parts = [f"{size}{by}."]
    if "symmetry" in formulation.reductions or "reduced-form" in formulation.reductions:
        parts.append("Agents that are alike share rows and columns; a multiplier is then that of all of them together.")
    if result.program is not None and result.program.is_integer:
        parts.append("A program with whole numbers has no multipliers.")
    elif result.status is Status.OPTIMAL:
        parts.append("A multiplier is what one unit of room in a row would add to the best value.")
    if result.status in (Status.OPTIMAL, Status.INFEASIBLE) and numbers.row_dual is not None:
        parts.append("Numbers are exact." if numbers.exact else "Numbers are those of the solver, in floating point.")
    return " ".join(parts)

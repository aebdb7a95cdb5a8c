"""The report about an answer of which only the JSON object is left."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from amd.show.numbers import headline, number, seconds
from amd.show.report.blocks import Block, Cell, Page, Pre, Table, Words, cell, sections, table
from amd.show.report.made import facts_about, made

SENTENCES = {
    "optimal": "An optimal answer was found.",
    "infeasible": "There is no such mechanism.",
    "unbounded": "There is no best mechanism: for every mechanism there is a better one.",
    "limit": "A limit was reached before the answer was known.",
    "error": "The solver failed: there is no answer to rely on.",
}
VERDICTS = {"optimal": "good", "infeasible": "bad", "unbounded": "bad"}


def recorded_page(record: Mapping[str, Any], command: str) -> Page:
    """A page about what ``amd solve --json`` printed. ValueError for another object."""
    status, problem = record.get("status"), record.get("problem")
    if status not in SENTENCES or not isinstance(problem, dict):
        raise ValueError("this is not the JSON object of an answer, which has a 'status' and a 'problem'")
    solver = record.get("solver") or {}
    return Page(
        title=str(problem.get("title") or "An answer"),
        source="",
        answer=SENTENCES[status],
        verdict=VERDICTS.get(status, "open"),
        facts=facts_about(_facts(record)),
        sections=sections(
            ("answer", "The answer", _answer(record)),
            ("audit", "Audit", _audit(record.get("audit") or {})),
            ("program", "The program", _program(record)),
        ),
        made=made(
            command, (str(solver.get("name") or ""), str(solver.get("version") or "")), str(problem.get("sha256", ""))
        ),
    )


def _facts(record: Mapping[str, Any]) -> dict[str, str | None]:
    objective, exact = record.get("objective"), record.get("objective_exact")
    spent = record.get("seconds") or {}
    return {
        "Value": None if not isinstance(objective, (int, float)) else headline(float(objective), exact),
        "Status": str(record["status"]),
        "Time": seconds(float(sum(spent.values()))) if spent else None,
    }


def _answer(record: Mapping[str, Any]) -> list[Block]:
    """The message, quantities, and whatever else the answer of a matching or an auction holds."""
    known = {"status", "message", "objective", "objective_exact", "quantities", "audit", "formulation", "seconds"}
    known |= {"peak_memory"}
    blocks: list[Block] = [Words(str(record["message"]))] if record.get("message") else []
    quantities = record.get("quantities") or {}
    if quantities:
        rows = [[str(name), number(value)] for name, value in quantities.items()]
        blocks.append(table("Quantities", ["quantity", "value"], rows, [1]))
    rest = {key: value for key, value in record.items() if key not in {*known, "solver", "problem"}}
    return [*blocks, *([Pre(json.dumps(rest, indent=1, ensure_ascii=False))] if rest else [])]


def _audit(audit: Mapping[str, Any]) -> list[Block]:
    """Each kind with its worst violation; of matchings and auctions, what was found."""
    rows = []
    for kind, found in audit.items():
        if isinstance(found, dict):
            amount = float(found.get("violation", 0.0))
            rows.append((Cell(str(kind)), Cell(f"{amount:.3g}", amount), Cell(str(found.get("witness") or "holds"))))
        else:
            words = "; ".join(map(str, found)) or "holds"
            rows.append((Cell(str(kind)), Cell(f"{len(found)}", float(len(found))), Cell(words)))
    return [Table("Audit", ("constraint", "worst violation", "where"), tuple(rows), frozenset({1}))] if rows else []


def _program(record: Mapping[str, Any]) -> list[Block]:
    """The size of the program, its reductions, and the time of each step."""
    form = record.get("formulation") or {}
    blocks: list[Block] = []
    if form:
        size = ", ".join(f"{form[name]:,} {name}" for name in ("rows", "columns", "nonzeros") if name in form)
        reduced = ", ".join(map(str, form.get("reductions", []))) or "none"
        blocks += [Words(f"{size}."), Words(f"Reductions: {reduced}.")]
    rows = tuple(
        (cell(str(step)), Cell(seconds(float(s)), float(s))) for step, s in (record.get("seconds") or {}).items()
    )
    return [*blocks, *([Table("Time of each step", ("step", "time"), rows, frozenset({1}))] if rows else [])]

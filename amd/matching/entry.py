"""The module's doors: solve a problem file, and check a matching or an exchange that somebody else made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from amd.files.answers import json_object
from amd.files.document import decode
from amd.files.faults import suggest
from amd.matching.answer import audit_matching, couples_result, solve_task
from amd.matching.exchange.answer import check_exchange, solve_exchange_task
from amd.matching.exchange.files import ExchangeTask, read_exchange
from amd.matching.files import MatchingTask, read_matching
from amd.matching.market import IntArray, MarketError, Matching
from amd.matching.reading import kind_of
from amd.matching.result import Clock, MatchingResult, few
from amd.matching.verify import verify_roommates
from solvers import Settings, Status


def read_task(text: str, origin: str, folder: Path | None = None) -> MatchingTask | ExchangeTask:
    """The task of a document of either kind. `folder`: where its tables are. Raises InputError, MarketError."""
    kind = kind_of(text, origin)
    if kind == "exchange":
        return read_exchange(text, origin, folder)
    if kind == "matching":
        return read_matching(text, origin, folder)
    raise MarketError(f"{origin}: this is a problem of kind '{kind}', not matching or exchange")


def solve_text(
    text: str, origin: str = "<text>", folder: Path | None = None, settings: Settings = Settings()
) -> MatchingResult:
    """Solve the problem in `text`. Raises InputError with every fault of the input, MarketError where rule and market
    do not fit, SolverError where a solver fails."""
    clock = Clock()
    task = read_task(text, origin, folder)
    clock.stamp("read")
    result = solve_exchange_task(task, settings) if isinstance(task, ExchangeTask) else solve_task(task, settings)
    clock.stamp("solve")
    return replace(result, seconds=clock.seconds, task=task)


def solve_file(path: str | Path, settings: Settings = Settings()) -> MatchingResult:
    """Solve a problem file of `kind: matching` or `kind: exchange`; see `solve_text`."""
    where = Path(path)
    return solve_text(decode(where.read_bytes(), str(path)), str(path), where.parent, settings)


def check_file(problem: str | Path, answer: str | Path) -> MatchingResult:
    """Audit the matching or exchange in the JSON file `answer` against the problem; `holds` says whether it passed.

    Raises InputError for the problem, MarketError for an answer that does not fit it.
    """
    where = Path(problem)
    text = decode(where.read_bytes(), str(problem))
    data = read_answer(decode(Path(answer).read_bytes(), str(answer)), str(answer))
    return check_task(read_task(text, str(problem), where.parent), data)


def read_answer(text: str, origin: str) -> dict[str, Any]:
    """The object in a matching or exchange file. Raises InputError."""
    return json_object(text, origin, "'matching', or 'cycles' and 'chains',")


def check_task(task: MatchingTask | ExchangeTask, data: dict[str, Any]) -> MatchingResult:
    """Audit the answer `data` of a task."""
    if isinstance(task, ExchangeTask):
        return check_exchange(task, data)
    named = data.get("matching")
    if not isinstance(named, dict):
        raise MarketError("a matching file holds 'matching', an object of applicants and their programs (or null)")
    if task.roommates is not None:
        return _check_roommates(task, named)
    market = task.market if task.couples is None else task.couples.market
    if market is None:
        raise MarketError("the task holds no market")
    applicants = [market.applicant(a) for a in range(market.applicant_count)]
    programs = [market.program(p) for p in range(market.program_count)]
    assignment = _assignment(named, applicants, programs)
    if task.couples is not None:
        result = couples_result(task, task.couples, Matching(assignment, "check"), Status.OPTIMAL, [])
        return replace(result, summary=_verdict(result.summary, result))
    audit = audit_matching(market, assignment, task.design.stability)
    result = MatchingResult(
        Status.OPTIMAL, task.title, "check", (), {"matching": named}, {}, audit, task.notes, task.digest
    )
    return replace(result, summary=_verdict((), result))


def _verdict(before: tuple[str, ...], result: MatchingResult) -> tuple[str, ...]:
    faults = [*result.audit["validity"], *result.audit["stability"]]
    return (*before, *(few(faults, 20) or ["The matching is valid and stable."]))


def _assignment(named: dict[str, Any], applicants: list[str], programs: list[str]) -> IntArray:
    """Names to indices. Raises MarketError on unknown names and applicants left out."""
    people, places = ({name: i for i, name in enumerate(names)} for names in (applicants, programs))
    assignment = np.full(len(applicants), -1, np.int64)
    for name, program in named.items():
        if name not in people:
            raise MarketError(f"the matching names '{name}', who is not an applicant{suggest(name, applicants)}")
        if program is not None and program not in places:
            raise MarketError(
                f"the matching sends {name} to '{program}', not a program{suggest(str(program), programs)}"
            )
        assignment[people[name]] = -1 if program is None else places[program]
    left_out = [name for name in applicants if name not in named]
    if left_out:
        raise MarketError(f"the matching leaves out {', '.join(few(left_out))}; write null for no place")
    return assignment


def _check_roommates(task: MatchingTask, named: dict[str, Any]) -> MatchingResult:
    instance = task.roommates
    if instance is None:
        raise MarketError("the task holds no roommates")
    names = [instance.name(i) for i in range(len(instance.lists))]
    if sorted(named) != sorted(names):
        raise MarketError("the matching should name every agent once, with a partner or null")
    lists = {name: [names[j] for j in instance.lists[i]] for i, name in enumerate(names)}
    faults = verify_roommates(lists, named)
    return MatchingResult(
        Status.OPTIMAL,
        task.title,
        "check",
        tuple(few(faults, 20) or ["The matching is valid and stable."]),
        {"matching": named},
        {},
        {"validity": [], "stability": faults},
        task.notes,
        task.digest,
    )

"""The module's doors: solve, check and certify problems of `kind: axioms`; `why` explains them."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from amd.axioms.assign import certify_assignment, solve_assignment, treats
from amd.axioms.clauses import clauses_of
from amd.axioms.lotteries import assignments_of, faults
from amd.axioms.prove import Document, certificate, find_rules, restate
from amd.axioms.reading import AxiomsTask, read_axioms
from amd.axioms.result import AxiomsResult
from amd.axioms.search import LimitError
from amd.axioms.setting import ASSIGNMENT, RANKING, Setting
from amd.axioms.tables import from_json, to_json
from amd.axioms.words import axiom_words, axioms_words, order_words, profile_words, proof_words, rule_words
from amd.files.answers import json_object
from amd.files.document import decode
from amd.proof.verify_axioms import RejectedError, Rules
from solvers import Settings, SolverError, Status

MOST_RULES = 1_000  # that are listed where all are wanted
LISTED = 20  # of them that are printed


def read_task(text: str, origin: str, folder: Path | None = None) -> AxiomsTask:
    """The task of a document. Raises InputError with all faults."""
    return read_axioms(text, origin)


def solve_text(
    text: str, origin: str = "<text>", folder: Path | None = None, settings: Settings = Settings()
) -> AxiomsResult:
    """The rules that meet the axioms of a problem, or that there are none. Raises InputError, ValueError where there
    are too many profiles, SolverError where the search was given up."""
    start = time.perf_counter()
    task = read_axioms(text, origin)
    middle = time.perf_counter()
    result = solve_task(task)
    return replace(result, seconds={"read": middle - start, "solve": time.perf_counter() - middle})


def solve_file(path: str | Path, settings: Settings = Settings()) -> AxiomsResult:
    """Solve a problem file of `kind: axioms`; see `solve_text`."""
    where = Path(path)
    return solve_text(decode(where.read_bytes(), str(path)), str(path), where.parent, settings)


def solve_task(task: AxiomsTask) -> AxiomsResult:
    """The rules of a task, with the exact proof checked. Raises ValueError, SolverError."""
    if task.setting.rule == ASSIGNMENT:
        return solve_assignment(task)
    document = _certificate(task)
    setting, kind = task.setting, document["claim"]["kind"]
    asked = axioms_words(setting, task.axioms)
    if kind == "none":
        lines = [f"There is no rule that is {asked}.", _proven(document)]
        details = {"count": 0, "proven": True}
        return AxiomsResult(Status.INFEASIBLE, task.title, tuple(lines), None, details, digest=task.digest)
    rules = [_tuples(rule) for rule in document["proof"]["rules"]]
    if kind == "possible":
        many = len(rules) > 1
        first = f"There are at least {len(rules):,} rules" if many else "There is a rule"
        lines = [f"{first} that {'are' if many else 'is'} {asked}:", *_listed(setting, rules)]
    else:
        count = len(rules)
        first = "There is exactly one rule that is" if count == 1 else f"There are exactly {count:,} rules that are"
        lines = [f"{first} {asked}:", *_listed(setting, rules), _proven(document)]
    answer = {"rules": [to_json(setting, rule) for rule in rules]}
    details = {"count": len(rules), "proven": kind == "only"}
    return AxiomsResult(Status.OPTIMAL, task.title, tuple(lines), answer, details, digest=task.digest)


def _certificate(task: AxiomsTask) -> Document:
    """The proof of what holds. Raises SolverError where the search is given up."""
    try:
        found = find_rules(task.setting, task.axioms, MOST_RULES if task.every else 1)
        return certificate(task.setting, task.axioms, replace(found, complete=found.complete and _wanted(task, found)))
    except LimitError as limit:
        raise SolverError(str(limit)) from None


def _wanted(task: AxiomsTask, found: Any) -> bool:
    """Whether completeness is worth claiming: all rules were wanted, or there is none, or just the one."""
    return task.every or len(found.rules) <= 1


def _tuples(rule: list[Any]) -> list[Any]:
    return [tuple(one) if isinstance(one, list) else one for one in rule]


def _proven(document: Document) -> str:
    stack, leaves, steps = [document["proof"]["tree"]], 0, 0
    while stack:
        node = stack.pop()
        if "branch" in node:
            stack += [node["true"], node["false"]]
        else:
            leaves, steps = leaves + 1, steps + len(node["chain"])
    cases = f"{leaves} case{'s' if leaves > 1 else ''}"
    return f"Proven by {cases} in {steps:,} steps, and checked by the verifier: `amd certify` prints the argument."


def _listed(setting: Setting, rules: list[Any]) -> list[str]:
    """The rules in words, one a line where they have a name."""
    lines: list[str] = []
    for rule in rules[:LISTED]:
        words = rule_words(setting, rule)
        lines += [f"  • {words[0]}"] + [f"    {line}" for line in words[1:]]
    return lines + ([f"  … and {len(rules) - LISTED} more"] if len(rules) > LISTED else [])


def certify_text(text: str, origin: str = "<text>", folder: Path | None = None) -> tuple[str, Document, bool]:
    """The argument in words, the certificate, and whether it is an impossibility. Raises as `solve_text`, and
    SolverError where nothing was proven."""
    task = read_axioms(text, origin)
    if task.setting.rule == ASSIGNMENT:
        words, document, impossible = certify_assignment(task)
        return _told(task, document, words), document, impossible
    document = _certificate(task)
    lines = proof_words(task.setting, task.axioms, document)
    return _told(task, document, lines), document, document["claim"]["kind"] == "none"


def _told(task: AxiomsTask, document: Document, lines: list[str]) -> str:
    head = [task.title, ""] if task.title else []
    return "\n".join([*head, *lines, "", f"problem sha256 {document['digest']}"])


def read_answer(text: str, origin: str) -> dict[str, Any]:
    """The object in an answer's file. Raises InputError."""
    return json_object(text, origin, "'rules', or 'assignments'")


def check_task(task: AxiomsTask, data: dict[str, Any]) -> AxiomsResult:
    """Audit a rule that somebody else made: `audit` names every axiom that it breaks, with the profile.

    Raises ValueError where the answer holds no rule for this problem.
    """
    setting = task.setting
    if setting.rule == ASSIGNMENT:
        return _check_lotteries(task, data)
    rule = from_json(setting, data)
    checked = Rules(restate(setting, task.axioms))
    table = checked.listed([list(one) if isinstance(one, tuple) else one for one in rule])
    audit: dict[str, list[str]] = {}
    for word, _ in task.axioms:
        fault = _fault(task, checked, table, word)
        audit[word] = [fault] if fault else []
    broken = [fault for faults in audit.values() for fault in faults]
    lines = tuple(broken) or (f"The rule is {axioms_words(setting, task.axioms)}.",)
    return AxiomsResult(Status.OPTIMAL, task.title, lines, data, {}, audit, task.digest)


def _check_lotteries(task: AxiomsTask, data: dict[str, Any]) -> AxiomsResult:
    """Chances are exact, so that a rule meets an axiom or does not; nothing is allowed for rounding."""
    audit = faults(task.setting, task.axioms, assignments_of(task.setting, data))
    broken = tuple(fault for found in audit.values() for fault in found)
    lines = broken or (f"The rule is {treats(axioms_words(task.setting, task.axioms))}.",)
    return AxiomsResult(Status.OPTIMAL, task.title, lines, data, {}, audit, task.digest)


def _fault(task: AxiomsTask, checked: Rules, table: dict[Any, Any], word: str) -> str:
    """What breaks an axiom: the first of its clauses that does not hold."""
    try:
        if getattr(checked, f"meets_{word}")(table):
            return ""
    except RejectedError as fault:
        return str(fault)
    setting = task.setting
    own = [axiom for axiom in task.axioms if axiom[0] == word]
    for name, literals in clauses_of(setting, own):
        if name[0] == word and not any(_holds(setting, checked, table, literal) for literal in literals):
            return f"not {axiom_words(setting, own[0])}: {_witness(setting, name)}"
    return f"not {axiom_words(setting, own[0])}"


def _holds(setting: Setting, checked: Rules, table: dict[Any, Any], literal: int) -> bool:
    profile, option = setting.statement(abs(literal) - 1)
    return bool(checked.true(table, profile, option)) == (literal > 0)


def _witness(setting: Setting, name: list[Any]) -> str:
    """Where a clause is broken."""
    word, *rest = name
    if word == "strategyproof":
        i, p, k, *_ = rest
        lie = order_words(setting, i, setting.reports[i][k])
        return f"{setting.agents[i]} gains by reporting {lie} at {profile_words(setting, tuple(p))}"
    if word == "onto":
        return f"{setting.alternatives[rest[0]]} is never picked"
    if word == "nondictatorial":
        return f"{setting.agents[rest[0]]} is a dictator"
    places = [profile_words(setting, tuple(one)) for one in rest if isinstance(one, list) and _is_profile(setting, one)]
    return "at " + " and ".join(places[:2])


def _is_profile(setting: Setting, one: list[Any]) -> bool:
    return tuple(one) in setting.position and (setting.rule != RANKING or len(one) == len(setting.agents))

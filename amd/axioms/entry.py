"""The module's doors: solve, check, certify and explain problems of `kind: axioms`."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from amd.axioms.assignments import AssignmentSearch
from amd.axioms.clauses import Axiom, clauses_of
from amd.axioms.prove import Document, UnprovenError, certificate, digest, find_rules, restate
from amd.axioms.reading import AxiomsTask, read_axioms
from amd.axioms.result import AxiomsResult
from amd.axioms.search import LimitError
from amd.axioms.setting import ASSIGNMENT, RANKING, Setting
from amd.axioms.tables import from_json, to_json
from amd.axioms.words import axiom_words, axioms_words, order_words, profile_words, proof_words, rule_words
from amd.files.answers import json_object
from amd.files.document import decode
from amd.proof import verify_weights
from amd.proof.conflict.smallest import smallest_conflict
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
        return _solve_assignment(task)
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


def _solve_assignment(task: AxiomsTask) -> AxiomsResult:
    setting, asked = task.setting, axioms_words(task.setting, task.axioms)
    search = _searched(setting, task.axioms)
    if search.solution is None:
        lines = (
            f"There is no random assignment rule that is {_treats(asked)}.",
            "Proven by cases: `amd certify` prints the argument.",
        )
        return AxiomsResult(Status.INFEASIBLE, task.title, lines, None, {"proven": True}, digest=task.digest)
    n = len(setting.agents)
    chances = search.solution.reshape(-1, n, n)
    rows = [
        {
            "reports": [[setting.alternatives[k] for k in order] for order in setting.orders(p)],
            "chances": np.round(chances[at], 12).tolist(),
        }
        for at, p in enumerate(setting.profiles)
    ]
    line = f"There is a random assignment rule that is {_treats(asked)} (found in floats)."
    details = {"proven": False}
    return AxiomsResult(Status.OPTIMAL, task.title, (line,), {"assignments": rows}, details, digest=task.digest)


def _treats(asked: str) -> str:
    return asked.replace("and treats", "and that treats")


def _searched(setting: Setting, axioms: tuple[Axiom, ...]) -> AssignmentSearch:
    search = AssignmentSearch(setting, axioms)
    try:
        search.run()
    except LimitError as limit:
        raise SolverError(str(limit)) from None
    return search


def certify_text(text: str, origin: str = "<text>", folder: Path | None = None) -> tuple[str, Document, bool]:
    """The argument in words, the certificate, and whether it is an impossibility. Raises as `solve_text`, and
    SolverError where nothing was proven."""
    task = read_axioms(text, origin)
    if task.setting.rule == ASSIGNMENT:
        return _certify_assignment(task)
    document = _certificate(task)
    lines = proof_words(task.setting, task.axioms, document)
    return _told(task, document, lines), document, document["claim"]["kind"] == "none"


def _told(task: AxiomsTask, document: Document, lines: list[str]) -> str:
    head = [task.title, ""] if task.title else []
    return "\n".join([*head, *lines, "", f"problem sha256 {document['digest']}"])


def _certify_assignment(task: AxiomsTask) -> tuple[str, Document, bool]:
    search = _searched(task.setting, task.axioms)
    if search.tree is None:
        raise SolverError(
            "not proven: floats found a rule, and what exists is certified for the other kinds of rules only"
        )
    problem = restate(task.setting, task.axioms)
    document = {
        "format": verify_weights.FORMAT,
        "digest": digest(problem),
        "problem": problem,
        "claim": {"kind": "none"},
        "proof": {"tree": search.tree},
    }
    holds, message = verify_weights.check(document)
    if not holds:
        raise UnprovenError(f"the verifier refuses the proof: {message}")
    return _told(task, document, _assignment_words(task, search.tree)), document, True


def _assignment_words(task: AxiomsTask, tree: Document) -> list[str]:
    """The cases of a proof, and how many constraints close each."""
    setting = task.setting
    lines = [f"Claim: no random assignment rule is {_treats(axioms_words(setting, task.axioms))}."]
    orders = dict.fromkeys(order_words(setting, i, order) for i, own in enumerate(setting.reports) for order in own)
    lines += [f"(Already with the preferences {', '.join(orders)}.)", ""]

    def tell(node: Document, depth: int) -> None:
        pad = "  " * depth
        if "multipliers" in node:
            parts = ", ".join(f"{count} of {kind}" for kind, count in _kinds(node["multipliers"]).items())
            lines.append(f"{pad}a contradiction: {len(node['multipliers'])} constraints added up ({parts})")
            return
        profile, steps = node["cycle"]
        trade = "; ".join(f"{setting.agents[i]} could give up {setting.alternatives[o]}" for i, o in steps)
        lines.append(
            f"{pad}at {profile_words(setting, tuple(profile))}: {trade}. They would trade, so one of these is 0:"
        )
        for (i, o), below in zip(steps, node["cases"], strict=True):
            lines.append(f"{pad}· the chance that {setting.agents[i]} gets {setting.alternatives[o]} is 0:")
            tell(below, depth + 1)

    tell(tree, 0)
    return lines


def _kinds(multipliers: list[Any]) -> dict[str, int]:
    words = {"agent": "feasibility", "object": "feasibility", "equal_treatment": "equal treatment"}
    kinds: dict[str, int] = {}
    for name, _ in multipliers:
        word = words.get(name[0], name[0])
        kinds[word] = kinds.get(word, 0) + 1
    return kinds


def why_text(text: str, origin: str = "<text>", folder: Path | None = None) -> AxiomsResult:
    """The smallest set of axioms that no rule meets; each agent's strategyproofness counts for itself. Raises as
    `solve_text`."""
    task = read_axioms(text, origin)
    setting = task.setting
    parts = [part for axiom in task.axioms for part in _apart(axiom)]

    def possible(kept: frozenset[int]) -> bool:
        axioms = _together([parts[k] for k in sorted(kept)])
        if setting.rule == ASSIGNMENT:
            return _searched(setting, axioms).solution is not None
        try:
            return bool(find_rules(setting, axioms).rules)
        except LimitError as limit:
            raise SolverError(str(limit)) from None

    if possible(frozenset(range(len(parts)))):
        line = f"There is such a rule: its {len(parts)} axioms do not conflict (see `amd solve`)."
        return AxiomsResult(Status.OPTIMAL, task.title, (line,), None, {"conflict": []}, digest=task.digest)
    found = [parts[k] for k in sorted(smallest_conflict(len(parts), possible))]
    words = [axiom_words(setting, part) for part in found]
    rest = [axiom_words(setting, part) for part in parts if part not in found]
    lines = [f"No rule meets these {len(found)} axioms, and no fewer conflict; drop any one and there is a rule:"]
    lines += [f"  • {word}" for word in words]
    lines += [f"The conflict does not need: {'; '.join(rest)}."] if rest else []
    details = {"conflict": words, "superfluous": rest}
    return AxiomsResult(Status.INFEASIBLE, task.title, tuple(lines), None, details, digest=task.digest)


def _apart(axiom: Axiom) -> list[Axiom]:
    word, who = axiom
    return [(word, (i,)) for i in who] if who else [axiom]


def _together(parts: list[Axiom]) -> tuple[Axiom, ...]:
    found: dict[str, tuple[int, ...]] = {}
    for word, who in parts:
        found[word] = found.get(word, ()) + who
    return tuple(found.items())


def read_answer(text: str, origin: str) -> dict[str, Any]:
    """The object in an answer's file. Raises InputError."""
    return json_object(text, origin, "'rules'")


def check_task(task: AxiomsTask, data: dict[str, Any]) -> AxiomsResult:
    """Audit a rule that somebody else made: `audit` names every axiom that it breaks, with the profile.

    Raises ValueError where the answer holds no rule for this problem.
    """
    setting = task.setting
    if setting.rule == ASSIGNMENT:
        raise ValueError("random assignment rules are not checked yet")
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

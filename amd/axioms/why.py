"""Which axioms conflict: a smallest set that no rule meets, and the certificate that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from amd.axioms.assign import document_of, plain, searched
from amd.axioms.clauses import Axiom
from amd.axioms.prove import Document, UnprovenError, digest, find_rules, plain_rule, restate, tree_document
from amd.axioms.reading import AxiomsTask, read_axioms
from amd.axioms.result import AxiomsResult
from amd.axioms.search import LimitError
from amd.axioms.setting import ASSIGNMENT, Setting
from amd.axioms.words import axiom_words
from amd.proof import verify_axioms
from amd.proof.conflict.smallest import smallest_conflict
from solvers import SolverError, Status


def why_text(text: str, origin: str = "<text>", folder: Path | None = None) -> AxiomsResult:
    """The smallest set of axioms that no rule meets; each agent's strategyproofness counts for itself. Raises as
    `solve_text`."""
    task = read_axioms(text, origin)
    return _told(task, _conflict(task))


def why_certified(
    text: str, origin: str = "<text>", folder: Path | None = None
) -> tuple[AxiomsResult, Document | None]:
    """The same with its certificate: a proof that they conflict, and a rule for each one dropped. None where nothing
    conflicts. Raises as `solve_text`, and SolverError where an exact rule is not found."""
    task = read_axioms(text, origin)
    found = _conflict(task)
    return _told(task, found), _certificate(task, found) if found else None


def _parts(task: AxiomsTask) -> list[Axiom]:
    """The axioms one by one, strategyproofness agent by agent (for random assignments it is everybody's)."""
    return [(word, one) for word, who in task.axioms for one in ([(i,) for i in who] if who else [who])]


def _together(parts: Sequence[Axiom]) -> tuple[Axiom, ...]:
    found: dict[str, tuple[int, ...]] = {}
    for word, who in parts:
        found[word] = found.get(word, ()) + who
    return tuple(found.items())


def _conflict(task: AxiomsTask) -> list[Axiom]:
    """The conflict; empty where there is a rule."""
    parts = _parts(task)

    def possible(kept: frozenset[int]) -> bool:
        return _rule(task.setting, [parts[k] for k in sorted(kept)]) is not None

    if possible(frozenset(range(len(parts)))):
        return []
    return [parts[k] for k in sorted(smallest_conflict(len(parts), possible))]


def _rule(setting: Setting, parts: Sequence[Axiom]) -> Any:
    """Something that shows that a rule meets the axioms; None where none does. Raises SolverError."""
    axioms = _together(parts)
    if setting.rule == ASSIGNMENT:
        search = searched(setting, axioms)
        return None if search.solution is None else search
    try:
        rules = find_rules(setting, axioms).rules
    except LimitError as limit:
        raise SolverError(str(limit)) from None
    return rules[0] if rules else None


def _told(task: AxiomsTask, found: list[Axiom]) -> AxiomsResult:
    setting, parts = task.setting, _parts(task)
    if not found:
        line = f"There is such a rule: its {len(parts)} axioms do not conflict (see `amd solve`)."
        return AxiomsResult(Status.OPTIMAL, task.title, (line,), None, {"conflict": []}, digest=task.digest)
    words = [axiom_words(setting, part) for part in found]
    rest = [axiom_words(setting, part) for part in parts if part not in found]
    lines = [f"No rule meets these {len(found)} axioms, and no fewer conflict; drop any one and there is a rule:"]
    lines += [f"  • {word}" for word in words]
    lines += [f"The conflict does not need: {'; '.join(rest)}."] if rest else []
    details = {"conflict": words, "superfluous": rest}
    return AxiomsResult(Status.INFEASIBLE, task.title, tuple(lines), None, details, digest=task.digest)


def _certificate(task: AxiomsTask, found: list[Axiom]) -> Document:
    setting = task.setting
    claim = {"kind": "conflict", "axioms": [[word, list(who)] if who else [word] for word, who in found]}
    rest = [_rule(setting, [one for one in found if one is not dropped]) for dropped in found]
    if setting.rule == ASSIGNMENT:
        exact = [search.exact_rule() for search in rest]
        if None in exact:
            raise SolverError("no certificate: without one of the axioms a rule was found in floats only")
        tree = searched(setting, _together(found)).tree
        return document_of(task, claim, {"tree": tree, "rules": [plain(rule) for rule in exact]})
    proof = {"tree": _tree(setting, found), "rules": [plain_rule(rule) for rule in rest]}
    problem = restate(setting, task.axioms)
    head = {"format": verify_axioms.FORMAT, "digest": digest(problem), "problem": problem}
    document = {**head, "claim": claim, "proof": proof}
    holds, message = verify_axioms.check(document)
    if not holds:
        raise UnprovenError(f"the verifier refuses the proof: {message}")
    return document


def _tree(setting: Setting, parts: Sequence[Axiom]) -> Document:
    found = find_rules(setting, _together(parts))
    if found.tree is None:
        raise UnprovenError("the search that found no rule left no proof")
    return tree_document(setting, found)

"""The certificate of a conflict: that the requirements cannot be met together, and a mechanism for each one dropped.

1. The problem without what the conflict does not need is proven impossible as by `amd certify`.
2. With any one more dropped an exact mechanism is found.
3. `amd.proof.verify_conflict` rebuilds both from the restated problem. What it does not accept is not proven.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from amd.files.whole import write_whole
from amd.model.design import Design
from amd.model.task import Task
from amd.proof.certificate import NotProven, Proved, Say, prove
from amd.proof.conflict.clauses import Clause, without
from amd.proof.conflict.why import Conflict
from amd.proof.problem import restate
from amd.proof.verify import RejectedError, digest
from amd.proof.verify_conflict import FORMAT, check
from solvers import Settings

Document = dict[str, Any]


@dataclass(frozen=True, eq=False)
class ConflictCertificate:
    """A proven conflict; `document` is what `amd verify` reads, and was accepted by the verifier."""

    document: Document

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the document to a file, whole or not at all."""
        write_whole(path, [json.dumps(self.document, indent=1), "\n"])


def conflict_certificate(
    conflict: Conflict, settings: Settings = Settings(), say: Say = lambda message: None
) -> ConflictCertificate | NotProven:
    """The certificate of a conflict. Raises TooLargeError where a program would not fit in memory."""
    task, superfluous = conflict.task, conflict.superfluous
    if task.design is None:
        raise ValueError("a conflict has a design")
    say("proving that the requirements conflict")
    alone = _proof(task, superfluous, settings, "infeasible")
    if isinstance(alone, NotProven):
        return alone
    mechanisms = []
    for clause in conflict.conflict:
        say("writing down a mechanism without one of the requirements")
        rest = _proof(task, (*superfluous, clause), settings, "possible")
        if isinstance(rest, NotProven):
            return rest
        mechanisms.append(rest.proof["mechanism"])
    claim = {
        "kind": "conflict",
        "conflict": [_plain(task, clause) for clause in conflict.conflict],
        "superfluous": [_plain(task, clause) for clause in superfluous],
    }
    problem = restate(task)
    proof = {"tree": alone.proof["tree"], "mechanisms": mechanisms}
    document = {"format": FORMAT, "digest": digest(problem), "problem": problem, "claim": claim, "proof": proof}
    holds, message = check(document)
    return ConflictCertificate(document) if holds else NotProven(f"the verifier refuses the proof: {message}")


def _proof(task: Task, dropped: Iterable[Clause], settings: Settings, wanted: str) -> Proved | NotProven:
    """The proof of what is wanted about a task without some requirements, and without a wish."""
    asked = without(task.environment, replace(_design(task), objective=None), dropped)
    try:
        found = prove(replace(task, environment=asked.environment, design=asked.design), settings, free=asked.free)
    except RejectedError as refusal:
        return NotProven(f"the verifier cannot read the proof: {refusal}")
    if isinstance(found, Proved) and found.kind != wanted:
        return NotProven("exact arithmetic contradicts what floats found")
    return found


def _design(task: Task) -> Design:
    if task.design is None:
        raise ValueError("a conflict has a design")
    return task.design


def _plain(task: Task, clause: Clause) -> list[Any]:
    """A requirement as the verifier reads it: budgets and bounds by their number among the restated needs."""
    if clause.kind in ("incentive", "participation", "cap"):
        return [clause.kind, [task.environment.agents[i].name for i in clause.agents]]
    if clause.kind == "budget":
        return ["need", 0]
    if clause.position is not None:
        return ["need", clause.position + (_design(task).budget is not None)]
    return [clause.kind]

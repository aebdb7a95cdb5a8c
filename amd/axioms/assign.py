"""Problems about random assignments: the rule or the impossibility, and its certificate.

Floats choose; a rule that they find is solved for again in rationals, with the same chances 0, and checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from amd.axioms.assignments import AssignmentSearch
from amd.axioms.clauses import Axiom
from amd.axioms.lotteries import assignments_json, faults
from amd.axioms.prove import Document, UnprovenError, digest, restate
from amd.axioms.reading import AxiomsTask
from amd.axioms.result import AxiomsResult
from amd.axioms.search import LimitError
from amd.axioms.setting import Setting
from amd.axioms.words import axioms_words, order_words, profile_words
from amd.proof import verify_weights
from solvers import SolverError, Status


def solve_assignment(task: AxiomsTask) -> AxiomsResult:
    """A rule, in exact chances where they are found, or that there is none. Raises SolverError where it is given up."""
    setting, asked = task.setting, treats(axioms_words(task.setting, task.axioms))
    search = searched(setting, task.axioms)
    if search.solution is None:
        lines = (
            f"There is no random assignment rule that is {asked}.",
            "Proven by cases: `amd certify` prints the argument.",
        )
        return AxiomsResult(Status.INFEASIBLE, task.title, lines, None, {"proven": True}, digest=task.digest)
    rule = search.exact_rule()
    proven = rule is not None and not any(faults(setting, task.axioms, rule).values())
    how = "each axiom checked in rational arithmetic" if proven else "found in floats"
    rows = assignments_json(setting, rule) if proven and rule is not None else _in_floats(setting, search)
    line = f"There is a random assignment rule that is {asked} ({how})."
    return AxiomsResult(
        Status.OPTIMAL, task.title, (line,), {"assignments": rows}, {"proven": proven}, digest=task.digest
    )


def _in_floats(setting: Setting, search: AssignmentSearch) -> list[dict[str, Any]]:
    n = len(setting.agents)
    chances = np.zeros(0) if search.solution is None else search.solution
    return [
        {"reports": [[setting.alternatives[k] for k in order] for order in setting.orders(p)], "chances": table}
        for p, table in zip(setting.profiles, np.round(chances.reshape(-1, n, n), 12).tolist(), strict=True)
    ]


def treats(asked: str) -> str:
    """The axioms as what a rule is: ``strategyproof and that treats equals equally``."""
    return asked.replace("and treats", "and that treats")


def searched(setting: Setting, axioms: tuple[Axiom, ...]) -> AssignmentSearch:
    """The search, done. Raises SolverError where it is given up."""
    search = AssignmentSearch(setting, axioms)
    try:
        search.run()
    except LimitError as limit:
        raise SolverError(str(limit)) from None
    return search


def certify_assignment(task: AxiomsTask) -> tuple[list[str], Document, bool]:
    """The argument line by line, the certificate, and whether it is an impossibility. Raises SolverError where nothing
    was proven."""
    search = searched(task.setting, task.axioms)
    if search.tree is not None:
        document = document_of(task, {"kind": "none"}, {"tree": search.tree})
        return _refutation_words(task, search.tree), document, True
    rule = search.exact_rule()
    if rule is None:
        raise SolverError("not proven: floats found a rule, and no exact one was found near it")
    document = document_of(task, {"kind": "possible"}, {"rule": plain(rule)})
    asked = treats(axioms_words(task.setting, task.axioms))
    lines = [f"Claim: some random assignment rule is {asked}."]
    return [*lines, "The rule in the certificate meets every axiom at every profile."], document, False


def plain(rule: Sequence[Any]) -> list[Any]:
    """A rule's chances as texts."""
    return [[[str(chance) for chance in row] for row in table] for table in rule]


def document_of(task: AxiomsTask, claim: Document, proof: Document) -> Document:
    """The certificate, which the verifier accepts (else UnprovenError)."""
    problem = restate(task.setting, task.axioms)
    head = {"format": verify_weights.FORMAT, "digest": digest(problem), "problem": problem}
    document = {**head, "claim": claim, "proof": proof}
    holds, message = verify_weights.check(document)
    if not holds:
        raise UnprovenError(f"the verifier refuses the proof: {message}")
    return document


def _refutation_words(task: AxiomsTask, tree: Document) -> list[str]:
    """The cases of a proof, and how many constraints close each."""
    setting = task.setting
    lines = [f"Claim: no random assignment rule is {treats(axioms_words(setting, task.axioms))}."]
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

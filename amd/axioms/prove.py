"""The rules that meet axioms, and the certificate of what was found.

A rule is a table: what it picks at each profile, in the order of `Setting.profiles`; for rankings the level of each
alternative, 0 for the best.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from amd.axioms.clauses import Axiom, Name, clauses_of, other, splits_of
from amd.axioms.search import Clause, Search, Tree
from amd.axioms.setting import RANKING, Setting
from amd.proof.verify_axioms import FORMAT, check

Document = dict[str, Any]
Rule = list[Any]


class UnprovenError(RuntimeError):
    """The stand-alone verifier refuses a proof: a fault of this program."""


@dataclass(frozen=True, eq=False)
class Found:
    """`rules` that meet the axioms; `complete` where there are no others, and then `tree` proves it.

    `names` are the clauses that the tree's chains count, and `clauses` their literals.
    """

    rules: tuple[Rule, ...]
    complete: bool
    tree: Tree | None
    names: list[Name]
    clauses: list[Clause]


def find_rules(setting: Setting, axioms: Sequence[Axiom], most: int = 1) -> Found:
    """Up to `most` rules that meet the axioms; fewer only where there are no more, which is then proven.

    Raises TooManyError, LimitError.
    """
    setting.require_searchable()
    names: list[Name] = []
    clauses: list[Clause] = []
    for name, clause in clauses_of(setting, axioms):
        names.append(name)
        clauses.append(clause)
    rules: list[Rule] = []

    def found(true: list[bool]) -> Clause | None:
        rules.append(table_of(setting, true))
        if len(rules) > most:
            return None
        name, clause = other(setting, len(rules) - 1, true)
        names.append(name)
        known.append(clause)
        return clause

    known = list(clauses)
    count = setting.profile_count * len(setting.options)
    tree = Search(count, clauses, splits_of(setting), found).run()
    return Found(tuple(rules[:most]), tree is not None, tree, names, known)


def table_of(setting: Setting, true: Sequence[bool]) -> Rule:
    """The rule in which just these statements are true."""
    width = len(setting.options)
    rows = [true[at : at + width] for at in range(0, len(true), width)]
    if setting.rule != RANKING:
        return [setting.options[list(row).index(True)] for row in rows]
    return [_levels(setting, row) for row in rows]


def _levels(setting: Setting, row: Sequence[bool]) -> list[int]:
    """The level of each alternative from who is ranked no lower than whom."""
    every = range(len(setting.alternatives))
    above = [
        sum(1 for b in every if b != a and not row[setting.option_number[a, b]]) for a in every
    ]  # how many are strictly above a
    levels = sorted(set(above))
    return [levels.index(count) for count in above]


def restate(setting: Setting, axioms: Sequence[Axiom]) -> Document:
    """The problem as the verifier reads it."""
    problem: Document = {
        "rule": setting.rule,
        "agents": list(setting.agents),
        "preferences": [[list(order) for order in orders] for orders in setting.reports],
        "require": [[word, list(who)] if who else [word] for word, who in axioms],
    }
    if setting.first_side:
        problem["first_side"] = setting.first_side
    else:
        problem["alternatives"] = list(setting.alternatives)
    return problem


def digest(problem: Document) -> str:
    """The SHA-256 of the canonical JSON of a restated problem."""
    text = json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def certificate(setting: Setting, axioms: Sequence[Axiom], found: Found) -> Document:
    """The document that proves what was found, which the verifier accepts (else UnprovenError)."""
    problem = restate(setting, axioms)
    proof: Document = {}
    if found.rules:
        proof["rules"] = [plain_rule(rule) for rule in found.rules]
    if found.complete and found.tree is not None:
        proof["tree"] = tree_document(setting, found)
    claim: Document = {"kind": "none"}
    if found.rules:
        claim = {"kind": "only", "count": len(found.rules)} if found.complete else {"kind": "possible"}
    document = {"format": FORMAT, "digest": digest(problem), "problem": problem, "claim": claim, "proof": proof}
    holds, message = check(document)
    if not holds:
        raise UnprovenError(f"the verifier refuses the proof: {message}")
    return document


def plain_rule(rule: Rule) -> list[Any]:
    """A rule's table as the verifier reads it."""
    return [_plain(one) for one in rule]


def _plain(option: Any) -> Any:
    return list(option) if isinstance(option, (tuple, list)) else option


def tree_document(setting: Setting, found: Found) -> Document:
    """The tree of a search as the verifier reads it; empty without one."""
    root: Document = {}
    stack = [] if found.tree is None else [(found.tree, root)]
    while stack:
        node, place = stack.pop()
        if node.true is None or node.false is None:
            place["chain"] = [found.names[number] for number in node.chain]
            continue
        profile, option = setting.statement(node.variable)
        place.update(branch=[list(profile), _plain(option)], true={}, false={})
        stack += [(node.true, place["true"]), (node.false, place["false"])]
    return root

"""A certificate in words: what is claimed, which constraints are added up, what cancels, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amd.proof.certificate import Certificate

SHOWN = 40  # multipliers, or cases, that a reader is shown

Document = dict[str, Any]


def argument(certificate: Certificate) -> str:
    """The proof for a reader, at most some sixty lines."""
    document = certificate.document
    problem, proof = document["problem"], document["proof"]
    lines = [_claim(certificate, problem), ""]
    if "tree" in proof:
        lines += _tree(proof["tree"], certificate, problem)
    if "mechanism" in proof:
        lines += ["", *_mechanism(certificate)]
    lines += ["", f"problem sha256 {document['digest']}"]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def _claim(certificate: Certificate, problem: Document) -> str:
    if certificate.kind == "infeasible":
        return "Claim: no mechanism meets the design."
    if certificate.kind == "possible":
        return "Claim: a mechanism meets the design."
    sense = "greatest" if problem["design"]["maximize"] else "least"
    return f"Claim: the {sense} value of the wish is exactly {certificate.value} (about {_about(certificate.value)})."


def _about(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.10g}"


def _tree(tree: Document, certificate: Certificate, problem: Document) -> list[str]:
    if "branch" in tree:
        return _cases(tree, certificate, problem)
    parts = tree["multipliers"]
    lines = [f"Add up {len(parts)} constraints of the design, each times its multiplier:", ""]
    lines += [f"  {weight:>10} × {words(name, problem)}" for name, weight in parts[:SHOWN]]
    if len(parts) > SHOWN:
        lines.append(f"  … and {len(parts) - SHOWN} more in the certificate")
    return [*lines, "", *_left(parts, certificate, problem)]


def _left(parts: list[Any], certificate: Certificate, problem: Document) -> list[str]:
    """What the sum says, recomputed by the verifier's own arithmetic."""
    from amd.proof.verify import Problem

    checked = Problem(problem)
    infeasible = certificate.kind == "infeasible"
    terms, offset = ({}, Fraction(0)) if infeasible else checked.wish()
    rest, constant = checked.left(terms, parts)
    constant += offset
    money = any(kind == "m" for kind, *_ in rest)
    lines = [] if money or not checked.transfers else ["All payments cancel."]
    allocation = {(p, c): value for (kind, p, c), value in ((v, x) for v, x in rest.items() if v[0] == "x")}
    allocation = {(p, c): value for (p, c), value in allocation.items() if c not in checked.zero(p)}
    most = sum(checked.most(p, _of(allocation, p), {}) for p in dict.fromkeys(p for p, _ in allocation))
    if infeasible:
        lines += ["The constraints say that this sum is at least 0:", f"  {_sum(allocation, constant, problem)}"]
        return [*lines, f"but no allocation makes it more than {most + constant}: a contradiction."]
    negated = "" if checked.design["maximize"] else ", negated,"
    lines += [f"For every mechanism that meets them, the wish{negated} is at most"]
    lines += [f"  {_sum(allocation, constant, problem)}"]
    return [*lines, f"and no allocation makes that more than {most + constant}."]


def _of(allocation: dict[Any, Fraction], p: Any) -> dict[int, Fraction]:
    return {c: value for (where, c), value in allocation.items() if where == p}


def _sum(allocation: dict[Any, Fraction], constant: Fraction, problem: Document) -> str:
    """Such as ``-5/36 x[trade @ 1,1] - 5/36 …``."""
    entries = sorted(allocation.items())
    parts = [f"{value}·x[{column_words(c, problem)} @ {_at(p)}]" for (p, c), value in entries[:12]]
    parts += [f"({len(entries) - 12} more terms)"] if len(entries) > 12 else []
    parts += [str(constant)] if constant or not parts else []
    return " + ".join(parts).replace("+ -", "- ")


def _cases(tree: Document, certificate: Certificate, problem: Document) -> list[str]:
    from amd.proof.certificate import leaves

    closed = leaves(tree)
    empty = sum(1 for leaf in closed if certificate.kind == "infeasible" or leaf.get("empty"))
    lines = [f"Every decision is whole, so go through {len(closed)} cases. The first splits:"]
    node, depth = tree, 0
    while "branch" in node and depth < 6:
        p, c, units = node["branch"]
        where = f"x[{column_words(c, problem)} @ {_at(p)}]"
        lines.append(f"  {'  ' * depth}either {where} <= {units} or {where} >= {units + 1}")
        node, depth = node["low"], depth + 1
    lines += [f"In {empty} of the cases constraints of the design, added up, contradict each other."]
    if len(closed) > empty:
        lines += [f"In the other {len(closed) - empty} they show that nothing is better than {certificate.value}."]
    return [*lines, f"The proof has {certificate.multipliers} multipliers in all."]


def _mechanism(certificate: Certificate) -> list[str]:
    reach = "" if certificate.value is None else f" and reaches {certificate.value} exactly"
    return [f"The mechanism in the certificate meets every constraint{reach}."]


def _at(profile: Any) -> str:
    return ",".join(map(str, profile))


def column_words(column: int, problem: Document) -> str:
    """The outcome, the decision's number, or who gets what."""
    allocation = problem["environment"]["allocation"]
    if allocation["kind"] == "outcomes":
        return str(allocation["outcomes"][column])
    if allocation["kind"] == "decisions":
        return f"decision {column}"
    agent, good = divmod(column, len(allocation["goods"]))
    return f"{problem['environment']['agents'][agent]['name']} gets {allocation['goods'][good]['name']}"


def words(name: list[Any], problem: Document) -> str:
    """A named constraint, such as ``incentive buyer 3→2``. Types and outcomes count from 0."""
    write = _WORDS.get(name[0])
    return " ".join(map(str, name)) if write is None else write(problem, *name[1:])


def _incentive(problem: Document, agent: str, k: int, report: int, profile: Any = None, test: Any = None) -> str:
    text = f"incentive {agent} {k}→{report}"
    text += "" if profile is None else f" at {_at(profile)}"
    return text if test is None else f"{text}, best {test + 1}"


def _participation(problem: Document, agent: str, k: Any = None, profile: Any = None) -> str:
    where = "" if profile is None else f" at {_at(profile)}"
    return f"participation {agent}" + ("" if k is None else f" {k}") + where


def _budget(problem: Document, profile: Any = None) -> str:
    return "budget, on average" if profile is None else f"budget at {_at(profile)}"


def _anonymous(problem: Document, one: str, other: str, profile: Any, column: Any, payer: Any = None) -> str:
    what = f"payment of {payer}" if column is None else column_words(column, problem)
    return f"anonymous {one} ↔ {other} at {_at(profile)}: {what}"


def _efficient(problem: Document, profile: Any, good: int | None = None) -> str:
    if good is None:
        return f"efficient at {_at(profile)}"
    return f"efficient at {_at(profile)}: {problem['environment']['allocation']['goods'][good]['name']} is all given"


_WORDS: dict[str, Callable[..., str]] = {
    "incentive": _incentive,
    "participation": _participation,
    "budget": _budget,
    "anonymous": _anonymous,
    "efficient": _efficient,
    "feasible": lambda problem, profile, row: f"feasible at {_at(profile)}, limit {row}",
    "onto": lambda problem, outcome: f"onto {column_words(outcome, problem)}",
    "bound": lambda problem, position: f"requirement {position + 1} on a quantity",
    "worst": lambda problem, quantity, profile: f"worst case of {quantity['name']} at {_at(profile)}",
}

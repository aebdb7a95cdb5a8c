"""A proof in words: what is claimed, which constraints are added up, what cancels, and what is left.

Every number is recomputed by the verifier's own arithmetic, from the document alone.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from amd.proof.efficiency import left
from amd.proof.exchange import alike
from amd.proof.verify import Problem, add

SHOWN = 40  # multipliers, or cases, that a reader is shown
TERMS = 12  # of a sum
WIDTH = 110  # of a line
DEPTH = 6  # of a tree
ZERO = Fraction(0)

Document = dict[str, Any]


def argument(document: Document) -> str:
    """The proof for a reader, at most some sixty lines."""
    problem, proof = document["problem"], document["proof"]
    lines = [_claim(document), ""]
    if "tree" in proof:
        lines += _cases(document) if "branch" in proof["tree"] else _sum_of_rows(document)
    if "mechanism" in proof:
        reach = "" if "value" not in document["claim"] else f" and reaches {document['claim']['value']} exactly"
        lines += ["", f"The mechanism in the certificate meets every constraint{reach}."]
    if any(one["mixed"] for one in problem["agents"]):
        lines += ["", "Values are interdependent: each agent's worth is listed profile by profile."]
    lines += ["", f"problem sha256 {document['digest']}"]
    return "\n".join(lines).replace("\n\n\n", "\n\n")


def leaves(tree: Document | None) -> list[Document]:
    """The cases of a tree of proofs."""
    stack, found = [] if tree is None else [tree], []
    while stack:
        node = stack.pop()
        if "branch" in node:
            stack += [node["high"], node["low"]]
        else:
            found.append(node)
    return found


def _claim(document: Document) -> str:
    claim = document["claim"]
    if claim["kind"] == "infeasible":
        return "Claim: no mechanism meets the design."
    if claim["kind"] == "possible":
        return "Claim: a mechanism meets the design."
    sense = "greatest" if document["problem"]["maximize"] else "least"
    return f"Claim: the {sense} value of the wish is exactly {claim['value']}{_about(claim['value'])}."


def _about(text: str) -> str:
    value = Fraction(text)
    short = f"{float(value):.10g}"
    return "" if value.denominator == 1 else f" ({'=' if Fraction(short) == value else 'about'} {short})"


def _sum_of_rows(document: Document) -> list[str]:
    problem, parts = document["problem"], document["proof"]["tree"]["multipliers"]
    named = [part for part in parts if part[0][0] != "feasible"]
    limits = len(parts) - len(named)
    if not named:
        return ["What can be handed out in each profile is all that the proof needs.", "", *_left(document, parts)]
    many = "Take one constraint" if len(named) == 1 else f"Add up {len(named)} constraints"
    lines = [f"{many} of the design, {'' if len(named) == 1 else 'each '}times its multiplier:", ""]
    told = alike(problem, named) or [(name, weight, 0) for name, weight in named]
    lines += [f"  {weight:>10} × {words(name, problem)}{_others(count)}" for name, weight, count in told[:SHOWN]]
    left_out = sum(1 + count for _, _, count in told[SHOWN:])
    if left_out:
        lines.append(f"  … and {left_out} more in the certificate")
    if any(count for _, _, count in told[:SHOWN]):
        lines.append("  (alike: with copies of an agent exchanged)")
    if any(name[0] == "incentive" for name, _ in named):
        lines.append("  (k→l: type k does not gain by reporting l; types count from 0)")
    if limits:
        one = problem["limits"] and problem["limits"][0][2]
        what = (
            "exactly one decision is taken in a profile" if one else "no more is handed out in a profile than there is"
        )
        lines.append(f"  (and {limits} times, that {what})")
    return [*lines, "", *_left(document, parts)]


def _others(count: int) -> str:
    return f", and {count} alike" if count else ""


def _left(document: Document, parts: list[Any]) -> list[str]:
    """What the sum says, and why that is no more than claimed."""
    problem: Any = Problem(document["problem"])
    infeasible = document["claim"]["kind"] == "infeasible"
    wish: dict[Any, Any] = {}
    if not infeasible:
        add(wish, problem.wish(document["problem"]["wish"]), 1 if document["problem"]["maximize"] else -1)
    rest = left(problem, wish, [part for part in parts if part[0][0] != "feasible"])
    most = problem.most(wish, parts, {})
    lines = ["All payments cancel."] if problem.transfers and not any(_is_paid(v, x) for v, x in rest.items()) else []
    total = _total(problem, rest, document["problem"])
    if infeasible:
        return [*lines, "In every mechanism this sum is at least 0:", wrapped(total), _contradiction(total, most)]
    negated = "" if document["problem"]["maximize"] else ", negated,"
    if total == str(most):
        return [*lines, f"What is left says that the wish{negated} is at most {most}."]
    lines += [f"For every mechanism that meets them, the wish{negated} is at most", wrapped(total)]
    return [*lines, f"and no allocation makes that more than {most}."]


def wrapped(text: str) -> str:
    """Indented lines that break between terms only."""
    parts = text.replace(" + ", "\n+\t").replace(" - ", "\n-\t").split("\n")
    lines = [""]
    for part in parts:
        part = part.replace("\t", " ")
        if len(lines[-1]) + len(part) > WIDTH:
            lines.append("")
        lines[-1] += ("  " if not lines[-1] else " ") + part
    return "\n".join(lines)


def _contradiction(total: str, most: Fraction) -> str:
    what = "But it is" if total == str(most) else "But no allocation makes it more than"
    return f"{what} {most}: a contradiction."


def _is_paid(variable: Any, rate: Fraction) -> bool:
    return bool(variable[0] == "m" and rate)


def _total(problem: Any, rest: dict[Any, Fraction], data: Document) -> str:
    """Such as ``-5/36·x[trade @ 1,1] - 5/36``, without columns whose units are known."""
    constant, parts = ZERO, []
    for variable, rate in sorted((v, x) for v, x in rest.items() if x):
        low, high = problem.span(variable)
        if low is not None and low == high:
            constant += rate * low
        else:
            parts.append(f"{rate}·{_variable(variable, data)}")
    shown = parts[:TERMS] + ([f"({len(parts) - TERMS} more terms)"] if len(parts) > TERMS else [])
    shown += [str(constant)] if constant or not parts else []
    return " + ".join(shown).replace("+ -", "- ")


def _variable(variable: Any, data: Document) -> str:
    if variable[0] == "x":
        return f"x[{data['columns'][variable[2]]} @ {_at(variable[1])}]"
    if variable[0] == "m":
        return f"payment[{data['agents'][variable[2]]['name']} @ {_at(variable[1])}]"
    return f"worst[{variable[1] + 1}]"


def _cases(document: Document) -> list[str]:
    problem, claim, tree = document["problem"], document["claim"], document["proof"]["tree"]
    closed = leaves(tree)
    empty = sum(1 for leaf in closed if claim["kind"] == "infeasible" or leaf.get("empty"))
    lines = [f"Every decision is whole, so go through {len(closed)} cases. The first splits:"]
    node, depth = tree, 0
    while "branch" in node and depth < DEPTH:
        p, c, units = node["branch"]
        where = f"x[{problem['columns'][c]} @ {_at(p)}]"
        lines.append(f"  {'  ' * depth}either {where} <= {units} or {where} >= {units + 1}")
        node, depth = node["low"], depth + 1
    if empty:
        lines += [f"In {empty} of the cases constraints of the design, added up, contradict each other."]
    if len(closed) > empty:
        other = "In the other" if empty else "In all"
        lines += [f"{other} {len(closed) - empty} they show that nothing is better than {claim['value']}."]
    return [*lines, f"The proof has {sum(len(leaf['multipliers']) for leaf in closed)} multipliers in all."]


def _at(profile: Any) -> str:
    return ",".join(map(str, profile))


def words(name: list[Any], problem: Document) -> str:
    """A named constraint, such as ``incentive buyer 3→2``. Types and outcomes count from 0."""
    write = _WORDS.get(name[0])
    return " ".join(map(str, name)) if write is None else write(problem, *name[1:])


def _incentive(problem: Document, agent: str, k: int, report: int, test: int = 0, profile: Any = None) -> str:
    text = f"incentive {agent} {k}→{report}"
    text += "" if profile is None else f" at {_at(profile)}"
    several = len(next(one["worth"] for one in problem["agents"] if one["name"] == agent)[0]) > 1
    return f"{text}, best {test + 1}" if several else text


def _participation(problem: Document, agent: str, k: Any = None, profile: Any = None) -> str:
    where = "" if profile is None else f" at {_at(profile)}"
    return f"participation {agent}" + (", on average" if k is None else f" {k}") + where


def _need(problem: Document, position: int, profile: Any = None) -> str:
    asked = problem["needs"][position]
    if asked["text"] == "budget":
        return "budget, on average" if profile is None else f"budget at {_at(profile)}"
    return f"requirement {asked['text']}"


def _anonymous(problem: Document, one: str, other: str, profile: Any, column: Any, payer: Any = None) -> str:
    what = f"payment of {payer}" if column is None else problem["columns"][column]
    return f"anonymous {one} ↔ {other} at {_at(profile)}: {what}"


def _efficient(problem: Document, profile: Any, units: list[int]) -> str:
    named = [(name, n) for name, n in zip(problem["columns"], units, strict=True) if n]
    given = ", ".join(name if n == 1 else f"{n} × {name}" for name, n in named)
    return f"efficient at {_at(profile)}: at least as good as '{given or 'nothing'}'"


_WORDS: dict[str, Callable[..., str]] = {
    "incentive": _incentive,
    "participation": _participation,
    "need": _need,
    "anonymous": _anonymous,
    "efficient": _efficient,
    "feasible": lambda problem, limit, profile: f"feasible at {_at(profile)}, limit {limit}",
    "onto": lambda problem, outcome: f"onto {problem['columns'][outcome]}",
    "worst": lambda problem, index, profile: f"worst case {index + 1} at {_at(profile)}",
}

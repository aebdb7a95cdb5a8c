"""The list of all mechanisms that meet a design, and why it is complete, for people."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from amd.model.numbers import ExactArray
from amd.proof.argument import words
from amd.proof.mixtures import Mixtures
from amd.show.numbers import count

ROWS = 12  # profiles of a mechanism that has no name
Document = dict[str, Any]


def mixtures_words(found: Mixtures) -> str:
    """What ``amd certify --all`` prints."""
    document, number = found.document, len(found.chances)
    if number == 1:
        lines = ["Claim: just one mechanism meets the design:"]
    else:
        lines = [f"Claim: the mechanisms that meet the design are just the mixtures of these {number}:"]
    for table in found.chances:
        first, *more = mechanism_words(document["problem"], table)
        lines += [f"  • {first}", *(f"    {line}" for line in more)]
    if document["problem"]["wish"] is not None:
        lines.append("(What is wished for plays no part here.)")
    lines += ["", *_argument(document), "", f"problem sha256 {document['digest']}"]
    return "\n".join(lines)


def mechanism_words(problem: Document, table: ExactArray) -> list[str]:
    """A name where the mechanism has one, else its chances profile by profile. `table` is (P, C)."""
    tops = _tops(problem)
    outcomes = problem["columns"]
    profiles = profiles_of(problem)
    for i, agent in enumerate(problem["agents"]):
        best = tops[i]
        if best is not None and all(row[best[p[i]]] == 1 for p, row in zip(profiles, table, strict=True)):
            return [f"the dictatorship of {agent['name']}"]
    for c, name in enumerate(outcomes):
        if all(row[c] == 1 for row in table):
            return [f"always {name}"]
    lines = []
    for p, row in zip(profiles[:ROWS], table, strict=False):
        chances = [name if x == 1 else f"{x} {name}" for name, x in zip(outcomes, row, strict=True) if x]
        lines.append(f"{profile_words(problem, p)}: {', '.join(chances)}")
    return [*lines, *([f"… and {len(profiles) - ROWS:,} profiles more"] if len(profiles) > ROWS else [])]


def profiles_of(problem: Document) -> list[tuple[int, ...]]:
    """All profiles, the last agent's type running fastest."""
    return list(product(*(range(len(agent["types"])) for agent in problem["agents"])))


def _tops(problem: Document) -> list[list[int] | None]:
    """Each agent's best outcome by type; None for agents without orders (who have one vector of many values)."""
    tops: list[list[int] | None] = []
    for agent in problem["agents"]:
        first = [worth[0] for worth in agent["worth"]]
        single = all(sorted(row) == ["0"] * (len(row) - 1) + ["1"] for row in first)
        tops.append([row.index("1") for row in first] if single and not agent["mixed"] else None)
    return tops


def profile_words(problem: Document, profile: Sequence[int]) -> str:
    """Everybody's type by its label."""
    return ", ".join(str(agent["types"][k]) for agent, k in zip(problem["agents"], profile, strict=True))


def _argument(document: Document) -> list[str]:
    problem, proof = document["problem"], document["proof"]
    lines = ["Each of them meets every constraint of the design, and so do their mixtures. The other way round, let a"]
    lines += ["mechanism meet the design, and let its shares be"]
    lines += [f"  s{j + 1} = {_share_words(problem, share)}" for j, share in enumerate(proof["shares"])]
    rows = proof["bounds"]
    taken = sum(len(multipliers) for _, _, multipliers in rows)
    lines += ["Constraints of the design, added up with the multipliers in the certificate, say that the shares are at"]
    lines += ["least 0 and sum to at least 1, and that at each profile each outcome has at least the chance that the"]
    lines += [f"mixture by these shares gives it ({count(len(rows), 'inequality', 'inequalities')} from"]
    lines[-1] += f" {count(taken, 'constraint')}; the others are plain)."
    lines += ["Chances sum to 1 on both sides, so that all of these are equations: the mechanism is the mixture."]
    return lines + (_example(document, min(rows, key=_length)) if rows else [])


def _length(row: list[Any]) -> tuple[bool, int]:
    """Rows that use incentives first, the shortest first."""
    return not any(name[0] == "incentive" for name, _ in row[2]), len(row[2])


def _share_words(problem: Document, share: Document) -> str:
    parts = [] if share["constant"] == "0" and share["chances"] else [share["constant"]]
    for profile, c, rate in share["chances"]:
        chance = f"the chance of {problem['columns'][c]} at ({profile_words(problem, profile)})"
        parts.append(chance if rate == "1" else f"{rate} × {chance}")
    return " + ".join(parts)


def _example(document: Document, row: list[Any]) -> list[str]:
    problem, proof = document["problem"], document["proof"]
    profile, c, multipliers = row
    at = _place(problem, profile)
    parts = []
    for j, mechanism in enumerate(proof["mechanisms"]):
        rate = next((text for column, text in mechanism["allocation"][at] if column == c), "0")
        if Fraction(rate):
            parts.append(f"s{j + 1}" if rate == "1" else f"{rate} × s{j + 1}")
    bound = " + ".join(parts) or "0"
    told = f"the chance of {problem['columns'][c]} at ({profile_words(problem, profile)}) is at least {bound}"
    return ["", f"For example, {told}:", *(f"  {weight:>6} × {words(name, problem)}" for name, weight in multipliers)]


def _place(problem: Document, profile: Sequence[int]) -> int:
    at = 0
    for agent, k in zip(problem["agents"], profile, strict=True):
        at = at * len(agent["types"]) + k
    return at

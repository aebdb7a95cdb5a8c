"""Checks certificates by weights: random assignments that axioms ask for, and the core of cooperative games.

Standard library only; imports nothing of the project. ``python verify_weights.py CERT.json``: exit status 0 when the
proof holds, 1 when it does not. The certificate restates the problem, gives its SHA-256, a claim and a proof:

* random assignments, "none": a branch lists a trading cycle, one of whose chances must be 0 (ordinal efficiency,
  Bogomolnaia and Moulin, 2001); a leaf has multipliers of named linear constraints, each rebuilt here, that contradict
  each other: added up they say that something not above 0 is at least something above 0.
* games, "core": payoffs with which no coalition would rather be alone; "empty core": weights of coalitions, those with
  each player summing to 1, that want more than there is (Bondareva, 1963; Shapley, 1967).
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import re
import sys
from fractions import Fraction as F  # noqa: N817

FORMAT = "amd-weights-1"
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?")


class RejectedError(Exception):
    """The document does not prove its claim; the message says why."""


def need(condition, message):
    if not condition:
        raise RejectedError(message)


def number(text):
    need(isinstance(text, str) and NUMBER.fullmatch(text), "a number is not a rational text")
    return F(text)


def whole(value, size):
    need(type(value) is int and 0 <= value < size, "an index is out of range")
    return value


class Lotteries:
    """Random assignments: x[p, i, o] is agent i's chance of object o at profile p; as many agents as objects."""

    def __init__(self, data):
        self.n, self.require = len(data["agents"]), [one[0] for one in data["require"]]
        self.reports = [[tuple(order) for order in orders] for orders in data["preferences"]]
        need(
            set(self.require) <= {"strategyproof", "ordinally_efficient", "equal_treatment"},
            "there is an unknown axiom",
        )
        need(self.n == len(data["alternatives"]) == len(self.reports) > 0, "there are as many objects as agents")
        for orders in self.reports:
            need(orders and all(sorted(order) == list(range(self.n)) for order in orders), "an order is not one")

    def profile(self, data):
        need(isinstance(data, list) and len(data) == self.n, "there is no such profile")
        return tuple(whole(k, len(orders)) for k, orders in zip(data, self.reports, strict=True))

    def order(self, i, p):
        return self.reports[whole(i, self.n)][p[i]]

    def row(self, name):
        """Terms, bound, whether it is an equation: terms >= bound, or terms == bound."""
        kind, p, i, rest = name[0], self.profile(name[1]), whole(name[2], self.n), name[3:]
        if kind == "agent":
            return {(p, i, o): 1 for o in range(self.n)}, 1, True
        if kind == "object":
            return {(p, j, i): 1 for j in range(self.n)}, 1, True
        need(kind in self.require, f"there is no constraint {kind!r}")
        if kind == "equal_treatment":
            j, o = rest
            need(i != j and self.order(i, p) == self.order(j, p), "these agents do not report alike")
            return {(p, i, whole(o, self.n)): 1, (p, j, o): -1}, 0, True
        need(kind == "strategyproof", f"there is no constraint {kind!r}")
        k, best = whole(rest[0], len(self.reports[i])), self.order(i, p)[: 1 + whole(rest[1], self.n)]
        need(k != p[i], "this is no lie")
        lie = (*p[:i], k, *p[i + 1 :])
        return {(q, i, o): sign for q, sign in ((p, 1), (lie, -1)) for o in best}, 0, False

    def refute(self, tree):
        """Every case of the tree ends in a contradiction."""
        stack = [(tree, frozenset())]
        while stack:
            node, zero = stack.pop()
            if "cycle" in node:
                stack += zip(node["cases"], [zero | {x} for x in self.cycle(*node["cycle"])], strict=True)
                continue
            rest, total = {}, F(0)
            for name, text in node["multipliers"]:
                y, (terms, bound, equal) = number(text), self.row(name)
                need(y >= 0 or equal, "a multiplier is negative")
                total += y * bound
                for x, value in terms.items():
                    rest[x] = rest.get(x, 0) + y * value
            need(
                total > 0 and all(value <= 0 for x, value in rest.items() if x not in zero), "there is no contradiction"
            )

    def cycle(self, profile, steps):
        """Agents who would each rather have what the next one gives up: their chances of what they give up."""
        need("ordinally_efficient" in self.require and steps, "there is no such axiom, or nothing to trade")
        p = self.profile(profile)
        for (i, worse), (_, better) in zip(steps, [*steps[1:], *steps[:1]], strict=True):
            order = self.order(i, p)
            need(order.index(better) < order.index(worse), "somebody does not gain by the trade")
        return [(p, i, worse) for i, worse in steps]


def game(problem, claim, proof):
    """The core of a game: `worth` lists coalitions and their values, those left out are worth 0."""
    n = len(problem["players"])
    worth = {frozenset(whole(i, n) for i in members): number(text) for members, text in problem["worth"]}
    need(len(worth) == len(problem["worth"]) and frozenset() not in worth, "a coalition is listed twice, or is empty")
    everybody = worth.get(frozenset(range(n)), F(0))
    if claim["kind"] == "core":
        payoff = [number(text) for text in proof["payoff"]]
        need(len(payoff) == n and sum(payoff) == everybody, "the payoffs do not sum to what all can have")
        need(n <= 20, "there are too many coalitions to be checked here")
        for bits in range(1, 2**n):
            members = [i for i in range(n) if bits >> i & 1]
            need(
                sum(payoff[i] for i in members) >= worth.get(frozenset(members), 0),
                f"the coalition {members} would leave",
            )
        return "the core is not empty"
    need(claim["kind"] == "empty core", "the claim is not understood")
    weights = [(frozenset(whole(i, n) for i in members), number(text)) for members, text in proof["weights"]]
    need(all(weight >= 0 for _, weight in weights), "a weight is negative")
    need(all(sum(w for members, w in weights if i in members) == 1 for i in range(n)), "the weights are not balanced")
    need(
        sum(w * worth.get(members, 0) for members, w in weights) > everybody,
        "the coalitions do not want more than there is",
    )
    return "the core is empty"


def verify(document):
    """The claim in words when the proof holds; raises RejectedError otherwise."""
    need(document["format"] == FORMAT, "this is not a certificate about assignments or games")
    problem, claim, proof = document["problem"], document["claim"], document["proof"]
    text = json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    need(hashlib.sha256(text.encode("ascii")).hexdigest() == document["digest"], "the digest does not fit the problem")
    if "players" in problem:
        return game(problem, claim, proof)
    need(problem["rule"] == "random_assignment" and claim["kind"] == "none", "the claim is not understood")
    Lotteries(problem).refute(proof["tree"])
    return "no rule meets the axioms"


FAULTS = (KeyError, IndexError, TypeError, ValueError, AttributeError, RecursionError, ZeroDivisionError, MemoryError)


def check(document: object) -> tuple[bool, str]:
    """(holds, message): any malformed document counts as not holding."""
    try:
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the certificate is malformed ({type(fault).__name__}: {fault})"


def check_file(path):
    """(holds, message) of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return check(json.load(file))
    except OSError as fault:
        return False, f"the file cannot be read: {fault.strerror or fault}"
    except (ValueError, RecursionError) as fault:
        return False, f"the file is not a certificate ({type(fault).__name__}: {fault})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_weights.py CERT.json")
    holds, message = check_file(sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

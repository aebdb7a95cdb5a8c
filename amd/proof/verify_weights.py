"""Checks certificates by weights: random assignments that axioms ask for, and the core of cooperative games.

Standard library only; imports nothing of the project. ``python verify_weights.py CERT.json``: exit status 0 when the
proof holds, 1 when it does not. The certificate restates the problem, gives its SHA-256, a claim and a proof:

* random assignments, "none": a branch lists a trading cycle, one of whose chances must be 0 (ordinal efficiency,
  Bogomolnaia and Moulin, 2001); a leaf has multipliers of named linear constraints, each rebuilt here, that contradict
  each other: added up they say that something not above 0 is at least something above 0. "possible": a rule, with every
  chance at every profile; each axiom is checked. "conflict": a tree for some of the axioms alone, and for each of these
  a rule that meets the others of them.
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
from itertools import combinations, product
from math import prod

LARGEST = 100_000  # profiles of a rule
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

    def __init__(self, data: dict) -> None:
        self.n, self.require = len(data["agents"]), [word for (word,) in data["require"]]
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

    def row(self, name: list) -> tuple:
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

    def listed(self, tables: list) -> tuple:
        """A rule: x[p, i, o] from a square table of chances for each profile, the last agent's reports fastest."""
        need(prod(map(len, self.reports)) <= LARGEST, "there are too many profiles to be checked here")
        profiles, every = list(product(*(range(len(orders)) for orders in self.reports))), range(self.n)
        x = {}
        for p, table in zip(profiles, tables, strict=True):
            for i, row in zip(every, table, strict=True):
                x |= {(p, i, o): number(text) for o, text in zip(every, row, strict=True)}
        return profiles, x

    def meets(self, tables):
        """Raises RejectedError where the rule breaks an axiom."""
        profiles, x = self.listed(tables)
        for axiom in ["feasible", *self.require]:
            fault = getattr(self, "fault_" + axiom)(profiles, x)
            need(fault is None, f"the rule is not {axiom}: {fault}")

    # The first place where a rule breaks an axiom, or None.

    def fault_feasible(self, profiles: list, x: dict):
        """(profile, agent, object) of a chance below 0; or with None for what a sum that is not 1 goes over."""
        every = range(self.n)
        for p in profiles:
            for i, o in product(every, every):
                if x[p, i, o] < 0:
                    return p, i, o
            for i in every:
                if sum(x[p, i, o] for o in every) != 1:
                    return p, i, None
                if sum(x[p, j, i] for j in every) != 1:
                    return p, None, i
        return None

    def fault_equal_treatment(self, profiles, x):
        """(profile, two agents who report alike, an object of which they have other chances)."""
        for p, (i, j), o in product(profiles, combinations(range(self.n), 2), range(self.n)):
            if self.order(i, p) == self.order(j, p) and x[p, i, o] != x[p, j, o]:
                return p, i, j, o
        return None

    def fault_strategyproof(self, profiles, x):
        """(profile, agent, false report, t): the lie raises the chance of the best t objects."""
        for p, i in product(profiles, range(self.n)):
            for k in range(len(self.reports[i])):
                lie, gain = (*p[:i], k, *p[i + 1 :]), 0
                for t, o in enumerate(self.order(i, p), 1):
                    gain += x[lie, i, o] - x[p, i, o]
                    if gain > 0:
                        return p, i, k, t
        return None

    def fault_ordinally_efficient(self, profiles, x):
        """(profile, a cycle of agents and what each would give up) for what the next one may get and would give up."""
        for p in profiles:
            steps = {}  # from an object: [(a better one, for whom)]
            for i, o in product(range(self.n), range(self.n)):
                if x[p, i, o] > 0:
                    order = self.order(i, p)
                    steps.setdefault(o, []).extend((better, i) for better in order[: order.index(o)])
            for start in steps:
                way = round_trip(steps, start)
                if way:
                    return p, way
        return None

    def cycle(self, profile: list, steps: list) -> list:
        """Agents who would each rather have what the next one gives up: their chances of what they give up."""
        need("ordinally_efficient" in self.require and steps, "there is no such axiom, or nothing to trade")
        p = self.profile(profile)
        for (i, worse), (_, better) in zip(steps, [*steps[1:], *steps[:1]], strict=True):
            order = self.order(i, p)
            need(order.index(better) < order.index(worse), "somebody does not gain by the trade")
        return [(p, i, worse) for i, worse in steps]


def round_trip(steps, start):
    """[(agent, what it gives up), …] from an object back to it, the shortest; None where there is no way."""
    found, waiting = {start: []}, [start]
    for o in waiting:
        for better, i in steps.get(o, []):
            if better == start:
                return [*found[o], (i, o)]
            if better not in found:
                found[better] = [*found[o], (i, o)]
                waiting.append(better)
    return None


def conflict(problem, axioms, proof):
    """Some of the axioms cannot be met together, and without any one of them the others can."""
    need(axioms and all(axiom in problem["require"] for axiom in axioms), "nobody asked for one of these axioms")
    Lotteries({**problem, "require": axioms}).refute(proof["tree"])
    for k, tables in zip(range(len(axioms)), proof["rules"], strict=True):
        Lotteries({**problem, "require": axioms[:k] + axioms[k + 1 :]}).meets(tables)
    return f"no rule meets these {len(axioms)} axioms, and without any one of them there is one"


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
    need(problem["rule"] == "random_assignment", "the problem is not of a known kind")
    rules, kind = Lotteries(problem), claim["kind"]
    if kind == "conflict":
        return conflict(problem, claim["axioms"], proof)
    need(kind in ("none", "possible"), "the claim is not understood")
    if kind == "none":
        rules.refute(proof["tree"])
        return "no rule meets the axioms"
    rules.meets(proof["rule"])
    return "a rule meets the axioms"


FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)


def check(document, path=None) -> tuple[bool, str]:
    """(holds, message) of a document, or of the file at `path`: whatever is malformed counts as not holding."""
    try:
        if path is not None:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the certificate is malformed ({type(fault).__name__}: {str(fault)[:200]})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_weights.py CERT.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

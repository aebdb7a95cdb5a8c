"""Checks certificates about rules that axioms ask for: social choice, social rankings, matchings.

Standard library only; imports nothing of the project. ``python verify_axioms.py CERT.json``: exit status 0 when the
proof holds, 1 when it does not. The certificate restates the problem, gives its SHA-256, a claim and a proof:

* "none", "only": a tree of cases. A branch splits on whether a statement (profile, option) is true: at this profile the
  rule picks this alternative, ranks a no lower than b, or picks this matching. A leaf is a chain of named clauses, each
  rebuilt here from its axiom: all but one of its literals are false already, so the last one is true, until a clause
  is left with none. "only" also lists the rules that remain; the clause ["other", r] says that a rule is not the r-th.
* "possible", "only": rules, profile by profile; every axiom is checked.
* "conflict": a tree for some of the axioms alone (each agent's strategyproofness may count for itself), and for each of
  these a rule that meets the others of them.

A profile is a list of report numbers; a rule's table has them in order, the last agent running fastest.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import sys
from itertools import combinations, permutations, product
from math import prod

FORMAT = "amd-axioms-1"
LARGEST = 300_000  # profiles


class RejectedError(Exception):
    """The document does not prove its claim; the message says why."""


def need(condition, message):
    if not condition:
        raise RejectedError(message)


def whole(value, size):
    need(type(value) is int and 0 <= value < size, "an index is out of range")
    return value


class Rules:
    """The axioms. A statement is (profile, option); a clause is a list of (profile, option, whether it is true)."""

    def __init__(self, data: dict) -> None:
        self.rules = []  # those that the proof lists
        self.rule, self.names, self.require = data["rule"], data["agents"], {one[0]: one[1:] for one in data["require"]}
        need(self.rule in AXIOMS and set(self.require) <= AXIOMS[self.rule], "there is an unknown rule or axiom")
        self.reports = [[tuple(report) for report in reports] for reports in data["preferences"]]
        self.n, self.first, self.m = len(self.names), data.get("first_side", 0), len(data.get("alternatives", []))
        need(len(self.reports) == self.n > 0, "each agent needs preferences")
        need(prod(map(len, self.reports)) <= LARGEST, "there are too many profiles to be checked here")
        for i, reports in enumerate(self.reports):
            known = (
                range(self.m)
                if self.rule != "matching"
                else range(self.n - self.first if i < self.first else self.first)
            )
            need(0 < len(set(reports)) == len(reports), "a report is listed twice, or none is")
            for report in reports:
                need(len(set(report)) == len(report) and set(report) <= set(known), "a preference is not an order")
                need(self.rule == "matching" or len(report) == self.m, "a preference leaves something out")
        self.profiles = list(product(*(range(len(reports)) for reports in self.reports)))
        self.who = [whole(i, self.n) for i in self.require.get("strategyproof", [[]])[0]]

    def orders(self, p):
        return tuple(self.reports[i][k] for i, k in enumerate(p))

    def profile(self, data):
        need(isinstance(data, list) and len(data) == self.n, "there is no such profile")
        return tuple(whole(k, len(reports)) for k, reports in zip(data, self.reports, strict=True))

    def option(self, data: object) -> object:
        if self.rule == "choice":
            return whole(data, self.m)
        if self.rule == "ranking":
            a, b = (whole(one, self.m) for one in data)
            need(a != b, "a pair is of two alternatives")
            return a, b
        partners = [whole(j, self.n - self.first) for j in data if j is not None]
        need(len(data) == self.first and len(set(partners)) == len(partners), "this is no matching")
        return tuple(data)

    def options(self):
        if self.rule == "choice":
            return list(range(self.m))
        several = product([None, *range(self.n - self.first)], repeat=self.first)
        return [mu for mu in several if len({j for j in mu if j is not None}) == sum(j is not None for j in mu)]

    def rank(self, i, p, option):
        """How far down agent i's list the option is, at the preferences of profile p."""
        order = self.reports[i][p[i]]
        if self.rule == "matching":
            option = (
                option[i] if i < self.first else next((a for a, j in enumerate(option) if j == i - self.first), None)
            )
            return len(order) if option is None else order.index(option) if option in order else len(order) + 1
        return order.index(option)

    def moved(self, p, i, k):
        return (*p[:i], k, *p[i + 1 :])

    def clause(self, name: list) -> list:
        need(
            name[0] in self.require or name[0] in GIVEN[self.rule] or name[0] == "other",
            f"there is no axiom {name[0]!r}",
        )
        return getattr(self, "clause_" + name[0])(*name[1:])

    def clause_some(self, p):
        return [(self.profile(p), o, True) for o in self.options()]

    def clause_one(self, p, a, b):
        p, a, b = self.profile(p), self.option(a), self.option(b)
        need(a != b, "two options are wanted")
        return [(p, a, False), (p, b, False)]

    def clause_strategyproof(self, i, p, k, a, b):
        """Agent i at p would rather have b than a, and gets b by reporting k."""
        p, a, b = self.profile(p), self.option(a), self.option(b)
        need(whole(i, self.n) in self.who and self.rank(i, p, b) < self.rank(i, p, a), "this lie does not pay")
        return [(p, a, False), (self.moved(p, i, whole(k, len(self.reports[i]))), b, False)]

    def clause_unanimous(self, p, a):
        p, a = self.profile(p), self.option(a)
        need(all(order[0] == a for order in self.orders(p)), "this is no common favourite")
        return [(p, a, True)]

    def clause_pareto(self, p, a, b):
        p, a, b = self.profile(p), whole(a, self.m), whole(b, self.m)
        need(all(order.index(a) < order.index(b) for order in self.orders(p)), "not everybody agrees")
        return [(p, b if self.rule == "choice" else (b, a), False)]

    def clause_onto(self, a):
        return [(p, self.option(a), True) for p in self.profiles]

    def clause_nondictatorial(self, i):
        whole(i, self.n)
        if self.rule == "choice":
            return [(p, self.reports[i][p[i]][0], False) for p in self.profiles]
        return [(p, (b, a), True) for p in self.profiles for a, b in combinations(self.reports[i][p[i]], 2)]

    def clause_anonymous(self, p, q, a):
        p, q, a = self.profile(p), self.profile(q), self.option(a)
        need(sorted(self.orders(p)) == sorted(self.orders(q)), "these profiles are not permuted")
        return [(p, a, False), (q, a, True)]

    def clause_monotonic(self, p, q, a):
        p, q, a = self.profile(p), self.profile(q), self.option(a)
        need(self.rises(p, q, a), "the alternative falls")
        return [(p, a, False), (q, a, True)]

    def rises(self, p, q, a):
        """Whoever liked a better than something still does."""
        pairs = zip(self.orders(p), self.orders(q), strict=True)
        return all(set(one[one.index(a) :]) <= set(other[other.index(a) :]) for one, other in pairs)

    def clause_stable(self, p, mu):
        p, mu = self.profile(p), self.option(mu)
        need(not self.stable(p, mu), "this matching is stable")
        return [(p, mu, False)]

    def stable(self, p, mu):
        own = [self.rank(i, p, mu) for i in range(self.n)]
        if any(rank > len(order) for rank, order in zip(own, self.orders(p), strict=True)):
            return False
        both = product(range(self.first), range(self.n - self.first))
        orders = self.orders(p)
        return not any(j in orders[i] and i in orders[self.first + j] and orders[i].index(j) < own[i]
                       and orders[self.first + j].index(i) < own[self.first + j] for i, j in both)  # fmt: skip

    def clause_complete(self, p, a, b):
        return [(self.profile(p), self.option((a, b)), True), (self.profile(p), self.option((b, a)), True)]

    def clause_strict(self, p, a, b):
        return [(self.profile(p), self.option((a, b)), False), (self.profile(p), self.option((b, a)), False)]

    def clause_transitive(self, p, a, b, c):
        p = self.profile(p)
        return [(p, self.option((a, b)), False), (p, self.option((b, c)), False), (p, self.option((a, c)), True)]

    def clause_independent(self, p, q, a, b):
        p, q, pair = self.profile(p), self.profile(q), self.option((a, b))
        need(self.views(p, a, b) == self.views(q, a, b), "somebody sees these two otherwise")
        return [(p, pair, False), (q, pair, True)]

    def views(self, p, a, b):
        return tuple(order.index(a) < order.index(b) for order in self.orders(p))

    def clause_other(self, r):
        rule = self.rules[whole(r, len(self.rules))]
        if self.rule == "ranking":
            pairs = list(permutations(range(self.m), 2))
            return [(p, pair, not self.true(rule, p, pair)) for p in self.profiles for pair in pairs]
        return [(p, rule[p], False) for p in self.profiles]

    def true(self, rule: dict, p: tuple, option: object) -> bool:
        return rule[p][option[0]] <= rule[p][option[1]] if self.rule == "ranking" else rule[p] == option

    def listed(self, table: list) -> dict:
        """A rule: what it picks at each profile; for rankings the level of each alternative, 0 for the best."""
        need(len(table) == len(self.profiles), "a rule has an entry for each profile")
        if self.rule == "ranking":
            rows = [tuple(whole(level, self.m) for level in row) for row in table]
            need(all(len(row) == self.m for row in rows), "a ranking has a level for each alternative")
        else:
            rows = [self.option(row) for row in table]
        return dict(zip(self.profiles, rows, strict=True))

    def meets(self, rule):
        """Raises RejectedError where the rule breaks an axiom."""
        for axiom in self.require:
            need(getattr(self, "meets_" + axiom)(rule), f"the rule is not {axiom}")

    def meets_strategyproof(self, rule):
        return not any(self.rank(i, p, rule[self.moved(p, i, k)]) < self.rank(i, p, rule[p])
                       for i in self.who for p in self.profiles for k in range(len(self.reports[i])))  # fmt: skip

    def meets_unanimous(self, rule):
        tops = {p: {order[0] for order in self.orders(p)} for p in self.profiles}
        return all(rule[p] in top for p, top in tops.items() if len(top) == 1)

    def meets_pareto(self, rule):
        pairs = [
            (p, a, b) for p in self.profiles for a, b in permutations(range(self.m), 2) if all(self.views(p, a, b))
        ]
        return not any(self.true(rule, p, b if self.rule == "choice" else (b, a)) for p, a, b in pairs)

    def meets_onto(self, rule):
        return set(rule.values()) == set(range(self.m))

    def meets_nondictatorial(self, rule):
        return all(
            any(self.true(rule, p, o) == sign for p, o, sign in self.clause_nondictatorial(i)) for i in range(self.n)
        )

    def meets_anonymous(self, rule):
        seen = {}
        return all(seen.setdefault(tuple(sorted(self.orders(p))), rule[p]) == rule[p] for p in self.profiles)

    def meets_monotonic(self, rule):
        return all(rule[p] == rule[q] for p, q in product(self.profiles, repeat=2) if self.rises(p, q, rule[p]))

    def meets_stable(self, rule):
        return all(self.stable(p, rule[p]) for p in self.profiles)

    def meets_strict(self, rule):
        return all(len(set(levels)) == self.m for levels in rule.values())

    def meets_independent(self, rule):
        seen, pairs = {}, list(permutations(range(self.m), 2))
        return all(seen.setdefault((pair, self.views(p, *pair)), self.true(rule, p, pair)) == self.true(rule, p, pair)
                   for p, pair in product(self.profiles, pairs))  # fmt: skip

    def refute(self, tree):
        """Every case of the tree ends in a contradiction."""
        stack = [(tree, {})]
        while stack:
            node, known = stack.pop()
            if "branch" in node:
                statement = self.profile(node["branch"][0]), self.option(node["branch"][1])
                need(statement not in known, "a case splits twice on one statement")
                stack += [(node[word], {**known, statement: word == "true"}) for word in ("true", "false")]
                continue
            known, closed = dict(known), False
            for name in node["chain"]:
                open_ones = [x for x in self.clause(name) if known.get(x[:2]) is not (not x[2])]
                need(len(open_ones) <= 1, f"{name[0]} leaves more than one possibility")
                closed = closed or not open_ones
                known.update({(p, o): sign for p, o, sign in open_ones})
            need(closed, "a chain ends without a contradiction")


AXIOMS = {
    "choice": {"strategyproof", "onto", "unanimous", "pareto", "nondictatorial", "anonymous", "monotonic"},
    "ranking": {"pareto", "independent", "nondictatorial", "anonymous", "strict"},
    "matching": {"stable", "strategyproof"},
}
GIVEN = {"choice": {"some", "one"}, "ranking": {"complete", "transitive"}, "matching": {"some", "one"}}


def together(axioms):
    """One entry for each word, with everybody for whom it is asked."""
    found = {}
    for word, *who in axioms:
        found.setdefault(word, []).extend(i for one in who for i in one)
    return [[word, who] if who else [word] for word, who in found.items()]


def conflict(problem, axioms, proof):
    """Some of the axioms cannot be met together, and without any one of them the others can."""
    asked = {word: set(who[0]) if who else set() for word, *who in problem["require"]}
    need(axioms and all(set(*who) <= asked[word] for word, *who in axioms), "nobody asked for these axioms")
    Rules({**problem, "require": together(axioms)}).refute(proof["tree"])
    for k, table in zip(range(len(axioms)), proof["rules"], strict=True):
        rest = Rules({**problem, "require": together(axioms[:k] + axioms[k + 1 :])})
        rest.meets(rest.listed(table))
    return f"no rule meets these {len(axioms)} axioms, and without any one of them there is one"


def verify(document):
    """The claim in words when the proof holds; raises RejectedError otherwise."""
    need(document["format"] == FORMAT, "this is not a certificate about rules")
    problem, claim, proof = document["problem"], document["claim"], document["proof"]
    text = json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    need(hashlib.sha256(text.encode("ascii")).hexdigest() == document["digest"], "the digest does not fit the problem")
    rules, kind = Rules(problem), claim["kind"]
    if kind == "conflict":
        return conflict(problem, claim["axioms"], proof)
    need(kind in ("none", "only", "possible"), "the claim is not understood")
    rules.rules = [] if kind == "none" else [rules.listed(table) for table in proof["rules"]]
    for one in rules.rules:
        rules.meets(one)
    if kind != "possible":
        rules.refute(proof["tree"])
    need(kind == "none" or rules.rules, "no rule is listed")
    if kind == "only":
        need(
            claim["count"] == len({tuple(one.values()) for one in rules.rules}) == len(rules.rules),
            "rules are miscounted",
        )
    return {"none": "no rule meets the axioms", "possible": "a rule meets the axioms"}.get(
        kind, f"exactly {len(rules.rules)} rules meet the axioms"
    )


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
        sys.exit("usage: python verify_axioms.py CERT.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

"""Checks a proof about a finite mechanism design problem, in rational arithmetic.

``python verify.py PROOF.json`` ends with status 0 where the proof holds and 1 where it does not. This file is all that
has to be trusted: it uses Python's standard library alone. The document restates the problem, with every number a
rational text, and gives its SHA-256, a claim, and a proof.

*Variables.* ("x", p, c): units of column c (an outcome, a decision, a good for an agent) in type profile p.
("m", p, i): what agent i pays there. ("one",) is the number 1, so that a sum of variables carries its own constant.

*Rows.* A proof names constraints. Each is rebuilt here from the problem as a sum of variables that is at least 0, or
equal to 0, in every mechanism that meets the design.

*Nothing is better.* With multipliers y >= 0 (any y for equations) every mechanism has wish <= wish + Σ y · row. The
most that this can be is read off: each variable at the better end of its range. Payments have no ends, so they cancel.
Without a wish, a sum that is always below 0 is a contradiction: no mechanism meets the design. Where allocations are
whole, a tree may split on x <= n or x >= n + 1; then every leaf is such a sum.

*Something is as good.* A mechanism is listed profile by profile, and every constraint there is is checked.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import re
import sys
from fractions import Fraction as F  # noqa: N817
from functools import cache
from itertools import combinations, product
from math import prod

FORMAT = "amd-proof-3"
LARGEST = 1_000_000  # profiles times columns
MOST_TERMS = 30_000_000  # summed over all rows of a proof
MOST_BITS = 400_000  # of one number
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")
REQUIREMENTS = {"efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial"}
STAGES, INCENTIVES = {"interim", "ex_post", "ex_ante", "none"}, {"bayesian", "dominant", "none"}
ONE = ("one",)


class RejectedError(Exception):
    """The document does not prove its claim; the message says why."""


def need(condition, message):
    if not condition:
        raise RejectedError(message)


def number(data, *shape):
    """A rational text; with a shape, nested lists of them, where None stands for any length."""
    if shape:
        need(isinstance(data, list) and shape[0] in (None, len(data)), "a list has the wrong length")
        return [number(one, *shape[1:]) for one in data]
    need(isinstance(data, str) and NUMBER.fullmatch(data), "a number is not a rational text")
    return F(data)


def whole(value, size, kind=int):
    """A whole number from 0, below `size`; of kind `bool`, true or false."""
    need(type(value) is kind and 0 <= value < size, "an index is out of range, or a yes or no is missing")
    return value


def add(terms, more, times=1) -> dict:
    """Adds `times` · `more` to a sum of variables."""
    for variable, rate in more.items():
        total = terms.get(variable, 0) + times * rate
        need(total.denominator.bit_length() <= MOST_BITS, "a number has too many digits to be checked here")
        terms[variable] = total
    return terms


def moved(p, i, k):
    """Profile p with agent i's type replaced by k."""
    return (*p[:i], k, *p[i + 1 :])


class Problem:
    """The restated problem: its constraints by name, and the range of each variable."""

    def __init__(self, data) -> None:
        need(data["kind"] == "finite", "the problem is not of a known kind")
        self.data, agents, width = data, data["agents"], len(data["cost"])
        self.agents, self.columns, self.names = range(len(agents)), range(width), [one["name"] for one in agents]
        self.types = [range(len(one["outside"])) for one in agents]
        size = prod(map(len, self.types)) * width
        need(0 < size <= LARGEST and size * sum(map(len, self.types)) <= 200 * LARGEST, "the problem is too large")
        need(len(set(self.names)) == len(agents) > 0, "every agent needs a name of its own")
        self.profiles = list(product(*self.types))
        self.read_prior(number(data["prior"], len(self.profiles)))
        self.outside = [number(one["outside"], None) for one in agents]
        self.ceiling = [None if one["budget"] is None else number(one["budget"]) for one in agents]
        self.stage, self.mixed = [one["stage"] for one in agents], [whole(one["mixed"], 2, bool) for one in agents]
        where = [self.profiles if mixed else types for mixed, types in zip(self.mixed, self.types, strict=True)]
        self.tests = [range(len(one["worth"][0])) for one in agents]
        worth = [number(agents[i]["worth"], len(where[i]), len(self.tests[i]), width) for i in self.agents]
        self.worth = [dict(zip(where[i], worth[i], strict=True)) for i in self.agents]
        self.cost, self.caps = number(data["cost"], None), [whole(cap, LARGEST) for cap in data["caps"]]
        self.limits = [(number(row, width), number(most), whole(equal, 2, bool)) for row, most, equal in data["limits"]]
        need(len(self.caps) == width and all(self.tests), "the columns' caps, or an agent's worth, do not fit")
        self.single = set(self.caps) == {1} and self.limits == [([1] * width, 1, True)]
        self.transfers, self.deterministic = (whole(data[key], 2, bool) for key in ("transfers", "deterministic"))
        self.require, self.incentives = set(data["require"]), data["incentive"]
        known = self.require <= REQUIREMENTS and set(self.stage) <= STAGES and self.incentives in INCENTIVES
        need(known, "the design asks for something unknown")
        self.ruled_out, self.beliefs, self.net = cache(self.ruled_out), cache(self.beliefs), cache(self.net)
        self.terms = 0  # how many have been summed so far
        self.needs = [(n["wish"], whole(n["equal"], 2, bool), whole(n["ex_post"], 2, bool)) for n in data["needs"]]
        asked = [wish for wish, _, _ in self.needs] + [data["wish"]] * (data["wish"] is not None)
        for wish, p in [(one, None) for one in asked] + [(one, self.profiles[0]) for one in data["worst"]]:
            self.wish(wish, p)  # also where the proof does not speak of it

    def read_prior(self, prior):
        self.prior = dict(zip(self.profiles, prior, strict=True))
        need(min(prior) >= 0 and sum(prior) == 1, "the prior is not a probability")
        self.own = [[[] for _ in types] for types in self.types]  # the profiles in which agent i has type k
        for p, i in product(self.profiles, self.agents):
            self.own[i][p[i]].append(p)
        self.mass = [[sum(self.prior[p] for p in profiles) for profiles in own] for own in self.own]
        self.independent = all(f == prod(self.mass[i][k] for i, k in enumerate(p)) for p, f in self.prior.items())

    def vectors(self, i, p):
        """What a unit of each column is worth to agent i in profile p. An order has several such vectors, one for each
        upper set: 1 for the best outcome, for the best two, and so on."""
        return self.worth[i][p if self.mixed[i] else p[i]]

    def net(self, p):
        """Total value less cost of a unit of each column."""
        return [sum(self.vectors(i, p)[0][c] for i in self.agents) - self.cost[c] for c in self.columns]

    def top(self, i, p):
        return self.vectors(i, p)[0].index(1)

    def ruled_out(self, p):
        """The columns that a requirement sets to 0 in profile p."""
        out = set()
        if "efficient" in self.require and self.single:
            out |= {c for c in self.columns if self.net(p)[c] < max(self.net(p))}
        if "unanimous" in self.require and len({self.top(i, p) for i in self.agents}) == 1:
            out |= set(self.columns) - {self.top(0, p)}
        if "pareto" in self.require:
            ranks = [[sum(column) for column in zip(*self.vectors(i, p), strict=True)] for i in self.agents]
            out |= {b for a, b in product(self.columns, repeat=2) if all(rank[a] > rank[b] for rank in ranks)}
        return out

    def span(self, variable):
        """The least and the greatest value of a variable; None where there is no such end."""
        if variable[0] == "x":
            out, c = self.ruled_out(variable[1]), variable[2]
            last = self.single and len(out) == len(self.columns) - 1  # only one column is left to happen
            return (0, 0) if c in out else (int(last), self.caps[c])
        if variable[0] == "m":
            return (None, self.ceiling[variable[2]]) if self.transfers else (0, 0)
        return (1, 1) if variable == ONE else (None, None)

    def profile(self, data):
        return tuple(whole(k, len(types)) for k, types in zip(data, self.types, strict=True))

    # What is expected of a report is a variable of its own, written out at the end.

    def beliefs(self, i, k):
        """The profiles in which agent i has type k, with their chances given k (under independence, given any type)."""
        given = max(self.types[i], key=lambda t: self.mass[i][t]) if self.independent else k
        need(self.mass[i][given] > 0, "a type of probability zero has no beliefs")
        return [(moved(p, i, k), self.prior[p] / self.mass[i][given]) for p in self.own[i][given]]

    def utility(self, i, k, report, p=None, test=0) -> dict:
        """What type k of agent i gets by a report: in profile p, or in expectation."""
        if p is None and not self.mixed[i]:
            rates, believer = {**dict(enumerate(self.worth[i][k][test])), "m": -1}, 0 if self.independent else k
            return {("expected", i, believer, report, c): rate for c, rate in rates.items() if rate}
        terms = {}
        for q, chance in self.beliefs(i, k) if p is None else [(p, 1)]:
            there, rates = moved(q, i, report), enumerate(self.vectors(i, q)[test])
            add(terms, {("m", there, i): -1, **{("x", there, c): rate for c, rate in rates}}, chance)
        return terms

    def meaning(self, variable):
        """("expected", i, k, report, c): the units of column c, or for "m" the payment, that type k of agent i expects
        when it reports `report`. Under independence all types expect the same, and k is 0."""
        _, i, k, report, what = variable
        there = [(moved(p, i, report), chance) for p, chance in self.beliefs(i, k)]
        return {("m", p, i) if what == "m" else ("x", p, what): chance for p, chance in there}

    def written_out(self, terms):
        """The same sum in variables of profiles."""
        for variable in [v for v in terms if v[0] == "expected"]:
            add(terms, self.meaning(variable), terms.pop(variable))
        return terms

    # The constraints by name. Each is (terms, equal): terms >= 0, or terms == 0 where `equal`.

    def row(self, name):
        families = {"incentive": self.incentive, "participation": self.participation, "need": self.needed,
                    "feasible": self.feasible, "efficient": self.efficient, "anonymous": self.anonymous,
                    "onto": self.onto, "nondictatorial": self.nondictatorial, "worst": self.worst}  # fmt: skip
        need(isinstance(name, list) and name and name[0] in families, f"there is no constraint {name!r}")
        terms, equal = families[name[0]](*name[1:])
        self.terms += len(terms)
        need(self.terms <= MOST_TERMS, "the proof is too long to be checked here")
        return terms, equal

    def spot(self, i, k, profile, everywhere):
        """Where something is asked of type k: in a profile (if `everywhere`), or None, in expectation."""
        likely, p = self.mass[i][whole(k, len(self.types[i]))] > 0, None if profile is None else self.profile(profile)
        need(everywhere or (likely and p is None), "nobody asked for that in each profile, or of an impossible type")
        need(p is None or p[i] == k, "this type is not that of the profile")
        return p

    def incentive(self, agent, k, report, test=0, profile=None):
        """Type k does not gain by another report, in expectation or in one profile; with an order: the chance of its
        test + 1 best outcomes does not rise."""
        i = self.names.index(agent)
        need(self.incentives != "none", "the design has no incentives")
        p = self.spot(i, k, profile, self.incentives == "dominant")
        whole(report, len(self.types[i])), whole(test, len(self.tests[i]))
        return add(self.utility(i, k, k, p, test), self.utility(i, k, report, p, test), -1), False

    def participation(self, agent, k=None, profile=None):
        """Type k gets at least its outside option in one profile, in expectation, or (without k) on average."""
        i, terms = self.names.index(agent), {}
        need(self.stage[i] != "none" and (k is None or self.stage[i] != "ex_ante"), "nobody asked for that")
        for t in [t for t in self.types[i] if self.mass[i][t]] if k is None else [k]:
            p = self.spot(i, t, profile, self.stage[i] == "ex_post")
            add(terms, {**self.utility(i, t, t, p), ONE: -self.outside[i][t]}, self.mass[i][t] if k is None else 1)
        return terms, False

    def wish(self, data, profile=None) -> dict:
        """A constant, and payments, values and columns with their weights, in one profile or on average."""
        paid, valued = (number(data[key], len(self.agents)) for key in ("payment", "value"))
        column, terms = number(data["column"], len(self.columns)), {ONE: number(data["constant"])}
        for weight, index in data["worst"]:
            need(profile is None, "a worst case is not of one profile")
            add(terms, {("worst", whole(index, len(self.data["worst"]))): number(weight)})
        for p in self.profiles if profile is None else [profile]:
            values = [(rate, self.vectors(i, p)[0]) for i, rate in enumerate(valued) if rate]
            rates = {("x", p, c): column[c] + sum(rate * value[c] for rate, value in values) for c in self.columns}
            rates |= {("m", p, i): rate for i, rate in enumerate(paid)}
            add(terms, {v: rate for v, rate in rates.items() if rate}, self.prior[p] if profile is None else 1)
        return terms

    def needed(self, position, profile=None):
        """A budget, or another bound on quantities, on average or, where it is asked for so, in a profile."""
        wish, equal, ex_post = self.needs[whole(position, len(self.needs))]
        need(profile is None or ex_post, "nobody asked for that in each profile")
        return self.wish(wish, None if profile is None else self.profile(profile)), equal

    def worst(self, index, profile):
        """A worst case is at most what its quantity is in any profile."""
        quantity = self.data["worst"][whole(index, len(self.data["worst"]))]
        return add(self.wish(quantity, self.profile(profile)), {("worst", index): -1}), False

    def feasible(self, limit, profile):
        (row, most, equal), p = self.limits[whole(limit, len(self.limits))], self.profile(profile)
        return {ONE: most, **{("x", p, c): -rate for c, rate in enumerate(row) if rate}}, equal

    def efficient(self, profile, units):
        """The total value less cost is at least that of any feasible allocation, given by the units of each column."""
        p, units = self.profile(profile), [whole(n, cap + 1) for n, cap in zip(units, self.caps, strict=True)]
        need("efficient" in self.require, "nobody asked for efficiency")
        for row, most, equal in self.limits:
            used = sum(rate * n for rate, n in zip(row, units, strict=True))
            need(used == most or (used < most and not equal), "the other allocation is not feasible")
        reached = sum(rate * n for rate, n in zip(self.net(p), units, strict=True))
        return {ONE: -reached, **{("x", p, c): rate for c, rate in enumerate(self.net(p))}}, False

    def anonymous(self, one, other, profile, column, payer=None):
        """When agents of one group trade places, their columns (no column: the payment of `payer`) go with them."""
        i, j, p = self.names.index(one), self.names.index(other), self.profile(profile)
        alike = self.data["agents"][i]["group"] == self.data["agents"][j]["group"]
        need("anonymous" in self.require and i != j and alike, "these agents are not alike")
        image, swap = self.profile(moved(moved(p, i, p[j]), j, p[i])), {**dict(enumerate(self.agents)), i: j, j: i}
        if column is None:
            a = self.names.index(payer)
            return add({("m", p, a): 1}, {("m", image, swap[a]): 1}, -1), True
        gets = self.data["units"]  # by each agent, in each column
        c = gets.index([gets[whole(column, len(self.columns))][swap[a]] for a in self.agents])
        return add({("x", p, column): 1}, {("x", image, whole(c, len(self.columns))): 1}, -1), True

    def onto(self, outcome):
        need("onto" in self.require and self.deterministic, "nobody asked for every outcome")
        return {ONE: -1, **{("x", p, whole(outcome, len(self.columns))): 1 for p in self.profiles}}, False

    def nondictatorial(self, agent):
        i, spare = self.names.index(agent), len(self.profiles) - 1
        need("nondictatorial" in self.require and self.deterministic, "nobody ruled out dictators")
        return {ONE: spare, **{("x", p, self.top(i, p)): -1 for p in self.profiles}}, False

    # Nothing is better.

    def most(self, terms, multipliers, ranges):
        """What terms + Σ multiplier · row can be at most within the `ranges` of a case."""
        total, greatest = dict(terms), F(0)
        for name, text in multipliers:
            y, (row, equal) = number(text), self.row(name)
            need(y >= 0 or equal, f"the multiplier of {name} is negative")
            add(total, row, y)
        for variable, rate in self.written_out(total).items():
            if rate:
                end = ranges.get(variable, self.span(variable))[rate > 0]
                need(end is not None, "payments (or worst cases) do not cancel")
                greatest += rate * end
        return greatest

    def tree(self, node, wish, least, ranges):
        """In every case nothing is better than `least`, or (None) nothing is there at all."""
        if "branch" in node:
            need(self.deterministic, "only whole allocations can be split into cases")
            profile, column, n = node["branch"]
            variable = ("x", self.profile(profile), whole(column, len(self.columns)))
            low, high = ranges.get(variable, self.span(variable))
            for side, ends in ("low", (low, min(high, whole(n, LARGEST)))), ("high", (max(low, n + 1), high)):
                if ends[0] <= ends[1]:
                    self.tree(node[side], wish, least, {**ranges, variable: ends})
        elif least is None or node.get("empty") is True:
            need(self.most({}, node["multipliers"], ranges) < 0, "the multipliers do not contradict each other")
        else:
            found = self.most(wish, node["multipliers"], ranges)
            need(found <= least, f"the multipliers prove {found} only")

    # Something is as good.

    def attained(self, mechanism, wish):
        """The value of the wish in a mechanism, once every constraint has been checked."""
        known = {ONE: F(1), **{("x", p, c): F(0) for p in self.profiles for c in self.columns}}
        for p, entries, paid in zip(self.profiles, mechanism["allocation"], mechanism["payments"], strict=True):
            known |= {("x", p, whole(c, len(self.columns))): number(text) for c, text in entries}
            known |= {("m", p, i): amount for i, amount in enumerate(number(paid, len(self.agents)))}
        for variable, value in known.items():
            low, high = self.span(variable)
            fits = (low is None or low <= value) and (high is None or value <= high)
            need(fits, f"{variable} is out of its range")
            need(variable[0] == "m" or not self.deterministic or value.denominator == 1, "an allocation is a lottery")

        def measure(terms):
            for variable in [v for v in terms if v not in known]:
                known[variable] = measure(self.meaning(variable))
            return sum((rate * known[variable] for variable, rate in terms.items()), F(0))

        for index, quantity in enumerate(self.data["worst"]):
            known["worst", index] = min(measure(self.wish(quantity, p)) for p in self.profiles)
        for name in self.every():
            (terms, equal), self.terms = self.row(name), 0
            value = measure(terms)
            need(value == 0 if equal else value >= 0, f"the mechanism breaks {name}")
        compared = "efficient" in self.require and not self.single
        for p, prices in zip(self.profiles, mechanism["prices"], strict=True) if compared else []:
            total, limits = {("x", p, c): rate for c, rate in enumerate(self.net(p))}, range(len(self.limits))
            priced = [[["feasible", limit, p], y] for limit, y in zip(limits, prices, strict=True)]
            most = self.most(total, priced, {("x", p, c): (0, cap) for c, cap in enumerate(self.caps)})
            need(measure(total) >= most, f"the allocation at {p} is not shown to be efficient")
        return measure(wish)

    def every(self):
        """The names of all constraints, but for efficiency and the ranges of variables."""
        at = [list(p) for p in self.profiles]
        yield from (["feasible", limit, p] for limit in range(len(self.limits)) for p in at)
        yield from (["need", n, p] for n, (_, _, ex_post) in enumerate(self.needs) for p in (at if ex_post else [None]))
        for i, agent in enumerate(self.names):
            likely, everywhere = [[k, None] for k in self.types[i] if self.mass[i][k]], [[p[i], p] for p in at]
            stages = {"ex_ante": [[None, None]], "interim": likely, "ex_post": everywhere, "none": []}
            yield from (["participation", agent, *spot] for spot in stages[self.stage[i]])
            truths = {"bayesian": likely, "dominant": everywhere, "none": []}[self.incentives]
            for (k, p), report, test in product(truths, self.types[i], self.tests[i]):
                yield ["incentive", agent, k, report, test, p]
            yield from [["nondictatorial", agent]] if "nondictatorial" in self.require else []
        yield from (["onto", c] for c in self.columns) if "onto" in self.require else []
        for one, other in combinations(self.data["agents"], 2) if "anonymous" in self.require else []:
            if one["group"] == other["group"]:
                what = [[c] for c in self.columns] + [[None, payer] for payer in self.names]
                yield from (["anonymous", one["name"], other["name"], p, *which] for p in at for which in what)


def digest(data) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    need(document["format"] == FORMAT, "this is not a proof about a finite problem")
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    problem, kind, value = Problem(data), claim["kind"], claim.get("value")
    sign, bound, reach = (1, "at most", "at least") if whole(data["maximize"], 2, bool) else (-1, "at least", "at most")
    words = {"infeasible": "no mechanism meets the design", "possible": "a mechanism meets the design",
             "optimal": f"the best value is {value}", bound: f"no mechanism does better than {value}",
             reach: f"a mechanism reaches {value}"}  # fmt: skip
    need(kind in words, "the claim is not understood")
    wish, least = {}, None
    if kind not in ("infeasible", "possible"):
        need(data["wish"] is not None, "the design has no wish")
        wish, least = add(wish, problem.wish(data["wish"]), sign), sign * number(value)
    if kind in ("possible", "optimal", reach):
        found = problem.attained(proof["mechanism"], wish)
        need(least is None or found >= least, f"the mechanism reaches {sign * found} only")
    if kind in ("infeasible", "optimal", bound):
        problem.tree(proof["tree"], wish, least, {})
    return words[kind]


FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)


def judged(prove, document, path=None) -> tuple[bool, str]:
    """(holds, message) of a document, or of the file at `path`: whatever is malformed counts as not holding."""
    try:
        if path is not None:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        return True, prove(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


def check(document, path=None) -> tuple[bool, str]:
    return judged(verify, document, path)


def main(check):
    """The command: status 0 where the proof in the file holds."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} PROOF.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main(check)

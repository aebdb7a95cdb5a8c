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

Proofs about the continuum have a format and a verifier of their own, verify_continuum.py.
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

FORMAT = "amd-proof-2"
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


def number(text):
    need(isinstance(text, str) and NUMBER.fullmatch(text), "a number is not a rational text")
    return F(text)


def numbers(data, *shape):
    """Nested lists of rational texts; None in the shape stands for any length."""
    if not shape:
        return number(data)
    need(isinstance(data, list) and shape[0] in (None, len(data)), "a list has the wrong length")
    return [numbers(one, *shape[1:]) for one in data]


def whole(value, size):
    """A whole number from 0, below `size`."""
    need(type(value) is int and 0 <= value < size, "an index is out of range")
    return value


def add(terms, more, times=1) -> dict:
    """Adds `times` · `more` to a sum of variables."""
    for variable, rate in more.items():
        total = terms.get(variable, 0) + times * rate
        need(total.denominator.bit_length() <= MOST_BITS, "a number has too many digits to be checked here")
        terms[variable] = total
    return terms


def minus(one, other):
    return add(dict(one), other, -1)


def moved(p, i, k):
    """Profile p with agent i's type replaced by k."""
    return (*p[:i], k, *p[i + 1 :])


class Problem:
    """The restated problem: its constraints by name, and the range of each variable."""

    def __init__(self, data) -> None:
        need(data["kind"] == "finite", "the problem is not of a known kind")
        self.data, agents, self.columns = data, data["agents"], range(len(data["cost"]))
        self.agents, self.names = range(len(agents)), [one["name"] for one in agents]
        self.types = [range(len(one["outside"])) for one in agents]
        size = prod(map(len, self.types)) * len(self.columns)
        need(0 < size <= LARGEST and size * sum(map(len, self.types)) <= 200 * LARGEST, "the problem is too large")
        need(len(set(self.names)) == len(self.names), "every agent needs a name of its own")
        self.profiles = list(product(*self.types))
        self.place = {p: at for at, p in enumerate(self.profiles)}
        self.read_prior(numbers(data["prior"], len(self.profiles)))
        self.outside = [numbers(one["outside"], None) for one in agents]
        self.ceiling = [None if one["budget"] is None else number(one["budget"]) for one in agents]
        self.stage, self.mixed = [one["stage"] for one in agents], [one["mixed"] for one in agents]
        self.worth = [self.read_worth(one, types) for one, types in zip(agents, self.types, strict=True)]
        self.cost, self.caps = numbers(data["cost"], None), [whole(cap, LARGEST) for cap in data["caps"]]
        self.limits = [(numbers(row, len(self.columns)), number(most), equal) for row, most, equal in data["limits"]]
        need(len(self.caps) == len(self.columns), "the columns' caps do not fit")
        self.single = set(self.caps) == {1} and self.limits == [([1] * len(self.columns), 1, True)]
        self.transfers, self.deterministic = data["transfers"], data["deterministic"]
        self.require, self.incentives = set(data["require"]), data["incentive"]
        known = self.require <= REQUIREMENTS and set(self.stage) <= STAGES and self.incentives in INCENTIVES
        need(known, "the design asks for something unknown")
        self.ruled_out, self.beliefs, self.net = cache(self.ruled_out), cache(self.beliefs), cache(self.net)
        self.terms = 0  # how many have been summed so far
        asked = [one["wish"] for one in data["needs"]] + ([] if data["wish"] is None else [data["wish"]])
        for wish, p in [(one, None) for one in asked] + [(one, self.profiles[0]) for one in data["worst"]]:
            self.wish(wish, p)  # also where the proof does not speak of it

    def read_worth(self, agent, types):
        where = self.profiles if agent["mixed"] else types
        return numbers(agent["worth"], len(where), whole(agent["vectors"], LARGEST), len(self.columns))

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
        return self.worth[i][self.place[p] if self.mixed[i] else p[i]]

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

    def agent(self, name):
        need(name in self.names, f"there is no agent {name!r}")
        return self.names.index(name)

    def profile(self, data):
        need(isinstance(data, list) and all(type(k) is int for k in data), "a profile is a list of types")
        need(tuple(data) in self.place, "there is no such profile")
        return tuple(data)

    # Expected utilities are variables of their own, written out at the end.

    def beliefs(self, i, k):
        """The profiles in which agent i has type k, with their chances given k (under independence, given any type)."""
        given = max(self.types[i], key=lambda t: self.mass[i][t]) if self.independent else k
        need(self.mass[i][given] > 0, "a type of probability zero has no beliefs")
        return [(moved(p, i, k), self.prior[p] / self.mass[i][given]) for p in self.own[i][given]]

    def gain(self, i, p, report, test=0):
        """Agent i's utility in profile p when the reports are `report`."""
        return {("m", report, i): -1, **{("x", report, c): rate for c, rate in enumerate(self.vectors(i, p)[test])}}

    def meaning(self, variable):
        """("utility", i, k, report, test): what type k of agent i expects when it reports `report`. ("expected", i, k,
        report, c): the units of column c, or for "m" the payment, that it then expects; under independence all types
        expect the same, and k is 0."""
        kind, i, k, report, what = variable
        if kind == "expected":
            there = [(moved(p, i, report), chance) for p, chance in self.beliefs(i, k)]
            return {("m", p, i) if what == "m" else ("x", p, what): chance for p, chance in there}
        if self.mixed[i]:
            terms = {}
            for p, chance in self.beliefs(i, k):
                add(terms, self.gain(i, p, moved(p, i, report), what), chance)
            return terms
        believer = 0 if self.independent else k
        rates = {**dict(enumerate(self.worth[i][k][what])), "m": -1}
        return {("expected", i, believer, report, c): rate for c, rate in rates.items() if rate}

    def written_out(self, terms):
        """The same sum in variables of profiles."""
        for kind in ("utility", "expected"):
            for variable in [v for v in terms if v[0] == kind]:
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

    def incentive(self, agent, k, report, test=0, profile=None):
        """Type k does not gain by another report, in expectation or in one profile; with an order: the chance of its
        test + 1 best outcomes does not rise."""
        i = self.agent(agent)
        whole(k, len(self.types[i])), whole(report, len(self.types[i])), whole(test, len(self.worth[i][0]))
        need(self.incentives != "none", "the design has no incentives")
        if profile is None:
            need(self.mass[i][k] > 0 or self.incentives == "dominant", "types of probability zero have no incentives")
            return minus({("utility", i, k, k, test): 1}, {("utility", i, k, report, test): 1}), False
        p = self.profile(profile)
        need(self.incentives == "dominant" and p[i] == k, "incentives in a profile are for dominant strategies")
        return minus(self.gain(i, p, p, test), self.gain(i, p, moved(p, i, report), test)), False

    def participation(self, agent, k=None, profile=None):
        """Type k gets at least its outside option in one profile, in expectation, or (without k) on average."""
        i = self.agent(agent)
        need(self.stage[i] != "none", "this agent need not take part")
        if profile is not None:
            p = self.profile(profile)
            need(self.stage[i] == "ex_post" and p[i] == k, "participation in a profile is for ex post")
            return minus(self.gain(i, p, p), {ONE: self.outside[i][k]}), False
        need(k is None or self.stage[i] != "ex_ante", "participation ex ante is an average")
        terms = {}
        for t in [t for t in self.types[i] if self.mass[i][t]] if k is None else [whole(k, len(self.types[i]))]:
            need(self.mass[i][t] > 0 or self.stage[i] == "ex_post", "types of probability zero need not take part")
            weight = self.mass[i][t] if k is None else 1
            add(terms, {("utility", i, t, t, 0): 1, ONE: -self.outside[i][t]}, weight)
        return terms, False

    def wish(self, data, profile=None) -> dict:
        """A constant, and payments, values and columns with their weights, in one profile or on average."""
        paid, valued = (numbers(data[key], len(self.agents)) for key in ("payment", "value"))
        column, terms = numbers(data["column"], len(self.columns)), {ONE: number(data["constant"])}
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
        asked = self.data["needs"][whole(position, len(self.data["needs"]))]
        need(profile is None or asked["ex_post"], "nobody asked for that in each profile")
        return self.wish(asked["wish"], None if profile is None else self.profile(profile)), asked["equal"]

    def worst(self, index, profile):
        """A worst case is at most what its quantity is in any profile."""
        quantity = self.data["worst"][whole(index, len(self.data["worst"]))]
        return minus(self.wish(quantity, self.profile(profile)), {("worst", index): 1}), False

    def feasible(self, limit, profile):
        (row, most, equal), p = self.limits[whole(limit, len(self.limits))], self.profile(profile)
        return minus({ONE: most}, {("x", p, c): rate for c, rate in enumerate(row) if rate}), equal

    def efficient(self, profile, other):
        """The total value less cost is at least that of any other feasible allocation, [[column, units], …]."""
        p, units = self.profile(profile), dict.fromkeys(self.columns, F(0))
        need("efficient" in self.require, "nobody asked for efficiency")
        units |= {whole(c, len(self.columns)): number(text) for c, text in other}
        totals = [(sum(rate * units[c] for c, rate in enumerate(row)), most, equal) for row, most, equal in self.limits]
        fits = all(total == most if equal else total <= most for total, most, equal in totals)
        need(fits and all(0 <= units[c] <= self.caps[c] for c in self.columns), "the other allocation is not feasible")
        reached = sum(rate * units[c] for c, rate in enumerate(self.net(p)))
        return minus({("x", p, c): rate for c, rate in enumerate(self.net(p))}, {ONE: reached}), False

    def anonymous(self, one, other, profile, column, payer=None):
        """When agents of one group trade places, their columns (no column: the payment of `payer`) go with them."""
        i, j, p = self.agent(one), self.agent(other), self.profile(profile)
        alike = self.data["agents"][i]["group"] == self.data["agents"][j]["group"]
        need("anonymous" in self.require and i != j and alike, "these agents are not alike")
        image, swap = moved(moved(p, i, p[j]), j, p[i]), {a: {i: j, j: i}.get(a, a) for a in self.agents}
        if column is None:
            a = self.agent(payer)
            return minus({("m", p, a): 1}, {("m", image, swap[a]): 1}), True
        units, c = self.data["units"], whole(column, len(self.columns))
        if units is not None:  # what each agent gets of each good
            c = units.index([units[c][swap[a]] for a in self.agents])
        return minus({("x", p, column): 1}, {("x", image, c): 1}), True

    def onto(self, outcome):
        need("onto" in self.require and self.deterministic, "nobody asked for every outcome")
        return {ONE: -1, **{("x", p, whole(outcome, len(self.columns))): 1 for p in self.profiles}}, False

    def nondictatorial(self, agent):
        i, spare = self.agent(agent), len(self.profiles) - 1
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

    def tree(self, root, wish, least):
        """In every case nothing is better than `least`, or (None) nothing is there at all."""
        stack = [(root, {})]
        while stack:
            node, ranges = stack.pop()
            if "branch" in node:
                stack += self.split(node, ranges)
            elif least is None or node.get("empty") is True:
                need(self.most({}, node["multipliers"], ranges) < 0, "the multipliers do not contradict each other")
            else:
                found = self.most(wish, node["multipliers"], ranges)
                need(found <= least, f"the multipliers prove {found} only")

    def split(self, node, ranges):
        """The two cases of a branch, without one that leaves no units."""
        need(self.deterministic, "only whole allocations can be split into cases")
        profile, column, n = node["branch"]
        variable = ("x", self.profile(profile), whole(column, len(self.columns)))
        low, high = ranges.get(variable, self.span(variable))
        cases = (node["low"], low, min(high, whole(n, LARGEST))), (node["high"], max(low, n + 1), high)
        return [(case, {**ranges, variable: (a, b)}) for case, a, b in cases if a <= b]

    # Something is as good.

    def attained(self, mechanism, wish):
        """The value of the wish in a mechanism, once every constraint has been checked."""
        known = {ONE: F(1), **{("x", p, c): F(0) for p in self.profiles for c in self.columns}}
        for p, entries in zip(self.profiles, mechanism["allocation"], strict=True):
            known |= {("x", p, whole(c, len(self.columns))): number(text) for c, text in entries}
        for p, paid in zip(self.profiles, numbers(mechanism["payments"], None, len(self.agents)), strict=True):
            known |= {("m", p, i): amount for i, amount in enumerate(paid)}
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
        for at, p in enumerate(self.profiles) if "efficient" in self.require and not self.single else ():
            total, prices = {("x", p, c): rate for c, rate in enumerate(self.net(p))}, mechanism["prices"][at]
            need(all(name[0] == "feasible" for name, _ in prices), "prices are of what limits the allocation")
            need(measure(total) >= self.most(total, prices, {}), f"the allocation at {p} is not shown to be efficient")
        return measure(wish)

    def every(self):
        """The names of all constraints, but for efficiency and the ranges of variables."""
        at = [list(p) for p in self.profiles]
        yield from (["feasible", limit, p] for limit in range(len(self.limits)) for p in at)
        for position, asked in enumerate(self.data["needs"]):
            yield from (["need", position, p] for p in (at if asked["ex_post"] else [None]))
        for i, agent in enumerate(self.names):
            likely = [k for k in self.types[i] if self.mass[i][k]]
            names = {"ex_ante": [[]], "interim": [[k] for k in likely], "ex_post": [[p[i], p] for p in at], "none": []}
            yield from (["participation", agent, *name] for name in names[self.stage[i]])
            truths = {"bayesian": [(k, None) for k in likely], "dominant": [(p[i], p) for p in at], "none": []}
            for (k, p), report in product(truths[self.incentives], self.types[i]):
                yield from (["incentive", agent, k, report, test, p] for test in range(len(self.worth[i][0])))
            yield from [["nondictatorial", agent]] if "nondictatorial" in self.require else []
        yield from (["onto", c] for c in self.columns) if "onto" in self.require else []
        for one, other in combinations(self.data["agents"], 2) if "anonymous" in self.require else []:
            if one["group"] == other["group"]:
                head = ["anonymous", one["name"], other["name"]]
                yield from ([*head, p, c] for p in at for c in self.columns)
                yield from ([*head, p, None, payer] for p in at for payer in self.names)


def digest(data) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    problem, kind = Problem(data), claim["kind"]
    if kind == "infeasible":
        problem.tree(proof["tree"], {}, None)
        return "no mechanism meets the design"
    if kind == "possible":
        problem.attained(proof["mechanism"], {})
        return "a mechanism meets the design"
    need(data["wish"] is not None, "the design has no wish")
    sign, value = 1 if data["maximize"] else -1, number(claim["value"])
    wish, (bound, reach) = add({}, problem.wish(data["wish"]), sign), ("at most", "at least")[::sign]
    need(kind in ("optimal", bound, reach), "the claim is not understood")
    if kind in ("optimal", reach):
        found = problem.attained(proof["mechanism"], wish)
        need(found >= sign * value, f"the mechanism reaches {sign * found} only")
    if kind in ("optimal", bound):
        problem.tree(proof["tree"], wish, sign * value)
    words = {"optimal": f"the best value is {value}", bound: f"no mechanism does better than {value}"}
    return words.get(kind, f"a mechanism reaches {value}")


FAULTS = (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError, RecursionError, OverflowError,
          MemoryError)  # fmt: skip


def check(document) -> tuple[bool, str]:
    """(holds, message): any malformed document counts as not holding."""
    try:
        need(document["format"] == FORMAT, "this is not a proof about a finite problem")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


def check_file(path) -> tuple[bool, str]:
    """(holds, message) of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return check(json.load(file))
    except OSError as fault:
        return False, f"the file cannot be read: {fault.strerror or fault}"
    except (ValueError, RecursionError, MemoryError) as fault:
        return False, f"the file is not a proof ({type(fault).__name__}: {str(fault)[:200]})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify.py PROOF.json")
    holds, message = check_file(sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

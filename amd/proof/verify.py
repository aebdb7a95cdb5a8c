"""Checks a certificate with rational arithmetic. Standard library only; imports nothing of the project.

``python verify.py CERT.json``: exit status 0 when the proof holds, 1 when it does not.

The certificate restates the problem (types, prior, values, design; every number a rational text) and gives its SHA-256,
a claim, and a proof:

* multipliers of named constraints. Each constraint is rebuilt here from the problem as ``terms >= bound``, or ``==``.
  For any mechanism, wish <= wish + Σ multiplier · (terms − bound) when multipliers of inequalities are not negative;
  the right side is then bounded by what one profile's allocation can be at most, and payments must cancel. "Infeasible"
  is the same with a wish of 0 and a bound below 0.
* a mechanism: every constraint of the problem is checked, and the wish evaluated.
* for deterministic allocations, a tree that splits on the units x of one column in one profile, x <= n or x >= n + 1.

Certificates about the continuum (another format) are handed to verify_continuum.py beside this file.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import importlib.util
import json
import re
import sys
from fractions import Fraction as F  # noqa: N817
from functools import cache
from itertools import product
from math import prod
from pathlib import Path

LARGEST = 5_000_000  # profiles times columns
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?")


class RejectedError(Exception):
    """The document does not prove its claim; the message says why."""


class EmptyError(Exception):
    """A branch of the tree leaves no allocation at all."""


def need(condition, message):
    if not condition:
        raise RejectedError(message)


def number(text):
    need(isinstance(text, str) and NUMBER.fullmatch(text), "a number is not a rational text")
    return F(text)


def numbers(data):
    return [numbers(one) for one in data] if isinstance(data, list) else number(data)


def whole(value, size=None):
    """A whole number from 0, below `size`."""
    need(type(value) is int and value >= 0 and (size is None or value < size), "an index is out of range")
    return value


def add(terms, variable, value):
    if value:
        terms[variable] = terms.get(variable, 0) + value


def scaled(terms, factor):
    return {variable: factor * value for variable, value in terms.items()}


class Problem:
    """Variables: ("x", profile, column), ("m", profile, agent), and ("worst", text) for worst cases."""

    def __init__(self, data: dict) -> None:
        need(data["format"] == "amd-problem-1", "the problem is in an unknown format")
        self.agents, allocation = data["environment"]["agents"], data["environment"]["allocation"]
        self.design, self.names = data["design"], [one["name"] for one in self.agents]
        need(len(set(self.names)) == len(self.names) > 0, "two agents have one name")
        self.mass = [numbers(one["probability"]) for one in self.agents]
        self.sizes = [len(mass) for mass in self.mass]
        self.cost, self.kind = numbers(allocation["cost"]), allocation["kind"]
        self.width = len(self.cost)
        need(0 < prod(self.sizes) * self.width <= LARGEST, "the problem is too large to be checked here")
        self.profiles = list(product(*map(range, self.sizes)))
        self.position = {p: at for at, p in enumerate(self.profiles)}
        joint = data["environment"].get("joint")
        self.independent = joint is None
        self.prior = {p: self.chance(joint, p) for p in self.profiles}
        need(min(self.prior.values()) >= 0 and sum(self.prior.values()) == 1, "the prior is not a probability")
        if self.independent:
            need(all(min(f) >= 0 and sum(f) == 1 for f in self.mass), "probabilities of types are wrong")
            self.marginal = self.mass
        else:
            self.marginal = [[F(0)] * size for size in self.sizes]
            for p, i in product(self.profiles, range(len(self.sizes))):
                self.marginal[i][p[i]] += self.prior[p]
        self.read_allocation(allocation)
        self.read_values()
        self.dominant = self.design["incentive"] == "dominant"
        self.transfers, self.deterministic = self.design["transfers"], self.design["deterministic"]
        self.require = set(self.design["require"])
        known = {"efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial"}
        need(self.require <= known, "there is an unknown requirement")
        need(self.design["incentive"] in ("bayesian", "dominant", "none"), "there is an unknown incentive")
        need(len(self.design["participation"]) == len(self.agents), "participation of each agent is needed")
        self.zero, self.others, self.worth = cache(self.zero), cache(self.others), cache(self.worth)
        self.own = [[[] for _ in range(size)] for size in self.sizes]
        for p, i in product(self.profiles, range(len(self.sizes))):
            self.own[i][p[i]].append(p)

    def chance(self, joint, p):
        if joint is None:
            return prod((mass[k] for mass, k in zip(self.mass, p, strict=True)), start=F(1))
        for k in p:
            joint = joint[k]
        return number(joint)

    def read_allocation(self, data):
        """Rows (columns, most, equal) that keep a profile's allocation feasible, and the most of each column."""
        if self.kind in ("outcomes", "decisions"):
            self.rows, self.cap = [(list(range(self.width)), 1, True)], [1] * self.width
            self.units = data.get("units")
            need(self.units is None or len(self.units) == self.width, "decisions do not fit")
        else:
            need(self.kind == "marginals", "there is an unknown kind of allocation")
            supply = [whole(good["supply"]) for good in data["goods"]]
            need(len(supply) * len(self.agents) == self.width, "columns are agents times goods")
            self.cap = supply * len(self.agents)
            self.rows = [([], whole(most), False) for most in data["upper"]]
            for row, column, value in data["matrix"]:
                need(value == 1, "an allocation row counts units")
                self.rows[whole(row, len(self.rows))][0].append(whole(column, self.width))
        need(all(len(set(columns)) == len(columns) for columns, _, _ in self.rows), "a column is counted twice")
        inside = [column for columns, _, _ in self.rows for column in columns]
        self.disjoint = len(inside) == len(set(inside))
        self.goods = data.get("goods", [])

    def read_values(self):
        self.orders = [one.get("orders") for one in self.agents]
        self.values, self.features, self.mixed = [], [], []
        for one, size in zip(self.agents, self.sizes, strict=True):
            self.features.append([[] for _ in range(self.width)])
            self.mixed.append(bool(one.get("interdependent")))
            if "orders" in one:
                need(all(sorted(order) == list(range(self.width)) for order in one["orders"]), "an order is not one")
                need(len(one["orders"]) == size, "orders and probabilities differ in number")
                self.values.append(None)
                continue
            self.values.append(numbers(one["values"]))
            need(len(one["outside"]) == size, "outside options do not fit")
            need(self.mixed[-1] or len(self.values[-1]) == size, "values do not fit")
            for feature, column, value in one["features"]:
                need(type(value) is int, "a feature counts units")
                self.features[-1][whole(column, self.width)].append((whole(feature), value))

    def worth(self, i, true, column):
        """What one unit of a column is worth to agent i: `true` is its type, or the profile where values are mixed."""
        if self.values[i] is None:
            return 0
        table = self.values[i]
        for k in true:
            table = table[k]
        return sum((units * table[feature] for feature, units in self.features[i][column]), F(0))

    def seen(self, i, p):
        """The part of a profile that agent i's values depend on."""
        return p if self.mixed[i] else (p[i],)

    def moved(self, p, i, k):
        return (*p[:i], k, *p[i + 1 :])

    def others(self, i, k):
        """[(profile with own type k, its probability given k)]."""
        need(self.independent or self.marginal[i][k] > 0, "a type of probability zero has no beliefs")
        if not self.independent:
            return [(p, self.prior[p] / self.marginal[i][k]) for p in self.own[i][k]]
        return [(p, prod((self.mass[j][t] for j, t in enumerate(p) if j != i), start=F(1))) for p in self.own[i][k]]

    def utility(self, i, true, report, test=None, weight=1):
        """Agent i's utility; for orders the chance of its best test + 1 outcomes."""
        terms, best = {}, None if test is None else self.orders[i][true[i]][: test + 1]
        for column in range(self.width):
            value = self.worth(i, self.seen(i, true), column) if best is None else int(column in best)
            add(terms, ("x", report, column), weight * value)
        if self.transfers:
            add(terms, ("m", report, i), -weight)
        return terms

    def expected(self, i, k, report, test=None):
        terms = {}
        for p, chance in self.others(i, k):
            for variable, value in self.utility(i, p, self.moved(p, i, report), test, chance).items():
                add(terms, variable, value)
        return terms

    def quantity(self, q, p):
        """The quantity in one profile."""
        agents = range(len(self.agents)) if q["agents"] is None else [whole(i, len(self.agents)) for i in q["agents"]]
        name, terms, money = q["name"], {}, {"revenue": 1, "profit": 1, "deficit": -1, "payment": 1, "surplus": -1}
        need(name in money or name in ("cost", "welfare", "probability", "allocated"), "there is an unknown quantity")
        for i in agents if self.transfers else ():
            add(terms, ("m", p, i), money.get(name, 0))
        for column in range(self.width):
            value = sum(self.worth(i, self.seen(i, p), column) for i in agents) if name in ("welfare", "surplus") else 0
            value += {"welfare": -1, "profit": -1, "cost": 1, "deficit": 1}.get(name, 0) * self.cost[column]
            if name == "probability":
                value += int(column == whole(q["target"], self.width))
            if name == "allocated":
                good, m = whole(q["target"], len(self.goods)), len(self.goods)
                if self.kind == "marginals":
                    value += int(column % m == good and column // m in agents)
                else:
                    value += sum(self.units[column][i][good] for i in agents)
            add(terms, ("x", p, column), value)
        return terms

    def linear(self, data):
        """A combination of quantities: terms and constant."""
        terms = {}
        for weight, q in data["terms"]:
            if q["worst"]:
                add(terms, ("worst", json.dumps(q, sort_keys=True)), number(weight))
                continue
            for p in self.profiles:
                for variable, value in self.quantity(q, p).items():
                    add(terms, variable, number(weight) * self.prior[p] * value)
        return terms, number(data["constant"])

    def wish(self) -> tuple[dict, F]:
        """What is maximized: terms and constant."""
        if self.design["objective"] is None:
            return {}, F(0)
        terms, constant = self.linear(self.design["objective"])
        sign = 1 if self.design["maximize"] else -1
        return scaled(terms, sign), sign * constant

    def net(self, p, column):
        return sum((self.worth(i, self.seen(i, p), column) for i in range(len(self.agents))), F(0)) - self.cost[column]

    def zero(self, p: tuple) -> set:
        """Columns that must be zero in a profile."""
        found, every = set(), range(self.width)
        if "efficient" in self.require:
            net = [self.net(p, column) for column in every]
            if self.kind != "marginals":
                found |= {column for column in every if net[column] < max(net)}
            elif self.by_good():
                m = len(self.goods)
                best = [max(net[g::m]) for g in range(m)]
                found |= {column for column in every if net[column] < max(best[column % m], 0)}
        ranks = [self.orders[i][k] for i, k in enumerate(p)] if self.require & {"unanimous", "pareto"} else []
        if "unanimous" in self.require and len({order[0] for order in ranks}) == 1:
            found |= set(every) - {ranks[0][0]}
        if "pareto" in self.require:
            found |= {b for a, b in product(every, every)
                      if all(order.index(a) < order.index(b) for order in ranks)}  # fmt: skip
        return found

    def profile(self, data):
        p = tuple(data) if isinstance(data, list) else None
        need(p in self.position, "there is no such profile")
        return p

    def agent(self, name):
        need(name in self.names, f"there is no agent {name!r}")
        return self.names.index(name)

    def row(self, name):
        """The constraint of that name: terms, bound, whether it is an equation."""
        builder = getattr(self, "row_" + str(name[0]).replace(" ", "_"), None)
        need(builder is not None, f"there is no constraint {name[0]!r}")
        return builder(*name[1:])

    def row_incentive(self, agent, k, report, profile=None, test=None):
        i = self.agent(agent)
        whole(k, self.sizes[i]), whole(report, self.sizes[i])
        need(self.design["incentive"] != "none", "the design has no incentives")
        need((test is None) == (self.orders[i] is None), "an upper set is for orders")
        test = test if test is None else whole(test, self.width - 1)
        if profile is None:
            need(self.dominant or self.marginal[i][k] > 0, "a type of probability zero has no interim incentives")
            return self.minus(self.expected(i, k, k, test), self.expected(i, k, report, test)), 0, False
        p = self.profile(profile)
        need(self.dominant and p[i] == k, "incentives in a profile are for dominant designs")
        lie = self.utility(i, p, self.moved(p, i, report), test)
        return self.minus(self.utility(i, p, p, test), lie), 0, False

    def minus(self, one, other):
        terms = dict(one)
        for variable, value in other.items():
            add(terms, variable, -value)
        return terms

    def row_participation(self, agent, k=None, profile=None):
        i = self.agent(agent)
        stage, outside = self.design["participation"][i], self.agents[i]["outside"]
        need(self.orders[i] is None, "participation does not apply to orders")
        if profile is not None:
            p = self.profile(profile)
            need(stage == "ex_post" and p[i] == k, "participation in a profile is for ex post")
            return self.utility(i, p, p), number(outside[k]), False
        if k is not None:
            whole(k, self.sizes[i])
            need(stage == "ex_post" or (stage == "interim" and self.marginal[i][k] > 0), "this type need not take part")
            return self.expected(i, k, k), number(outside[k]), False
        need(stage in ("interim", "ex_post", "ex_ante"), "this agent need not take part")
        terms, bound = {}, F(0)
        for k, mass in enumerate(self.marginal[i]):
            if mass:
                bound += mass * number(outside[k])
                for variable, value in self.expected(i, k, k).items():
                    add(terms, variable, mass * value)
        return terms, bound, False

    def row_budget(self, profile=None):
        budget = self.design["budget"]
        need(budget is not None and (profile is None or budget["ex_post"]), "there is no such budget")
        terms = {}
        for p in self.profiles if profile is None else [self.profile(profile)]:
            weight = self.prior[p] if profile is None else 1
            for column in range(self.width):
                add(terms, ("x", p, column), -weight * self.cost[column])
            for i in range(len(self.agents)) if self.transfers else ():
                add(terms, ("m", p, i), weight)
        return terms, -number(budget["subsidy"]), budget["balanced"]

    def row_feasible(self, profile, row):
        columns, most, equal = self.rows[whole(row, len(self.rows))]
        return {("x", self.profile(profile), column): -1 for column in columns}, -most, equal

    def row_efficient(self, profile, good=None):
        """The total value less cost is the greatest there is; or: a good that somebody wants is all given."""
        p, m = self.profile(profile), len(self.goods)
        need("efficient" in self.require, "there is no such constraint")
        if good is None:
            return {("x", p, column): self.net(p, column) for column in range(self.width)}, self.greatest(p), False
        need(self.by_good(), "goods are decided together")
        need(any(self.net(p, column) > 0 for column in range(whole(good, m), self.width, m)), "nobody wants this good")
        return {("x", p, column): 1 for column in range(good, self.width, m)}, self.goods[good]["supply"], False

    def by_good(self):
        """Whether each good can be decided by itself."""
        m = len(self.goods)
        alike = sorted((sorted(columns), most) for columns, most, _ in self.rows)
        return self.kind == "marginals" and alike == sorted(
            (list(range(g, self.width, m)), good["supply"]) for g, good in enumerate(self.goods)
        )

    def greatest(self, p):
        """The greatest total value less cost of whole units, column by column over what room the rows have left."""
        best = {tuple(most for _, most, _ in self.rows): F(0)}
        need(self.kind == "marginals", "the greatest total is for units of goods")
        for column in range(self.width):
            inside, net, found = [column in columns for columns, _, _ in self.rows], self.net(p, column), {}
            for (room, value), n in product(best.items(), range(self.cap[column] + 1)):
                rest = tuple(r - n * own for r, own in zip(room, inside, strict=True))
                if min(rest, default=0) >= 0:
                    found[rest] = max(found.get(rest, value + n * net), value + n * net)
            need(len(found) < 10_000, "there are too many ways to hand out the goods to be checked here")
            best = found
        return max(best.values())

    def row_anonymous(self, one, other, profile, column, payer=None):
        """Agents of one group change places: column (or, where it is null, the payment of `payer`) moves with them."""
        i, j, p = self.agent(one), self.agent(other), self.profile(profile)
        need("anonymous" in self.require and i != j, "there is no such constraint")
        need(self.agents[i]["group"] == self.agents[j]["group"], "these agents are not alike")
        swapped = self.moved(self.moved(p, i, p[j]), j, p[i])
        if column is None:
            need(self.transfers, "there is no money")
            a = self.agent(payer)
            return self.minus({("m", p, a): 1}, {("m", swapped, {i: j, j: i}.get(a, a)): 1}), 0, True
        image = self.image(whole(column, self.width), i, j)
        return self.minus({("x", p, column): 1}, {("x", swapped, image): 1}), 0, True

    def image(self, column, i, j):
        if self.kind == "outcomes":
            return column
        if self.kind == "marginals":
            agent, good = divmod(column, len(self.goods))
            return {i: j, j: i}.get(agent, agent) * len(self.goods) + good
        units = list(self.units[column])
        units[i], units[j] = units[j], units[i]
        return self.units.index(units)

    def row_onto(self, outcome):
        need("onto" in self.require and self.deterministic, "there is no such constraint")
        return {("x", p, whole(outcome, self.width)): 1 for p in self.profiles}, 1, False

    def row_nondictatorial(self, agent):
        i = self.agent(agent)
        need("nondictatorial" in self.require and self.deterministic, "there is no such constraint")
        return {("x", p, self.orders[i][p[i]][0]): -1 for p in self.profiles}, 1 - len(self.profiles), False

    def row_bound(self, position):
        bound = self.design["bounds"][whole(position, len(self.design["bounds"]))]
        terms, constant = self.linear(bound["linear"])
        need(bound["sense"] in (">=", "<=", "=="), "a bound has no sense")
        sign = -1 if bound["sense"] == "<=" else 1
        return scaled(terms, sign), -sign * constant, bound["sense"] == "=="

    def row_worst(self, q, profile):
        need(q["worst"] is True, "this quantity is no worst case")
        terms = self.quantity(q, self.profile(profile))
        add(terms, ("worst", json.dumps(q, sort_keys=True)), -1)
        return terms, 0, False

    def most(self, p: tuple, rest: dict, limits: dict) -> F:
        """The greatest value of rest · x over the allocations of one profile, within the limits of the branch."""
        zero = self.zero(p)
        span = [limits.get((p, c), (0, self.cap[c])) for c in range(self.width)]
        span = [(low, 0 if c in zero else high) for c, (low, high) in enumerate(span)]
        groups = self.rows if self.disjoint else []
        loose = set(range(self.width)) - {column for columns, _, _ in groups for column in columns}
        total = F(0)
        for columns, most, equal in [*groups, *(([column], self.cap[column], False) for column in loose)]:
            room = most - sum(span[c][0] for c in columns)
            total += sum(rest.get(c, 0) * span[c][0] for c in columns)
            if room < 0 or any(low > high for low, high in (span[c] for c in columns)):
                raise EmptyError
            for c in sorted(columns, key=lambda c: -rest.get(c, 0)):
                if equal or rest.get(c, 0) > 0:
                    part = min(room, span[c][1] - span[c][0])
                    room, total = room - part, total + part * rest.get(c, 0)
            if equal and room:
                raise EmptyError
        return total

    def left(self, terms: dict, multipliers: list) -> tuple[dict, F]:
        """wish + Σ multiplier · (terms − bound): its terms and constant."""
        rest, constant = dict(terms), F(0)
        for name, text in multipliers:
            y, (row, bound, equal) = number(text), self.row(name)
            need(y >= 0 or equal, f"the multiplier of {name} is negative")
            constant -= y * bound
            for variable, value in row.items():
                add(rest, variable, y * value)
        return {variable: value for variable, value in rest.items() if value}, constant

    def bound(self, terms, multipliers, limits):
        """No mechanism (within the limits of the branch) has a greater value of the terms."""
        rest, constant = self.left(terms, multipliers)
        profiles = {p: {} for p, _ in limits}
        for (kind, *key), value in rest.items():
            if kind == "x":
                profiles.setdefault(key[0], {})[key[1]] = value
                continue
            need(kind == "m", "a worst case is left over")
            cap = self.agents[key[1]].get("budget")
            need(value > 0 and cap is not None, f"payments of {self.names[key[1]]} do not cancel")
            constant += value * number(cap)
        return constant + sum(self.most(p, part, limits) for p, part in profiles.items())

    def tree(self, root, least):
        """Every leaf proves that nothing is better than `least` (None: that nothing is there)."""
        terms, constant = self.wish()
        stack = [(root, {})]
        while stack:
            node, limits = stack.pop()
            if "branch" in node:
                need(self.deterministic, "only deterministic allocations can be split into cases")
                profile, column, n = node["branch"]
                key = self.profile(profile), whole(column, self.width)
                low, high = limits.get(key, (0, self.cap[key[1]]))
                stack.append((node["low"], {**limits, key: (low, min(high, whole(n)))}))
                stack.append((node["high"], {**limits, key: (max(low, n + 1), high)}))
                continue
            try:
                empty = least is None or node.get("empty") is True
                found = self.bound({} if empty else terms, node["multipliers"], limits)
                if empty:
                    need(found < 0, "the multipliers do not contradict each other")
                else:
                    need(found + constant <= least, f"the multipliers prove {found + constant} only")
            except EmptyError:
                need(self.deterministic or least is None, "there is no allocation")

    def mechanism(self, data):
        """Checks every constraint; the value of the wish."""
        x = {}
        need(len(data["allocation"]) == len(self.profiles), "an allocation of every profile is needed")
        for p, entries in zip(self.profiles, data["allocation"], strict=True):
            for column, text in entries:
                x["x", p, whole(column, self.width)] = number(text)
        if self.transfers:
            need(len(data["payments"]) == len(self.profiles), "payments of every profile are needed")
            for p, payments in zip(self.profiles, data["payments"], strict=True):
                need(len(payments) == len(self.agents), "a payment of each agent is needed")
                x.update({("m", p, i): number(text) for i, text in enumerate(payments)})
        for p in self.profiles:
            self.allocated(p, x)
        for q in self.worst_cases():
            x["worst", json.dumps(q, sort_keys=True)] = min(value_of(self.quantity(q, p), x) for p in self.profiles)
        for name in self.every():
            terms, bound, equal = self.row(name)
            value = value_of(terms, x)
            need(value == bound if equal else value >= bound, f"the mechanism breaks {name}")
        self.check_incentives(x)
        terms, constant = self.wish()
        return value_of(terms, x) + constant

    def worst_cases(self):
        wishes = [bound["linear"] for bound in self.design["bounds"]]
        wishes += [] if self.design["objective"] is None else [self.design["objective"]]
        return [q for wish in wishes for _, q in wish["terms"] if q["worst"]]

    def allocated(self, p, x):
        """One profile: feasible, efficient, whole where deterministic, within the agents' budgets."""
        units = [x.get(("x", p, column), F(0)) for column in range(self.width)]
        need(all(0 <= n <= cap for n, cap in zip(units, self.cap, strict=True)), f"an allocation at {p} is impossible")
        for columns, most, equal in self.rows:
            total = sum(units[column] for column in columns)
            need(total == most if equal else total <= most, f"the allocation at {p} is not feasible")
        need(not any(units[column] for column in self.zero(p)), f"the allocation at {p} breaks a requirement")
        need(not self.deterministic or all(n.denominator == 1 for n in units), f"the allocation at {p} is a lottery")
        if "efficient" in self.require and self.kind == "marginals":
            total = sum(n * self.net(p, column) for column, n in enumerate(units))
            need(total == self.greatest(p), f"the allocation at {p} is not efficient")
        for i, agent in enumerate(self.agents):
            if "budget" in agent and self.transfers:
                need(x["m", p, i] <= number(agent["budget"]), f"{agent['name']} cannot pay that at {p}")

    def every(self):
        """Names of all constraints but incentives and what one profile's allocation must be."""
        for i, agent in enumerate(self.names):
            stage = "none" if self.orders[i] is not None else self.design["participation"][i]
            if stage == "interim":
                yield from (["participation", agent, k] for k in range(self.sizes[i]) if self.marginal[i][k])
            elif stage == "ex_post":
                yield from (["participation", agent, p[i], list(p)] for p in self.profiles)
            elif stage == "ex_ante":
                yield ["participation", agent]
            else:
                need(stage == "none", "there is an unknown stage of participation")
            if "nondictatorial" in self.require:
                yield ["nondictatorial", agent]
        if self.design["budget"] is not None:
            yield from (
                (["budget", list(p)] for p in self.profiles) if self.design["budget"]["ex_post"] else [["budget"]]
            )
        yield from (["bound", position] for position in range(len(self.design["bounds"])))
        yield from (["onto", outcome] for outcome in range(self.width)) if "onto" in self.require else ()
        if "anonymous" in self.require:
            for (i, one), (j, other), p in product(enumerate(self.names), enumerate(self.names), self.profiles):
                if i < j and self.agents[i]["group"] == self.agents[j]["group"]:
                    yield from (["anonymous", one, other, list(p), column] for column in range(self.width))
                    yield from (["anonymous", one, other, list(p), None, a] for a in self.names if self.transfers)

    def check_incentives(self, x):
        """All incentive constraints, by interim allocations where types are independent and values private."""
        for i, agent in enumerate(self.names) if self.design["incentive"] != "none" else ():
            own, tests = range(self.sizes[i]), [None] if self.orders[i] is None else range(self.width - 1)
            short = self.independent and not self.mixed[i] and self.orders[i] is None and not self.dominant
            if short:
                brings = [self.expected_report(i, k, x) for k in own]
                for k, report in product(own, own):
                    truth, lie = (sum((v * n for v, n in zip(self.values[i][k], q, strict=True)), F(0)) - m
                                  for q, m in (brings[k], brings[report]))  # fmt: skip
                    need(truth >= lie or not self.marginal[i][k], f"{agent}'s type {k} gains by reporting {report}")
                continue
            for k, report, test in product(own, own, tests):
                where = [list(p) for p in self.profiles if p[i] == k] if self.dominant else [None]
                for p in where if self.dominant or self.marginal[i][k] else ():
                    terms, _, _ = self.row(["incentive", agent, k, report, p, test])
                    need(value_of(terms, x) >= 0, f"{agent}'s type {k} gains by reporting {report}")

    def expected_report(self, i, report, x):
        """The expected features and payment of a report."""
        held, paid = [F(0)] * len(self.values[i][0]), F(0)
        for p, chance in self.others(i, report):
            paid += chance * x.get(("m", p, i), 0)
            for column in range(self.width):
                for feature, units in self.features[i][column]:
                    held[feature] += chance * units * x.get(("x", p, column), 0)
        return held, paid


def value_of(terms, x):
    return sum((value * x.get(variable, 0) for variable, value in terms.items()), F(0))


def verify(document):
    """The claim in words when the proof holds; raises RejectedError otherwise."""
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    need(hashlib.sha256(text.encode("ascii")).hexdigest() == document["digest"], "the digest does not fit the problem")
    problem, kind = Problem(data), claim["kind"]
    sign = 1 if problem.design["maximize"] else -1
    if kind == "infeasible":
        problem.tree(proof["tree"], None)
        return "no mechanism meets the design"
    if kind == "possible":
        problem.mechanism(proof["mechanism"])
        return "a mechanism meets the design"
    need(problem.design["objective"] is not None, "the design has no wish")
    value = number(claim["value"])
    bound, reach = ("at most", "at least")[::sign]
    need(kind in ("optimal", bound, reach), "the claim is not understood")
    if kind in ("optimal", reach):
        found = sign * problem.mechanism(proof["mechanism"])
        need(sign * (found - value) >= 0, f"the mechanism reaches {found} only")
    if kind in ("optimal", bound):
        problem.tree(proof["tree"], sign * value)
    return {"optimal": f"the best value is {value}", bound: f"no mechanism does better than {value}"}.get(
        kind, f"a mechanism reaches {value}"
    )


def continuum():
    """verify_continuum.py beside this file."""
    spec = importlib.util.spec_from_file_location("verify_continuum", Path(__file__).with_name("verify_continuum.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FAULTS = (RejectedError, KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError, RecursionError,
          EmptyError, OverflowError, MemoryError)  # fmt: skip


def check(document: object) -> tuple[bool, str]:
    """(holds, message): any malformed document counts as not holding."""
    try:
        if document["format"] == "amd-continuum-1":
            return continuum().check(document)
        need(document["format"] == "amd-proof-1", "this is not a certificate")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the certificate is malformed ({type(fault).__name__}: {fault})"


def no_constant(text):
    raise RejectedError(f"{text} is not a number")


def check_file(path: str) -> tuple[bool, str]:
    """(holds, message) of a file."""
    try:
        with open(path, encoding="utf-8") as file:
            return check(json.load(file, parse_constant=no_constant))
    except OSError as fault:
        return False, f"the file cannot be read: {fault.strerror or fault}"
    except (RejectedError, ValueError, RecursionError) as fault:
        return False, f"the file is not a certificate ({type(fault).__name__}: {fault})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify.py CERT.json")
    holds, message = check_file(sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

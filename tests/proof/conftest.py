"""Certificates that several tests alter, and the truth about a restated problem by other means."""

import json
from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest

import amd
from amd.proof.certificate import Certificate, certify
from solvers import Status
from solvers.exact import RationalProgram, solve_exact

F = Fraction


@cache
def _certificate(name, **parameters):
    return certify(amd.load(name, **parameters).task)


@pytest.fixture(scope="session")
def certificate():
    """The certificate of a bundled problem; a fresh copy of its document with `document`."""

    def make(name, **parameters):
        found = _certificate(name, **parameters)
        assert isinstance(found, Certificate), found
        return found

    return make


@pytest.fixture(scope="session")
def document(certificate):
    def make(name, **parameters):
        return json.loads(json.dumps(certificate(name, **parameters).document))

    return make


@pytest.fixture(scope="session")
def truth():
    """The exact optimum of a restated finite problem: (status, value in the problem's own sense)."""
    return lambda problem: WrittenOut(problem).solve()


class WrittenOut:
    """A restated problem as one linear program over all profiles, written down by brute force.

    Interim constraints are weighed by the joint prior, efficiency compares with every whole allocation, and nothing
    is left out as implied; only agents marked as "free" have no incentives. Shares no code with the verifier.
    """

    def __init__(self, data):
        self.data, self.agents = data, data["agents"]
        sizes = [len(agent["outside"]) for agent in self.agents]
        self.profiles = list(product(*map(range, sizes)))
        self.prior = dict(zip(self.profiles, map(F, data["prior"]), strict=True))
        self.width, self.n = len(data["cost"]), len(self.agents)
        self.worst = len(self.profiles) * (self.width + self.n)
        self.count = self.worst + len(data["worst"])
        self.rows = []  # (terms by column, least, equal)

    def x(self, p, c):
        return self.profiles.index(p) * self.width + c

    def m(self, p, i):
        return len(self.profiles) * self.width + self.profiles.index(p) * self.n + i

    def worth(self, i, p, test=0):
        agent = self.agents[i]
        return [F(v) for v in agent["worth"][self.profiles.index(p) if agent["mixed"] else p[i]][test]]

    def utility(self, i, p, report, weight=F(1), test=0):
        row = np.full(self.count, F(0))
        for c, value in enumerate(self.worth(i, p, test)):
            row[self.x(report, c)] += weight * value
        row[self.m(report, i)] -= weight
        return row

    def ask(self, row, least=F(0), equal=False):
        self.rows.append((row, least, equal))

    def solve(self):
        for p in self.profiles:
            self.feasible(p)
        for i in range(self.n):
            self.incentives(i)
            self.participation(i)
        for asked in self.data["needs"]:
            for p in self.profiles if asked["ex_post"] else [None]:
                row, constant = self.wish(asked["wish"], p)
                self.ask(row, -constant, asked["equal"])
        for at, quantity in enumerate(self.data["worst"]):
            for p in self.profiles:
                row, constant = self.wish(quantity, p)
                row[self.worst + at] -= 1
                self.ask(row, -constant)
        if "anonymous" in self.data["require"]:
            self.anonymity()
        return self.answer()

    def feasible(self, p):
        for coefficients, most, equal in self.data["limits"]:
            row = np.full(self.count, F(0))
            for c, rate in enumerate(coefficients):
                row[self.x(p, c)] = -F(rate)
            self.ask(row, -F(most), equal)
        if "efficient" in self.data["require"]:
            net = [sum(self.worth(i, p)[c] for i in range(self.n)) - F(self.data["cost"][c]) for c in range(self.width)]
            row = np.full(self.count, F(0))
            for c in range(self.width):
                row[self.x(p, c)] = net[c]
            whole = (u for u in product(*(range(cap + 1) for cap in self.data["caps"])) if self.fits(u))
            self.ask(row, max(sum(a * b for a, b in zip(net, units, strict=True)) for units in whole))

    def fits(self, units):
        totals = [(sum(F(a) * u for a, u in zip(row, units, strict=True)), F(most), equal)
                  for row, most, equal in self.data["limits"]]  # fmt: skip
        return all(total == most if equal else total <= most for total, most, equal in totals)

    def incentives(self, i):
        kinds = range(0 if self.agents[i].get("free") else len(self.agents[i]["outside"]))
        for k, report, test in product(kinds, kinds, range(len(self.agents[i]["worth"][0]))):
            gains = []
            for p in self.profiles:
                if p[i] == k:
                    lie = (*p[:i], report, *p[i + 1 :])
                    weight = F(1) if self.data["incentive"] == "dominant" else self.prior[p]
                    gains.append(self.utility(i, p, p, weight, test) - self.utility(i, p, lie, weight, test))
            if self.data["incentive"] == "dominant":
                for gain in gains:
                    self.ask(gain)
            elif self.data["incentive"] == "bayesian":
                self.ask(sum(gains))

    def participation(self, i):
        agent, stage = self.agents[i], self.agents[i]["stage"]
        outside = [F(v) for v in agent["outside"]]
        if stage == "ex_post":
            for p in self.profiles:
                self.ask(self.utility(i, p, p), outside[p[i]])
        groups = [[p for p in self.profiles if p[i] == k] for k in range(len(outside))]
        for group in {"interim": groups, "ex_ante": [self.profiles]}.get(stage, []):
            self.ask(sum(self.utility(i, p, p, self.prior[p]) for p in group),
                     sum(self.prior[p] * outside[p[i]] for p in group))  # fmt: skip

    def wish(self, data, only=None):
        row = np.full(self.count, F(0))
        for p in self.profiles if only is None else [only]:
            weight = self.prior[p] if only is None else F(1)
            for c in range(self.width):
                row[self.x(p, c)] += weight * F(data["column"][c])
                for i in range(self.n):
                    row[self.x(p, c)] += weight * F(data["value"][i]) * self.worth(i, p)[c]
            for i in range(self.n):
                row[self.m(p, i)] += weight * F(data["payment"][i])
        for weight, at in data["worst"]:
            row[self.worst + at] += F(weight)
        return row, F(data["constant"])

    def anonymity(self):
        for i, j in product(range(self.n), repeat=2):
            if i < j and self.agents[i]["group"] == self.agents[j]["group"]:
                for p in self.profiles:
                    image = list(p)
                    image[i], image[j] = p[j], p[i]
                    self.exchanged(i, j, p, tuple(image))

    def exchanged(self, i, j, p, image):
        swap = {i: j, j: i}
        for c in range(self.width):
            units = self.data["units"]
            to = units.index([units[c][swap.get(a, a)] for a in range(self.n)])
            self.equate(self.x(p, c), self.x(image, to))
        for a in range(self.n):
            self.equate(self.m(p, a), self.m(image, swap.get(a, a)))

    def equate(self, one, other):
        row = np.full(self.count, F(0))
        row[one], row[other] = row[one] + 1, row[other] - 1
        self.ask(row, equal=True)

    def answer(self):
        nothing = np.full(self.count, F(0)), F(0)
        cost, constant = nothing if self.data["wish"] is None else self.wish(self.data["wish"])
        low, high = [F(0)] * self.count, [None] * self.count
        for p in self.profiles:
            for c, cap in enumerate(self.data["caps"]):
                high[self.x(p, c)] = F(cap)
            for i, agent in enumerate(self.agents):
                free = self.data["transfers"]
                low[self.m(p, i)], high[self.m(p, i)] = (None, agent["budget"]) if free else (F(0), F(0))
        high = [None if value is None else F(value) for value in high]
        low[self.worst :] = [None] * len(self.data["worst"])
        matrix = np.array([row for row, _, _ in self.rows])
        at = np.argwhere(matrix != 0)
        least = [least for _, least, _ in self.rows]
        most = [least if equal else None for _, least, equal in self.rows]
        values = [matrix[r, c] for r, c in at]
        return self.best(lambda bounds: RationalProgram.of(
            cost, at[:, 0], at[:, 1], values, (least, most, *bounds), maximize=self.data["maximize"], offset=constant
        ), low, high)  # fmt: skip

    def best(self, program, low, high):
        """The optimum; for whole allocations by splitting on the first column that is not whole."""
        found = solve_exact(program((low, high)))
        assert found.proven, found.reason
        if found.status is not Status.OPTIMAL:
            return found.status, None
        columns = range(len(self.profiles) * self.width) if self.data["deterministic"] else ()
        split = next((c for c in columns if found.x[c].denominator > 1), None)
        if split is None:
            return found.status, found.objective
        below, above = list(high), list(low)
        below[split] = F(found.x[split].numerator // found.x[split].denominator)
        above[split] = below[split] + 1
        cases = [self.best(program, low, below), self.best(program, above, high)]
        values = [value for status, value in cases if status is Status.OPTIMAL]
        if not values:
            return Status.INFEASIBLE, None
        return Status.OPTIMAL, (max if self.data["maximize"] else min)(values)

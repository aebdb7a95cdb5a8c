"""Checks that a mechanism for continuous types reaches what is claimed, in rational arithmetic.

``python verify_rule.py PROOF.json`` ends with status 0 where the proof holds and 1 where it does not. This file is
all that has to be trusted: it uses Python's standard library alone. The document restates the problem by cells of the
types, as for verify_continuum.py, and gives one of four mechanisms, each exactly incentive compatible for every type:

*scores*: each good goes to the highest positive score; a buyer's scores rise along its cells, and payments follow the
envelope theorem (Myerson 1981). *menu*: the one buyer takes the entry that it likes best. *allocation*: a rule that is
constant on products of cells, such that what an agent gets rises along its cells whatever the others report.
*efficient*: what happens has the greatest total value less cost, and the lowest types pay all that they have.

Their values are integrated exactly; with enclosures of probabilities, from below.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import re
import sys
from fractions import Fraction as F  # noqa: N817
from itertools import pairwise, product
from math import prod

FORMAT = "amd-rule-3"
LARGEST = 300_000  # products of cells
MOST_ROWS = 300_000  # half-spaces of the polytopes that are measured, in all
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")
WORK = {"rows": 0}  # done so far


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


def pairs(*rows):
    return zip(*rows, strict=True)


# Polytopes.


def volume(rows):
    """Volume of {x : a.x <= b} by Lasserre's recursion over its faces."""
    WORK["rows"] += len(rows)
    need(WORK["rows"] <= MOST_ROWS, "there are too many faces to be measured here")
    merged = {}  # a half-space that is listed twice would count twice
    for a, b in rows:
        lead = next((abs(x) for x in a if x), None)
        if lead is None and b < 0:
            return F(0)
        if lead is not None:
            key = tuple(x / lead for x in a)
            merged[key] = min(b / lead, merged.get(key, b / lead))
    d = len(next(iter(merged)))
    if d == 1:
        return max(F(0), merged[(F(1),)] + merged[(F(-1),)])
    total = F(0)
    for a, b in merged.items():
        j = next(axis for axis in range(d) if a[axis])
        if b:  # on the face a.x = b, x_j is a function of the others
            face = [(tuple(c[x] - c[j] / a[j] * a[x] for x in range(d) if x != j), e - c[j] / a[j] * b)
                    for c, e in merged.items() if c != a]  # fmt: skip
            total += b * volume(face) / abs(a[j])
    return total / d


def shares(sides, functions):
    """For each affine function (constant, slopes): the volume of the part of a box where it is the greatest, and the
    integral of each x_j over that part."""
    need(sides and len(set(functions)) == len(functions), "nobody has types, or two alternatives are the same function")
    unit, found = [tuple(F(i == j) for i in range(len(sides))) for j in range(len(sides))], []
    box = [row for e, (a, b) in pairs(unit, sides) for row in ((e, b), (tuple(-x for x in e), -a))]
    for level, slopes in functions:
        rows = box + [(tuple(x - y for x, y in pairs(other, slopes)), level - c) for c, other in functions]
        size, lifted = volume(rows), [((*a, F(0)), b) for a, b in rows] + [((F(0),) * len(sides) + (F(-1),), F(0))]
        roofs = ((a, [*lifted, ((*(-x for x in e), F(1)), -a)]) for e, (a, _) in pairs(unit, sides))
        found.append((size, *(a * size + (volume(under) if size else 0) for a, under in roofs)))  # under x_j − a
    return found


# Intervals.


def times(rate, interval):
    return tuple(sorted(rate * x for x in interval))


def plus(*intervals):
    return tuple(map(sum, pairs(*intervals)))


class Line:
    """The cells of one parameter: ends, enclosures of probabilities, and where the density is constant."""

    def __init__(self, data):
        self.size, self.cells = len(data["masses"]), range(len(data["masses"]))
        need(0 < self.size == len(data["uniform"]) and self.size <= LARGEST, "a line has the wrong number of cells")
        self.edges, self.mass = number(data["edges"], self.size + 1), number(data["masses"], self.size, 2)
        self.uniform = [whole(one, 2, bool) for one in data["uniform"]]
        need(all(a < b for a, b in pairwise(self.edges)), "the ends of cells must increase")
        low, high = plus((0, 0), *self.mass)
        need(low <= 1 <= high and all(0 <= a <= b for a, b in self.mass), "the probabilities of cells do not fit")
        need(low == high or not any(self.uniform), "constant densities need exact probabilities")
        need(all(f[0] > 0 for f, flat in pairs(self.mass, self.uniform) if flat), "a constant density is positive")
        self.flat, tails = all(self.uniform), [(F(0), F(0))]
        for f in reversed(self.mass):
            tails.append(plus(f, tails[-1]))
        # the probability of the types from each end on: the sum of the cells above it, and 1 less those below it
        self.above = [(max(a, 1 - high + b), min(b, 1 - low + a)) for a, b in reversed(tails)]

    def width(self, k):
        return self.edges[k + 1] - self.edges[k]

    def middle(self, k):
        return (self.edges[k] + self.edges[k + 1]) / 2

    def worth(self, k, paid, valued, unit):
        """What a wish gains when cell k gets a unit for sure: payments R(a) − R(b) with R(θ) = θ Pr[type >= θ], the
        integral of the values, and the units."""
        (a, b), f = self.edges[k : k + 2], self.mass[k]
        mean = (self.middle(k),) * 2 if self.uniform[k] else (a, b)
        values = sorted(x * y for x in mean for y in f)
        revenue = plus(times(a, self.above[k]), times(-b, self.above[k + 1]))
        return plus(times(paid, revenue), times(valued, (values[0], values[-1])), times(unit, f))


class Goods:
    """Goods of one unit each, sold to groups of like buyers whose parameters are their values for them."""

    def __init__(self, data):
        self.buyers = data["agents"]
        self.lines = [[Line(line) for line in buyer["lines"]] for buyer in self.buyers]
        fits = (len(own) == len(set(one["goods"])) > 0 for own, one in pairs(self.lines, self.buyers))
        need(all(fits), "a buyer needs one line a good")
        self.outside, self.counts = [number(b["outside"]) for b in self.buyers], [len(b["names"]) for b in self.buyers]
        need(not data["needs"], "these mechanisms know of no further requirement")
        stages = {buyer["stage"] for buyer in self.buyers}
        need(stages <= {"interim", "ex_post"}, "these mechanisms are for buyers who may stay away")

    def attained(self, mechanism, wish):
        paid, valued = (number(wish[key], len(self.buyers)) for key in ("payment", "value"))
        units = [number(row, len(own)) for row, own in pairs(wish["units"], self.lines)]
        value = self.menu if "menu" in mechanism else self.scores
        return number(wish["constant"]) + value(mechanism, paid, valued, units)

    def menu(self, mechanism, paid, valued, units):
        """One buyer takes the entry (allocation, price) that it likes best; staying away is among them."""
        (lines,), total = self.lines, F(0)
        need(self.counts == [1], "a menu is offered to one buyer")
        entries = [(tuple(number(y, len(lines))), number(price)) for y, price in mechanism["menu"]]
        away = any(not any(y) and price <= -self.outside[0] for y, price in entries)
        need(away and all(0 <= x <= 1 for y, _ in entries for x in y), "an entry is not feasible, or none is free")
        need(all(line.flat for line in lines), "a menu is valued on constant densities")
        for box in product(*map(pieces, lines)):
            density = prod(d for _, d in box)
            parts = shares([side for side, _ in box], [(-price, y) for y, price in entries])
            for (y, price), (size, *moments) in pairs(entries, parts):
                taken = sum(unit * x for unit, x in pairs(units[0], y)) + paid[0] * price
                total += density * (taken * size + valued[0] * sum(x * m for x, m in pairs(y, moments)))
        return total

    def scores(self, mechanism, paid, valued, units):
        """Each good goes to the highest positive score, ties to the first; scores rise along a buyer's cells, and
        payments follow the envelope theorem."""
        total, bidders = F(0), {}
        for i, buyer in enumerate(self.buyers):
            total -= self.counts[i] * paid[i] * self.outside[i]
            for j, (good, line) in enumerate(pairs(buyer["goods"], self.lines[i])):
                row = number(mechanism["scores"][i][j], line.size)
                need(all(a <= b for a, b in pairwise(row)), "scores must not fall")
                worth = [line.worth(k, paid[i], valued[i], units[i][j]) for k in line.cells]
                bidders.setdefault(good, []).extend([(line, row, worth)] * self.counts[i])
        for group in bidders.values():
            for i, (_, row, worth) in enumerate(group):
                wins = {score: winning(group, i, score) for score in row if score > 0}
                for score, gain in pairs(row, worth):
                    total += min(x * y for x in wins[score] for y in gain) if score > 0 else 0
        return total


def winning(group, i, score):
    """Enclosure of the probability that bidder i wins with that score."""
    chance = F(1), F(1)
    for j, (line, row, _) in enumerate(group):
        if j != i:
            beaten = sum(s < score or (s == score and i < j) for s in row)
            low, high = line.above[beaten]
            chance = chance[0] * (1 - high), chance[1] * (1 - low)
    return chance


def pieces(line):
    """Neighbouring cells of equal density joined: ((a, b), density)."""
    found = []
    for k in line.cells:
        density, start = line.mass[k][0] / line.width(k), line.edges[k]
        if found and found[-1][1] == density:
            start = found.pop()[0][0]
        found.append(((start, line.edges[k + 1]), density))
    return found


class Cells:
    """Any decision; each agent has one parameter. Utility is slope · type + level for a unit of each column; the
    outside option is `outside` + `tilt` · type."""

    def __init__(self, data):
        self.data, agents, width = data, data["agents"], len(data["caps"])
        self.columns, self.caps = range(width), [whole(cap, LARGEST) for cap in data["caps"]]
        self.limits = [(number(row, width), number(most), whole(x, 2, bool)) for row, most, x in data["limits"]]
        self.single = [limit[:2] for limit in self.limits] == [([1] * width, 1)] and min(self.caps) > 0
        self.null = [F(0)] * (self.single and not self.limits[0][2])  # one column at a time, and perhaps none
        self.slopes, self.levels = (number([one[key] for one in agents], None, width) for key in ("slopes", "levels"))
        self.tilt, self.outside = (number([one[key] for one in agents], None) for key in ("tilt", "outside"))
        self.lines = [Line(one["line"]) for one in agents]
        need(prod(line.size for line in self.lines) * width <= LARGEST, "there are too many product cells")
        need(all(line.flat for line in self.lines), "these mechanisms are valued on constant densities")
        self.profiles = list(product(*(line.cells for line in self.lines)))
        self.mass = {p: prod(line.mass[k][0] for line, k in pairs(self.lines, p)) for p in self.profiles}
        stages = {one["stage"] for one in agents}
        need(stages <= {"interim", "ex_post"}, "these mechanisms are for agents who may stay away")

    def base(self, data):
        """A wish's constant, what it gains from a unit of each column apart from types, and the weights of agents."""
        constant, columns = number(data["constant"]), number(data["column"], len(self.columns))
        paid, valued = (number(data[key], len(self.lines)) for key in ("payment", "value"))
        for i, line in enumerate(self.lines):
            mean = sum(line.middle(k) * line.mass[k][0] for k in line.cells)
            constant += valued[i] * self.tilt[i] * mean - paid[i] * self.outside[i]
            columns = [c + (paid[i] + valued[i]) * level for c, level in pairs(columns, self.levels[i])]
        return constant, columns, paid, valued

    def attained(self, mechanism, wish):
        if "efficient" in mechanism:
            value = self.efficient_rule
        else:
            need(not whole(self.data["efficient"], 2, bool), "the rule is not shown to be efficient")
            value = self.rule(mechanism["allocation"])
        for asked in self.data["needs"]:
            found, paid = value(asked["wish"]), number(asked["wish"]["payment"], len(self.lines))
            free = len(self.data["needs"]) == 1 and not any(number(wish["payment"], len(self.lines)))
            spare = not whole(asked["equal"], 2, bool) or (free and max(paid) > 0)  # too much can be handed back
            need(found == 0 or (found > 0 and spare), f"the mechanism does not meet {asked['text']}")
        return value(wish)

    def efficient_rule(self, data):
        """A wish under the efficient allocation, where the lowest types pay all that they have: virtual values are
        2 θ − rate on a cell of constant density."""
        known = whole(self.data["efficient"], 2, bool) and self.single
        need(known, "efficiency is not asked for, or not among alternatives")
        rises = all(min(slopes + self.null) >= tilt for slopes, tilt in pairs(self.slopes, self.tilt))
        need(rises, "types inside the cells might not take part")
        cost = number(self.data["cost"], len(self.columns))
        functions = [(sum(level[c] for level in self.levels) - cost[c], tuple(slopes[c] for slopes in self.slopes))
                     for c in self.columns] + [(F(0), (F(0),) * len(self.lines))] * len(self.null)  # fmt: skip
        total, columns, paid, valued = self.base(data)
        for p in self.profiles:
            sides = [line.edges[k : k + 2] for line, k in pairs(self.lines, p)]
            density = self.mass[p] / prod(b - a for a, b in sides)
            found = pairs(shares(sides, functions), functions, columns + self.null)
            for (size, *moments), (_, slopes), column in found:
                total += density * size * column
                for i, (line, k) in enumerate(pairs(self.lines, p)):
                    rate = line.edges[k] + line.above[k][0] * line.width(k) / line.mass[k][0]
                    gain = (2 * paid[i] + valued[i]) * moments[i] - paid[i] * rate * size
                    total += density * (slopes[i] - self.tilt[i]) * gain
        return total

    def rule(self, allocation):
        """A rule that is constant on product cells: what each agent gets must rise along its cells, whatever the others
        report. Payments follow the envelope theorem; the utility of the lowest type is as low as all types allow."""
        units, interim = {}, []
        for p, entries in pairs(self.profiles, allocation):
            x = {c: F(0) for c in self.columns} | {whole(c, len(self.columns)): number(text) for c, text in entries}
            totals = [(sum(rate * x[c] for c, rate in enumerate(row)), most, equal) for row, most, equal in self.limits]
            fits = all(total == most if equal else total <= most for total, most, equal in totals)
            need(fits and all(0 <= x[c] <= cap for c, cap in enumerate(self.caps)), "an allocation is not feasible")
            units[p] = x
        for i, line in enumerate(self.lines):
            y = {p: sum(slope * units[p][c] for c, slope in enumerate(self.slopes[i])) - self.tilt[i] for p in units}
            after = ((p, (*p[:i], p[i] + 1, *p[i + 1 :])) for p in units)
            need(all(y[p] <= y[q] for p, q in after if q in y), "the rule is not incentive compatible")
            sums = [sum(y[p] * self.mass[p] for p in units if p[i] == k) for k in line.cells]
            interim.append([total / f for total, (f, _) in pairs(sums, line.mass)])

        def value(data):
            total, columns, paid, valued = self.base(data)
            total += sum(self.mass[p] * sum(rate * x[c] for c, rate in enumerate(columns)) for p, x in units.items())
            for i, (line, average) in enumerate(pairs(self.lines, interim)):
                utility = [F(0)]
                for k, y in enumerate(average):
                    total += y * line.worth(k, paid[i], valued[i], F(0))[0]
                    utility.append(utility[-1] + y * line.width(k))
                total += paid[i] * min(utility)
            return total

        return value


def wanted(data, sign):
    """A wish, or its negative."""
    if isinstance(data, list):
        return [wanted(one, sign) for one in data]
    return {key: wanted(one, sign) for key, one in data.items()} if isinstance(data, dict) else str(sign * number(data))


def premises(problem):
    """What the verdict takes on trust: enclosures of probabilities."""
    lines = [line for one in problem["agents"] for line in (one["lines"] if "lines" in one else [one["line"]])]
    enclosed = sum(low != high for line in lines for low, high in line["masses"])
    return f"; premises, as the document states them: {enclosed} enclosures of probabilities" if enclosed else ""


def digest(data) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def reached(data, mechanism) -> F:
    """The value of the wish (of its negative, where that is maximized) in a mechanism."""
    need(data["kind"] == "continuum" and data["model"] in ("goods", "cells"), "the problem is not of a known kind")
    WORK["rows"], model = 0, (Goods if data["model"] == "goods" else Cells)(data)
    return model.attained(mechanism, wanted(data["wish"], 1 if whole(data["maximize"], 2, bool) else -1))


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    data, claim = document["problem"], document["claim"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    found = reached(data, document["proof"]["mechanism"])
    if claim["kind"] == "possible":
        return "a mechanism meets the design, for the continuous prior" + premises(data)
    need(claim["kind"] == ("at least" if data["maximize"] else "at most"), "the claim is not understood")
    sign, value = 1 if data["maximize"] else -1, number(claim["value"])
    need(found >= sign * value, f"the mechanism reaches {sign * found} only")
    return f"a mechanism reaches {value}, for the continuous prior" + premises(data)


FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)


def check(document, path=None) -> tuple[bool, str]:
    """(holds, message) of a document, or of the file at `path`: whatever is malformed counts as not holding."""
    try:
        if path is not None:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        need(document["format"] == FORMAT, "this is not a proof about a mechanism for the continuum")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_rule.py PROOF.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

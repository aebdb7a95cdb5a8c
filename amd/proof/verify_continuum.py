"""Checks a proof about a mechanism design problem with continuous types, in rational arithmetic.

``python verify_continuum.py PROOF.json`` ends with status 0 where the proof holds and 1 where it does not. This file is
all that has to be trusted: it uses Python's standard library alone. Types are independent, and each agent's marginal
value of what it gets is its type. The document cuts types into cells and gives their probabilities; where these are not
rational, it gives enclosures, and the verdict says that they are premises: the proof is then one for every prior that
fits them.

*Rows.* A proof names relations. Each is rebuilt here as a sum of variables that is at least 0, or equal to 0, in every
incentive compatible mechanism for the continuous prior (Q: units, W: value, both integrated over a cell; U: utility
of the lowest type; e: allocation at an end of a cell; ("one",): the number 1). Their proofs stand in
`amd/proof/continuum` and, in words, in `docs/proofs.md`.

*From above.* With multipliers y >= 0 (any y for equations) wish <= wish + Σ y · row, and the most that this can be is
read off, each variable at the better end of its range. Without a wish, a sum that is always below 0 is a contradiction.

That a mechanism reaches some value is another kind of claim: verify_rule.py checks it.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import re
import sys
from fractions import Fraction as F  # noqa: N817
from functools import cache
from itertools import pairwise, product
from math import prod

FORMAT = "amd-continuum-2"
LARGEST = 300_000  # cells, or products of cells
MOST_ROWS = 300_000  # half-spaces of the polytopes that are measured, in all
MOST_BITS = 400_000  # of one number
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")
STAGES = {"interim", "ex_post", "ex_ante", "none"}
ONE = ("one",)
WORK = {"rows": 0}  # done so far


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


def pairs(*rows):
    return zip(*rows, strict=True)


def add(terms, more, times=1) -> dict:
    """Adds `times` · `more` to a sum of variables."""
    for variable, rate in more.items():
        total = terms.get(variable, 0) + times * rate
        need(total.denominator.bit_length() <= MOST_BITS, "a number has too many digits to be checked here")
        terms[variable] = total
    return terms


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
    need(len(set(functions)) == len(functions), "two alternatives are the same function")
    d = len(sides)
    unit = [tuple(F(i == j) for i in range(d + 1)) for j in range(d + 1)]

    def below(one, other, gap):
        """The half-space one . x <= other . x + gap."""
        return tuple(x - y for x, y in pairs(one, other)), gap

    def part(constant, slopes):
        flat = (F(0),) * d
        rows = [below(unit[j][:d], flat, b) for j, (_, b) in enumerate(sides)]
        rows += [below(flat, unit[j][:d], -a) for j, (a, _) in enumerate(sides)]
        rows += [below(other, slopes, constant - c) for c, other in functions if (c, other) != (constant, slopes)]
        size, lifted = volume(rows), [((*a, F(0)), b) for a, b in rows] + [below((F(0),) * (d + 1), unit[d], 0)]
        under = ([*lifted, below(unit[d], unit[j], -a)] for j, (a, _) in enumerate(sides))  # under the graph of x_j − a
        return size, *(a * size + (volume(roof) if size else 0) for (a, _), roof in pairs(sides, under))

    return [part(*function) for function in functions]


class Line:
    """The cells of one parameter: ends, enclosures of probabilities, and where the density is constant."""

    def __init__(self, data):
        self.size = len(data["masses"])
        self.edges, self.mass = numbers(data["edges"], self.size + 1), numbers(data["masses"], self.size, 2)
        self.uniform = [one is True for one in data["uniform"]]
        self.stated = {(k, kind, number(part)): numbers(rest, 3) for k, kind, part, *rest in data["constants"]}
        need(0 < self.size == len(self.uniform) and self.size <= LARGEST, "a line has the wrong number of cells")
        need(all(a < b for a, b in pairwise(self.edges)), "the ends of cells must increase")
        low, high = (sum(f[end] for f in self.mass) for end in (0, 1))
        need(low <= 1 <= high and all(0 <= a <= b for a, b in self.mass), "the probabilities of cells do not fit")
        need(low == high or not any(self.uniform), "constant densities need exact probabilities")
        need(all(f[0] > 0 for f, flat in pairs(self.mass, self.uniform) if flat), "a constant density is positive")
        need(all(min(constants[1:]) >= 0 for constants in self.stated.values()), "a stated constant is negative")
        self.flat, self.cells = all(self.uniform), range(self.size)

    def width(self, k):
        return self.edges[k + 1] - self.edges[k]

    def middle(self, k):
        return (self.edges[k] + self.edges[k + 1]) / 2


class Segment:
    """An agent (the average over a group of like ones) with one parameter and y in [low, high]."""

    def __init__(self, i, line, low=F(0), high=F(1)):
        need(low >= 0 or line.flat, "an allocation of both signs needs constant densities")
        self.i, self.line, self.low, self.high, self.lines, self.cells = i, line, low, high, [line], line.cells
        self.masses = [f[1] for f in line.mass]
        self.ranges = {("e", i, k): (low, high) for k in range(line.size + 1)}
        for k, f in enumerate(self.masses):
            corners = [x * y * f for x in line.edges[k : k + 2] for y in (low, high)] + [F(0)]
            self.ranges["Q", i, k] = low * f, high * f
            self.ranges["W", i, k] = min(corners), max(corners)
            self.ranges["P", i, k] = min(corners) - line.width(k) * high, max(corners)

    def row(self, family, k, *rest):
        line, q, w = self.line, ("Q", self.i, whole(k, self.line.size)), ("W", self.i, k)
        start, end = ("e", self.i, k), ("e", self.i, k + 1)
        if family == "order":  # f e_k <= Q_k <= f e_{k+1}: the allocation is monotone
            low, high = line.mass[k]
            return ({q: F(1), start: -low} if rest == ("start",) else {end: high, q: F(-1)}), False
        if family == "C3 rising":  # value and allocation both rise (Chebyshev)
            need(line.uniform[k], "this relation needs a constant density")
            return {w: F(1), q: -line.middle(k)}, False
        need(family in ("C3", "C4"), f"there is no relation {family!r} here")  # a monotone allocation mixes steps
        level, above, below = self.tangent(k, rest[0], number(rest[1]))
        return add({(rest[0], self.i, k): F(-1)}, {q: level, end: above, start: -below}), False

    def tangent(self, k, kind, part):
        """(level, above, below) of G_k <= level Q_k + above e_{k+1} − below e_k, with G_k the values (W) or the virtual
        values (P) of a cell: rebuilt where the density is constant, a premise elsewhere."""
        if self.line.uniform[k]:
            need(kind == "W" and 0 <= part <= 1, "tangents of a constant density are of values")
            h, f = self.line.width(k), self.line.mass[k][0]
            return self.line.edges[k] + part * h, f * h * (1 - part) ** 2 / 2, f * h * part**2 / 2
        need((k, kind, part) in self.line.stated, "a tangent has no stated constants")
        return self.line.stated[k, kind, part]

    def value(self):
        return {("W", self.i, k): F(1) for k in self.cells}

    def payment(self):
        """Expected virtual value less U; on a cell of constant density virtual values are 2 W − rate · Q."""
        terms, above = {("U", self.i): F(-1)}, F(0)
        for k in reversed(self.cells):
            above += self.line.mass[k][0]
            if self.line.uniform[k]:
                rate = self.line.edges[k] + above * self.line.width(k) / self.line.mass[k][0]
                terms |= {("W", self.i, k): F(2), ("Q", self.i, k): -rate}
            else:
                terms["P", self.i, k] = F(1)
        return terms

    def amounts(self, _=0):
        return [("Q", self.i, k) for k in self.cells]


class Box:
    """An agent with several parameters of constant densities. u: average utility in a box; F and E: averages of the
    utility and of y_j over a face orthogonal to j."""

    def __init__(self, i, lines):
        need(all(line.flat for line in lines), "boxes need constant densities")
        need(prod(line.size for line in lines) <= LARGEST, "there are too many boxes")
        self.i, self.lines, self.cells = i, lines, list(product(*(line.cells for line in lines)))
        self.mass = {k: prod(line.mass[a][0] for line, a in pairs(lines, k)) for k in self.cells}
        self.masses, reach = list(self.mass.values()), sum(line.edges[-1] - line.edges[0] for line in lines)
        self.ranges = {("u", i, k): (F(0), reach) for k in self.cells}
        for k, j in product(self.cells, range(len(lines))):
            self.ranges["Q", i, j, k] = F(0), self.mass[k]
            self.ranges |= dict.fromkeys(self.faces("F", j, k), (F(0), reach))
            self.ranges |= dict.fromkeys(self.faces("E", j, k), (F(0), F(1)))

    def faces(self, kind, j, k):
        return (kind, self.i, j, k), (kind, self.i, j, (*k[:j], k[j] + 1, *k[j + 1 :]))

    def box(self, data):
        need(tuple(data) in self.mass and all(type(a) is int for a in data), "there is no such box")
        return tuple(data)

    def row(self, family, *rest):
        if family == "C2":  # each type could report like the one at the same place of another box
            k, other = map(self.box, rest)
            alike = all(line.width(a) == line.width(b) for line, a, b in pairs(self.lines, k, other))
            need(alike and k != other, "C2 needs two boxes of equal sides")
            terms = {("u", self.i, k): F(1), ("u", self.i, other): F(-1)}
            for j, line in enumerate(self.lines):
                (low, high), rate = self.faces("F", j, other), line.middle(k[j]) - line.middle(other[j])
                add(terms, {high: -rate, low: rate}, 1 / line.width(other[j]))
            return terms, False
        j, k = whole(rest[0], len(self.lines)), self.box(rest[1])
        h, (low, high), (start, end) = self.lines[j].width(k[j]), self.faces("F", j, k), self.faces("E", j, k)
        u, rise = ("u", self.i, k), {high: F(1), low: F(-1)}
        if family == "C5":  # y_j is the derivative of the utility
            return {high: self.mass[k] / h, low: -self.mass[k] / h, ("Q", self.i, j, k): F(-1)}, True
        if family == "C5 order":  # y_j rises with its parameter
            return (rise | {start: -h} if rest[2] == "start" else add({end: h}, rise, -1)), False
        if family == "C3 rising":  # the utility is convex: below the chord …
            return {u: F(-1), low: F(1, 2), high: F(1, 2)}, False
        t = number(rest[2])
        need(family == "C3" and 0 <= t <= 1, f"there is no relation {family!r}")  # … and above its tangents
        return {u: F(1), low: -t, high: t - 1, start: -h * t * t / 2, end: h * (1 - t) ** 2 / 2}, False

    def value(self):
        terms = {}
        for k, (j, line) in product(self.cells, enumerate(self.lines)):
            rate, (low, high) = self.mass[k] / line.width(k[j]), self.faces("F", j, k)
            ends = {high: rate * line.edges[k[j] + 1], low: -rate * line.edges[k[j]], ("u", self.i, k): -self.mass[k]}
            add(terms, ends)
        return terms

    def payment(self):
        return add(self.value() | {("U", self.i): F(-1)}, {("u", self.i, k): f for k, f in self.mass.items()}, -1)

    def amounts(self, j=0):
        return [("Q", self.i, j, k) for k in self.cells]


class Goods:
    """Goods of one unit each, sold to groups of like buyers whose parameters are their values for them."""

    def __init__(self, data) -> None:
        self.data, self.buyers, self.parts, self.ranges = data, data["agents"], [], {}
        for i, buyer in enumerate(self.buyers):
            lines = [Line(line) for line in buyer["lines"]]
            need(len(lines) == len(buyer["goods"]) == len(set(buyer["goods"])) > 0, "a buyer needs one line a good")
            self.parts.append(Segment(i, lines[0]) if len(lines) == 1 else Box(i, lines))
            self.ranges |= self.parts[i].ranges
        self.outside, self.counts = [number(b["outside"]) for b in self.buyers], [len(b["names"]) for b in self.buyers]
        self.range_of_rents(self.outside)

    def range_of_rents(self, least):
        """The utility of the lowest type of those who may stay away is at least what that is worth."""
        need(all(one["stage"] in STAGES for one in self.data["agents"]), "there is an unknown stage of participation")
        for i, one in enumerate(self.data["agents"]):
            self.ranges["U", i] = (least[i] if one["stage"] in ("interim", "ex_post") else None), None

    def wish(self, data):
        """Payments, values and units with their weights, and a constant."""
        terms = {ONE: number(data["constant"])}
        rows = pairs(self.parts, self.counts, *(numbers(data[key], len(self.parts)) for key in ("payment", "value")))
        for i, (part, count, paid, valued) in enumerate(rows):
            add(add(terms, part.payment(), count * paid), part.value(), count * valued)
            for j, unit in enumerate(numbers(data["units"][i], len(part.lines))):
                add(terms, dict.fromkeys(part.amounts(j), F(1)), count * unit)
        return terms

    def row(self, family, *rest):
        """A relation by name: (terms, equal), where terms >= 0, or == 0 where `equal`."""
        if family == "need":
            asked, side = self.data["needs"][whole(rest[0], len(self.data["needs"]))], rest[1]
            need(side == 1 or (side == -1 and asked["equal"] is True), "nobody asked for that")
            return add({}, self.wish(asked["wish"]), side), False
        if family == "on average":  # ex ante, nobody loses by taking part
            i = whole(rest[0], len(self.parts))
            need(self.data["agents"][i]["stage"] == "ex_ante", "participation is no average here")
            return add(add({ONE: -self.outside[i]}, self.parts[i].value()), self.parts[i].payment(), -1), False
        return self.coupling(family, *rest) or self.parts[whole(rest[0], len(self.parts))].row(family, *rest[1:])

    def coupling(self, family, *rest):
        """Border: a good goes to a type in one of the sets at most as often as some type is in its set."""
        if family != "Border":
            return None
        good, sets = rest
        claims, terms, miss = [i for i, buyer in enumerate(self.buyers) if good in buyer["goods"]], {}, F(1)
        for i, cells in pairs(claims, sets):
            part, count = self.parts[i], self.counts[i]
            inside = {whole(k, len(part.cells)) for k in cells}
            columns = part.amounts(self.buyers[i]["goods"].index(good))
            terms |= {columns[k]: F(-count) for k in inside}
            miss *= (1 - min(F(1), sum(part.masses[k] for k in inside))) ** count
        return add(terms, {ONE: 1 - miss}), False


class Cells(Goods):
    """Any decision; agents with at most one parameter. M[p, c]: units of column c, integrated over the product cell p;
    w[i, p]: value. Utility is slope · type + level per column, net of an outside option with slope `tilt`."""

    def __init__(self, data) -> None:
        self.data, agents, self.columns = data, data["agents"], range(len(data["caps"]))
        width, self.caps = len(self.columns), [whole(cap, LARGEST) for cap in data["caps"]]
        self.limits = [(numbers(row, width), number(most), equal is True) for row, most, equal in data["limits"]]
        self.single = len(self.limits) == 1 and self.limits[0][:2] == ([1] * width, 1)  # at most one column
        self.slopes, self.levels = ([numbers(one[key], width) for one in agents] for key in ("slopes", "levels"))
        self.tilt, self.outside = ([number(one[key]) for one in agents] for key in ("tilt", "outside"))
        self.lines = [Line(one["line"]) if one["line"] else None for one in agents]
        self.cells = [line.size if line else 1 for line in self.lines]
        need(prod(self.cells) * width <= LARGEST, "there are too many product cells")
        self.profiles, self.flat = list(product(*map(range, self.cells))), all(line.flat for line in self.lines if line)
        need(self.flat or not any(self.tilt), "an outside option that varies needs constant densities")
        need(all(line or not any(s) for line, s in pairs(self.lines, self.slopes)), "slopes need a parameter")
        self.parts = [line and Segment(i, line, *self.reach(i)) for i, line in enumerate(self.lines)]
        self.informed = [i for i, line in enumerate(self.lines) if line]
        self.ranges, self.place = {}, {p: self.mass(p) for p in self.profiles}
        self.efficient = cache(self.efficient)
        for i in self.informed:
            self.ranges |= self.parts[i].ranges
        self.range_of_rents([F(0)] * len(agents))
        for p, (_, high) in self.place.items():
            self.ranges |= {("M", p, c): (F(0), cap * high) for c, cap in enumerate(self.caps)}
            for i in self.informed:
                ends, part = self.lines[i].edges[p[i] : p[i] + 2], self.parts[i]
                corners = [x * y * high for x in ends for y in (part.low, part.high)] + [F(0)]
                self.ranges["w", i, p] = min(corners), max(corners)

    def reach(self, i):
        """The ends of the marginal value of what agent i can get, net of its outside option."""
        slopes, tilt = self.slopes[i], self.tilt[i]
        if self.single:
            ends = [*slopes, *([] if self.limits[0][2] else [F(0)])]
            return min(ends) - tilt, max(ends) - tilt
        return tuple(sum(end(s * cap, 0) for s, cap in pairs(slopes, self.caps)) - tilt for end in (min, max))

    def mass(self, p):
        found = [line.mass[k] for line, k in pairs(self.lines, p) if line]
        return prod((f[0] for f in found), start=F(1)), prod((f[1] for f in found), start=F(1))

    def base(self, data):
        """A wish's constant, and what it gains from a unit of each column apart from types."""
        constant, columns = number(data["constant"]), numbers(data["column"], len(self.columns))
        paid, valued = (numbers(data[key], len(self.lines)) for key in ("payment", "value"))
        for i, line in enumerate(self.lines):
            constant -= paid[i] * self.outside[i]
            if line and self.tilt[i]:
                constant += valued[i] * self.tilt[i] * sum(line.middle(k) * line.mass[k][0] for k in line.cells)
            columns = [c + (paid[i] + valued[i]) * level for c, level in pairs(columns, self.levels[i])]
        return constant, columns, paid, valued

    def wish(self, data):
        constant, columns, paid, valued = self.base(data)
        terms = {("M", p, c): rate for p in self.profiles for c, rate in enumerate(columns) if rate} | {ONE: constant}
        for i, part in enumerate(self.parts):
            add(terms, part.payment() if part else {("U", i): F(-1)}, paid[i])
            add(terms, part.value() if part else {}, valued[i])
        return terms

    def coupling(self, family, *rest):
        if family in ("feasible", "feasible below"):  # a limit holds on average; an equation from both sides
            (row, most, equal), p = self.limits[whole(rest[0], len(self.limits))], self.cell(rest[1])
            (low, high), terms = self.place[p], {("M", p, c): -rate for c, rate in enumerate(row)}
            if family == "feasible":
                return add(terms, {ONE: most * high}), equal and low == high
            need(equal, "this limit is not an equation")
            return add({ONE: -most * low}, terms, -1), False
        if family in ("sum Q", "sum W"):  # what agent i gets in a cell is what it gets in its product cells
            i, k = whole(rest[0], len(self.lines)), whole(rest[1], self.cells[rest[0]])
            here = [p for p in self.profiles if p[i] == k]
            if family == "sum W":
                return {("W", i, k): F(1), **{("w", i, p): F(-1) for p in here}}, True
            units = {("M", p, c): -slope for p in here for c, slope in enumerate(self.slopes[i])}
            return {("Q", i, k): F(1), ONE: self.tilt[i] * self.lines[i].mass[k][0], **units}, True
        if family == "C1":  # the values of alternatives in a product cell are at most those of the best one
            p, prices = self.cell(rest[0]), numbers(rest[1], len(self.columns))
            own = list(dict.fromkeys((-price, self.gross(c)) for c, price in enumerate(prices)))
            null = [] if self.limits[0][2] or (F(0), self.gross()) in own else [(F(0), self.gross())]
            peak, functions = F(0), own + null
            for (level, slopes), (size, *moments) in pairs(functions, self.shares(p, functions)):
                peak += level * size + sum(s * x for s, x in pairs(slopes, moments))
            tilted = sum(self.tilt[i] * self.lines[i].middle(p[i]) * self.place[p][0] for i in self.informed)
            terms = {("w", i, p): F(-1) for i in self.informed} | {ONE: peak - tilted}
            return add(terms, {("M", p, c): price for c, price in enumerate(prices)}), False
        if family == "efficient":  # which column happens is known
            p, c = self.cell(rest[0]), whole(rest[1], len(self.columns))
            return {("M", p, c): F(1), ONE: -self.efficient(p)[c][0]}, True
        if family == "efficient value":
            p, i = self.cell(rest[0]), self.informed.index(rest[1])
            worth = sum(slope * self.efficient(p)[c][1 + i] for c, slope in enumerate(self.slopes[rest[1]]))
            fixed = self.tilt[rest[1]] * self.lines[rest[1]].middle(p[rest[1]]) * self.place[p][0]
            return {("w", rest[1], p): F(1), ONE: fixed - worth}, True
        if family == "utility":  # the type at the upper end of a cell takes part
            i, line = whole(rest[0], len(self.lines)), self.lines[rest[0]]
            need(self.data["agents"][i]["stage"] in ("interim", "ex_post"), "this agent need not take part")
            need(line.flat, "this relation needs constant densities")
            cells = range(whole(rest[1], line.size) + 1)
            return {("U", i): F(1), **{("Q", i, k): line.width(k) / line.mass[k][0] for k in cells}}, False
        return None

    def cell(self, data):
        need(isinstance(data, list) and tuple(data) in self.place, "there is no such product cell")
        need(all(type(k) is int for k in data), "there is no such product cell")
        return tuple(data)

    def gross(self, c=None):
        """The slopes of the total value of a column (of nothing) in the types of those who have one."""
        return tuple(F(0) if c is None else self.slopes[i][c] for i in self.informed)

    def shares(self, p, functions):
        """Probabilities, and integrals of the types, where each function is the greatest."""
        need(self.single and self.flat, "this relation needs alternatives and constant densities")
        sides = [self.lines[i].edges[p[i] : p[i] + 2] for i in self.informed]
        density = self.place[p][0] / prod((b - a for a, b in sides), start=F(1))
        return [[density * x for x in found] for found in shares(sides, functions)]

    def efficient(self, p):
        """The columns' shares where the column of greatest total value less cost happens."""
        need(self.data["efficient"] is True, "nobody asked for efficiency")
        cost, null = numbers(self.data["cost"], len(self.columns)), [] if self.limits[0][2] else [(F(0), self.gross())]
        totals = [(sum(level[c] for level in self.levels) - cost[c], self.gross(c)) for c in self.columns]
        return self.shares(p, totals + null)


def most(model, wish, relations) -> F:
    """What wish + Σ multiplier · row can be at most."""
    total, greatest = dict(wish), F(0)
    for name, text in relations:
        y, (row, equal) = number(text), model.row(*name)
        need(y >= 0 or equal, f"the multiplier of {name} is negative")
        add(total, row, y)
    for variable, rate in total.items():
        if rate:
            need(variable == ONE or variable in model.ranges, f"{variable} is not a variable")
            end = F(1) if variable == ONE else model.ranges[variable][rate > 0]
            need(end is not None, f"{variable} does not cancel")
            greatest += rate * end
    return greatest


def premises(problem) -> str:
    """What the verdict takes on trust: enclosures of probabilities, and constants of tangents."""
    lines = [line for one in problem["agents"] for line in (one["lines"] if "lines" in one else [one["line"]]) if line]
    enclosed = sum(low != high for line in lines for low, high in line["masses"])
    stated = sum(len(line["constants"]) for line in lines)
    parts = [f"{enclosed} enclosures of the probabilities of cells"] * bool(enclosed)
    parts += [f"{stated} constants of cells whose density varies"] * bool(stated)
    return f"; premises of the proof, as the document states them: {' and '.join(parts)}" if parts else ""


def digest(data) -> str:
    """SHA-256 of the canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def verify(document):
    """The claim in words where the proof holds; raises RejectedError otherwise."""
    data, claim, proof = document["problem"], document["claim"], document["proof"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    need(data["kind"] == "continuum" and data["model"] in ("goods", "cells"), "the problem is not of a known kind")
    model, kind = (Goods if data["model"] == "goods" else Cells)(data), claim["kind"]
    if kind == "infeasible":
        need(most(model, {}, proof["relations"]) < 0, "the relations do not contradict each other")
        return "no mechanism meets the design, for the continuous prior" + premises(data)
    need(kind == ("at most" if data["maximize"] else "at least"), "the claim is not understood")
    sign, value = 1 if data["maximize"] else -1, number(claim["value"])
    found = most(model, add({}, model.wish(data["wish"]), sign), proof["relations"])
    need(found <= sign * value, f"the relations prove {sign * found} only")
    return f"no mechanism does better than {value}, for the continuous prior" + premises(data)


FAULTS = (KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError, RecursionError, OverflowError,
          MemoryError)  # fmt: skip


def check(document) -> tuple[bool, str]:
    """(holds, message): any malformed document counts as not holding."""
    WORK["rows"] = 0
    try:
        need(document["format"] == FORMAT, "this is not a proof about the continuum")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


def main(arguments):
    """The exit status: 0 where the proof in the file holds, 1 where it does not."""
    if len(arguments) != 1:
        sys.exit("usage: python verify_continuum.py PROOF.json")
    try:
        with open(arguments[0], encoding="utf-8") as file:
            holds, message = check(json.load(file))
    except (OSError, ValueError, RecursionError, MemoryError) as fault:
        holds, message = False, f"the file is not a proof ({type(fault).__name__}: {str(fault)[:200]})"
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

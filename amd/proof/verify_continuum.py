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

Selling goods has a verifier of its own, verify_auction.py; that a mechanism reaches some value: verify_rule.py.
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

FORMAT = "amd-continuum-3"
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
    need(sides and len(set(functions)) == len(functions), "nobody has types, or two alternatives are the same function")
    unit, found = [tuple(F(i == j) for i in range(len(sides))) for j in range(len(sides))], []
    box = [row for e, (a, b) in pairs(unit, sides) for row in ((e, b), (tuple(-x for x in e), -a))]
    for level, slopes in functions:
        rows = box + [(tuple(x - y for x, y in pairs(other, slopes)), level - c) for c, other in functions]
        size, lifted = volume(rows), [((*a, F(0)), b) for a, b in rows] + [((F(0),) * len(sides) + (F(-1),), F(0))]
        roofs = ((a, [*lifted, ((*(-x for x in e), F(1)), -a)]) for e, (a, _) in pairs(unit, sides))
        found.append((size, *(a * size + (volume(under) if size else 0) for a, under in roofs)))  # under x_j − a
    return found


class Line:
    """The cells of one parameter: ends, enclosures of probabilities, and where the density is constant."""

    def __init__(self, data):
        self.size, self.cells = len(data["masses"]), range(len(data["masses"]))
        need(0 < self.size == len(data["uniform"]) and self.size <= LARGEST, "a line has the wrong number of cells")
        self.edges, self.mass = number(data["edges"], self.size + 1), number(data["masses"], self.size, 2)
        self.uniform, self.stated = [whole(one, 2, bool) for one in data["uniform"]], {}
        self.flat, (low, high) = all(self.uniform), (sum(f[end] for f in self.mass) for end in (0, 1))
        need(all(a < b for a, b in pairwise(self.edges)), "the ends of cells must increase")
        need(low <= 1 <= high and all(0 <= a <= b for a, b in self.mass), "the probabilities of cells do not fit")
        need(low == high or not any(self.uniform), "constant densities need exact probabilities")
        need(all(f[0] > 0 for f, flat in pairs(self.mass, self.uniform) if flat), "a constant density is positive")
        for k, kind, part, *constants in data["constants"]:
            self.stated[whole(k, self.size), kind, number(part)] = level, above, below = number(constants, 3)
            need(kind in ("W", "P") and min(above, below) >= 0, f"no tangent at {level} has these constants")

    def width(self, k):
        return self.edges[k + 1] - self.edges[k]

    def middle(self, k):
        return (self.edges[k] + self.edges[k + 1]) / 2

    def mean(self):
        return sum(self.middle(k) * self.mass[k][0] for k in self.cells)


class Segment:
    """One agent; y, the marginal value of what it gets net of its outside option, lies in [low, high]."""

    def __init__(self, i, line, low, high):
        need(low >= 0 or line.flat, "an allocation of both signs needs constant densities")
        self.i, self.line, self.ends = i, line, (low, high)
        self.ranges = {("e", i, k): (low, high) for k in range(line.size + 1)}
        for k, (f, g) in enumerate(line.mass):
            corners = [x * y * g for x in line.edges[k : k + 2] for y in (low, high)] + [F(0)]
            self.ranges["Q", i, k], self.ranges["W", i, k] = (low * f, high * g), (min(corners), max(corners))
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
        return {("W", self.i, k): F(1) for k in self.line.cells}

    def payment(self):
        """Expected virtual value less U; on a cell of constant density virtual values are 2 W − rate · Q."""
        terms, above = {("U", self.i): F(-1)}, F(0)
        for k in reversed(self.line.cells):
            above += self.line.mass[k][0]
            if self.line.uniform[k]:
                rate = self.line.edges[k] + above * self.line.width(k) / self.line.mass[k][0]
                terms |= {("W", self.i, k): F(2), ("Q", self.i, k): -rate}
            else:
                terms["P", self.i, k] = F(1)
        return terms


class Cells:
    """Any decision; each agent has one parameter. M[p, c]: units of column c, integrated over the product cell p;
    w[i, p]: value. Utility is slope · type + level per column, net of an outside option with slope `tilt`."""

    def __init__(self, data) -> None:
        self.data, agents, width, WORK["rows"] = data, data["agents"], len(data["caps"]), 0
        self.columns, self.caps = range(width), [whole(cap, LARGEST) for cap in data["caps"]]
        self.limits = [(number(row, width), number(most), whole(x, 2, bool)) for row, most, x in data["limits"]]
        self.single = [limit[:2] for limit in self.limits] == [([1] * width, 1)] and min(self.caps) > 0
        self.null = [F(0)] * (self.single and not self.limits[0][2])  # one column at a time, and perhaps none
        self.slopes, self.levels = (number([one[key] for one in agents], None, width) for key in ("slopes", "levels"))
        self.tilt, self.outside = (number([one[key] for one in agents], None) for key in ("tilt", "outside"))
        self.lines = [Line(one["line"]) for one in agents]
        self.flat = all(line.flat for line in self.lines)
        need(prod(line.size for line in self.lines) * width <= LARGEST, "there are too many product cells")
        need(self.flat or not any(self.tilt), "an outside option that varies needs constant densities")
        self.profiles = list(product(*(line.cells for line in self.lines)))
        self.parts = [Segment(i, line, *self.reach(i)) for i, line in enumerate(self.lines)]
        self.ranges, self.mass, self.efficient = {ONE: (F(1), F(1))}, {}, cache(self.efficient)
        for i, one in enumerate(agents):
            need(one["stage"] in STAGES, "there is an unknown stage of participation")
            free = F(0) if one["stage"] in ("interim", "ex_post") else None  # who may stay away loses nothing by coming
            self.ranges |= {**self.parts[i].ranges, ("U", i): (free, None)}
        for p in self.profiles:
            self.mass[p] = [prod(line.mass[k][end] for line, k in pairs(self.lines, p)) for end in (0, 1)]
            self.ranges |= {("M", p, c): (F(0), cap * self.mass[p][1]) for c, cap in enumerate(self.caps)}
            for i, (line, part) in enumerate(pairs(self.lines, self.parts)):
                corners = [x * y * self.mass[p][1] for x in line.edges[p[i] : p[i] + 2] for y in part.ends] + [F(0)]
                self.ranges["w", i, p] = min(corners), max(corners)

    def reach(self, i):
        """The ends of the marginal value of what agent i can get, net of its outside option."""
        ends = [[s] for s in self.slopes[i] + self.null]
        if not self.single:
            ends = [[s * cap for s, cap in pairs(self.slopes[i], self.caps) if s * sign > 0] for sign in (-1, 1)]
        return min(map(sum, ends)) - self.tilt[i], max(map(sum, ends)) - self.tilt[i]

    def cell(self, data):
        return tuple(whole(k, line.size) for k, line in pairs(data, self.lines))

    def wish(self, data):
        """Payments, values and columns with their weights, and a constant."""
        n, terms, columns = len(self.parts), {ONE: number(data["constant"])}, number(data["column"], len(self.columns))
        for i, (m, v) in enumerate(pairs(number(data["payment"], n), number(data["value"], n))):
            add(add(terms, self.parts[i].payment(), m), self.parts[i].value(), v)
            away = v * self.tilt[i] * self.lines[i].mean() if self.tilt[i] else 0
            add(terms, {ONE: away - m * self.outside[i]})
            columns = [c + (m + v) * level for c, level in pairs(columns, self.levels[i])]
        return terms | {("M", p, c): rate for p in self.profiles for c, rate in enumerate(columns) if rate}

    def row(self, family, *rest):
        """A relation by name: (terms, equal), where terms >= 0, or == 0 where `equal`."""
        if family == "need":
            asked, side = self.data["needs"][whole(rest[0], len(self.data["needs"]))], rest[1]
            need(side == 1 or (side == -1 and whole(asked["equal"], 2, bool)), "nobody asked for that")
            return add({}, self.wish(asked["wish"]), side), False
        if family == "feasible":  # a limit holds on average; an equation from both sides
            (row, most, equal), p, side = self.limits[whole(rest[0], len(self.limits))], self.cell(rest[1]), rest[2]
            need(side == 1 or (side == -1 and equal), "this limit is not an equation")
            bound = {ONE: max(side * most * f for f in self.mass[p])}
            return add(bound, {("M", p, c): rate for c, rate in enumerate(row)}, -side), False
        if family == "C1":  # the values of alternatives in a product cell are at most those of the best one
            return self.ceiling(self.cell(rest[0]), number(rest[1], len(self.columns))), False
        if family == "efficient":  # which column happens is known …
            p, c = self.cell(rest[0]), whole(rest[1], len(self.columns))
            return {("M", p, c): F(1), ONE: -self.efficient(p)[c][0]}, True
        if family == "efficient value":  # … and its value
            p, i = self.cell(rest[0]), whole(rest[1], len(self.parts))
            worth = sum(slope * self.efficient(p)[c][1 + i] for c, slope in enumerate(self.slopes[i]))
            return {("w", i, p): F(1), ONE: self.tilted(i, p) - worth}, True
        i, line = whole(rest[0], len(self.parts)), self.lines[rest[0]]
        stage = self.data["agents"][i]["stage"]
        if family == "on average":  # ex ante, nobody loses by taking part
            need(stage == "ex_ante", "participation is no average here")
            return add(self.parts[i].value(), self.parts[i].payment(), -1), False
        k = whole(rest[1], line.size)
        if family in ("sum Q", "sum W"):  # what agent i gets in a cell is what it gets in its product cells
            here = [p for p in self.profiles if p[i] == k]
            if family == "sum W":
                return {("W", i, k): F(1), **{("w", i, p): F(-1) for p in here}}, True
            units = {("M", p, c): -slope for p in here for c, slope in enumerate(self.slopes[i])}
            return {("Q", i, k): F(1), ONE: self.tilt[i] * line.mass[k][0], **units}, True
        if family == "utility":  # the type at the upper end of a cell takes part
            need(stage in ("interim", "ex_post"), "this agent need not take part")
            need(line.flat, "this relation needs constant densities")
            return {("U", i): F(1), **{("Q", i, a): line.width(a) / line.mass[a][0] for a in range(k + 1)}}, False
        return self.parts[i].row(family, k, *rest[2:])

    def tilted(self, i, p):
        """The part of agent i's outside option that varies with its type, integrated over a product cell."""
        return self.tilt[i] * self.lines[i].middle(p[i]) * self.mass[p][0]

    def ceiling(self, p, prices):
        """The values in a product cell are at most prices · units, and what the best column has left."""
        functions = list(dict.fromkeys((-t, self.gross(c)) for c, t in enumerate(prices)))
        if self.null and (F(0), self.gross()) not in functions:
            functions.append((F(0), self.gross()))
        peak = F(0)
        for (level, slopes), (size, *moments) in pairs(functions, self.shares(p, functions)):
            peak += level * size + sum(s * x for s, x in pairs(slopes, moments))
        everybody = range(len(self.parts))
        terms = {("w", i, p): F(-1) for i in everybody} | {ONE: peak - sum(self.tilted(i, p) for i in everybody)}
        return terms | {("M", p, c): t for c, t in enumerate(prices)}

    def gross(self, c=None):
        """The slopes of the total value of a column (of nothing) in the types."""
        return tuple(F(0) if c is None else slopes[c] for slopes in self.slopes)

    def shares(self, p, functions):
        """Probabilities, and integrals of the types, where each function is the greatest."""
        need(self.single and self.flat, "this relation needs alternatives and constant densities")
        sides = [line.edges[k : k + 2] for line, k in pairs(self.lines, p)]
        density = self.mass[p][0] / prod(b - a for a, b in sides)
        return [[density * x for x in found] for found in shares(sides, functions)]

    def efficient(self, p):
        """The columns' shares where the column of greatest total value less cost happens."""
        need(whole(self.data["efficient"], 2, bool), "nobody asked for efficiency")
        cost = number(self.data["cost"], len(self.columns))
        totals = [(sum(level[c] for level in self.levels) - cost[c], self.gross(c)) for c in self.columns]
        return self.shares(p, totals + [(F(0), self.gross())] * len(self.null))


def most(model, wish, relations) -> F:
    """What wish + Σ multiplier · row can be at most."""
    total, greatest = dict(wish), F(0)
    for name, text in relations:
        y, (row, equal) = number(text), model.row(*name)
        need(y >= 0 or equal, f"the multiplier of {name} is negative")
        add(total, row, y)
    for variable, rate in total.items():
        if rate:
            end = model.ranges[variable][rate > 0]
            need(end is not None, f"{variable} does not cancel")
            greatest += rate * end
    return greatest


def premises(problem) -> str:
    """What the verdict takes on trust: enclosures of probabilities, and constants of tangents."""
    lines = [one["line"] for one in problem["agents"]]
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
    data, claim, relations = document["problem"], document["claim"], document["proof"]["relations"]
    need(digest(data) == document["digest"], "the digest does not fit the problem")
    need(data["kind"] == "continuum" and data["model"] == "cells", "the problem is not of a known kind")
    model, kind = Cells(data), claim["kind"]
    if kind == "infeasible":
        need(most(model, {}, relations) < 0, "the relations do not contradict each other")
        return "no mechanism meets the design, for the continuous prior" + premises(data)
    sign, known = (1, "at most") if whole(data["maximize"], 2, bool) else (-1, "at least")
    need(kind == known, "the claim is not understood")
    value, found = number(claim["value"]), most(model, add({}, model.wish(data["wish"]), sign), relations)
    need(found <= sign * value, f"the relations prove {sign * found} only")
    return f"no mechanism does better than {value}, for the continuous prior" + premises(data)


FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)


def check(document, path=None) -> tuple[bool, str]:
    """(holds, message) of a document, or of the file at `path`: whatever is malformed counts as not holding."""
    try:
        if path is not None:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        need(document["format"] == FORMAT, "this is not a proof about a decision on the continuum")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_continuum.py PROOF.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

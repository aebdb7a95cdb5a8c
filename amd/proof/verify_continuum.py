"""Checks a certificate about the continuum with rational arithmetic; standard library only, imports nothing of the
project.

``python verify_continuum.py CERT.json``: exit status 0 when the proof holds, 1 when it does not. A claim "wish at
most v" is proven by named relations that every mechanism satisfies (their proofs are in `amd/proof/continuum`): each
is rebuilt here from the cells, multiplied and summed, and what is left over is bounded by the ranges of the
variables. A claim "at least v" is proven by a mechanism whose value is recomputed.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import hashlib
import json
import sys
from fractions import Fraction as F  # noqa: N817
from itertools import pairwise, product
from math import prod

ZERO, ONE = F(0), F(1)


class RejectedError(Exception):
    """The document does not prove its claim; the message says why."""


def need(condition, message):
    if not condition:
        raise RejectedError(message)


def pairs(*rows):
    """Side by side; a difference in length is an error."""
    return zip(*rows, strict=True)


def numbers(value):
    return tuple(map(numbers, value)) if isinstance(value, list) else F(value)


def volume(rows):
    """Volume of {x : a.x <= b} by Lasserre's recursion over faces; equal half-spaces are merged first."""
    merged = {}
    for a, b in rows:
        lead = next((abs(x) for x in a if x), None)
        if lead is None:
            if b < 0:
                return ZERO
            continue
        key = tuple(x / lead for x in a)
        merged[key] = min(b / lead, merged.get(key, b / lead))
    rows = list(merged.items())
    d = len(rows[0][0])
    if d == 1:
        return max(ZERO, merged[(ONE,)] + merged[(-ONE,)])
    total = ZERO
    for i, (a, b) in enumerate(rows):
        if b:
            j = next(axis for axis in range(d) if a[axis])
            face = [(tuple(c[x] - c[j] / a[j] * a[x] for x in range(d) if x != j), e - c[j] / a[j] * b)
                    for k, (c, e) in enumerate(rows) if k != i]  # fmt: skip
            total += b * volume(face) / abs(a[j])
    return total / d


def shares(sides, functions):
    """For each affine function (constant, slopes): volume where it is the largest, and the integrals of x_j there."""
    need(len(set(functions)) == len(functions), "two alternatives are the same function")
    found, d = [], len(sides)
    unit = [tuple(F(i == j) for i in range(d + 1)) for j in range(d + 1)]
    for level, slopes in functions:
        rows = [
            row for j, (a, b) in enumerate(sides) for row in ((unit[j][:d], b), (tuple(-x for x in unit[j][:d]), -a))
        ]
        rows += [
            (tuple(y - x for x, y in pairs(slopes, other)), level - c)
            for c, other in functions
            if (c, other) != (level, slopes)
        ]
        size = volume(rows)
        lifted = [((*a, ZERO), b) for a, b in rows] + [(tuple(-x for x in unit[d]), ZERO)]
        roofs = [(tuple(y - x for x, y in pairs(unit[j], unit[d])), -sides[j][0]) for j in range(d)]
        found.append((size, *(sides[j][0] * size + (volume([*lifted, roofs[j]]) if size else ZERO) for j in range(d))))
    return found


class Line:
    """Cells of one parameter: ends, enclosures of probabilities, where the density is constant, stated constants."""

    def __init__(self, data):
        self.edges, self.mass = numbers(data["edges"]), numbers(data["masses"])
        self.size, self.uniform = len(self.mass), data["uniform"]
        self.stated = {(k, kind, F(part)): tuple(map(F, rest)) for k, kind, part, *rest in data["constants"]}
        need(len(self.edges) == self.size + 1 == len(self.uniform) + 1, "a line has the wrong number of cells")
        need(all(a < b for a, b in pairwise(self.edges)), "the ends of cells must increase")
        low, high = (sum(f[end] for f in self.mass) for end in (0, 1))
        need(low <= 1 <= high and all(0 <= a <= b for a, b in self.mass), "probabilities of cells do not fit")
        self.exact = low == high
        need(self.exact or not any(self.uniform), "constant densities need exact probabilities")
        need(all(f[0] > 0 for f, flat in pairs(self.mass, self.uniform) if flat), "a constant density must be positive")
        for _, above, below in self.stated.values():
            need(above >= 0 and below >= 0, "a stated constant is negative")

    def width(self, k):
        return self.edges[k + 1] - self.edges[k]

    def middle(self, k):
        return (self.edges[k] + self.edges[k + 1]) / 2

    def above(self, k, end=0):
        """Probability of the cells from k on: its lower (0) or upper (1) enclosure."""
        rest, before = sum((f[end] for f in self.mass[k:]), ZERO), sum((f[1 - end] for f in self.mass[:k]), ZERO)
        return max(rest, 1 - before) if end == 0 else min(rest, 1 - before)

    def tangent(self, k, kind, part):
        """(level, above, below) of C3 (rebuilt) or C4 (stated)."""
        if self.uniform[k] and kind == "W" and 0 <= part <= 1:
            h, f = self.width(k), self.mass[k][0]
            return self.edges[k] + part * h, f * h * (1 - part) ** 2 / 2, f * h * part**2 / 2
        need(not self.uniform[k] and (k, kind, part) in self.stated, "a tangent has no stated constants")
        return self.stated[k, kind, part]


def add(terms, more, times=ONE):
    for variable, value in more.items():
        terms[variable] = terms.get(variable, ZERO) + times * value
    return terms


class Envelope:
    """One agent, one parameter (C3, C4)."""

    def __init__(self, i, line, low=ZERO, high=ONE):
        need(low >= 0 or all(line.uniform), "an allocation of both signs needs constant densities")
        self.i, self.line, self.low, self.high = i, line, low, high

    def ranges(self):
        line, low, high = self.line, self.low, self.high
        found = {("e", self.i, k): (low, high) for k in range(line.size + 1)}
        for k in range(line.size):
            f = line.mass[k][1]
            corners = [x * y * f for x in line.edges[k : k + 2] for y in (low, high)] + [ZERO]
            found["Q", self.i, k] = (low * f, high * f)
            found["W", self.i, k] = (min(corners), max(corners))
            found["P", self.i, k] = (min(corners) - line.width(k) * high, max(corners))
        return found

    def relation(self, family, k, *rest):
        line, q, w = self.line, ("Q", self.i, k), ("W", self.i, k)
        start, end = ("e", self.i, k), ("e", self.i, k + 1)
        if family == "order":
            low, high = line.mass[k]
            return ({start: low, q: -ONE} if rest == ("start",) else {q: ONE, end: -high}), ZERO, False
        if family == "C3 rising":
            need(line.uniform[k], "this relation needs a constant density")
            return {q: line.middle(k), w: -ONE}, ZERO, False
        if family == "participation":
            rates = {("Q", self.i, j): -line.width(j) / line.mass[j][0] for j in range(k)}
            need(all(line.uniform), "this relation needs constant densities")
            return {("U", self.i): -ONE, **rates}, ZERO, False
        need(family in ("C3", "C4"), f"there is no relation {family}")
        kind, part = rest
        level, above, below = line.tangent(k, kind, F(part))
        return {(kind, self.i, k): ONE, q: -level, end: -above, start: below}, ZERO, False

    def value(self):
        return {("W", self.i, k): ONE for k in range(self.line.size)}

    def payment(self):
        terms = {("U", self.i): -ONE}
        for k in range(self.line.size):
            if self.line.uniform[k]:
                rate = self.line.edges[k] + self.line.above(k) * self.line.width(k) / self.line.mass[k][0]
                terms |= {("W", self.i, k): F(2), ("Q", self.i, k): -rate}
            else:
                terms["P", self.i, k] = ONE
        return terms

    def amounts(self, _=0):
        return {k: (("Q", self.i, k), self.line.mass[k][1]) for k in range(self.line.size)}


class Faces:
    """One agent, several parameters with constant densities (C5, C2)."""

    def __init__(self, i, lines):
        need(all(all(line.uniform) for line in lines), "boxes need constant densities")
        self.i, self.lines, self.axes = i, lines, range(len(lines))
        self.boxes = list(product(*(range(line.size) for line in lines)))

    def mass(self, k):
        return prod((line.mass[a][0] for line, a in pairs(self.lines, k)), start=ONE)

    def faces(self, kind, j, k):
        return (kind, self.i, j, k), (kind, self.i, j, (*k[:j], k[j] + 1, *k[j + 1 :]))

    def ranges(self):
        reach = sum(line.edges[-1] - line.edges[0] for line in self.lines)
        found = {("u", self.i, k): (ZERO, reach) for k in self.boxes}
        for k, j in product(self.boxes, self.axes):
            found["Q", self.i, j, k] = (ZERO, self.mass(k))
            found |= dict.fromkeys(self.faces("F", j, k), (ZERO, reach))
            found |= dict.fromkeys(self.faces("E", j, k), (ZERO, ONE))
        return found

    def relation(self, family, *rest):
        if family == "C2":
            k, source = (tuple(box) for box in rest)
            need(
                all(line.width(a) == line.width(b) for line, a, b in pairs(self.lines, k, source)),
                "C2 needs like boxes",
            )
            terms = {("u", self.i, source): ONE, ("u", self.i, k): -ONE}
            for j, line in enumerate(self.lines):
                low, high = self.faces("F", j, source)
                rate = (line.middle(k[j]) - line.middle(source[j])) / line.width(source[j])
                add(terms, {high: rate, low: -rate})
            return terms, ZERO, False
        j, k = rest[0], tuple(rest[1])
        h, (low, high), (start, end) = self.lines[j].width(k[j]), self.faces("F", j, k), self.faces("E", j, k)
        if family == "C5":
            return {high: self.mass(k) / h, low: -self.mass(k) / h, ("Q", self.i, j, k): -ONE}, ZERO, True
        if family == "C5 order":
            return (
                ({start: h, high: -ONE, low: ONE} if rest[2] == "start" else {end: -h, high: ONE, low: -ONE}),
                ZERO,
                False,
            )
        if family == "C3 rising":
            return {("u", self.i, k): ONE, low: -F(1, 2), high: -F(1, 2)}, ZERO, False
        need(family == "C3" and 0 <= F(rest[2]) <= 1, f"there is no relation {family}")
        t = F(rest[2])
        return (
            {low: t, high: 1 - t, start: h * t * t / 2, end: -h * (1 - t) ** 2 / 2, ("u", self.i, k): -ONE},
            ZERO,
            False,
        )

    def value(self):
        terms = {}
        for k in self.boxes:
            for j, line in enumerate(self.lines):
                rate, (low, high) = self.mass(k) / line.width(k[j]), self.faces("F", j, k)
                add(
                    terms,
                    {high: rate * line.edges[k[j] + 1], low: -rate * line.edges[k[j]], ("u", self.i, k): -self.mass(k)},
                )
        return terms

    def payment(self):
        return add(self.value() | {("U", self.i): -ONE}, {("u", self.i, k): -self.mass(k) for k in self.boxes})

    def amounts(self, j=0):
        return {n: (("Q", self.i, j, k), self.mass(k)) for n, k in enumerate(self.boxes)}


def agent_range(stage, outside):
    """The range of U_0, the utility of the lowest type."""
    return (outside, None) if stage in ("interim", "ex_post") else (None, None)


class Auction:
    """Goods sold by the unit: interim columns of each group of buyers (averages over its copies), coupled by Border."""

    def __init__(self, data):
        self.data, self.buyers = data, data["buyers"]
        self.parts, self.range = [], {}
        for i, buyer in enumerate(self.buyers):
            lines = [Line(line) for line in buyer["lines"]]
            need(len(lines) == len(buyer["goods"]) == len(set(buyer["goods"])), "a buyer needs one line a good")
            self.parts.append(Envelope(i, lines[0]) if len(lines) == 1 else Faces(i, lines))
            self.range |= self.parts[-1].ranges() | {("U", i): agent_range(buyer["stage"], F(buyer["outside"]))}

    def wish(self, data):
        terms = {}
        for i, (buyer, part) in enumerate(pairs(self.buyers, self.parts)):
            count = len(buyer["name"])
            add(terms, part.payment(), count * F(data["payment"][i]))
            add(terms, part.value(), count * F(data["value"][i]))
            for j, unit in enumerate(data["units"][i]):
                add(terms, {name: ONE for name, _ in part.amounts(j).values()}, count * F(unit))
        return terms, F(data["constant"])

    def relation(self, family, *rest):
        if family == "Border":
            good, sets = rest
            claims = [i for i, buyer in enumerate(self.buyers) if good in buyer["goods"]]
            terms, miss = {}, ONE
            need(len(sets) == len(claims), "Border needs one set a group")
            for i, cells in pairs(claims, sets):
                columns, count = self.parts[i].amounts(self.buyers[i]["goods"].index(good)), len(self.buyers[i]["name"])
                terms |= {columns[k][0]: F(count) for k in set(cells)}
                miss *= (1 - min(ONE, sum(columns[k][1] for k in set(cells)))) ** count
            return terms, 1 - miss, False
        if family == "participation":
            i = rest[0]
            need(self.buyers[i]["stage"] == "ex_ante", "participation is in the range of U_0")
            return add(self.parts[i].payment(), self.parts[i].value(), -ONE), -F(self.buyers[i]["outside"]), False
        return self.parts[rest[0]].relation(family, *rest[1:])

    def mechanism(self, proof):
        return self.menu(proof["menu"]) if "menu" in proof else self.steps(proof["scores"])

    def menu(self, entries):
        """One buyer who takes the entry it likes best; (0, at most −outside) among them."""
        data, (part,) = self.data["wish"], self.parts
        entries = [(tuple(map(F, y)), F(price)) for y, price in entries]
        need(
            any(not any(y) and p <= -F(self.buyers[0]["outside"]) for y, p in entries),
            "staying away is not on the menu",
        )
        need(all(0 <= x <= 1 for y, _ in entries for x in y) and not self.data["needs"], "an entry is not feasible")
        paid, worth, units = F(data["payment"][0]), F(data["value"][0]), numbers(data["units"][0])
        total, lines = F(data["constant"]), part.lines if isinstance(part, Faces) else [part.line]
        need(all(all(line.uniform) for line in lines), "a menu is valued for constant densities")
        for box in product(*(pieces(line) for line in lines)):
            density = prod((d for _, d in box), start=ONE)
            functions = [(-price, y) for y, price in entries]
            for (y, price), (size, *moments) in pairs(entries, shares([side for side, _ in box], functions)):
                gain = (paid * price + sum(u * x for u, x in pairs(units, y))) * size
                total += density * (gain + worth * sum(x * m for x, m in pairs(y, moments)))
        return total

    def steps(self, scores):
        """Each good to the highest positive score, ties to the earlier agent; payments follow the envelope."""
        data, total = self.data["wish"], F(self.data["wish"]["constant"])
        need(not self.data["needs"], "step auctions know of no further needs")
        bidders = {}
        for i, buyer in enumerate(self.buyers):
            total -= len(buyer["name"]) * F(data["payment"][i]) * F(buyer["outside"])
            lines = self.parts[i].lines if isinstance(self.parts[i], Faces) else [self.parts[i].line]
            for good, line, row, unit in pairs(buyer["goods"], lines, numbers(scores[i]), data["units"][i]):
                need(len(row) == line.size and all(a <= b for a, b in pairwise(row)), "scores must not fall")
                weights = [
                    weight(line, k, F(data["payment"][i]), F(data["value"][i]), F(unit)) for k in range(line.size)
                ]
                bidders.setdefault(good, []).extend([(line, row, weights)] * len(buyer["name"]))
        for group in bidders.values():
            for i, (_, row, weights) in enumerate(group):
                memo = {}
                for k, score in enumerate(row):
                    if score > 0:
                        if score not in memo:
                            beaten = [sum(s < score or (s == score and i < j) for s in other)
                                      for j, (_, other, _) in enumerate(group)]  # fmt: skip
                            memo[score] = [
                                prod(
                                    (
                                        1 - line.above(n, 1 - end)
                                        for j, ((line, _, _), n) in enumerate(pairs(group, beaten))
                                        if j != i
                                    ),
                                    start=ONE,
                                )
                                for end in (0, 1)
                            ]
                        total += (memo[score][0] if weights[k] >= 0 else memo[score][1]) * weights[k]
        return total


def pieces(line):
    """Neighbouring cells of equal density joined: ((a, b), density)."""
    found = []
    for k in range(line.size):
        density = line.mass[k][0] / line.width(k)
        if found and found[-1][1] == density:
            found[-1] = ((found[-1][0][0], line.edges[k + 1]), density)
        else:
            found.append(((line.edges[k], line.edges[k + 1]), density))
    return found


def least(factor, low, high):
    return factor * (low if factor >= 0 else high)


def weight(line, k, paid, worth, unit):
    """At least what the wish gains when cell k gets a unit for sure: R(a) − R(b), the values' integral, the unit."""
    (a, b), (f_low, f_high) = line.edges[k : k + 2], line.mass[k]
    s_low, s_high = line.above(k), line.above(k, 1)
    t_low, t_high = (line.above(k + 1, end) for end in (0, 1))
    low, high = least(a, s_low, s_high) + least(-b, t_low, t_high), -least(-a, s_low, s_high) - least(b, t_low, t_high)
    mean = (line.middle(k),) * 2 if line.uniform[k] else (a, b)
    value = min(x * f for x in mean for f in (f_low, f_high)), max(x * f for x in mean for f in (f_low, f_high))
    return least(paid, low, high) + least(worth, *value) + least(unit, f_low, f_high)


class Profiles:
    """Any decision, one parameter an agent: columns on product cells."""

    def __init__(self, data):
        self.data, self.parties = data, data["parties"]
        self.rows = [(numbers(r["row"]), F(r["upper"]), r["equal"]) for r in data["rows"]]
        self.caps, self.costs = data["caps"], numbers(data["costs"])
        self.columns = range(len(self.caps))
        self.single = len(self.rows) == 1 and self.rows[0][1] == 1 and all(x == 1 for x in self.rows[0][0])
        self.slopes = [numbers(p["slopes"]) for p in self.parties]
        self.tilt = [F(p["tilt"]) for p in self.parties]
        need(all(len(r) == len(self.caps) for r in (*self.slopes, *(row for row, _, _ in self.rows))), "wrong length")
        self.lines = [Line(p["line"]) if p["line"] else None for p in self.parties]
        self.cells = [line.size if line else 1 for line in self.lines]
        self.profiles = list(product(*map(range, self.cells)))
        self.exact = all(line is None or all(line.uniform) for line in self.lines)
        self.range, self.parts = {}, []
        for i, (party, line) in enumerate(pairs(self.parties, self.lines)):
            low, high = self.reach(i)
            self.parts.append(Envelope(i, line, low, high) if line else None)
            self.range |= (self.parts[i].ranges() if line else {}) | {("U", i): agent_range(party["stage"], ZERO)}
            need(line or not any(self.slopes[i]), "an agent without a parameter has slopes")
        for p in self.profiles:
            high = self.mass(p)[1]
            self.range |= {("M", p, x): (ZERO, cap * high) for x, cap in enumerate(self.caps)}
            for i, part in enumerate(self.parts):
                if part:
                    corners = [
                        x * y * high for x in self.lines[i].edges[p[i] : p[i] + 2] for y in (part.low, part.high)
                    ]
                    self.range["w", i, p] = (min(*corners, ZERO), max(*corners, ZERO))

    def reach(self, i):
        """The least and the greatest marginal worth of the allocation to agent i, net of its outside option."""
        slopes = self.slopes[i]
        if self.single:
            ends = [*slopes, *(() if self.rows[0][2] else (ZERO,))]
            return min(ends) - self.tilt[i], max(ends) - self.tilt[i]
        return tuple(sum(end(s * c, 0) for s, c in pairs(slopes, self.caps)) - self.tilt[i] for end in (min, max))

    def mass(self, p):
        found = [line.mass[k] for line, k in pairs(self.lines, p) if line and k is not None]
        return prod((f for f, _ in found), start=ONE), prod((f for _, f in found), start=ONE)

    def sides(self, p):
        return [line.edges[k : k + 2] for line, k in pairs(self.lines, p) if line]

    def density(self, p):
        need(self.exact, "this relation needs constant densities")
        return self.mass(p)[0] / prod((b - a for a, b in self.sides(p)), start=ONE)

    def gross(self, x):
        return tuple(s[x] for s, line in pairs(self.slopes, self.lines) if line)

    def base(self, data):
        """The constant of a wish, and what each column adds."""
        constant, columns = F(data["constant"]), list(numbers(data["column"]))
        for i, party in enumerate(self.parties):
            paid, worth, line = F(data["payment"][i]), F(data["value"][i]), self.lines[i]
            constant -= paid * F(party["outside"])
            if self.tilt[i] and line:
                need(all(line.uniform), "a type-dependent outside option needs constant densities")
                constant += worth * self.tilt[i] * sum(line.middle(k) * line.mass[k][0] for k in range(line.size))
            columns = [c + (paid + worth) * level for c, level in pairs(columns, numbers(party["levels"]))]
        return constant, columns

    def wish(self, data):
        constant, columns = self.base(data)
        terms = {("M", p, x): c for p in self.profiles for x, c in enumerate(columns) if c}
        for i, part in enumerate(self.parts):
            add(terms, part.payment() if part else {("U", i): -ONE}, F(data["payment"][i]))
            add(terms, part.value() if part else {}, F(data["value"][i]))
        return terms, constant

    def relation(self, family, *rest):
        if family in ("feasible", "feasible below"):
            (row, upper, equal), p = self.rows[rest[0]], tuple(rest[1])
            (low, high), terms = self.mass(p), {("M", p, x): c for x, c in enumerate(row) if c}
            if family == "feasible below":
                need(equal, "this limit is not an equation")
                return {v: -c for v, c in terms.items()}, -upper * low, False
            return terms, upper * high, equal and low == high
        if family in ("sum Q", "sum W"):
            i, k = rest
            here = [p for p in self.profiles if p[i] == k]
            if family == "sum W":
                return {("W", i, k): ONE, **{("w", i, p): -ONE for p in here}}, ZERO, True
            need(not self.tilt[i] or self.lines[i].exact, "a type-dependent outside option needs exact probabilities")
            terms = {("M", p, x): -s for p in here for x, s in enumerate(self.slopes[i]) if s}
            return {("Q", i, k): ONE, **terms}, -self.tilt[i] * self.lines[i].mass[k][0], True
        if family in ("C1", "efficient", "efficient value"):
            return self.alternatives(family, tuple(rest[0]), rest[1])
        if family == "participation" and rest[1] == "mean":
            need(self.parties[rest[0]]["stage"] == "ex_ante" and self.parts[rest[0]], "this is not ex ante")
            return add(self.parts[rest[0]].payment(), self.parts[rest[0]].value(), -ONE), ZERO, False
        if family == "participation":
            need(self.parties[rest[0]]["stage"] in ("interim", "ex_post"), "nobody has to take part here")
        return self.parts[rest[0]].relation(family, *rest[1:])

    def alternatives(self, family, p, what):
        """C1 and the efficient allocation: the columns are alternatives of which one, or at most one, happens."""
        need(self.single, "the columns are not alternatives")
        null = [] if self.rows[0][2] else [(ZERO, (ZERO,) * len(self.gross(0)))]
        if family == "C1":
            need(len(what) == len(self.caps), "C1 needs one number a column")
            functions = list({(-F(t), self.gross(x)) for x, t in enumerate(what)} | set(null))
            peak = ZERO
            for (level, slopes), (size, *moments) in pairs(functions, shares(self.sides(p), functions)):
                peak += level * size + sum(s * m for s, m in pairs(slopes, moments))
            tilted = sum(t * line.middle(k) for t, line, k in pairs(self.tilt, self.lines, p) if line)
            terms = {("w", i, p): ONE for i, line in enumerate(self.lines) if line}
            terms |= {("M", p, x): -F(t) for x, t in enumerate(what)}
            return terms, self.density(p) * peak - tilted * self.mass(p)[0], False
        need(self.data["efficient"], "efficiency is not asked for")
        levels = [sum(F(party["levels"][x]) for party in self.parties) - self.costs[x] for x in self.columns]
        found = shares(self.sides(p), [(levels[x], self.gross(x)) for x in self.columns] + null)
        if family == "efficient":
            return {("M", p, what): ONE}, self.density(p) * found[what][0], True
        axis = sum(line is not None for line in self.lines[:what])
        worth = sum(s * found[x][1 + axis] for x, s in enumerate(self.slopes[what]))
        fixed = self.tilt[what] * self.lines[what].middle(p[what]) * self.mass(p)[0]
        return {("w", what, p): ONE}, self.density(p) * worth - fixed, True

    def mechanism(self, proof):
        needs = self.data["needs"]
        if "efficient" in proof:
            values = [self.efficient(data) for data in (self.data["wish"], *needs)]
        else:
            need(not self.data["efficient"], "the rule is not shown to be efficient")
            parts = [(F(rule["weight"]), rule["choice"]) for rule in proof["rules"]]
            need(sum(w for w, _ in parts) == 1 and all(w >= 0 for w, _ in parts), "the weights do not sum to 1")
            found = [[w * v for v in self.rule(proof["options"], choice)] for w, choice in parts]
            values = [sum(column) for column in pairs(*found)]
        for data, value in pairs(needs, values[1:]):
            spare = (
                data["equal"]
                and not any(map(F, self.data["wish"]["payment"]))
                and len(needs) == 1
                and any(F(x) > 0 for x in data["payment"])
            )
            need(
                value == 0 or (value > 0 and (spare or not data["equal"])),
                f"the mechanism does not meet {data['text']}",
            )
        return values[0]

    def efficient(self, data):
        """A wish under the efficient allocation and envelope payments with U_0 = 0."""
        need(all(part is None or part.low >= 0 for part in self.parts), "types inside the cells might not take part")
        known = {("U", i): ZERO for i in range(len(self.parties))}
        for p in self.profiles:
            for x in self.columns:
                known["M", p, x] = self.alternatives("efficient", p, x)[1]
        for i, part in enumerate(self.parts):
            for k in range(self.cells[i] if part else 0):
                here = [p for p in self.profiles if p[i] == k]
                known["W", i, k] = sum(self.alternatives("efficient value", p, i)[1] for p in here)
                terms, fixed, _ = self.relation("sum Q", i, k)
                known["Q", i, k] = fixed - sum(c * known[v] for v, c in terms.items() if v[0] == "M")
        terms, constant = self.wish(data)
        return constant + sum(c * known[v] for v, c in terms.items())

    def rule(self, options, choice):
        """The wish and the needs under a step mechanism, after checking that it is incentive compatible; exact laws."""
        need(self.exact and len(choice) == len(self.profiles), "a rule is valued on constant densities, cell by cell")
        options = [tuple(map(F, option)) for option in options]
        for option in options:
            fits = [(sum(a * x for a, x in pairs(row, option)), upper, equal) for row, upper, equal in self.rows]
            need(
                all(0 <= x <= c and x.denominator == 1 for x, c in pairs(option, self.caps)),
                "an allocation is not feasible",
            )
            need(all(x == u if equal else x <= u for x, u, equal in fits), "an allocation is not feasible")
        chosen = {p: options[c] for p, c in pairs(self.profiles, choice)}
        interim = []
        for i, line in enumerate(self.lines):
            steps = [sum(s * x for s, x in pairs(self.slopes[i], option)) - self.tilt[i] for option in options]
            y = {p: steps[c] for p, c in pairs(self.profiles, choice)}
            after = ((p, (*p[:i], p[i] + 1, *p[i + 1 :])) for p in self.profiles)
            need(all(y[p] <= y[q] for p, q in after if q in y), "the rule is not incentive compatible")
            average = [ZERO] * self.cells[i]
            for p in self.profiles:
                average[p[i]] += y[p] * self.mass((*p[:i], None, *p[i + 1 :]))[0]
            interim.append(average if line else [])
        return [self.rule_value(data, chosen, interim) for data in (self.data["wish"], *self.data["needs"])]

    def rule_value(self, data, chosen, interim):
        total, columns = self.base(data)
        for p, option in chosen.items():
            total += self.mass(p)[0] * sum(c * x for c, x in pairs(columns, option))
        for i, average in enumerate(interim):
            line, paid, worth, utility, rent = self.lines[i], F(data["payment"][i]), F(data["value"][i]), ZERO, ZERO
            for k, y in enumerate(average):
                total += y * weight(line, k, paid, worth, ZERO)
                utility += y * line.width(k)
                rent = max(rent, -utility)
            total -= paid * rent
        return total


class Trade:
    """A buyer and a seller (mirrored: type −c) who trade exactly when v > c; the wish is the sum of payments."""

    def __init__(self, data):
        self.lines = {name: Line({**data[name], "uniform": [True] * len(data[name]["masses"]), "constants": []})
                      for name in ("buyer", "seller")}  # fmt: skip
        self.data, self.range, self.q, self.w = {"wish": None, "needs": []}, {}, {}, {}
        for name, line in self.lines.items():
            other = self.lines["seller" if name == "buyer" else "buyer"]
            self.range |= {("m", name, k): (None, None) for k in range(line.size)} | {("U", name): (ZERO, None)}
            for k in range(line.size):
                self.q[name, k] = self.w[name, k] = ZERO
                for s in range(other.size):
                    sides = [line.edges[k : k + 2], other.edges[s : s + 2]]
                    size, moment, _ = shares(sides, [(ZERO, (ZERO, ZERO)), (ZERO, (ONE, ONE))])[1]
                    rate = other.mass[s][0] / other.width(s) / line.width(k)
                    self.q[name, k] += rate * size
                    self.w[name, k] += rate * moment

    def wish(self, _):
        return {("m", name, k): line.mass[k][0] for name, line in self.lines.items() for k in range(line.size)}, ZERO

    def relation(self, family, name, k, *rest):
        line, q, w = self.lines[name], self.q, self.w
        pay, ends = ("m", name, k), [sum(line.width(j) * q[name, j] for j in range(n)) for n in (k, k + 1)]
        if family == "participation":
            return {pay: ONE}, w[name, k], False
        if family in ("C0", "C2"):
            (source,) = rest
            need(source != k, "a cell reports like another one")
            bound = w[name, k] - line.middle(k) * q[name, source]
            if family == "C2":
                need(line.width(k) == line.width(source), "C2 needs like cells")
                bound = w[name, k] - w[name, source] - q[name, source] * (line.middle(k) - line.middle(source))
            return {pay: ONE, ("m", name, source): -ONE}, bound, False
        if family == "identity":
            (a, b), h = line.edges[k : k + 2], line.width(k)
            return {pay: ONE, ("U", name): ONE}, 2 * w[name, k] - (b * ends[1] - a * ends[0]) / h, True
        need(family == "C3" and 0 <= F(rest[0]) <= 1, f"there is no relation {family}")
        t, h = F(rest[0]), line.width(k)
        before, after = q.get((name, k - 1), ZERO), q.get((name, k + 1), ONE)
        low = t * ends[0] + (1 - t) * ends[1] + before * h * t * t / 2 - after * h * (1 - t) ** 2 / 2
        return {pay: ONE, ("U", name): ONE}, w[name, k] - low, False


def upper(model, proof):
    """The bound that the relations prove: multiplied, summed, and the rest bounded by the variables' ranges."""
    residual, value = model.wish(model.data["wish"])
    residual = dict(residual)
    for name, y in proof["relations"]:
        y = F(y)
        if name[0] == "need":
            side, data = name[2], next((d for d in model.data["needs"] if d["text"] == name[1]), None)
            need(data and (side == 1 or (side == -1 and data["equal"])), "there is no such need")
            terms, constant = model.wish(data)
            terms, bound, equal = {v: -side * c for v, c in terms.items()}, side * constant, False
        else:
            terms, bound, equal = model.relation(*name)
        need(y >= 0 or equal, f"the multiplier of {name} is negative")
        value += y * bound
        add(residual, terms, -y)
    for variable, rest in residual.items():
        if rest:
            need(variable in model.range, f"{variable} is not a variable")
            end = model.range[variable][rest > 0]
            need(end is not None, f"{variable} is left without a bound")
            value += rest * end
    return value


MODELS = {"auction": Auction, "profiles": Profiles, "efficient trade": Trade}


def verify(document):
    """The claim in words when the proof holds; raises RejectedError otherwise."""
    need(document.get("format") == "amd-continuum-1", "this is not a continuum certificate")
    environment, claim = document["environment"], document["claim"]
    text = json.dumps(environment, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    need(hashlib.sha256(text.encode("ascii")).hexdigest() == document["digest"], "the digest does not fit")
    need(environment["model"] in MODELS and claim["wish"] in ("at most", "at least"), "the claim is not understood")
    model, value = MODELS[environment["model"]](environment), F(claim["value"])
    if claim["wish"] == "at most":
        found = upper(model, document["proof"])
        need(found <= value, f"the relations prove {found} only")
    else:
        found = model.mechanism(document["proof"])
        need(found >= value, f"the mechanism reaches {found} only")
    return f"the wish is {claim['wish']} {value}"


def check(document):
    """(holds, message): any malformed document counts as not holding."""
    try:
        return True, verify(document)
    except (RejectedError, KeyError, IndexError, TypeError, ValueError, AttributeError, ZeroDivisionError) as fault:
        return False, f"{type(fault).__name__}: {fault}"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        holds, message = check(json.load(file))
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

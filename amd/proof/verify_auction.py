"""Checks a proof about selling goods to buyers with continuous types, in rational arithmetic.

``python verify_auction.py PROOF.json`` ends with status 0 where the proof holds and 1 where it does not. This file is
all that has to be trusted: it uses Python's standard library alone. Types are independent, and each buyer's parameters
are its values for goods of one unit. The document cuts parameters into cells and gives their probabilities; where these
are not rational, it gives enclosures, and the verdict says that they are premises: the proof is then one for every
prior that fits them.

*Rows.* A proof names relations. Each is rebuilt here as a sum of variables that is at least 0, or equal to 0, in every
incentive compatible mechanism for the continuous prior (Q: units, W: value, both integrated over a cell; P: units times
virtual value; U: utility of the lowest type; e: allocation at an end of a cell; ("one",): the number 1). Their proofs
stand in `amd/proof/continuum` and, in words, in `docs/proofs.md`.

*From above.* With multipliers y >= 0 (any y for equations) wish <= wish + Σ y · row, and the most that this can be is
read off, each variable at the better end of its range. Without a wish, a sum that is always below 0 is a contradiction.

Other decisions have verify_continuum.py. That a mechanism reaches some value is checked by verify_rule.py.
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

FORMAT = "amd-auction-1"
LARGEST = 300_000  # cells, or products of cells
MOST_BITS = 400_000  # of one number
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")
STAGES = {"interim", "ex_post", "ex_ante", "none"}
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


def pairs(*rows):
    return zip(*rows, strict=True)


def add(terms, more, times=1) -> dict:
    """Adds `times` · `more` to a sum of variables."""
    for variable, rate in more.items():
        total = terms.get(variable, 0) + times * rate
        need(total.denominator.bit_length() <= MOST_BITS, "a number has too many digits to be checked here")
        terms[variable] = total
    return terms


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


class Segment:
    """A buyer (the average over a group of like ones) with one parameter."""

    def __init__(self, i, line):
        self.i, self.line, self.lines, self.cells, self.masses = i, line, [line], line.cells, [f[1] for f in line.mass]
        self.ranges = {("e", i, k): (F(0), F(1)) for k in range(line.size + 1)}
        for k, f in enumerate(self.masses):
            ends = [x * f for x in line.edges[k : k + 2]] + [F(0)]
            self.ranges["Q", i, k], self.ranges["W", i, k] = (F(0), f), (min(ends), max(ends))
            self.ranges["P", i, k] = min(ends) - line.width(k), max(ends)

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
        self.data, self.buyers, self.parts, self.ranges = data, data["agents"], [], {ONE: (F(1), F(1))}
        for i, buyer in enumerate(self.buyers):
            lines = [Line(line) for line in buyer["lines"]]
            need(len(lines) == len(buyer["goods"]) == len(set(buyer["goods"])) > 0, "a buyer needs one line a good")
            self.parts.append(Segment(i, lines[0]) if len(lines) == 1 else Box(i, lines))
            need(buyer["stage"] in STAGES, "there is an unknown stage of participation")
            free = number(buyer["outside"]) if buyer["stage"] in ("interim", "ex_post") else None
            self.ranges |= {**self.parts[i].ranges, ("U", i): (free, None)}  # who may stay away gets what that is worth
        self.outside, self.counts = [number(b["outside"]) for b in self.buyers], [len(b["names"]) for b in self.buyers]

    def wish(self, data):
        """Payments, values and units with their weights, and a constant."""
        terms = {ONE: number(data["constant"])}
        rows = pairs(self.parts, self.counts, *(number(data[key], len(self.parts)) for key in ("payment", "value")))
        for i, (part, count, paid, valued) in enumerate(rows):
            add(add(terms, part.payment(), count * paid), part.value(), count * valued)
            for j, unit in enumerate(number(data["units"][i], len(part.lines))):
                add(terms, dict.fromkeys(part.amounts(j), F(1)), count * unit)
        return terms

    def row(self, family, *rest):
        """A relation by name: (terms, equal), where terms >= 0, or == 0 where `equal`."""
        if family == "need":
            asked, side = self.data["needs"][whole(rest[0], len(self.data["needs"]))], rest[1]
            need(side == 1 or (side == -1 and whole(asked["equal"], 2, bool)), "nobody asked for that")
            return add({}, self.wish(asked["wish"]), side), False
        if family == "on average":  # ex ante, nobody loses by taking part
            i = whole(rest[0], len(self.parts))
            need(self.data["agents"][i]["stage"] == "ex_ante", "participation is no average here")
            return add(add({ONE: -self.outside[i]}, self.parts[i].value()), self.parts[i].payment(), -1), False
        if family == "Border":
            return self.border(*rest), False
        return self.parts[whole(rest[0], len(self.parts))].row(family, *rest[1:])

    def border(self, good, sets):
        """A good goes to a type in one of the sets at most as often as some type is in its set."""
        claims, terms, miss = [i for i, buyer in enumerate(self.buyers) if good in buyer["goods"]], {}, F(1)
        for i, cells in pairs(claims, sets):
            part, count = self.parts[i], self.counts[i]
            inside = {whole(k, len(part.cells)) for k in cells}
            columns = part.amounts(self.buyers[i]["goods"].index(good))
            terms |= {columns[k]: F(-count) for k in inside}
            miss *= (1 - min(F(1), sum(part.masses[k] for k in inside))) ** count
        return add(terms, {ONE: 1 - miss})


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
    lines = [line for one in problem["agents"] for line in one["lines"]]
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
    need(data["kind"] == "continuum" and data["model"] == "goods", "the problem is not of a known kind")
    model, kind = Goods(data), claim["kind"]
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
        need(document["format"] == FORMAT, "this is not a proof about an auction on the continuum")
        return True, verify(document)
    except RejectedError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_auction.py PROOF.json")
    holds, message = check(None, sys.argv[1])
    print(("proven: " if holds else "NOT PROVEN: ") + message)
    sys.exit(0 if holds else 1)

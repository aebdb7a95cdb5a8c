"""Checks the premises of a proof about the continuum, in rational arithmetic.

``python verify_premises.py PROOF.json`` ends with status 0 where all premises hold, with 1 where one does not, and with
3 where some cannot be decided here. This file uses Python's standard library alone. A proof for a law whose
probabilities are not rational, or whose density varies, states numbers (see verify_auction.py, verify_continuum.py and
verify_rule.py) and the law they are said to be of. That they are true of it is checked here, by power series with
bounds of what is left out. Each law is cut to its support and normalised there.

*Masses.* Each stated interval holds the probability of its cell. *Constants.* (k, kind, part, level, above, below)
says that E[g y; cell] <= level Q + above y(b) − below y(a) for all rising y >= 0 on the cell [a, b], with g the type
("W") or the virtual value ("P"). Such y mix steps at s; let D(s) be what the step gains, D(s) = E[g − level; s..b].
It holds if above >= D(s) for all s, and below <= above − D(a). For W, D is greatest where θ = level. For P,
D(s) = (s − level) Pr[s..b] − (b − s) Pr[b..], whose factors are monotone: the cell is halved until a bound is enough.
"""

# mypy: ignore-errors
# (plain Python on JSON data, so that it can be read in one sitting)

import json
import re
import sys
from fractions import Fraction as F  # noqa: N817
from functools import cache
from itertools import pairwise
from math import ceil, comb, floor

BITS = [256]  # after the point, while computing
MORE = (256, 1024)  # bits that are tried
MOST_PIECES = 30_000  # of the cells of one parameter, in all
MOST_POWERS = 200  # of a polynomial
STEEP = 10_000  # exponents are at most
MOST_TERMS = 5_000  # of one series
NUMBER = re.compile(r"-?[0-9]{1,4000}(/[1-9][0-9]{0,3999})?")
FAR = 24  # the normal density beyond has less than 2**-415


class FalseError(Exception):
    """A premise is false, or none; the message says which."""


class UnknownError(Exception):
    """A law that is not known here, or a number too fine to be decided."""


def number(text):
    if not (isinstance(text, str) and NUMBER.fullmatch(text)):
        raise FalseError("a number is not a rational text")
    return F(text)


# Intervals of rationals, (low, high). Series are summed in whole numbers over 2**BITS, rounded outward.


def exact(x):
    return x, x


def plus(x, y, sign=1):
    return (x[0] + y[0], x[1] + y[1]) if sign > 0 else (x[0] - y[1], x[1] - y[0])


def scaled(rate, x):
    return min(rate * v for v in x), max(rate * v for v in x)


def times(x, y):
    corners = [a * b for a in x for b in y]
    return rational(fixed(min(corners), max(corners)))


def fixed(low, high):
    return floor(low * (1 << BITS[0])), ceil(high * (1 << BITS[0]))


def rational(x):
    return F(x[0], 1 << BITS[0]), F(x[1], 1 << BITS[0])


def product(x, y, p=1, q=1):
    """x · y · p / q in whole numbers over 2**BITS."""
    corners = [a * b * p for a in x for b in y]
    return min(corners) // (q << BITS[0]), -(-max(corners) // (q << BITS[0]))


def series(term, y, ratio):
    """Σ terms, each y · p / q times the one before, (p, q) = ratio(n), n = 1, 2, … Once a factor is at most 1/2, as are
    all later ones (here they fall, or stay below 1/4), what is left out is at most the last term."""
    total, factor = term, max(map(abs, y))
    for n in range(1, MOST_TERMS):
        p, q = ratio(n)
        term = product(term, y, p, q)
        total, size = plus(total, term), max(map(abs, term))
        if size <= 2 and 2 * factor * p <= q << BITS[0]:
            return total[0] - size, total[1] + size
    raise UnknownError("a series is too long")


@cache
def exp_at(x, bits):
    if abs(x) > STEEP:
        raise UnknownError("an exponent is too large")
    halvings = abs(floor(x)).bit_length() + 2
    found = series(fixed(1, 1), fixed(*exact(x / 2**halvings)), lambda n: (1, n))
    for _ in range(halvings):
        found = product(found, found)
    return rational(found)


def exp(x):
    return exp_at(x[0], BITS[0])[0], exp_at(x[1], BITS[0])[1]


@cache
def log(x, bits):
    """2 atanh((x − 1) / (x + 1)), and k ln 2 for x = 2**k · m with m between 1/2 and 2."""
    k = x.numerator.bit_length() - x.denominator.bit_length()
    m = x / F(2) ** k
    parts = (series(fixed(t, t), fixed(t * t, t * t), lambda n: (2 * n - 1, 2 * n + 1))
             for t in (F(1, 3), (m - 1) / (m + 1)))  # fmt: skip
    return plus(*(scaled(rate, rational(part)) for rate, part in zip((2 * k, 2), parts, strict=True)))


@cache
def gauss_at(z, bits):
    """∫ exp(−u²/2) du from 0 to z: exp(−z²/2) Σ z^(2n+1) / (1 · 3 ⋯ (2n + 1))."""
    if z < 0:
        return scaled(-1, gauss_at(-z, bits))
    if z > FAR:
        return gauss_at(F(FAR), bits)[0], gauss_at(F(FAR), bits)[1] + exp_at(F(-(FAR**2), 2), bits)[1]
    total = series(fixed(z, z), fixed(z * z, z * z), lambda n: (1, 2 * n + 1))
    return times(exp(exact(-z * z / 2)), rational(total))


def gauss(z):
    low, high = rational(fixed(*z))
    return gauss_at(low, BITS[0])[0], gauss_at(high, BITS[0])[1]


def over(x, y):
    """A quotient; of two rationals, exactly."""
    if y[0] <= 0:
        raise UnknownError("a probability is too small to be told from 0")
    return exact(x[0] / y[0]) if x[0] == x[1] and y[0] == y[1] else times(x, (1 / y[1], 1 / y[0]))


# Laws: the mass and the integral of x over [a, b], before they are normalised.


def exponential(law):
    rate = number(law["rate"])

    def tail(x):
        return exp(exact(-rate * x))

    def moment(a, b):
        return plus(scaled(a + 1 / rate, tail(a)), scaled(b + 1 / rate, tail(b)), -1)

    return (lambda a, b: plus(tail(a), tail(b), -1)), moment


def normal(law):
    mean, sd = number(law["mean"]), number(law["sd"])

    def mass(a, b):
        return plus(gauss(exact((b - mean) / sd)), gauss(exact((a - mean) / sd)), -1)

    def moment(a, b):
        start, end = (exp(exact(-(((x - mean) / sd) ** 2) / 2)) for x in (a, b))
        return plus(scaled(mean, mass(a, b)), scaled(sd, plus(start, end, -1)))

    return mass, moment


def lognormal(law):
    """∫ x f(x) completes the square: e^(mean + sd²/2) times the mass for a mean moved by sd²."""
    mean, sd = number(law["mean"]), number(law["sd"])

    def below(x, center):
        return gauss(scaled(1 / sd, plus(log(x, BITS[0]), exact(center), -1)) if x else exact(F(-FAR - 1)))

    def mass(a, b, center=mean):
        return plus(below(b, center), below(a, center), -1)

    return mass, lambda a, b: times(exp(exact(mean + sd * sd / 2)), mass(a, b, mean + sd * sd))


def polynomial(law):
    pieces = [(number(p["from"]), number(p["to"]), [number(c) for c in p["density"]]) for p in law["pieces"]]
    if any(one[1] != other[0] for one, other in pairwise(pieces)):
        raise FalseError("the pieces of a density are no neighbours")
    for piece in pieces:
        positive(*piece)

    def integral(a, b, more):
        cuts = [(max(a, x), min(b, y), density) for x, y, density in pieces if max(a, x) < min(b, y)]
        parts = (c * (v ** (n + more) - u ** (n + more)) / (n + more) for u, v, one in cuts for n, c in enumerate(one))
        return exact(sum(parts))

    return (lambda a, b: integral(a, b, 1)), lambda a, b: integral(a, b, 2)


def positive(a, b, density, halvings=8):
    """A polynomial is nowhere negative on [a, b]: where its Bernstein coefficients are not, after some halvings."""
    degree = len(density) - 1
    if degree > MOST_POWERS:
        raise UnknownError("a polynomial has too many powers")
    if a >= b or any(sum(c * x**n for n, c in enumerate(density)) < 0 for x in (a, b)):
        raise FalseError("a density is negative, or a piece is empty")
    here = [sum(c * comb(n, j) * a ** (n - j) for n, c in enumerate(density) if n >= j) * (b - a) ** j
            for j in range(degree + 1)]  # fmt: skip
    found = (sum(F(comb(i, j), comb(degree, j)) * here[j] for j in range(i + 1)) for i in range(degree + 1))
    if min(found) < 0:
        if not halvings:
            raise UnknownError("it could not be decided that a density is nowhere negative")
        for side in ((a, (a + b) / 2), ((a + b) / 2, b)):
            positive(*side, density, halvings - 1)


KNOWN = {"exponential": exponential, "normal": normal, "lognormal": lognormal, "polynomial": polynomial}


class Law:
    """Probability and integral of x over [a, b], in all 1 over `support`; of scale · x + shift for an affine law."""

    def __init__(self, law):
        if law is None:
            raise UnknownError("the document does not say of which law its numbers are")
        self.scale, self.shift, self.data = F(1), F(0), law
        while self.data["law"] == "affine":  # scale · (s · x + t) + shift
            scale, shift = number(self.data["scale"]), number(self.data["shift"])
            self.scale, self.shift, self.data = self.scale * scale, self.shift + self.scale * shift, self.data["base"]
        if self.data["law"] not in KNOWN:
            raise UnknownError(f"the law '{self.data['law']}' is not known here")
        self.parts, self.pieces = KNOWN[self.data["law"]](self.data), 0
        self.densities = self.data["pieces"] if self.data["law"] == "polynomial" else []
        ends = (self.densities[0]["from"], self.densities[-1]["to"]) if self.densities else self.data["support"]
        self.low, self.high = map(number, ends)
        self.support = sorted(self.scale * x + self.shift for x in (self.low, self.high))
        self.total, self.mass = self.parts[0](self.low, self.high), cache(self.mass)

    def back(self, a, b):
        return sorted((x - self.shift) / self.scale for x in (a, b))

    def mass(self, a, b):
        a, b = self.back(a, b)
        return exact(F(1)) if (a, b) == (self.low, self.high) else over(self.parts[0](a, b), self.total)

    def moment(self, a, b):
        moment = over(self.parts[1](*self.back(a, b)), self.total)
        return plus(scaled(self.scale, moment), scaled(self.shift, self.mass(a, b)))

    def flat(self, a, b):
        """Whether the density is one constant on [a, b]."""
        a, b = self.back(a, b)
        here = [p["density"] for p in self.densities if number(p["from"]) < b and number(p["to"]) > a]
        return bool(here) and all(one == here[0] and len(one) == 1 for one in here)


# Premises.


def need(true, false, message):
    """The premise `message`: surely true, surely false, or too fine for the bits."""
    if false:
        raise FalseError(f"it is not true that {message}")
    if not true:
        raise UnknownError(f"it could not be decided that {message}")


def check_line(line):
    """How many numbers of a line have been checked: intervals, and constants."""
    edges = [number(x) for x in line["edges"]]
    law, cells = Law(line.get("law")), list(pairwise(edges))
    ends = law.support == [edges[0], edges[-1]] and all(a < b for a, b in cells)
    need(ends, not ends, "the cells cover what the law covers")
    for (a, b), (low, high), uniform in zip(cells, line["masses"], line["uniform"], strict=True):
        f, flat = law.mass(a, b), not uniform or law.flat(a, b)
        least, most = number(low), number(high)
        need(least <= f[0] and f[1] <= most, f[1] < least or most < f[0], f"[{a}, {b}] is as probable as stated")
        need(flat, not flat, f"the density on [{a}, {b}] is constant")
    for k, kind, part, *constants in line["constants"]:
        where = f"the tangent {kind} at {part} of the cell {k} has the stated constants"
        level, above, below = map(number, constants)
        gain = {"W": value_gain, "P": virtual_gain}[kind]
        start = gain(law, *cells[k], level, above, where)
        need(below <= above - start[1], below > above - start[0], where)
    return premises(line)


def premises(line):
    return sum(low != high for low, high in line["masses"]), len(line["constants"])


def value_gain(law, a, b, level, above, where):
    """D(a), once D(s) <= above is shown: it is greatest where the type is the level."""

    def gain(s):
        return plus(law.moment(s, b), scaled(level, law.mass(s, b)), -1)

    peak = gain(max(level, a)) if level < b else exact(F(0))
    need(above >= max(peak[1], 0), above < max(peak[0], 0), where)
    return gain(a)


def virtual_gain(law, a, b, level, above, where):
    """D(a), once D(s) <= above is shown on the whole cell."""

    def rest(s):
        return law.mass(s, b) if s < b else exact(F(0))

    def gain(s):
        return plus(scaled(s - level, rest(s)), scaled(b - s, tail), -1)

    tail = law.mass(b, law.support[1]) if b < law.support[1] else exact(F(0))
    queue = [(a, b)]
    while queue:
        low, high = queue.pop()
        bound = rest(low)[1] if high >= level else rest(high)[0]
        if (high - level) * bound - (b - high) * tail[0] > above:
            law.pieces += 1
            need(law.pieces <= MOST_PIECES, gain(low)[0] > above, where)
            queue += [(low, (low + high) / 2), ((low + high) / 2, high)]
    return gain(a)


FAULTS = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, RecursionError, TypeError, ValueError)


def check(document, path=None) -> tuple[bool | None, str]:
    """(holds, message) of a document, or of the file at `path`; `holds` is None where that is not decided here."""
    try:
        if path is not None:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
        lines = [line for one in document["problem"]["agents"] for line in one.get("lines") or [one["line"]]]
        return settled([one for one in lines if one.get("law") is not None or premises(one) != (0, 0)])
    except FalseError as fault:
        return False, str(fault)
    except FAULTS as fault:
        return False, f"the document is malformed ({type(fault).__name__}: {str(fault)[:200]})"


def settled(lines):
    for bits in MORE:
        BITS[0] = bits
        try:
            found = [check_line(one) for one in lines]
            masses, constants = (sum(pair[at] for pair in found) for at in (0, 1))
            return True, f"{masses} enclosures and {constants} constants are true of the stated laws"
        except UnknownError as fault:
            reason = str(fault)
    return None, reason


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify_premises.py PROOF.json")
    holds, message = check(None, sys.argv[1])
    print({True: "the premises hold: ", False: "A PREMISE IS FALSE: ", None: "not decided: "}[holds] + message)
    sys.exit({True: 0, False: 1, None: 3}[holds])

"""A second reader of VIPR certificates, written from the specification of format 1.0 alone: it imports nothing of the
project, and recomputes every solution and derivation in fractions.

https://github.com/ambros-gleixner/VIPR/blob/master/cert_spec_v1_0.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

Row = dict[int, Fraction]  # nonzero coefficients
ORDER = {"G": 1, "E": 0, "L": -1}
VALUE = re.compile(r"[+-]?\d+(\.\d*)?(/\d+)?")


class RefusedError(Exception):
    """The certificate proves nothing, and why."""


@dataclass(frozen=True)
class Constraint:
    """``row · x`` (at least, equal to, at most: 1, 0, −1) `right`, if the assumptions hold."""

    row: Row
    order: int
    right: Fraction
    assumptions: frozenset[int] = frozenset()

    @property
    def absurd(self) -> bool:
        wrong = {1: self.right > 0, 0: self.right != 0, -1: self.right < 0}
        return not self.row and wrong[self.order]

    def dominates(self, other: Constraint) -> bool:
        if self.absurd:
            return True
        if self.row != other.row:
            return False
        if other.order == 0:
            return self.order == 0 and self.right == other.right
        return self.order in (0, other.order) and (self.right - other.right) * other.order >= 0

    def holds_at(self, x: Row) -> bool:
        value = product(self.row, x)
        return {1: value >= self.right, 0: value == self.right, -1: value <= self.right}[self.order]


@dataclass
class Certificate:
    """What the file says of the program, and what it claims: `lower` and `upper` (None: nothing), or `infeasible`."""

    variables: list[str]
    integer: set[int] = field(default_factory=set)
    maximize: bool = False
    objective: Row = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    own: int = 0  # how many of the constraints are the program's
    infeasible: bool = False
    lower: Fraction | None = None
    upper: Fraction | None = None
    solutions: list[Row] = field(default_factory=list)


def product(row: Row, x: Row) -> Fraction:
    return sum((value * x.get(at, Fraction(0)) for at, value in row.items()), Fraction(0))


def verified(text: str) -> Certificate:
    """The certificate, every part of it checked. Raises RefusedError otherwise."""
    return _Reader(text).certificate()


class _Reader:
    def __init__(self, text: str) -> None:
        kept = text.splitlines()
        while kept and kept[0].startswith("%"):
            kept.pop(0)
        self.tokens: Iterator[str] = iter(" ".join(kept).split())
        self.last_use: list[int] = []
        self.names: set[str] = set()

    def certificate(self) -> Certificate:
        self.word("VER")
        self.word("1.0")
        self.word("VAR")
        self.read = Certificate([self.next() for _ in range(self.count())])
        self.word("INT")
        self.read.integer = {self.variable() for _ in range(self.count())}
        self.word("OBJ")
        self.read.maximize = self.one_of("min", "max") == "max"
        self.read.objective = self.row()
        self.word("CON")
        self.read.own, bounds = self.count(), self.count()
        for place in range(self.read.own):
            constraint = self.constraint()
            if place < bounds and len(constraint.row) > 1:
                raise RefusedError(f"constraint {place} is no bound")
            self.add(constraint, -1)
        self.claim()
        self.solutions()
        self.word("DER")
        for _ in range(self.count()):
            self.derivation()
        if next(self.tokens, None) is not None:
            raise RefusedError("something follows the last derivation")
        self.conclusion()
        return self.read

    def claim(self) -> None:
        self.word("RTP")
        self.read.infeasible = self.one_of("infeas", "range") == "infeas"
        if not self.read.infeasible:
            low, high = self.next(), self.next()
            self.read.lower = None if low == "-inf" else self.number(low)
            self.read.upper = None if high == "inf" else self.number(high)

    def solutions(self) -> None:
        self.word("SOL")
        for _ in range(self.count()):
            name, x = self.next(), self.row()
            if any(x.get(at, Fraction(0)).denominator != 1 for at in self.read.integer):
                raise RefusedError(f"solution {name} is not whole")
            if not all(constraint.holds_at(x) for constraint in self.read.constraints):
                raise RefusedError(f"solution {name} breaks a constraint")
            self.read.solutions.append(x)

    def best(self) -> Fraction | None:
        values = [product(self.read.objective, x) for x in self.read.solutions]
        return None if not values else max(values) if self.read.maximize else min(values)

    def derivation(self) -> None:
        said = self.constraint()
        self.word("{")
        how, at = self.next(), len(self.read.constraints)
        if how == "asm":
            assumptions = frozenset([at])
        elif how in ("lin", "rnd"):
            found = self.combined()
            if how == "rnd":
                found = self.rounded(found)
            self.require(found.dominates(said), at)
            assumptions = found.assumptions
        elif how == "uns":
            assumptions = self.united(said, at)
        elif how == "sol":
            best, order = self.best(), 1 if self.read.maximize else -1
            self.require(best is not None and said.row == self.read.objective and said.order == order, at)
            self.require(best is not None and (said.right - best) * order <= 0, at)
            assumptions = frozenset()
        else:
            raise RefusedError(f"'{how}' is no reason")
        self.word("}")
        last = self.integer(self.next())
        self.add(Constraint(said.row, said.order, said.right, assumptions), last)

    def combined(self) -> Constraint:
        row: Row = {}
        right, orders, seen, assumptions = Fraction(0), set(), set(), frozenset[int]()
        for _ in range(self.count()):
            at, factor = self.used(), self.number(self.next())
            if at in seen:
                raise RefusedError(f"constraint {at} is used twice in one sum")
            seen.add(at)
            part = self.read.constraints[at]
            assumptions |= part.assumptions
            if factor:
                orders.add(part.order * (1 if factor > 0 else -1))
            right += factor * part.right
            for column, value in part.row.items():
                row[column] = row.get(column, Fraction(0)) + factor * value
        orders.discard(0)
        if len(orders) > 1:
            raise RefusedError("a sum of constraints that point in different directions")
        return Constraint({k: v for k, v in row.items() if v}, orders.pop() if orders else 0, right, assumptions)

    def rounded(self, found: Constraint) -> Constraint:
        if found.order == 0 or any(k not in self.read.integer or v.denominator != 1 for k, v in found.row.items()):
            raise RefusedError("a sum that cannot be rounded")
        right = Fraction(ceil(found.right) if found.order > 0 else floor(found.right))
        return Constraint(found.row, found.order, right, found.assumptions)

    def united(self, said: Constraint, at: int) -> frozenset[int]:
        one, assumed_one, other, assumed_other = (self.used() for _ in range(4))
        cases = [self.read.constraints[k] for k in (assumed_one, assumed_other)]
        cases.sort(key=lambda case: case.order)
        low, high = cases
        whole = low.right.denominator == 1 and all(
            k in self.read.integer and v.denominator == 1 for k, v in low.row.items()
        )
        opposite = (low.order, high.order) == (-1, 1) and low.row == high.row and low.right + 1 == high.right
        self.require(whole and opposite, at)
        results = self.read.constraints[one], self.read.constraints[other]
        self.require(all(result.dominates(said) for result in results), at)
        return (results[0].assumptions - {assumed_one}) | (results[1].assumptions - {assumed_other})

    def conclusion(self) -> None:
        read = self.read
        last = read.constraints[-1] if len(read.constraints) > read.own else None
        if read.infeasible:
            if last is None or not last.absurd or last.assumptions:
                raise RefusedError("the last derivation is no contradiction without assumptions")
            return
        proven, reached = (read.upper, read.lower) if read.maximize else (read.lower, read.upper)
        order, best = -1 if read.maximize else 1, self.best()
        if reached is not None and (best is None or (best - reached) * order > 0):
            raise RefusedError("no solution reaches the value")
        if proven is not None:
            goal = Constraint(read.objective, order, proven)
            if last is None or last.assumptions or not last.dominates(goal):
                raise RefusedError("the last derivation is not the bound")

    def add(self, constraint: Constraint, last: int) -> None:
        self.read.constraints.append(constraint)
        self.last_use.append(last)

    def used(self) -> int:
        """The index of an earlier constraint."""
        at, here = self.integer(self.next()), len(self.read.constraints)
        if not 0 <= at < here:
            raise RefusedError(f"there is no constraint {at} before {here}")
        if 0 <= self.last_use[at] < here:
            raise RefusedError(f"constraint {at} was not to be used any more")
        return at

    def constraint(self) -> Constraint:
        name = self.next()
        if name in self.names:
            raise RefusedError(f"there are two constraints {name}")
        self.names.add(name)
        return Constraint(order=ORDER[self.one_of(*ORDER)], right=self.number(self.next()), row=self.row(True))

    def row(self, or_objective: bool = False) -> Row:
        size = self.next()
        if or_objective and size == "OBJ":
            return self.read.objective
        found: Row = {}
        for _ in range(self.integer(size)):
            at, value = self.variable(), self.number(self.next())
            if at in found:
                raise RefusedError(f"variable {at} is there twice")
            found[at] = value
        return {at: value for at, value in found.items() if value}

    def variable(self) -> int:
        at = self.integer(self.next())
        if not 0 <= at < len(self.read.variables):
            raise RefusedError(f"there is no variable {at}")
        return at

    def next(self) -> str:
        token = next(self.tokens, None)
        if token is None:
            raise RefusedError("the file ends too soon")
        return token

    def word(self, expected: str) -> None:
        self.one_of(expected)

    def one_of(self, *expected: str) -> str:
        token = self.next()
        if token not in expected:
            raise RefusedError(f"'{token}' stands where {' or '.join(expected)} was expected")
        return token

    def count(self) -> int:
        number = self.integer(self.next())
        if number < 0:
            raise RefusedError(f"{number} things cannot be listed")
        return number

    def integer(self, token: str) -> int:
        if not re.fullmatch(r"-?\d+", token):
            raise RefusedError(f"'{token}' is no whole number")
        return int(token)

    def number(self, token: str) -> Fraction:
        if not VALUE.fullmatch(token) or ("." in token and "/" in token) or re.search(r"/0+$", token):
            raise RefusedError(f"'{token}' is no number")
        return Fraction(token)

    def require(self, holds: bool, at: int) -> None:
        if not holds:
            raise RefusedError(f"constraint {at} does not follow")

"""Exact proofs as VIPR certificates, which independent checkers such as `viprchk` read.

Format 1.0 (Cheung, Gleixner and Steffy, Verifying Integer Programming Results, IPCO 2017): the program in rational
numbers, what is claimed, a solution, and derivations, each a linear combination of earlier constraints. Cases of
integer columns are assumptions (``asm``) that are discharged two at a time (``uns``): whatever follows from x <= n and
from x >= n + 1 alike is true.

The format has no constant in the objective: an offset is written as a variable that is fixed at 1. Every bound of a row
or column is a constraint, two-sided rows are two, equal bounds one equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from solvers.exact.numbers import Exact
from solvers.exact.program import RationalProgram
from solvers.exact.solve import ExactSolution
from solvers.names import safe_names
from solvers.program import IntArray
from solvers.solution import Status

Terms: TypeAlias = list[tuple[int, Fraction]]  # an index and its number, many times


@dataclass(frozen=True, eq=False)
class Split:
    """Two cases of an integer column: at most `units`, and at least one more."""

    column: int
    units: int
    low: Proof
    high: Proof


@dataclass(frozen=True, eq=False)
class Contradiction:
    """Multipliers of rows (m,) and columns (n,) that the bounds of `program`, those of a case, contradict."""

    program: RationalProgram
    row_dual: Exact
    column_dual: Exact
    status = Status.INFEASIBLE
    proven, crossed, objective, reason = True, None, None, ""


Case: TypeAlias = ExactSolution | Contradiction
Proof: TypeAlias = Case | Split


def lines(
    program: RationalProgram, proof: Proof | None, best: Exact | None = None, remarks: Iterable[str] = ()
) -> Iterator[str]:
    """The lines of the certificate, without line ends.

    With `best` (n,), a solution, the claim is that it is optimal, and `proof` shows that nothing is better; without
    `proof` only that its value is reached. Without `best` the claim is that there is no solution. The cases of a proof
    are exact optima, or contradictions, of the relaxed program with the bounds of the case. `remarks` are comments in
    front.

    Raises ValueError where there is nothing to write, or a case proves something else.
    """
    if proof is None and best is None:
        raise ValueError("a certificate needs a solution or a proof")
    file = _Certificate(program)
    yield from (f"% {remark}" for remark in remarks)
    yield "VER 1.0"
    yield from file.variables()
    yield from file.constraints()
    yield from file.claim(proof, best)
    yield from file.derivations(proof, best)


class _Certificate:
    """The places of constraints in the file of one program."""

    def __init__(self, program: RationalProgram) -> None:
        self.program = program
        self.sense = "L" if program.maximize else "G"
        listed = _Listing(program)
        self.column_at, self.row_at = listed.columns, listed.rows
        self.bounds, self.count = listed.bounds, listed.count
        self.constant = self.bounds - 1 if program.offset else -1

    def variables(self) -> Iterator[str]:
        program = self.program
        names = [*(program.column_name(column) for column in range(program.column_count))]
        names += ["constant"] if program.offset else []
        yield f"VAR {len(names)}"
        yield from safe_names(names, "x", [])
        integer = [] if program.integer is None else np.flatnonzero(program.integer).tolist()
        yield f"INT {len(integer)}"
        yield " ".join(map(str, integer))
        cost = _terms(program.cost)
        cost += [(program.column_count, program.offset)] if program.offset else []
        yield f"OBJ {'max' if program.maximize else 'min'}"
        yield _text(cost)

    def constraints(self) -> Iterator[str]:
        yield f"CON {self.count} {self.bounds}"
        labels = iter(safe_names(self._labels(), "c", []))
        program = self.program
        one = Fraction(1)
        for column, sides in enumerate(zip(program.column_lower, program.column_upper, strict=True)):
            for sense, side in _senses(*sides):
                yield f"{next(labels)} {sense} {side} {_text([(column, one)])}"
        if program.offset:
            yield f"{next(labels)} E 1 {_text([(program.column_count, one)])}"
        for row, sides in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
            entries = slice(int(program.starts[row]), int(program.starts[row + 1]))
            text = _text(list(zip(program.column[entries].tolist(), program.value[entries].tolist(), strict=True)))
            for sense, side in _senses(*sides):
                yield f"{next(labels)} {sense} {side} {text}"

    def _labels(self) -> Iterator[str]:
        """Names of the constraints, not yet distinct."""
        program = self.program
        for column, sides in enumerate(zip(program.column_lower, program.column_upper, strict=True)):
            yield from (f"{program.column_name(column)}.{sense}" for sense, _ in _senses(*sides))
        if program.offset:
            yield "constant.E"
        for row, sides in enumerate(zip(program.row_lower, program.row_upper, strict=True)):
            yield from (program.row_name(row) for _ in _senses(*sides))

    def claim(self, proof: Proof | None, best: Exact | None) -> Iterator[str]:
        if best is None:
            yield "RTP infeas"
            yield "SOL 0"
            return
        value = self._value(best)
        reached = f"{value} inf" if self.program.maximize else f"-inf {value}"
        yield f"RTP range {reached if proof is None else f'{value} {value}'}"
        yield "SOL 1"
        constant = [(self.program.column_count, Fraction(1))] if self.program.offset else []
        yield f"best {_text(_terms(best) + constant)}"

    def _value(self, best: Exact) -> Fraction:
        return Fraction(sum((self.program.cost * best).tolist(), Fraction(0))) + self.program.offset

    def derivations(self, proof: Proof | None, best: Exact | None) -> Iterator[str]:
        """All that leads to the claim, the claim last: cases before what follows from both."""
        target = "G 1 0" if best is None else f"{self.sense} {self._value(best)} OBJ"
        derived: list[str] = []
        waiting: list[tuple[Proof, dict[tuple[int, str], int]] | tuple[int, int]] = []
        waiting += [] if proof is None else [(proof, {})]
        done: list[int] = []  # where the results of cases stand that are not yet joined
        while waiting:
            node, held = waiting.pop()
            if isinstance(node, ExactSolution | Contradiction) and isinstance(held, dict):
                derived.append(self._closed(node, held))
                done.append(self.count + len(derived) - 1)
            elif isinstance(node, Split) and isinstance(held, dict):
                at = self.count + len(derived)
                derived += [
                    f"L {node.units} {_text([(node.column, Fraction(1))])} {{ asm }}",
                    f"G {node.units + 1} {_text([(node.column, Fraction(1))])} {{ asm }}",
                ]
                waiting.append((at, at + 1))
                waiting.append((node.high, {**held, (node.column, "G"): at + 1}))
                waiting.append((node.low, {**held, (node.column, "L"): at}))
            else:
                high, low = done.pop(), done.pop()
                derived.append(f"{target} {{ uns {low} {node} {high} {held} }}")
                done.append(self.count + len(derived) - 1)
        yield f"DER {len(derived)}"
        yield from (f"{name} {text} -1" for name, text in zip(self._free_names(), derived, strict=False))

    def _free_names(self) -> Iterator[str]:
        """Names that no constraint of the program has."""
        taken = {label.lower() for label in safe_names(self._labels(), "c", [])}
        number = 0
        while True:
            name, number = f"d{number}", number + 1
            if name not in taken:
                yield name

    def _closed(self, case: Case, held: dict[tuple[int, str], int]) -> str:
        """What the multipliers of a case prove, as a linear combination of constraints of the file."""
        if not case.proven or case.status not in (Status.OPTIMAL, Status.INFEASIBLE):
            raise ValueError(f"a case is neither optimal nor contradictory, but: {case.reason or case.status.value}")
        pairs = self._multipliers(case, held)
        if case.status is Status.OPTIMAL:
            pairs += [(self.constant, self.program.offset)] if self.program.offset else []
            return f"{self.sense} {case.objective} OBJ {{ lin {_text(pairs)} }}"
        gain = _gain(case)
        return f"G 1 0 {{ lin {_text([(at, weight / gain) for at, weight in pairs])} }}"

    def _multipliers(self, case: Case, held: dict[tuple[int, str], int]) -> Terms:
        """The constraints that a case leans on; a case's own bounds stand where `held` says."""
        if case.crossed is not None:
            what, at = case.crossed
            places = self.row_at if what == "row" else self.column_at
            here = {sense: held.get((at, sense), int(places[sense][at])) for sense in "GL"}
            return [(here["G"], Fraction(1)), (here["L"], Fraction(-1))]
        if case.row_dual is None or case.column_dual is None:
            raise ValueError("a case has no multipliers")
        downward = self.program.maximize and case.status is Status.OPTIMAL
        pairs = [(int(self.row_at["GL"[(y > 0) == downward]][at]), y) for at, y in _terms(case.row_dual)]
        for at, z in _terms(case.column_dual):
            sense = "GL"[(z > 0) == downward]
            pairs.append((held.get((at, sense), int(self.column_at[sense][at])), z))
        return pairs


class _Listing:
    """Where the constraint of each lower ("G") and upper ("L") bound stands, −1 where there is none: bounds of
    columns, the constant, rows."""

    def __init__(self, program: RationalProgram) -> None:
        self.count = 0
        self.columns = self._placed(program.column_lower, program.column_upper)
        self.count += bool(program.offset)
        self.bounds = self.count
        self.rows = self._placed(program.row_lower, program.row_upper)

    def _placed(self, lower: Exact, upper: Exact) -> dict[str, IntArray]:
        places = {sense: np.full(len(lower), -1, dtype=np.int64) for sense in "GL"}
        for at, sides in enumerate(zip(lower, upper, strict=True)):
            for sense, _ in _senses(*sides):
                for own in "GL" if sense == "E" else sense:
                    places[own][at] = self.count
                self.count += 1
        return places


def _senses(lower: Fraction | None, upper: Fraction | None) -> list[tuple[str, Fraction]]:
    """The constraints that two bounds are: none, one, an equation, or two."""
    if lower is not None and lower == upper:
        return [("E", lower)]
    return [(sense, side) for sense, side in (("G", lower), ("L", upper)) if side is not None]


def _gain(case: Case) -> Fraction:
    """What the multipliers of a contradiction make of its bounds: 0 >= this, which is positive."""
    program = case.program
    sides = ((program.row_lower, program.row_upper), (program.column_lower, program.column_upper))
    if case.crossed is not None:
        what, at = case.crossed
        lower, upper = sides[what == "column"]
        return Fraction(lower[at] - upper[at])
    return sum(
        (
            weight * (lower if weight > 0 else upper)[at]
            for (lower, upper), weights in zip(sides, (case.row_dual, case.column_dual), strict=True)
            if weights is not None
            for at, weight in _terms(weights)
        ),
        Fraction(0),
    )


def _terms(values: Exact) -> Terms:
    """The nonzero numbers with their places."""
    return [(at, value) for at, value in enumerate(values.tolist()) if value]


def _text(terms: Terms) -> str:
    """How many, then places and numbers."""
    return " ".join([str(len(terms)), *(f"{at} {value}" for at, value in terms)])

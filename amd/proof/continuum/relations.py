"""Relaxations made of named relations, and bounds that are proven by a list of multipliers.

A `Relation` is one inequality (or equation) that every mechanism for the continuous prior satisfies, with exact
coefficients and a name from which it can be rebuilt. A `Relaxation` collects them. Its float solution proves
nothing; `safe_bound` turns its dual values into a proof.

*Safe dual bound* (Neumaier and Shcherbina, 2004, "Safe bounds in linear and mixed-integer linear programming").
Claim: let every mechanism satisfy a_r·x <= b_r (r in L), a_r·x = b_r (r in E) and lo <= x <= hi. For any numbers y with
y_r >= 0 on L,

    c·x  <=  y·b + sum_j max over [lo_j, hi_j] of (c_j − sum_r y_r a_rj) x_j.

Proof: c·x = y·(a x) + (c − aᵀy)·x, and y·(a x) <= y·b because y_r >= 0 on the inequalities. Condition: the maximum is
finite, so a column without an upper bound must be left a residual of at most 0. Nothing is asked of where y came from,
so rounding the multipliers of a float solver loses accuracy but never truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from solvers import LinearProgram, SolverError, Status, get

Variable: TypeAlias = tuple[Any, ...]
Terms: TypeAlias = dict[Variable, Fraction]

BITS = 44  # multipliers are rounded to this many binary places
SIMPLE = 720  # the largest denominator of a simple multiplier
CUT = 1e-10  # a relation violated by less is not worth adding
ROUNDS = 40


@dataclass(frozen=True)
class Relation:
    """``terms <= bound`` (``==`` where `equal`). `name` holds the family, such as "C3", and what it is about."""

    name: tuple[Any, ...]
    terms: Terms
    bound: Fraction
    equal: bool = False

    @property
    def family(self) -> str:
        return str(self.name[0])

    def excess(self, point: Mapping[Variable, Any]) -> Any:
        """How much the left side exceeds the right at a point (positive: violated, unless an equation)."""
        return sum((value * point[variable] for variable, value in self.terms.items()), -self.bound)


@dataclass
class Relaxation:
    """Maximise `wish` over the mechanisms' cell averages. `ranges`: (lower, upper) of each variable, None for no
    bound."""

    wish: Terms = field(default_factory=dict)
    constant: Fraction = Fraction(0)
    ranges: dict[Variable, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)

    def variable(self, name: Variable, lower: Fraction | None, upper: Fraction | None) -> Variable:
        """Declare a variable with its proven range."""
        self.ranges[name] = (lower, upper)
        return name

    def add(self, *relations: Relation) -> None:
        self.relations.extend(relations)

    def want(self, terms: Mapping[Variable, Fraction], times: Fraction = Fraction(1)) -> None:
        """Add terms to what is maximised."""
        for variable, value in terms.items():
            self.wish[variable] = self.wish.get(variable, Fraction(0)) + times * value


@dataclass(frozen=True)
class Proof:
    """``wish <= value`` for every mechanism, by the relations that have a multiplier."""

    value: Fraction
    multipliers: tuple[tuple[Relation, Fraction], ...]
    relaxation: Relaxation

    @property
    def families(self) -> tuple[str, ...]:
        return tuple(sorted({relation.family for relation, _ in self.multipliers}))


class NoBoundError(ValueError):
    """There is no valid bound; the message says why in words."""


Cuts: TypeAlias = Callable[[dict[Variable, float]], Sequence[Relation]]


def prove(relaxation: Relaxation, cuts: Cuts | None = None, rounds: int = ROUNDS) -> Proof:
    """The best bound that the relations give, adding violated ones by `cuts`; proven exactly.

    1. Solve in floats, add the relations that the solution violates, until there is none (or `rounds` is reached:
       any set of relations gives a valid bound). 2. Round the multipliers, to simple rationals if that is no worse.
    Raises NoBoundError when the relations leave the wish unbounded or contradict each other.
    """
    names = list(relaxation.ranges)
    duals = np.zeros(0)
    for _ in range(rounds):
        point, duals = _solve(relaxation, names)
        fresh = [cut for cut in (cuts(point) if cuts else ()) if float(cut.excess(point)) > CUT]
        if not fresh:
            break
        relaxation.add(*fresh)
    return best_rounding(relaxation, duals)


def best_rounding(relaxation: Relaxation, duals: Sequence[float] | np.ndarray[Any, Any]) -> Proof:
    """The safe bound for finely rounded multipliers, or for simple ones where these lose nothing."""
    simple = [Fraction(float(y)).limit_denominator(SIMPLE) for y in duals]
    proofs, refusals = [], []
    for multipliers in (simple, [_binary(y) for y in duals]):
        try:
            proofs.append(safe_bound(relaxation, multipliers))
        except NoBoundError as refusal:
            refusals.append(refusal)
    if not proofs:
        raise refusals[0]
    best = min(proof.value for proof in proofs)
    return next(proof for proof in proofs if proof.value <= best + Fraction(1, 2**BITS))


def _binary(value: float) -> Fraction:
    return Fraction(round(float(value) * 2**BITS), 2**BITS)


def safe_bound(relaxation: Relaxation, multipliers: Sequence[Fraction]) -> Proof:
    """The bound of the module's claim for these multipliers (one a relation, in order; missing ones are 0).

    A negative multiplier of an inequality is set to 0. Raises NoBoundError where a column without an upper bound keeps
    a positive residual.
    """
    used = [
        (relation, y)
        for relation, y in zip(relaxation.relations, multipliers, strict=False)
        if y > 0 or (y < 0 and relation.equal)
    ]
    residual = dict(relaxation.wish)
    value = relaxation.constant
    for relation, y in used:
        value += y * relation.bound
        for variable, coefficient in relation.terms.items():
            residual[variable] = residual.get(variable, Fraction(0)) - y * coefficient
    for variable, rest in residual.items():
        value += _largest(variable, rest, *relaxation.ranges[variable])
    return Proof(value, tuple(used), relaxation)


def _largest(variable: Variable, rest: Fraction, lower: Fraction | None, upper: Fraction | None) -> Fraction:
    """The maximum of rest · x over [lower, upper], None standing for no bound."""
    end = upper if rest > 0 else lower
    if rest == 0:
        return Fraction(0)
    if end is None:
        raise NoBoundError(f"the relations leave {variable} unbounded")
    return rest * end


def solve(relaxation: Relaxation) -> dict[Variable, float]:
    """The float optimum of the relaxation as it stands."""
    return _solve(relaxation, list(relaxation.ranges))[0]


def _solve(relaxation: Relaxation, names: Sequence[Variable]) -> tuple[dict[Variable, float], Any]:
    """The float optimum of the relaxation and its row multipliers."""
    solution = get("highs").solve(float_program(relaxation, names))
    if solution.status is Status.UNBOUNDED:
        raise NoBoundError("the relations leave the wish unbounded")
    if solution.status is Status.INFEASIBLE:
        raise NoBoundError("no mechanism meets the requirements: the relations contradict each other")
    if solution.status is not Status.OPTIMAL or solution.x is None or solution.row_dual is None:
        raise SolverError(f"the relaxation was not solved: {solution.status.value} {solution.message}")
    return dict(zip(names, solution.x.tolist(), strict=True)), solution.row_dual


def float_program(relaxation: Relaxation, names: Sequence[Variable]) -> LinearProgram:
    """The relaxation in doubles, its columns in the order of `names`."""
    index = {name: column for column, name in enumerate(names)}
    rows, columns, data = [], [], []
    for row, relation in enumerate(relaxation.relations):
        for variable, value in relation.terms.items():
            rows.append(row)
            columns.append(index[variable])
            data.append(float(value))
    bound = np.array([float(relation.bound) for relation in relaxation.relations])
    equal = np.array([relation.equal for relation in relaxation.relations], dtype=bool)
    ranges = [relaxation.ranges[name] for name in names]
    return LinearProgram(
        cost=np.array([float(relaxation.wish.get(name, 0)) for name in names]),
        matrix=csr_array((data, (rows, columns)), shape=(len(bound), len(names))),
        row_lower=np.where(equal, bound, -np.inf),
        row_upper=bound,
        column_lower=np.array([-np.inf if lower is None else float(lower) for lower, _ in ranges]),
        column_upper=np.array([np.inf if upper is None else float(upper) for _, upper in ranges]),
        maximize=True,
    )

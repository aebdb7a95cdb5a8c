"""All mechanisms that meet a design, where they are the mixtures of a few: a simplex, and its proof.

Claim. Let a polytope have the affinely independent points D_1, ..., D_k, and let the affine functions s_j be 1 at D_j
and 0 at the others. It is their convex hull if and only if s_j(x) >= 0, Σ_j s_j(x) = 1 and x = Σ_j s_j(x) D_j hold of
all its points x. For lotteries over outcomes, whose chances sum to 1 at each profile, it is enough that Σ_j s_j(x) >= 1
and x(p, c) >= Σ_j s_j(x) D_j(p, c) hold. Each of these is a linear program.

1. Start with one exact basic solution.
2. Where an inequality fails, the solution that breaks it most is not in the affine hull of those found: it is a further
   vertex. Begin again with it.
3. When none fails, the exact multipliers of all of them are the proof (`amd.proof.verify_mixtures`).

A polytope that is no simplex is found out by s_j(x) < 0, and nothing is proven.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from os import PathLike
from typing import Any

import numpy as np

from amd.compile.choose import choose
from amd.compile.context import Context
from amd.compile.size import estimate, require_memory
from amd.files.whole import write_whole
from amd.model.design import Design
from amd.model.environment import AllocationKind
from amd.model.numbers import ExactArray
from amd.model.task import Task
from amd.proof.certificate import LARGEST, NotProven, Say, mechanism_of, rational_program
from amd.proof.efficiency import Multipliers
from amd.proof.multipliers import Reader
from amd.proof.problem import restate
from amd.proof.verify import ONE, RejectedError, digest
from amd.proof.verify_mixtures import FORMAT, check
from solvers import Settings, Status
from solvers.exact import ExactSolution, RationalProgram, solve_exact

MOST = 40  # mechanisms that are listed
ZERO, UNIT = Fraction(0), Fraction(1)

Document = dict[str, Any]
Spot = tuple[int, int]  # profile and outcome
Share = dict[Spot | None, Fraction]  # chances with their weights; the constant at None


@dataclass(frozen=True, eq=False)
class Mixtures:
    """The proven list. `chances` are those of each mechanism, (P, C); `document` is what `amd verify` reads."""

    task: Task
    chances: tuple[ExactArray, ...]
    document: Document

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the document to a file, whole or not at all."""
        write_whole(path, [json.dumps(self.document, indent=1), "\n"])

    def summary(self) -> str:
        """The list and the argument in words."""
        from amd.show.mixtures import mixtures_words  # shows results, so it stands above them

        return mixtures_words(self)

    __str__ = summary


class _FurtherError(Exception):
    """A mechanism that is not a mixture of those listed."""

    def __init__(self, x: ExactArray) -> None:
        super().__init__()
        self.x = x


@dataclass(eq=False)
class _Prover:
    """Linear programs over all mechanisms of a design."""

    context: Context
    program: RationalProgram
    reader: Reader
    settings: Settings
    bounds: list[list[Any]] = field(default_factory=list)

    def most(self, terms: Share) -> tuple[ExactSolution, Multipliers]:
        """The solution that makes the sum greatest, and its multipliers. Raises _FailureError."""
        index, profiles = self.context.allocation.index, self.reader.problem.profiles
        cost = np.full(self.program.column_count, ZERO, dtype=object)
        wish: dict[Any, Fraction] = {}
        for spot, rate in terms.items():
            if spot is None:
                wish[ONE] = rate
            else:
                cost[index[spot]] += rate
                wish["x", profiles[spot[0]], spot[1]] = rate
        self.reader.wish = wish
        program = replace(self.program, cost=cost, maximize=True, offset=terms.get(None, ZERO))
        found = solve_exact(program, self.settings)
        if not found.proven or found.status is not Status.OPTIMAL or found.x is None:
            raise _FailureError(found.reason or f"a linear program ended with: {found.status.value}")
        return found, self.reader.read(found)

    def at_most_zero(self, terms: Share) -> Multipliers:
        """The multipliers that prove it. Raises _FurtherError with a solution that makes the sum positive."""
        if all(rate <= 0 for rate in terms.values()):
            return []
        found, multipliers = self.most(terms)
        if found.objective is None or found.x is None or found.objective > 0:
            raise _FurtherError(np.asarray(found.x))
        return multipliers


class _FailureError(Exception):
    """Why nothing was proven."""


def certify_mixtures(
    task: Task, settings: Settings = Settings(), say: Say = lambda message: None
) -> Mixtures | NotProven:
    """The list of mechanisms whose mixtures are all that meet the design (its wish left aside), proven to be complete.

    For lotteries over outcomes without money. Raises ValueError where the task has no design, TooLargeError where the
    program would not fit in memory.
    """
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    design = replace(task.design, objective=None)
    refusal = _refusal(task, design)
    if refusal:
        return NotProven(refusal)
    plan = choose(task.environment, design, "full")
    size = estimate(task.environment, design, plan)
    require_memory(size)
    if size.nonzeros > LARGEST:
        return NotProven(f"the program would have about {size.nonzeros:,} nonzeros, too many for exact arithmetic here")
    context, program = rational_program(task.environment, design, plan)
    try:
        reader = Reader(replace(task, design=design), design, context, maximize=True)
        prover = _Prover(context, program, reader, settings)
        if not reader.problem.single:
            return NotProven("the outcomes are not chosen one at a time")
        return _proven(task, prover, say)
    except RejectedError as refused:
        return NotProven(f"the verifier cannot read the problem: {refused}")
    except _FailureError as failure:
        return NotProven(str(failure))


def _refusal(task: Task, design: Design) -> str:
    if task.environment.allocation.kind is not AllocationKind.OUTCOMES or design.transfers:
        return "all mechanisms are listed for lotteries over outcomes without money"
    if design.deterministic:
        return "mixtures are lotteries, and the design asks for a deterministic allocation"
    return ""


def _proven(task: Task, prover: _Prover, say: Say) -> Mixtures | NotProven:
    start = solve_exact(prover.program, prover.settings)
    if start.proven and start.status is Status.INFEASIBLE:
        return NotProven("no mechanism meets the design (see amd certify)")
    if not start.proven or start.x is None:
        return NotProven(start.reason or start.status.value)
    vertices = [start.x]
    while len(vertices) <= MOST:
        say(f"proving that all are mixtures of {len(vertices)}")
        tables = [np.asarray(prover.context.allocation.take(x)) for x in vertices]
        shares = shares_of(tables)
        try:
            bounds = list(_bounds(prover, tables, shares))
            one: Share = {None: UNIT}
            whole = prover.at_most_zero(_sum([(one, UNIT), *((share, -UNIT) for share in shares)]))
        except _FurtherError as other:
            vertices.append(other.x)
            continue
        try:
            positive = [prover.at_most_zero(_sum([(share, -UNIT)])) for share in shares]
        except _FurtherError:
            raise _FailureError("the mechanisms are not the mixtures of as many as their dimension takes") from None
        return _document(task, prover, vertices, shares, {"bounds": bounds, "whole": whole, "positive": positive})
    raise _FailureError(f"more than {MOST} mechanisms would have to be listed")


def _bounds(prover: _Prover, tables: Sequence[ExactArray], shares: Sequence[Share]) -> Iterable[list[Any]]:
    """For each profile and outcome the multipliers that give it its share, if it needs any. Raises _FurtherError."""
    profiles = prover.reader.problem.profiles
    for p, c in np.ndindex(*tables[0].shape):
        spot: Share = {(p, c): UNIT}
        chances: list[Fraction] = [table.item(p, c) for table in tables]
        mixed = list(zip(shares, chances, strict=True))
        multipliers = prover.at_most_zero(_sum([*mixed, (spot, -UNIT)]))
        if multipliers:
            yield [list(profiles[p]), c, multipliers]


def _sum(parts: Iterable[tuple[Share, Fraction]]) -> Share:
    """A weighted sum of sums, without what cancels."""
    total: Share = {}
    for terms, weight in parts:
        for spot, rate in terms.items():
            total[spot] = total.get(spot, ZERO) + weight * rate
    return {spot: rate for spot, rate in total.items() if rate}


def shares_of(tables: Sequence[ExactArray]) -> list[Share]:
    """Affine functions s_j of the chances with s_j(D_l) = 1 for j = l, else 0, each of few chances.

    `tables` are affinely independent, (P, C) each. Chances that are 1 in one of them and 0 in the others are taken
    first: their shares are these chances themselves.
    """
    spots: list[Spot] = [(int(p), int(c)) for p, c in np.ndindex(*tables[0].shape)]
    order = sorted(range(len(spots)), key=lambda k: sorted(table[spots[k]] for table in tables) != _unit(len(tables)))
    left = np.array([[*(table[spots[k]] for k in order), UNIT] for table in tables], dtype=object)
    inverse = np.array([[UNIT if j == row else ZERO for j in range(len(tables))] for row in range(len(tables))])
    chosen: list[int] = []
    for step in range(len(tables)):  # Gauss and Jordan, with the inverse beside
        pivot = next(k for k in range(left.shape[1]) if any(left[step:, k]))
        row = step + next(r for r in range(len(tables) - step) if left[step + r, pivot])
        left[[step, row]], inverse[[step, row]] = left[[row, step]], inverse[[row, step]]
        inverse[step] = inverse[step] / left[step, pivot]
        left[step] = left[step] / left[step, pivot]
        for other in range(len(tables)):
            if other != step and left[other, pivot]:
                inverse[other] = inverse[other] - left[other, pivot] * inverse[step]
                left[other] = left[other] - left[other, pivot] * left[step]
        chosen.append(pivot)
    keys = [None if k == len(order) else spots[order[k]] for k in chosen]
    return [{key: inverse[row, j] for row, key in enumerate(keys) if inverse[row, j]} for j in range(len(tables))]


def _unit(count: int) -> list[Fraction]:
    return [ZERO] * (count - 1) + [UNIT]


def _document(
    task: Task, prover: _Prover, vertices: Sequence[ExactArray], shares: Sequence[Share], proof: Document
) -> Mixtures | NotProven:
    profiles, problem = prover.reader.problem.profiles, restate(task)
    mechanisms = [mechanism_of(prover.context, x) for x in vertices]
    told = [
        {
            "constant": str(share.get(None, ZERO)),
            "chances": [[list(profiles[spot[0]]), spot[1], str(rate)] for spot, rate in share.items() if spot],
        }
        for share in shares
    ]
    document = {
        "format": FORMAT,
        "digest": digest(problem),
        "problem": problem,
        "claim": {"kind": "mixtures", "count": len(vertices)},
        "proof": {"mechanisms": mechanisms, "shares": told, **proof},
    }
    holds, message = check(document)
    if not holds:
        return NotProven(f"the verifier refuses the proof: {message}")
    return Mixtures(task, tuple(np.asarray(prover.context.allocation.take(x)) for x in vertices), document)

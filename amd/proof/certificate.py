"""Certificates about finite problems: the optimum, that there is no mechanism, or that there is one.

1. Write the program in rationals, with the reductions whose multipliers can be taken back (`amd.proof.names`).
2. Solve it exactly (`solvers.exact`); deterministic designs by branching (`amd.proof.tree`).
3. Lift the mechanism (`amd.proof.lift`) and name the multipliers.
4. Hand the document to `amd.proof.verify`, which rebuilds everything. What it does not accept is not proven.

A document: ``{"format", "digest", "problem", "claim": {"kind", "value"}, "proof": {"tree", "mechanism"}}``. `problem`
is the restated problem and `digest` its SHA-256. A tree without branches is ``{"multipliers": [[name, text], …]}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from os import PathLike
from typing import Any

import numpy as np

from amd.compile.choose import REDUCTIONS, choose
from amd.compile.context import Context
from amd.compile.plan import Plan
from amd.compile.program import build_context
from amd.compile.reduced.approach import Reduced
from amd.compile.reductions import adjacent, expected_budget, interim_allocation, interim_payments
from amd.compile.size import estimate, require_memory
from amd.files.whole import write_whole
from amd.model.design import Design
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import ExactArray, exact_zeros
from amd.model.task import Task
from amd.proof.argument import argument, leaves
from amd.proof.efficiency import efficiency_of
from amd.proof.exchange import averaged
from amd.proof.lift import lift
from amd.proof.multipliers import Reader, in_whole_numbers
from amd.proof.tree import UNBOUNDED, Branching, Undecided, prove_by_cases
from amd.proof.verify import FORMAT, RejectedError, check, digest
from amd.result import Result
from solvers import Settings, Status
from solvers.exact import ExactSolution, RationalProgram, solve_exact

LIFTED = (expected_budget.NAME, interim_payments.NAME, interim_allocation.NAME, adjacent.NAME)
LARGEST = 400_000  # nonzeros of a program that is worth trying
AVERAGED = 400  # multipliers of a proof that is made even between copies of agents
SMALL = 6_000  # nonzeros of a program whose exact optimum costs `solve` a fraction of a second

Document = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Certificate:
    """A proven claim: `kind` is "optimal", "infeasible" or "possible", `value` the exact optimum of the first.

    `document` is what `amd verify` reads; it was accepted by the verifier.
    """

    kind: str
    value: Fraction | None
    document: Document

    @property
    def multipliers(self) -> int:
        """How many multipliers the proof has, over all its cases."""
        return sum(len(leaf["multipliers"]) for leaf in leaves(self.document["proof"].get("tree")))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the document to a file, whole or not at all."""
        write_whole(path, [json.dumps(self.document, indent=1), "\n"])

    def summary(self) -> str:
        """The argument in words."""
        return argument(self.document)

    __str__ = summary


@dataclass(frozen=True)
class NotProven:
    """No proof was found, and why; it says nothing about the claim. `unbounded`: there is nothing to prove, since for
    every mechanism there is a better one."""

    reason: str
    unbounded: bool = False


@dataclass(frozen=True, eq=False)
class Proved:
    """A claim about a restated problem and its proof, before the verifier has seen them; `kind` and `value` as in
    `Certificate`."""

    problem: Document
    kind: str
    value: Fraction | None
    proof: Document


def certify(task: Task, settings: Settings = Settings(), say: Say = lambda message: None) -> Certificate | NotProven:
    """An exact proof of a task's answer: the best value, that nothing meets the design, or that something does.

    Raises ValueError where the task has no design, TooLargeError where the program would not fit in memory.
    """
    proved = prove(task, settings, say)
    return proved if isinstance(proved, NotProven) else _accepted(proved)


def prove(
    task: Task,
    settings: Settings = Settings(),
    say: Say = lambda message: None,
    free: frozenset[int] = frozenset(),
) -> Proved | NotProven:
    """What holds of a task, where the incentives of the agents in `free` are not asked for. Raises as `certify`."""
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    plan = proof_plan(task.environment, task.design)
    size = estimate(task.environment, task.design, plan)
    require_memory(size)
    if size.nonzeros > LARGEST:
        return NotProven(f"the program would have about {size.nonzeros:,} nonzeros, too many for exact arithmetic here")
    say("writing the program in rationals")
    context, program = rational_program(task.environment, task.design, plan, free)
    try:
        reader = Reader(task, task.design, context, program.maximize)
    except RejectedError as refusal:
        return NotProven(f"the verifier cannot read the problem: {refusal}")
    say(f"solving {program.row_count:,} rows × {program.column_count:,} columns exactly")
    if task.design.deterministic:
        return _by_cases(task, reader, program, settings)
    found = solve_exact(program, settings)
    if not found.proven or found.row_dual is None:
        return NotProven(_why(found), unbounded=found.status is Status.UNBOUNDED)
    return _from_solution(task, reader, found)


def exact_objective(result: Result) -> str | None:
    """The exact optimum of a result as a rational text, where its program is small and the proof succeeds."""
    design = result.task.design
    if design is None or design.objective is None or result.status is not Status.OPTIMAL or design.deterministic:
        return None
    if isinstance(result.compiled, Reduced) and result.formulation.nonzeros > SMALL:
        return None  # a program over profiles is larger still, and thousands of agents take long to plan
    plan = proof_plan(result.task.environment, design)
    if estimate(result.task.environment, design, plan).nonzeros > SMALL:
        return None
    found = solve_exact(rational_program(result.task.environment, design, plan)[1])
    return str(found.objective) if found.proven and found.status is Status.OPTIMAL else None


def proof_plan(environment: Environment, design: Design) -> Plan:
    """The reductions that apply and whose multipliers and solutions can be taken back exactly."""
    wanted = [name for name in LIFTED if REDUCTIONS[name][0](environment, design).applies]
    if design.anonymous:  # its rows are about profiles
        wanted = [name for name in wanted if name not in (expected_budget.NAME, interim_payments.NAME)]
    return choose(environment, design, ",".join(wanted) if wanted else "full")


def rational_program(
    environment: Environment, design: Design, plan: Plan, free: frozenset[int] = frozenset()
) -> tuple[Context, RationalProgram]:
    """The program of a plan in rationals, where the incentives of the agents in `free` ask for nothing."""
    context, offset = build_context(environment, design, plan, exact=True)
    builder = context.builder
    entries = builder.entries()
    lower, upper, least, most = builder.bounds()
    loose = incentive_rows(context, free)
    sides = (np.where(loose, -np.inf, lower), np.where(loose, np.inf, upper), least, most)
    program = RationalProgram.of(
        builder.cost(),
        entries.row,
        entries.column,
        entries.value,
        sides,
        maximize=design.maximize and design.objective is not None,
        offset=Fraction(offset),
        integer=builder.integer(),
    )
    return context, program


def incentive_rows(context: Context, agents: frozenset[int]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows are incentives of these agents."""
    mask = np.zeros(context.builder.row_count, dtype=bool)
    for family in context.builder.families:
        if family.kind == "incentive" and family.agent in agents:
            mask[family.start : family.start + family.count] = True
    return mask


def _from_solution(task: Task, reader: Reader, found: ExactSolution) -> Proved:
    if found.status is Status.INFEASIBLE:
        return Proved(reader.document, "infeasible", None, {"tree": {"multipliers": reader.read(found)}})
    if found.x is None or task.design is None:
        raise ValueError("an optimum has a solution")
    mechanism = mechanism_of(reader.context, found.x)
    if task.design.objective is None:
        return Proved(reader.document, "possible", None, {"mechanism": mechanism})
    tree = {"multipliers": reader.read(found)}
    return Proved(reader.document, "optimal", found.objective, {"tree": tree, "mechanism": mechanism})


def _by_cases(task: Task, reader: Reader, program: RationalProgram, settings: Settings) -> Proved | NotProven:
    """A deterministic design: the best one found, and a tree that leaves no room for a better one."""
    context = reader.context

    def leaf(found: ExactSolution) -> Document:
        node: Document = {"multipliers": reader.read(found)}
        return {**node, "empty": True} if found.status is Status.INFEASIBLE else node

    def split(column: int, units: int) -> list[Any]:
        p, c = (int(part) for part in np.argwhere(context.allocation.index == column)[0])
        shape = context.environment.shape
        return [[int(part) for part in np.unravel_index(p, shape)], c, units]

    wished = task.design is not None and task.design.objective is not None
    found = prove_by_cases(program, Branching(leaf, split), settings, wished)
    if isinstance(found, Undecided):
        return NotProven(found.reason, found.unbounded)
    if found.x is None:
        return Proved(reader.document, "infeasible", None, {"tree": found.tree})
    mechanism = mechanism_of(context, found.x)
    if not wished:
        return Proved(reader.document, "possible", None, {"mechanism": mechanism})
    return Proved(reader.document, "optimal", found.objective, {"tree": found.tree, "mechanism": mechanism})


def mechanism_of(context: Context, x: ExactArray) -> Document:
    """Allocation and payments of every profile; with goods also the prices that show that it is efficient."""
    allocation, payments = lift(context, x)
    columns = range(allocation.shape[1])
    listed = [[[c, str(row[c])] for c in columns if row[c]] for row in allocation.tolist()]
    paid = exact_zeros((len(allocation), len(context.agents))) if payments is None else payments
    document: Document = {"allocation": listed, "payments": [[str(value) for value in row] for row in paid.tolist()]}
    if context.design.efficient and context.environment.allocation.kind is AllocationKind.MARGINALS:
        prices = efficiency_of(context.environment).prices
        document["prices"] = [[str(price) for price in prices(p)] for p in range(len(allocation))]
    return document


def _accepted(found: Proved) -> Certificate | NotProven:
    claim = {"kind": found.kind} if found.value is None else {"kind": found.kind, "value": str(found.value)}
    problem = found.problem
    document = {"format": FORMAT, "digest": digest(problem), "problem": problem, "claim": claim, "proof": found.proof}
    fair = _even(document)
    if fair is not None and check(fair)[0]:
        return Certificate(found.kind, found.value, fair)
    holds, message = check(document)
    return (
        Certificate(found.kind, found.value, document)
        if holds
        else NotProven(f"the verifier refuses the proof: {message}")
    )


def _even(document: Document) -> Document | None:
    """The same proof with the multipliers averaged over copies of agents, where that is told in fewer lines."""
    multipliers = document["proof"].get("tree", {}).get("multipliers", [])
    if not 1 < len(multipliers) <= AVERAGED:
        return None
    mean = averaged(document["problem"], multipliers)
    if mean is not None and document["claim"]["kind"] == "infeasible":
        mean = in_whole_numbers(mean)
    tree = {**document["proof"].get("tree", {}), "multipliers": mean}
    return None if mean is None else {**document, "proof": {**document["proof"], "tree": tree}}


def _why(found: ExactSolution) -> str:
    if found.status is Status.UNBOUNDED:
        return UNBOUNDED
    if found.crossed is not None:
        return f"{' '.join(map(str, found.crossed))} of the program has its lower bound above its upper bound"
    return found.reason

"""A task's exact answer as a VIPR certificate, for checkers that know nothing of mechanisms.

It speaks of the program that `amd certify` solves: the design's constraints after the reductions of `proof_plan`, rows
and columns named as elsewhere. That this program is the design's is what `amd verify` is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from amd.model.task import Task
from amd.proof.certificate import NotProven, proof_plan, rational_program
from amd.proof.problem import restate
from amd.proof.tree import Branching, Document, Undecided, prove_by_cases
from amd.proof.verify import digest
from solvers import Settings, Status
from solvers.exact import RationalProgram, solve_exact
from solvers.vipr import Proof, Split, lines


def vipr_lines(task: Task, settings: Settings = Settings()) -> Iterator[str] | NotProven:
    """The lines of the certificate, without line ends; or why there is none.

    Raises ValueError where the task has no design.
    """
    design = task.design
    if design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    plan = proof_plan(task.environment, design)
    context, program = rational_program(task.environment, design, plan)
    builder = context.builder
    program = replace(program, row_names=builder.row_name, column_names=builder.column_name)
    title, reductions = " ".join(task.title.split()), ", ".join(plan.names)
    remarks = (
        f"{title or 'A design problem'}: its program, reduced by {reductions or 'nothing'}",
        f"problem sha256 {digest(restate(task))}",
    )
    if design.deterministic:
        return _by_cases(program, settings, remarks, design.objective is not None)
    found = solve_exact(program, settings)
    if not found.proven or found.status is Status.UNBOUNDED:
        return NotProven(found.reason or f"{found.status.value}, and the format has no words for that")
    return lines(program, found, found.x, remarks)


def _by_cases(
    program: RationalProgram, settings: Settings, remarks: tuple[str, ...], wished: bool
) -> Iterator[str] | NotProven:
    branching = Branching(leaf=lambda found: {"found": found}, split=lambda column, units: [column, units])
    cases = prove_by_cases(program, branching, settings, wished)
    if isinstance(cases, Undecided):
        return NotProven(cases.reason)
    return lines(program, _proof(cases.tree) if cases.tree else None, cases.x, remarks)


def _proof(tree: Document) -> Proof:
    """The tree of documents as a tree of cases."""
    done: list[Proof] = []
    waiting: list[Document | list[int]] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            high, low = done.pop(), done.pop()
            done.append(Split(node[0], node[1], low, high))
        elif "branch" in node:
            waiting += [node["branch"], node["high"], node["low"]]
        else:
            done.append(node["found"])
    return done[0]

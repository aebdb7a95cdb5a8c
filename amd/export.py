"""The program of a task as a file, for any other solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from amd.compile.choose import choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reductions import generation
from amd.compile.size import estimate, require_memory
from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.task import Task
from amd.result import Formulation
from solvers import files


def export(
    task: Task, path: Path, formulation: str = "auto", progress: Callable[[str], None] = lambda message: None
) -> Formulation:
    """Writes the program to a file that ends in ``.mps`` or ``.lp``; returns what was written.

    All incentive rows of the formulation are written down: another solver generates none. Raises ValueError where the
    task has no design, FormulationError and TooLargeError as `solve` does, SolverError for another ending or a program
    that cannot be written, OSError where the file cannot be written.
    """
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    plan = written_plan(task.environment, task.design, formulation)
    require_memory(estimate(task.environment, task.design, plan))
    progress("building the program")
    program = compile_program(task.environment, task.design, plan).program
    progress(f"writing {path}")
    files.write(program, path)
    return Formulation.of(program, plan, rounds=0)


def written_plan(environment: Environment, design: Design, formulation: str) -> Plan:
    """The plan of the formulation without generation."""
    plan = choose(environment, design, formulation)
    names = tuple(name for name in plan.names if name != generation.NAME)
    return replace(plan, generate=False, names=names)

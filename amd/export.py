"""The program of a task as a file, for any other solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from amd.compile.choose import REDUCTIONS, FormulationError, choose
from amd.compile.plan import Plan
from amd.compile.program import compile_program
from amd.compile.reduced.approach import Reduced
from amd.compile.reduced.program import NAME as REDUCED_FORM
from amd.compile.reduced.program import build_reduced
from amd.compile.reductions import between, generation
from amd.compile.size import estimate, require_memory
from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.task import Task
from amd.result import Formulation
from solvers import LinearProgram, files


def export(
    task: Task, path: Path, formulation: str = "auto", progress: Callable[[str], None] = lambda message: None
) -> Formulation:
    """Writes the program to a file that ends in ``.mps`` or ``.lp``; returns what was written.

    All rows of the formulation are written down: another solver generates none. Raises ValueError where the task has no
    design, FormulationError and TooLargeError as `solve` does, SolverError for another ending or a program that cannot
    be written, OSError where the file cannot be written.
    """
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    progress("building the program")
    program, plan = written_down(task.environment, task.design, formulation)
    progress(f"writing {path}")
    files.write(program, path)
    return Formulation.of(program, plan, rounds=0)


def written_down(environment: Environment, design: Design, formulation: str) -> tuple[LinearProgram, Plan]:
    """The program of a formulation with every row it has; ``auto`` leaves out reductions that generate rows."""
    plan = choose(environment, design, formulation)
    if plan.reduced_form:
        reduced = Reduced(build_reduced(environment, design), plan)
        if not reduced.generates:
            return reduced.program, plan
        if formulation != "auto":
            raise FormulationError(f"the rows of '{REDUCED_FORM}' are generated as they are violated: choose another")
        plan = choose(environment, design, _listed(environment, design))
    plan = _ungenerated(plan, environment, design)
    require_memory(estimate(environment, design, plan))
    return compile_program(environment, design, plan).program, plan


def _ungenerated(plan: Plan, environment: Environment, design: Design) -> Plan:
    """The plan with all rows written down that would be generated, but for those that others imply."""
    if not plan.generate:
        return plan
    implied = plan.between or between.applies(environment, design).applies
    names = [name for name in plan.names if name not in (generation.NAME, between.NAME)]
    return replace(plan, generate=False, between=implied, names=(*names, *([between.NAME] if implied else [])))


def _listed(environment: Environment, design: Design) -> str:
    """Every reduction that applies to a program over all type profiles."""
    names = [name for name, (applies, _) in REDUCTIONS.items() if applies(environment, design).applies]
    return ",".join(names) or "full"

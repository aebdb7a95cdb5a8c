"""Solve: task to program to solution to mechanism to audit, with the time that each step takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from amd.compile.choose import choose
from amd.compile.plan import Plan
from amd.compile.program import Compiled, compile_program
from amd.compile.reduced.approach import Reduced
from amd.compile.reduced.program import NAME, build_reduced
from amd.compile.reduced.program import applies as reducible
from amd.compile.reductions import generation
from amd.compile.size import estimate, listed, require_memory
from amd.mechanism.audit import Audit, audit
from amd.mechanism.audit.interim import audit_interim
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism, interim_quantities
from amd.mechanism.quantities import quantities
from amd.memory import peak_memory
from amd.model.design import Design
from amd.model.environment import Environment
from amd.model.numbers import FloatArray
from amd.model.task import Task
from amd.result import Formulation, Result
from amd.unbounded import likely_missing
from solvers import Backend, Basis, LinearProgram, Session, Settings, Solution, Start, Status, get

Progress = Callable[[str], None]

AUDIT_TOLERANCE = 1e-6  # of the largest value: what a solver's 1e-9 on each row can add up to over profiles
GENERATION_TOLERANCE = 1e-9  # of the largest value: violated rows below this are left to the audit
APPROACHES = ((3e-4, 3e-3), (1e-4, 1e-3), (3e-5, 2e-4))  # how near, and what is violated there, of the largest value
PATIENCE = 3  # rounds as near as that, at most
FEW = 0.01  # of the rows: when fewer are violated, it is time to go nearer


def solve(
    task: Task,
    *,
    solver: str = "highs",
    formulation: str = "auto",
    settings: Settings | None = None,
    progress: Progress = lambda message: None,
    read_seconds: float = 0.0,
    near: Basis | None = None,
) -> Result:
    """The best mechanism for a task, audited against every constraint of the unreduced problem. `near` is the basis of
    a similar problem's optimum, to begin at where it fits.

    Raises ValueError where the task has no design, FormulationError for a formulation that does not apply,
    TooLargeError where the program would not fit in memory, SolverError where the back-end is missing or
    cannot do what the program needs.
    """
    if task.design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    if formulation != NAME and not reducible(task.environment, task.design).applies:
        require_memory(listed(task.environment))
    plan = choose(task.environment, task.design, formulation)
    run = _Run(task.environment, task.design, plan, get(solver), settings or Settings(), progress, near)
    run.clock.seconds["read"] = read_seconds
    solution = run.solve()
    return replace(run.result(task, solution), peak_memory=peak_memory())


@dataclass
class Clock:
    """Seconds spent in each step."""

    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("read", "build", "solve", "lift", "audit"), 0.0)
    )

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Adds the time of the block to a step."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start


@dataclass
class _Run:
    """One solve under way: `compiled` is what was built, `program` what the solver last saw."""

    environment: Environment
    design: Design
    plan: Plan
    backend: Backend
    settings: Settings
    progress: Progress
    near: Basis | None = None
    clock: Clock = field(default_factory=Clock)
    rounds: int = 0

    def solve(self) -> Solution:
        """Builds and solves; an unbounded relaxation says nothing, so everything is then written down."""
        self.progress("building the program")
        with self.clock.step("build"):
            self.compiled = self._build()
            self.program = self.compiled.program
        solution = self._generate() if self.compiled.generates else self._once()
        if solution.status is Status.UNBOUNDED and self.plan.generate:
            names = tuple(name for name in self.plan.names if name != generation.NAME)
            self.plan = replace(self.plan, generate=False, names=names)
            return self.solve()
        return solution

    def _build(self) -> Compiled | Reduced:
        if self.plan.reduced_form:
            return Reduced(build_reduced(self.environment, self.design), self.plan)
        require_memory(estimate(self.environment, self.design, self.plan))
        return compile_program(self.environment, self.design, self.plan)

    def _once(self) -> Solution:
        self.progress(f"solving {size_in_words(self.program)} with {self.backend.name}")
        with self.clock.step("solve"):
            return self.backend.solve(self.program, self._started())

    def _started(self) -> Settings:
        """The settings, beginning at the basis that is near if it is one of this program, else at the program's own."""
        near, program = self.near, self.program
        if near is None or (near.columns.size, near.rows.size) != (program.column_count, program.row_count):
            near = self.compiled.basis if isinstance(self.compiled, Reduced) else None
        return self.settings if near is None else replace(self.settings, start=Start(basis=near))

    def _generate(self) -> Solution:
        """Rounds of solving and adding violated rows, until none is violated or time is up."""
        end = np.inf if self.settings.time_limit is None else time.perf_counter() + self.settings.time_limit
        tolerance = GENERATION_TOLERANCE * scale_of(self.environment)
        session = self.backend.start(self.program, self.settings)
        if isinstance(self.compiled, Compiled):
            self._approach(session, end)
        while True:
            self.rounds += 1
            self.progress(f"round {self.rounds}: solving {size_in_words(session.program)} with {self.backend.name}")
            with self.clock.step("solve"):
                solution = session.solve()
            if solution.status is not Status.OPTIMAL or solution.x is None:
                break
            with self.clock.step("build"):
                added = self.compiled.add_violated(session, solution.x, tolerance)
            if not added:
                break
            if time.perf_counter() > end:
                solution = replace(solution, status=Status.LIMIT, x=None, objective=None)
                break
        self.program = session.program
        return replace(solution, basis=session.basis())

    def _approach(self, session: Session, end: float) -> None:
        """Rounds at points near the optimum, where the back-end has such: what they break by much is nearly all that
        the optimum will need. The rounds that follow decide."""
        for near, broken in APPROACHES:
            for _ in range(PATIENCE):
                self.progress(f"round {self.rounds + 1}: going near the optimum of {size_in_words(session.program)}")
                with self.clock.step("solve"):
                    x = session.approach(near)
                if x is None or time.perf_counter() > end:
                    return
                self.rounds += 1
                with self.clock.step("build"):
                    added = self.compiled.add_violated(session, x, broken * scale_of(self.environment))
                if added <= FEW * session.program.row_count:
                    break

    def result(self, task: Task, solution: Solution) -> Result:
        """The solution lifted, audited and put in words."""
        result = Result(
            task=task,
            status=solution.status,
            message=solution.message or solution.status.value,
            formulation=Formulation.of(self.program, self.plan, self.rounds),
            seconds=self.clock.seconds,
            solver=(solution.solver, solution.version),
            program=self.program,
            solution=solution,
            compiled=self.compiled,
        )
        if solution.status is Status.UNBOUNDED:
            return replace(result, message=likely_missing(self.environment, self.design))
        if solution.status is not Status.OPTIMAL or solution.x is None:
            return result
        return self._audited(result, solution.x)

    def _audited(self, result: Result, x: FloatArray) -> Result:
        """With the mechanism; its status is taken back where the audit does not bear it out."""
        self.progress("lifting the mechanism")
        with self.clock.step("lift"):
            mechanism = self.compiled.mechanism(x)
        self.progress("auditing the mechanism")
        with self.clock.step("audit"):
            report, numbers = examine(mechanism, self.design)
        wished = objective_value(self.design, numbers)
        result = replace(result, mechanism=mechanism, audit=report, quantities=numbers, objective=wished)
        scale = AUDIT_TOLERANCE * scale_of(self.environment)
        if not report.ok(scale):
            message = f"the solver called this optimal, but the audit refuses it: {report.worst}"
            return replace(result, status=Status.ERROR, message=message)
        promised = result.solution.objective if result.solution is not None else None
        if wished is not None and promised is not None and abs(wished - promised) > scale * max(1.0, abs(wished)):
            message = f"the program promises {promised!r}, the mechanism delivers {wished!r}"
            return replace(result, status=Status.ERROR, message=message)
        return result


def examine(mechanism: Mechanism | InterimMechanism, design: Design) -> tuple[Audit, dict[str, float]]:
    """The audit and the quantities, over profiles or, where these cannot be listed, over interim allocations."""
    if isinstance(mechanism, InterimMechanism):
        return audit_interim(mechanism, design), interim_quantities(mechanism, design)
    return audit(mechanism, design), quantities(mechanism, design)


def objective_value(design: Design, numbers: dict[str, float]) -> float | None:
    """The wish evaluated at a mechanism's quantities; None without a wish."""
    if design.objective is None:
        return None
    terms = sum(float(weight) * numbers[quantity.label] for weight, quantity in design.objective.terms)
    return terms + float(design.objective.constant)


def scale_of(environment: Environment) -> float:
    """The largest value or outside option, at least 1: what amounts of money are measured against."""
    parts = [np.abs(array).max(initial=0.0) for a in environment.agents for array in (a.float_values, a.float_outside)]
    return float(max(1.0, *parts))


def size_in_words(program: LinearProgram) -> str:
    """Such as ``1,200 rows × 900 columns``."""
    return f"{program.row_count:,} rows × {program.column_count:,} columns"

"""The Python interface: a problem, from a file, a text or a mapping, and what can be asked of it.

>>> import amd
>>> problem = amd.load("license", L=20)        # a bundled problem, or a path  # doctest: +SKIP
>>> result = problem.solve()                   # doctest: +SKIP
>>> result.mechanism(20, 50)                   # doctest: +SKIP
"""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amd import files
from amd.exactness import with_exact_objective
from amd.export import export
from amd.mechanism.audit import Audit, audit
from amd.mechanism.direct import Mechanism
from amd.mechanism.files import read
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.simulate import Simulation, simulate
from amd.model.design import Design, Participation
from amd.model.environment import Environment
from amd.model.task import Task
from amd.result import Formulation, Result
from amd.solving import solve
from solvers import Settings

if TYPE_CHECKING:
    from fractions import Fraction

    from amd.proof.conflict.why import Conflict
    from amd.show.notebook import Explanation

    Number = int | float | str | Fraction
    AnyMechanism = Mechanism | InterimMechanism


def _silent(message: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """A design problem: an environment, and what is wanted of the mechanism.

    `task` holds it all; `read_seconds` is what reading took.
    """

    task: Task
    read_seconds: float = field(default=0.0)

    @property
    def title(self) -> str:
        """What the problem is called."""
        return self.task.title

    @property
    def environment(self) -> Environment:
        """Agents, types, prior, what can be decided."""
        return self.task.environment

    @property
    def design(self) -> Design | None:
        """The wish and the constraints; None where the file has none."""
        return self.task.design

    def solve(
        self,
        *,
        solver: str = "highs",
        formulation: str = "auto",
        time_limit: float | None = None,
        settings: Settings | None = None,
        progress: Callable[[str], None] = _silent,
    ) -> Result:
        """The best mechanism, audited against every constraint of the problem.

        `solver` is ``highs``, ``pulp`` or ``cvxpy``; `formulation` ``auto`` (every reduction that loses nothing),
        ``full``, or names joined by commas; `time_limit` is in seconds. The result says in its status whether there is
        such a mechanism; of small programs the optimum is also proven exactly (`objective_exact`). ValueError where
        the problem has no design or the formulation does not apply, TooLargeError where the program would not fit in
        memory, SolverError where the solver is missing or cannot do what is needed.
        """
        chosen = settings or Settings()
        if time_limit is not None:
            chosen = replace(chosen, time_limit=time_limit)
        result = solve(
            self.task,
            solver=solver,
            formulation=formulation,
            settings=chosen,
            progress=progress,
            read_seconds=self.read_seconds,
        )
        return with_exact_objective(result)

    def check(self, mechanism: Mechanism | InterimMechanism | str | PathLike[str], *, exact: bool = False) -> Audit:
        """The audit of a mechanism, or of one in a file; in Fractions when `exact`.

        A problem without a design is audited for Bayesian incentives and interim participation. InputError where the
        file is wrong; ValueError where an exact audit is asked of a mechanism that is not known exactly.
        """
        return audit(self.mechanism(mechanism), self.design or default_design(self.environment), exact)

    def mechanism(self, source: Mechanism | InterimMechanism | str | PathLike[str]) -> Mechanism | InterimMechanism:
        """A mechanism for this problem, read from a file (or handed through). InputError where the file is wrong."""
        return source if isinstance(source, (Mechanism, InterimMechanism)) else read(source, self.environment)

    def simulate(
        self, mechanism: Mechanism | InterimMechanism | str | PathLike[str], rounds: int = 100_000, seed: int = 0
    ) -> Simulation:
        """A mechanism played many times by truthful agents with types drawn from the prior."""
        return simulate(self.mechanism(mechanism), rounds, seed, self.design)

    def why(self, *, time_limit: float | None = None) -> Conflict | None:
        """Why nothing meets the design: the smallest conflict of its requirements, and what relaxing each would take.

        None where something meets it. ValueError where the problem has no design; UnknownError (of
        `amd.proof.conflict.why`) where the solver reached a limit.
        """
        from amd.proof.conflict.why import why_infeasible

        return why_infeasible(self.task, Settings(time_limit=time_limit))

    def explain(self, formulation: str = "auto") -> str:
        """The linear program in mathematical notation, how large it is, what is reduced and why."""
        from amd.show.explain import explain

        return explain(self.task, formulation)

    def export(self, path: str | PathLike[str], formulation: str = "auto") -> Formulation:
        """Writes the program to a file that ends in ``.mps`` or ``.lp``, for any other solver."""
        return export(self.task, Path(path), formulation)

    def __repr__(self) -> str:
        agents = ", ".join(f"{group.name} × {len(group.members)}" for group in self.environment.groups)
        size = f"{agents}; {self.environment.profile_count:,} type profiles"
        return f"Problem({self.title!r}: {size})" if self.title else f"Problem({size})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._words())}</pre>"

    def _words(self) -> str:
        from amd.show.problem import problem_words

        return problem_words(self.task)


def explain(source: Problem | Result, /, formulation: str = "auto") -> Explanation:
    """The program of a problem typeset beside its solution, constraint by constraint, with slacks and multipliers.

    A problem is solved first, by `formulation` (``full`` is the textbook's program); of a result the program that was
    solved is told. Shows itself in notebooks, as LaTeX, Markdown or text.
    """
    result = source.solve(formulation=formulation) if isinstance(source, Problem) else source
    return result.explain()


def load(path: str | PathLike[str], /, **overrides: Number) -> Problem:
    """The problem in a file, or the bundled problem of that name; overrides give parameters other values.

    InputError, with every fault and its line, where the file is wrong.
    """
    return _timed(lambda: files.load(fspath(path), overrides=_texts(overrides)))


def loads(text: str, /, **overrides: Number) -> Problem:
    """The problem in a YAML (or JSON) text. InputError where it is wrong."""
    return _timed(lambda: files.loads(text, overrides=_texts(overrides)))


def problem(mapping: Mapping[str, Any], /, **overrides: Number) -> Problem:
    """The problem in a mapping with the keys of a problem file. InputError where it is wrong."""
    return _timed(lambda: files.from_mapping(mapping, overrides=_texts(overrides)))


def _timed(read_task: Callable[[], Task]) -> Problem:
    start = time.perf_counter()
    task = read_task()
    return Problem(task, time.perf_counter() - start)


def _texts(overrides: Mapping[str, Number]) -> dict[str, str]:
    """Values as a problem file would have them: floats by their shortest text."""
    return {name: str(value) for name, value in overrides.items()}


def default_design(environment: Environment) -> Design:
    """What a mechanism is audited for where nobody said: Bayesian incentives and interim participation."""
    return Design(participation=(Participation.INTERIM,) * len(environment.agents))

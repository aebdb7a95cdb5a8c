"""Result: everything a solve found, frozen."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any

from amd.compile.plan import Plan, Verdict
from amd.mechanism.audit import Audit
from amd.mechanism.direct import Mechanism
from amd.mechanism.files import write
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.simulate import Simulation, simulate
from amd.model.task import Task
from amd.pictures import Reported, shown_by
from solvers import LinearProgram, Solution, Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amd.compile.program import Compiled
    from amd.compile.reduced.approach import Reduced
    from amd.show.notebook import Explanation


@dataclass(frozen=True)
class Formulation:
    """The size of the program that was solved, and what was done to make it small.

    `rounds` counts the rounds of generated incentive rows (0 when all rows were written down).
    """

    rows: int
    columns: int
    nonzeros: int
    reductions: tuple[str, ...]
    reasons: Mapping[str, Verdict]
    rounds: int = 0

    @classmethod
    def of(cls, program: LinearProgram, plan: Plan, rounds: int) -> Formulation:
        """The formulation of a program that was written by a plan."""
        return cls(
            rows=program.row_count,
            columns=program.column_count,
            nonzeros=program.nonzero_count,
            reductions=plan.names,
            reasons=plan.reasons,
            rounds=rounds,
        )


@dataclass(frozen=True, eq=False)
class Result(Reported):
    """What `solve` answers.

    `status` says how it ended and `message` why, where that is not the optimum. `objective` is in the user's sense
    (None without a wish). `mechanism`, `quantities` and `audit` are there when a mechanism was found. `seconds` maps
    each step to its time; `solver` is its name and version. `program` is what the solver saw, every generated row
    included, `solution` its answer with the duals, and `compiled` says what its columns and rows mean. `peak_memory` is
    the most bytes that the process had held when it was done, None where the system does not tell.
    """

    task: Task
    status: Status
    formulation: Formulation
    seconds: Mapping[str, float]
    solver: tuple[str, str]
    message: str = ""
    objective: float | None = None
    objective_exact: str | None = None
    mechanism: Mechanism | InterimMechanism | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)
    audit: Audit | None = None
    program: LinearProgram | None = field(default=None, repr=False)
    solution: Solution | None = field(default=None, repr=False)
    compiled: Compiled | Reduced | None = field(default=None, repr=False)
    peak_memory: int | None = None

    @property
    def optimal(self) -> bool:
        """Whether a best mechanism was found and its audit is clean."""
        return self.status is Status.OPTIMAL

    def to_json(self) -> dict[str, Any]:
        """The object that ``amd solve --json`` prints."""
        return {
            "status": self.status.name.lower(),
            "message": self.message,
            "objective": self.objective,
            "objective_exact": self.objective_exact,
            "quantities": dict(self.quantities),
            "audit": None if self.audit is None else self.audit.to_json(),
            "formulation": {
                "rows": self.formulation.rows,
                "columns": self.formulation.columns,
                "nonzeros": self.formulation.nonzeros,
                "reductions": list(self.formulation.reductions),
                "rounds": self.formulation.rounds,
            },
            "seconds": {step: round(seconds, 6) for step, seconds in self.seconds.items()},
            "peak_memory": self.peak_memory,
            "solver": {"name": self.solver[0], "version": self.solver[1]},
            "problem": {"title": self.task.title, "sha256": self.task.digest},
        }

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the mechanism to a file, whole or not at all. ValueError where none was found."""
        if self.mechanism is None or not self.optimal:
            raise ValueError(f"there is no mechanism to write: {self.message}")
        write(self.mechanism, path, self.task.title, self.task.digest)

    def simulate(self, rounds: int = 100_000, seed: int = 0) -> Simulation:
        """The mechanism played many times by truthful agents. ValueError where none was found."""
        if self.mechanism is None or not self.optimal:
            raise ValueError(f"there is no mechanism to play: {self.message}")
        return simulate(self.mechanism, rounds, seed, self.task.design)

    def explain(self) -> Explanation:
        """The program typeset beside its solution: each constraint with its slack and its multiplier.

        A notebook shows it as tables of formulas, a terminal as text. ValueError where nothing was solved.
        """
        from amd.show.notebook import explanation  # shows results, so it stands above them

        return explanation(self)

    def plot_regions(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """What is decided at each pair of types, as coloured regions. Options: `agents`, two positions."""
        return self.plot("regions", ax=ax, **options)

    def plot_allocation(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """Heat maps of what is decided. Options: `agents`, two positions; `of`, one outcome, agent or good."""
        return self.plot("allocation", ax=ax, **options)

    def plot_interim(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """What each type expects to get. Options: `agent`, the name of one."""
        return self.plot("interim", ax=ax, **options)

    def plot_utility(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """Interim utility, convex, with the allocation as its slope. Options: `agent`, the name of one."""
        return self.plot("utility", ax=ax, **options)

    def plot_payments(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """What each type expects to pay. Options: `agent`, the name of one."""
        return self.plot("payments", ax=ax, **options)

    def plot_binding(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """The graph of binding incentives, multipliers as flows. Options: `agent`, the name of one."""
        return self.plot("binding", ax=ax, **options)

    def plot_virtual_values(self, *, ax: Axes | None = None, **options: Any) -> Figure:
        """Virtual values with ironing. Options: `agent`, the name of one; `own_value`, of the seller."""
        return self.plot("virtual-values", ax=ax, **options)

    def summary(self) -> str:
        """What ``amd solve`` prints: the answer in words, the mechanism, quantities, audit, program and time."""
        words: str = shown_by("amd.show.result", "summary")(self)
        return words

    __str__ = summary

    def __repr__(self) -> str:
        parts = [self.status.name.lower()]
        if self.objective is not None:
            parts.append(f"objective={self.objective_exact or self.objective}")
        parts += [repr(self.task.title)] if self.task.title else []
        parts.append(f"{self.formulation.rows:,} rows × {self.formulation.columns:,} columns by {self.solver[0]}")
        return f"Result({', '.join(parts)})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"

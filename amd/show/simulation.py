"""A simulation for people: what was expected and what came out."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from amd.mechanism.rows import Number
from amd.mechanism.simulate import Simulation
from amd.model.task import Task
from amd.show.numbers import number
from amd.show.quantities import chosen
from amd.show.result import title_parts
from amd.show.tables import table
from amd.show.types import value_scale


def simulation_parts(task: Task, played: Simulation, expected: Mapping[str, Number]) -> list[RenderableType]:
    """A row for each quantity: its expectation, the mean of the rounds, and the standard error of that mean."""
    scale = value_scale(task.environment)
    labels = [label for label in chosen(expected, task.environment, task.design) if label in played.means]
    rows = [
        [
            label,
            *(number(amount, scale=scale) for amount in (expected[label], played.means[label], played.errors[label])),
        ]
        for label in labels
    ]
    lead = f"{played.rounds:,} rounds with truthful agents, types drawn from the prior (seed {played.seed})"
    headers = ["quantity", "expected", "mean of the rounds", "standard error"]
    return [*title_parts(task.title, task.source), Text(lead), Text(""), table(headers, rows, right=range(1, 4))]

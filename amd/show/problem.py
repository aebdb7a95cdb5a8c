"""A problem in words: who takes part, what can be decided, what is wanted."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from amd.model.task import Task
from amd.show.design import linear_text, requirements
from amd.show.page import to_text
from amd.show.people import people_parts
from amd.show.result import title_parts


def problem_words(task: Task) -> str:
    """The problem as plain text."""
    return to_text(problem_parts(task))


def problem_parts(task: Task) -> list[RenderableType]:
    """Title, agents, decision, wish and requirements."""
    parts = [*title_parts(task.title, task.source), *people_parts(task.environment)]
    return [*parts, *(Text(line) for line in wish_lines(task))]


def wish_lines(task: Task) -> list[str]:
    """What is wanted, in two lines."""
    if task.design is None:
        return ["Nothing is wanted yet: the problem has no `design`."]
    design = task.design
    wish = "any mechanism that meets the requirements"
    if design.objective is not None:
        wish = f"{'maximize' if design.maximize else 'minimize'} {linear_text(design.objective)}"
    asked = requirements(task.environment, design)
    return [f"Wish: {wish}.", *([f"Asked for: {'; '.join(asked)}."] if asked else [])]

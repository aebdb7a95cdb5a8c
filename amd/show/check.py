"""The audit of somebody's mechanism, for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from amd.mechanism.audit import Audit
from amd.mechanism.rows import Number
from amd.model.design import Design
from amd.model.task import Task
from amd.show.audit import audit_parts
from amd.show.numbers import listing
from amd.show.quantities import quantity_parts
from amd.show.result import title_parts


def check_parts(
    task: Task, design: Design, audit: Audit, quantities: Mapping[str, Number], tolerance: float
) -> list[RenderableType]:
    """Everything that `amd check` prints."""
    broken = [kind for kind, check in audit.checks.items() if float(check.violation) > tolerance]
    verdict = f"The mechanism violates {listing(broken)}." if broken else "The mechanism meets every constraint."
    return [
        *title_parts(task.title, task.source),
        Text(verdict, style="bold red" if broken else "bold"),
        Text(""),
        *audit_parts(audit, task.environment, design, tolerance),
        Text(""),
        *quantity_parts(quantities, task.environment, design),
    ]

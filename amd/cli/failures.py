"""What compiling and solving may refuse, as messages with their place in the file or on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from amd.cli.exits import FailureError
from amd.compile.choose import FormulationError
from amd.files.faults import Fault, InputError
from amd.model.design import Design
from amd.model.environment import TooLargeError
from amd.model.task import Task
from solvers import SolverError


@contextmanager
def explained(task: Task) -> Iterator[None]:
    """A problem too large is a fault of its file, an unknown formulation one of the command line."""
    try:
        yield
    except TooLargeError as error:
        raise fault(task, "agents", str(error)) from None
    except FormulationError as error:
        raise click.BadParameter(str(error), param_hint="'--formulation'") from None
    except SolverError as error:
        raise FailureError(str(error)) from None


def fault(task: Task, path: str, message: str) -> InputError:
    """One fault of a problem file, with its line where the file has that key."""
    return InputError([Fault(task.lines.get(path), path, message)], task.origin or "problem")


def required_design(task: Task) -> Design:
    """The design. Raises InputError where the file has none."""
    if task.design is None:
        raise fault(task, "design", "is missing: say what is wanted, such as `design: {maximize: revenue}`")
    return task.design

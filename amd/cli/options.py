"""Arguments and options that several verbs share."""

from __future__ import annotations

from math import isfinite
from typing import Any

import click

SOLVERS = ("highs", "pulp", "cvxpy")  # those of `solvers.registry`, which is not imported just to print help


class Override(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        name, equals, text = str(value).partition("=")
        if not equals or not name.strip() or not text.strip():
            self.fail(f"'{value}' should be a parameter and its value, such as N=40", param, ctx)
        return name.strip(), text.strip()


class PositiveNumber(click.ParamType[float]):
    """A finite number above zero."""

    name = "number"

    def __init__(self, *, zero: bool = False) -> None:
        self.zero = zero

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            self.fail(f"'{value}' is not a number", param, ctx)
        if not isfinite(number) or number < 0 or (number == 0 and not self.zero):
            self.fail(f"'{value}' should be {'at least' if self.zero else 'above'} 0", param, ctx)
        return number


def _once(_context: click.Context, parameter: click.Parameter, pairs: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The overrides by name; a name given twice is a mistake, not a choice."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise click.BadParameter(f"{name} is set twice", param=parameter)
    return dict(pairs)


file_argument = click.argument("file", metavar="FILE")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of words.")
set_option = click.option(
    "--set",
    "overrides",
    type=Override(),
    multiple=True,
    callback=_once,
    metavar="NAME=VALUE",
    help="Give a parameter of the file another value (may be repeated).",
)
formulation_option = click.option(
    "--formulation",
    default="auto",
    show_default=True,
    metavar="auto|full|NAMES",
    help="Use every reduction that loses nothing, none, or those named, separated by commas (see `amd explain`).",
)
solver_option = click.option(
    "--solver", type=click.Choice(SOLVERS), default=SOLVERS[0], show_default=True, help="Who solves the program."
)
time_limit_option = click.option(
    "--time-limit", type=PositiveNumber(), metavar="SECONDS", help="Stop when solving takes longer than this."
)

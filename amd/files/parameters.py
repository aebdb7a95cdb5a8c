"""The named constants of a file, in whatever order they refer to each other, with the overrides of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from amd.files.context import Context
from amd.files.expressions import Expression, ExpressionError
from amd.files.faults import suggest
from amd.files.shapes import Item, expression
from amd.files.trees import Number


@dataclass(frozen=True)
class _Definition:
    """A constant's expression and where it stands."""

    expression: Expression
    line: int | None
    path: str


def read_parameters(
    item: Item[Mapping[str, Item[Expression] | None]] | None, overrides: Mapping[str, str], context: Context
) -> None:
    """Fill the context's constants from the file's `parameters` and from `overrides`."""
    given = {} if item is None else item.value
    context.broken |= {name for name, value in given.items() if value is None}
    definitions = {
        name: _Definition(value.value, value.line, value.path) for name, value in given.items() if value is not None
    }
    for name, text in overrides.items():
        _override(name, text, given, definitions, context)
    for name in _order(definitions, context):
        _define(name, definitions[name], context)


def _override(
    name: str,
    text: str,
    given: Mapping[str, Item[Expression] | None],
    definitions: dict[str, _Definition],
    context: Context,
) -> None:
    path = f"--set {name}"
    if name not in given:
        context.faults.add(None, path, f"the file has no parameter '{name}'{suggest(name, given)}")
        return
    try:
        definitions[name] = _Definition(expression(text), None, path)
        context.broken.discard(name)
    except ExpressionError as error:
        context.faults.add(None, path, str(error))
        definitions.pop(name, None)
        context.broken.add(name)


def _order(definitions: Mapping[str, _Definition], context: Context) -> list[str]:
    """The constants, each after those it refers to; those in a circle are at fault."""
    graph = {name: sorted(definition.expression.names & definitions.keys()) for name, definition in definitions.items()}
    while True:
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = error.args[1]
            first = definitions[circle[0]]
            context.faults.add(first.line, first.path, f"refers to itself in a circle: {_way(circle[::-1])}")
            context.broken |= set(circle)
            graph = {
                name: [other for other in needed if other not in circle]
                for name, needed in graph.items()
                if name not in circle
            }


def _way(circle: list[str]) -> str:
    """The circle from name to name, its middle left out where it is long."""
    names = circle if len(circle) <= 10 else [*circle[:5], "…", *circle[-4:]]
    return " → ".join(names)


def _define(name: str, definition: _Definition, context: Context) -> None:
    resolved = context.resolve(definition.expression, definition.line, definition.path)
    if resolved is None:
        context.broken.add(name)
        return
    try:
        if resolved.members:
            raise ExpressionError("a parameter cannot speak of an agent's type")
        value = resolved.evaluate()
        context.constants[name] = Number(value, *resolved.enclose())
    except ExpressionError as error:
        context.broken.add(name)
        context.faults.add(definition.line, definition.path, str(error))

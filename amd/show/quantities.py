"""The quantities of a mechanism that a person asks for first; the others are in the JSON."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType
from rich.text import Text

from amd.mechanism.rows import Number
from amd.model.design import Design
from amd.model.environment import AllocationKind, Environment
from amd.show.numbers import number
from amd.show.tables import pairs
from amd.show.types import value_scale

FEW = 8  # outcomes, goods or groups that are listed one by one


def quantity_parts(
    found: Mapping[str, Number], environment: Environment, design: Design | None
) -> list[RenderableType]:
    """The heading and a line for each of the quantities worth showing."""
    labels = [label for label in chosen(found, environment, design) if label in found]
    if not labels:
        return []
    scale = value_scale(environment)
    rows = [(label, number(found[label], scale=1.0 if _is_count(label) else scale)) for label in labels]
    left = len(found) - len(labels)
    more = f"; {left} more in the JSON" if left else ""
    heading = Text.assemble(("Quantities", "bold"), f"  (expected{more})")
    return [heading, pairs(rows)]


def _is_count(label: str) -> bool:
    return label.removeprefix("worst(").startswith(("probability(", "allocated("))


def chosen(found: Mapping[str, Number], environment: Environment, design: Design | None) -> list[str]:
    """Labels in order: the wish and the bounds, totals, groups, what is decided."""
    named = [] if design is None else [quantity.label for quantity in design.quantities]
    return list(dict.fromkeys([*named, *_totals(found, design), *_groups(environment), *_decided(environment)]))


def _totals(found: Mapping[str, Number], design: Design | None) -> list[str]:
    """Cost and profit where something costs, the deficit where a budget is watched."""
    labels = ["revenue", "welfare", "surplus"]
    if found.get("cost"):
        labels[1:1] = ["cost", "profit"]
    if design is not None and design.budget is not None:
        labels.append("deficit")
    return labels


def _groups(environment: Environment) -> list[str]:
    names = [group.name for group in environment.groups]
    if not 1 < len(names) <= FEW:
        return []
    return [f"{what}({name})" for what in ("payment", "surplus") for name in names]


def _decided(environment: Environment) -> list[str]:
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        labels = [f"probability({name})" for name in allocation.names]
    else:
        labels = [f"allocated({good.name})" for good in allocation.goods]
    return labels if len(labels) <= FEW else []

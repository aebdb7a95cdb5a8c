"""The joint prior: a nested list with one level an agent, checked for its shape and its exact sum."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from amd.files.context import Context, large
from amd.files.nodes import Sequence
from amd.files.roster import Roster
from amd.files.shapes import Item
from amd.files.shares import sum_text
from amd.model.build import AgentSpec
from amd.model.numbers import ONE, ZERO, ExactArray, exact_array
from amd.model.types import Grid, TypeSpace


def read_joint(item: Item[Any] | None, roster: Roster, context: Context) -> ExactArray | None:
    """The probabilities of all type profiles, (K_1, …, K_n)."""
    if item is None or not roster.complete:
        return None
    spaces = [party.types for party in roster.parties for _ in range(party.count)]
    shape = tuple(types.size for types in spaces if types is not None)
    if not context.fits(item, prod(shape), f"needs {large(prod(shape))} probabilities"):
        return None
    entries: list[Item[Any]] = []
    if not _flatten(item, shape, roster, entries, context):
        return None
    values = context.numbers(entries)
    if values is None or not _check(item, entries, values, context):
        return None
    return exact_array(values, shape)


def _flatten(
    item: Item[Any], shape: tuple[int, ...], roster: Roster, entries: list[Item[Any]], context: Context, level: int = 0
) -> bool:
    """Collect the numbers in order; False, with a fault, where the lists do not fit the agents."""
    if level == len(shape):
        if isinstance(item.node, Sequence):
            item.blame(context.faults, f"is a list inside the last of {len(shape)} levels; a probability is wanted")
            return False
        entries.append(item)
        return True
    name = roster.names[level]
    if not isinstance(item.node, Sequence):
        item.blame(context.faults, f"is a number at the level of '{name}'; a list of {shape[level]} is wanted")
        return False
    if len(item.value) != shape[level]:
        item.blame(context.faults, f"has {len(item.value)} items; '{name}' has {shape[level]} types")
        return False
    good = [below is not None and _flatten(below, shape, roster, entries, context, level + 1) for below in item.value]
    return all(good)


def _check(whole: Item[Any], entries: list[Item[Any]], values: list[Fraction], context: Context) -> bool:
    negative = [(item, value) for item, value in zip(entries, values, strict=True) if value < 0]
    for item, value in negative:
        item.blame(context.faults, f"is {value}; a probability is at least 0")
    if negative:
        return False
    total = sum(values, ZERO)
    if total != ONE:
        whole.blame(context.faults, f"the probabilities sum to {sum_text(total)}, not to 1")
    return total == ONE


def with_marginals(specs: list[AgentSpec], joint: ExactArray) -> list[AgentSpec]:
    """The agents with the probabilities that the joint prior gives their types."""
    return [replace(spec, types=_marginal_types(spec.types, joint, axis)) for axis, spec in enumerate(specs)]


def _marginal_types(types: TypeSpace, joint: ExactArray, axis: int) -> TypeSpace:
    others = tuple(other for other in range(joint.ndim) if other != axis)
    shares = np.asarray(joint.sum(axis=others), dtype=object).reshape(-1)
    block = shares.reshape(types.shape)
    grids = tuple(
        Grid(grid.points, tuple(np.asarray(block.sum(axis=_but(block.ndim, place)), dtype=object).reshape(-1)))
        for place, grid in enumerate(types.grids)
    )
    return replace(types, probability=tuple(shares), grids=grids)


def _but(count: int, kept: int) -> tuple[int, ...]:
    return tuple(axis for axis in range(count) if axis != kept)

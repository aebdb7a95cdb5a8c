"""Where types stand on an axis: at their values, or side by side under their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes

from amd.model.environment import Environment
from amd.model.numbers import FloatArray
from amd.model.types import Grid
from amd.show.figures.canvas import plain, ticks
from amd.show.numbers import number
from amd.show.types import type_header, type_text

NAMED = 12  # values up to which each gets a name of its own
MOST_NAMES = 30


@dataclass(frozen=True, eq=False)
class Scale:
    """`at` (K,) the places of the types in their own order, `edges` (K + 1,) of the cells about them where these are
    in order; `names` for ticks, empty where numbers do."""

    label: str
    at: FloatArray
    edges: FloatArray
    names: tuple[str, ...] = ()

    def ticks(self, ax: Axes, which: str) -> None:
        """The ticks of named types; numbers look after themselves."""
        if not self.names:
            return
        step = -(-len(self.names) // MOST_NAMES)
        ticks(ax, which, self.at[::step].tolist(), self.names[::step], 22)


def midpoints(at: FloatArray) -> FloatArray:
    """Edges half way between neighbouring points, and as far out at the ends."""
    if len(at) == 1:
        return np.array([at[0] - 0.5, at[0] + 0.5])
    middle = (at[1:] + at[:-1]) / 2
    return np.concatenate([[2 * at[0] - middle[0]], middle, [2 * at[-1] - middle[-1]]])


def named(label: str, names: Sequence[str]) -> Scale:
    """Types side by side."""
    at = np.arange(len(names), dtype=np.float64)
    return Scale(label, at, midpoints(at), tuple(plain(name, 22) for name in names))


def short(value: Fraction) -> str:
    """A fraction where it is short, else a few digits."""
    text = number(value)
    return text if len(text) <= 6 else number(float(value), 4)


def grid_scale(label: str, grid: Grid, always_numbers: bool = False) -> Scale:
    """The values of one parameter: few finite ones by name, cells of a law and many at their place."""
    if grid.edges is None and len(grid.points) <= NAMED and not always_numbers:
        return named(label, [short(point) for point in grid.points])
    at = np.array([float(point) for point in grid.points])
    edges = midpoints(at) if grid.edges is None else np.array([float(edge) for edge in grid.edges])
    return Scale(label, at, edges)


def type_scale(environment: Environment, agent: int, always_numbers: bool = False) -> Scale:
    """The types of an agent along one axis: at their values where these are one rising parameter, else by name."""
    one = environment.agents[agent]
    header = type_header(environment, agent)
    label = one.name if header == "type" else f"{header} of {one.name}"
    if len(one.types.grids) == 1:
        return grid_scale(label, one.types.grids[0], always_numbers)
    if len(one.types.parameters) == 1:
        points = [point[0] for point in one.types.points]
        if all(low < high for low, high in pairwise(points)):
            return grid_scale(label, Grid(tuple(points), one.types.probability), always_numbers)
    return named(label, [type_text(environment, agent, k) for k in range(one.size)])


def group_name(environment: Environment, agent: int) -> str:
    """Whom an agent's curve stands for."""
    return environment.agents[agent].name

"""From a continuous law to the grid problem: cells, their probabilities, and a type in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from amd.files.balls import Ball, nearest
from amd.files.laws import ContinuousLaw, handy
from amd.files.quantiles import mass_edges
from amd.model.numbers import ONE, ZERO, exact_sum
from amd.model.types import Grid

MEAN = "mean"


def width_edges(low: Fraction, high: Fraction, cells: int) -> tuple[Fraction, ...]:
    """The ends of cells of equal width."""
    width = (high - low) / cells
    return (*(low + k * width for k in range(cells)), high)


def place(at: str, a: Fraction, b: Fraction) -> Fraction:
    """A point of a cell other than its mean."""
    return {"lower": a, "upper": b, "middle": (a + b) / 2}[at]


def cut(law: ContinuousLaw, cells: int, at: str = MEAN, by: str = "width") -> Grid:
    """The grid of a law with `cells` cells of equal width, or of equal probability (`by` mass).

    Types stand at conditional means, or at the lower end, upper end or middle of their cells; so does a cell without
    probability, which has no mean and takes its middle. What is irrational, or rational but too long to be written
    out, is the nearest double, and the largest probability takes up what the sum then lacks.
    """
    low, high = law.support
    if by == "width":
        edges = width_edges(low, high, cells)
        masses = law.exact_masses(edges)
        return Grid(_points(law, edges, at, masses), _masses(law, edges, masses), edges, law)
    edges, exact = mass_edges(law, cells)
    equal = (Fraction(1, cells),) * cells
    return Grid(_points(law, edges, at, law.exact_masses(edges), exact), equal, edges, law)


def _masses(law: ContinuousLaw, edges: tuple[Fraction, ...], masses: Sequence[Fraction | None]) -> tuple[Fraction, ...]:
    return made_whole([_number(mass, law.ball_mass, *ends) for mass, ends in zip(masses, pairwise(edges), strict=True)])


def _points(
    law: ContinuousLaw,
    edges: tuple[Fraction, ...],
    at: str,
    masses: Sequence[Fraction | None],
    exact: tuple[bool, ...] | None = None,
) -> tuple[Fraction, ...]:
    """A point in each cell. `exact` says which edges are what they stand for; those that are not were rounded."""
    if at != MEAN:
        return tuple(place(at, a, b) for a, b in pairwise(edges))
    sure = [all(both) for both in pairwise(exact)] if exact else [True] * len(masses)
    cells = zip(pairwise(edges), masses, law.exact_moments(edges), sure, strict=True)
    return tuple(_mean(law, ends, mass, moment, known) for ends, mass, moment, known in cells)


def _mean(
    law: ContinuousLaw, ends: tuple[Fraction, Fraction], mass: Fraction | None, moment: Fraction | None, sure: bool
) -> Fraction:
    """The conditional mean of a cell: the law's mass in it counts, not the mass it has in the grid.

    Between rounded ends a mean that is rational by accident is rounded too.
    """
    a, b = ends
    if mass == ZERO or a == b:
        return (a + b) / 2
    exact = handy(moment / mass) if mass is not None and moment is not None else None
    if exact is not None and sure:
        return exact
    near = nearest(lambda: law.ball_moment(a, b) / law.ball_mass(a, b)) if exact is None else Fraction(float(exact))
    return min(max(near, a), b)  # rounding may lead out of a cell narrower than a double


def _number(
    exact: Fraction | None,
    balls: Callable[[Fraction, Fraction], Ball],
    a: Fraction,
    b: Fraction,
) -> Fraction:
    value = handy(exact)
    return nearest(lambda: balls(a, b)) if value is None else value


def made_whole(masses: list[Fraction]) -> tuple[Fraction, ...]:
    """The probabilities with the first largest changed so that they sum to exactly 1."""
    lacking = ONE - exact_sum(masses)
    if lacking:
        largest = masses.index(max(masses))
        masses[largest] += lacking
    return tuple(masses)

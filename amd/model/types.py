"""What an agent may know: finitely many types, and the continuous law they may have been cut from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

from amd.model.numbers import ONE, ExactArray, FloatArray, distinct, exact_array, exact_sum, to_float


class Law(Protocol):
    """A continuous distribution on a bounded support, as the continuum bounds see it.

    Every method returns rationals that enclose the truth (equal where it is rational).
    """

    @property
    def support(self) -> tuple[Fraction, Fraction]: ...

    def mass(self, a: Fraction, b: Fraction) -> tuple[Fraction, Fraction]:
        """Enclosure of the probability of [a, b]."""
        ...

    def moment(self, a: Fraction, b: Fraction) -> tuple[Fraction, Fraction]:
        """Enclosure of the integral of x over [a, b] against the law."""
        ...

    def density_is_constant(self, a: Fraction, b: Fraction) -> bool:
        """Whether the density is known to be constant on [a, b]."""
        ...

    def restate(self) -> dict[str, Any]:
        """The law as plain data with rational texts, for certificates."""
        ...


@dataclass(frozen=True, eq=False)
class Grid:
    """One parameter: its values, and the cells of a continuous law where there is one.

    `points` and `probability` (N,), `edges` (N + 1,) with `law`; both None for a finite distribution.
    """

    points: tuple[Fraction, ...]
    probability: tuple[Fraction, ...]
    edges: tuple[Fraction, ...] | None = None
    law: Law | None = None


@dataclass(frozen=True, eq=False)
class TypeSpace:
    """The K possible types of an agent.

    `parameters` names the J parameters; `points` (K rows of J numbers) gives their values, the last parameter
    running fastest in a product; `probability` (K,) sums to exactly 1. `grids` holds the J independent
    parameters of a product, and is empty for a table. `orders` instead of parameters: K strict preference
    orders, each the indices of the outcomes from best to worst.
    """

    parameters: tuple[str, ...]
    points: tuple[tuple[Fraction, ...], ...]
    probability: tuple[Fraction, ...]
    grids: tuple[Grid, ...] = ()
    orders: tuple[tuple[int, ...], ...] | None = None
    labels: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.points) != len(self.probability):
            raise ValueError(f"{len(self.points)} types but {len(self.probability)} probabilities")
        if exact_sum(self.probability) != ONE or any(mass.numerator < 0 for mass in self.probability):
            raise ValueError("the probabilities of the types must be at least 0 and sum to exactly 1")

    @property
    def size(self) -> int:
        return len(self.points)

    @cached_property
    def exact_probability(self) -> ExactArray:
        return exact_array(self.probability)

    @cached_property
    def float_probability(self) -> FloatArray:
        return to_float(self.exact_probability)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The sizes of the product's grids, or (K,)."""
        return tuple(len(grid.points) for grid in self.grids) or (self.size,)

    def label(self, k: int) -> str:
        """A short text for type k, such as ``v = 3/4`` or ``a > b > c``."""
        if self.labels:
            return self.labels[k]
        if not self.parameters:
            return "the only type"
        return ", ".join(f"{name} = {value}" for name, value in zip(self.parameters, self.points[k], strict=True))


def single_type() -> TypeSpace:
    """The type space of an agent that knows nothing of its own."""
    return TypeSpace(parameters=(), points=((),), probability=(ONE,))


def product_types(parameters: tuple[str, ...], grids: tuple[Grid, ...]) -> TypeSpace:
    """Independent parameters: the product of their grids, the last running fastest."""
    points: list[tuple[Fraction, ...]] = [()]
    probability = [ONE]
    for grid in grids:
        points = [(*point, value) for point in points for value in grid.points]
        probability = _products(probability, grid.probability)
    return TypeSpace(parameters, tuple(points), tuple(probability), grids)


def _products(one: Sequence[Fraction], other: Sequence[Fraction]) -> list[Fraction]:
    """Each of the first times each of the second; equal factors, of which grids have many, are multiplied once."""
    (first, here), (second, there) = distinct(exact_array(one)), distinct(exact_array(other))
    table = exact_array([p * q for p in first for q in second], (len(first), len(second)))
    found: list[Fraction] = table[here[:, None], there].ravel().tolist()
    return found

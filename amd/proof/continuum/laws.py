"""Continuous laws as the bounds need them, beside those of problem files: piecewise constant densities, affine images.

Both follow the protocol `amd.model.types.Law`: every number is a rational enclosure of the truth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from amd.files.laws import PolynomialLaw
from amd.model.types import Law

Pair = tuple[Fraction, Fraction]
FINE = 12  # edges are chosen among 2^FINE + 1 places


@dataclass(frozen=True)
class PiecewiseLaw:
    """Density constant on [edges[k], edges[k+1]], with probability `masses[k]` there. Exact."""

    edges: tuple[Fraction, ...]
    masses: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if len(self.edges) != len(self.masses) + 1 or sum(self.masses) != 1 or min(self.masses) < 0:
            raise ValueError("a piecewise law needs one more edge than masses, and masses that sum to 1")
        if any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("the edges of a piecewise law must increase")

    @property
    def support(self) -> Pair:
        return self.edges[0], self.edges[-1]

    def _pieces(self, a: Fraction, b: Fraction) -> list[tuple[Fraction, Fraction, Fraction]]:
        """(lower end, upper end, density) of the parts of [a, b]."""
        pieces = zip(self.edges, self.edges[1:], self.masses, strict=False)
        return [(max(a, x), min(b, y), mass / (y - x)) for x, y, mass in pieces if max(a, x) < min(b, y)]

    def mass(self, a: Fraction, b: Fraction) -> Pair:
        total = sum(((y - x) * d for x, y, d in self._pieces(a, b)), Fraction(0))
        return total, total

    def moment(self, a: Fraction, b: Fraction) -> Pair:
        total = sum(((y * y - x * x) / 2 * d for x, y, d in self._pieces(a, b)), Fraction(0))
        return total, total

    def density_is_constant(self, a: Fraction, b: Fraction) -> bool:
        covered = self.edges[0] <= a and b <= self.edges[-1]
        return covered and len({d for _, _, d in self._pieces(a, b)}) == 1

    def restate(self) -> dict[str, Any]:
        return {"law": "piecewise", "edges": [str(x) for x in self.edges], "masses": [str(p) for p in self.masses]}


def uniform_law(a: Fraction | int = 0, b: Fraction | int = 1) -> PiecewiseLaw:
    """The uniform law on [a, b]."""
    return PiecewiseLaw((Fraction(a), Fraction(b)), (Fraction(1),))


@dataclass(frozen=True)
class AffineLaw:
    """The law of ``scale · x + shift`` where x follows `base`; `scale` is not 0 and may be negative (a mirror)."""

    base: Law
    scale: Fraction
    shift: Fraction = Fraction(0)

    def _back(self, a: Fraction, b: Fraction) -> Pair:
        ends = (a - self.shift) / self.scale, (b - self.shift) / self.scale
        return min(ends), max(ends)

    @property
    def support(self) -> Pair:
        ends = [self.scale * x + self.shift for x in self.base.support]
        return min(ends), max(ends)

    def mass(self, a: Fraction, b: Fraction) -> Pair:
        return self.base.mass(*self._back(a, b))

    def moment(self, a: Fraction, b: Fraction) -> Pair:
        back = self._back(a, b)
        moments = sorted(self.scale * x for x in self.base.moment(*back))
        masses = sorted(self.shift * x for x in self.base.mass(*back))
        return moments[0] + masses[0], moments[1] + masses[1]

    def density_is_constant(self, a: Fraction, b: Fraction) -> bool:
        return self.base.density_is_constant(*self._back(a, b))

    def restate(self) -> dict[str, Any]:
        return {"law": "affine", "scale": str(self.scale), "shift": str(self.shift), "base": self.base.restate()}


def equal_edges(law: Law, cells: int) -> tuple[Fraction, ...]:
    """The edges of `cells` cells of equal width."""
    a, b = law.support
    return tuple(a + (b - a) * Fraction(k, cells) for k in range(cells + 1))


def good_edges(law: Law, cells: int) -> tuple[Fraction, ...]:
    """Edges for the relations: equal widths where the density is constant, else finer where there is more probability.

    They lie on a fine equal cut of the support, about where (share of the width + share of the probability) / 2 is k
    / cells.
    """
    a, b = law.support
    if law.density_is_constant(a, b):
        return equal_edges(law, cells)
    unit = (b - a) / 2**FINE

    def reached(place: int) -> Fraction:
        low, high = law.mass(a, a + place * unit)
        return Fraction(place, 2 * 2**FINE) + (low + high) / 4

    places = {bisect_left(range(2**FINE), Fraction(k, cells), key=reached) for k in range(1, cells)}
    return (a, *(a + place * unit for place in sorted(places - {0})), b)


def moved(law: Law, scale: Fraction, shift: Fraction = Fraction(0)) -> Law:
    """The law of scale · x + shift, without a wrapper where nothing changes."""
    return law if scale == 1 and shift == 0 else AffineLaw(law, scale, shift)


def finest(edges: Sequence[Fraction], law: Law) -> tuple[Fraction, ...]:
    """Edges with the breaks of a piecewise constant density added, so that its density is constant on each cell."""
    breaks = _breaks(law)
    low, high = edges[0], edges[-1]
    return tuple(sorted({*edges, *(x for x in breaks if low < x < high)}))


def _breaks(law: Law) -> tuple[Fraction, ...]:
    if isinstance(law, AffineLaw):
        return tuple(law.scale * x + law.shift for x in _breaks(law.base))
    if isinstance(law, PolynomialLaw):
        return law.breaks
    return law.edges if isinstance(law, PiecewiseLaw) else ()

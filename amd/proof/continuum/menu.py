"""Menus for one buyer of several goods: bounds from below with exact values (C6).

*The mechanism.* A list of entries (allocation y, price), the entry (0, −outside) among them; every type of the
continuum takes the entry that it likes best. That is incentive compatible and individually rational by construction
(taxation principle).

*Its value.* The types that choose entry e form a polytope in each box of constant density: its volume, and its first
moments where values count, are rational (`polytope`). Ties between distinct entries have volume 0, so it does not
matter that they go to the seller; of two entries with the same allocation nobody buys the dearer.

*Which entries.* From the relaxation's interim solution: allocations rounded to multiples of 1/`PARTS`, with all 0-1
bundles, at their prices; then their prices are improved by gradient steps on a smoothed value in floats. How they
were found does not matter for the proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np
from scipy.optimize import minimize

from amd.model.numbers import FloatArray
from amd.proof.continuum.cells import Line
from amd.proof.continuum.polytope import Affine, best_shares

ZERO, ONE = Fraction(0), Fraction(1)
Entry = tuple[tuple[Fraction, ...], Fraction]  # allocation (J,), price
Sides = tuple[tuple[Fraction, Fraction], ...]
PARTS = 8
EXTRA = 6  # fractional allocations tried beside the bundles
NOISE = (0.05, 0.02, 0.01)
RARE = 2e-3  # an entry that fewer choose is left out
DENOMINATOR = 10_000


@dataclass(frozen=True)
class MenuWish:
    """``payment · E[price] + value · E[Σ θ_j y_j] + Σ_j unit_j E[y_j]``."""

    payment: Fraction
    value: Fraction
    unit: tuple[Fraction, ...]


@dataclass(frozen=True)
class Menu:
    """Entries (the outside option among them) and the exact value of the wish."""

    entries: tuple[Entry, ...]
    value: Fraction


def density_boxes(lines: Sequence[Line]) -> tuple[tuple[Sides, Fraction], ...]:
    """The boxes on which the density is constant, as large as possible, with that density."""
    pieces = [_pieces(line) for line in lines]
    return tuple(
        (tuple(side for side, _ in choice), prod((d for _, d in choice), start=ONE)) for choice in product(*pieces)
    )


def _pieces(line: Line) -> list[tuple[tuple[Fraction, Fraction], Fraction]]:
    """Neighbouring cells of equal density joined."""
    joined: list[tuple[tuple[Fraction, Fraction], Fraction]] = []
    for k in range(line.size):
        (a, b), density = line.cell(k), line.mass[k][0] / line.width(k)
        if joined and joined[-1][1] == density:
            joined[-1] = ((joined[-1][0][0], b), density)
        else:
            joined.append(((a, b), density))
    return joined


def menu_value(entries: Sequence[Entry], boxes: Sequence[tuple[Sides, Fraction]], wish: MenuWish) -> Fraction:
    """The exact value of a menu. Condition: the density is constant on each box."""
    return sum((_entry_value(entry, shares, wish) for entry, shares in _choices(entries, boxes)), ZERO)


def _choices(
    entries: Sequence[Entry], boxes: Sequence[tuple[Sides, Fraction]]
) -> Iterator[tuple[Entry, list[Fraction]]]:
    """Each entry with the probability of those who choose it and the integrals of their parameters, box by box."""
    functions: tuple[Affine, ...] = tuple((-price, y) for y, price in entries)
    for sides, density in boxes:
        if density:
            for entry, shares in zip(entries, best_shares(sides, functions), strict=True):
                yield entry, [density * share for share in shares]


def _entry_value(entry: Entry, shares: Sequence[Fraction], wish: MenuWish) -> Fraction:
    y, price = entry
    units = sum((unit * amount for unit, amount in zip(wish.unit, y, strict=True)), ZERO)
    worth = sum((amount * moment for amount, moment in zip(y, shares[1:], strict=True)), ZERO)
    return (wish.payment * price + units) * shares[0] + wish.value * worth


def cleaned(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """One entry an allocation, the cheapest."""
    best: dict[tuple[Fraction, ...], Fraction] = {}
    for y, price in entries:
        best[y] = min(price, best.get(y, price))
    return tuple(best.items())


class SoftMenu:
    """A menu in floats whose buyers choose by logit: smooth in its prices, for the search only."""

    def __init__(self, lines: Sequence[Line], wish: MenuWish, allocations: FloatArray) -> None:
        points = {1: 512, 2: 72}.get(len(lines), 24)
        axes, weights = zip(*(_nodes(line, points) for line in lines), strict=True)
        types = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
        self.weight = np.prod(np.stack([w.ravel() for w in np.meshgrid(*weights, indexing="ij")]), axis=0)
        self.worth = types @ allocations.T
        self.payment = float(wish.payment)
        self.gain = self.worth * float(wish.value) + allocations @ np.array([float(u) for u in wish.unit])
        self.scale = max(float(line.edges[-1] - line.edges[0]) for line in lines)

    def chances(self, prices: FloatArray, noise: float) -> FloatArray:
        """The probability of each entry at each type, (types, entries)."""
        utility = (self.worth - prices) / (noise * self.scale)
        weight = np.exp(utility - utility.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))

    def loss(self, prices: FloatArray, noise: float) -> tuple[float, FloatArray]:
        """Minus the value, and its gradient in the prices."""
        chance = self.chances(prices, noise)
        gain = self.gain + self.payment * prices
        mean = (chance * gain).sum(axis=1, keepdims=True)
        pull = chance * (self.payment - (gain - mean) / (noise * self.scale))
        return -float(self.weight @ mean[:, 0]), -(self.weight @ pull)

    def polish(self, prices: FloatArray, noise: float) -> FloatArray:
        """Better prices; the first entry is the outside option and keeps its own."""
        fixed = prices[:1]

        def loss(free: FloatArray) -> tuple[float, FloatArray]:
            value, slope = self.loss(np.concatenate([fixed, free]), noise)
            return value, slope[1:]

        found = minimize(loss, prices[1:], jac=True, method="L-BFGS-B", options={"maxiter": 200})
        return np.concatenate([fixed, np.asarray(found.x, dtype=np.float64)])


def _nodes(line: Line, points: int) -> tuple[FloatArray, FloatArray]:
    """Midpoints of a fine cut of the line, with their probabilities."""
    each = max(1, points // line.size)
    edges = np.array([float(x) for x in line.edges])
    mass = np.array([float(m[0]) for m in line.mass])
    parts = (np.arange(each) + 0.5) / each
    return (edges[:-1, None] + np.diff(edges)[:, None] * parts).ravel(), np.repeat(mass / each, each)


def best_menu(
    lines: Sequence[Line], wish: MenuWish, outside: Fraction, found: FloatArray, average: FloatArray, mass: FloatArray
) -> Menu:
    """A good menu, starting from a relaxation's solution.

    `found` (boxes, J) are the boxes' average allocations, `average` (boxes,) their average utilities net of the
    outside option, `mass` (boxes,) their probabilities. Where utilities are high a bundle's price is what makes the
    best types just willing: max over boxes of worth − utility.
    """
    allocations = _candidates(found, mass)
    middles = np.array([[float(line.middle(k)) for line, k in zip(lines, box, strict=True)]
                        for box in product(*(range(line.size) for line in lines))])  # fmt: skip
    prices = (middles @ allocations.T - average[:, None]).max(axis=0)
    prices[0] = 0.0
    soft = SoftMenu(lines, wish, allocations)
    for noise in NOISE:
        prices = soft.polish(prices, noise)
    kept = np.flatnonzero(soft.weight @ soft.chances(prices, NOISE[-1]) > RARE)
    kept = np.union1d([0], kept)
    exact = [
        (
            tuple(Fraction(round(y * PARTS), PARTS) for y in allocations[e]),
            Fraction(float(prices[e])).limit_denominator(DENOMINATOR),
        )
        for e in kept
    ]
    entries = cleaned([(y, price - outside) for y, price in exact])
    return Menu(entries, menu_value(entries, density_boxes(lines), wish))


def _candidates(found: FloatArray, mass: FloatArray) -> FloatArray:
    """The 0-1 bundles, nothing first, and the most probable of the rounded allocations."""
    bundles = np.array(list(product((0, 1), repeat=found.shape[1])), dtype=float)
    rounded, which = np.unique(np.round(found * PARTS).astype(int), axis=0, return_inverse=True)
    weight = np.bincount(which.ravel(), weights=mass)
    often = rounded[np.argsort(-weight)[:EXTRA]] / PARTS
    return np.vstack(
        [bundles, [y for y in often if not (bundles == y).all(axis=1).any()] or np.zeros((0, found.shape[1]))]
    )

"""From an interim allocation back to a rule: a lottery over hierarchies.

A hierarchy ranks the types of all classes in levels. The agent whose type stands highest gets the unit; agents of
one class on the same level draw lots, and of two classes on one level the first goes before the other; types on no
level get nothing. The vertices of Border's polytope are hierarchies, so every feasible interim allocation is a
lottery over them (Border, 1991). `decompose` finds one greedily: take the hierarchy that ranks by what is left to
give, as much of it as leaves the rest feasible, and go on with the rest.

Sets of types that get all they may have (tight sets) must stand before all others in every hierarchy of the
lottery. They
are found when they stop a step, and kept as blocks that come one after the other: with T the tight sets so far, in a
chain, and S a new one, the unions of T with the next T cut by S are tight as well, since Border's right-hand side is
submodular.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from amd.compile.reduced.border import Population, chance_of_any, sort_types, violations
from amd.compile.reduced.rising import Chain
from amd.model.numbers import FloatArray, IntArray

EQUAL = 1e-9  # interim allocations that differ by less stand on one level: the accuracy of a solver's answer
NEAR = 1e-9  # what types of a chain may differ by, of the whole lottery, to be pooled
FINISHED = 1e-10
SLIGHT = 1e-7  # a share of a lottery that rounding keeps from being taken apart goes to the nearest hierarchy


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """`level` (T,): the larger the better, 0 for types that get nothing. No level is shared by two classes."""

    level: IntArray
    interim: FloatArray


def hierarchy(population: Population, q: FloatArray, block: IntArray) -> Hierarchy:
    """The hierarchy that ranks types by block, then by `q` (T,), with its interim allocation (T,)."""
    every = sort_types(population, q)
    every = every[np.argsort(block[every], kind="stable")]
    some = q[every] > EQUAL
    order = every[some]
    level = np.zeros(len(q), dtype=np.int64)
    if len(order):
        change = (np.diff(population.owner[order]) != 0) | (np.diff(block[order]) != 0)
        change |= np.abs(np.diff(q[order])) > EQUAL
        rank = np.concatenate([[0], np.cumsum(change)])
        level[order] = rank[-1] + 1 - rank
    reached = chance_of_any(population, np.concatenate([order, every[~some]]))
    return Hierarchy(level, _interim(population, order, level, reached))


def _interim(population: Population, order: IntArray, level: IntArray, reached: FloatArray) -> FloatArray:
    """A level of class c with mass b, below a mass A_c' of every class c', wins
    ((1 - A_c)^n - (1 - A_c - b)^n) / (n b) times the chance that nobody of another class is above."""
    interim = np.zeros(len(level))
    if len(order) == 0:
        return interim
    starts = np.flatnonzero(np.diff(level[order], prepend=-1) != 0)
    before = np.concatenate([[0.0], reached])[starts]
    after = reached[np.append(starts[1:], len(order)) - 1]
    weight = np.add.reduceat(population.weight[order], starts)
    share = np.divide(after - before, weight, out=np.zeros(len(starts)), where=weight > 0)
    interim[order] = np.repeat(share, np.diff(np.append(starts, len(order))))
    return interim


def decompose(population: Population, q: FloatArray, orders: Sequence[IntArray] = ()) -> list[tuple[float, Hierarchy]]:
    """Hierarchies with weights that sum to at most 1 (the rest gives nothing) and bring about `q` (T,).

    With `orders`, each class's types in an order along which `q` rises, so does every hierarchy (`rising`). Types that
    differ by no more than rounding are then alike, unless that is more than the rest can bear. Raises ValueError where
    no step makes progress, which a feasible `q` does not lead to but for rounding.
    """
    for near in (NEAR, 0.0) if len(orders) else (0.0,):
        found, left = _taken_apart(population, q, [Chain.of(types) for types in orders], near)
        if left <= SLIGHT:
            return found
    raise ValueError(f"a share of {left:.1e} of the interim allocation could not be carried out by hierarchies")


def _taken_apart(
    population: Population, q: FloatArray, chains: list[Chain], near: float
) -> tuple[list[tuple[float, Hierarchy]], float]:
    """The lottery, and the share of it that could not be taken apart."""
    found: list[tuple[float, Hierarchy]] = []
    block = np.zeros(len(q), dtype=np.int64)
    left, rest = 1.0, np.maximum(q, 0.0)
    for _ in range(4 * len(q) + 10):
        if left <= FINISHED or rest.max(initial=0.0) <= EQUAL:
            return found, 0.0
        for chain in chains:
            rest = chain.settled(rest, population.mass, near / left)
        best = hierarchy(population, rest, block)
        _require_rising(best, chains)
        most = min((chain.longest(rest, best.interim) for chain in chains), default=1.0)
        step, tight = _longest_step(population, rest, best.interim, most)
        for chain in chains:
            chain.pool_tight(rest, best.interim, step)
        if step > FINISHED:
            found.append((left * step, best))
            if step >= 1 - FINISHED:
                return found, 0.0
            rest = np.maximum(rest - step * best.interim, 0.0) / (1 - step)
            left *= 1 - step
        if tight is not None:
            inside = np.isin(np.arange(len(q)), tight)
            for chain in chains:
                inside = chain.whole(inside)
            block = np.unique(2 * block + ~inside, return_inverse=True)[1]
    return ([*found, (left, best)] if left <= SLIGHT else found), left


def _require_rising(best: Hierarchy, chains: Sequence[Chain]) -> None:
    for chain in chains:
        if (np.diff(best.level[chain.types]) < 0).any():
            raise ValueError("a hierarchy puts a type below one that values the good less: the lift was not found")


def _longest_step(
    population: Population, q: FloatArray, vertex: FloatArray, most: float = 1.0
) -> tuple[float, IntArray | None]:
    """The largest s in [0, `most`] for which (q - s vertex) / (1 - s) is feasible, up to EQUAL, and the set that stops
    it."""
    if np.abs(q - vertex).max(initial=0.0) <= 10 * EQUAL:
        return 1.0, None
    some = vertex > EQUAL
    step = float(min(1 - EQUAL, most, (q[some] / vertex[some]).min(initial=1.0)))
    tight: IntArray | None = None
    for _ in range(len(q) + 1):
        rest = np.maximum(q - step * vertex, 0.0) / (1 - step)
        order, right, excess = violations(population, rest)
        worst = int(np.argmax(excess))
        if excess[worst] * (1 - step) <= EQUAL:
            break
        inside = order[: worst + 1]
        weight = population.weight[inside]
        most = float(right[worst])
        room = most - float(weight @ vertex[inside])
        if room <= EQUAL:
            break
        shorter = max((most - float(weight @ q[inside])) / room, 0.0)
        if shorter >= step:
            break
        step, tight = shorter, inside
    return step, tight

"""The reduced form of one good: Border's inequality for sets of cells.

Claim: if a good goes to at most one agent and types are independent, then for any sets S_i of cells

    Σ_i E[y_i; S_i] <= Pr[some agent's type is in its set] = 1 − Π_i (1 − f_i(S_i)).

Proof: Σ_i 1{θ_i in S_i, i gets the good} is at most 1, and 0 unless some θ_i lies in S_i; take expectations. (Border
1991; for cells it is a relaxation, so only this easy half is used.) Condition: independence enters the right side
only; with correlated types the product is wrong. Enclosures of f_i are used at their upper ends, which makes the
right side larger.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from amd.model.numbers import FloatArray, IntArray
from amd.proof.continuum.relations import Relation, Terms, Variable


@dataclass(frozen=True)
class Claimant:
    """A group of `count` copies that can get the good: its variables Q (one a cell, integrals) and the cells'
    masses."""

    agent: int
    count: int
    amounts: tuple[Variable, ...]
    masses: tuple[Fraction, ...]  # upper ends

    def floats(self, point: Mapping[Variable, float]) -> FloatArray:
        """The interim probabilities, (N,)."""
        mass = np.array([float(f) for f in self.masses])
        amount = np.array([point[name] for name in self.amounts])
        return np.asarray(np.divide(amount, mass, out=np.zeros_like(mass), where=mass > 0), dtype=np.float64)


def border(good: int, claimants: Sequence[Claimant], sets: Sequence[Sequence[int]]) -> Relation:
    """The inequality for one set of cells a group (used for each of its copies)."""
    terms: Terms = {}
    miss = Fraction(1)
    for claimant, cells in zip(claimants, sets, strict=True):
        terms |= {claimant.amounts[k]: Fraction(claimant.count) for k in cells}
        inside = min(sum((claimant.masses[k] for k in cells), Fraction(0)), Fraction(1))
        miss *= (1 - inside) ** claimant.count
    name = ("Border", good, tuple(tuple(sorted(cells)) for cells in sets))
    return Relation(name, terms, 1 - miss)


def separate(good: int, claimants: Sequence[Claimant], point: Mapping[Variable, float]) -> list[Relation]:
    """The inequalities that the point breaks among those whose sets are prefixes of one order (a few of the worst).

    Cells are sorted by q_i(k) · Pr[q_i(type) <= q_i(k)] (Cai, Daskalakis and Weinberg 2012); with one group this is
    by q.
    """
    interim = [claimant.floats(point) for claimant in claimants]
    entries = [(i, k) for i, q in enumerate(interim) for k in range(len(q))]
    keys = np.concatenate([_rank(claimant, q) for claimant, q in zip(claimants, interim, strict=True)])
    order = np.argsort(-keys, kind="stable")
    amount = np.concatenate([[claimant.count * point[name] for name in claimant.amounts] for claimant in claimants])
    excess = np.cumsum(amount[order]) - _hits(claimants, entries, order)
    worst = np.argsort(-excess)[:8]
    return [border(good, claimants, _sets(len(claimants), entries, order[: w + 1])) for w in worst if excess[w] > 1e-10]


def _rank(claimant: Claimant, q: FloatArray) -> FloatArray:
    mass = np.array([float(f) for f in claimant.masses])
    below = np.array([mass[q <= value].sum() for value in q])
    return np.asarray(q * below, dtype=np.float64)


def _hits(claimants: Sequence[Claimant], entries: list[tuple[int, int]], order: IntArray) -> FloatArray:
    """1 − Π (1 − f_i(S_i)) for every prefix of the order."""
    group = np.array([i for i, _ in entries])[order]
    mass = np.array([float(claimants[i].masses[k]) for i, k in entries])[order]
    miss = np.ones(len(entries))
    for i, claimant in enumerate(claimants):
        inside = np.cumsum(np.where(group == i, mass, 0.0))
        miss *= np.clip(1 - inside, 0, 1) ** claimant.count
    return 1 - miss


def _sets(groups: int, entries: list[tuple[int, int]], chosen: IntArray) -> list[list[int]]:
    sets: list[list[int]] = [[] for _ in range(groups)]
    for index in chosen:
        i, k = entries[index]
        sets[i].append(k)
    return sets

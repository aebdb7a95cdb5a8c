"""Clique inequalities: of bids any two of which exclude each other, at most one wins.

The supply of one good gives one such set; larger ones cross several goods and tighten the linear relaxation, often down
to the optimum (Padberg, 1973). Violated ones are grown greedily from the fractional solution and extended to maximal
cliques.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from amd.model.numbers import FloatArray, IntArray

Graph: TypeAlias = NDArray[np.bool_]
MOST_COLUMNS = 6000  # a graph of more would take too much memory; the cuts are then left out
VIOLATED = 1e-3
FRACTIONAL = 1e-6


def conflict_graph(matrix: csr_array, upper: FloatArray) -> Graph:
    """(n, n): whether two columns together exceed some row of `matrix` (m, n) <= `upper` (m,).

    Rows with a negative entry exclude nothing by themselves and are passed over.
    """
    graph = np.zeros((matrix.shape[1],) * 2, dtype=bool)
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, entries = matrix.indices[part], matrix.data[part]
        if len(entries) and entries.min() >= 0:
            graph[np.ix_(columns, columns)] |= entries[:, None] + entries[None, :] > upper[row]
    np.fill_diagonal(graph, False)
    return graph


def violated_cliques(x: FloatArray, graph: Graph, most: int = 100) -> list[IntArray]:
    """Maximal cliques of the graph whose columns sum to more than 1 in `x` (n,), the most violated first."""
    support = np.flatnonzero(x > FRACTIONAL)
    inner = graph[np.ix_(support, support)]
    shares = x[support]
    pull = inner @ shares
    popular = graph.sum(axis=0)
    found: dict[tuple[int, ...], float] = {}
    for start in np.argsort(-shares):
        members, total = _grown(int(start), inner, shares, pull)
        if total > 1 + VIOLATED:
            clique = _extended(support[members], graph, popular)
            found[tuple(sorted(clique))] = total
    return [np.array(clique) for clique in sorted(found, key=lambda key: -found[key])[:most]]


def _grown(start: int, graph: Graph, shares: FloatArray, pull: FloatArray) -> tuple[list[int], float]:
    members, total = [start], float(shares[start])
    candidates = np.flatnonzero(graph[start])
    while candidates.size:
        chosen = candidates[np.argmax(shares[candidates] * pull[candidates])]
        members.append(int(chosen))
        total += float(shares[chosen])
        candidates = candidates[graph[chosen][candidates]]
    return members, total


def _extended(members: IntArray, graph: Graph, popular: IntArray) -> list[int]:
    clique = [int(member) for member in members]
    candidates = np.flatnonzero(graph[members].all(axis=0))
    while candidates.size:
        chosen = candidates[np.argmax(popular[candidates])]
        clique.append(int(chosen))
        candidates = candidates[graph[chosen][candidates]]
    return clique


def clique_rows(cliques: list[IntArray], columns: int) -> csr_array:
    """(len(cliques), columns): one row of ones a clique."""
    starts = np.concatenate([[0], np.cumsum([len(clique) for clique in cliques])]).astype(np.int64)
    indices: Any = np.concatenate([np.zeros(0, dtype=np.int64), *cliques])
    return csr_array((np.ones(len(indices)), indices, starts), shape=(len(cliques), columns))

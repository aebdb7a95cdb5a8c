"""The smallest set of requirements that conflict, given an oracle that says whether some of them can be met together.

Claim. Let every subset of a possible set be possible. A set that conflicts meets the complement of every maximal
possible set, for otherwise it would lie inside one; so a conflict that is a smallest set meeting all complements found
so far is a smallest conflict. If it is possible instead, it is enlarged to a maximal possible set, whose complement is
a new one to meet (Ignatiev, Previti, Liffiton and Marques-Silva, 2015, Smallest MUS extraction with minimal hitting
set dualization). Sets are frozensets of 0, …, count - 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

Subset = frozenset[int]
Oracle = Callable[[Subset], bool]

FEW = 16  # requirements up to which the smallest conflict is looked for


def smallest_conflict(count: int, possible: Oracle) -> Subset:
    """A conflict of least size: no proper subset of it conflicts. The whole set must conflict, else ValueError."""
    everything = frozenset(range(count))
    if possible(everything):
        raise ValueError("the requirements do not conflict")
    complements: list[Subset] = []
    while True:
        candidate = least_meeting(everything, complements)
        if not possible(candidate):
            return candidate
        complements.append(everything - enlarged(candidate, everything, possible))


def some_conflict(count: int, possible: Oracle) -> Subset:
    """A conflict no proper subset of which conflicts, not necessarily of least size: by leaving out one at a time."""
    kept = frozenset(range(count))
    if possible(kept):
        raise ValueError("the requirements do not conflict")
    for one in range(count):
        if not possible(kept - {one}):
            kept -= {one}
    return kept


def enlarged(start: Subset, everything: Subset, possible: Oracle) -> Subset:
    """A maximal possible set that holds `start`, which is possible."""
    for one in sorted(everything - start):
        if possible(start | {one}):
            start |= {one}
    return start


def least_meeting(everything: Subset, sets: Iterable[Subset]) -> Subset:
    """A least subset that meets each of the sets (by trying all subsets, smallest first)."""
    wanted = list(sets)
    for size in range(len(everything) + 1):
        for chosen in combinations(sorted(everything), size):
            if all(not one.isdisjoint(chosen) for one in wanted):
                return frozenset(chosen)
    raise ValueError("one of the sets is empty: nothing meets it")

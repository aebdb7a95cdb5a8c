"""Consecutive points of a sweep, each begun where the one before ended.

The basis of a point's optimum is close to optimal at the next point, where only a number has moved: the simplex method
then needs a few iterations instead of hundreds. Which of several optimal mechanisms it ends at may depend on where
it began. So that a table depends neither on the number of workers nor on kills, points are cut into chains of LENGTH,
always in the same way; the first of a chain begins anew, and of a chain that was cut off the finished points are solved
again on the way to the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amd.sweep.point import Job, solve_next

if TYPE_CHECKING:
    from solvers.solution import Basis

LENGTH = 5


@dataclass(frozen=True)
class Chain:
    """Points in order, and the numbers of those whose rows are wanted."""

    jobs: dict[int, Job]
    wanted: frozenset[int]


def chains(jobs: list[Job], done: set[int]) -> list[Chain]:
    """The chains that have points left, each up to the last of these."""
    found = []
    for start in range(0, len(jobs), LENGTH):
        wanted = frozenset(range(start, min(start + LENGTH, len(jobs)))) - done
        if wanted:
            found.append(Chain({number: jobs[number] for number in range(start, max(wanted) + 1)}, wanted))
    return found


def solve_chain(chain: Chain) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that are wanted, as they are finished."""
    basis: Basis | None = None
    for number, job in chain.jobs.items():
        row, basis = solve_next(job, basis)
        if number in chain.wanted:
            yield number, row


def solve_whole_chain(chain: Chain) -> list[tuple[int, dict[str, Any]]]:
    """The same at once, for workers elsewhere."""
    return list(solve_chain(chain))

"""Stable roommates: one set of agents, strict lists over each other, everybody in at most one pair.

Irving (1985) finds a stable matching or shows that there is none; Tan (1991) carries the same elimination on to a
*stable partition*, which always exists: a permutation in which everybody likes its successor at least as well as its
predecessor, and no two like each other better than their predecessors. Its cycles of odd length are the same in every
stable partition. Without one of length three or more, cutting the even cycles into pairs is a stable matching; with
one, no stable matching exists, and the partition is the proof (`amd.matching.verify.verify_stable_partition`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amd.matching.market import UNMATCHED, MarketError


@dataclass(frozen=True)
class Roommates:
    """`lists[i]`: whom agent i accepts, best first; acceptability is mutual (`clean_roommates` makes it so)."""

    lists: tuple[tuple[int, ...], ...]
    names: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        listed = [set(row) for row in self.lists]
        for i, row in enumerate(self.lists):
            if len(listed[i]) < len(row):
                raise MarketError(f"the list of {self.name(i)} names somebody twice")
            for j in row:
                if not 0 <= j < len(self.lists):
                    raise MarketError(f"the list of {self.name(i)} names agent {j}, who does not exist")
                if j == i:
                    raise MarketError(f"the list of {self.name(i)} names its owner")
                if i not in listed[j]:
                    raise MarketError(f"{self.name(i)} lists {self.name(j)}, but not the other way round")

    def name(self, agent: int) -> str:
        return self.names[agent] if self.names is not None else f"agent {agent + 1}"


@dataclass(frozen=True)
class RoommatesAnswer:
    """`successor`: the stable partition. `partner` (-1 for none) is None where `odd` holds a cycle of three or more,
    and then no stable matching exists."""

    successor: tuple[int, ...]
    odd: tuple[tuple[int, ...], ...]
    partner: tuple[int, ...] | None


def clean_roommates(
    lists: Sequence[Sequence[int]], names: tuple[str, ...] | None = None
) -> tuple[Roommates, list[tuple[int, int]]]:
    """The instance of the mutual pairs, and the dropped entries (owner, named) that nobody answers."""
    listed = [set(row) for row in lists]
    kept = tuple(tuple(j for j in row if not 0 <= j < len(lists) or i in listed[j]) for i, row in enumerate(lists))
    dropped = [(i, j) for i, row in enumerate(lists) for j in row if j not in kept[i]]
    return Roommates(kept, names), dropped


def solve_roommates(instance: Roommates) -> RoommatesAnswer:
    """A stable partition, and the stable matching if there is one.

    1. Everybody asks down its list until somebody holds it; whom one holds, one need not look below (Irving's first
       phase). 2. While somebody has two or more left, eliminate a rotation. A rotation that is its own mirror image has
       odd length and lists of two: it is set aside as an odd cycle (Tan). 3. What is left are pairs and loners.
    """
    table = _Table(instance)
    table.propose()
    aside: dict[int, int] = {}
    for agent in range(len(instance.lists)):
        while agent not in aside and table.second(agent) is not None:
            cycle = table.rotation(agent)
            if table.is_odd(cycle):
                aside.update((x, table.first_of(x)) for x in cycle)
            else:
                table.eliminate(cycle)
    successor = [aside.get(i, table.first(i)) for i in range(len(instance.lists))]
    loops = tuple(i if s is None else s for i, s in enumerate(successor))
    odd = tuple(c for c in cycles_of(loops) if len(c) > 1 and len(c) % 2)
    return RoommatesAnswer(loops, odd, None if odd else _pairs(loops))


def cycles_of(successor: Sequence[int]) -> list[tuple[int, ...]]:
    """The cycles of a permutation, each from its smallest member on."""
    seen: set[int] = set()
    found = []
    for first in range(len(successor)):
        if first in seen:
            continue
        cycle = [first]
        while (following := successor[cycle[-1]]) != first:
            cycle.append(following)
        seen.update(cycle)
        found.append(tuple(cycle))
    return found


def _pairs(successor: Sequence[int]) -> tuple[int, ...]:
    partner = [UNMATCHED] * len(successor)
    for cycle in cycles_of(successor):
        for a, b in zip(cycle[::2], cycle[1::2], strict=False):
            partner[a], partner[b] = b, a
    return tuple(partner)


class _Table:
    """Preference lists from which pairs are deleted, both ways at once, with pointers to both ends."""

    def __init__(self, instance: Roommates) -> None:
        self.lists = instance.lists
        self.rank = [{j: r for r, j in enumerate(row)} for row in instance.lists]
        self.alive = [[True] * len(row) for row in instance.lists]
        self.head = [0] * len(instance.lists)
        self.tail = [len(row) - 1 for row in instance.lists]

    def delete(self, a: int, b: int) -> None:
        self.alive[a][self.rank[a][b]] = False
        self.alive[b][self.rank[b][a]] = False

    def first(self, a: int) -> int | None:
        while self.head[a] <= self.tail[a] and not self.alive[a][self.head[a]]:
            self.head[a] += 1
        return self.lists[a][self.head[a]] if self.head[a] <= self.tail[a] else None

    def first_of(self, a: int) -> int:
        return _present(self.first(a))

    def second(self, a: int) -> int | None:
        if self.first(a) is None:
            return None
        row, alive = self.lists[a], self.alive[a]
        return next((row[r] for r in range(self.head[a] + 1, self.tail[a] + 1) if alive[r]), None)

    def last(self, a: int) -> int:
        while not self.alive[a][self.tail[a]]:
            self.tail[a] -= 1
        return self.lists[a][self.tail[a]]

    def cut_below(self, a: int, b: int) -> list[int]:
        """Delete everybody below b from a's list; who was deleted."""
        limit = self.rank[a][b]
        gone = [self.lists[a][r] for r in range(limit + 1, self.tail[a] + 1) if self.alive[a][r]]
        for c in gone:
            self.delete(a, c)
        self.tail[a] = limit
        return gone

    def propose(self) -> None:
        """The first phase: afterwards b is first on a's list exactly when a is last on b's."""
        holds: dict[int, int] = {}
        waiting = list(range(len(self.lists)))
        while waiting:
            a = waiting.pop()
            b = self.first(a)
            if b is None:
                continue
            before = holds.get(b)
            holds[b] = a
            self.cut_below(b, a)
            if before is not None and before != a:
                waiting.append(before)

    def rotation(self, agent: int) -> list[int]:
        """The cycle that `agent` leads to: from x on to the last choice of x's second choice."""
        path: list[int] = []
        place: dict[int, int] = {}
        while agent not in place:
            place[agent] = len(path)
            path.append(agent)
            agent = self.last(_present(self.second(agent)))
        return path[place[agent] :]

    def is_odd(self, cycle: list[int]) -> bool:
        """Is the rotation (x_i, y_i) its own mirror image (y_i, x_{i-1})? Then y_i = x_{i+k}, so 2k + 1 is a multiple
        of the length r, r is odd and k = (r - 1) / 2; eliminating it would empty the lists."""
        r = len(cycle)
        k = (r - 1) // 2
        return r % 2 == 1 and all(self.first_of(x) == cycle[(i + k) % r] for i, x in enumerate(cycle))

    def eliminate(self, cycle: list[int]) -> None:
        """Each x of the cycle loses its first choice and is then held by its second."""
        targets = [_present(self.second(x)) for x in cycle]
        for x, y in zip(cycle, targets, strict=True):
            self.cut_below(y, x)


def _present(agent: int | None) -> int:
    if agent is None:
        raise RuntimeError("a list that should hold two agents ran out")
    return agent

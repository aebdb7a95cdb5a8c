"""Whether clauses can be met, with a proof that a person can follow: cases, each closed by a chain of clauses.

Variables are 0, …, count - 1; a literal is v + 1 or -(v + 1); a clause is a tuple of literals one of which must hold.
The search is that of Davis, Logemann and Loveland (1962): what a clause leaves as the only possibility is taken, else
there are two cases. When a case ends in a contradiction, the clauses that led to it, and the cases they rest on, are
traced back; a split on which nothing rests is left out of the proof (backjumping).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Clause = tuple[int, ...]
MOST_CASES = 200_000


class LimitError(RuntimeError):
    """The search was given up."""


@dataclass
class Tree:
    """Either a chain of clauses (by number) that ends in a contradiction, or a variable and the two cases."""

    chain: list[int] = field(default_factory=list)
    variable: int = -1
    true: Tree | None = None
    false: Tree | None = None

    @property
    def leaves(self) -> list[Tree]:
        """The closed cases, left to right."""
        found, stack = [], [self]
        while stack:
            node = stack.pop()
            if node.true is None or node.false is None:
                found.append(node)
            else:
                stack += [node.false, node.true]
        return found


Found = Callable[[list[bool]], Clause | None]
_Outcome = tuple[Tree, set[int]]  # a proof, and the variables of the cases that it rests on


@dataclass
class _Frame:
    """A split under way: its variable, how long the trail was, and the outcome of the case in which it is true."""

    variable: int
    start: int
    first: _Outcome | None = None


class Search:
    """One search. `splits` are disjoint groups of variables with a true one in each: cases are made of the smallest.

    `found` is told every solution and answers with a clause that it breaks, numbered after all others, to go on; None
    ends the search.
    """

    def __init__(self, count: int, clauses: Sequence[Clause], splits: Sequence[Sequence[int]], found: Found) -> None:
        self.clauses: list[Clause] = list(clauses)
        self.splits, self.found, self.cases = splits, found, 0
        self.value = [0] * count  # 1 true, -1 false, 0 open
        self.reason = [-1] * count
        self.trail: list[int] = []
        self.weight = [1.0] * count
        self.group = [-1] * count  # of each variable, and how many true ones each group has
        self.trues = [0] * (len(splits) + 1)
        for number, split in enumerate(splits):
            for variable in split:
                self.group[variable] = number
        self.watch: dict[int, list[int]] = {}
        for number in range(len(self.clauses)):
            self._watch(number)

    def run(self) -> Tree | None:
        """The proof that there is no (further) solution; None where `found` ended the search. LimitError."""
        conflict = self._units()
        if conflict is None:
            conflict = self._propagate(0)
        if conflict is not None:
            return Tree(self._chain(conflict)[0])
        outcome = self._split()
        return None if outcome is None else outcome[0]

    def _watch(self, number: int) -> None:
        for literal in self.clauses[number][:2]:
            self.watch.setdefault(literal, []).append(number)

    def _units(self) -> int | None:
        """Takes what clauses of one literal say; the number of one that cannot hold."""
        for number, clause in enumerate(self.clauses):
            if len(clause) == 1:
                if self._state(clause[0]) < 0:
                    return number
                if self._state(clause[0]) == 0:
                    self._set(clause[0], number)
        return None

    def _state(self, literal: int) -> int:
        """1 where the literal holds, -1 where it does not, 0 where it is open."""
        value = self.value[abs(literal) - 1]
        return value if literal > 0 else -value

    def _set(self, literal: int, reason: int) -> None:
        variable = abs(literal) - 1
        self.value[variable] = 1 if literal > 0 else -1
        self.trues[self.group[variable]] += literal > 0
        self.reason[variable] = reason
        self.trail.append(literal)

    def _propagate(self, start: int) -> int | None:
        """Takes what follows from the trail from `start` on; the number of a clause without a true literal left."""
        at = start
        while at < len(self.trail):
            false = -self.trail[at]
            at += 1
            kept: list[int] = []
            watching = self.watch.get(false, [])
            for position, number in enumerate(watching):
                if self._moved(number, false):
                    continue
                kept.append(number)
                other = self._other(number, false)
                if other is None or self._state(other) < 0:
                    self.watch[false] = kept + watching[position + 1 :]
                    return number
                if self._state(other) == 0:
                    self._set(other, number)
            self.watch[false] = kept
        return None

    def _other(self, number: int, false: int) -> int | None:
        """The other of the two literals that a clause is watched by; they stand first."""
        clause = self.clauses[number]
        if len(clause) == 1:
            return None
        return clause[1] if clause[0] == false else clause[0]

    def _moved(self, number: int, false: int) -> bool:
        """Whether the clause found another literal to be watched by."""
        clause = self.clauses[number]
        for position in range(2, len(clause)):
            literal = clause[position]
            if self._state(literal) >= 0:
                first = self._other(number, false)
                rest = clause[2:position] + clause[position + 1 :]
                self.clauses[number] = (literal, first or literal, *rest, false)
                self.watch.setdefault(literal, []).append(number)
                return True
        return False

    def _chain(self, conflict: int) -> tuple[list[int], set[int]]:
        """The clauses that led to the conflict, in the order they are used, and the variables of the cases used."""
        wanted = {abs(literal) - 1 for literal in self.clauses[conflict]}
        chain, cases = [conflict], set()
        for literal in reversed(self.trail):
            variable = abs(literal) - 1
            if variable not in wanted:
                continue
            self.weight[variable] += 1.0
            if self.reason[variable] < 0:
                cases.add(variable)
                continue
            chain.append(self.reason[variable])
            wanted |= {abs(one) - 1 for one in self.clauses[self.reason[variable]]}
        return chain[::-1], cases

    def _split(self) -> _Outcome | None:
        """The tree and the cases it rests on; None where the search was ended. (No recursion: cases nest deeply.)"""
        frames: list[_Frame] = []
        while True:
            outcome = self._descend(frames)
            if outcome is None:
                return None
            while frames and outcome is not None:
                outcome = self._ascend(frames, outcome)
            if outcome is not None:
                return outcome

    def _descend(self, frames: list[_Frame]) -> _Outcome | None:
        """Supposes one thing after another until there is a contradiction, or a solution."""
        while True:
            variable = self._choose()
            if variable < 0:
                return self._solution()
            frames.append(_Frame(variable, len(self.trail)))
            outcome = self._suppose(variable + 1)
            if outcome is not None:
                return outcome

    def _ascend(self, frames: list[_Frame], outcome: _Outcome) -> _Outcome | None:
        """What a closed case says about the one above it; None where that has another case left to look at."""
        frame = frames[-1]
        for literal in self.trail[frame.start :]:
            self.value[abs(literal) - 1] = 0
            self.trues[self.group[abs(literal) - 1]] -= literal > 0
        del self.trail[frame.start :]
        if frame.variable not in outcome[1]:
            frames.pop()
            return outcome
        if frame.first is None:
            frame.first = outcome
            return self._suppose(-(frame.variable + 1))
        frames.pop()
        tree = Tree([], frame.variable, frame.first[0], outcome[0])
        return tree, (frame.first[1] | outcome[1]) - {frame.variable}

    def _suppose(self, literal: int) -> _Outcome | None:
        """Supposes a literal; the contradiction that follows at once, if one does."""
        self.cases += 1
        if self.cases > MOST_CASES:
            raise LimitError(f"more than {MOST_CASES:,} cases were needed")
        start = len(self.trail)
        self._set(literal, -1)
        conflict = self._propagate(start)
        if conflict is None:
            return None
        chain, cases = self._chain(conflict)
        return Tree(chain), cases

    def _choose(self) -> int:
        """An open variable, of a group with few open ones, that often mattered; -1 where none is open."""
        best, least = -1, (float("inf"), 0.0)
        for number, group in enumerate(self.splits):
            if self.trues[number]:
                continue
            waiting = [variable for variable in group if self.value[variable] == 0]
            heaviest = max(waiting, key=lambda variable: self.weight[variable])
            rank = (len(waiting), -self.weight[heaviest])
            if rank < least:
                best, least = heaviest, rank
        return best if best >= 0 else next((v for v, value in enumerate(self.value) if value == 0), -1)

    def _solution(self) -> _Outcome | None:
        clause = self.found([value > 0 for value in self.value])
        if clause is None:
            return None
        self.clauses.append(clause)
        place = {abs(literal): at for at, literal in enumerate(self.trail)}
        self.clauses[-1] = tuple(sorted(clause, key=lambda literal: -place[abs(literal)]))  # watched by the latest two
        self._watch(len(self.clauses) - 1)
        chain, cases = self._chain(len(self.clauses) - 1)
        return Tree(chain), cases

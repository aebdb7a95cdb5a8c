"""The core: payoffs with which no coalition would rather be alone; or balanced weights that show that there are none.

Claim (Bondareva, 1963; Shapley, 1967). Let a = min x(N) over payoffs with x(S) >= v(S) for every coalition S but N.
The dual of this program has weights w_S >= 0 that sum to 1 over the coalitions of each player, and Σ w_S v(S) = a.
If a <= v(N), handing out the rest v(N) - a to anybody gives payoffs in the core; else the weights prove that it is
empty, and a - v(N) is the least outside money that would keep everybody together (Bachrach et al., 2009, The cost of
stability in coalitional games).

The nucleolus (Schmeidler, 1969) makes the least satisfied coalition as satisfied as possible, then the next, and so
on. Each round is a linear program; coalitions with a multiplier are as satisfied as they can ever be, and stay so
(Maschler, Peleg and Shapley, 1979). It is in the core wherever there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from amd.cooperative.game import ZERO, Coalition, Game
from solvers import SolverError, Status
from solvers.exact import ExactSolution, RationalProgram, solve_exact


@dataclass(frozen=True, eq=False)
class Core:
    """`payoff` in the core, or `weights` of coalitions that show that it is empty; `short`: the least outside money
    (below 0: what would be left over)."""

    payoff: list[Fraction] | None
    weights: list[tuple[Coalition, Fraction]]
    short: Fraction


def core(game: Game) -> Core:
    """A point of the core or the proof that it is empty. Raises SolverError where nothing was proven."""
    if game.size == 1:
        return Core([game.total], [], ZERO)
    coalitions = game.coalitions
    n = game.size
    bounds = ([game.value(one) for one in coalitions], [None] * len(coalitions), [None] * n, [None] * n)
    found = _solved(_program(n, [1] * n, coalitions, bounds))
    if found.x is None or found.row_dual is None or found.objective is None:
        raise SolverError("the core's program has no exact solution")
    short = found.objective - game.total
    if short > 0:
        pairs = zip(coalitions, found.row_dual.tolist(), strict=True)
        return Core(None, [(one, weight) for one, weight in pairs if weight], short)
    payoff = list(found.x.tolist())
    payoff[0] -= short
    return Core(payoff, [], short)


def _program(
    n: int, cost: Sequence[int], coalitions: Sequence[Coalition], bounds: Any, extra: Any = ()
) -> RationalProgram:
    """Rows x(S) for coalitions, and further entries (row, column, value)."""
    entries = [(k, i, 1) for k, one in enumerate(coalitions) for i in sorted(one)] + list(extra)
    row, column, value = (list(part) for part in zip(*entries, strict=True))
    return RationalProgram.of(cost, np.array(row), np.array(column), value, bounds)


def _solved(program: RationalProgram) -> ExactSolution:
    found = solve_exact(program)
    if not found.proven or found.status is not Status.OPTIMAL:
        raise SolverError(f"no exact solution was found: {found.reason or found.status.value}")
    return found


def nucleolus(game: Game) -> list[Fraction] | None:
    """The nucleolus; None where what everybody can have does not give each player what it has alone.

    Raises SolverError where an exact solution fails.
    """
    n = game.size
    alone = [game.value(frozenset({i})) for i in range(n)]
    if sum(alone, ZERO) > game.total:
        return None
    fixed: list[tuple[Coalition, Fraction]] = [(game.everybody, game.total)]
    rank = _Span(n)
    rank.add(game.everybody)
    waiting = list(game.coalitions)
    while rank.size < n:
        waiting = [one for one in waiting if not rank.spans(one)]
        found = _round(game, alone, fixed, waiting)
        if found.x is None or found.row_dual is None:
            raise SolverError("a round of the nucleolus has no exact solution")
        x, duals = found.x.tolist(), found.row_dual.tolist()
        tight = [one for one, y in zip(waiting, duals[len(fixed) :], strict=False) if y]
        tight += [frozenset({i}) for i, y in enumerate(duals[len(fixed) + len(waiting) :]) if y]
        for one in tight:
            if not rank.spans(one):
                rank.add(one)
                fixed.append((one, sum((x[i] for i in one), ZERO)))
    return _payoff(n, fixed)


def _round(
    game: Game, alone: list[Fraction], fixed: list[tuple[Coalition, Fraction]], waiting: list[Coalition]
) -> ExactSolution:
    """Greatest t with x(S) - t >= v(S) for the waiting coalitions, the fixed ones kept, nobody worse off than alone."""
    n = game.size
    single = [frozenset({i}) for i in range(n)]
    rows = [one for one, _ in fixed] + waiting + single
    held = [worth for _, worth in fixed]
    lower = held + [game.value(one) for one in waiting] + alone
    upper: list[Any] = held + [None] * (len(waiting) + n)
    entries = [(len(fixed) + k, n, -1) for k in range(len(waiting))]
    bounds = (lower, upper, [None] * (n + 1), [None] * (n + 1))
    return _solved(_program(n, [0] * n + [-1], rows, bounds, entries))


def _payoff(n: int, fixed: list[tuple[Coalition, Fraction]]) -> list[Fraction]:
    """The one solution of the fixed equations."""
    rows = [one for one, _ in fixed]
    held = [worth for _, worth in fixed]
    found = _solved(_program(n, [0] * n, rows, (held, held, [None] * n, [None] * n)))
    if found.x is None:
        raise SolverError("the equations of the nucleolus have no exact solution")
    return list(found.x.tolist())


class _Span:
    """The space that coalitions, as vectors of 0 and 1, span; by elimination in rationals."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.rows: list[tuple[int, list[Fraction]]] = []  # (pivot, row with a 1 there)

    @property
    def size(self) -> int:
        return len(self.rows)

    def add(self, one: Coalition) -> None:
        """Takes a coalition in; nothing happens where it is spanned."""
        rest = self._reduced(one)
        pivot = next((i for i, value in enumerate(rest) if value), None)
        if pivot is not None:
            self.rows.append((pivot, [value / rest[pivot] for value in rest]))

    def spans(self, one: Coalition) -> bool:
        """Whether the coalition's payoff follows from those of the others."""
        return not any(self._reduced(one))

    def _reduced(self, one: Coalition) -> list[Fraction]:
        rest = [Fraction(int(i in one)) for i in range(self.n)]
        for pivot, row in self.rows:
            factor = rest[pivot]
            if factor:
                rest = [value - factor * own for value, own in zip(rest, row, strict=True)]
        return rest

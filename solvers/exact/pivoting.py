"""The simplex method in exact arithmetic, from a basis that is nearly optimal.

The last resort where floats cannot see far enough: every value, price and ratio is a rational number, so every pivot is
right. Bounded primal simplex (textbook): a first phase that reduces the sum of violations, then the second; Dantzig's
rule, and Bland's, which cannot cycle, while the objective stands still. It ends in an optimal basis, in Farkas
multipliers (the prices of a first phase that cannot go on) or in a ray.

Columns and rows are treated alike, rows as variables that equal their activity, in one order: columns, then rows
(n + m,). Numbers over a positive common denominator stand without it where only signs and ratios matter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from solvers.exact.basic import BasisSystem, Solve
from solvers.exact.digits import bits, near_one, powers_of_two, scaled_floats
from solvers.exact.float_form import Scales
from solvers.exact.integral import IntegerProgram
from solvers.exact.numbers import Integers, Rationals, objects
from solvers.exact.sparse import Sparse
from solvers.program import BoolArray, FloatArray, IntArray
from solvers.solution import Basis

MOST = 5_000  # pivots after which the method gives up
STANDSTILL = 20  # pivots in a row without progress after which Bland's rule chooses
TIES = 1e-9  # float ratios this close to the least, relatively, are compared exactly
Solver = Callable[[Sparse], Solve | None]


class End(Enum):
    """How the method ended."""

    OPTIMAL = auto()
    INFEASIBLE = auto()
    UNBOUNDED = auto()
    STOPPED = auto()  # out of time or pivots, or a basis whose digits did not settle


@dataclass(frozen=True, eq=False)
class Outcome:
    """An optimal `basis`; or Farkas multipliers `whole_dual` (m,) of the whole rows; or a feasible `x` and a `ray`
    (n,)."""

    end: End
    pivots: int
    basis: Basis | None = None
    whole_dual: Rationals | None = None
    x: Rationals | None = None
    ray: Rationals | None = None


@dataclass(frozen=True, eq=False)
class _Room:
    """How far each variable is above its lower and below its upper bound (numerators; absent bounds have 0)."""

    down: Integers
    up: Integers


class ExactSimplex:
    """The state of the method: the codes (n + m,) of a basis."""

    def __init__(self, program: IntegerProgram, basis: Basis, solver: Solver, deadline: float | None = None) -> None:
        self.program, self.solver, self.deadline = program, solver, deadline
        self.codes = np.concatenate([basis.columns, basis.rows])
        self.has_lower = np.concatenate([program.column_lower.there, program.row_lower.there])
        self.has_upper = np.concatenate([program.column_upper.there, program.row_upper.there])
        lower = np.concatenate([program.column_lower.value, program.row_lower.value])
        upper = np.concatenate([program.column_upper.value, program.row_upper.value])
        self.fixed = self.has_lower & self.has_upper & _true(lower == upper)
        scales = Scales.of(program)
        self.bits = np.concatenate([-scales.column, scales.row])  # a variable of ordinary size is about 2**bits
        self.pivots = self.standing = 0
        self.first_phase = True

    @property
    def basis(self) -> Basis:
        columns = self.program.column_count
        return Basis(self.codes[:columns].copy(), self.codes[columns:].copy())

    def run(self) -> Outcome:
        """Pivot until there is an outcome, or no time, or too many pivots were made."""
        while self.pivots < MOST and (self.deadline is None or time.perf_counter() < self.deadline):
            outcome = self._step()
            if outcome is not None:
                return outcome
            self.pivots += 1
        return Outcome(End.STOPPED, self.pivots)

    def _step(self) -> Outcome | None:
        """One pivot, or the outcome where there is none to make."""
        stopped = Outcome(End.STOPPED, self.pivots)
        system = BasisSystem(self.program, self.basis)
        solve = self.solver(system.square)
        x = None if solve is None else system.primal(solve)
        if solve is None or x is None:
            return stopped
        room = self._room(x)
        gradient = self._gradient(room)
        cost = self.program.cost if gradient is None else self._cost_of(gradient)
        dual = system.dual(solve, cost)
        if dual is None:
            return stopped
        entering = self._entering(self._prices(cost, dual))
        if entering is None:
            return self._end(dual, gradient)
        move = self._move(system, solve, *entering)
        if move is None:
            return stopped
        return self._pivot(room, gradient, entering[0], move, x)

    def _room(self, x: Rationals) -> _Room:
        program = self.program
        values = np.concatenate([x.numerators, program.times(x.numerators)])
        column, row = x.denominator // program.bound_scale, x.denominator
        lower = np.concatenate([program.column_lower.value * column, program.row_lower.value * row])
        upper = np.concatenate([program.column_upper.value * column, program.row_upper.value * row])
        return _Room(np.where(self.has_lower, values - lower, 0), np.where(self.has_upper, upper - values, 0))

    def _gradient(self, room: _Room) -> Integers | None:
        """Of the sum of violations, each measured in the scale of its row, by variable; None where there are none."""
        below, above = _true(room.down < 0), _true(room.up < 0)
        if not (below.any() or above.any()):
            return None
        weight = powers_of_two(int(self.bits.max()) - self.bits)
        return np.asarray(weight * (above.astype(np.int64) - below), dtype=object)

    def _cost_of(self, gradient: Integers) -> Integers:
        """The same gradient as costs of the columns alone."""
        columns = self.program.column_count
        return np.asarray(gradient[:columns] + self.program.transposed_times(gradient[columns:]))

    def _prices(self, cost: Integers, dual: Rationals) -> Integers:
        """What the objective gains per unit of each variable's move upward; of basic ones 0."""
        columns = cost * dual.denominator - self.program.transposed_times(dual.numerators)
        prices = np.concatenate([columns, dual.numerators])
        prices[self.codes == 0] = 0
        return prices

    def _entering(self, prices: Integers) -> tuple[int, int] | None:
        """The variable that is to move and its direction, ±1."""
        falls, rises = _true(prices < 0), _true(prices > 0)
        up = falls & ((self.codes == -1) | (self.codes == 2))
        down = rises & ((self.codes == 1) | (self.codes == 2))
        candidates = np.flatnonzero((up | down) & ~self.fixed)
        if not candidates.size:
            return None
        if self.standing > STANDSTILL:
            chosen = int(candidates[0])
        else:
            chosen = int(candidates[np.argmax(np.abs(near_one(prices[candidates], -self.bits[candidates])))])
        return chosen, 1 if up[chosen] else -1

    def _move(self, system: BasisSystem, solve: Solve, entering: int, sign: int) -> Rationals | None:
        """How the columns (n,) move with the entering variable."""
        program = self.program
        right, full = objects([0] * program.row_count), objects([0] * program.column_count)
        if entering < program.column_count:
            full[entering] = 1
            right = -program.times(full)
        else:
            right[entering - program.column_count] = 1
        found = solve(system.square, sign * right[system.rows], False)
        if found is None:
            return None
        full = full * sign * found.denominator
        full[system.columns] = found.numerators
        return Rationals(full, found.denominator)

    def _pivot(
        self, room: _Room, gradient: Integers | None, entering: int, move: Rationals, x: Rationals
    ) -> Outcome | None:
        """Move as far as the first bound that is met, which leaves the basis."""
        change = np.concatenate([move.numerators, self.program.times(move.numerators)])
        moving = (self.codes == 0) | (np.arange(self.codes.size) == entering)
        falling, rising = moving & _true(change < 0), moving & _true(change > 0)
        below, above = _true(room.down < 0), _true(room.up < 0)
        # a violated bound is met from outside, before the other one, and one that is moved away from does not block
        inside = ~(below | above)
        to_lower = self.has_lower & ((falling & inside) | (rising & below))
        to_upper = self.has_upper & ((rising & inside) | (falling & above))
        to_lower[entering] &= falling[entering]
        to_upper[entering] &= rising[entering]
        blocking = np.flatnonzero(to_lower | to_upper)
        if not blocking.size:
            return Outcome(End.UNBOUNDED if gradient is None else End.STOPPED, self.pivots, x=x, ray=move)
        slack = np.where(to_lower, room.down, room.up)[blocking]
        leaving, still = self._first(blocking, abs(slack), abs(change[blocking]), change)
        self._exchange(entering, leaving, 1 if to_upper[leaving] else -1)
        progress = not still or self.first_phase != (gradient is not None)
        self.standing, self.first_phase = 0 if progress else self.standing + 1, gradient is not None
        return None

    def _first(self, blocking: IntArray, slack: Integers, speed: Integers, change: Integers) -> tuple[int, bool]:
        """The blocking variable that is met first, and whether at once. Of equals the fastest, or the first (Bland)."""
        ratios = _ratios(slack, speed)
        near = np.flatnonzero(ratios <= ratios.min() * (1 + TIES))
        least = near[0]
        for place in near[1:]:
            if slack[place] * speed[least] < slack[least] * speed[place]:
                least = place
        equal = [place for place in near if slack[place] * speed[least] == slack[least] * speed[place]]
        if self.standing > STANDSTILL:
            return int(blocking[equal[0]]), not slack[least]
        sizes = np.abs(near_one(change[blocking[equal]], self.bits[blocking[equal]]))
        return int(blocking[equal[int(np.argmax(sizes))]]), not slack[least]

    def _exchange(self, entering: int, leaving: int, code: int) -> None:
        if leaving != entering:
            self.codes[entering] = 0
        self.codes[leaving] = code

    def _end(self, dual: Rationals, gradient: Integers | None) -> Outcome:
        """No price says that anything should move."""
        if gradient is None:
            return Outcome(End.OPTIMAL, self.pivots, basis=self.basis)
        rows = gradient[self.program.column_count :]
        multipliers = Rationals(dual.numerators - rows * dual.denominator, dual.denominator)
        return Outcome(End.INFEASIBLE, self.pivots, whole_dual=multipliers)


def _ratios(above: Integers, below: Integers) -> FloatArray:
    """The quotients of numbers >= 0 and > 0, all divided by one power of two."""
    exponents = bits(above) - bits(below)
    quotients = scaled_floats(above, bits(above)) / scaled_floats(below, bits(below))
    return np.asarray(np.ldexp(quotients, exponents - int(exponents.max())))


def _true(values: object) -> BoolArray:
    return np.asarray(values, dtype=bool)

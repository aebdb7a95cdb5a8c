"""The best exchange, proven: formulations chosen by size, columns generated where there are too many to list.

1. Solve the linear relaxation. Where cycles are many, begin with the two-way ones and add those that the duals price
   above zero until none is left: then the value bounds every exchange from above.
2. An exchange worth at least T uses only columns whose reduced cost is at least T - bound. List these (with the same
   priced search) for the best T that could be, and solve the integer program over those that the relaxation needed,
   then over the short ones, then over all. As soon as it meets the bound, done.
3. If not, its value v is a floor: list again for what is better than v; what the integer program says now is final.
Goals are met one after the other, each kept at its value by a row of its own.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from amd.matching.exchange.cycles import CycleSearch
from amd.matching.exchange.master import (
    ChainArcs,
    Group,
    Master,
    chain_arcs,
    cycle_group,
    listed_chains,
    read_chains,
)
from amd.matching.exchange.pool import FloatArray, Pool
from amd.matching.exchange.rules import Objective, Rules, objective
from amd.matching.market import IntArray, MarketError
from amd.matching.program_parts import solve
from solvers import LinearProgram, Settings, Solution, SolverError, Status

LISTED = 2_000  # so many cycles are listed outright; more are generated
LISTED_CHAINS = 300_000
_LIKELY_GAP = 1e-3  # of a relaxation whose value need not be whole: only a first guess of what can be reached

_TRY = 0.25  # share of the time left that a first try over few columns may take

SHORT = 3  # cycles and chains so short are tried first: they often hold an exchange that meets the bound
LISTED_UNEVEN = 1_000_000  # cycles, where chances differ and nothing can be priced

_ROUNDING = 1e-6  # values and reduced costs of the float solver are taken to be this good, relative to the values


@dataclass(frozen=True, eq=False)
class Exchange:
    """`cycles` and `chains` of vertices (altruist first); `values`: goal → value; `bounds`: goal → proven upper bound.

    `proven` says that every goal is met as well as it can be. `columns`: how many the last integer program had.
    """

    cycles: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...], ...]
    values: dict[str, float]
    bounds: dict[str, float]
    proven: bool
    formulation: str
    columns: int
    seconds: float

    @property
    def transplants(self) -> int:
        """Transplants to pairs, the waiting list not counted."""
        return sum(map(len, self.cycles)) + sum(len(chain) - 1 for chain in self.chains)


def solve_exchange(pool: Pool, rules: Rules = Rules(), settings: Settings = Settings()) -> Exchange:
    """The best exchange under `rules`, each goal in turn.

    A time limit leaves `proven` false, never an error, as long as some exchange was found. Raises MarketError where
    chances differ between arcs and the pool is too large for that.
    """
    began = time.perf_counter()
    pool = pool.sorted()
    goals = [objective(pool, rules, goal) for goal in rules.goals]
    search = _Search(pool, rules, goals, settings, began)
    for goal in goals:
        search.meet(goal)
    master = search.master
    cycles, chains = _parts(master, np.flatnonzero(search.x > 0.5))
    columns = sum(group.size for group in master.groups) + master.chains.size
    seconds = time.perf_counter() - began
    return Exchange(cycles, chains, search.values, search.bounds, search.proven, search.formulation, columns, seconds)


def _parts(master: Master, chosen: IntArray) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    cycles: list[tuple[int, ...]] = []
    chains: list[tuple[int, ...]] = []
    offset = 0
    for group in master.groups:
        mine = chosen[(chosen >= offset) & (chosen < offset + group.size)] - offset
        (chains if group.is_chain else cycles).extend(map(tuple, group.vertices[mine].tolist()))
        offset += group.size
    chains.extend(map(tuple, read_chains(master.pool, master.chains, chosen[chosen >= offset] - offset)))
    return tuple(cycles), tuple(chains)


class _Search:
    """The columns known so far and the goals met so far."""

    def __init__(self, pool: Pool, rules: Rules, goals: Sequence[Objective], settings: Settings, began: float) -> None:
        self.pool, self.rules, self.settings, self.began = pool, rules, settings, began
        self.search = CycleSearch(pool)
        self.lengths = range(2, rules.cycle_cap + 1)
        even = all(goal.uniform is not None for goal in goals)
        many = sum(self.search.count_walks(length) for length in self.lengths)
        if not even and many > LISTED_UNEVEN:
            raise MarketError("chances of success differ between arcs, and there are too many cycles to list them all")
        self.generates = even and many > LISTED
        self.cycles_known = tuple(
            self._list(length) for length in (self.lengths[:1] if self.generates else self.lengths)
        )
        self.listed_chains = () if even else self._list_chains()
        self.chains = chain_arcs(pool, rules.chain_arcs if even else 0)
        self.formulation = self._name(even)
        self.met: list[tuple[Objective, float]] = []
        self.values: dict[str, float] = {}
        self.bounds: dict[str, float] = {}
        self.proven = True
        self.master = self._with(self.cycles_known, self.chains)
        self.x: FloatArray = np.zeros(0)

    def _list(self, length: int) -> Group:
        return cycle_group(self.pool, self.search.above(length, np.zeros(self.pool.arcs)))

    def _list_chains(self) -> tuple[Group, ...]:
        groups = listed_chains(self.pool, self.rules.chain_arcs, LISTED_CHAINS)
        if groups is None:
            raise MarketError("chances of success differ between arcs, and there are too many chains to list them all")
        return tuple(groups)

    def _name(self, even: bool) -> str:
        chains = "" if not self.rules.chain_arcs else (", chains by position (PICEF)" if even else ", chains listed")
        return ("cycles generated" if self.generates else "cycles listed") + chains

    def _with(self, cycles: Sequence[Group], chains: ChainArcs) -> Master:
        return Master(self.pool, (*cycles, *self.listed_chains), chains)

    def _solve(self, program: LinearProgram, share: float = 1.0) -> Solution:
        """Solve within this `share` of the time that is left."""
        limit = self.settings.time_limit
        if limit is not None:
            limit = max(0.01, share * (limit - (time.perf_counter() - self.began)))
        return solve(program, replace(self.settings, time_limit=limit))

    def meet(self, goal: Objective) -> None:
        """Maximize one goal with those before it kept; `master` and `x` then hold the exchange."""
        relaxed = self._relax(goal)
        slack = _ROUNDING * max(1.0, abs(relaxed.bound))
        ceiling = float(np.floor(relaxed.bound + slack)) if goal.integral else relaxed.bound
        target = ceiling - slack - (0.0 if goal.integral else _LIKELY_GAP * abs(ceiling))
        value, ended = -np.inf, False
        if self.generates:
            value, ended = self._integer(goal, relaxed.needed, value, _TRY)
        if value < ceiling - slack:
            value, ended = self._integer(goal, self._promising(goal, relaxed, target, short=True), value, _TRY)
        if value < ceiling - slack:
            value, ended = self._integer(goal, self._promising(goal, relaxed, target), value)
        if ended and value < target:
            better = value - slack + (1.0 if goal.integral else 0.0)
            value, ended = self._integer(goal, self._promising(goal, relaxed, better), value)
        ended |= value >= ceiling - slack
        if value == -np.inf:
            raise SolverError("a limit was reached before any exchange was found")
        self.values[goal.name] = round(value) if goal.integral else value
        self.bounds[goal.name] = self.values[goal.name] if ended else max(value, ceiling)
        self.proven &= ended
        self.met.append((goal, self.values[goal.name] - (0.0 if goal.integral else slack)))
        if self.generates:  # the next relaxation must be able to keep what was reached
            self.cycles_known = (*self.cycles_known, *self._chosen_cycles())

    def _chosen_cycles(self) -> list[Group]:
        """The longer cycles of the present exchange."""
        groups, first = [], 0
        for group in self.master.groups:
            groups.append(group.keep(self.x[first : first + group.size] > 0.5))
            first += group.size
        return [group for group in groups if group.size and group.vertices.shape[1] > 2]

    def _relax(self, goal: Objective) -> _Relaxed:
        """The linear relaxation over all columns, listed or not."""
        groups = self.cycles_known
        used = np.zeros(self.chains.size, np.bool_)
        while True:
            master = self._with(groups, self.chains)
            program = master.program(goal, self.met, integer=False)
            solution = self._solve(program)
            if solution.x is None or solution.row_dual is None or solution.status is not Status.OPTIMAL:
                raise SolverError(f"the relaxation of the exchange was not solved: {solution.status.value}")
            used |= solution.x[solution.x.size - used.size :] > _ROUNDING
            reduced = program.cost - program.matrix.T @ solution.row_dual
            needed = self._with(groups, self.chains.keep(used))
            relaxed = _Relaxed(program.objective(solution.x), solution.row_dual, reduced, needed)
            if not self.generates:
                return relaxed
            new = [self._priced(goal, relaxed, length, _ROUNDING, most=40) for length in self.lengths]
            if not any(map(len, new)):
                return relaxed
            groups = (*groups, *(cycle_group(self.pool, cycles) for cycles in new if len(cycles)))

    def _priced(
        self, goal: Objective, relaxed: _Relaxed, length: int, threshold: float, most: int | None = None
    ) -> IntArray:
        """The cycles of this length whose reduced cost is above `threshold`."""
        values, fixed = _per_arc(goal, length), goal.fixed[length]
        for (other, _), dual in zip(self.met, relaxed.dual[relaxed.dual.size - len(self.met) :], strict=True):
            values = values - dual * _per_arc(other, length)
            fixed -= dual * other.fixed[length]
        values = values - relaxed.dual[self.pool.target]
        return self.search.above(length, values, threshold - fixed, most)

    def _promising(self, goal: Objective, relaxed: _Relaxed, worth: float, short: bool = False) -> Master:
        """The columns that an exchange worth at least `worth` can use, or only the short ones among them."""
        threshold = worth - relaxed.bound
        kept = relaxed.reduced[relaxed.reduced.size - self.chains.size :] >= threshold
        if short:
            kept &= self.chains.position <= SHORT
        chains = self.chains.keep(kept)
        if self.generates:
            lengths = [length for length in self.lengths if length <= SHORT or not short]
            priced = (self._priced(goal, relaxed, length, threshold) for length in lengths)
            return self._with([cycle_group(self.pool, cycles) for cycles in priced], chains)
        groups, first = [], 0
        for group in (*self.cycles_known, *self.listed_chains):
            groups.append(group.keep(relaxed.reduced[first : first + group.size] >= threshold))
            first += group.size
        return Master(self.pool, tuple(groups), chains)

    def _integer(self, goal: Objective, master: Master, incumbent: float, share: float = 1.0) -> tuple[float, bool]:
        """The best exchange over the columns of `master`, kept where it beats the value `incumbent`: the greater value,
        and whether the search ended (no limit came first)."""
        solution = self._solve(master.program(goal, self.met, integer=True), share)
        if solution.status is Status.INFEASIBLE:
            return incumbent, True
        if solution.status not in (Status.OPTIMAL, Status.LIMIT):
            raise SolverError(
                f"the program of the exchange was not solved: {solution.status.value}; {solution.message}"
            )
        ended = solution.status is Status.OPTIMAL
        if solution.x is None or solution.objective is None or solution.objective <= incumbent:
            return incumbent, ended
        self.master, self.x = master, solution.x
        return solution.objective, ended


def _per_arc(goal: Objective, length: int) -> FloatArray:
    """What each arc adds to a cycle of this length, where all have one chance of success."""
    chance = goal.uniform
    if chance is None:
        raise RuntimeError("cycles are priced only where all arcs have one chance of success")
    return goal.arc * chance**length


@dataclass(frozen=True, eq=False)
class _Relaxed:
    """The relaxation's value, its row duals, the reduced costs of the columns of its last program, and the cycles and
    chain arcs that it needed on the way."""

    bound: float
    dual: FloatArray
    reduced: FloatArray
    needed: Master

"""Random assignments of as many objects as agents: which axioms no rule meets, with an exact proof.

x[p, i, o] is the chance that agent i gets object o at profile p. Each row of a profile and each column sums to 1.

* strategyproof: truth gives at least the chance of one's best t objects that any lie does, for every t.
* equal_treatment: agents with the same report have the same chances.
* ordinally_efficient: nobody could trade chances so that all who do are better off, that is (Bogomolnaia and Moulin,
  2001, Lemma 3), no profile has a cycle of agents each of whom may get an object that is worse for it than what
  the next one may get. So of the chances along each such cycle one is 0: the program is searched by cases.

Floats choose the cases; what closes a case are exact multipliers, found on the rows that matter and checked by
`amd.proof.verify_weights`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from amd.axioms.clauses import Axiom, Name
from amd.axioms.search import LimitError
from amd.axioms.setting import Setting
from solvers import LinearProgram, Settings, Status, get
from solvers.backend import Start
from solvers.exact import RationalProgram, solve_exact
from solvers.solution import Basis

CLOSE = 1e-7  # chances below this may be rounding of a solver that keeps rows to 1e-9
MOST_CASES = 5_000
Document = dict[str, Any]
Cycle = list[tuple[int, int]]  # (agent, what it gives up)
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Named rows ``terms >= bound`` (== where `equal`); `entries` are (row, column, +1 or -1)."""

    names: list[Name]
    entries: NDArray[np.int64]
    bound: NDArray[np.int64]
    equal: NDArray[np.bool_]

    @cached_property
    def matrix(self) -> csr_array:
        row, column, value = self.entries.T
        return csr_array((value.astype(float), (row, column)), shape=(len(self.names), int(column.max()) + 1))


def rows_of(setting: Setting, axioms: Sequence[Axiom]) -> Rows:
    """Every linear constraint: feasibility, equal treatment, strategyproofness."""
    n, words = len(setting.agents), {word for word, _ in axioms}
    names: list[Name] = []
    entries: list[tuple[int, int, int]] = []
    bound: list[int] = []

    def add(name: Name, terms: list[tuple[int, int]], least: int) -> None:
        entries.extend((len(names), column, value) for column, value in terms)
        names.append(name)
        bound.append(least)

    for at, p in enumerate(setting.profiles):
        base, profile = at * n * n, list(p)
        for i in range(n):
            add(["agent", profile, i], [(base + i * n + o, 1) for o in range(n)], 1)
        for o in range(n):
            add(["object", profile, o], [(base + i * n + o, 1) for i in range(n)], 1)
        for i, j in combinations(range(n), 2) if "equal_treatment" in words else ():
            if setting.order(i, p) == setting.order(j, p):
                for o in range(n):
                    terms = [(base + i * n + o, 1), (base + j * n + o, -1)]
                    add(["equal_treatment", profile, i, j, o], terms, 0)
        for i in range(n) if "strategyproof" in words else ():
            for k in range(len(setting.reports[i])):
                lie = setting.position[setting.moved(p, i, k)] * n * n
                for best in range(n - 1) if k != p[i] else ():
                    upper = setting.order(i, p)[: best + 1]
                    terms = [(place + i * n + o, sign) for place, sign in ((base, 1), (lie, -1)) for o in upper]
                    add(["strategyproof", profile, i, k, best], terms, 0)
    equal = np.array([name[0] != "strategyproof" for name in names])
    return Rows(names, np.array(entries), np.array(bound), equal)


@dataclass(frozen=True, eq=False)
class Refutation:
    """The proof of one case, and the columns whose being 0 it uses."""

    tree: Document
    used: frozenset[int]


class AssignmentSearch:
    """Looks for a rule; `run` leaves the proof that there is none as `tree`, or a `solution` in floats."""

    def __init__(self, setting: Setting, axioms: Sequence[Axiom]) -> None:
        setting.require_searchable()
        self.setting, self.rows = setting, rows_of(setting, axioms)
        self.efficient = any(word == "ordinally_efficient" for word, _ in axioms)
        self.count = setting.profile_count * len(setting.agents) ** 2
        self.cases = 0
        self.solution: FloatArray | None = None
        self.tree: Document | None = None
        lower = self.rows.bound.astype(float)
        self.program = LinearProgram(
            cost=np.zeros(self.count),
            matrix=self.rows.matrix,
            row_lower=lower,
            row_upper=np.where(self.rows.equal, lower, np.inf),
            column_lower=np.zeros(self.count),
            column_upper=np.ones(self.count),
        )

    def run(self) -> Document | None:
        """The tree; None where a rule was found. Raises LimitError."""
        found = self._refute(frozenset(), None)
        self.tree = None if found is None else found.tree
        return self.tree

    def exact_rule(self) -> list[Any] | None:
        """The solution in exact chances, (profile, agent, object); None where there is none near what floats found.

        Chances that are 0 in floats stay 0, so that no new trading cycle comes up.
        """
        if self.solution is None:
            return None
        free = np.flatnonzero(self.solution > CLOSE)
        part = self.rows.matrix[:, free].tocoo()
        bound = [Fraction(int(one)) for one in self.rows.bound]
        upper = [one if equal else None for one, equal in zip(bound, self.rows.equal.tolist(), strict=True)]
        sides = (bound, upper, [0] * len(free), [None] * len(free))
        values = part.data.astype(np.int64).tolist()
        found = solve_exact(RationalProgram.of([0] * len(free), part.row, part.col, values, sides))
        if not found.proven or found.status is not Status.OPTIMAL or found.x is None:
            return None
        n = len(self.setting.agents)
        chances = np.full(self.count, Fraction(0), dtype=object)
        chances[free] = found.x
        table: list[Any] = chances.reshape(-1, n, n).tolist()
        return table

    def _refute(self, zero: frozenset[int], basis: Basis | None) -> Refutation | None:
        self.cases += 1
        if self.cases > MOST_CASES:
            raise LimitError(f"more than {MOST_CASES:,} cases were needed")
        upper = np.ones(self.count)
        upper[list(zero)] = 0
        start = None if basis is None else Start(basis=basis)
        solved = get("highs").solve(replace(self.program, column_upper=upper), Settings(start=start))
        if solved.status is Status.INFEASIBLE:
            return self._contradiction(zero, solved.row_dual)
        if solved.status is not Status.OPTIMAL or solved.x is None:
            raise LimitError(f"a case was not decided: {solved.message or solved.status.value}")
        traded = self._traded(solved.x) if self.efficient else None
        if traded is None:
            self.solution = solved.x
            return None
        at, cycle = traded
        cases, used = [], frozenset[int]()
        for agent, worse in cycle:
            column = self._column(at, agent, worse)
            found = self._refute(zero | {column}, solved.basis)
            if found is None or column not in found.used:
                return found
            cases.append(found.tree)
            used |= found.used - {column}
        where = [list(self.setting.profiles[at]), [list(step) for step in cycle]]
        return Refutation({"cycle": where, "cases": cases}, used)

    def _column(self, profile: int, agent: int, thing: int) -> int:
        n = len(self.setting.agents)
        return (profile * n + agent) * n + thing

    def _traded(self, x: FloatArray) -> tuple[int, Cycle] | None:
        """The profile and cycle of which the least chance is greatest; None where no cycle has chances above CLOSE."""
        n = len(self.setting.agents)
        chances = x.reshape(-1, n, n)
        best: tuple[float, int, Cycle] = (CLOSE, -1, [])
        for at, p in enumerate(self.setting.profiles):
            found = widest_cycle(chances[at], [self.setting.order(i, p) for i in range(n)], best[0])
            if found is not None:
                best = (found[0], at, found[1])
        return None if best[1] < 0 else (best[1], best[2])

    def _contradiction(self, zero: frozenset[int], ray: FloatArray | None) -> Refutation:
        """Exact multipliers of rows that contradict each other where these columns are 0; `ray`: those of floats."""
        every = np.arange(len(self.rows.names))
        some = every if ray is None else np.flatnonzero(np.abs(ray) > CLOSE * np.abs(ray).max())
        free = np.ones(self.count, dtype=bool)
        free[list(zero)] = False
        matrix = self.rows.matrix[:, np.flatnonzero(free)]
        rows = _fewest(matrix, self.rows, some)
        if rows is None:
            rows = _fewest(matrix, self.rows, every)
        if rows is None:
            raise LimitError("no multipliers of a contradiction were found in floats")
        part = matrix[rows].tocoo()
        columns, place = np.unique(part.col, return_inverse=True)
        bound = [Fraction(int(one)) for one in self.rows.bound[rows]]
        upper = [one if equal else None for one, equal in zip(bound, self.rows.equal[rows].tolist(), strict=True)]
        sides = (bound, upper, [0] * len(columns), [None] * len(columns))
        values = part.data.astype(np.int64).tolist()
        found = solve_exact(RationalProgram.of([0] * len(columns), part.row, place, values, sides))
        if not found.proven or found.status is not Status.INFEASIBLE or found.row_dual is None:
            raise LimitError(f"a case that floats close was not closed exactly: {found.reason}")
        weights = {int(rows[k]): y for k, y in enumerate(found.row_dual.tolist()) if y}
        named = [[self.rows.names[k], str(y)] for k, y in weights.items()]
        return Refutation({"multipliers": named}, self._used(weights, zero))

    def _used(self, weights: dict[int, Any], zero: frozenset[int]) -> frozenset[int]:
        """The columns of `zero` that would spoil the contradiction if they were not 0."""
        total: dict[int, Any] = {}
        row, column, value = self.rows.entries.T
        for k, c, v in zip(row.tolist(), column.tolist(), value.tolist(), strict=True):
            if k in weights:
                total[c] = total.get(c, 0) + v * weights[k]
        return frozenset(c for c in zero if total.get(c, 0) > 0)


def _fewest(matrix: csr_array, rows: Rows, among: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Of the rows `among`, those of a contradiction of least absolute sum, in floats; None where they have none."""
    both = among[rows.equal[among]]  # equations have multipliers of both signs
    system = vstack([matrix[among], -matrix[both]], format="csr").T
    bound = np.concatenate([rows.bound[among], -rows.bound[both]]).astype(float)
    count = len(bound)
    program = LinearProgram(
        cost=np.ones(count),
        matrix=csr_array(vstack([system, csr_array(bound[None, :])], format="csr")),
        row_lower=np.append(np.full(system.shape[0], -np.inf), 1.0),
        row_upper=np.append(np.zeros(system.shape[0]), 1.0),
        column_lower=np.zeros(count),
        column_upper=np.full(count, np.inf),
    )
    solved = get("highs").solve(program)
    if solved.x is None:
        return None
    weight = solved.x[: len(among)].copy()
    weight[rows.equal[among]] += solved.x[len(among) :]
    return np.asarray(among[weight > 0])


def widest_cycle(chances: FloatArray, orders: Sequence[Sequence[int]], least: float) -> tuple[float, Cycle] | None:
    """The trading cycle whose least chance is greatest, if that is above `least`, as (agent, what it gives up).

    From what an agent may get there is a step to everything that is better for it; widest paths are found as by
    Floyd and Warshall.
    """
    n = len(orders)
    width = np.zeros((n, n))
    owner = np.full((n, n), -1)
    for i, order in enumerate(orders):
        for place, worse in enumerate(order):
            for better in order[:place]:
                if chances[i, worse] > width[worse, better]:
                    width[worse, better], owner[worse, better] = chances[i, worse], i
    via = np.full((n, n), -1)
    wide = width.copy()
    for k in range(n):
        through = np.minimum(wide[:, k : k + 1], wide[k : k + 1, :])
        better_way = through > wide
        wide[better_way], via[better_way] = through[better_way], k
    start = int(np.argmax(np.diagonal(wide)))
    if wide[start, start] <= least:
        return None
    path = _path(via, start, start)
    cycle = [(int(owner[a, b]), a) for a, b in zip(path, [*path[1:], path[0]], strict=True)]
    return float(wide[start, start]), cycle


def _path(via: NDArray[np.int64], a: int, b: int) -> list[int]:
    """The objects on the widest way from a to b, b left out."""
    k = int(via[a, b])
    return [a] if k < 0 else [*_path(via, a, k), *_path(via, k, b)]

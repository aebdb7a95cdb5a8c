"""The lift of R8: from a Bayesian mechanism to a dominant one with the same interim utilities (`equivalence`)."""

from __future__ import annotations

import numpy as np

from amd.compile.builder import Columns, ProgramBuilder, terms
from amd.compile.context import own_first
from amd.compile.reductions.adjacent import find_ladder
from amd.compile.reductions.worst_off import lowest_type
from amd.model.environment import Environment
from amd.model.numbers import FloatArray, IntArray
from solvers import SolverError, Status, get

RISING = 1e-9  # what a slope may fall by and still count as rising, as a share of the largest weight
DEVIATION = 1e-7  # of interim slopes and expected allocations, as a share of the largest weight: a solution's rounding


def lift(environment: Environment, allocation: FloatArray, interim: list[FloatArray]) -> tuple[FloatArray, FloatArray]:
    """A dominant allocation (P, C) and its payments (P, n), from a Bayesian one and its interim payments (K_i,)."""
    slopes = [_Slope.of(environment, i) for i in range(len(environment.agents))]
    wanted = [slope.interim(allocation) for slope in slopes]
    rising = (
        allocation if all(slope.rises(allocation) for slope in slopes) else _rising(environment, slopes, allocation)
    )
    payments = np.empty((len(allocation), len(slopes)))
    for i, slope in enumerate(slopes):
        agent = environment.agents[i]
        held = (agent.features @ allocation.T).T[slope.profiles]
        utility = np.einsum("ka,ksa,s->k", agent.float_values, held, slope.belief) - interim[i]
        payments[slope.profiles, i] = slope.payments(rising, wanted[i], utility)
    return rising, payments


class _Slope:
    """Agent i's types in the order of h, and the slope g·Q, a multiple of α·Q, that has to rise with them."""

    def __init__(self, environment: Environment, i: int, order: IntArray) -> None:
        agent, n = environment.agents[i], len(environment.agents)
        index = np.arange(environment.profile_count).reshape(environment.shape)
        self.agent, self.order = agent, order
        self.profiles: IntArray = own_first(index, i, n)
        self.belief = np.ones(1)
        for j, other in enumerate(environment.agents):
            if j != i:
                self.belief = np.multiply.outer(self.belief, other.types.float_probability).reshape(-1)
        change = agent.float_values[order[-1]] - agent.float_values[order[0]]
        self.weights: FloatArray = np.asarray(agent.features.T @ change, dtype=float)
        lowest = lowest_type(agent)
        self.anchor = 0 if lowest is None else int(np.flatnonzero(order == lowest)[0])

    @classmethod
    def of(cls, environment: Environment, i: int) -> _Slope:
        ladder = find_ladder(environment.agents[i], environment.allocation.kind)
        if ladder is None:
            raise ValueError(f"the values of {environment.agents[i].name} are not of one dimension")
        return cls(environment, i, np.concatenate(ladder.rungs))

    def each(self, allocation: FloatArray) -> FloatArray:
        """The slope of each type, in order, against each profile of the others, (K, S)."""
        return np.asarray(allocation @ self.weights)[self.profiles[self.order]]

    def interim(self, allocation: FloatArray) -> FloatArray:
        """Its expectation (K,)."""
        return np.asarray(self.each(allocation) @ self.belief)

    def rises(self, allocation: FloatArray) -> bool:
        return bool((np.diff(self.each(allocation), axis=0) >= -1e-9 * np.abs(self.weights).max(initial=0)).all())

    def payments(self, allocation: FloatArray, wanted: FloatArray, utility: FloatArray) -> FloatArray:
        """Payments (K, S) that make the rising allocation dominant and bring about the interim utilities (K,)."""
        values, order, agent = self.agent.float_values, self.order, self.agent
        held = (agent.features @ allocation.T).T[self.profiles[order]]  # (K, S, A) in order
        steps = np.diff(values[order], axis=0)
        below = np.einsum("ka,ksa->ks", steps, held[:-1])  # what the next type gains over this one by its report
        above = np.einsum("ka,ksa->ks", steps, held[1:])
        least, most = below @ self.belief, above @ self.belief
        share = np.divide(
            np.diff(utility[order]) - least, most - least, out=np.full(len(least), 0.5), where=most - least > 1e-12
        )
        share = np.clip(share, 0, 1)[:, None]
        gained = np.concatenate(
            [np.zeros((1, len(self.belief))), np.cumsum((1 - share) * below + share * above, axis=0)]
        )
        u = utility[order[self.anchor]] + gained - gained[self.anchor]
        paid = np.empty_like(u)
        paid[order] = np.einsum("ka,ksa->ks", values[order], held) - u
        return paid


def _rising(environment: Environment, slopes: list[_Slope], allocation: FloatArray) -> FloatArray:
    """An allocation (P, C) whose slopes rise everywhere, with the interim slopes and the mean of the given one."""
    builder = ProgramBuilder()
    cap = environment.allocation.cap.astype(float)[None, :]
    columns = builder.add_columns("allocation", allocation.shape, 0, cap, lambda at: f"x{at[1]}@{at[0]}")
    _add_feasibility(builder, columns, environment)
    for slope in slopes:
        _add_rising(builder, columns, slope)
        _add_given(builder, columns, slope.profiles[slope.order], slope.belief, slope.weights, allocation)
    prior = np.asarray(environment.float_prior).reshape(-1)
    every = np.arange(len(allocation))[None, :]
    for column in range(allocation.shape[1]):
        _add_given(builder, columns, every, prior, np.eye(allocation.shape[1])[column], allocation)
    found = get("highs").solve(builder.build(maximize=False))
    scale = max(1.0, *(float(np.abs(slope.weights).max(initial=0)) for slope in slopes))
    if found.status is not Status.OPTIMAL or found.x is None or (found.objective or 0) > DEVIATION * scale:
        raise SolverError(f"the lift to dominant incentives was not found: {found.status.value} {found.message}")
    return columns.take(found.x)


def _add_feasibility(builder: ProgramBuilder, columns: Columns, environment: Environment) -> None:
    allocation, profiles = environment.allocation, np.arange(environment.profile_count)
    entries, rows = allocation.matrix.tocoo(), len(allocation.upper)
    row = profiles[:, None] * rows + entries.row
    upper = np.tile(allocation.upper.astype(float), len(profiles))
    lower = np.where(np.tile(allocation.equal, len(profiles)), upper, -np.inf)
    part = terms(row, columns[profiles[:, None], entries.col], entries.data.astype(float))
    builder.add_rows("feasible", np.arange(len(upper))[:, None], [part], lower, upper, lambda at: f"feasible@{at[0]}")


def _add_rising(builder: ProgramBuilder, columns: Columns, slope: _Slope) -> None:
    """The slope of the next type is at least as large, in every profile of the others."""
    profiles = slope.profiles[slope.order]
    low, high = profiles[:-1].ravel(), profiles[1:].ravel()
    row, used = np.arange(len(low))[:, None], np.flatnonzero(slope.weights)
    weights = slope.weights[used]
    parts = [terms(row, columns[high[:, None], used], weights), terms(row, columns[low[:, None], used], -weights)]
    builder.add_rows("rising", np.stack([low, high], axis=1), parts, 0, np.inf, lambda at: f"rising@{at[0]},{at[1]}")


def _add_given(
    builder: ProgramBuilder,
    columns: Columns,
    profiles: IntArray,
    belief: FloatArray,
    weights: FloatArray,
    allocation: FloatArray,
) -> None:
    """For each line of `profiles` (K, S) the expected weighted allocation stays, up to least deviations."""
    count, used = len(profiles), np.flatnonzero(weights)
    if not len(used):
        return
    row = np.arange(count)
    off = builder.add_columns("deviation", (2, count), 0, np.inf, lambda at: f"deviation{at}")
    parts = [
        terms(row[:, None, None], columns[profiles[:, :, None], used], belief[:, None] * weights[used]),
        terms(row, off[0], 1.0),
        terms(row, off[1], -1.0),
    ]
    right = (allocation @ weights)[profiles] @ belief
    builder.add_rows("given", row[:, None], parts, right, right, lambda at: f"given@{at[0]}")
    builder.add_cost(terms(0, off.index, 1.0))

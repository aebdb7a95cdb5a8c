"""What a design requires of the rule itself: symmetry, unanimity, Pareto, onto, no dictator, bounds on quantities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from amd.mechanism.audit.efficiency import efficiency_witnesses
from amd.mechanism.audit.feasibility import Say, per_entry
from amd.mechanism.audit.result import Witness, shown, witnesses
from amd.mechanism.quantities import Report
from amd.mechanism.rows import Number, Rows, number
from amd.model.design import Bound, Design
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import IntArray


def requirement_witnesses(rows: Rows, report: Report, design: Design) -> list[Witness]:
    """The worst failures of each requirement of the design."""
    required: dict[Callable[[Rows], list[Witness]], bool] = {
        efficiency_witnesses: design.efficient,
        _anonymous: design.anonymous,
        _unanimous: design.unanimous,
        _pareto: design.pareto,
        _onto: design.onto,
        _nondictatorial: design.nondictatorial,
    }
    found = [witness for judge, wanted in required.items() if wanted for witness in judge(rows)]
    return found + [witness for bound in design.bounds for witness in _bound(report, bound)]


def _anonymous(rows: Rows) -> list[Witness]:
    """Exchanging the reports of two copies exchanges their allocations and payments.

    Exchanges of neighbours generate every permutation. Named outcomes are worth the same to every copy, so they
    stay; goods change hands with the names.
    """
    environment = rows.environment
    found: list[Witness] = []
    for group in environment.groups:
        for pair in pairwise(group.members):
            columns = _swapped_columns(environment, *pair)
            order = _swap(np.arange(len(environment.agents)), *pair)
            names = " and ".join(environment.agents[i].name for i in pair)
            for what, array, moved in (
                ("allocation", rows.allocation, columns),
                ("payments", rows.payments, order),
            ):
                cube = array.reshape(*environment.shape, -1)
                change = np.abs(np.swapaxes(cube, *pair)[..., moved] - cube).max(axis=-1)
                found += per_entry(rows, "anonymous", change.reshape(-1, 1), _exchanging(names, what))
    return found


def _exchanging(names: str, what: str) -> Say:
    return lambda much, _: f"exchanging the reports of {names} changes the {what} by {much}"


def _swap(items: IntArray, i: int, j: int) -> IntArray:
    swapped = items.copy()
    swapped[[i, j]] = items[[j, i]]
    return swapped


def _swapped_columns(environment: Environment, i: int, j: int) -> IntArray:
    """For each column, the column in which two agents' goods are exchanged (C,)."""
    allocation, n = environment.allocation, len(environment.agents)
    every = np.arange(allocation.size)
    if allocation.kind is AllocationKind.OUTCOMES:
        return every
    if allocation.units is None:
        return every.reshape(n, -1)[_swap(np.arange(n), i, j)].reshape(-1)
    flat = allocation.units.reshape(allocation.size, -1)
    other = allocation.units[:, _swap(np.arange(n), i, j)].reshape(allocation.size, -1)
    # Decisions are distinct, so sorting both lists matches each decision with its exchange.
    matched = np.empty(allocation.size, dtype=np.int64)
    matched[np.lexsort(other.T)] = np.lexsort(flat.T)
    return matched


def _rankings(rows: Rows) -> Iterator[tuple[int, IntArray]]:
    """Agents with orders, and each outcome's place (0 is best) in their order in each row (R, O)."""
    for i, agent in enumerate(rows.environment.agents):
        if agent.types.orders is not None:
            yield i, np.argsort(np.array(agent.types.orders), axis=1)[rows.types(i)]


def _unanimous(rows: Rows) -> list[Witness]:
    """A common top outcome is chosen for sure."""
    everyone = np.ones(rows.allocation.shape, dtype=bool)
    for _, places in _rankings(rows):
        everyone &= places == 0
    names = rows.environment.allocation.names
    missing = np.where(everyone, 1 - rows.allocation, 0)
    return per_entry(
        rows, "unanimous", missing, lambda much, o: f"{names[o]}, everyone's best, misses probability 1 by {much}"
    )


def _pareto(rows: Rows) -> list[Witness]:
    """An outcome that everyone ranks below some other is never chosen."""
    dominated = np.zeros(rows.allocation.shape, dtype=bool)
    places = [place for _, place in _rankings(rows)]
    for other in range(rows.allocation.shape[1]):
        worse = np.ones(rows.allocation.shape, dtype=bool)
        for place in places:
            worse &= place > place[:, [other]]
        dominated |= worse
    names = rows.environment.allocation.names
    chosen = np.where(dominated, rows.allocation, 0)
    return per_entry(
        rows, "pareto", chosen, lambda much, o: f"{names[o]}, dominated for everyone, has probability {much}"
    )


def _onto(rows: Rows) -> list[Witness]:
    """Every outcome is chosen for sure at some profile."""
    names = rows.environment.allocation.names
    most = rows.allocation.max(axis=0)

    def describe(amount: Number, outcome: int) -> Witness:
        sentence = f"{names[outcome]} is nowhere chosen: its greatest probability is {shown(most[outcome])}"
        return Witness("onto", amount, sentence)

    return witnesses(1 - most, describe)


def _nondictatorial(rows: Rows) -> list[Witness]:
    """Some profile denies each agent its best outcome: the probabilities of not getting it sum to at least 1."""
    found: list[Witness] = []
    for agent, places in _rankings(rows):
        denied = (rows.allocation * (places > 0)).sum()
        if denied < 1:
            sentence = f"{rows.environment.agents[agent].name} is a dictator: its best outcome is always chosen"
            found.append(Witness("nondictatorial", number(1 - denied), sentence, agent))
    return found


def _bound(report: Report, bound: Bound) -> list[Witness]:
    """A bound on quantities: how far its linear expression is on the wrong side of zero."""
    value = report.linear(bound.linear)
    short: Number = -value if bound.sense == ">=" else value
    if bound.sense == "==":
        short = max(value, -value)
    if short <= 0:
        return []
    return [Witness("bound", short, f"the requirement {bound.text or bound.sense} is missed by {shown(short)}")]

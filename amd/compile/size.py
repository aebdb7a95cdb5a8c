"""How large a program would be, before anything is built."""

from __future__ import annotations

import os
from dataclasses import dataclass

from amd.compile.plan import Plan
from amd.compile.reductions import equivalence
from amd.compile.reductions.generation import TABLE_NEIGHBOURS
from amd.model.design import Design, Incentive
from amd.model.environment import Agent, Environment, TooLargeError

BYTES_PER_NONZERO = 80  # assembled once as triples, held as a sparse matrix here and in the solver
BYTES_PER_LINE = 160  # bounds, costs and solutions of a row or column
SHARE_OF_MEMORY = 0.7


@dataclass(frozen=True)
class Size:
    """An estimate of a program (Python integers, however large)."""

    rows: int
    columns: int
    nonzeros: int

    @property
    def bytes(self) -> int:
        """The memory that building and solving would take, roughly."""
        return self.nonzeros * BYTES_PER_NONZERO + (self.rows + self.columns) * BYTES_PER_LINE


def listed(environment: Environment) -> Size:
    """What any program takes that lists the profiles: its allocation columns alone."""
    columns = environment.profile_count * environment.allocation.size
    return Size(environment.profile_count, columns, columns)


def estimate(environment: Environment, design: Design, plan: Plan) -> Size:
    """Rows, columns and nonzeros to within a small factor."""
    if plan.equivalence:
        design = equivalence.relaxed(design)
    profiles, agents = environment.profile_count, len(environment.agents)
    width = environment.allocation.size
    columns, rows = profiles * width, profiles * len(environment.allocation.upper)
    nonzeros = profiles * environment.allocation.matrix.nnz
    if design.transfers:
        columns += sum(environment.shape) if plan.interim_payments else profiles * agents
    if plan.interim_allocation:
        rows += sum(agent.size * agent.feature_count for agent in environment.agents)
        nonzeros += sum(profiles * agent.features.nnz for agent in environment.agents)
    if design.incentive is not Incentive.NONE:
        for i, agent in enumerate(environment.agents):
            count, entries = _incentive(agent, i, profiles // agent.size, design, plan)
            rows, nonzeros = rows + count, nonzeros + entries
    if design.budget is not None:
        rows += 1 if plan.expected_budget or not design.budget.ex_post else profiles
        nonzeros += profiles * (width + agents)
    worst = {quantity.label for quantity in design.quantities if quantity.worst}
    return Size(rows + len(worst) * profiles, columns, nonzeros + len(worst) * profiles * (width + agents))


def _incentive(agent: Agent, i: int, others: int, design: Design, plan: Plan) -> tuple[int, int]:
    """Rows and entries of one agent's incentives."""
    pairs = agent.size * (agent.size - 1)
    if i in plan.ladders:
        pairs = min(pairs, 2 * agent.size)
    elif plan.generate:
        pairs = min(pairs, 3 * TABLE_NEIGHBOURS * agent.size)
    if agent.types.orders is not None:
        pairs *= len(agent.types.orders[0]) - 1
    support = agent.features.shape[1] if agent.types.orders is not None else int(agent.features.nnz)
    if design.incentive is Incentive.DOMINANT:
        return pairs * others, pairs * others * 2 * (support + 1)
    entries = agent.feature_count if plan.interim_allocation else others * support
    money = 1 if plan.interim_payments else others
    return pairs, pairs * 2 * (entries + money)


def available_memory() -> int:
    """Bytes that can still be used, as the system reports them."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            free = next(line for line in lines if line.startswith("MemAvailable:"))
        return int(free.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 8 << 30


def require_memory(size: Size, memory: int | None = None) -> None:
    """Raise TooLargeError, with the estimate, where the program would not fit."""
    memory = available_memory() if memory is None else memory
    if size.bytes > SHARE_OF_MEMORY * memory:
        raise TooLargeError(
            f"the program would have about {size.rows:,} rows, {size.columns:,} columns and {size.nonzeros:,} nonzeros "
            f"and take {in_words(size.bytes)} of memory; {in_words(memory)} are free. "
            f"Use fewer types (cells) or fewer agents"
        )


def in_words(count: int) -> str:
    """A number of bytes for people."""
    for unit in ("bytes", "kB", "MB", "GB", "TB", "PB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.3g} {unit}"
        count = count // 1000 if count > 10**15 else count / 1000  # type: ignore[assignment]
    return f"{count:.3g} EB"

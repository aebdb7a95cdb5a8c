"""Answering an exchange task in words and as data, and checking exchanges that others made."""

from __future__ import annotations

from typing import Any

import numpy as np

from amd.matching.exchange.files import ExchangeTask
from amd.matching.exchange.master import chain_group, cycle_group
from amd.matching.exchange.pool import Pool
from amd.matching.exchange.rules import GOALS, Rules, objective
from amd.matching.exchange.solve import Exchange, solve_exchange
from amd.matching.market import MarketError
from amd.matching.result import MatchingResult, few
from amd.matching.verify import verify_exchange
from solvers import Settings, Status


def solve_exchange_task(task: ExchangeTask, settings: Settings = Settings()) -> MatchingResult:
    """The best exchange, verified by a check that shares no code with the search."""
    answer = solve_exchange(task.pool, task.rules, settings)
    named = named_exchange(task.pool, answer.cycles, answer.chains)
    faults = exchange_faults(task.pool, task.rules, named)
    lines = [f"{GOALS[goal].capitalize()}: {value:g}." for goal, value in answer.values.items()]
    lines += _parts(named)
    if answer.proven:
        lines.append(f"Proven best ({answer.formulation}).")
    else:
        lines.append("A limit was reached: " + ", ".join(f"{g} at most {b:g}" for g, b in answer.bounds.items()) + ".")
    return MatchingResult(
        Status.OPTIMAL if answer.proven else Status.LIMIT,
        task.title,
        answer.formulation,
        tuple(lines + faults),
        named,
        _details(answer),
        {"validity": faults},
        task.notes,
        task.digest,
        {"solve": answer.seconds},
    )


def _details(answer: Exchange) -> dict[str, Any]:
    return {
        "values": answer.values,
        "bounds": answer.bounds,
        "proven": answer.proven,
        "transplants": answer.transplants,
        "columns": answer.columns,
    }


def _parts(named: dict[str, list[list[str]]]) -> list[str]:
    words = [f"  cycle {' → '.join([*cycle, cycle[0]])}" for cycle in named["cycles"]]
    return few(words + [f"  chain {' → '.join(chain)}" for chain in named["chains"]], 60)


def named_exchange(
    pool: Pool, cycles: tuple[tuple[int, ...], ...], chains: tuple[tuple[int, ...], ...]
) -> dict[str, list[list[str]]]:
    """Cycles and chains in the pool's names."""
    return {
        "cycles": [[pool.name(v) for v in cycle] for cycle in cycles],
        "chains": [[pool.name(v) for v in chain] for chain in chains],
    }


def exchange_faults(pool: Pool, rules: Rules, named: dict[str, list[list[str]]]) -> list[str]:
    """What is wrong with an exchange, in words, by the separate verifier."""
    arcs = {(pool.name(u), pool.name(v)) for u, v in zip(pool.source.tolist(), pool.target.tolist(), strict=True)}
    altruists = {pool.name(v) for v in np.flatnonzero(pool.altruist).tolist()}
    return verify_exchange(arcs, altruists, named["cycles"], named["chains"], rules.cycle_cap, rules.chain_arcs)


def check_exchange(task: ExchangeTask, data: dict[str, Any]) -> MatchingResult:
    """Audit an exchange that somebody made: its faults, and what it is worth by each goal.

    Raises MarketError when `data` is no exchange of this pool's vertices.
    """
    named = {key: data.get(key, []) for key in ("cycles", "chains")}
    index = {task.pool.name(v): v for v in range(task.pool.count)}
    for part in (*named["cycles"], *named["chains"]):
        if not isinstance(part, list) or not part:
            raise MarketError("an exchange file holds 'cycles' and 'chains', lists of lists of names")
        for name in part:
            if name not in index:
                raise MarketError(f"the exchange names '{name}', which is not in the pool")
    faults = exchange_faults(task.pool, task.rules, named)
    values = {} if faults else _values(task, named, index)
    lines = [f"{GOALS[goal].capitalize()}: {value:g}." for goal, value in values.items()]
    summary = (*lines, *_parts(named), *(few(faults) or ["The exchange is valid."]))
    return MatchingResult(
        Status.OPTIMAL,
        task.title,
        "check",
        summary,
        named,
        {"values": values},
        {"validity": faults},
        digest=task.digest,
    )


def _values(task: ExchangeTask, named: dict[str, list[list[str]]], index: dict[str, int]) -> dict[str, float]:
    pool = task.pool.sorted()
    groups = [cycle_group(pool, np.array([[index[v] for v in c]], np.int64)) for c in named["cycles"]]
    groups += [chain_group(pool, np.array([[index[v] for v in c]], np.int64)) for c in named["chains"]]
    goals = [objective(pool, task.rules, goal) for goal in task.rules.goals]
    return {goal.name: goal.offset + float(sum(g.values(goal).sum() for g in groups)) for goal in goals}

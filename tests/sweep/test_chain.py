"""Warm starts along a sweep: fewer iterations, and a table that depends on neither workers nor kills."""

from __future__ import annotations

import pytest

import amd
from amd.solving import solve
from amd.sweep import chain as chaining
from amd.sweep import parse_axis, sweep
from amd.sweep.chain import LENGTH, chains
from amd.sweep.point import Job, solve_next, solve_point

S = "S=-1/20..1/20..1/100"


def job(S: str, N: str = "12") -> Job:
    return Job("frontier", {"S": S, "N": N}, "highs", "auto", None)


def plain(rows):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in rows]


def test_chains_are_cut_alike_whatever_is_done():
    jobs = [job(str(k)) for k in range(2 * LENGTH + 2)]
    every = chains(jobs, set())
    assert [sorted(chain.wanted) for chain in every] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    left = chains(jobs, {0, 1, 2, 3, 4, 5, 6, 9})
    assert [list(chain.jobs) for chain in left] == [[5, 6, 7, 8], [10, 11]]  # from the start of the chain
    assert [sorted(chain.wanted) for chain in left] == [[7, 8], [10, 11]]


def test_a_neighbours_basis_saves_nearly_all_iterations():
    first = solve(amd.load("frontier", S="0", N=20).task)
    task = amd.load("frontier", S="1/100", N=20).task
    cold, warm = solve(task), solve(task, near=first.solution.basis)
    assert warm.objective == pytest.approx(cold.objective, abs=1e-9)
    assert warm.solution.iterations < cold.solution.iterations / 10


def test_a_basis_of_another_shape_is_left_aside():
    _, basis = solve_next(job("0", "8"), None)
    row, _ = solve_next(job("0", "12"), basis)
    assert plain([row]) == plain([solve_point(job("0", "12"))])


def test_the_table_depends_neither_on_workers_nor_on_a_kill(tmp_path, monkeypatch):
    alone = sweep("frontier", [parse_axis(S)], tmp_path / "one.csv")
    together = sweep("frontier", [parse_axis(S)], tmp_path / "two.csv", workers=2)
    calls = []

    def killed(job, basis):
        calls.append(job)
        if len(calls) == LENGTH + 3:
            raise KeyboardInterrupt
        return solve_next(job, basis)

    monkeypatch.setattr(chaining, "solve_next", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep("frontier", [parse_axis(S)], tmp_path / "three.csv")
    monkeypatch.undo()
    resumed = sweep("frontier", [parse_axis(S)], tmp_path / "three.csv")
    assert resumed.resumed == LENGTH + 2
    assert plain(alone.rows) == plain(together.rows) == plain(resumed.rows)

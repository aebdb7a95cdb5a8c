"""Two bidders with values uniform on a grid, one good, revenue; Bayesian incentives between all pairs of types."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pulp

from benchmarks.families.family import Family

PROBLEM = """
amd: 1
parameters: {{N: {size}}}
agents: {{bidder: {{count: 2, types: {{v: {{uniform: [0, 1], cells: N}}}}, value: {{item: v}}}}}}
goods: {{item: 1}}
design: {{maximize: revenue}}
"""


def values(cells: int) -> np.ndarray:
    """The midpoints of equal cells."""
    return (2 * np.arange(1, cells + 1) - 1) / (2 * cells)


def natural_cvxpy(cells: int) -> float:
    """As a textbook and a cvxpy tutorial would write it."""
    v = values(cells)
    x = [cp.Variable((cells, cells), nonneg=True) for _ in range(2)]
    m = [cp.Variable((cells, cells)) for _ in range(2)]
    constraints = [x[0] + x[1] <= 1]
    for i in range(2):
        q, pay = cp.sum(x[i], axis=1 - i) / cells, cp.sum(m[i], axis=1 - i) / cells
        constraints += [v[k] * q[k] - pay[k] >= 0 for k in range(cells)]
        constraints += [v[k] * q[k] - pay[k] >= v[k] * q - pay for k in range(cells)]
    problem = cp.Problem(cp.Maximize(sum(cp.sum(one) for one in m) / cells**2), constraints)
    return float(problem.solve(solver=cp.HIGHS))


def natural_pulp(cells: int) -> float:
    """The same in PuLP, with CBC."""
    v, each = values(cells), range(cells)
    problem = pulp.LpProblem("auction", pulp.LpMaximize)
    x = [[[pulp.LpVariable(f"x{i}_{a}_{b}", 0) for b in each] for a in each] for i in range(2)]
    m = [[[pulp.LpVariable(f"m{i}_{a}_{b}") for b in each] for a in each] for i in range(2)]
    problem += pulp.lpSum(m[i][a][b] for i in range(2) for a in each for b in each) / cells**2
    for a in each:
        for b in each:
            problem += x[0][a][b] + x[1][a][b] <= 1

    def utility(i: int, k: int, report: int) -> pulp.LpAffineExpression:
        rows = [(report, s) if i == 0 else (s, report) for s in each]
        return pulp.lpSum(v[k] * x[i][a][b] - m[i][a][b] for a, b in rows) / cells

    for i in range(2):
        for k in each:
            problem += utility(i, k, k) >= 0
            for report in each:
                if report != k:
                    problem += utility(i, k, k) >= utility(i, k, report)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(pulp.value(problem.objective))


def closed_form(cells: int) -> float:
    """Myerson (1981) on the grid: the expected highest positive virtual value, v - (N - k)/N for the k-th type."""
    k = np.arange(1, cells + 1)
    virtual = values(cells) - (cells - k) / cells
    return float((np.maximum(virtual, 0) * ((k / cells) ** 2 - ((k - 1) / cells) ** 2)).sum())


FAMILY = Family(
    "two bidders, one good",
    "types of each bidder",
    lambda size: PROBLEM.format(size=size),
    (5, 10, 20, 40, 70, 100, 300, 1000, 3000),
    {"natural cvxpy": natural_cvxpy, "natural PuLP": natural_pulp},
    closed_form,
)

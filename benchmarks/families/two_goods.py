"""One buyer, two goods with values uniform on a grid, revenue; all pairs of types."""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import pulp

from benchmarks.families.auction import values
from benchmarks.families.family import Family

PROBLEM = """
amd: 1
parameters: {{N: {size}}}
agents:
  buyer:
    types: {{a: {{uniform: [0, 1], cells: N}}, b: {{uniform: [0, 1], cells: N}}}}
    value: {{a: a, b: b}}
goods: {{a: 1, b: 1}}
design: {{maximize: revenue}}
"""


def types(cells: int) -> np.ndarray:
    """Every pair of values, (cells², 2)."""
    v = values(cells)
    return np.stack(np.meshgrid(v, v, indexing="ij"), axis=-1).reshape(-1, 2)


def natural_cvxpy(cells: int) -> float:
    """A vector of incentive constraints for each type."""
    v = types(cells)
    x, pay = cp.Variable(v.shape, nonneg=True), cp.Variable(len(v))
    constraints = [x <= 1]
    for k in range(len(v)):
        constraints += [v[k] @ x[k] - pay[k] >= 0, v[k] @ x[k] - pay[k] >= x @ v[k] - pay]
    problem = cp.Problem(cp.Maximize(cp.sum(pay) / len(v)), constraints)
    return float(problem.solve(solver=cp.HIGHS))


def natural_pulp(cells: int) -> float:
    """The same in PuLP, with CBC."""
    v = types(cells).tolist()
    each = range(len(v))
    problem = pulp.LpProblem("goods", pulp.LpMaximize)
    x = [[pulp.LpVariable(f"x_{k}_{g}", 0, 1) for g in range(2)] for k in each]
    pay = [pulp.LpVariable(f"p_{k}") for k in each]
    problem += pulp.lpSum(pay) / len(v)

    def utility(k: int, report: int) -> pulp.LpAffineExpression:
        return v[k][0] * x[report][0] + v[k][1] * x[report][1] - pay[report]

    for k in each:
        problem += utility(k, k) >= 0
        for report in each:
            if report != k:
                problem += utility(k, k) >= utility(k, report)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(pulp.value(problem.objective))


FAMILY = Family(
    "one buyer, two goods",
    "values of each good",
    lambda size: PROBLEM.format(size=size),
    (3, 5, 8, 12, 16, 20, 30, 40, 60, 80, 100),
    {"natural cvxpy": natural_cvxpy, "natural PuLP": natural_pulp},
)

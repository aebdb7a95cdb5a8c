"""Bilateral trade, uniform on a grid: welfare with a budget that balances in every profile."""

from __future__ import annotations

import cvxpy as cp
import pulp

from benchmarks.families.auction import values
from benchmarks.families.family import Family

PROBLEM = """
amd: 1
parameters: {{N: {size}}}
agents:
  buyer: {{types: {{v: {{uniform: [0, 1], cells: N}}}}, value: {{trade: v}}}}
  seller: {{types: {{c: {{uniform: [0, 1], cells: N}}}}, value: {{trade: -c}}}}
outcomes: [no_trade, trade]
design: {{maximize: welfare, budget: {{balanced: ex_post}}}}
"""


def natural_cvxpy(cells: int) -> float:
    """Trade and one price in every profile: what the buyer pays, the seller gets."""
    v = values(cells)
    x, pay = cp.Variable((cells, cells), nonneg=True), cp.Variable((cells, cells))
    constraints = [x <= 1]
    for sign, axis in ((1, 1), (-1, 0)):
        q, m = cp.sum(x, axis=axis) / cells, cp.sum(pay, axis=axis) / cells
        constraints += [sign * (v[k] * q[k] - m[k]) >= 0 for k in range(cells)]
        constraints += [sign * (v[k] * q[k] - m[k]) >= sign * (v[k] * q - m) for k in range(cells)]
    gain = v[:, None] - v[None, :]
    problem = cp.Problem(cp.Maximize(cp.sum(cp.multiply(gain, x)) / cells**2), constraints)
    return float(problem.solve(solver=cp.HIGHS))


def natural_pulp(cells: int) -> float:
    """The same in PuLP, with CBC."""
    v, each = values(cells), range(cells)
    problem = pulp.LpProblem("trade", pulp.LpMaximize)
    x = [[pulp.LpVariable(f"x_{a}_{b}", 0, 1) for b in each] for a in each]
    pay = [[pulp.LpVariable(f"p_{a}_{b}") for b in each] for a in each]
    problem += pulp.lpSum((v[a] - v[b]) * x[a][b] for a in each for b in each) / cells**2

    def buyer(k: int, report: int) -> pulp.LpAffineExpression:
        return pulp.lpSum(v[k] * x[report][b] - pay[report][b] for b in each)

    def seller(k: int, report: int) -> pulp.LpAffineExpression:
        return pulp.lpSum(pay[a][report] - v[k] * x[a][report] for a in each)

    for utility in (buyer, seller):
        for k in each:
            problem += utility(k, k) >= 0
            for report in each:
                if report != k:
                    problem += utility(k, k) >= utility(k, report)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(pulp.value(problem.objective))


FAMILY = Family(
    "bilateral trade, second best",
    "types of each side",
    lambda size: PROBLEM.format(size=size),
    (5, 10, 20, 40, 70, 100, 200, 400),
    {"natural cvxpy": natural_cvxpy, "natural PuLP": natural_pulp},
)

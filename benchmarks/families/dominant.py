"""Two bidders, two goods with values uniform on a grid, revenue; dominant incentives between all pairs of types."""

from __future__ import annotations

import cvxpy as cp
import pulp

from benchmarks.families.family import Family
from benchmarks.families.two_goods import types

PROBLEM = """
amd: 1
parameters: {{N: {size}}}
agents:
  bidder:
    count: 2
    types: {{a: {{uniform: [0, 1], cells: N}}, b: {{uniform: [0, 1], cells: N}}}}
    value: {{a: a, b: b}}
goods: {{a: 1, b: 1}}
design: {{maximize: revenue, incentive: dominant, participation: ex_post}}
"""


def natural_cvxpy(cells: int) -> float:
    """For each bidder, true type and profile of the other a vector of incentive constraints."""
    v = types(cells)
    count = len(v)
    x = [[cp.Variable((count, count), nonneg=True) for _ in range(2)] for _ in range(2)]
    pay = [cp.Variable((count, count)) for _ in range(2)]
    constraints = [x[0][g] + x[1][g] <= 1 for g in range(2)]
    for i in range(2):
        for s in range(count):
            held = [x[i][g][:, s] if i == 0 else x[i][g][s, :] for g in range(2)]
            paid = pay[i][:, s] if i == 0 else pay[i][s, :]
            for k in range(count):
                lie = v[k][0] * held[0] + v[k][1] * held[1] - paid
                constraints += [lie[k] >= 0, lie[k] >= lie]
    problem = cp.Problem(cp.Maximize(cp.sum(pay[0] + pay[1]) / count**2), constraints)
    return float(problem.solve(solver=cp.HIGHS))


def natural_pulp(cells: int) -> float:
    """The same in PuLP, with CBC."""
    v = types(cells).tolist()
    each = range(len(v))
    problem = pulp.LpProblem("dominant", pulp.LpMaximize)
    names = [(i, a, b) for i in range(2) for a in each for b in each]
    x = {(*key, g): pulp.LpVariable(f"x{key}_{g}".replace(" ", ""), 0) for key in names for g in range(2)}
    pay = {key: pulp.LpVariable(f"p{key}".replace(" ", "")) for key in names}
    problem += pulp.lpSum(pay.values()) / len(v) ** 2
    for a in each:
        for b in each:
            for g in range(2):
                problem += x[0, a, b, g] + x[1, a, b, g] <= 1

    def utility(i: int, k: int, report: int, s: int) -> pulp.LpAffineExpression:
        at = (i, report, s) if i == 0 else (i, s, report)
        return v[k][0] * x[(*at, 0)] + v[k][1] * x[(*at, 1)] - pay[at]

    for i in range(2):
        for s in each:
            for k in each:
                problem += utility(i, k, k, s) >= 0
                for report in each:
                    if report != k:
                        problem += utility(i, k, k, s) >= utility(i, k, report, s)
    problem.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(pulp.value(problem.objective))


FAMILY = Family(
    "two bidders, two goods, dominant",
    "values of each good",
    lambda size: PROBLEM.format(size=size),
    (2, 3, 4, 5, 6, 8, 10, 12),
    {"natural cvxpy": natural_cvxpy, "natural PuLP": natural_pulp},
)

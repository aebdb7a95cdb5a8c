"""A finite problem as a proof restates it: plain data that `amd.proof.verify` rebuilds every constraint from.

Nothing of the file's notation is left, and nothing that a reader would have to look up. Copies are agents of their own;
`worth` says what a unit of each column is worth to each type (each profile, where values are interdependent); an order
stands there as one vector for each of its upper sets; `prior` lists the profiles' probabilities, the last agent's type
running fastest. A wish is payments, values and columns with their weights, and a constant. Budgets and bounds are
`needs`: combinations that are to be at least 0, or 0.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from amd.model.design import Bound, Budget, Design, Linear, Quantity
from amd.model.environment import Agent, Allocation, AllocationKind, Environment
from amd.model.numbers import ExactArray
from amd.model.task import Task
from amd.proof.wish import Wish, quantity_wish, units_of, wish_of

Document = dict[str, Any]
ONE = Fraction(1)
FLAGS = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")


def restate(task: Task) -> Document:
    """The problem of a task as plain data. Raises ValueError where there is no design."""
    environment, design = task.environment, task.design
    if design is None:
        raise ValueError("the problem has no `design`: it does not say what is wanted")
    allocation = environment.allocation
    worst = worst_quantities(design)
    return {
        "kind": "finite",
        "agents": [_agent(environment, design, i) for i in range(len(environment.agents))],
        "prior": _texts(environment.exact_prior.ravel()),
        "columns": column_names(environment),
        "cost": _texts(allocation.cost),
        "caps": [int(cap) for cap in allocation.cap],
        "limits": _limits(allocation),
        "units": _units(environment),
        "incentive": design.incentive.value,
        "transfers": design.transfers,
        "deterministic": design.deterministic,
        "require": [flag for flag in FLAGS if getattr(design, flag)],
        "maximize": design.maximize,
        "wish": None if design.objective is None else _linear(environment, design.objective, worst),
        "needs": _needs(environment, design, worst),
        "worst": [_wish(environment, quantity_wish(environment, quantity)) for quantity in worst],
    }


def worst_quantities(design: Design) -> list[Quantity]:
    """The quantities whose worst cases a design speaks of, in the order of their numbers in a document."""
    return list(dict.fromkeys(quantity for quantity in design.quantities if quantity.worst))


def column_names(environment: Environment) -> list[str]:
    """The outcome, the decision's number, or who gets what."""
    allocation = environment.allocation
    if allocation.kind is AllocationKind.OUTCOMES:
        return list(allocation.names)
    if allocation.kind is AllocationKind.DECISIONS:
        return [f"decision {column}" for column in range(allocation.size)]
    return [f"{agent.name} gets {good.name}" for agent in environment.agents for good in allocation.goods]


def _agent(environment: Environment, design: Design, i: int) -> Document:
    agent = environment.agents[i]
    worth = _orders(agent) if agent.types.orders is not None else _values(environment, agent)
    stage = "none" if agent.types.orders is not None else design.participation[i].value
    return {
        "name": agent.name,
        "group": agent.group,
        "types": [agent.types.label(k) for k in range(agent.size)],
        "outside": _texts(agent.outside),
        "stage": stage,
        "budget": None if agent.budget is None else str(agent.budget),
        "mixed": agent.interdependent,
        "worth": worth,
    }


def _values(environment: Environment, agent: Agent) -> list[Any]:
    """One vector a type, or a profile where values are interdependent."""
    values = agent.values.reshape(-1, agent.feature_count)
    worth = np.asarray(values @ agent.features.toarray().astype(object))
    return [[_texts(row)] for row in worth]


def _orders(agent: Agent) -> list[Any]:
    """The indicators of the best outcome, of the best two, …, for each order."""
    orders = agent.types.orders or ()
    return [
        [["1" if c in order[: best + 1] else "0" for c in range(len(order))] for best in range(len(order) - 1)]
        for order in orders
    ]


def _limits(allocation: Allocation) -> list[Any]:
    rows = zip(allocation.matrix.toarray().tolist(), allocation.upper, allocation.equal, strict=True)
    return [[[str(int(x)) for x in row], str(int(upper)), bool(equal)] for row, upper, equal in rows]


def _units(environment: Environment) -> list[Any]:
    """What each column gives each agent: the outcome's number, or the units of each good."""
    n = len(environment.agents)
    if environment.allocation.kind is AllocationKind.OUTCOMES:
        return [[column] * n for column in range(environment.allocation.size)]
    units: list[Any] = units_of(environment.allocation, n).tolist()
    return units


def _needs(environment: Environment, design: Design, worst: list[Quantity]) -> list[Document]:
    """The budget first, then the bounds in their order."""
    budget = [] if design.budget is None else [_budget(environment, design.budget)]
    return budget + [_bound(environment, bound, worst) for bound in design.bounds]


def _budget(environment: Environment, budget: Budget) -> Document:
    """Payments plus subsidy less cost."""
    profit = quantity_wish(environment, Quantity("profit", "profit"))
    wish = _wish(environment, Wish(profit.payment, profit.value, profit.column, budget.subsidy))
    return {"text": "budget", "equal": budget.balanced, "ex_post": budget.ex_post, "wish": wish}


def _bound(environment: Environment, bound: Bound, worst: list[Quantity]) -> Document:
    sign = -1 if bound.sense == "<=" else 1
    wish = _linear(environment, bound.linear, worst, sign)
    return {"text": bound.text, "equal": bound.sense == "==", "ex_post": False, "wish": wish}


def _linear(environment: Environment, linear: Linear, worst: list[Quantity], sign: int = 1) -> Document:
    data = _wish(environment, wish_of(environment, linear).scaled(sign * ONE))
    data["worst"] = [[str(sign * weight), worst.index(one)] for weight, one in linear.terms if one.worst]
    return data


def _wish(environment: Environment, wish: Wish) -> Document:
    """Orders have no values, so a wish for them weighs nothing."""
    ordinal = [agent.types.orders is not None for agent in environment.agents]
    value = ["0" if order else str(rate) for order, rate in zip(ordinal, wish.value, strict=True)]
    rows = {"payment": [str(x) for x in wish.payment], "value": value, "column": [str(x) for x in wish.column]}
    return {**rows, "constant": str(wish.constant), "worst": []}


def _texts(values: ExactArray) -> list[str]:
    return [str(value) for value in values]

"""The problem in expanded exact form: plain data whose canonical JSON is hashed and goes into certificates.

Nothing of the file's notation is left: agents are listed copy by copy with their types, probabilities and values
as rational texts. Two files that say the same thing have the same digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from scipy.sparse import csr_array

from amd.model.design import Bound, Budget, Design, Linear, Quantity
from amd.model.environment import Agent, Allocation, AllocationKind, Environment
from amd.model.numbers import ExactArray
from amd.model.task import Task

FORMAT = "amd-problem-1"


def restate(task: Task) -> dict[str, Any]:
    """The environment and the design as JSON-ready data with rationals as texts."""
    data = {"format": FORMAT, "environment": restate_environment(task.environment)}
    if task.design is not None:
        data["design"] = restate_design(task.design, task.environment)
    return data


def canonical(data: dict[str, Any]) -> str:
    """The canonical JSON text: sorted keys, no spaces, ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(task: Task) -> str:
    """The SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(restate(task)).encode("ascii")).hexdigest()


def texts(array: ExactArray) -> Any:
    """Nested lists of rational texts, shaped as the array."""
    flat = [str(value) for value in array.ravel()]
    return _nest(flat, array.shape)


def _nest(flat: list[str], shape: tuple[int, ...]) -> Any:
    if len(shape) <= 1:
        return flat
    step = len(flat) // shape[0] if shape[0] else 0
    return [_nest(flat[row * step : (row + 1) * step], shape[1:]) for row in range(shape[0])]


def restate_environment(environment: Environment) -> dict[str, Any]:
    """Agents, what can be decided, and the joint prior where there is one."""
    data: dict[str, Any] = {
        "agents": [_agent(agent) for agent in environment.agents],
        "allocation": _allocation(environment.allocation),
    }
    if environment.joint is not None:
        data["joint"] = texts(environment.joint)
    return data


def _agent(agent: Agent) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": agent.name,
        "group": agent.group,
        "probability": _texts(agent.types.probability),
        "outside": texts(agent.outside),
    }
    if agent.types.orders is not None:
        data["orders"] = [list(order) for order in agent.types.orders]
    else:
        data["parameters"] = list(agent.types.parameters)
        data["types"] = [_texts(point) for point in agent.types.points]
        data["features"] = _entries(agent.features)
        data["values"] = texts(agent.values)
        data["interdependent"] = agent.interdependent
    if agent.budget is not None:
        data["budget"] = str(agent.budget)
    return data


def _allocation(allocation: Allocation) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": allocation.kind.value, "cost": texts(allocation.cost)}
    if allocation.kind is AllocationKind.OUTCOMES:
        data["outcomes"] = list(allocation.names)
        return data
    data["goods"] = [{"name": good.name, "supply": good.supply} for good in allocation.goods]
    if allocation.kind is AllocationKind.DECISIONS and allocation.units is not None:
        data["units"] = allocation.units.tolist()
    else:
        data["matrix"] = _entries(allocation.matrix)
        data["upper"] = allocation.upper.tolist()
    return data


def restate_design(design: Design, environment: Environment) -> dict[str, Any]:
    """The wish and the constraints."""
    flags = ("efficient", "anonymous", "unanimous", "pareto", "onto", "nondictatorial")
    return {
        "maximize": design.maximize,
        "objective": None if design.objective is None else _linear(design.objective),
        "incentive": design.incentive.value,
        "participation": [stage.value for stage in design.participation],
        "budget": None if design.budget is None else _budget(design.budget),
        "transfers": design.transfers,
        "deterministic": design.deterministic,
        "require": [flag for flag in flags if getattr(design, flag)],
        "bounds": [_bound(bound) for bound in design.bounds],
    }


def _budget(budget: Budget) -> dict[str, Any]:
    return {"balanced": budget.balanced, "ex_post": budget.ex_post, "subsidy": str(budget.subsidy)}


def _bound(bound: Bound) -> dict[str, Any]:
    return {"linear": _linear(bound.linear), "sense": bound.sense}


def _linear(linear: Linear) -> dict[str, Any]:
    return {
        "terms": [[str(weight), _quantity(quantity)] for weight, quantity in linear.terms],
        "constant": str(linear.constant),
    }


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "name": quantity.name,
        "agents": None if quantity.agents is None else list(quantity.agents),
        "target": quantity.target,
        "worst": quantity.worst,
    }


def _entries(matrix: csr_array) -> list[list[int]]:
    """The nonzero entries of a whole-number matrix as [row, column, value], row by row."""
    coo = csr_array(matrix).tocoo()
    entries = zip(coo.row.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True)
    return sorted([row, column, int(value)] for row, column, value in entries)


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(value) for value in values]

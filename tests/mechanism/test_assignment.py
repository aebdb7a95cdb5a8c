"""The greatest value of an assignment of goods, three ways."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.mechanism.audit import assignment
from amd.mechanism.audit.assignment import best_flow, greatest_value
from amd.mechanism.lottery import Network
from amd.model.build import AgentSpec, goods_environment
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array
from amd.model.types import single_type


def environment_of(seed: int, demanding: bool) -> Environment:
    rng = np.random.default_rng(seed)
    n, m = rng.integers(1, 4), rng.integers(1, 4)
    goods = [Good(f"g{g}", int(rng.integers(1, 3))) for g in range(m)]
    limits = [Limit((0, 1), int(rng.integers(1, 4)))] if m > 1 and rng.random() < 0.5 else []
    if m > 2 and rng.random() < 0.5:
        limits.append(Limit((0, 1, 2), int(rng.integers(1, 5))))
    demands = [int(rng.integers(1, 3)) if demanding and rng.random() < 0.8 else None for _ in range(n)]
    values = exact_array([1] * m, (1, m))
    specs = [AgentSpec(f"a{i}", single_type(), values, demand=demand) for i, demand in enumerate(demands)]
    return goods_environment(specs, goods, limits)


def by_force(environment: Environment, weights: np.ndarray) -> int:
    """Every table of units, one by one."""
    allocation = environment.allocation
    tables = product(*(range(cap + 1) for cap in allocation.cap))
    matrix = allocation.matrix.toarray()
    return max(int(weights @ table) for table in map(np.array, tables) if (matrix @ table <= allocation.upper).all())


@pytest.mark.parametrize("demanding", [False, True])
@given(seed=st.integers(0, 2**32))
def test_three_ways_agree(demanding: bool, seed: int) -> None:
    environment = environment_of(seed, demanding)
    weights = np.random.default_rng(seed).integers(-3, 9, (2, environment.allocation.size))
    network = Network.of(environment)
    expected = greatest_value(environment, weights).tolist()
    assert [best_flow(network, row) for row in weights.tolist()] == expected
    assert greatest_value(environment, weights.astype(object)).tolist() == expected
    if environment.allocation.size <= 6:
        assert [by_force(environment, row) for row in weights] == expected


def test_flows_where_decisions_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = environment_of(5, True)
    weights = np.random.default_rng(0).integers(-3, 9, (20, environment.allocation.size))
    listed = greatest_value(environment, weights)
    assert any(agent.demand is not None for agent in environment.agents)
    monkeypatch.setattr(assignment, "LISTED", 1)
    assert (greatest_value(environment, weights) == listed).all()


def test_more_assignments_than_can_be_listed() -> None:
    """Ten agents who want one of ten goods: the best assignment is the identity, worth 10·10."""
    specs = [AgentSpec(f"a{i}", single_type(), exact_array([1] * 10, (1, 10)), demand=1) for i in range(10)]
    environment = goods_environment(specs, [Good(f"g{g}", 1) for g in range(10)])
    weights = 9 * np.ones((10, 10), dtype=np.int64) + np.eye(10, dtype=np.int64)
    assert greatest_value(environment, weights.reshape(1, -1)).tolist() == [100]

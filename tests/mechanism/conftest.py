"""Small environments that the tests of mechanisms share."""

from fractions import Fraction

import numpy as np
import pytest

from amd.mechanism.direct import Mechanism
from amd.model.build import AgentSpec, goods_environment
from amd.model.environment import Environment, Good
from amd.model.numbers import exact_array, exact_zeros
from amd.model.types import Grid, TypeSpace, product_types


def single(name: str, values: list[str], probability: list[str] | None = None) -> TypeSpace:
    """Types that are the values of one parameter."""
    points = tuple(Fraction(value) for value in values)
    masses = [Fraction(1, len(values))] * len(values) if probability is None else [Fraction(p) for p in probability]
    return product_types((name,), (Grid(points, tuple(masses)),))


@pytest.fixture(scope="session")
def license_environment() -> Environment:
    """One license, two firms worth 10 or 50 with equal chances."""
    types = single("v", ["10", "50"])
    firms = [AgentSpec(f"firm[{i}]", types, exact_array([10, 50], (2, 1)), group="firm") for i in (1, 2)]
    return goods_environment(firms, [Good("license", 1)])


@pytest.fixture
def license(license_environment: Environment) -> Mechanism:
    """The higher value wins, ties to firm 1, and the winner pays 30 (textbook example)."""
    allocation, payments = exact_zeros((2, 2, 2)), exact_zeros((2, 2, 2))
    for one, two in np.ndindex(2, 2):
        winner = 0 if one >= two else 1
        allocation[one, two, winner] = Fraction(1)
        payments[one, two, winner] = Fraction(30)
    return Mechanism.from_exact(license_environment, allocation, payments)

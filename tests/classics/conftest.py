"""Environments that several tests share."""

from fractions import Fraction

import numpy as np
import pytest

from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace


def _types(values):
    points = tuple((Fraction(v),) for v in values)
    return TypeSpace(("v",), points, (Fraction(1, len(points)),) * len(points))


@pytest.fixture
def single_good():
    """Bidders with the given equally likely values for one good."""

    def build(*values, supply=1, demand=None):
        agents = [
            AgentSpec(f"bidder[{i}]", _types(v), exact_array(v, (len(v), 1)), demand=demand)
            for i, v in enumerate(values, 1)
        ]
        return goods_environment(agents, [Good("lamp", supply)])

    return build


@pytest.fixture
def public_project():
    """Citizens with the given equally likely values for a project of a given cost."""

    def build(cost, *values):
        specs = [
            AgentSpec(f"citizen[{i}]", _types(v), np.stack([exact_array([0] * len(v)), exact_array(v)], axis=1))
            for i, v in enumerate(values, 1)
        ]
        return outcome_environment(specs, ["none", "bridge"], exact_array([0, cost]))

    return build

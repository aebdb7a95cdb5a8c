"""Problems with continuous types, made without a file."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from amd.files.expressions import read
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.task import Task
from amd.model.types import Grid, TypeSpace, product_types
from amd.proof.continuum.laws import equal_edges, uniform_law
from amd.proof.continuum.reading import OUTSIDE


def wish(name):
    return Linear(((Fraction(1), Quantity(name, name)),), text=name)


def grid_of(law, cells=2):
    """A grid at the middles; its probabilities do not matter to the continuum."""
    edges = equal_edges(law, cells)
    points = tuple((a + b) / 2 for a, b in itertools.pairwise(edges))
    return Grid(points, tuple(Fraction(1, cells) for _ in points), edges, law)


def types_of(laws):
    names = tuple(f"v{j}" for j in range(len(laws)))
    return product_types(names, tuple(grid_of(law) for law in laws))


def agent_spec(name, group, laws, formulas, outside=None):
    types = types_of(laws)
    assert isinstance(types, TypeSpace)
    trees = {key: read(text) for key, text in formulas.items()}
    worth = [[_value(text, point) for text in formulas.values()] for point in types.points]
    values = exact_array([v for row in worth for v in row], (types.size, len(formulas)))
    away = None if outside is None else exact_array([_value(outside, point) for point in types.points])
    if outside is not None:
        trees[OUTSIDE] = read(outside)
    return AgentSpec(name, types, values, group, away, formulas=trees)


def _value(text, point):
    polynomial = read(text).polynomial(*(f"v{j}" for j in range(len(point))))
    return sum(
        (c * np.prod([x**e for x, e in zip(point, powers, strict=True)]) for powers, c in polynomial.items()),
        Fraction(0),
    )


@pytest.fixture
def auction_task():
    """Bidders with their own value for each good."""

    def make(laws, bidders=1, maximize="revenue", **design):
        goods = [Good(f"g{j}", 1) for j in range(len(laws))]
        formulas = {good.name: f"v{j}" for j, good in enumerate(goods)}
        agents = [agent_spec(f"bidder[{i + 1}]", "bidder", laws, formulas) for i in range(bidders)]
        stages = (Participation.INTERIM,) * bidders
        return Task(goods_environment(agents, goods), Design(stages, wish(maximize), **design))

    return make


@pytest.fixture
def trade_task():
    """A buyer and a seller of one unit; outside options and levels as texts."""

    def make(want="welfare", least=False, buyer=None, seller=None, budget=None, **design):
        nothing = {"keep": "0", "trade": "v0"}
        left = agent_spec("buyer", "buyer", [buyer or uniform_law()], nothing)
        right = agent_spec("seller", "seller", [seller or uniform_law()], {"keep": "0", "trade": "-v0"})
        stages = (Participation.INTERIM,) * 2
        environment = outcome_environment([left, right], ["keep", "trade"])
        return Task(environment, Design(stages, wish(want), not least, budget=budget, **design))

    return make


@pytest.fixture
def no_deficit():
    return Budget(balanced=False, ex_post=True)


@pytest.fixture
def dominant():
    return Incentive.DOMINANT

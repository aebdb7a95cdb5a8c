"""What each type expects, against expectations computed by hand."""

from fractions import Fraction

import numpy as np
import pytest

from amd.mechanism.direct import Mechanism
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import Grid, product_types
from amd.show.interim import interim, interim_tables
from amd.show.page import to_text


def spec(name, values, masses=None, group=""):
    points = tuple(map(Fraction, values))
    masses = tuple(map(Fraction, masses or [Fraction(1, len(points))] * len(points)))
    types = product_types(("v",), (Grid(points, masses),))
    return AgentSpec(name, types, exact_array(values, (len(values), 1)), group=group)


def second_price() -> Mechanism:
    """Two bidders worth 1 or 2, the higher report wins and pays the other's; ties are split."""
    environment = goods_environment([spec(f"b[{i}]", [1, 2], group="b") for i in (1, 2)], [Good("lamp", 1)])
    allocation = np.array([[[0.5, 0.5], [0, 1]], [[1, 0], [0.5, 0.5]]])
    payments = np.array([[[0.5, 0.5], [0, 1]], [[1, 0], [1, 1]]])
    return Mechanism(environment, allocation, payments)


def test_second_price_auction_by_hand():
    view = interim(second_price(), 0)
    assert view.columns == ("gets\nlamp", "value", "pays", "utility")
    np.testing.assert_allclose(view.expected, [[0.25, 0.25, 0.25, 0], [0.75, 1.5, 1, 0.5]])
    assert list(view.probability) == [Fraction(1, 2)] * 2


def test_copies_that_expect_the_same_are_shown_once():
    tables, left = interim_tables(second_price())
    assert len(tables) == 1
    assert not left
    assert "each b (2 alike)" in to_text(tables)


def test_copies_that_expect_different_things_are_shown_apart():
    mechanism = second_price()
    dictator = np.zeros_like(mechanism.allocation)
    dictator[..., 0] = 1
    tables, _ = interim_tables(Mechanism(mechanism.environment, dictator, mechanism.payments))
    assert len(tables) == 2


def test_beliefs_are_conditional_where_types_are_correlated():
    joint = exact_array([Fraction(1, 2), 0, 0, Fraction(1, 2)], (2, 2))
    agents = [AgentSpec(f"a{i}", product_types(("v",), (Grid((Fraction(0), Fraction(1)), (Fraction(1, 2),) * 2),)),
                        exact_array([0, 0, 0, 1], (2, 2))) for i in (1, 2)]  # fmt: skip
    environment = outcome_environment(agents, ["no", "yes"], joint=joint)
    allocation = np.zeros((2, 2, 2))
    allocation[1, 1, 1] = allocation[0, 0, 0] = allocation[0, 1, 0] = allocation[1, 0, 0] = 1
    view = interim(Mechanism(environment, allocation, None), 0)
    assert view.columns == ("chance of\nno", "chance of\nyes", "value")
    np.testing.assert_allclose(view.expected, [[1, 0, 0], [0, 1, 1]])


def test_a_type_of_probability_zero_has_no_expectation():
    environment = goods_environment([spec("a", [1, 2], [1, 0]), spec("b", [1, 2])], [Good("lamp", 1)])
    mechanism = Mechanism(environment, np.full((2, 2, 2), 0.5), np.zeros((2, 2, 2)))
    view = interim(mechanism, 0)
    assert np.isnan(view.expected[1]).all()
    assert "nan" not in to_text(interim_tables(mechanism)[0])


@pytest.mark.parametrize("count", [12, 13, 14, 400])
def test_long_tables_lose_their_middle(count):
    values = [Fraction(k, 1000) for k in range(count)]
    environment = goods_environment([spec("a", values)], [Good("lamp", 1)])
    mechanism = Mechanism(environment, np.zeros((count, 1)), np.zeros((count, 1)))
    lines = to_text(interim_tables(mechanism)[0]).splitlines()[4:]
    assert len(lines) == min(count, 13)
    assert any("..." in line for line in lines) == (count > 13)
    assert lines[-1].split()[0] == str(values[-1])

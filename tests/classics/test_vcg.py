"""VCG at a profile and over environments; expected externality payments."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.classics.agv import expected_externality
from amd.classics.vcg import Pivot, public_good, vcg, vcg_mechanism, vickrey_units
from amd.model.build import AgentSpec, Bundle, goods_environment, outcome_environment
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace

Q = Fraction


def types(values):
    points = tuple((Q(v),) for v in values)
    return TypeSpace(("v",), points, (Q(1, len(points)),) * len(points))


def buyer(name, values, **more):
    return AgentSpec(name, types(values), exact_array(values, (len(values), 1)), **more)


def single_good(*values, supply=1, cost=0, demand=None):
    agents = [buyer(f"bidder[{i}]", v, demand=demand) for i, v in enumerate(values)]
    return goods_environment(agents, [Good("lamp", supply, Q(cost))])


def bridge(cost, *values):
    specs = [
        AgentSpec(f"citizen[{i}]", types(v), np.stack([exact_array([0] * len(v)), exact_array(v)], axis=1))
        for i, v in enumerate(values)
    ]
    return outcome_environment(specs, ["none", "bridge"], exact_array([0, cost]))


def trade(cells):
    points = [Q(2 * k + 1, 2 * cells) for k in range(cells)]
    buy = AgentSpec("buyer", types(points), np.stack([exact_array([0] * cells), exact_array(points)], axis=1))
    sell = AgentSpec("seller", types(points), np.stack([exact_array([0] * cells), -exact_array(points)], axis=1))
    return outcome_environment([buy, sell], ["keep", "trade"])


def test_one_object():
    sale = vickrey_units([5, 7, 4])
    assert sale.wins.tolist() == [0, 1, 0] and sale.payments.tolist() == [0, 5, 0]


def test_two_units():
    assert vickrey_units([8, 5, 3], 2).payments.tolist() == [3, 3, 0]
    assert vickrey_units([10, 5, 3], 2).payments.tolist() == [3, 3, 0]  # reporting 10 changes nothing
    assert vickrey_units([4, 5, 3], 2).payments.tolist() == [3, 3, 0]  # 4 still wins and pays 3
    assert vickrey_units([2, 5, 3], 2).wins.tolist() == [0, 1, 1]  # 2 loses


def test_units_edges():
    assert vickrey_units([], 3).wins.tolist() == []
    assert vickrey_units([6], 1).payments.tolist() == [0]
    assert vickrey_units([6], 1, reserve=4).payments.tolist() == [4]
    assert vickrey_units([3], 1, reserve=4).wins.tolist() == [0]
    assert vickrey_units([5, 5], 1).wins.tolist() == [1, 0]  # ties: listed first
    with pytest.raises(ValueError, match="-1 units"):
        vickrey_units([1], -1)


@pytest.mark.parametrize(("values", "cost", "payments"), [((5, 6, 2), 10, [2, 3, 0]), ((30, 25, 15), 60, [20, 15, 5])])
def test_bridge(values, cost, payments):
    built, paid = public_good(values, cost)
    assert built and paid.tolist() == payments


def test_bridge_not_worth_it():
    built, paid = public_good([1, 2], 10)
    assert not built and paid.tolist() == [0, 0]


@given(st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_truth_is_dominant_at_a_profile(rows):
    """Raising or lowering one's own report never helps, whatever the others report."""
    table = np.array(rows)
    honest = vcg(table)
    for i, row in enumerate(rows):
        mine = row[honest.decision] - honest.payments[i]
        for lie in ([0, 0, 0], [row[0] + 5, row[1], row[2]], [row[2], row[0], row[1]]):
            other = vcg(np.vstack([table[:i], [lie], table[i + 1 :]]))
            assert mine >= row[other.decision] - other.payments[i]


def test_license_environment():
    """Values 10 or 50: the pivot payments collect 20."""
    allocation, payments = vcg_mechanism(single_good([10, 50], [10, 50]))
    assert allocation.sum(axis=-1).tolist() == [[1, 1], [1, 1]]
    assert payments.sum() / 4 == 20


def test_the_lowest_type_bears_more_than_nothing():
    """One bidder of value 4 or 6: alone it pays 0, compared with its lowest type 4."""
    environment = single_good([4, 6])
    assert vcg_mechanism(environment)[1].ravel().tolist() == [0, 0]
    assert vcg_mechanism(environment, Pivot.LOWEST)[1].ravel().tolist() == [4, 4]


def test_who_supplies_the_good_while_the_seller_is_away():
    """Clarke's rule lets the buyer trade without the seller, who then pays; absent means that nothing is for sale."""
    assert vcg_mechanism(trade(2), Pivot.CLARKE)[1][1, 0].tolist() == [Q(1, 4), 0]
    assert vcg_mechanism(trade(2), Pivot.ABSENT)[1][1, 0].tolist() == [Q(1, 4), Q(-3, 4)]


def test_nothing_to_be_absent_from():
    sorrow = AgentSpec("a", types([1, 2]), exact_array([-1, -2, -2, -1], (2, 2)))
    with pytest.raises(ValueError, match="hurts"):
        vcg_mechanism(outcome_environment([sorrow], ["x", "y"]))


def test_environment_agrees_with_the_profile_rules():
    values = ([8, 10, 2], [5, 1], [3, 6])
    allocation, payments = vcg_mechanism(single_good(*values, supply=2, demand=1))
    for profile in np.ndindex(3, 2, 2):
        sale = vickrey_units([v[k] for v, k in zip(values, profile, strict=True)], 2)
        assert payments[profile].tolist() == sale.payments.tolist()
        assert allocation[profile].tolist() == sale.wins.tolist()


def test_bridge_environment_and_double_vickrey():
    _, payments = vcg_mechanism(bridge(10, [5], [6], [2]))
    assert payments[0, 0, 0].tolist() == [2, 3, 0]
    allocation, payments = vcg_mechanism(trade(4))
    deficit = -payments.sum() / 16
    assert deficit == Q(15, 96)  # (N² − 1)/(6N²)
    assert payments[3, 0].tolist() == [Q(1, 8), Q(-7, 8)] and allocation[3, 0].tolist() == [0, 1]


def test_denominators_beyond_64_bits():
    """Values with a common denominator of 3^50 · 7^40: the second price is exact all the same."""
    high, low = Q(5, 3**50) + 2, Q(4, 7**40) + 1
    _, payments = vcg_mechanism(single_good([high, 0], [low]))
    assert payments.tolist() == [[[low, 0]], [[0, 0]]]


def test_bundles_by_enumeration():
    """80 {A}, 60 {B}, 100 {A, B}: the two small bidders win and pay 40 and 20."""
    specs = [
        AgentSpec("a", types([80]), exact_array([80], (1, 1)), bundles=(Bundle((1, 0)),)),
        AgentSpec("b", types([60]), exact_array([60], (1, 1)), bundles=(Bundle((0, 1)),)),
        AgentSpec("ab", types([100]), exact_array([100], (1, 1)), bundles=(Bundle((1, 1)),)),
    ]
    _, payments = vcg_mechanism(goods_environment(specs, [Good("A", 1), Good("B", 1)]))
    assert payments[0, 0, 0].tolist() == [40, 20, 0]


def test_agv_balances_every_profile():
    environment = bridge(3, [0, 1, 2], [0, 2], [1, 3])
    found = expected_externality(environment)
    cost = found.allocation[..., 1] * 3
    assert (found.payments.sum(axis=-1) == cost).all()


def test_agv_interim_payments_are_vcg_up_to_a_constant():
    environment = single_good([1, 2, 5], [2, 3, 4])
    found = expected_externality(environment)
    _, vickrey = vcg_mechanism(environment)
    for i in range(2):
        gap = (found.payments - vickrey)[..., i].mean(axis=1 - i)
        assert len(set(gap.tolist())) == 1
    assert (found.payments.sum(axis=-1) == 0).all()
    assert found.surplus >= 0 and found.individually_rational


@pytest.mark.parametrize("cells", [2, 5, 6, 8])
def test_agv_existence_in_bilateral_trade(cells):
    """ "If", not "only if", on grids: VCG's surplus is −(N² − 1)/(6N²), though up to 5 cells balanced trade exists."""
    found = expected_externality(trade(cells))
    assert found.surplus == -Q(cells**2 - 1, 6 * cells**2)
    assert not found.individually_rational
    assert (found.payments.sum(axis=-1) == 0).all()


def test_agv_conditions():
    with pytest.raises(ValueError, match="two agents"):
        expected_externality(single_good([1, 2]))
    environment = single_good([1, 2], [1, 2])
    joint = exact_array([Q(1, 2), 0, 0, Q(1, 2)], (2, 2))
    correlated = type(environment)(environment.agents, environment.allocation, joint)
    with pytest.raises(ValueError, match="independent"):
        expected_externality(correlated)

"""Virtual values, regularity and ironing of finite and continuous priors."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.classics import continuous
from amd.classics.virtual import iron, virtual_values

Q = Fraction

priors = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=9, unique_by=lambda t: t[0])


def as_prior(pairs):
    pairs = sorted(pairs)
    total = sum(w for _, w in pairs)
    return [v for v, _ in pairs], [Q(w, total) for _, w in pairs]


def concave_majorant(survival, revenue):
    """By definition: at each point the greatest chord between two points of the curve, (0, 0) among them."""
    points = [(Q(0), Q(0)), *zip(survival, revenue, strict=True)]
    majorant = []
    for s in survival:
        chords = [
            b[1] if a[0] == b[0] else a[1] + (b[1] - a[1]) * (s - a[0]) / (b[0] - a[0])
            for a in points
            for b in points
            if a[0] <= s <= b[0]
        ]
        majorant.append(max(chords))
    return majorant


def test_license_by_hand():
    known = virtual_values([10, 50])
    assert known.virtual.tolist() == [-30, 50]  # 10 − 40·(1/2)/(1/2)
    assert known.regular and known.reserve() == 50
    assert known.posted_price() == (50, 25)


def test_uniform_grid_is_regular_and_one_step_from_the_continuum():
    points = [Q(2 * k + 1, 20) for k in range(10)]
    known = virtual_values(points)
    # φ_k = v_k − (1 − F_k): the continuum's 2v − 1 plus half a cell
    assert known.virtual.tolist() == [2 * v - 1 + Q(1, 20) for v in points]
    assert known.regular and known.pools == ()


@pytest.mark.parametrize(
    ("values", "probability", "ironed", "pools"),
    [
        # φ = (1 − 1·.5/.5, 2 − 8·.1/.4, 10) = (0, 0, 10): flat, so nothing is ironed
        ([1, 2, 10], [Q(1, 2), Q(2, 5), Q(1, 10)], [0, 0, 10], ()),
        # φ = (1 − .8/.2, 2 − 3·.1/.7, 5) = (−3, 11/7, 5)
        ([1, 2, 5], [Q(1, 5), Q(7, 10), Q(1, 10)], [-3, Q(11, 7), 5], ()),
        # φ = (4 − 1, 5 − 5·(1/4)/(1/4), 10) = (3, 0, 10), pooled with weights 1/2, 1/4
        ([4, 5, 10], [Q(1, 2), Q(1, 4), Q(1, 4)], [2, 2, 10], ((0, 1),)),
    ],
)
def test_ironing_by_hand(values, probability, ironed, pools):
    known = virtual_values(values, probability)
    assert known.ironed.tolist() == ironed
    assert known.pools == pools


@given(priors)
def test_ironed_slopes_are_those_of_the_concave_majorant(pairs):
    known = virtual_values(*as_prior(pairs))
    majorant = concave_majorant(known.survival, known.revenue)
    heights = np.cumsum((known.ironed * known.probability)[::-1])[::-1]
    assert heights.tolist() == majorant
    assert all(a <= b for a, b in zip(known.ironed, known.ironed[1:], strict=False))
    assert known.regular == (known.pools == ())


@given(priors, st.integers(-5, 45))
def test_the_best_posted_price_is_the_reserve(pairs, own_value):
    """One buyer: profit Σ f (φ̄ − x0)⁺ equals the best price's, whatever the prior (Riley and Zeckhauser, 1983)."""
    known = virtual_values(*as_prior(pairs))
    ironed = sum(f * max(level - own_value, 0) for f, level in zip(known.probability, known.ironed, strict=True))
    price, profit = known.posted_price(own_value)
    assert max(profit, 0) == ironed
    if known.reserve(own_value) is not None and ironed > 0:
        assert price >= known.reserve(own_value)


@given(st.lists(st.fractions(-5, 5, max_denominator=7), min_size=1, max_size=8))
def test_isotonic_regression_keeps_the_mean(slopes):
    weight = np.array([Q(1)] * len(slopes), dtype=object)
    ironed, _ = iron(np.array(slopes, dtype=object), weight)
    assert sum(ironed) == sum(slopes)


@pytest.mark.parametrize(
    ("values", "probability", "message"),
    [
        ([2, 1], None, "strictly increasing"),
        ([1, 1], None, "strictly increasing"),
        ([1, 2], [Q(1, 2), Q(1, 3)], "sum to 5/6"),
        ([1, 2], [Q(1), Q(0)], "positive probability"),
        ([1, float("nan")], None, "finite"),
        (["one"], None, "values"),
    ],
)
def test_bad_priors(values, probability, message):
    with pytest.raises(ValueError, match=message):
        virtual_values(values, probability)


def test_lemonade_stand():
    """Values 50, 35, 20 from U[0, 60] (textbook example): virtual values 2v − 60, reserve 30."""
    prior = continuous.uniform(0, 60)
    assert prior.virtual(np.array([50.0, 35.0, 20.0])) == pytest.approx([40, 10, -20], abs=1e-12)
    assert continuous.reserve_price(prior) == pytest.approx(30, abs=1e-9)


@pytest.mark.parametrize("own_value", [0.0, 0.2, 0.5, 1.0])
def test_one_buyer_and_a_seller_with_own_value(own_value):
    """On U[0, 1] the price is (1 + x0)/2 (textbook example)."""
    prior = continuous.uniform()
    price = continuous.reserve_price(prior, own_value)
    assert price == pytest.approx((1 + own_value) / 2, abs=1e-9)
    nearby = [continuous.posted_price_profit(prior, price + d, own_value) for d in (-0.05, 0.0, 0.05)]
    assert max(nearby) == nearby[1]


@pytest.mark.parametrize(("n", "best"), [(1, Q(1, 4)), (2, Q(5, 12)), (3, Q(17, 32))])
def test_revenue_as_a_function_of_the_reserve(n, best):
    assert continuous.uniform_revenue_at_reserve(n, Q(1, 2)) == best
    value, error = continuous.revenue_at_reserve(continuous.uniform(), n, 0.5)
    assert value == pytest.approx(float(best), abs=error + 1e-12)
    around = [continuous.uniform_revenue_at_reserve(n, Q(r, 100)) for r in range(101)]
    assert max(around) == around[50]


@pytest.mark.parametrize(("n", "value"), [(2, Q(1, 3)), (3, Q(1, 2))])
def test_second_price_without_reserve(n, value):
    assert continuous.uniform_revenue_at_reserve(n, Q(0)) == value


def test_continuous_ironing_encloses_the_optimum():
    ironed = continuous.iron(continuous.uniform())
    low, high = ironed.optimal_profit(2)
    assert low <= 5 / 12 <= high and high - low < 2e-4
    assert ironed.reserve() == pytest.approx(0.5, abs=1e-3)


def two_peaks():
    """Density 3/2 on [0, 1/2) , 1/10 on [1/2, 1), 1/5 on [1, 2]: φ jumps down at 1/2."""
    edges, mass = np.array([0.0, 0.5, 1.0, 2.0]), np.array([0.75, 0.05, 0.2])
    cumulative = np.concatenate([[0.0], np.cumsum(mass)])
    heights = mass / np.diff(edges)

    def density(x):
        return heights[np.clip(np.searchsorted(edges, x, side="right") - 1, 0, 2)]

    return continuous.Prior(
        0.0,
        2.0,
        cdf=lambda x: np.interp(x, edges, cumulative),
        density=density,
        quantile=lambda p: np.interp(p, cumulative, edges),
    )


def test_an_irregular_continuous_prior_is_ironed():
    """R(q) = q P(q) peaks at q = 1/5 (price 1, revenue 1/5) and again in [1/4, 1]: P = (1 − q)·2/3, R(1/2) = 1/6."""
    prior = two_peaks()
    assert not prior.is_regular()
    with pytest.raises(ValueError, match="not regular"):
        continuous.reserve_price(prior)
    ironed = continuous.iron(prior)
    assert (np.diff(ironed.marginal) <= 1e-9).all()
    low, high = ironed.optimal_profit(1)
    assert low <= 0.2 <= high
    assert ironed.reserve() == pytest.approx(1.0, abs=1e-3)

"""Bounds on problems as they are written in files: classical truths, and refusals in words."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from scipy.optimize import brentq

from amd.files import loads
from amd.model.numbers import exact_array
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import lower_certificate
from amd.proof.documents import concerns

F = Fraction
AUCTION = """
amd: 1
agents: {{bidder: {{count: {count}, types: {{v: {law}}}, value: {{item: {value}}} {more}}}}}
goods: {{item: 1}}
design: {{{design}}}
"""
UNIFORM = "{uniform: [0, 1], cells: 4}"


def auction(count=2, law=UNIFORM, value="v", more="", design="maximize: revenue"):
    return loads(AUCTION.format(count=count, law=law, value=value, more=more, design=design))


def partnership(share, budget="{balanced: ex_post}"):
    return loads(f"""
amd: 1
agents:
  ann: {{types: {{v: {UNIFORM}}}, value: {{ann: v}}, outside: {share}*v}}
  bob: {{types: {{v: {UNIFORM}}}, value: {{bob: v}}, outside: (1 - {share})*v}}
outcomes: [ann, bob]
design: {{maximize: welfare, budget: {budget}, require: [efficient]}}
""")


def test_equal_partners_dissolve_efficiently():
    """Cramton, Gibbons and Klemperer (1987): possible for equal shares, where welfare is E[max] = 2/3."""
    found = bounds(partnership("1/2"), cells=8)
    assert found.lower == found.upper == F(2, 3)


PARTNERS = """
amd: 1
agents:
  ann: {{types: {{v: {law}}}, value: {{ann: v}}, outside: 1/2*v}}
  bob: {{types: {{v: {law}}}, value: {{bob: v}}, outside: 1/2*v}}
outcomes: [ann, bob]
design: {{maximize: revenue, require: {require}, incentive: {incentive}, participation: {stage}}}
"""


@pytest.mark.parametrize("incentive", ["bayesian", "dominant"])
@pytest.mark.parametrize("stage", ["interim", "ex_post"])
def test_dominant_incentives_and_participation_in_every_profile(incentive, stage):
    """Equal partners, efficiently: U_i falls by v_j/2, at v_i = v_j, below that of the lowest type. To stay in every
    profile it must get 1/4 on average, where 1/8 is enough at the interim stage: revenue is at most 1/12 − 1/4 < 0."""
    found = bounds(
        loads(PARTNERS.format(law=UNIFORM, require="[efficient]", incentive=incentive, stage=stage)), cells=4
    )
    assert found.upper >= F(1, 12)
    if (incentive, stage) == ("dominant", "ex_post"):
        assert found.lower is None and any("charge too much" in reason for reason in found.reasons)
    else:
        assert 0 < found.lower <= F(1, 12)


def test_a_mechanism_says_nothing_of_a_problem_that_asks_for_more():
    """With Bayesian incentives interim payments are enough; the same mechanism is refused for dominant ones."""
    bayesian, dominant = (
        loads(PARTNERS.format(law=UNIFORM, require="[]", incentive=incentive, stage="ex_post"))
        for incentive in ("bayesian", "dominant")
    )
    document = lower_certificate(bounds(bayesian, 4, 4).answer)
    assert concerns(document, bayesian) and not concerns(document, dominant)


def test_a_sole_owner_cannot_be_bought_out_efficiently():
    found = bounds(partnership("1"), cells=2)
    assert found.lower is None
    assert found.upper is None
    assert found.verdict == "impossible"


def test_a_law_that_is_not_uniform():
    """F = x², one buyer: R(p) = p (1 − p²) is largest at 1/√3, where it is 2/(3√3)."""
    found = bounds(auction(1, law="{cdf: x^2, support: [0, 1], cells: 4}"))
    truth = 2 / (3 * 3**0.5)
    assert float(found.lower) - 1e-12 <= truth <= float(found.upper) + 1e-12
    assert found.upper / found.lower - 1 <= F(2, 1000)
    assert "C4" in found.relations


def test_an_irrational_law_is_enclosed():
    """Exponential, cut at 3, one buyer: p (e^−p − e^−3)/(1 − e^−3) is largest where (1 − p) e^−p = e^−3."""

    law = "{exponential: {rate: 1}, support: [0, 3], cells: 4}"
    found = bounds(auction(1, law=law), cells=12, mechanism_cells=60)

    price = brentq(lambda p: (1 - p) * math.exp(-p) - math.exp(-3), 0.1, 1)
    truth = price * (math.exp(-price) - math.exp(-3)) / (1 - math.exp(-3))
    assert float(found.lower) <= truth <= float(found.upper)


def test_the_type_is_the_value():
    """Value 2 v + 1 with v uniform on [0, 1] is a value uniform on [1, 3]: the best price is 3/2, revenue 9/8."""
    found = bounds(auction(1, value="2*v + 1"), cells=4, mechanism_cells=4)
    assert found.lower == found.upper == F(9, 8)


def test_ex_ante_participation_gives_away_no_rents():
    found = bounds(auction(2, design="maximize: revenue, participation: ex_ante"), cells=40, mechanism_cells=100)
    assert found.lower <= F(2, 3) <= found.upper
    assert found.upper / found.lower - 1 <= F(1, 1000)


def test_dominant_strategies_reach_the_same():
    found = bounds(auction(2, design="maximize: revenue, incentive: dominant"), cells=40, mechanism_cells=100)
    assert found.lower <= F(5, 12) <= found.upper


@pytest.mark.parametrize(
    ("task", "word"),
    [
        ({"value": "v^2"}, "not linear"),
        ({"design": "maximize: worst(revenue)"}, "lowest value"),
        ({"design": "maximize: allocated(item), transfers: false"}, "no money"),
        ({"design": "maximize: revenue, incentive: none"}, "first best"),
    ],
)
def test_refusals_name_their_reason(task, word):
    found = bounds(auction(**task))
    assert (found.lower, found.upper) == (None, None)
    assert word in found.reasons[0]


def test_caps_on_payments_leave_one_side():
    found = bounds(auction(1, more=", budget: 1/4"), cells=4)
    assert found.lower is None
    assert found.upper == F(1, 4)
    assert any("caps on payments" in reason for reason in found.reasons)


def test_without_participation_revenue_has_no_upper_bound():
    found = bounds(auction(1, design="maximize: revenue, participation: none"), cells=2)
    assert found.upper is None
    assert any("unbounded" in reason for reason in found.reasons)


def test_bundles_are_refused():
    task = loads(f"""
amd: 1
agents: {{buyer: {{types: {{v: {UNIFORM}}}, bundles: [{{of: [a, b], value: v}}]}}}}
goods: {{a: 1, b: 1}}
design: {{maximize: revenue}}
""")
    found = bounds(task)
    assert "bundles" in found.reasons[0]


def test_correlated_types_are_refused():
    task = auction(2)
    joint = exact_array([F(k == l, 4) for k in range(4) for l in range(4)], (4, 4))  # noqa: E741
    correlated = replace(task, environment=replace(task.environment, joint=joint))
    assert "independence" in bounds(correlated).reasons[0]


def test_finite_types_have_their_exact_optimum():
    """A buyer worth 10 or 50, equally likely: ask 50 (25 against 10)."""
    found = bounds(auction(1, law="{values: [10, 50]}"))
    assert found.lower == found.upper == 25
    assert found.relations == ("exact optimum",)

"""Quantities by hand and against sums over profiles."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.mechanism.direct import Mechanism
from amd.mechanism.quantities import Report, all_quantities, quantities
from amd.model.build import AgentSpec, outcome_environment
from amd.model.design import Bound, Design, Linear, Participation, Quantity
from amd.model.environment import AllocationKind, Environment
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace


def at_profile(mechanism: Mechanism, profile: tuple[int, ...], quantity: Quantity) -> Fraction:
    """A quantity at one profile, from its definition."""
    environment, allocation = mechanism.environment, mechanism.environment.allocation
    x = mechanism.exact_allocation[profile]
    members = range(len(environment.agents)) if quantity.agents is None else quantity.agents
    paid = [Fraction(0)] * len(environment.agents)
    if mechanism.exact_payments is not None:
        paid = list(mechanism.exact_payments[profile])
    values = []
    for i, agent in enumerate(environment.agents):
        own = agent.values[profile] if agent.interdependent else agent.values[profile[i]]
        values.append(
            sum((v * h for v, h in zip(own, agent.features.toarray().astype(object) @ x, strict=True)), Fraction(0))
        )
    cost = sum(c * p for c, p in zip(allocation.cost, x, strict=True))
    if quantity.name == "probability":
        return x[quantity.target]
    if quantity.name == "allocated":
        m = len(allocation.goods)
        if allocation.kind is AllocationKind.MARGINALS:
            return sum(x[i * m + quantity.target] for i in members)
        return sum(
            p * int(units[i, quantity.target]) for p, units in zip(x, allocation.units, strict=True) for i in members
        )
    return {
        "revenue": sum(paid),
        "payment": sum(paid[i] for i in members),
        "cost": cost,
        "profit": sum(paid) - cost,
        "deficit": cost - sum(paid),
        "welfare": sum(values) - cost,
        "surplus": sum(values[i] - paid[i] for i in members),
    }[quantity.name]


@pytest.mark.parametrize("kind", ["outcomes", "marginals", "decisions"])
@given(seed=st.integers(0, 2**32), joint=st.booleans(), interdependent=st.booleans())
def test_expectations_and_worsts(
    random_mechanism: Callable[..., Mechanism], kind: str, seed: int, joint: bool, interdependent: bool
) -> None:
    mechanism = random_mechanism(seed, kind, joint, interdependent)
    environment = mechanism.environment
    exact, floats = quantities(mechanism, exact=True), quantities(mechanism)
    worst = Report(mechanism, exact=True)
    for quantity in all_quantities(environment)[seed % 12 :: 12]:
        values = {p: at_profile(mechanism, p, quantity) for p in product(*map(range, environment.shape))}
        assert exact[quantity.label] == sum(environment.exact_prior[p] * value for p, value in values.items())
        assert floats[quantity.label] == pytest.approx(float(exact[quantity.label]), abs=1e-12)
        lowest = Quantity(quantity.name, "", quantity.agents, quantity.target, worst=True)
        assert worst.of(lowest) == min(values.values())


def test_what_the_design_names_is_there(license: Mechanism) -> None:
    lowest = Quantity("payment", "worst(payment(firm))", (0, 1), worst=True)
    again = Quantity("revenue", "revenue")
    design = Design(
        (Participation.NONE,) * 2,
        objective=Linear(((Fraction(1), again),)),
        bounds=(Bound(Linear(((Fraction(1), lowest),)), ">="),),
    )
    found = quantities(license, design, exact=True)
    assert found["worst(payment(firm))"] == 30
    assert list(found).count("revenue") == 1
    assert Report(license, exact=True).linear(Linear(((Fraction(1, 3), again),), Fraction(-4))) == 6
    assert Report(license).linear(Linear(((Fraction(1, 3), again),), Fraction(-4))) == pytest.approx(6)


def test_worst_covers_profiles_of_probability_zero(types_of: Callable[..., TypeSpace]) -> None:
    specs = [AgentSpec("ann", types_of("v", ["1", "2"], ["1", "0"]), exact_array([1, 0, 2, 0], (2, 2)))]
    environment = outcome_environment(specs, ["a", "b"])
    mechanism = Mechanism.from_exact(environment, exact_array([1, 0, 0, 1], (2, 2)), exact_array([4, 3], (2, 1)))
    assert Report(mechanism).of(Quantity("revenue", "")) == 4.0
    assert Report(mechanism).of(Quantity("revenue", "", worst=True)) == 3.0
    assert Report(mechanism).of(Quantity("probability", "", target=0, worst=True)) == 0.0


def test_labels(license: Mechanism, voting: Callable[..., Environment]) -> None:
    """Groups and copies; no money without transfers, no values for orders."""
    moneyless = {quantity.label for quantity in all_quantities(license.environment, Design((), transfers=False))}
    assert moneyless == {
        "cost",
        "welfare",
        "surplus",
        *(f"surplus({who})" for who in ("firm", "firm[1]", "firm[2]")),
        "allocated(license)",
        *(f"allocated({who}, license)" for who in ("firm", "firm[1]", "firm[2]")),
    }
    labels = [quantity.label for quantity in all_quantities(voting(2, "ab"), Design((), transfers=False))]
    assert labels == ["cost", "probability(a)", "probability(b)"]


def test_an_unknown_quantity_is_refused(license: Mechanism) -> None:
    with pytest.raises(ValueError, match="'happiness' is no quantity"):
        Report(license).of(Quantity("happiness", "happiness"))

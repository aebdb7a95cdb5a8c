"""Simulated means against exact expectations."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from amd.mechanism.direct import Mechanism
from amd.mechanism.quantities import quantities
from amd.mechanism.simulate import draw_profiles, simulate
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Bound, Design, Linear, Participation, Quantity
from amd.model.environment import Environment, Good
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace

ERRORS = 5.0  # standard errors: about one run in two million strays further


def agree(mechanism: Mechanism, rounds: int) -> None:
    found = simulate(mechanism, rounds, seed=1)
    for label, mean in quantities(mechanism).items():
        assert abs(found.means[label] - mean) <= ERRORS * found.errors[label] + 1e-9


def test_license(license: Mechanism) -> None:
    """Revenue is 30 in every round; firm 1 wins with probability 3/4."""
    agree(license, 20_000)
    found = simulate(license, 20_000, seed=1)
    assert (found.means["revenue"], found.errors["revenue"]) == (30.0, 0.0)
    assert found.errors["allocated(firm[1], license)"] == pytest.approx(np.sqrt(3 / 16 / 20_000), rel=0.02)
    assert "revenue" in str(found)
    assert found == simulate(license, 20_000, seed=1)
    assert found.means != simulate(license, 20_000, seed=2).means


@pytest.mark.parametrize("demand", [None, 1])
def test_fractional_goods(types_of: Callable[..., TypeSpace], demand: int | None) -> None:
    types = types_of("v", ["1", "2"], ["1/3", "2/3"])
    values = exact_array([1, 2, 3, 1], (2, 2))
    specs = [AgentSpec(name, types, values, demand=demand) for name in ("ann", "bob")]
    environment = goods_environment(specs, [Good("lamp", 1, Fraction(1, 2)), Good("desk", 2)])
    rng = np.random.default_rng(0)
    allocation = rng.random((2, 2, 4)) / 2
    agree(Mechanism(environment, allocation, rng.random((2, 2, 2))), 20_000)


def test_correlated_types_and_lotteries_over_outcomes(types_of: Callable[..., TypeSpace]) -> None:
    types = types_of("v", ["1", "2"])
    specs = [AgentSpec(name, types, exact_array([0, 1, 0, 2], (2, 2))) for name in ("ann", "bob")]
    joint = exact_array([Fraction(1, 2), 0, Fraction(1, 8), Fraction(3, 8)], (2, 2))
    environment = outcome_environment(specs, ["none", "trade"], joint=joint)
    trade = np.array([[0.2, 0.0], [0.7, 1.0]])
    agree(Mechanism(environment, np.stack([1 - trade, trade], axis=-1), np.zeros((2, 2, 2))), 20_000)


def test_profiles_follow_the_prior(types_of: Callable[..., TypeSpace]) -> None:
    """Joint or independent; what has probability zero never comes."""
    ann, bob = types_of("v", ["1", "2", "3"], ["1/4", "3/4", "0"]), types_of("v", ["1", "2"], ["0", "1"])
    specs = [AgentSpec("ann", ann, exact_array([0] * 3, (3, 1))), AgentSpec("bob", bob, exact_array([0] * 2, (2, 1)))]
    independent = goods_environment(specs, [Good("lamp", 1)])
    joint = goods_environment(specs, [Good("lamp", 1)], joint=independent.exact_prior)
    for environment in (independent, joint):
        drawn = draw_profiles(environment, 40_000, np.random.default_rng(3))
        frequency = np.bincount(drawn, minlength=6) / len(drawn)
        assert frequency[1] == pytest.approx(1 / 4, abs=0.012)
        assert frequency[[0, 2, 4, 5]].sum() == 0


def test_blocks_make_one_sample(license: Mechanism, monkeypatch: pytest.MonkeyPatch) -> None:
    """Means and errors are those of all rounds however they are cut."""
    monkeypatch.setattr("amd.mechanism.simulate.BLOCK", 14)
    found = simulate(license, 1001, seed=5)
    share = found.means["payment(firm[2])"] / 30
    expected = 30 * np.sqrt(share * (1 - share) / 1000)
    assert found.errors["payment(firm[2])"] == pytest.approx(expected, rel=1e-9)


def test_worst_is_not_simulated_and_one_round_is_too_few(license: Mechanism) -> None:
    lowest = Bound(Linear(((Fraction(1), Quantity("revenue", "worst(revenue)", worst=True)),)), ">=")
    design = Design((Participation.NONE,) * 2, bounds=(lowest,))
    assert "worst(revenue)" not in simulate(license, 10, design=design).means
    with pytest.raises(ValueError, match="at least 2 rounds"):
        simulate(license, 1)


def test_a_demand_is_kept_in_every_round(types_of: Callable[..., TypeSpace]) -> None:
    """One good in three units, a demand of 1 and the noise of a solver: never two units."""
    specs = [AgentSpec(name, types_of("v", ["1"]), exact_array([1], (1, 1)), demand=1) for name in ("ann", "bob")]
    environment: Environment = goods_environment(specs, [Good("lamp", 3)])
    mechanism = Mechanism(environment, np.array([1 + 1e-3, 0.5]).reshape(1, 1, 2))
    assert simulate(mechanism, 10_000).means["allocated(ann, lamp)"] == 1.0

"""Every allocation of goods is a lottery over whole decisions that keep every supply, limit and demand."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.mechanism.direct import Mechanism
from amd.mechanism.lottery import lottery
from amd.mechanism.sampling import Sampler
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array
from amd.model.types import single_type

SUPPLIES = (1, 2, 1, 3)
ROUNDED = 1e-11  # floats are rounded to multiples of 1e-12 or so, a few entries together


def goods_for(demands: tuple[int | None, ...], limits: tuple[Limit, ...]) -> Environment:
    specs = [
        AgentSpec(f"agent{i}", single_type(), exact_array([1, 2, 3, 4], (1, 4)), demand=demand)
        for i, demand in enumerate(demands)
    ]
    return goods_environment(specs, [Good(f"g{k}", supply) for k, supply in enumerate(SUPPLIES)], limits)


ENVIRONMENTS = {
    "demands": goods_for((1, 2, None), ()),
    "limits": goods_for((None, None, None), (Limit((0, 1), 2), Limit((0, 1, 3), 4))),
    "limits apart": goods_for((None, None), (Limit((0, 2), 1), Limit((1, 3), 3))),
    "both": goods_for((1, 1, 2), (Limit((0, 1), 1), Limit((2, 3), 2))),
}


def somewhere(environment: Environment, seed: int) -> np.ndarray:
    """A random feasible allocation in multiples of 1/840, often on the boundary."""
    rng = np.random.default_rng(seed)
    matrix = environment.allocation.matrix.toarray()
    entries = np.zeros(environment.allocation.size, dtype=np.int64)
    for column in rng.permutation(environment.allocation.size):
        room = ((840 * environment.allocation.upper - matrix @ entries)[matrix[:, column] > 0]).min()
        entries[column] = room if rng.random() < 0.3 else rng.integers(0, room + 1)
    return entries


@pytest.mark.parametrize("name", ENVIRONMENTS)
@given(seed=st.integers(0, 2**32))
def test_the_lottery_is_exact_and_feasible(name: str, seed: int) -> None:
    environment = ENVIRONMENTS[name]
    columns = exact_array([Fraction(int(k), 840) for k in somewhere(environment, seed)])
    options = lottery(environment, columns)
    assert sum(probability for probability, _ in options) == 1
    assert (sum(probability * decision for probability, decision in options) == columns).all()
    sets = environment.allocation.matrix
    for probability, decision in options:
        assert probability > 0
        assert decision.min() >= 0
        assert (sets @ decision <= environment.allocation.upper).all()
        # every set of the two families holds its mean rounded down or up
        mean = sets.toarray().astype(object) @ columns
        assert (abs(sets @ decision - mean) < 1).all()
        assert (abs(decision - columns) < 1).all()
    assert len(options) <= environment.allocation.size + sets.shape[0] + len(environment.agents) + 1


@pytest.mark.parametrize("name", ENVIRONMENTS)
@given(seed=st.integers(0, 2**32))
def test_floats_with_the_noise_of_a_solver(name: str, seed: int) -> None:
    environment = ENVIRONMENTS[name]
    noise = np.random.default_rng(seed).normal(size=environment.allocation.size) * 1e-9
    columns = somewhere(environment, seed) / 840 + noise
    options = lottery(environment, columns)
    assert sum(probability for probability, _ in options) == pytest.approx(1, abs=1e-12)
    mean = sum(probability * decision for probability, decision in options)
    assert np.abs(mean - columns).max() < 1e-7
    for _, decision in options:
        assert (environment.allocation.matrix @ decision <= environment.allocation.upper).all()


@given(seed=st.integers(0, 2**32))
def test_common_fractions_leave_no_splinters(seed: int) -> None:
    """Thirds and sevenths as floats give the same decisions as in rationals."""
    environment = ENVIRONMENTS["both"]
    entries = somewhere(environment, seed)
    rounded = lottery(environment, entries / 840)
    exact = lottery(environment, exact_array([Fraction(int(k), 840) for k in entries]))
    assert {tuple(d): round(p, 9) for p, d in rounded} == {tuple(d): round(float(p), 9) for p, d in exact}


@pytest.mark.parametrize("columns", [[-0.1, 0, 0, 0], [0.6, 0, 0.5, 0], [0.6, 0.6, 0, 0]])
def test_what_is_no_lottery_is_refused(columns: list[float]) -> None:
    specs = [AgentSpec(name, single_type(), exact_array([1, 1], (1, 2)), demand=1) for name in ("ann", "bob")]
    environment = goods_environment(specs, [Good("lamp", 1), Good("desk", 1)])
    for known in (np.array(columns), exact_array(columns)):
        with pytest.raises(ValueError, match="no lottery"):
            lottery(environment, known)


def test_outcomes_that_are_no_lottery_are_refused() -> None:
    specs = [AgentSpec("ann", single_type(), exact_array([1, 2], (1, 2)))]
    environment = outcome_environment(specs, ["a", "b"])
    with pytest.raises(ValueError, match="not those of a lottery"):
        lottery(environment, np.array([0.5, 0.4]))


def expected_draws(environment: Environment, columns: np.ndarray, draw: Callable[[int], np.ndarray]) -> None:
    """The mean of 20,000 draws is within five standard errors, and each draw is feasible."""
    drawn = draw(20_000)
    assert (drawn @ environment.allocation.matrix.T.toarray() <= environment.allocation.upper).all()
    assert (drawn == np.rint(drawn)).all()
    error = np.abs(drawn.mean(axis=0) - columns)
    assert (error <= 5 * drawn.std(axis=0) / np.sqrt(len(drawn)) + ROUNDED).all()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_samples_of_many_rounds(name: str) -> None:
    environment = ENVIRONMENTS[name]
    columns = somewhere(environment, 7) / 840
    rng = np.random.default_rng(1)
    sampler = Sampler(environment)
    expected_draws(
        environment,
        columns,
        lambda rounds: sampler.draw(np.zeros(rounds, dtype=np.int64), columns[None], rng),
    )


def test_draws_at_a_profile() -> None:
    environment = ENVIRONMENTS["both"]
    columns = somewhere(environment, 3) / 840
    mechanism = Mechanism(environment, columns.reshape(*environment.shape, -1), np.zeros((1, 1, 1, 3)))
    rng = np.random.default_rng(2)
    names = [agent.name for agent in environment.agents]

    def one() -> list[float]:
        drawn = mechanism.draw((0, 0, 0), rng)
        assert drawn.payments == dict.fromkeys(names, 0.0)
        return [units for name in names for units in drawn.allocation[name].values()]

    expected_draws(environment, columns, lambda rounds: np.array([one() for _ in range(rounds // 20)]))


def test_three_overlapping_limits_are_decided_by_listed_decisions() -> None:
    """Limits {a,b}, {b,c}, {a,c} at most 1: no marginals, at most one good in every decision."""
    specs = [AgentSpec("ann", single_type(), exact_array([1, 1, 1], (1, 3)))]
    goods = [Good(name, 1) for name in "abc"]
    environment = goods_environment(specs, goods, [Limit((0, 1), 1), Limit((1, 2), 1), Limit((0, 2), 1)])
    assert environment.allocation.size == 4  # nothing, or one of three
    mechanism = Mechanism(environment, np.full((1, 4), 0.25), np.zeros((1, 1)))
    rng = np.random.default_rng(3)
    drawn = Counter(tuple(mechanism.draw((0,), rng).allocation["ann"].values()) for _ in range(400))
    assert set(drawn) == {(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)}

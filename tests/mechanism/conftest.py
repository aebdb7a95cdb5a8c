"""Environments and mechanisms that the tests of this room share."""

from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from random import Random
from typing import Any

import numpy as np
import pytest

from amd.mechanism.direct import Mechanism
from amd.model.build import AgentSpec, Bundle, goods_environment, outcome_environment
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import ExactArray, exact_array, exact_zeros
from amd.model.types import Grid, TypeSpace, product_types


def one_parameter(name: str, values: list[str], probability: list[str] | None = None) -> TypeSpace:
    """Types that are the values of one parameter, given as texts."""
    points = tuple(Fraction(value) for value in values)
    masses = [Fraction(1, len(values))] * len(values) if probability is None else [Fraction(p) for p in probability]
    return product_types((name,), (Grid(points, tuple(masses)),))


def orders(outcomes: int, probability: list[Fraction] | None = None) -> TypeSpace:
    """All strict preference orders over the outcomes."""
    every = tuple(permutations(range(outcomes)))
    masses = probability or [Fraction(1, len(every))] * len(every)
    return TypeSpace((), ((),) * len(every), tuple(masses), orders=every)


@pytest.fixture(scope="session")
def types_of() -> Callable[..., TypeSpace]:
    return one_parameter


@pytest.fixture(scope="session")
def orders_of() -> Callable[..., TypeSpace]:
    return orders


@pytest.fixture(scope="session")
def license_environment() -> Environment:
    """One license, two firms worth 10 or 50 with equal chances."""
    types = one_parameter("v", ["10", "50"])
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


@pytest.fixture(scope="session")
def auction() -> Callable[..., Mechanism]:
    """One good, `n` bidders, highest bid wins, ties to the first; the winner pays its own or the second bid."""

    def build(n: int, values: list[str], second: bool) -> Mechanism:
        types = one_parameter("v", values)
        amounts = exact_array([Fraction(value) for value in values], (len(values), 1))
        bidders = [AgentSpec(f"bidder[{i + 1}]", types, amounts, group="bidder") for i in range(n)]
        environment = goods_environment(bidders, [Good("lamp", 1)])
        allocation, payments = exact_zeros((*environment.shape, n)), exact_zeros((*environment.shape, n))
        for profile in np.ndindex(environment.shape):
            bids = [Fraction(values[k]) for k in profile]
            winner = bids.index(max(bids))
            allocation[profile][winner] = Fraction(1)
            payments[profile][winner] = sorted(bids)[-2] if second else bids[winner]
        return Mechanism.from_exact(environment, allocation, payments)

    return build


@pytest.fixture(scope="session")
def voting(orders_of: Callable[..., TypeSpace]) -> Callable[..., Environment]:
    """`voters` with every order over the outcomes named, each as likely."""

    def build(voters: int, outcomes: str) -> Environment:
        types = orders_of(len(outcomes))
        values = exact_zeros((types.size, len(outcomes)))
        specs = [AgentSpec(f"voter[{i + 1}]", types, values, group="voter") for i in range(voters)]
        return outcome_environment(specs, list(outcomes))

    return build


@pytest.fixture(scope="session")
def random_environment() -> Callable[..., Environment]:
    """A small environment from a seed: kind of decision, joint prior and interdependence as asked."""

    def build(seed: int, kind: str, joint: bool = False, interdependent: bool = False) -> Environment:
        return _Maker(Random(seed), kind, joint, interdependent).environment()

    return build


@pytest.fixture(scope="session")
def random_mechanism(random_environment: Callable[..., Environment]) -> Callable[..., Mechanism]:
    """Any allocation and payments in small fractions, feasible or not, at a random environment."""

    def build(seed: int, kind: str, joint: bool = False, interdependent: bool = False) -> Mechanism:
        environment = random_environment(seed, kind, joint, interdependent)
        random = Random(seed + 1)
        shape = environment.shape
        allocation = _fractions(random, (*shape, environment.allocation.size), -1, 4, 4)
        payments = None if random.random() < 0.2 else _fractions(random, (*shape, len(shape)), -3, 6, 2)
        return Mechanism.from_exact(environment, allocation, payments)

    return build


def _fractions(random: Random, shape: tuple[int, ...], low: int, high: int, below: int) -> ExactArray:
    size = int(np.prod(shape))
    return exact_array([Fraction(random.randint(low, high), random.randint(1, below)) for _ in range(size)], shape)


class _Maker:
    """Draws the parts of a random environment."""

    def __init__(self, random: Random, kind: str, joint: bool, interdependent: bool) -> None:
        self.random, self.kind, self.joint = random, kind, joint
        self.interdependent = interdependent and kind != "orders"
        self.outcomes = random.randint(2, 3) if kind in ("outcomes", "orders") else 0
        self.goods = [Good(f"good{g}", random.randint(1, 2), Fraction(random.randint(0, 2))) for g in range(2)]
        n = random.randint(2, 3)
        copies = random.random() < 0.5
        self.types = [self._types() for _ in range(1 if copies else n)]
        self.which = [0] * n if copies else list(range(n))
        self.shape = tuple(self.types[k].size for k in self.which)

    def environment(self) -> Environment:
        seeds = [self.random.randint(0, 999) for _ in self.types]
        specs = [self._spec(i, Random(seeds[k])) for i, k in enumerate(self.which)]
        prior = self._joint() if self.joint else None
        if self.outcomes:
            cost = _fractions(self.random, (self.outcomes,), 0, 3, 2)
            return outcome_environment(specs, [f"o{k}" for k in range(self.outcomes)], cost, prior)
        limits = [Limit((0, 1), self.random.randint(1, 3))] if self.random.random() < 0.5 else []
        return goods_environment(specs, self.goods, limits, prior)

    def _types(self) -> TypeSpace:
        size = self.random.randint(1, 3)
        if self.kind == "orders":
            count = len(list(permutations(range(self.outcomes))))
            return orders(self.outcomes, self._masses(count))
        values = [str(k) for k in self.random.sample(range(9), size)]
        return one_parameter("v", values, [str(mass) for mass in self._masses(size)])

    def _masses(self, size: int) -> list[Fraction]:
        weights = [self.random.choice([0, 1, 2, 5]) for _ in range(size)]
        weights[self.random.randrange(size)] += 1
        return [Fraction(weight, sum(weights)) for weight in weights]

    def _joint(self) -> ExactArray:
        masses = self._masses(int(np.prod(self.shape)))
        return exact_array(masses, self.shape)

    def _spec(self, i: int, random: Random) -> AgentSpec:
        group = "copy" if len(self.types) == 1 else f"agent{i}"
        types = self.types[self.which[i]]
        lead = self.shape if self.interdependent else (types.size,)
        more: dict[str, Any] = {"outside": _fractions(random, (types.size,), -2, 2, 2)}
        if random.random() < 0.4:
            more["budget"] = Fraction(random.randint(0, 4), 2)
        if self.kind == "orders":
            values = exact_zeros((types.size, self.outcomes))
        elif self.outcomes:
            values = _fractions(random, (*lead, self.outcomes), -1, 4, 2)
        elif self.kind == "marginals":
            values = _fractions(random, (*lead, 2), -1, 4, 2)
            more["demand"] = random.choice([None, 1, 2])
        else:
            bundles = (Bundle((1, 0)), Bundle((0, 1)), Bundle((1, 1)))
            values, more["bundles"] = _fractions(random, (*lead, 3), 0, 5, 2), bundles
            more["demand"] = random.choice([None, 2])
        name = f"{group}[{i + 1}]" if group == "copy" else group
        return AgentSpec(name, types, values, group=group, interdependent=self.interdependent, **more)

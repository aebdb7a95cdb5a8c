"""Interim mechanisms against the direct mechanisms they come from, and Border's condition against all sets of types."""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.mechanism.audit import UnseenError, audit
from amd.mechanism.audit.border import border_excess
from amd.mechanism.audit.interim import audit_interim
from amd.mechanism.direct import Mechanism
from amd.mechanism.interim import InterimMechanism, interim_quantities
from amd.mechanism.quantities import quantities
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace

ROUNDING = 1e-12


class Table:
    """The rule that looks a profile up."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism = mechanism

    def allocations(self, profiles: np.ndarray) -> np.ndarray:
        return self.mechanism.allocation[tuple(profiles.T)]

    def payments(self, profiles: np.ndarray, allocation: np.ndarray) -> np.ndarray:
        return self.mechanism.payments[tuple(profiles.T)]

    def hierarchies(self) -> None:
        return None


def interim_of(mechanism: Mechanism) -> InterimMechanism:
    """Expectations by definition, in a loop over profiles."""
    environment = mechanism.environment
    held = [np.zeros((agent.size, agent.feature_count)) for agent in environment.agents]
    paid = [np.zeros(agent.size) for agent in environment.agents]
    for profile in np.ndindex(environment.shape):
        for i, agent in enumerate(environment.agents):
            others = [a.types.float_probability[k] for a, k in zip(environment.agents, profile, strict=True)]
            others[i] = 1.0
            held[i][profile[i]] += np.prod(others) * (agent.features @ mechanism.allocation[profile])
            paid[i][profile[i]] += np.prod(others) * mechanism.payments[profile][i]
    return InterimMechanism(environment, tuple(held), tuple(paid), Table(mechanism))


def feasible(environment: Environment, seed: int) -> Mechanism:
    rng = np.random.default_rng(seed)
    goods = environment.allocation.goods
    units = rng.random((*environment.shape, len(environment.agents) + 1, len(goods)))
    units /= units.sum(axis=-2, keepdims=True)
    units = units[..., :-1, :] * [good.supply for good in goods]
    for i, agent in enumerate(environment.agents):  # what an agent does not value is not handed to it
        units[..., i, np.setdiff1d(range(len(goods)), agent.features.indices % len(goods))] = 0
    payments = rng.normal(size=(*environment.shape, len(environment.agents)))
    return Mechanism(environment, units.reshape(*environment.shape, -1), payments)


@pytest.fixture(scope="session")
def market(types_of: Callable[..., TypeSpace]) -> Environment:
    """Unlike agents, two goods, one of them in two units and worthless to bob; cleo never has value 5."""
    ann, bob = types_of("v", ["1", "2", "4"], ["1/2", "1/3", "1/6"]), types_of("v", ["0", "3"])
    cleo = types_of("v", ["1", "5"], ["1", "0"])
    specs = [
        AgentSpec("ann", ann, exact_array([1, 2, 2, 2, 4, 1], (3, 2))),
        AgentSpec("bob", bob, exact_array([0, 0, 3, 0], (2, 2))),
        AgentSpec("cleo", cleo, exact_array([1, 1, 5, 1], (2, 2)), outside=exact_array(["1/2", "0"])),
    ]
    return goods_environment(specs, [Good("lamp", 1, Fraction(1, 3)), Good("desk", 2, Fraction(1, 2))])


@given(seed=st.integers(0, 2**32), stage=st.sampled_from([Participation.INTERIM, Participation.EX_ANTE]))
def test_agrees_with_the_audit_of_profiles(market: Environment, seed: int, stage: Participation) -> None:
    mechanism = feasible(market, seed)
    interim = interim_of(mechanism)
    bound = Bound(Linear(((Fraction(1), Quantity("revenue", "revenue")),)), ">=", "revenue >= 0")
    wanted = Design((stage,) * 3, budget=Budget(balanced=seed % 2 == 0, ex_post=False), bounds=(bound,))
    expected, found = audit(mechanism, wanted), audit_interim(interim, wanted)
    for kind in ("incentive", "participation", "budget"):
        assert abs(expected.checks[kind].violation - found.checks[kind].violation) < ROUNDING
        sentences = [check.witness and check.witness.sentence for check in (expected.checks[kind], found.checks[kind])]
        assert sentences[0] == sentences[1]
    bounds = [w.amount for w in found.feasibility.witnesses if w.family == "bound"]
    assert bounds == pytest.approx([w.amount for w in expected.feasibility.witnesses if w.family == "bound"])
    assert all(w.amount < ROUNDING for w in found.feasibility.witnesses if w.family != "bound")
    assert interim_quantities(interim, wanted) == pytest.approx(quantities(mechanism, wanted))


def all_sets(promises: list[np.ndarray], masses: list[np.ndarray]) -> float:
    """Border's condition by definition: the worst excess over every choice of sets of types, types of mass 0 apart."""
    worst = max(0.0, *(promise.max() - 1 for promise in promises))
    for chosen in product(*(product([False, True], repeat=len(mass)) for mass in masses)):
        sets = [np.array(each) for each in chosen]
        promised = sum((q * f)[s].sum() for q, f, s in zip(promises, masses, sets, strict=True))
        absent = np.prod([1 - f[s].sum() for f, s in zip(masses, sets, strict=True)])
        worst = max(worst, promised - (1 - absent))
    return worst


@given(seed=st.integers(0, 2**32), agents=st.integers(1, 3))
def test_border_prefixes_find_infeasibility_exactly(seed: int, agents: int) -> None:
    """Cai, Daskalakis and Weinberg (2012): feasible by the prefixes if and only if by all sets."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 4, agents)
    masses = [rng.multinomial(8, np.ones(size) / size) / 8 for size in sizes]
    promises = [rng.integers(0, 9, size) / 8 for size in sizes]
    prefixes, every = border_excess(tuple(promises), tuple(masses)), all_sets(promises, masses)
    assert prefixes <= every + ROUNDING
    assert (prefixes > ROUNDING) == (every > ROUNDING)


def test_one_threshold_for_unlike_agents_is_not_enough() -> None:
    """Sets {q >= t} with one t for all miss what the right order finds."""
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(2000):
        masses = [rng.multinomial(8, [1 / 2, 1 / 2]) / 8 for _ in range(2)]
        promises = [rng.integers(0, 9, 2) / 8 for _ in range(2)]
        common = 0.0
        for t in np.concatenate(promises):
            sets = [promise >= t for promise in promises]
            promised = sum((q * f)[s].sum() for q, f, s in zip(promises, masses, sets, strict=True))
            common = max(common, promised - 1 + np.prod([1 - f[s].sum() for f, s in zip(masses, sets, strict=True)]))
        missed += common <= ROUNDING < border_excess(tuple(promises), tuple(masses))
    assert missed > 0


def test_promises_that_cannot_be_kept(license: Mechanism) -> None:
    """Both firms of type 50 surely win: 2·(1/2)·1 is promised, one of them shows up with 3/4."""
    interim = interim_of(license)
    held = np.array([[0.0], [1.0]])
    greedy = InterimMechanism(license.environment, (held, held), interim.payments, interim.lift)
    found = audit_interim(greedy, Design((Participation.NONE,) * 2)).feasibility
    assert found.violation == pytest.approx(0.25, abs=ROUNDING)
    assert found.witness.sentence == "license is promised to some types 0.25 more often than they show up"
    owing = InterimMechanism(license.environment, (held - 1, held), interim.payments, interim.lift)
    found = audit_interim(owing, Design((Participation.NONE,) * 2)).feasibility
    assert found.witness.sentence == "firm[1] with v = 10 is promised -1 units"


def test_many_bidders_stay_within_rounding(types_of: Callable[..., TypeSpace]) -> None:
    """A thousand bidders, U[0, 1] in 100 cells: the highest of them wins, exactly Border's bound in every upper set."""
    n, size = 1000, 100
    below = np.arange(size + 1) / size
    promise = n**-1 * np.diff(below**n) * size  # Pr[win | cell], ties within a cell shared
    mass = np.full(size, 1 / size)
    assert border_excess((promise,) * n, (mass,) * n) < 1e-11
    assert border_excess((promise * 1.001,) * n, (mass,) * n) == pytest.approx(0.001, rel=1e-6)


def test_at_a_profile(license: Mechanism) -> None:
    interim = interim_of(license)
    assert interim(10, 50) == license_as_floats(license)(10, 50)
    assert interim([10, 50]).allocation == {"firm[1]": {"license": 0.0}, "firm[2]": {"license": 1.0}}
    assert interim.draw((0, 1), np.random.default_rng(1)).payments == {"firm[1]": 0.0, "firm[2]": 30.0}


def license_as_floats(license: Mechanism) -> Mechanism:
    return Mechanism(license.environment, license.allocation, license.payments)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"incentive": Incentive.DOMINANT}, "dominant incentives"),
        ({"budget": Budget(True, True)}, "an ex post budget"),
        ({"efficient": True}, "efficient"),
        ({"bounds": (Bound(Linear(((1, Quantity("revenue", "x", worst=True)),)), ">="),)}, "worst"),
    ],
)
def test_what_only_profiles_show_is_refused(license: Mechanism, more: dict, named: str) -> None:
    with pytest.raises(UnseenError, match=f"{named} cannot be told"):
        audit_interim(interim_of(license), Design((Participation.NONE,) * 2, **more))
    with pytest.raises(ValueError, match="ex post participation cannot"):
        audit_interim(interim_of(license), Design((Participation.EX_POST,) * 2))


def with_goods(environment: Environment, goods: list[Good], limits: list[Limit], demand: int | None) -> Environment:
    """The same agents, each valuing every good, with other goods, limits and demands."""
    specs = []
    for agent in environment.agents:
        values = exact_array([1] * (agent.size * len(goods)), (agent.size, len(goods)))
        specs.append(AgentSpec(agent.name, agent.types, values, demand=demand))
    return goods_environment(specs, goods, limits)


def promising(environment: Environment, units: float) -> InterimMechanism:
    """Every type of every agent is promised so much of every good."""
    held = tuple(np.full((agent.size, agent.feature_count), units) for agent in environment.agents)
    return InterimMechanism(environment, held, tuple(np.zeros(len(own)) for own in held), Table(None))


@pytest.mark.parametrize(
    ("supplies", "limit", "demand", "most"),
    [
        ((1, 1), 1, None, 1 / 4),  # one unit of either good, two goods for each of two agents
        ((2, 3), 2, None, 2 / 4),
        ((2, 3), 5, None, 2 / 2),  # a limit that does not bind: two units of the scarcer good for two agents
        ((1, 1), 9, 2, 1 / 2),  # a demand that does not bind
    ],
)
def test_goods_under_one_limit_are_like_one(
    license: Mechanism, supplies: tuple[int, int], limit: int, demand: int | None, most: float
) -> None:
    goods = [Good(f"g{g}", supply) for g, supply in enumerate(supplies)]
    environment = with_goods(license.environment, goods, [Limit((0, 1), limit)], demand)
    design = Design((Participation.NONE,) * 2)
    assert audit(promising(environment, most), design).feasibility.violation < ROUNDING
    assert audit(promising(environment, most * 1.01), design).feasibility.violation > 0.009 * most


@pytest.mark.parametrize(
    ("limits", "demand", "message"),
    [
        ([Limit((0, 1), 3)], None, "disjoint and bind first"),
        ([Limit((0, 1), 1), Limit((0, 1), 1)], None, "disjoint and bind first"),
        ([], 1, "no demand binds"),
    ],
)
def test_goods_tied_together_are_refused(license: Mechanism, limits: list, demand: int | None, message: str) -> None:
    environment = with_goods(license.environment, [Good("g0", 2), Good("g1", 2)], limits, demand)
    with pytest.raises(ValueError, match=message):
        audit(promising(environment, 0.1), Design((Participation.NONE,) * 2))


def test_there_is_no_exact_audit(license: Mechanism) -> None:
    with pytest.raises(ValueError, match="only known in floating point"):
        audit(interim_of(license), Design((Participation.NONE,) * 2), exact=True)
    with pytest.raises(ValueError, match="only known in floating point"):
        quantities(interim_of(license), exact=True)


def test_wrong_shapes_are_refused(license: Mechanism) -> None:
    good = interim_of(license)
    with pytest.raises(ValueError, match="need the shapes"):
        InterimMechanism(good.environment, good.allocation[:1], good.payments, good.lift)
    with pytest.raises(ValueError, match="one number for each type"):
        InterimMechanism(good.environment, good.allocation, good.payments[:1], good.lift)
    with pytest.raises(ValueError, match="not finite"):
        InterimMechanism(good.environment, good.allocation, (good.payments[0] * np.nan, good.payments[1]), good.lift)

"""Random small environments and designs for property tests, and the textbook ones by name."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
from hypothesis import strategies as st

from amd.model.build import AgentSpec, Bundle, goods_environment, outcome_environment
from amd.model.design import Bound, Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array, exact_zeros
from amd.model.types import Grid, TypeSpace, product_types

SMALL = st.integers(-4, 6).map(Fraction)
POSITIVE = st.integers(0, 6).map(Fraction)


def weights(draw, count: int, *, zeros: bool = False) -> tuple[Fraction, ...]:
    """Probabilities with small denominators; zeros only when asked for."""
    raw = draw(st.lists(st.integers(0 if zeros else 1, 4), min_size=count, max_size=count).filter(any))
    return tuple(Fraction(weight, sum(raw)) for weight in raw)


def named_types(count: int, probability: tuple[Fraction, ...]) -> TypeSpace:
    return TypeSpace(("v",), tuple((Fraction(k),) for k in range(count)), probability)


def array(draw, shape: tuple[int, ...], numbers=SMALL) -> np.ndarray:
    size = int(np.prod(shape))
    return exact_array(draw(st.lists(numbers, min_size=size, max_size=size)), shape)


@st.composite
def outcome_environments(
    draw, *, joint: bool | None = False, interdependent: bool = False, zeros: bool = False, costs: bool = True
):
    """Two or three agents, two or three outcomes."""
    agents = draw(st.integers(2, 3))
    sizes = [draw(st.integers(1, 3 if agents == 2 else 2)) for _ in range(agents)]
    outcomes = draw(st.integers(2, 3))
    specs = []
    for i, size in enumerate(sizes):
        private = not interdependent or draw(st.booleans())
        shape = (size, outcomes) if private else (*sizes, outcomes)
        types = named_types(size, weights(draw, size, zeros=zeros))
        specs.append(
            AgentSpec(
                f"a{i}",
                types,
                array(draw, shape),
                outside=array(draw, (size,), st.sampled_from([Fraction(0), Fraction(-1), Fraction(1)])),
                interdependent=not private,
            )
        )
    cost = array(draw, (outcomes,), POSITIVE) if costs else None
    correlated = draw(st.booleans()) if joint is None else joint
    prior = None
    if correlated:
        prior = exact_array(weights(draw, int(np.prod(sizes)), zeros=zeros), tuple(sizes))
    return outcome_environment(specs, [f"o{d}" for d in range(outcomes)], cost, prior)


@st.composite
def ladder_environments(draw, *, zeros: bool = False):
    """Values h(k)·α(a) + β(a) + γ(k) with repeated h now and then."""
    outcomes = draw(st.integers(2, 3))
    specs = []
    for i in range(2):
        size = draw(st.integers(2, 4))
        h = sorted(draw(st.lists(st.integers(-2, 4).map(Fraction), min_size=size, max_size=size)))
        alpha, beta = array(draw, (outcomes,)), array(draw, (outcomes,))
        gamma = array(draw, (size,), st.integers(-1, 1).map(Fraction))
        values = np.multiply.outer(exact_array(h), alpha) + beta[None, :] + gamma[:, None]
        specs.append(AgentSpec(f"a{i}", named_types(size, weights(draw, size, zeros=zeros)), values))
    return outcome_environment(specs, [f"o{d}" for d in range(outcomes)])


@st.composite
def goods_environments(draw, *, bundles: bool = False):
    """Two agents, one or two goods, with supplies, demands, limits or bundles."""
    goods = [
        Good(f"g{g}", draw(st.integers(1, 2)), draw(st.sampled_from([Fraction(0), Fraction(1)])))
        for g in range(draw(st.integers(1, 2)))
    ]
    limits = [Limit((0, 1), draw(st.integers(1, 2)))] if len(goods) == 2 and draw(st.booleans()) else []
    specs = []
    for i in range(2):
        size = draw(st.integers(1, 3))
        types = named_types(size, weights(draw, size))
        demand = draw(st.sampled_from([None, 1, 2]))
        if bundles:
            offered = tuple(Bundle(units) for units in ([(1,), (2,)] if len(goods) == 1 else [(1, 0), (1, 1)]))
            specs.append(
                AgentSpec(f"a{i}", types, array(draw, (size, len(offered)), POSITIVE), demand=demand, bundles=offered)
            )
        else:
            specs.append(AgentSpec(f"a{i}", types, array(draw, (size, len(goods)), POSITIVE), demand=demand))
    return goods_environment(specs, goods, limits)


WISHES = ("revenue", "profit", "welfare", "surplus")


@st.composite
def designs(
    draw,
    environment: Environment,
    *,
    stages=tuple(Participation),
    incentives=tuple(Incentive),
    budgets: bool = True,
    efficient: bool = True,
):
    """A bounded wish with constraints of every kind."""
    n = len(environment.agents)
    participation = tuple(draw(st.sampled_from(stages)) for _ in range(n))
    budget = None
    if budgets and draw(st.booleans()):
        budget = Budget(draw(st.booleans()), draw(st.booleans()), draw(st.sampled_from([Fraction(0), Fraction(1)])))
    name = draw(st.sampled_from(WISHES))
    return Design(
        participation=participation,
        objective=Linear(((Fraction(1), Quantity(name, name)),), draw(st.sampled_from([Fraction(0), Fraction(2)]))),
        incentive=draw(st.sampled_from(incentives)),
        budget=budget,
        efficient=efficient and draw(st.booleans()),
        bounds=draw(
            st.sampled_from(
                [(), (Bound(Linear(((Fraction(1), Quantity("welfare", "welfare")),), Fraction(-1)), "<="),)]
            )
        ),
    )


def uniform_grid(cells: int, low: int = 0, high: int = 1) -> Grid:
    """Midpoints of equal cells, equally likely."""
    step = Fraction(high - low, cells)
    return Grid(tuple(low + step * (2 * k + 1) / 2 for k in range(cells)), (Fraction(1, cells),) * cells)


def auction(bidders: int, cells: int, **wish) -> tuple[Environment, Design]:
    """Bidders with values uniform on [0, 1] and one good; revenue."""
    types = product_types(("v",), (uniform_grid(cells),))
    values = exact_array([point[0] for point in types.points], (cells, 1))
    specs = [AgentSpec(f"bidder[{i + 1}]", types, values, group="bidder") for i in range(bidders)]
    return goods_environment(specs, [Good("item", 1)]), wished("revenue", bidders, **wish)


def bilateral_trade(cells: int, **wish) -> tuple[Environment, Design]:
    """A buyer and a seller uniform on [0, 1]; welfare, balanced ex post."""
    types = product_types(("v",), (uniform_grid(cells),))
    points = exact_array([point[0] for point in types.points])
    buyer, seller = exact_zeros((cells, 2)), exact_zeros((cells, 2))
    buyer[:, 1], seller[:, 1] = points, -points
    specs = [AgentSpec("buyer", types, buyer), AgentSpec("seller", types, seller)]
    wish.setdefault("budget", Budget(balanced=True, ex_post=True))
    return outcome_environment(specs, ["no_trade", "trade"]), wished("welfare", 2, **wish)


def wished(name: str, agents: int, **wish) -> Design:
    """Maximise one quantity with interim participation."""
    wish.setdefault("participation", (Participation.INTERIM,) * agents)
    wish.setdefault("objective", Linear(((Fraction(1), Quantity(name, name)),)))
    return Design(**wish)


@st.composite
def symmetric_environments(draw, *, joint: bool = False):
    """Two or three copies, one or two goods that may be exchangeable, or outcomes."""
    copies = draw(st.integers(2, 3))
    size = draw(st.integers(2, 3 if copies == 2 else 2))
    if draw(st.booleans()):
        outcomes = draw(st.integers(2, 3))
        types = named_types(size, weights(draw, size))
        values = array(draw, (size, outcomes))
        specs = [AgentSpec(f"a[{i}]", types, values, group="a") for i in range(copies)]
        prior = _symmetric_prior(draw, copies, size) if joint else None
        return outcome_environment(specs, [f"o{d}" for d in range(outcomes)], None, prior)
    levels = sorted(draw(st.sets(st.integers(0, 5), min_size=2, max_size=2)))
    goods = draw(st.integers(1, 2))
    grid = Grid(tuple(map(Fraction, levels)), weights(draw, 2))
    types = product_types(tuple("vw"[:goods]), (grid,) * goods)
    values = exact_array([x for point in types.points for x in point], (types.size, goods))
    cost = draw(st.sampled_from([Fraction(0), Fraction(1)]))
    specs = [AgentSpec(f"a[{i}]", types, values, group="a") for i in range(copies)]
    return goods_environment(specs, [Good(f"g{g}", 1, cost) for g in range(goods)])


def _symmetric_prior(draw, copies: int, size: int) -> np.ndarray:
    raw = np.array(draw(st.lists(st.integers(0, 3), min_size=size**copies, max_size=size**copies))).reshape(
        (size,) * copies
    )
    total = sum(np.transpose(raw, order) for order in permutations(range(copies))) + 1
    return exact_array([Fraction(int(x), int(total.sum())) for x in total.ravel()], total.shape)


@st.composite
def goods_auctions(draw):
    """Two or three bidders, some alike, and one or two goods with supplies and perhaps a limit."""
    goods = draw(st.integers(1, 2))
    size = draw(st.integers(2, 3 if goods == 1 else 2))
    specs = []
    for group in range(draw(st.integers(1, 2))):
        types = named_types(size, weights(draw, size))
        values = array(draw, (size, goods), st.integers(0, 5).map(Fraction))
        outside = array(draw, (size,), st.sampled_from([Fraction(0), Fraction(1), Fraction(-1)]))
        name, copies = f"g{group}", draw(st.integers(1, 2))
        specs += [AgentSpec(f"{name}[{c}]", types, values, group=name, outside=outside) for c in range(copies)]
    supply = draw(st.integers(1, 2))
    limits = [Limit((0, 1), 1)] if goods == 2 and draw(st.booleans()) else []
    cost = draw(st.sampled_from([Fraction(0), Fraction(1)]))
    return goods_environment(specs, [Good(f"x{g}", supply, cost) for g in range(goods)], limits)

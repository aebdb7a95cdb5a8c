"""Small problems built in code, for pages of words and tables."""

from collections.abc import Callable
from fractions import Fraction

import pytest

import amd
from amd.model.build import AgentSpec, goods_environment, outcome_environment
from amd.model.design import Budget, Design, Incentive, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array, exact_zeros
from amd.model.task import Task
from amd.model.types import Grid, TypeSpace, product_types
from amd.show.report import page


def one_parameter(name: str, values: list, probability: list | None = None) -> TypeSpace:
    points = tuple(map(Fraction, values))
    masses = tuple(map(Fraction, probability)) if probability else (Fraction(1, len(points)),) * len(points)
    return product_types((name,), (Grid(points, masses),))


def wish(name: str, **of) -> Linear:
    return Linear(((Fraction(1), Quantity(name, of.pop("label", name), **of)),), text=of.get("text", ""))


@pytest.fixture
def auction() -> Callable[..., Task]:
    """Sells one license to n bidders with the given values."""

    def make(n: int = 2, values: list | None = None, **design) -> Task:
        values = values or [10, 50]
        bidders = [
            AgentSpec(
                name=f"firm[{i + 1}]",
                types=one_parameter("v", values),
                values=exact_array(values, (len(values), 1)),
                group="firm",
            )
            for i in range(n)
        ]
        environment = goods_environment(bidders, [Good("license", 1)])
        stages = (Participation.INTERIM,) * n
        wanted = {"participation": stages, "objective": wish("revenue")} | design
        return Task(environment, Design(**wanted), title="A license", source="Myerson (1981)", origin="license.yaml")

    return make


@pytest.fixture
def trade() -> Callable[..., Task]:
    """Bilateral trade of one object on a grid of N midpoints."""

    def make(cells: int = 6, **design) -> Task:
        middles = [Fraction(2 * k + 1, 2 * cells) for k in range(cells)]
        buyer = exact_array([entry for v in middles for entry in (0, v)], (cells, 2))
        agents = [
            AgentSpec("buyer", one_parameter("v", middles), buyer),
            AgentSpec("seller", one_parameter("c", middles), -buyer),
        ]
        environment = outcome_environment(agents, ["no_trade", "trade"])
        wanted = {"participation": (Participation.INTERIM,) * 2, "objective": wish("welfare")} | design
        return Task(environment, Design(**wanted), title="Bilateral trade")

    return make


@pytest.fixture
def election() -> Callable[..., Task]:
    """Voters who rank three candidates in every possible way; no money."""

    def make(voters: int = 2, **design) -> Task:
        orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
        types = TypeSpace((), ((),) * 6, (Fraction(1, 6),) * 6, orders=orders)
        agents = [AgentSpec(f"voter[{i + 1}]", types, exact_zeros((6, 3)), group="voter") for i in range(voters)]
        environment = outcome_environment(agents, ["a", "b", "c"])
        wanted = {
            "participation": (Participation.NONE,) * voters,
            "incentive": Incentive.DOMINANT,
            "transfers": False,
            "unanimous": True,
        }
        return Task(environment, Design(**(wanted | design)), title="An election")

    return make


@pytest.fixture
def balanced() -> Budget:
    return Budget(balanced=True, ex_post=True)


@pytest.fixture
def quantity() -> Callable[..., Linear]:
    return wish


@pytest.fixture(scope="session")
def license_page() -> str:
    """The report about a bundled problem, which takes a second or two."""
    return page(amd.load("license").solve(), "amd solve license")

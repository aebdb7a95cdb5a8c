"""Calling a mechanism at reports said in every way, and what it answers."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from amd.mechanism.direct import Mechanism
from amd.mechanism.reports import rational
from amd.model.build import AgentSpec, Bundle, goods_environment, outcome_environment
from amd.model.environment import Environment, Good
from amd.model.numbers import exact_array
from amd.model.types import Grid, TypeSpace, product_types, single_type


@pytest.fixture(scope="session")
def market(types_of: Callable[..., TypeSpace]) -> Environment:
    """Ann's type is one number, bob's two, cleo has one type."""
    grids = (Grid((Fraction(1), Fraction(2)), (Fraction(1, 2),) * 2), Grid((Fraction(5),), (Fraction(1),)))
    bob = product_types(("v", "w"), grids)
    specs = [
        AgentSpec("ann", types_of("v", ["0", "1/3", "0.1"]), exact_array([0, 1, 2], (3, 1))),
        AgentSpec("bob", bob, exact_array([1, 2], (2, 1))),
        AgentSpec("cleo", single_type(), exact_array([1], (1, 1))),
    ]
    return outcome_environment([_two(spec) for spec in specs], ["trade", "none"])


def _two(spec: AgentSpec) -> AgentSpec:
    """The same values for the first outcome, nothing for the second."""
    values = np.concatenate([spec.values, spec.values * 0], axis=1)
    return AgentSpec(spec.name, spec.types, values)


@pytest.fixture
def mechanism(market: Environment) -> Mechanism:
    """Trade with probability a quarter of the profile's number; payments are that number."""
    number = exact_array(range(6), (3, 2, 1, 1))
    allocation = np.concatenate([number, 6 - number], axis=-1) * Fraction(1, 6)
    return Mechanism.from_exact(market, allocation, np.concatenate([number] * 3, axis=-1))


@pytest.mark.parametrize("ann", [Fraction(1, 3), "1/3", 1 / 3, [Fraction(1, 3)], {"v": "1/3"}, ("1/3",)])
@pytest.mark.parametrize("bob", [(2, 5), [2.0, "5"], {"w": 5, "v": 2}, 1])
@pytest.mark.parametrize("cleo", [None, (), [], {}, 0])
def test_reports_in_every_way(mechanism: Mechanism, ann: object, bob: object, cleo: object) -> None:
    found = mechanism(ann, bob, cleo)
    assert found == mechanism.at(1, 1, 0) == mechanism([ann, bob, cleo])
    assert found.lottery == {"trade": Fraction(1, 2), "none": Fraction(1, 2)}
    assert found.payments == dict.fromkeys(("ann", "bob", "cleo"), Fraction(3))
    assert found.reports == {"ann": "v = 1/3", "bob": "v = 2, w = 5", "cleo": "the only type"}


def test_a_tenth_said_as_a_float(mechanism: Mechanism) -> None:
    assert mechanism(0.1, 0, None) == mechanism("1e-1", (1, 5), None) == mechanism.at(2, 0, 0)


@pytest.mark.parametrize(
    ("reports", "message"),
    [
        ((Fraction(1, 2), 0, 0), r"ann has no type v = 1/2; its types are v = 0; v = 1/3; v = 1/10"),
        (("one", 0, 0), "'one' is not a number"),
        (("1/0", 0, 0), "divides by zero"),
        ((True, 0, 0), "ann: True is not a number"),
        ((None, 0, 0), r"ann reports 1 value \(v\), not 0"),
        ((0, 2, 0), "bob has types 0 to 1, not 2"),
        ((0, (1, 5, 5), 0), r"bob reports 2 values \(v, w\), not 3"),
        ((0, {"v": 1}, 0), r"bob reports v, w, not \['v'\]"),
        ((0, (1, float("nan")), 0), "bob has no type v = 1, w = nan"),
        ((0, 0), "2 reports for 3 agents"),
    ],
)
def test_reports_that_are_no_type(mechanism: Mechanism, reports: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mechanism(*reports)


def test_many_types_are_not_all_listed(types_of: Callable[..., TypeSpace]) -> None:
    types = types_of("v", [str(k) for k in range(20)])
    specs = [AgentSpec("ann", types, exact_array(range(20), (20, 1)))]
    mechanism = Mechanism(goods_environment(specs, [Good("lamp", 1)]), np.zeros((20, 1)))
    with pytest.raises(ValueError, match="v = 5 and 14 more"):
        mechanism(20)


@pytest.mark.parametrize("text", ["1e99999", "9" * 5000, "0x10", "1_0", "nan", "inf", "--1", "1/2/3", "１", ""])
def test_texts_that_are_no_rationals(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        rational(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("3/4", Fraction(3, 4)), ("-.5", Fraction(-1, 2)), ("2e-3", Fraction(1, 500)), (" 7 ", 7), ("1.", 1)],
)
def test_texts_that_are(text: str, number: Fraction) -> None:
    assert rational(text) == number


def test_orders(voting: Callable[..., Environment]) -> None:
    environment = voting(2, "abc")
    mechanism = Mechanism(environment, np.full((6, 6, 3), 1 / 3))
    found = mechanism(["b", "a", "c"], "c > b > a")
    assert found.reports == {"voter[1]": "b > a > c", "voter[2]": "c > b > a"}
    assert found == mechanism(2, 5)
    assert found.payments is None
    for report, message in (
        (["a", "b", "d"], "ranks 'd', which is no outcome"),
        (["a", "b"], "voter\\[1\\] has no type a > b"),
        (0.5, "reports an order of the outcomes, not 0.5"),
        (6, "has types 0 to 5, not 6"),
    ):
        with pytest.raises(ValueError, match=message):
            mechanism(report, 0)


def test_one_agent(types_of: Callable[..., TypeSpace]) -> None:
    specs = [AgentSpec("buyer", types_of("v", ["1", "2"]), exact_array([1, 2], (2, 1)))]
    environment = goods_environment(specs, [Good("lamp", 1)])
    mechanism = Mechanism(environment, np.array([[0.0], [1.0]]), np.array([[0.0], [2.0]]))
    found = mechanism(2)
    assert found == mechanism([2]) == mechanism("2")
    assert found.allocation == {"buyer": {"lamp": 1.0}}
    assert found.lottery is None
    assert str(found) == "when buyer: v = 2\n  buyer gets 1 lamp\n  buyer pays 2"
    assert str(mechanism(1)) == "when buyer: v = 1\n  nobody gets anything\n  buyer pays 0"


def test_decisions(types_of: Callable[..., TypeSpace]) -> None:
    bundles = (Bundle((1, 1)),)
    specs = [AgentSpec(name, single_type(), exact_array([3], (1, 1)), bundles=bundles) for name in ("ann", "bob")]
    environment = goods_environment(specs, [Good("lamp", 1), Good("desk", 1)])
    allocation = np.zeros((1, 1, environment.allocation.size))
    units = environment.allocation.units.tolist()
    allocation[0, 0, units.index([[1, 1], [0, 0]])] = 0.5
    allocation[0, 0, units.index([[0, 0], [1, 1]])] = 0.5
    mechanism = Mechanism(environment, allocation, np.zeros((1, 1, 2)))
    found = mechanism(None, None)
    both, none = {"lamp": 1, "desk": 1}, {"lamp": 0, "desk": 0}
    assert found.allocation == {"ann": {"lamp": 0.5, "desk": 0.5}, "bob": {"lamp": 0.5, "desk": 0.5}}
    assert sorted(found.decisions, key=str) == [(0.5, {"ann": none, "bob": both}), (0.5, {"ann": both, "bob": none})]
    drawn = mechanism.draw((0, 0), np.random.default_rng(0))
    assert drawn.allocation in ({"ann": both, "bob": none}, {"ann": none, "bob": both})


def test_wrong_arrays_are_refused(license: Mechanism) -> None:
    environment = license.environment
    with pytest.raises(ValueError, match=r"allocation has shape \(2, 2, 3\), but the environment needs \(2, 2, 2\)"):
        Mechanism(environment, np.zeros((2, 2, 3)))
    with pytest.raises(ValueError, match="payments holds a number that is not finite"):
        Mechanism(environment, license.allocation, license.payments * np.nan)
    with pytest.raises(ValueError, match="exact_payments are given without payments"):
        Mechanism(environment, license.allocation, None, None, license.exact_payments)


def test_a_mechanism_cannot_be_changed(license: Mechanism) -> None:
    with pytest.raises(ValueError, match="read-only"):
        license.allocation[0, 0, 0] = 0
    with pytest.raises(AttributeError):
        license.payments = None  # type: ignore[misc]

"""Rules by hierarchies: what they deliver, and their files."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.files.faults import InputError
from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.mechanism.files import dumps, loads, read, write
from amd.mechanism.hierarchies import HierarchyRule, Share
from amd.mechanism.interim import InterimMechanism
from amd.mechanism.quantities import quantities
from amd.mechanism.simulate import simulate
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Budget, Design, Participation
from amd.model.environment import Environment, Good, Limit
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace

ROUNDING = 1e-12
GOODS, LIMITS = [Good("lamp", 2), Good("desk", 1), Good("chair", 1)], [Limit((1, 2), 1)]


@pytest.fixture(scope="session")
def market(types_of: Callable[..., TypeSpace]) -> Environment:
    """Three alike, one unlike; lamps apart, desk and chair under one limit."""
    types = types_of("v", ["1", "2", "5/2"], ["1/2", "1/3", "1/6"])
    values = exact_array([1, 1, 2, 2, 1, 2, 4, 1, 3], (3, 3))
    specs = [AgentSpec(f"ann[{i}]", types, values, group="ann") for i in (1, 2, 3)]
    specs.append(AgentSpec("bob", types_of("w", ["0", "3"], ["1/4", "3/4"]), exact_array([1, 0, 0, 3, 3, 2], (2, 3))))
    return goods_environment(specs, GOODS, LIMITS)


def random_rule(environment: Environment, seed: int) -> HierarchyRule:
    """A few random hierarchies for each share; ann's types on odd levels, bob's on even ones."""
    rng = np.random.default_rng(seed)

    def share(goods: tuple[int, ...], units: int) -> Share:
        count = int(rng.integers(1, 4))
        level = np.concatenate([2 * rng.integers(0, 3, (count, 3)) - 1, 2 * rng.integers(0, 3, (count, 2))], axis=1)
        split = rng.dirichlet(np.ones(len(goods)), 5)
        probability = rng.dirichlet(np.ones(count + 1))[:count]
        return Share(goods, units, probability, np.maximum(level, 0), split)

    return HierarchyRule(environment, ((0, 1, 2), (3,)), (share((0,), 2), share((1, 2), 1)), rng.normal(size=5))


def mechanism_of(rule: HierarchyRule) -> InterimMechanism:
    """What the rule delivers, for payments that leave each type its utility."""
    environment = rule.environment
    held, paid = [], []
    for members, units in zip(rule.classes, rule.delivered(), strict=True):
        agent = environment.agents[members[0]]
        own = units[:, agent.features.indices % 3]
        start = rule.start[members[0]]
        money = (agent.float_values * own).sum(axis=1) - rule.utility[start : start + agent.size]
        held += [own] * len(members)
        paid += [money] * len(members)
    return InterimMechanism(environment, tuple(held), tuple(paid), rule)


def listed(rule: HierarchyRule) -> Mechanism:
    """The same rule profile by profile."""
    shape = rule.environment.shape
    profiles = np.indices(shape).reshape(len(shape), -1).T
    allocation = rule.allocations(profiles)
    payments = rule.payments(profiles, allocation)
    return Mechanism(rule.environment, allocation.reshape(*shape, -1), payments.reshape(*shape, -1))


def design(**more: Any) -> Design:
    return Design((Participation.INTERIM,) * 4, budget=Budget(balanced=True, ex_post=False), **more)


@given(seed=st.integers(0, 2**32))
def test_the_closed_form_is_the_expectation_over_profiles(market: Environment, seed: int) -> None:
    rule = random_rule(market, seed)
    prior = market.float_prior.reshape(-1)
    units = listed(rule).allocation.reshape(len(prior), 4, 3)
    profiles = np.indices(market.shape).reshape(4, -1).T
    for members, delivered in zip(rule.classes, rule.delivered(), strict=True):
        for agent in members:
            for k in range(market.shape[agent]):
                own = profiles[:, agent] == k
                assert delivered[k] == pytest.approx(prior[own] @ units[own, agent] / prior[own].sum(), abs=ROUNDING)


@given(seed=st.integers(0, 2**32))
def test_the_interim_audit_is_that_of_profiles(market: Environment, seed: int) -> None:
    rule = random_rule(market, seed)
    interim, direct = mechanism_of(rule), listed(rule)
    one, two = audit(interim, design()), audit(direct, design())
    assert one.feasibility.violation < ROUNDING
    assert two.feasibility.violation < ROUNDING
    for kind in ("incentive", "participation", "budget"):
        assert one.checks[kind].violation == pytest.approx(two.checks[kind].violation, abs=ROUNDING)
    assert quantities(interim) == pytest.approx(quantities(direct))


def test_by_hand(license: Mechanism) -> None:
    """One hierarchy, 50 above 10: a firm of 50 wins with 1/2 + 1/2·1/2, one of 10 with 1/2·1/2."""
    share = Share((0,), 1, np.array([1.0]), np.array([[1, 2]]), np.ones((2, 1)))
    rule = HierarchyRule(license.environment, ((0, 1),), (share,), None)
    assert rule.delivered()[0].tolist() == [[0.25], [0.75]]
    found = rule.allocations(np.array([[0, 0], [0, 1], [1, 1]]))
    assert found.tolist() == [[0.5, 0.5], [0.0, 1.0], [0.5, 0.5]]
    assert rule.payments(np.array([[0, 0]]), found[:1]).tolist() == [[0.0, 0.0]]


def test_what_the_rule_does_not_deliver_is_found(market: Environment) -> None:
    good = mechanism_of(random_rule(market, 1))
    more = tuple(held + (0.01 if i == 3 else 0) * np.eye(*held.shape) for i, held in enumerate(good.allocation))
    found = audit(InterimMechanism(market, more, good.payments, good.lift), design()).feasibility
    missed = [witness for witness in found.witnesses if witness.family == "rule" and witness.amount > ROUNDING]
    assert [round(witness.amount, 9) for witness in missed] == [0.01, 0.01]
    assert missed[0].sentence.startswith("bob with w = ")
    assert "the rule gives" in missed[0].sentence


def test_simulation(market: Environment) -> None:
    mechanism = mechanism_of(random_rule(market, 2))
    found = simulate(mechanism, 20_000, seed=1)
    for label, mean in quantities(mechanism).items():
        assert abs(found.means[label] - mean) <= 5 * found.errors[label] + 1e-9


def test_more_profiles_than_can_be_numbered(types_of: Callable[..., TypeSpace]) -> None:
    """A hundred bidders of two types: 2^100 profiles. The higher type wins, ties are shared."""
    types = types_of("v", ["1", "2"], ["99/100", "1/100"])
    specs = [AgentSpec(f"bidder[{i}]", types, exact_array([1, 2], (2, 1)), group="bidder") for i in range(1, 101)]
    environment = goods_environment(specs, [Good("lamp", 1)])
    share = Share((0,), 1, np.array([1.0]), np.array([[1, 2]]), np.ones((2, 1)))
    rule = HierarchyRule(environment, (tuple(range(100)),), (share,), np.zeros(2))
    held = rule.delivered()[0]
    mechanism = InterimMechanism(environment, (held,) * 100, (held[:, 0] * [1, 2],) * 100, rule)
    assert held[1, 0] == pytest.approx((1 - 0.99**100) / (100 * 0.01), abs=ROUNDING)
    assert audit(mechanism, Design((Participation.INTERIM,) * 100)).feasibility.violation < ROUNDING
    found = simulate(mechanism, 2_000, seed=3)
    assert found.means["allocated(lamp)"] == 1.0
    assert abs(found.means["revenue"] - (2 - 0.99**100)) <= 5 * found.errors["revenue"]
    assert mechanism([1] * 99 + [2]).allocation["bidder[100]"] == {"lamp": 1.0}
    assert mechanism([1] * 100).allocation["bidder[7]"] == {"lamp": 0.01}
    drawn = mechanism.draw([0] * 100, np.random.default_rng(0))
    assert sum(own["lamp"] for own in drawn.allocation.values()) == 1
    assert drawn.payments == mechanism.at(*[0] * 100).payments


# --- files


def same(one: InterimMechanism, other: InterimMechanism) -> None:
    for a, b in zip(one.allocation + one.payments, other.allocation + other.payments, strict=True):
        assert (a == b).all()
    assert one.lift.classes == other.lift.classes
    for a, b in zip(one.lift.shares, other.lift.shares, strict=True):
        assert (a.goods, a.units) == (b.goods, b.units)
        assert all((getattr(a, name) == getattr(b, name)).all() for name in ("probability", "level", "split"))
    assert one.lift.utility == pytest.approx(other.lift.utility, abs=ROUNDING)


@given(seed=st.integers(0, 2**32))
def test_there_and_back(market: Environment, seed: int) -> None:
    mechanism = mechanism_of(random_rule(market, seed))
    same(loads("".join(dumps(mechanism)), market), mechanism)


def test_a_file(market: Environment, tmp_path: Path) -> None:
    mechanism = mechanism_of(random_rule(market, 4))
    write(mechanism, tmp_path / "m.json", title="Market", digest="ab")
    again = read(tmp_path / "m.json", market)
    same(again, mechanism)
    assert again(1, 2, "5/2", 3) == mechanism(1, 2, "5/2", 3)
    header = json.loads((tmp_path / "m.json").read_text())
    assert (header["title"], header["problem"], header["rule"]["kind"]) == ("Market", "ab", "hierarchies")


def test_a_rule_without_hierarchies_cannot_be_written(market: Environment, tmp_path: Path) -> None:
    class Other:
        def hierarchies(self) -> None:
            return None

    good = mechanism_of(random_rule(market, 4))
    with pytest.raises(ValueError, match="a file cannot hold it"):
        write(InterimMechanism(market, good.allocation, good.payments, Other()), tmp_path / "m.json")
    assert list(tmp_path.iterdir()) == []


def document(market: Environment) -> dict[str, Any]:
    return json.loads("".join(dumps(mechanism_of(random_rule(market, 5)))))


def put(path: list[Any], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value

    return change


SHARE = ["rule", "shares", 1]
FAULTS = {
    "no list": (put(["interim"], 3), "interim: is 3, but needs a list"),
    "odd entry": (put(["interim", 0], {"agents": []}), "interim[1]: needs agents, types, and nothing else"),
    "stranger": (put(["interim", 1, "agents"], ["bobb"]), 'interim[2].agents: "bobb" is no agent; did you mean'),
    "number": (put(["interim", 1, "agents"], [7]), "interim[2].agents: 7 is no agent"),
    "twice": (put(["interim", 1, "agents"], ["bob", "bob"]), "interim[2].agents: bob is named twice"),
    "unlike": (put(["interim", 0, "agents", 2], "bob"), "interim[1].agents: bob and ann[1] do not have the same types"),
    "missing": (put(["interim", 0, "agents"], ["ann[1]", "ann[3]"]), "interim: says nothing of ann[2]"),
    "no type": (put(["interim", 1, "types", 0, "report"], [1]), "interim[2].types[1].report: bob has no type w = 1"),
    "same type": (
        put(["interim", 1, "types", 0, "report"], [3]),
        "interim[2].types[2].report: is the report of an ear",
    ),
    "too few": (put(["interim", 1, "types"], []), "interim[2].types: 2 types have no entry"),
    "units": (
        put(["interim", 1, "types", 0, "allocation"], [1]),
        "interim[2].types[1].allocation: is a list of 1, but",
    ),
    "payment": (put(["interim", 1, "types", 0, "payment"], "x"), "interim[2].types[1].payment: 'x' is not a number"),
    "no rule": (put(["rule"], None), "rule: needs certain_utility, kind, shares, and nothing else"),
    "kind": (put(["rule", "kind"], "other"), "rule: needs kind: hierarchies or rising-hierarchies, and"),
    "certain": (put(["rule", "certain_utility"], 1), "rule: needs kind: hierarchies or rising-hierarchies, and"),
    "shares": (put(["rule", "shares"], {}), "rule.shares: is a mapping, but needs a list"),
    "good": (put([*SHARE, "goods"], ["desk", "sofa"]), "rule.shares[2].goods: needs names of goods; there are lamp"),
    "goods": (put([*SHARE, "goods"], 5), "rule.shares[2].goods: is 5, but needs a list"),
    "good twice": (put([*SHARE, "goods"], ["desk", "lamp"]), "rule.shares: a good stands in two shares, or twice"),
    "no units": (put([*SHARE, "units"], "many"), 'rule.shares[2].units: is "many", but needs a whole number from 1'),
    "probability": (put([*SHARE, "lottery", 0, "probability"], 1.5), "rule.shares[2].lottery: has probabilities below"),
    "levels": (put([*SHARE, "lottery", 0, "levels"], [[1, 2], [3]]), "lottery[1].levels: needs a list for each entry"),
    "half": (put([*SHARE, "lottery", 0, "levels", 1, 0], 0.5), "rule.shares[2].lottery[1].levels: needs whole numbers"),
    "shared": (put([*SHARE, "lottery", 0, "levels"], [[1, 2, 0], [2, 0]]), "levels: level 2 is shared by types of two"),
    "split": (put([*SHARE, "split", 1, 0], [0.7, 0.7]), "rule.shares[2].split: has parts below 0, or that sum to more"),
    "split list": (put([*SHARE, "split"], [[], []]), "rule.shares[2].split: needs a list for each entry of interim"),
    "split good": (put([*SHARE, "split", 1, 1], [1]), "rule.shares[2].split[2][2]: is a list of 1, but needs a list"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_with_their_places(market: Environment, name: str) -> None:
    change, message = FAULTS[name]
    found = document(market)
    change(found)
    with pytest.raises(InputError) as caught:
        loads(json.dumps(found), market, "m.json")
    assert message in str(caught.value)


def test_only_for_goods_that_are_valued_one_by_one(voting: Callable[..., Environment]) -> None:
    with pytest.raises(InputError, match="interim: is only for goods with additive private values and independent"):
        loads('{"interim": []}', voting(1, "ab"))


def test_rational_texts_are_read(license: Mechanism) -> None:
    types = [{"report": [v], "allocation": [q], "payment": p} for v, q, p in (("10", "1/4", 0), (50, 0.75, "3/2"))]
    share = {"goods": ["license"], "units": 1, "split": [[[1], [1]]]}
    share["lottery"] = [{"probability": "1", "levels": [[1, 2]]}]
    rule = {"kind": "hierarchies", "certain_utility": True, "shares": [share]}
    text = json.dumps({"interim": [{"agents": ["firm[1]", "firm[2]"], "types": types}], "rule": rule})
    mechanism = loads(text, license.environment)
    assert mechanism.payments[0].tolist() == [0.0, 1.5]
    # of type 50 utility 50·3/4 − 3/2 = 36 in every profile, so it pays 14; of type 10 10·1/4 = 5/2, without the license
    assert mechanism(50, 10).payments == {"firm[1]": 14.0, "firm[2]": -2.5}
    assert audit(mechanism, Design((Participation.INTERIM,) * 2)).feasibility.violation == 0
    assert float(Fraction(1, 4)) == mechanism.allocation[1][0, 0]

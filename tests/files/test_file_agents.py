"""Agents: types, values, bundles, outside options, groups, interdependence, joint priors."""

from collections.abc import Callable
from fractions import Fraction as Q
from itertools import product

import numpy as np
import pytest

from amd.files import loads
from amd.model.environment import AllocationKind
from amd.model.task import Task

Complaints = Callable[..., list[str]]


def test_the_example_of_the_format(trade: str) -> None:
    task = loads(trade)
    environment = task.environment
    assert environment.shape == (20, 20)
    assert [agent.name for agent in environment.agents] == ["buyer", "seller"]
    assert environment.allocation.kind is AllocationKind.OUTCOMES
    assert environment.allocation.names == ("no_trade", "trade")
    buyer, seller = environment.agents
    assert buyer.values[:, 0].tolist() == [Q(2 * k + 1, 40) for k in range(20)]
    assert seller.values[:, 0].tolist() == [-Q(2 * k + 1, 40) for k in range(20)]
    assert buyer.features.toarray().tolist() == [[0, 1]]
    assert buyer.outside.tolist() == [0] * 20
    assert (task.title, task.source) == (
        "Bilateral trade with uniform types",
        "Myerson and Satterthwaite (1983)",
    )
    assert task.parameters == {"N": "20"}
    assert task.lines["agents"] == 5
    assert task.lines["agents.seller.types"] == 10
    assert task.lines["design.maximize"] == 14
    assert buyer.formulas["trade"].polynomial("v") == {(1,): 1}
    assert seller.formulas["trade"].polynomial("c") == {(1,): -1}


def agents(text: str, rest: str = "outcomes: [a, b, c]") -> Task:
    return loads(f"amd: 1\nagents: {text}\n{rest}\n")


def test_an_agent_without_types_has_one() -> None:
    task = agents("{planner: , other: {value: {b: 1/3}}}")
    assert task.environment.shape == (1, 1)
    assert task.environment.agents[0].types.parameters == ()
    assert task.environment.agents[1].values.tolist() == [[Q(1, 3)]]


def test_product_types_run_the_last_parameter_fastest() -> None:
    task = agents("{a: {types: {v: {values: [1, 2], prob: [1/4, 3/4]}, w: {values: [5, 6, 7]}}, value: {a: v + 10*w}}}")
    types = task.environment.agents[0].types
    assert types.points == tuple(product((1, 2), (5, 6, 7)))
    assert types.probability == tuple(p / 3 for p in (Q(1, 4), Q(3, 4)) for _ in range(3))
    assert task.environment.agents[0].values[:, 0].tolist() == [51, 61, 71, 52, 62, 72]
    assert types.shape == (2, 3)


@pytest.mark.parametrize(
    ("rows", "masses"),
    [
        ("[{v: 10, w: 3, prob: 1/2}, {v: 20, w: 1, prob: 1/2}]", "1/2 1/2"),
        ("[{v: 10, w: 3}, {w: 1, v: 20}]", "1/2 1/2"),
        ("[{v: 10, w: 3, weights: 1}, {v: 20, w: 1, weights: 3}]", "1/4 3/4"),
        ("[{v: 10, w: 3, weight: 0}, {v: 20, w: 1, weight: 3}]", "0 1"),
    ],
)
def test_tables_of_types(rows: str, masses: str, exact: Callable[[str], list[Q]]) -> None:
    types = agents(f"{{a: {{types: {{table: {rows}}}, value: {{a: v*w}}}}}}").environment.agents[0].types
    assert types.parameters == ("v", "w")
    assert types.points == ((10, 3), (20, 1))
    assert list(types.probability) == exact(masses)


def test_weights_are_scaled() -> None:
    types = agents("{a: {types: {v: {values: [1, 2, 3], weights: [1, 0, 1/2]}}}}").environment.agents[0].types
    assert types.probability == (Q(2, 3), 0, Q(1, 3))


def test_orders_of_all_outcomes() -> None:
    task = agents("{voter: {count: 2, types: {orders: all}}}")
    types = task.environment.agents[0].types
    assert types.orders is not None
    assert len(types.orders) == 6
    assert types.labels[0] == "a > b > c"
    assert types.label(5) == "c > b > a"
    assert types.probability == (Q(1, 6),) * 6
    assert not task.environment.agents[0].values.any()


def test_listed_orders() -> None:
    types = agents("{voter: {types: {orders: [[b, a, c], [c, b, a]], weights: [1, 2]}}}").environment.agents[0].types
    assert types.orders == ((1, 0, 2), (2, 1, 0))
    assert types.probability == (Q(1, 3), Q(2, 3))


def test_copies_share_their_group() -> None:
    task = agents("{bidder: {count: 3, types: {v: {values: [1, 2]}}, value: {item: v}, outside: v/10, budget: 3/2}}",
                  "goods: {item: {supply: 2, cost: 1/2}}")  # fmt: skip
    environment = task.environment
    assert [agent.name for agent in environment.agents] == ["bidder[1]", "bidder[2]", "bidder[3]"]
    assert environment.groups[0].members == (0, 1, 2)
    assert environment.agents[2].outside.tolist() == [Q(1, 10), Q(1, 5)]
    assert environment.agents[1].budget == Q(3, 2)
    assert environment.allocation.kind is AllocationKind.MARGINALS
    assert environment.allocation.cost.tolist() == [Q(1, 2)] * 3


def test_a_count_may_be_a_parameter() -> None:
    text = "amd: 1\nparameters: {n: 2}\nagents: {a: {count: n + 1}}\noutcomes: [x]\n"
    assert loads(text).environment.shape == (1, 1, 1)
    assert loads(text, overrides={"n": "0"}).environment.agents[0].name == "a"


def test_demand_limits_and_bundles() -> None:
    rest = "goods: {a: 1, b: 2}\nlimits: [{goods: [a, b], at_most: 2}]"
    additive = agents("{x: {count: 2, demand: 1, value: {a: 3, b: 2}}}", rest).environment
    assert additive.agents[0].demand == 1
    assert additive.allocation.kind is AllocationKind.MARGINALS
    assert additive.allocation.limits[0].goods == (0, 1)
    bundles = agents("{x: {bundles: [{of: [a, b], value: 5}, {of: [b, b], value: 4}]}}", rest).environment
    assert bundles.allocation.kind is AllocationKind.DECISIONS
    holdings = [tuple(units[0]) for units in bundles.allocation.units.tolist()]  # type: ignore[union-attr]
    worth = bundles.agents[0].features.T @ bundles.agents[0].values[0].astype(float)
    assert dict(zip(holdings, worth.tolist(), strict=True)) == {
        (0, 0): 0, (0, 1): 0, (0, 2): 4, (1, 0): 0, (1, 1): 5
    }  # fmt: skip
    assert set(bundles.agents[0].formulas) == {"a + b", "2 b"}


def test_an_own_type_goes_before_a_parameter_of_the_same_name() -> None:
    rest = "parameters: {v: 7, x: 5}\noutcomes: {a: {cost: v}}"
    one = "{types: {v: {values: [1, 2]}}, value: {a: v}}"
    other = "{types: {w: {cdf: x, support: [0, 1], cells: 1}}, value: {a: v + x}}"
    task = agents(f"{{p: {one}, q: {other}}}", rest)
    first, second = task.environment.agents
    assert first.values.tolist() == [[1], [2]]
    assert second.values.tolist() == [[12]]
    assert second.types.points == ((Q(1, 2),),)
    assert task.environment.allocation.cost.tolist() == [7]


def test_costs_of_outcomes() -> None:
    task = agents("{x: {value: {build: 3}}}", "parameters: {c: 6}\noutcomes: {build: {cost: c/4}, skip: }")
    assert task.environment.allocation.cost.tolist() == [Q(3, 2), 0]


# --- values that depend on each other ---------------------------------------------------------------------------


def test_a_value_may_name_another_agents_type() -> None:
    task = agents("{buyer: {types: {v: {values: [1, 2]}}, value: {a: v + seller.c/2, b: 1}},"
                  " seller: {types: {c: {values: [4, 6, 8]}}, value: {a: -c}}}")  # fmt: skip
    buyer, seller = task.environment.agents
    assert buyer.interdependent
    assert not seller.interdependent
    assert buyer.values.shape == (2, 3, 2)
    assert buyer.values[..., 0].tolist() == [[3, 4, 5], [4, 5, 6]]
    assert buyer.values[..., 1].tolist() == [[1] * 3] * 2
    assert seller.values.shape == (3, 1)


def test_others_range_over_the_other_copies() -> None:
    text = "{b: {count: 3, types: {s: {values: [0, 1]}}, value: {a: s + sum(others.s)/2, b: max(others.s)}}}"
    environment = agents(text).environment
    for i, agent in enumerate(environment.agents):
        assert agent.values.shape == (2, 2, 2, 2)
        for profile in product((0, 1), repeat=3):
            others = [signal for j, signal in enumerate(profile) if j != i]
            assert agent.values[profile].tolist() == [profile[i] + Q(sum(others), 2), max(others)]


def test_copies_and_groups_by_name() -> None:
    text = ("{b: {count: 2, types: {s: {values: [1, 2]}}, value: {a: \"b[1].s\", b: sum(b.s)}},"
            " 'the seller': {types: {c: {values: [5, 7]}}, value: {a: \"mean(b.s) - 'the seller'.c\"}}}")  # fmt: skip
    first, second, seller = agents(text).environment.agents
    assert first.interdependent  # through sum(b.s)
    assert first.values[1, 0, 0].tolist() == [2, 3]
    assert second.values[1, 0, 0].tolist() == [2, 3]
    assert seller.values[0, 1, 1].tolist() == [Q(3, 2) - 7]


def test_the_own_type_by_a_name_is_no_dependence() -> None:
    first, second = agents('{b: {count: 2, types: {s: {values: [1, 2]}}, value: {a: "b[1].s"}}}').environment.agents
    assert not first.interdependent
    assert first.values.tolist() == [[1], [2]]
    assert second.interdependent
    assert second.values.tolist() == [[[1], [1]], [[2], [2]]]


def test_a_single_copy_has_no_others() -> None:
    (agent,) = agents("{b: {types: {s: {values: [1, 2]}}, value: {a: s + sum(others.s)}}}").environment.agents
    assert not agent.interdependent
    assert agent.values.tolist() == [[1], [2]]


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("w", "unknown name 'w'; there is s"),
        ("others.s", "'others.…' speaks of several agents: put it inside sum, max, min or mean"),
        ("b.s + 1", "'b.…' speaks of several agents"),
        ("sum(others.t)", "'b' has no type parameter 't'; there is s"),
        ("c.x", "'c' has no type parameter 'x'"),
        ("d.s", "there is no agent 'd'"),
        ("1/(s - 1)", "division by zero where s = 1"),
        ("1/(s - sum(others.s))", "division by zero where "),
        ("log(s - 1)", "the logarithm of a number that is not above 0 where s = 1"),
        ("payment(b)", "unknown function 'payment'"),
        ("10^99*s*s*10", "the value is beyond 10^100"),
    ],
)
def test_faults_of_values(expression: str, told: str, faults: Complaints) -> None:
    types = "types: {s: {values: [1, 20]}}"
    own = f"    count: 2\n    {types}\n    value:\n      a: {expression}\n"
    text = f"amd: 1\nagents:\n  b:\n{own}  c: {{}}\noutcomes: [a]\n"
    (found,) = faults(text)
    assert found.startswith(f"f.yaml:7: agents.b.value.a: {told}")


def test_profiles_that_cannot_fit_are_refused_with_the_estimate(faults: Complaints) -> None:
    text = (
        "amd: 1\nagents:\n  b: {{count: {n}, types: {{s: {{uniform: [0, 1], cells: {k}}}}},"
        " value: {{a: sum(others.s)}}}}\noutcomes: [a, z]\n"
    )
    (told,) = faults(text.format(n=20, k=10))
    assert told.startswith("f.yaml:3: agents.b.value.a: needs 2 numbers for each of 1e+20 type profiles")
    assert "PB" in told
    (told,) = faults(text.format(n=61, k=1))
    assert "at most 60 agents" in told


# --- joint priors ----------------------------------------------------------------------------------------------

PAIR = "{x: {types: {v: {uniform: [0, 1], cells: 2}}, value: {a: v}}, y: {types: {v: {values: [1, 2, 3]}}}}"


def joint(text: str, who: str = PAIR) -> str:
    return f"amd: 1\nagents: {who}\noutcomes: [a, b]\nprior:\n  joint: {text}\n"


def test_a_joint_prior_gives_the_probabilities() -> None:
    task = loads(joint("[[1/4, 1/8, 0], [1/8, 1/4, 1/4]]"))
    environment = task.environment
    assert not environment.independent
    assert environment.joint is not None
    assert environment.joint.tolist() == [[Q(1, 4), Q(1, 8), 0], [Q(1, 8), Q(1, 4), Q(1, 4)]]
    assert environment.agents[0].types.probability == (Q(3, 8), Q(5, 8))
    assert environment.agents[1].types.probability == (Q(3, 8), Q(3, 8), Q(1, 4))
    grid = environment.agents[0].types.grids[0]
    assert (grid.points, grid.law) == ((Q(1, 4), Q(3, 4)), None)
    assert grid.probability == (Q(3, 8), Q(5, 8))


def test_copies_are_agents_in_a_joint_prior() -> None:
    who = "{x: {count: 2, types: {table: [{v: 1, w: 2}, {v: 3, w: 4}]}}, y: {}}"
    environment = loads(joint("[[[1/2], [0]], [[0], [1/2]]]", who)).environment
    assert environment.shape == (2, 2, 1)
    assert np.asarray(environment.joint).sum() == 1


def test_a_product_type_runs_its_last_parameter_fastest_in_the_table() -> None:
    who = "{x: {types: {v: {values: [1, 2]}, w: {values: [1, 2]}}}}"
    types = loads(joint("[1/2, 1/4, 1/4, 0]", who)).environment.agents[0].types
    assert [grid.probability for grid in types.grids] == [(Q(3, 4), Q(1, 4)), (Q(3, 4), Q(1, 4))]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("[[1/4, 1/8, 0], [1/8, 1/4, 1/3]]", "5: prior.joint: the probabilities sum to 13/12"),
        ("[[1, 0], [0, 0]]", "5: prior.joint[1]: has 2 items; 'y' has 3 types"),
        ("[[1, 0, 0]]", "5: prior.joint: has 1 items; 'x' has 2 types"),
        ("[[1, 0, 0], 3]", "5: prior.joint[2]: is a number at the level of 'y'; a list of 3"),
        ("[[1, 0, 0], [0, 0, [0]]]", "5: prior.joint[2][3]: is a list inside the last of 2 levels"),
        ("[[2, 0, 0], [0, 0, -1]]", "5: prior.joint[2][3]: is -1; a probability is at least 0"),
        ("[[1, 0, q], [0, 0, 0]]", "5: prior.joint[1][3]: unknown name 'q'"),
        ("7", "5: prior.joint: is a number at the level of 'x'"),
    ],
)
def test_faults_of_joint_priors(table: str, told: str, faults: Complaints) -> None:
    found = faults(joint(table))
    assert found[0].startswith(f"f.yaml:{told}")


def test_own_probabilities_beside_a_joint_prior_are_refused(faults: Complaints) -> None:
    who = "\n  x: {types: {v: {values: [1, 2], prob: [1/2, 1/2]}}}\n  y: {types: {table: [{v: 1, prob: 1}]}}"
    assert [line[:60] for line in faults(joint("[[1], [0]]", who))] == [
        "f.yaml:3: agents.x.types.v.prob: the joint prior gives the p",
        "f.yaml:4: agents.y.types.table[1]: the joint prior gives the",
    ]

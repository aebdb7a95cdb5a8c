"""Bad input: every kind of it gets its line, its key path and a sentence, all faults at once, and never a traceback."""

from collections.abc import Callable

import pytest

Complaints = Callable[..., list[str]]

GOOD = {
    "amd": "1",
    "agents": "\n  a:\n    types: {v: {values: [1, 2]}}\n    value: {x: v}",
    "outcomes": "[y, x]",
}


def problem(**changed: str | None) -> str:
    """A sound problem with some keys changed, left out, or put at its end."""
    keys = {**GOOD, **changed}
    return "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)


AGENTS = [
    ("[a]", "2: agents: is a list; a mapping of names to agents is wanted here"),
    ("{}", "2: agents: is empty; a mapping of names to agents"),
    ("x", "2: agents: is 'x'; a mapping"),
    ("\n  a: 3", "3: agents.a: is '3'; an agent: a mapping"),
    ("\n  others: {}", "3: agents.others: 'others' is a reserved name"),
    ("\n  '': {}", "3: agents.: a name is empty"),
    ("\n  a: {count: 2}\n  'a[2]': {}", "4: agents.a[2]: 'a[2]' is also the name of a copy of 'a'"),
    ("\n  a:\n    valeu: {x: 1}", "4: agents.a.valeu: unknown key 'valeu'; did you mean 'value'?"),
    ("\n  a:\n    participation: none", "4: agents.a.participation: unknown key 'participation'; it belongs"),
    ("\n  a:\n    count: 0", "4: agents.a.count: is 0; a number of copies is at least 1"),
    ("\n  a:\n    count: 3/2", "4: agents.a.count: is 3/2; a number of copies is a whole number"),
    ("\n  a:\n    count: 10^9", "4: agents.a.count: is 1,000,000,000, too large"),
    ("\n  a:\n    count: [2]", "4: agents.a.count: is a list; a whole number is wanted"),
    ("\n  a:\n    types: 3", "4: agents.a.types: is '3'; a mapping of parameters to distributions"),
    ("\n  a:\n    types: [1, 2]", "4: agents.a.types: is a list"),
    ("\n  a:\n    types: {values: [1, 2]}", "4: agents.a.types: is a distribution itself; name the parameter"),
    ("\n  a:\n    types: {v: [1, 2]}", "4: agents.a.types.v: is a list; a distribution is wanted here, such as"),
    ("\n  a:\n    types: {v: {value: [1]}}", "4: agents.a.types.v: is not a distribution, which has one of the keys"),
    ("\n  a:\n    types: {v: {values: [1], cdf: x}}", "4: agents.a.types.v.cdf: stands beside 'values'"),
    ("\n  a:\n    types: {v: {values: []}}", "4: agents.a.types.v.values: has 0 items; a list of numbers"),
    ("\n  a:\n    types: {v: {values: [[1]]}}", "4: agents.a.types.v.values[1]: is a list; a number"),
    ("\n  a:\n    types: {v: {values: [1], cells: 2}}", "4: agents.a.types.v.cells: unknown key 'cells'"),
    ("\n  a:\n    types: {max: {values: [1]}}", "4: agents.a.types.max: 'max' is a reserved name"),
    ("\n  a:\n    types: {v w: {values: [1]}}", "4: agents.a.types.v w: 'v w' is not a name"),
    (
        "\n  a:\n    types:\n      v:\n        values: [1, 2]\n        prob: [1/2, 1/3]",
        "7: agents.a.types.v.prob: the probabilities sum to 5/6 (0.833333333333333), not to 1",
    ),
    (
        "\n  a:\n    types:\n      v:\n        values: [1, 2]\n        prob:\n          - 0.5\n          - 0.6",
        "8: agents.a.types.v.prob: the probabilities sum to 11/10",
    ),
    ("\n  a:\n    types: {v: {values: [1, 2], prob: [1]}}", "4: agents.a.types.v.prob: has 1 numbers for 2 values"),
    (
        "\n  a:\n    types:\n      v:\n        values: [1, 2]\n        prob:\n          - 2\n          - -1",
        "9: agents.a.types.v.prob[2]: is -1; a probability is at least 0",
    ),
    ("\n  a:\n    types: {v: {values: [1], weights: [0]}}", "4: agents.a.types.v.weights: the weights are all 0"),
    (
        "\n  a:\n    types:\n      v:\n        weights: [1]\n        values: [1]\n        prob: [1]",
        "8: agents.a.types.v.prob: probabilities are given by 'prob' or by 'weights', not both",
    ),
    ("\n  a:\n    types: {table: []}", "4: agents.a.types.table: has 0 items; a list of rows"),
    ("\n  a:\n    types: {table: [3]}", "4: agents.a.types.table[1]: is '3'; a row"),
    ("\n  a:\n    types: {table: [{v: 1, prob: 1}, {v: 2}]}", "4: agents.a.types.table[2]: 'prob' is missing"),
    ("\n  a:\n    types: {table: [{v: 1}, {w: 2}]}", "4: agents.a.types.table[2]: 'v' is missing and 'w' is not"),
    ("\n  a:\n    types: {table: [{v: 1, prob: 1/2}]}", "4: agents.a.types.table: the probabilities sum to 1/2,"),
    ("\n  a:\n    types: {table: [{v: 1, prob: 1, weight: 1}]}", "4: agents.a.types.table[1]: has 'prob' and 'weight'"),
    ("\n  a:\n    types: {table: [{v: 1}], orders: all}", "4: agents.a.types.orders: stands beside 'table'"),
    ("\n  a:\n    types: {table: [{v: 1}], prob: [1]}", "4: agents.a.types.prob: unknown key 'prob'; the"),
    ("\n  a:\n    types: {orders: al}", "4: agents.a.types.orders: 'al' is not 'all'"),
    ("\n  a:\n    types: {orders: [[x]]}", "4: agents.a.types.orders[1]: an order has every outcome once; 'y' is"),
    ("\n  a:\n    types: {orders: [[x, x]]}", "4: agents.a.types.orders[1]: 'x' stands twice"),
    ("\n  a:\n    types: {orders: [[x, z]]}", "4: agents.a.types.orders[1][2]: there is no outcome 'z'"),
    ("\n  a:\n    types: {orders: [[x, y], [x, y]]}", "4: agents.a.types.orders[2]: this order is listed twice"),
    ("\n  a:\n    types: {orders: all}\n    value: {x: 1}", "5: agents.a.value: the agent has orders"),
    (
        "\n  a:\n    types: {v: {uniform: [0, 1], cells: 5000}, w: {uniform: [0, 1], cells: 5000}}",
        "4: agents.a.types: makes 5,000 × 5,000 = 25,000,000 types, about 10 GB; at most 1,000,000",
    ),
    ("\n  a:\n    value: {z: 1}", "4: agents.a.value.z: there is no outcome 'z'; there are y and x"),
    ("\n  a:\n    value:\n      x: w", "5: agents.a.value.x: unknown name 'w'; write a number"),
    ("\n  a:\n    value: {x: }", "4: agents.a.value.x: is empty; a number or an expression is wanted here"),
    ("\n  a:\n    value: 3", "4: agents.a.value: is '3'; a mapping of outcomes (or goods) to expressions"),
    ("\n  a:\n    value: {x: max(1, 2)}", "4: agents.a.value.x: inside {} or [] a comma ends a text"),
    ("\n  a:\n    value: {x: 1 +}", "4: agents.a.value.x: '1 +' ends too early"),
    ("\n  a:\n    demand: 1", "4: agents.a.demand: demand is about goods"),
    ("\n  a:\n    bundles: []", "4: agents.a.bundles: bundles are of goods"),
    ("\n  a:\n    outside: a.v", "4: agents.a.outside: 'a.v' names an agent"),
    ("\n  a:\n    types: {v: {values: [1]}}\n    budget: v", "5: agents.a.budget: a budget is one number"),
    ("\n  a:\n    value: {x: 1}\n    value: {x: 2}", "5: agents.a.value: this key was given before, on line 4"),
]  # fmt: skip


@pytest.mark.parametrize(("agents", "told"), AGENTS)
def test_faults_of_agents(agents: str, told: str, faults: Complaints) -> None:
    (found,) = faults(problem(agents=agents))
    assert found.startswith(f"f.yaml:{told}")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amd": "2"}, "1: amd: '2' is not '1'"),
        ({"amd": None}, "1: amd: is missing"),
        ({"agents": None}, "1: agents: is missing"),
        ({"outcomes": None}, "1: outcomes: is missing; say what can be decided by 'outcomes' or by 'goods'"),
        ({"agent": "x"}, "7: agent: unknown key 'agent'; did you mean 'agents'?"),
        ({"title": "[a]"}, "7: title: is a list; a text is wanted here"),
        ({"kind": "auctoin"}, "7: kind: 'auctoin' is no kind of problem; did you mean 'auction'?"),
        ({"kind": "[x]"}, "7: kind: is a list; one of mechanism, matching, exchange, auction, axioms and cooperative"),
        ({"kind": "matching"}, "7: kind: is 'matching', which its own module reads"),
        ({"parameters": "{a: b, b: 1 + c, c: a}"}, "7: parameters.a: refers to itself in a circle: a → b → c → a"),
        ({"parameters": "{a: a}"}, "7: parameters.a: refers to itself in a circle: a → a"),
        ({"parameters": "{d: 1/0}"}, "7: parameters.d: division by zero"),
        ({"parameters": "{d: 9^9^9}"}, "7: parameters.d: an exponent is beyond 1,000"),
        ({"parameters": "{d: e}"}, "7: parameters.d: unknown name 'e'"),
        ({"parameters": "{d: a.v}"}, "7: parameters.d: a parameter cannot speak of an agent's type"),
        ({"parameters": "{log: 1}"}, "7: parameters.log: 'log' is a reserved name"),
        ({"parameters": "[1]"}, "7: parameters: is a list"),
        ({"parameters": "{d: [1]}"}, "7: parameters.d: is a list; a number or an expression"),
        ({"outcomes": "[x, y, x]"}, "6: outcomes[3]: the outcome 'x' is listed twice"),
        ({"outcomes": "[x, [y]]"}, "6: outcomes[2]: is a list; the name of an outcome"),
        ({"outcomes": "{x: {cots: 1}}"}, "6: outcomes.x.cots: unknown key 'cots'; did you mean 'cost'?"),
        ({"outcomes": "{x: 3}"}, "6: outcomes.x: is '3'; {cost: expression} is wanted here"),
        ({"outcomes": "{x: {cost: q}}"}, "6: outcomes.x.cost: unknown name 'q'"),
        ({"goods": "{x: 1}"}, "7: goods: a problem has 'outcomes' or 'goods', not both"),
        ({"outcomes": None, "goods": "{x: 1/2}"}, "6: goods.x: is 1/2; a supply is a whole number"),
        ({"outcomes": None, "goods": "{x: -1}"}, "6: goods.x: is -1; a supply is at least 0"),
        ({"outcomes": None, "goods": "{x: {cost: 1}}"}, "6: goods.x.supply: is missing"),
        ({"outcomes": None, "goods": "[x]"}, "6: goods: is a list; a mapping of goods to their supply"),
        ({"limits": "[]"}, "7: limits: limits are about goods, and this problem has outcomes"),
        ({"prior": "3"}, "7: prior: '3' is not 'independent'"),
        ({"prior": "{}"}, "7: prior.joint: is missing"),
        ({"prior": "{joint: [1/2, 1/3]}"}, "7: prior.joint: the probabilities sum to 5/6"),
        ({"design": "[]"}, "7: design: is a list; a mapping"),
    ],
)  # fmt: skip
def test_faults_of_other_keys(changed: dict[str, str | None], told: str, faults: Complaints) -> None:
    (found,) = faults(problem(**changed))
    assert found.startswith(f"f.yaml:{told}")


def test_faults_of_goods(faults: Complaints) -> None:
    text = """\
amd: 1
agents:
  a:
    value: {g: 1}
    bundles:
      - {of: [g, g], value: 1}
      - {of: [h], value: 2}
      - {of: [], value: 2}
      - {of: [f, f], value: 1}
      - {of: [f, f], value: 3}
      - of: [f]
goods: {g: 1, f: 2}
limits:
  - {goods: [g, q], at_most: 1}
  - {goods: [g, g], at_most: -1}
  - {goods: [f]}
"""
    assert [line.partition(";")[0] for line in faults(text)] == [
        "f.yaml:5: agents.a.bundles: values are given by 'value' or by 'bundles', not both",
        "f.yaml:6: agents.a.bundles[1].of: holds 2 of 'g', of which there are 1",
        "f.yaml:7: agents.a.bundles[2].of[1]: there is no good 'h'",
        "f.yaml:8: agents.a.bundles[3].of: has 0 items",
        "f.yaml:10: agents.a.bundles[5]: this bundle is listed twice",
        "f.yaml:11: agents.a.bundles[6].value: is missing",
        "f.yaml:14: limits[1].goods[2]: there is no good 'q'",
        "f.yaml:15: limits[2].at_most: is -1",
        "f.yaml:15: limits[2].goods[2]: the good 'g' is listed twice",
        "f.yaml:16: limits[3].at_most: is missing",
    ]


def test_too_many_decisions_are_refused_with_the_number(faults: Complaints) -> None:
    text = "amd: 1\nagents: {a: {count: 12, bundles: [{of: [f, f], value: 1}]}}\ngoods: {g: 10, f: 20}\n"
    (found,) = faults(text)
    assert found.startswith("f.yaml:3: goods: ")
    assert "too many to list" in found


def test_all_faults_are_told_at_once_in_the_order_of_lines(faults: Complaints) -> None:
    text = """\
amd: 1
titel: x
parameters: {N: 0, M: K}
agents:
  buyer:
    types: {v: {uniform: [0, 1], cells: N}}
    value: {trade: v + w, tarde: 1}
  seller:
    types: {c: {values: [1, 2], prob: [1, 1]}}
    value: {trade: -c}
outcomes: [no_trade, trade]
design:
  maximize: wellfare
  budget: {balanced: always}
  require: [efficent, {revenue: "> 2"}]
"""
    assert [line.split(": ")[0] + " " + line.split(": ")[1] for line in faults(text)] == [
        "f.yaml:2 titel",
        "f.yaml:3 parameters.M",
        "f.yaml:6 agents.buyer.types.v.cells",
        "f.yaml:7 agents.buyer.value.tarde",
        "f.yaml:7 agents.buyer.value.trade",
        "f.yaml:9 agents.seller.types.c.prob",
        "f.yaml:13 design.maximize",
        "f.yaml:14 design.budget.balanced",
        "f.yaml:15 design.require[1]",
        "f.yaml:15 design.require[2].revenue",
    ]


def test_names_are_looked_up_also_where_the_types_of_an_agent_are_at_fault(faults: Complaints) -> None:
    text = """\
amd: 1
agents:
  a: {types: {v: {uniform: [0, 1], cells: 0}}, value: {x: v + bb.w}}
  b: {types: {w: {values: [1, 2]}}, value: {x: w}}
outcomes: [y, x]
design: {maximize: payment(c), participation: {d: interim}}
"""
    assert [line.split(": ")[1] for line in faults(text)] == [
        "agents.a.types.v.cells",
        "agents.a.value.x",
        "design.maximize",
        "design.participation.d",
    ]


@pytest.mark.parametrize("at_fault", ["3", "{count: many, types: {c: {values: [1, 2]}}}"])
def test_a_name_that_nobody_may_have_is_left_alone_where_the_copies_are_not_known(
    at_fault: str, faults: Complaints
) -> None:
    text = "amd: 1\nagents:\n  a: {types: {v: {values: [1, 2]}}, value: {x: v + bb.c}}\n  b: " + at_fault
    (found,) = faults(text + "\noutcomes: [y, x]\n")
    assert found.startswith("f.yaml:4: agents.b")


def test_nothing_in_a_file_is_evaluated(faults: Complaints) -> None:
    for text in ("__import__('os').system('true')", "().__class__", "open('x')", "lambda: 1", "1 if 1 else 2"):
        assert faults(problem(parameters=f'\n  k: "{text}"'))[0].startswith("f.yaml:8: parameters.k: ")


# --- overrides ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        ({"M": "1"}, "f.yaml: --set M: the file has no parameter 'M'; there is N"),
        ({"n": "1"}, "f.yaml: --set n: the file has no parameter 'n'; did you mean 'N'?"),
        ({"N": "1 +"}, "f.yaml: --set N: '1 +' ends too early"),
        ({"N": "K"}, "f.yaml: --set N: unknown name 'K'"),
        ({"N": "N + 1"}, "f.yaml: --set N: refers to itself in a circle: N → N"),
        ({"N": [1]}, "f.yaml: --set N: is neither a text nor a number"),
        ({"N": "1/2"}, "f.yaml:7: agents.buyer.types.v.cells: is 1/2; a number of cells is a whole number"),
    ],
)
def test_faults_of_overrides_have_no_line(overrides: dict[str, str], told: str, faults: Complaints, trade: str) -> None:
    assert faults(trade, **overrides)[0].startswith(told)

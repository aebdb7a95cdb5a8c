"""Designs: defaults, every key, wishes and bounds in the quantities, and what is refused."""

from collections.abc import Callable
from fractions import Fraction as Q

import pytest

from amd.files import loads
from amd.model.design import Budget, Design, Incentive, Linear, Participation
from amd.model.task import Task

Complaints = Callable[..., list[str]]
Designed = Callable[[str], Task]

GROUP = """\
amd: 1
parameters: {k: 3, cost: 7}
agents:
  bidder: {count: 3, types: {v: {values: [1, 2]}}, value: {a: v, b: 2*v}}
  the firm: {value: {a: 1}}
goods: {a: 1, b: {supply: 2, cost: 1/2}}
"""
VOTE = "amd: 1\nagents: {voter: {count: 2, types: {orders: all}}}\noutcomes: [a, b, c]\n"


def designed(text: str, design: str) -> Design:
    found = loads(f"{text}design: {design}\n").design
    assert found is not None
    return found


def weights(linear: Linear | None) -> dict[str, Q]:
    """What a wish says, by the labels of its quantities."""
    assert linear is not None
    return {quantity.label: weight for weight, quantity in linear.terms} | (
        {"": linear.constant} if linear.constant else {}
    )


def test_defaults() -> None:
    assert designed(GROUP, "{}") == Design(participation=(Participation.INTERIM,) * 4)
    assert loads(GROUP).design is None


def test_every_choice() -> None:
    for word, meaning in {
        "bayesian": Incentive.BAYESIAN, "bic": Incentive.BAYESIAN, "dominant": Incentive.DOMINANT,
        "dsic": Incentive.DOMINANT, "none": Incentive.NONE,
    }.items():  # fmt: skip
        assert designed(GROUP, f"{{incentive: {word}}}").incentive is meaning
    for stage in Participation:
        assert designed(GROUP, f"{{participation: {stage.value}}}").participation == (stage,) * 4
    assert designed(GROUP, "{allocation: deterministic}").deterministic
    assert not designed(GROUP, "{allocation: lottery}").deterministic
    assert not designed(GROUP, "{transfers: false}").transfers
    assert designed(GROUP, "{require: [efficient, anonymous]}").efficient
    assert designed(GROUP, "{require: [efficient, anonymous]}").anonymous


def test_participation_by_name_the_narrower_name_counts() -> None:
    found = designed(GROUP, '{participation: {"bidder[2]": none, bidder: ex_post}}').participation
    post, none, interim = Participation.EX_POST, Participation.NONE, Participation.INTERIM
    assert found == (post, none, post, interim)


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("none", None),
        ("", None),
        ("{balanced: ex_post}", Budget(balanced=True, ex_post=True)),
        ("{balanced: ex_ante}", Budget(balanced=True, ex_post=False)),
        ("{no_deficit: ex_post}", Budget(balanced=False, ex_post=True)),
        ("{no_deficit: ex_ante, subsidy: k/2}", Budget(balanced=False, ex_post=False, subsidy=Q(3, 2))),
    ],
)
def test_budgets(text: str, budget: Budget | None) -> None:
    assert designed(GROUP, f"{{budget: {text}}}").budget == budget


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("revenue", {"revenue": Q(1)}),
        ("0.5*welfare + 0.5*revenue", {"welfare": Q(1, 2), "revenue": Q(1, 2)}),
        ("welfare - cost", {"welfare": Q(1), "cost": Q(-1)}),  # in a wish a quantity goes before a parameter
        ("k*revenue - profit/4 + 1", {"revenue": Q(3), "profit": Q(-1, 4), "": Q(1)}),
        ("-(welfare - 2*surplus)*k", {"welfare": Q(-3), "surplus": Q(6)}),
        ("revenue + welfare - revenue", {"welfare": Q(1)}),
        ("sum(revenue, deficit)", {"revenue": Q(1), "deficit": Q(1)}),
        ("payment(bidder)", {"payment(bidder)": Q(1)}),
        ('payment("bidder[1]") + payment(bidder[2])', {"payment(bidder[1])": Q(1), "payment(bidder[2])": Q(1)}),
        ("surplus(the firm)", {"surplus(the firm)": Q(1)}),
        ("surplus('the firm')/2", {"surplus(the firm)": Q(1, 2)}),
        ("allocated(a)", {"allocated(a)": Q(1)}),
        ("allocated(bidder, b) + allocated(the firm, b)",
         {"allocated(bidder, b)": Q(1), "allocated(the firm, b)": Q(1)}),
        ("worst(revenue) + 2*worst(payment(bidder))", {"worst(revenue)": Q(1), "worst(payment(bidder))": Q(2)}),
        ("if(k > 2, revenue, welfare)", None),
    ],
)  # fmt: skip
def test_wishes_are_linear_in_quantities(wish: str, expected: dict[str, Q] | None) -> None:
    text = f"\n  maximize: {wish}"
    if expected is None:
        with pytest.raises(ValueError, match="linear in quantities"):
            designed(GROUP, text)
        return
    found = designed(GROUP, text)
    assert weights(found.objective) == expected
    assert found.maximize
    assert found.objective is not None
    assert found.objective.text == wish


def test_quantities_know_their_agents_and_targets() -> None:
    found = designed(GROUP, "\n  minimize: allocated(bidder, b) + payment(bidder[3]) - worst(payment(the firm))")
    assert not found.maximize
    first, second, third = found.quantities
    assert (first.name, first.agents, first.target) == ("allocated", (0, 1, 2), 1)
    assert (second.name, second.agents, second.worst) == ("payment", (2,), False)
    assert (third.name, third.agents, third.worst) == ("payment", (3,), True)


def test_one_copy_may_be_named_as_the_first() -> None:
    text = "amd: 1\nagents: {a: {}}\noutcomes: [x]\n"
    assert designed(text, "\n  maximize: payment(a[1])").quantities[0].agents == (0,)


@pytest.mark.parametrize(
    ("bound", "sense", "expected"),
    [
        ('{revenue: ">= 3"}', ">=", {"revenue": Q(1), "": Q(-3)}),
        ('{profit: "<= cost/2"}', "<=", {"profit": Q(1), "": Q(-7, 2)}),  # on the right a parameter goes first
        ('{"revenue - 2*welfare": "== k"}', "==", {"revenue": Q(1), "welfare": Q(-2), "": Q(-3)}),
        ('{payment(bidder): ">=payment(the firm)"}', ">=", {"payment(bidder)": Q(1), "payment(the firm)": Q(-1)}),
        ('{worst(revenue): ">= 0"}', ">=", {"worst(revenue)": Q(1)}),
        ('{revenue: "<= worst(welfare)"}', "<=", {"revenue": Q(1), "worst(welfare)": Q(-1)}),
        ('{"allocated(bidder, a)": ">= 1/2"}', ">=", {"allocated(bidder, a)": Q(1), "": Q(-1, 2)}),
    ],
)
def test_bounds(bound: str, sense: str, expected: dict[str, Q]) -> None:
    (found,) = designed(GROUP, f"{{require: [{bound}]}}").bounds
    assert found.sense == sense
    assert weights(found.linear) == expected


def test_orders_have_no_money_and_no_participation() -> None:
    found = designed(VOTE, "{incentive: dsic, require: [unanimous, pareto], participation: interim}")
    assert not found.transfers
    assert found.participation == (Participation.NONE,) * 2
    assert found.unanimous
    assert found.pareto
    strict = designed(VOTE, "{allocation: deterministic, require: [onto, nondictatorial]}")
    assert strict.onto
    assert strict.nondictatorial
    assert designed(VOTE, "{maximize: probability(c)}").quantities[0].target == 2


@pytest.mark.parametrize(
    ("design", "told"),
    [
        ("maximize: revenue\n  minimize: welfare", "9: design.minimize: a design has one wish"),
        ("maximize: revenu", "8: design.maximize: unknown name 'revenu'; did you mean 'revenue'?"),
        ("maximize: revenue*welfare", "8: design.maximize: a wish is linear in quantities: it cannot multiply"),
        ("maximize: revenue/welfare", "8: design.maximize: a wish is linear in quantities: it cannot divide"),
        ("maximize: revenue^2", "8: design.maximize: a wish is linear"),
        ("maximize: max(revenue, 1)", "8: design.maximize: a wish is linear"),
        ("maximize: revenue/(k - 3)", "8: design.maximize: division by zero"),
        ("maximize: payment", "8: design.maximize: 'payment' needs to know of what: payment(AGENT)"),
        ("maximize: payment(biddr)", "8: design.maximize: there is no agent 'biddr'; did you mean 'bidder'?"),
        ("maximize: payment(bidder[4])", "8: design.maximize: there is no agent 'bidder[4]'"),
        ("maximize: payment(bidder, a)", "8: design.maximize: 'payment' takes one name, not 2"),
        ("maximize: probability(a)", "8: design.maximize: 'probability' does not fit;"),
        ("maximize: allocated(c)", "8: design.maximize: there is no good 'c'; there are a and b"),
        ("maximize: allocated(bidder, c)", "8: design.maximize: there is no good 'c'"),
        ("maximize: welfare(bidder)", "8: design.maximize: unknown function 'welfare'"),
        ("maximize: worst(2*revenue)", "8: design.maximize: 'worst' takes one quantity"),
        ("maximize: worst(worst(revenue))", "8: design.maximize: 'worst' takes one quantity"),
        ("minimize: worst(revenue)", "8: design.minimize: 'worst(revenue)' is a lowest value"),
        ("maximize: welfare - worst(revenue)", "8: design.maximize: 'worst(revenue)' is a lowest value"),
        ("incentive: dominat", "8: design.incentive: 'dominat' is not one of bayesian, dominant and none"),
        ("participation: {biddr: none}", "8: design.participation.biddr: there is no agent 'biddr'"),
        ("participation: {bidder: never}", "8: design.participation.bidder: 'never' is not one of"),
        ("participation:", "8: design.participation: is empty"),
        ("budget: balanced", "8: design.budget: 'balanced' is not 'none'; write {balanced: ex_post}"),
        ("budget: {balanced: ex_post, no_deficit: ex_post}", "8: design.budget.no_deficit: a budget is"),
        ("budget: {subsidy: 3}", "8: design.budget.balanced: is missing"),
        ("budget: {balanced: expost}", "8: design.budget.balanced: 'expost' is not one of ex_post and ex_ante"),
        ("budget: {balanced: ex_post, subsidy: s}", "8: design.budget.subsidy: unknown name 's'"),
        ("subsidy: 3", "8: design.subsidy: unknown key 'subsidy'; it stands inside 'budget'"),
        ("transfers: maybe", "8: design.transfers: 'maybe' is not one of true and false"),
        ("transfers: false\n  maximize: revenue", "9: design.maximize: 'revenue' is about money"),
        ("transfers: false\n  budget: {balanced: ex_post}", "9: design.budget: there are no transfers"),
        ("transfers: false\n  require: [{payment(bidder): '>= 0'}]", "9: design.require[1].payment(bidder): 'payment"),
        ("allocation: random", "8: design.allocation: 'random' is not one of lottery and deterministic"),
        ("require: efficient", "8: design.require: is 'efficient'; a list of requirements"),
        ("require: [eficient]", "8: design.require[1]: 'eficient' is not one of"),
        ("require: [pareto]", "8: design.require[1]: 'pareto' is about orders, and 'bidder' has none"),
        ("require:\n    - efficient\n    - {revenue: 3}", "10: design.require[2].revenue: '3' is no bound"),
        ("require: [{revenue: '> 3'}]", "8: design.require[1].revenue: '> 3' is no bound; write '>= 3'"),
        ("require: [{revenue: '= 3'}]", "8: design.require[1].revenue: '= 3' is no bound; write '== 3'"),
        ("require: [{revenue: '>='}]", "8: design.require[1].revenue: a number or an expression is missing"),
        ("require: [{k: '>= 3'}]", "8: design.require[1].k: a bound is about at least one quantity"),
        ("require: [{worst(revenue): '<= 3'}]", "8: design.require[1].worst(revenue): 'worst(revenue)' is"),
        ("require: [{worst(revenue): '== 3'}]", "8: design.require[1].worst(revenue): 'worst(revenue)' is"),
        ("require: [{revenue: '>= worst(revenue)'}]", "8: design.require[1].revenue: 'worst(revenue)' is"),
        ("require: [{}]", "8: design.require[1]: is empty"),
        ("objective: revenue", "8: design.objective: unknown key 'objective'; write 'maximize' or 'minimize'"),
        ("maximise: revenue", "8: design.maximise: unknown key 'maximise'; did you mean 'maximize'?"),
    ],
)  # fmt: skip
def test_faults_of_designs(design: str, told: str, faults: Complaints) -> None:
    (found,) = faults(f"{GROUP}design:\n  {design}\n")
    assert found.startswith(f"f.yaml:{told}")


@pytest.mark.parametrize(
    ("design", "told"),
    [
        ("{transfers: true}", "design.transfers: 'voter' has orders"),
        ("{maximize: welfare}", "design.maximize: 'welfare' needs values, and 'voter' has orders"),
        ("{maximize: surplus(voter)}", "design.maximize: 'surplus(voter)' needs values"),
        ("{maximize: revenue}", "design.maximize: 'revenue' is about money"),
        ("{maximize: allocated(a)}", "design.maximize: 'allocated' does not fit; "),
        ("{maximize: probability(d)}", "design.maximize: there is no outcome 'd'"),
        ("{require: [efficient]}", "design.require[1]: 'efficient' compares total values"),
        ("{require: [onto]}", "design.require[1]: 'onto' is for 'allocation: deterministic' only"),
        ("{require: [nondictatorial]}", "design.require[1]: 'nondictatorial' is for 'allocation: deterministic' only"),
        ("{participation: {voter: interim}}", "design.participation.voter: participation does not apply"),
        ("{budget: {balanced: ex_post}}", "design.budget: there are no transfers"),
    ],
)  # fmt: skip
def test_faults_of_designs_with_orders(design: str, told: str, faults: Complaints) -> None:
    (found,) = faults(f"{VOTE}design: {design}\n")
    assert found.startswith(f"f.yaml:4: {told}")


def test_faults_of_a_design_are_told_beside_those_of_the_agents(faults: Complaints) -> None:
    text = "amd: 1\nagents: {a: {count: 0}}\noutcomes: [x]\ndesign: {maximize: revenu + payment(a), incentive: x}\n"
    assert [line.split(": ")[1] for line in faults(text)] == ["agents.a.count", "design.incentive", "design.maximize"]


def test_parameters_at_fault_are_told_once(faults: Complaints) -> None:
    text = "amd: 1\nparameters: {k: 1/0}\nagents: {a: {value: {x: k}}}\noutcomes: [x]\ndesign: {maximize: k*revenue}\n"
    assert faults(text) == ["f.yaml:2: parameters.k: division by zero"]

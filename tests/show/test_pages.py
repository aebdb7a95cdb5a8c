"""Results, explanations and audits as people read them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from amd.mechanism.audit import audit
from amd.mechanism.direct import Mechanism
from amd.model.design import Bound, Budget, Incentive, Linear, Participation, Quantity
from amd.show.audit import audit_parts
from amd.show.check import check_parts
from amd.show.design import achievement, requirements
from amd.show.explain import explain
from amd.show.page import to_text
from amd.show.problem import problem_words
from amd.solving import solve
from solvers import Settings, Status


def test_a_result_reads_from_the_answer_to_the_time(auction):
    text = solve(auction()).summary()
    parts = ["A license", "Myerson (1981)", "The best mechanism earns an expected revenue of 37.5.", "The mechanism",
             "Quantities", "Audit", "Program", "Time"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "firm[1]   firm[2]" in text
    assert "who gets license" in text
    assert "nobody" in text
    assert "VIOLATED" not in text


def test_a_fraction_is_printed_only_when_it_was_established(auction):
    result = solve(auction())
    assert "75/2" not in result.summary()
    assert "75/2 = 37.5" in replace(result, objective_exact="75/2").summary()


def test_a_large_mechanism_is_shown_by_its_interim_view(auction):
    text = solve(auction(2, list(range(1, 21)))).summary()
    assert "What each type expects" in text
    assert "each firm (2 alike)" in text
    assert "..." in text


def test_an_impossible_design_says_what_was_asked_and_what_to_try(trade, balanced):
    result = solve(trade(6, budget=balanced, efficient=True, objective=None))
    assert result.status is Status.INFEASIBLE
    text = " ".join(result.summary().split())
    assert "There is no such mechanism." in text
    assert "Bayesian incentive compatibility; interim participation; a budget balanced in every profile" in text
    assert "minimize: deficit" in text
    assert "try" in text


def test_an_unbounded_wish_says_what_is_missing(auction):
    result = solve(auction(participation=(Participation.NONE,) * 2))
    text = result.summary()
    assert "There is no best mechanism" in text
    assert "participation: interim" in text


def test_a_limit_is_no_answer(auction):
    task = auction(3, list(range(1, 10)), incentive=Incentive.DOMINANT, deterministic=True)
    result = solve(task, settings=Settings(time_limit=1e-6))
    text = result.summary()
    assert result.status is Status.LIMIT
    assert "A limit was reached" in text
    assert "The best mechanism earns" not in text


def test_without_a_wish_any_mechanism_will_do(trade, balanced):
    text = solve(trade(3, budget=balanced, efficient=True, objective=None)).summary()
    assert "There is a mechanism that meets every requirement" in text


def test_repr_is_one_line(auction):
    assert repr(solve(auction())).startswith("Result(optimal, objective=37.5")
    assert "<pre>" in solve(auction())._repr_html_()


def test_titles_of_users_are_never_markup(auction):
    task = replace(auction(), title="[bold]<b>x</b>[/nothing]", source="[red]")
    result = solve(task)
    assert "[bold]<b>x</b>[/nothing]" in result.summary()
    assert "<b>" not in result._repr_html_()


@pytest.mark.parametrize(
    ("name", "of", "maximize", "sentence"),
    [
        ("revenue", {}, True, "earns an expected revenue of 3"),
        ("welfare", {}, True, "reaches an expected welfare of 3"),
        ("deficit", {}, False, "runs an expected deficit of only 3"),
        ("surplus", {"label": "surplus(ann)"}, True, "leaves ann an expected surplus of 3"),
        ("payment", {"label": "payment(ann)"}, False, "takes from ann an expected payment of only 3"),
        ("probability", {"label": "probability(park)"}, True, "reaches park with probability 3"),
        ("allocated", {"label": "allocated(ann, lamp)"}, True, "hands ann 3 units of lamp on average"),
        ("revenue", {"label": "worst(revenue)", "worst": True}, True, "guarantees a revenue of at least 3"),
        ("welfare", {}, False, "brings the expected welfare down to 3"),
    ],
)
def test_what_the_best_mechanism_does(auction, quantity, name, of, maximize, sentence):
    design = replace(auction().design, objective=quantity(name, **of), maximize=maximize)
    assert achievement(design, "3").startswith(sentence)


def test_a_mixed_wish_is_quoted(auction):
    mixed = Linear(((Fraction(1, 2), Quantity("revenue", "revenue")), (Fraction(1), Quantity("welfare", "welfare"))))
    design = replace(auction().design, objective=mixed)
    assert achievement(design, "3") == "reaches the greatest 1/2*revenue + welfare, 3"


def test_requirements_in_words(auction, trade):
    task = trade(
        3,
        incentive=Incentive.DOMINANT,
        participation=(Participation.EX_POST, Participation.NONE),
        budget=Budget(balanced=False, ex_post=False, subsidy=Fraction(1, 6)),
        deterministic=True,
        anonymous=True,
        bounds=(Bound(Linear(((Fraction(1), Quantity("welfare", "welfare")),), Fraction(-1)), ">="),),
    )
    assert requirements(task.environment, task.design) == [
        "dominant-strategy incentive compatibility",
        "ex post participation of buyer",
        "no deficit on average, with a subsidy of 1/6",
        "a deterministic allocation",
        "anonymity",
        "welfare >= 1",
    ]
    assert requirements(auction().environment, auction().design) == [
        "Bayesian incentive compatibility",
        "interim participation",
    ]


def everybody_pays_thirty(task):
    """The higher report wins, ties to firm 1, the winner pays 30."""
    wins = np.array([[[1, 0], [0, 1]], [[1, 0], [1, 0]]], dtype=float)
    return Mechanism(task.environment, wins, 30 * wins)


def test_a_violation_is_named_with_its_witness_and_comes_first(auction):
    task = auction()
    report = audit(everybody_pays_thirty(task), task.design)
    lines = to_text(audit_parts(report, task.environment, task.design, 1e-7)).splitlines()
    assert lines[1].startswith("participation")
    assert "VIOLATED" in lines[1]
    assert "firm[1] with v = 10" in lines[1]
    assert "10" in lines[1]
    page = to_text(check_parts(task, task.design, report, {"revenue": 30.0}, 1e-7))
    assert "The mechanism violates participation." in page


def test_a_violation_within_the_tolerance_holds(auction):
    task = auction()
    report = audit(everybody_pays_thirty(task), task.design)
    assert "VIOLATED" not in to_text(audit_parts(report, task.environment, task.design, 100.0))


def test_an_explanation_has_the_families_their_sizes_and_the_reasons(auction):
    text = explain(auction(2, list(range(1, 21))))
    for part in ("Choose", "Maximize  revenue", "Subject to", "760 rows in full, 38 here", "Reductions", "in use:",
                 "does not apply:", "in full  1,200 rows", "U_i(k | k) ≥ U_i(l | k)"):  # fmt: skip
        assert part in text


def test_an_explanation_of_the_full_program_says_so(auction):
    text = explain(auction(), "full")
    assert "switched off" in text
    assert "in use" not in text


def test_an_explanation_of_a_program_too_large_to_build_is_an_estimate(auction):
    text = explain(auction(6, list(range(1, 41)), incentive=Incentive.DOMINANT))
    assert "estimated, not built" in text
    assert "9.6e+11 rows" in text  # 6 agents × 40 types × 39 reports × 40^5 profiles of the others


@pytest.mark.parametrize("deterministic", [False, True])
def test_voting_is_explained(election, deterministic):
    text = explain(election(2, pareto=True, deterministic=deterministic, onto=deterministic))
    assert "everybody ranks some b above a" in text
    assert "preference orders" in text


def test_a_problem_in_words(auction, trade):
    text = problem_words(auction())
    assert "firm[1], firm[2]" in text
    assert "Wish: maximize revenue." in text
    assert "one of 2 outcomes: no_trade and trade" in problem_words(trade(3))

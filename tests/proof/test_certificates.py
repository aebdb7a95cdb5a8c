"""What is certified: classical values, impossibilities, every bundled problem, and the lifts."""

from fractions import Fraction
from pathlib import Path

import environments
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import amd
from amd.compile.choose import choose
from amd.model.task import Task
from amd.proof.argument import leaves
from amd.proof.certificate import Certificate, NotProven, certify, exact_objective, proof_plan, rational_program
from amd.proof.verify import check
from amd.solving import solve
from solvers import Status
from solvers.exact import solve_exact

F = Fraction
PROBLEMS = Path(__file__).parents[2] / "problems"
BUNDLED = sorted(
    str(path.relative_to(PROBLEMS).with_suffix(""))
    for path in PROBLEMS.glob("*/*.yaml")
    if "\nkind:" not in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("license", {}, F(75, 2)),  # sell only to a 50, at 50: 50 · 3/4
        ("auctions/license-efficient", {}, F(30)),
        ("auctions/full-extraction", {}, F(110, 3)),  # Crémer and McLean (1988): all of E[max v]
        ("optimal-auction", {"N": 20}, F(87, 200)),  # Myerson (1981)
        ("second-best", {"N": 10}, F(189, 1250)),  # Myerson and Satterthwaite (1983), on the grid
        ("second-best", {"N": 20}, F(323, 2200)),
        ("smallest-subsidy", {"N": 10}, F(9 * 5, 600)),  # (N − 1)(N − 5)/(6N²)
        ("smallest-subsidy", {"N": 12}, F(11 * 7, 864)),
    ],
)
def test_optima_are_exact(certificate, name, parameters, value):
    found = certificate(name, **parameters)
    assert (found.kind, found.value) == ("optimal", value)
    assert check(found.document) == (True, f"the best value is {value}")


def test_efficient_trade_is_possible_on_five_cells_and_not_on_six(certificate):
    """Myerson and Satterthwaite (1983); without trade at ties (N − 1)(N − 5)/(6N²) is positive from 6 on."""
    assert certificate("myerson-satterthwaite", N=5).kind == "possible"
    assert certificate("myerson-satterthwaite", N=6).kind == "infeasible"


def test_the_small_proof_of_six_cells(certificate):
    """2N + 1 constraints; buyer's and seller's incentives with weights 1, 2, 3, 4, participation 1 and 5, budget 6."""
    found = certificate("myerson-satterthwaite", N=6)
    weights = {tuple(name): F(text) for name, text in found.document["proof"]["tree"]["multipliers"]}
    unit = weights["incentive", "buyer", 5, 4]
    assert {name: weight / unit for name, weight in weights.items()} == {
        **{("incentive", "buyer", k, k - 1): 6 - k for k in (2, 3, 4, 5)},
        **{("incentive", "seller", k, k + 1): k + 1 for k in (0, 1, 2, 3)},
        ("participation", "buyer", 0): 1,
        ("participation", "buyer", 1): 5,
        ("participation", "seller", 4): 5,
        ("participation", "seller", 5): 1,
        ("need", 0): 6,
    }
    text = found.summary()
    assert "All payments cancel." in text and "incentive buyer 5→4" in text and "contradiction" in text


def test_gibbard_and_satterthwaite(certificate):
    found = certificate("gibbard-satterthwaite")
    assert found.kind == "infeasible" and len(leaves(found.document["proof"]["tree"])) > 1
    assert "cases" in found.summary()


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_problem_is_certified(name):
    task = amd.load(name).task
    if task.design is None:
        pytest.skip("the file only describes an environment")
    found = certify(task)
    assert isinstance(found, Certificate), found
    assert check(found.document)[0] and found.summary().startswith("Claim:")


@pytest.mark.parametrize("allocation", ["lottery", "deterministic"])
def test_unbounded_is_said_and_not_proven(allocation):
    problem = amd.problem(
        {
            "amd": 1,
            "agents": {"a": {"types": {"v": {"values": [1, 2]}}, "value": {"x": "v"}}},
            "outcomes": ["x", "y"],
            "design": {"maximize": "revenue", "participation": "none", "allocation": allocation},
        }
    )
    found = certify(problem.task)
    assert isinstance(found, NotProven) and "without limit" in found.reason
    assert found.unbounded


def test_exact_objective_of_a_result():
    assert exact_objective(amd.load("license").solve()) == "75/2"
    assert exact_objective(amd.load("myerson-satterthwaite").solve()) is None


@st.composite
def tasks(draw):
    environment = draw(
        st.one_of(
            environments.outcome_environments(joint=None, interdependent=True, zeros=True),
            environments.ladder_environments(zeros=True),
            environments.goods_environments(),
        )
    )
    return Task(environment, draw(environments.designs(environment)))


@settings(max_examples=60)
@given(tasks())
def test_certificates_agree_with_the_float_solver(task):
    """The verifier accepts what is proven, and the value is that of the full program in floats."""
    found = certify(task)
    floats = solve(task, formulation="full")
    if isinstance(found, NotProven):
        assert floats.status is Status.UNBOUNDED, found
        return
    if found.kind == "infeasible":
        assert floats.status is Status.INFEASIBLE
    else:
        assert floats.status is Status.OPTIMAL
        assert abs(floats.objective - float(found.value)) < 1e-6


def test_reduced_and_full_programs_have_one_value():
    task = amd.load("second-best", N=8).task
    plans = (proof_plan(task.environment, task.design), choose(task.environment, task.design, "full"))
    assert plans[0].names and not plans[1].names
    solved = [solve_exact(rational_program(task.environment, task.design, plan)[1]) for plan in plans]
    assert solved[0].proven and solved[0].objective == solved[1].objective

"""Cooperative games: textbook solutions, and properties of random games."""

import json
from fractions import Fraction
from itertools import combinations, permutations

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import amd
from amd.cli.main import main
from amd.cooperative import Game, check_task, read_task, solve_text
from amd.cooperative.core import core, nucleolus
from amd.cooperative.game import shapley

F = Fraction


def coalitions(n):
    return [frozenset(one) for size in range(1, n + 1) for one in combinations(range(n), size)]


def game(n, worth):
    return Game(tuple("abcdefgh"[:n]), {one: F(worth(one)) for one in coalitions(n)})


def estate(total, *claims):
    return game(len(claims), lambda one: max(0, total - sum(c for i, c in enumerate(claims) if i not in one)))


# name: (core, outside money, nucleolus, Shapley value), from the sources of the files
KNOWN = {
    "impossibility/empty-core": ("empty", "1/2", ["1/3"] * 3, ["1/3"] * 3),
    "cooperative/glove-market": ("not empty", "0", ["0", "0", "1"], ["1/6", "1/6", "2/3"]),
    "cooperative/estate": ("not empty", "0", ["50", "75", "75"], ["100/3", "250/3", "250/3"]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_bundled_game(solved, certified, name):
    kind, money, middle, fair = KNOWN[name]
    result = solved(name)
    assert result.details["core"] == kind and result.details["outside_money"] == money
    assert list(result.details["nucleolus"].values()) == middle
    assert list(result.details["shapley"].values()) == fair
    assert result.exit_status == (1 if kind == "empty" else 0)
    assert certified(name)[1]["claim"]["kind"] == ("empty core" if kind == "empty" else "core")


def test_the_majority_of_three_with_a_veto(problem_text):
    text = problem_text("impossibility/empty-core")
    found = solve_text(text, overrides={"veto": "2"})
    assert found.details["core"] == "not empty"
    assert found.details["nucleolus"] == {"Ann": "1", "Bob": "0", "Cid": "0"}
    assert found.details["shapley"] == {"Ann": "2/3", "Bob": "1/6", "Cid": "1/6"}


@pytest.mark.parametrize(
    ("total", "shares"), [(100, ["100/3"] * 3), (200, ["50", "75", "75"]), (300, ["50", "100", "150"])]
)
def test_the_estates_of_the_talmud(total, shares):
    """Aumann and Maschler (1985)."""
    assert nucleolus(estate(total, 100, 200, 300)) == [F(share) for share in shares]


def test_the_talmud_rule_for_five_claims():
    """Half of the claims where the estate is half of their sum, by the contested garment for any two."""
    claims = (100, 200, 300, 400, 500)
    assert nucleolus(estate(750, *claims)) == [F(claim, 2) for claim in claims]


def test_an_airport():
    """Littlechild and Owen (1973): costs 1, 2, 3; each stretch is shared by those who need it."""
    found = shapley(game(3, lambda one: -max(i + 1 for i in one)))
    assert found == [F(-1, 3), F(-5, 6), F(-11, 6)]


WORTH = st.integers(0, 12)


def random_games(n):
    return st.lists(WORTH, min_size=2**n - 1, max_size=2**n - 1).map(
        lambda values: Game(tuple("abcd"[:n]), dict(zip(coalitions(n), map(F, values), strict=True)))
    )


@settings(max_examples=40)
@given(random_games(3) | random_games(4))
def test_the_core_is_that_of_the_float_program(one):
    n = one.size
    rows = [[-1.0 * (i in s) for i in range(n)] for s in one.coalitions]
    found = linprog([1] * n, rows, [-float(one.value(s)) for s in one.coalitions], bounds=[(None, None)] * n)
    answer = core(one)
    assert float(answer.short) == pytest.approx(found.fun - float(one.total), abs=1e-7)
    assert (answer.payoff is None) == (answer.short > 0)
    if answer.payoff is not None:
        assert sum(answer.payoff) == one.total
        assert all(sum(answer.payoff[i] for i in s) >= one.value(s) for s in one.coalitions)


@settings(max_examples=40)
@given(random_games(4))
def test_the_shapley_value_is_the_mean_over_orders(one):
    total = [F(0)] * 4
    for order in permutations(range(4)):
        for at, i in enumerate(order):
            total[i] += one.value(frozenset(order[: at + 1])) - one.value(frozenset(order[:at]))
    assert shapley(one) == [value / 24 for value in total]


@settings(max_examples=25)
@given(random_games(3))
def test_the_nucleolus_meets_kohlberg(one):
    """Kohlberg (1971): for every level, the coalitions at least as ill-treated are balanced, together with players who
    get no more than they have alone (with weights that may be zero for these). It is in the core where there is one."""
    payoff = nucleolus(one)
    alone = [one.value(frozenset({i})) for i in range(3)]
    if payoff is None:
        assert sum(alone) > one.total
        return
    assert sum(payoff) == one.total and all(x >= a for x, a in zip(payoff, alone, strict=True))
    excess = {s: one.value(s) - sum(payoff[i] for i in s) for s in one.coalitions}
    bound = [frozenset({i}) for i in range(3) if payoff[i] == alone[i]]
    for level in set(excess.values()):
        worst = [s for s in one.coalitions if excess[s] >= level]
        both = worst + bound
        rows = [[float(i in s) for s in both] for i in range(3)]
        bounds = [(1e-6, None)] * len(worst) + [(0, None)] * len(bound)
        assert linprog([0] * len(both), A_eq=rows, b_eq=[1] * 3, bounds=bounds).status == 0
    if core(one).payoff is not None:
        assert max(excess.values()) <= 0


def test_payoffs_are_audited(problem_text):
    task = read_task(problem_text("cooperative/glove-market"), "g")
    assert check_task(task, {"payoff": {"left1": 0, "left2": 0, "right": "1"}}).holds
    found = check_task(task, {"payoff": {"left1": "1/2", "left2": 0, "right": "1/2"}})
    assert found.audit["core"] == ["{left2, right} can have 1 and gets 1/2"]
    assert check_task(task, {"payoff": {"left1": 0, "left2": 0, "right": 2}}).audit["sum"]
    for wrong in ({}, {"payoff": {"left1": 1}}, {"payoff": {"left1": "x", "left2": 0, "right": 0}}):
        with pytest.raises(ValueError, match="payoff"):
            check_task(task, wrong)


def file(**keys):
    head = {"amd": 1, "kind": "cooperative", "players": ["a", "b"], "worth": [{"of": ["a", "b"], "value": 1}]}
    return json.dumps({key: value for key, value in {**head, **keys}.items() if value is not ...})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"players": ["a", "a"]}, "players: 'a' stands there twice"),
        ({"players": ...}, "players: is missing"),
        ({"players": [f"p{k}" for k in range(13)], "worth": []}, "at most 12"),
        ({"worth": ...}, "worth: is missing"),
        ({"worth": [{"of": ["z"], "value": 1}]}, "worth[1].of: 'z' is no player"),
        ({"worth": [{"of": ["a"], "value": 1}, {"of": ["a"], "value": 2}]}, "stood there before"),
        ({"worth": [{"of": ["a"], "worth": 1}]}, "is written 'value'"),
        ({"worth": [{"of": ["a"], "value": "1/0"}]}, "worth[1].value"),
        ({"majority": {"quota": 1}}, "give 'worth' or 'majority'"),
        ({"worth": ..., "majority": {"quota": 0}}, "majority.quota: is 0"),
        ({"worth": ..., "majority": {"quota": 1, "weights": {"z": 1}}}, "'z' is no player"),
        ({"agents": 2}, "write 'players'"),
    ],
)
def test_faults_have_their_place(keys, message):
    with pytest.raises(amd.InputError) as caught:
        solve_text(file(**keys), "f.yaml")
    assert message in str(caught.value) and str(caught.value).startswith("f.yaml:1: ")


def test_a_single_player_takes_everything():
    found = solve_text(file(players=["a"], worth=[{"of": ["a"], "value": 3}]))
    assert found.details["core"] == "not empty" and found.answer == {"payoff": {"a": "3"}}


def test_the_command_line(tmp_path):
    run = CliRunner().invoke
    proof = str(tmp_path / "proof.json")
    assert run(main, ["solve", "empty-core"]).exit_code == 1
    assert "1/2 × {Ann, Bob}" in run(main, ["solve", "empty-core"]).output
    assert run(main, ["certify", "empty-core", "-o", proof]).exit_code == 1
    assert run(main, ["verify", proof, "--problem", "empty-core"]).output.startswith("proven: the core is empty")
    assert run(main, ["solve", "estate", "--set", "E=300"]).exit_code == 0
    assert run(main, ["verify", proof, "--problem", "license"]).exit_code == 1

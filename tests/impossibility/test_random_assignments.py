"""Random assignment rules audited: random priority and the probabilistic serial rule, by their definitions."""

import json
from fractions import Fraction
from itertools import permutations, product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from amd import axioms
from amd.axioms import check_task, read_task, solve_text
from amd.cli.main import main
from amd.proof.documents import check

F = Fraction
ALL = ["strategyproof", "ordinally_efficient", "equal_treatment"]


def file(n, orders, require):
    problem = {"rule": "random_assignment", "agents": n, "alternatives": list("abcd"[:n])}
    return json.dumps({"amd": 1, "kind": "axioms", **problem, "preferences": orders, "require": require})


def serial(reports, queue):
    """Each in turn takes the best that is left."""
    n, left = len(reports), set(reports[0])
    chances = [[F(0)] * n for _ in reports]
    for i in queue:
        best = next(o for o in reports[i] if o in left)
        left.remove(best)
        chances[i]["abcd".index(best)] = F(1)
    return chances


def priority(reports):
    """Serial dictatorship in an order drawn at random."""
    queues = list(permutations(range(len(reports))))
    tables = [serial(reports, queue) for queue in queues]
    return [[sum(cell) / len(queues) for cell in zip(*rows, strict=True)] for rows in zip(*tables, strict=True)]


def dictatorship(reports):
    return serial(reports, range(len(reports)))


def eating(reports):
    """All eat at the same speed from the best object that is left (Bogomolnaia and Moulin, 2001)."""
    n = len(reports)
    left = dict.fromkeys(sorted(reports[0]), F(1))
    chances = [[F(0)] * n for _ in reports]
    while left:
        meals = [next(o for o in order if o in left) for order in reports]
        time = min(left[o] / meals.count(o) for o in set(meals))
        for i, o in enumerate(meals):
            chances[i]["abcd".index(o)] += time
            left[o] -= time
        left = {o: rest for o, rest in left.items() if rest}
    return chances


def answer(rule, n, orders):
    rows = [{"reports": reports, "chances": rule(reports)} for reports in map(list, product(orders, repeat=n))]
    return {"assignments": [{**row, "chances": [[str(x) for x in own] for own in row["chances"]]} for row in rows]}


def audited(rule, n, orders, require=ALL):
    """The axioms that the rule breaks."""
    task = read_task(file(n, orders, require), "houses.yaml")
    found = check_task(task, answer(rule, n, orders))
    return {word for word, faults in found.audit.items() if faults}, found


THREE = [list(order) for order in permutations("abc")]
TWO_PAIRS = [list("abcd"), list("badc")]


def test_random_priority_for_three_meets_all_axioms():
    """Bogomolnaia and Moulin (2001), Proposition 2."""
    broken, found = audited(priority, 3, THREE)
    assert broken == set() and found.holds
    assert found.lines == ("The rule is strategyproof, ordinally efficient and that treats equals equally.",)


def test_the_serial_rule_for_three_rewards_lies():
    """It is ordinally efficient and fair, and not random priority, which alone is all three (ibid.)."""
    assert audited(eating, 3, THREE)[0] == {"strategyproof"}


def test_a_serial_dictatorship_is_unfair_only():
    assert audited(dictatorship, 3, THREE)[0] == {"equal_treatment"}


def test_random_priority_for_four_wastes_chances():
    """At (a b c d, a b c d, b a d c, b a d c) everybody has 5/12 of the best of his pair and 1/12 of the worse, and all
    would rather have 1/2 and nothing (ibid., the introduction)."""
    broken, found = audited(priority, 4, TWO_PAIRS)
    assert broken == {"ordinally_efficient"}
    assert (
        "would give up b (chance 1/12) for a" in found.text() and "would give up a (chance 1/12) for b" in found.text()
    )
    reports = [TWO_PAIRS[0]] * 2 + [TWO_PAIRS[1]] * 2
    assert priority(reports)[0] == [F(5, 12), F(1, 12), F(5, 12), F(1, 12)]
    assert audited(eating, 4, TWO_PAIRS)[0] == set()
    assert eating(reports)[0] == [F(1, 2), 0, F(1, 2), 0]


def test_the_lie_is_named():
    """Both eat a until 1/2, the third b until 1/2, and all three the rest of b until 2/3: 1/2 + 1/6. The liar eats b
    until 1/2 and then half of what is left of a: 1/2 + 1/4."""
    _, found = audited(eating, 3, THREE)
    (line,) = found.audit["strategyproof"]
    assert line.startswith("not strategyproof: at a>b>c, a>b>c, b>c>a agent 1 gets a or b with a chance of 2/3")
    assert line.endswith("and of 3/4 by reporting b>a>c")


def rotated(chances, k):
    return chances[k:] + chances[:k]


@given(st.permutations(THREE), st.integers(0, 2))
def test_one_report_at_a_time(order, shift):
    """Whole objects are handed on around a circle: the audit finds a trade just where some swap makes all who take part
    in it better off."""
    reports = order[:3]
    own = [[one] for one in reports]
    preferences = {str(k + 1): orders for k, orders in enumerate(own)}
    text = json.dumps(
        {
            "amd": 1,
            "kind": "axioms",
            "rule": "random_assignment",
            "agents": ["1", "2", "3"],
            "alternatives": ["a", "b", "c"],
            "preferences": preferences,
            "require": ["ordinally_efficient"],
        }
    )
    chances = rotated(dictatorship(reports), shift)
    rows = [{"reports": reports, "chances": [[int(x) for x in one] for one in chances]}]
    found = check_task(read_task(text, "one.yaml"), {"assignments": rows})
    got = ["abc"[row.index(1)] for row in chances]
    better = [p for p in permutations(range(3)) if _all_gain(reports, got, p)]
    assert found.holds == (not better)


def _all_gain(reports, got, swap):
    """Whether everybody who gets another object by a swap likes it better."""
    movers = [i for i in range(3) if swap[i] != i]
    return bool(movers) and all(reports[i].index(got[swap[i]]) < reports[i].index(got[i]) for i in movers)


@pytest.mark.parametrize(
    ("chances", "words"),
    [
        ([["1/2", "1/2"], ["1/2", "1/2"]], ""),
        ([[0.5, 0.5], ["1/2", 0.5]], ""),
        ([[0.3333, 0.6667], [0.6667, 0.3333]], ""),
        ([[0.3333, 0.6666], [0.6667, 0.3334]], "the chances of agent 1 sum to 9999/10000, not 1"),
        ([[1, 0], [1, 0]], "the chances of getting a sum to 2, not 1"),
        ([["3/2", "-1/2"], ["-1/2", "3/2"]], "agent 1 gets b with a chance of -1/2, below 0"),
    ],
)
def test_chances_are_exact(chances, words):
    task = read_task(file(2, [["a", "b"]], ["strategyproof"]), "two.yaml")
    found = check_task(task, {"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": chances}]})
    assert found.holds == (not words)
    assert words in found.text()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({}, "'assignments', a list"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]]}]}, "'reports' and 'chances'"),
        ({"assignments": []}, "answers 0 of 1 profiles"),
        ({"assignments": [{"reports": [["b", "a"], ["a", "b"]], "chances": []}]}, "is no report of agent 1"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": [[1, 0]]}]}, "2 rows"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": [[1, 0], ["x", 1]]}]}, "'x' is no chance"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": [[1, 0], [True, 1]]}]}, "True is no chance"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": [[1, 0], ["1/0", 1]]}]}, "is no chance"),
        ({"assignments": [{"reports": [["a", "b"], ["a", "b"]], "chances": [[1, 0], [0, 1]]}] * 2}, "twice"),
    ],
)
def test_what_is_no_rule_is_refused(answer, words):
    task = read_task(file(2, [["a", "b"]], ["strategyproof"]), "two.yaml")
    with pytest.raises(ValueError, match=words):
        check_task(task, answer)


# -- from the command line, and certificates -------------------------------------------------------------------------

SOME = [list("abc"), list("acb"), list("bac")]


def test_what_solve_writes_check_reads(tmp_path):
    problem, rule = tmp_path / "houses.json", tmp_path / "rule.json"
    problem.write_text(file(3, SOME, ALL))
    solved = CliRunner().invoke(main, ["solve", str(problem), "-o", str(rule)])
    assert solved.exit_code == 0 and "each axiom checked in rational arithmetic" in solved.output
    checked = CliRunner().invoke(main, ["check", str(problem), "--mechanism", str(rule)])
    assert checked.exit_code == 0 and "The rule is strategyproof" in checked.output
    rule.write_text(json.dumps(answer(eating, 3, SOME)))
    refused = CliRunner().invoke(main, ["check", str(problem), "--mechanism", str(rule)])
    assert refused.exit_code == 1 and "not strategyproof" in refused.output


def test_that_a_rule_exists_is_certified():
    words, document, impossible = axioms.certify_text(file(3, SOME, ALL))
    assert not impossible and "meets every axiom at every profile" in words
    assert check(document) == (True, "a rule meets the axioms")


@pytest.mark.parametrize(("rule", "word"), [(eating, "strategyproof"), (dictatorship, "equal_treatment")])
def test_the_verifier_refuses_a_rule_that_breaks_an_axiom(rule, word):
    _, document, _ = axioms.certify_text(file(3, THREE[:4], ALL))
    tables = [row["chances"] for row in answer(rule, 3, THREE[:4])["assignments"]]
    holds, message = check({**document, "proof": {"rule": tables}})
    assert not holds and f"not {word}" in message


@pytest.mark.parametrize("name", ["arrow", "monotonicity", pytest.param("roth", marks=pytest.mark.slow)])
def test_conflicts_of_axioms_are_certified(problem_text, name, tmp_path):
    path = tmp_path / "conflict.json"
    ran = CliRunner().invoke(main, ["why", name, "-o", str(path)])
    assert ran.exit_code == 1
    document = json.loads(path.read_text())
    asked = len(document["claim"]["axioms"])
    assert check(document) == (True, f"no rule meets these {asked} axioms, and without any one of them there is one")
    assert CliRunner().invoke(main, ["verify", str(path), "--problem", name]).exit_code == 0
    for k in range(asked):
        fewer = json.loads(path.read_text())
        del fewer["claim"]["axioms"][k], fewer["proof"]["rules"][k]
        assert not check(fewer)[0]
    document["proof"]["rules"].append(document["proof"]["rules"].pop(0))
    assert not check(document)[0]
    document["claim"]["axioms"].append(["anonymous"])
    assert not check(document)[0]


@pytest.mark.slow
def test_the_conflict_about_houses_is_certified(problem_text):
    """Bogomolnaia and Moulin (2001), Theorem 2: all three are needed, and any two can be had."""
    result, document = axioms.why_certified(problem_text("impossibility/bogomolnaia-moulin"))
    assert len(result.details["conflict"]) == 3
    assert check(document) == (True, "no rule meets these 3 axioms, and without any one of them there is one")


def test_nothing_is_written_where_axioms_do_not_conflict(tmp_path):
    problem, path = tmp_path / "houses.json", tmp_path / "conflict.json"
    problem.write_text(file(3, SOME, ALL))
    assert solve_text(file(3, SOME, ALL)).exit_status == 0
    ran = CliRunner().invoke(main, ["why", str(problem), "-o", str(path)])
    assert ran.exit_code == 0 and not path.exists() and "nothing conflicts" in ran.output

"""Rules that axioms ask for: bundled problems against the literature, small ones against brute force."""

import json
from fractions import Fraction
from itertools import combinations, permutations, product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import amd
from amd.axioms import certify_text, check_task, read_task, solve_text, why_text
from amd.axioms.clauses import clauses_of, splits_of
from amd.axioms.prove import find_rules
from amd.axioms.search import Search
from amd.axioms.setting import Setting
from amd.axioms.tables import from_json, to_json
from amd.cli.main import main

# name: (how many rules there are, whether there are no others, words of the answer); from the sources of the files
KNOWN = {
    "impossibility/arrow": (0, True, ["There is no rule"]),
    "impossibility/arrows-dictators": (2, True, ["the dictatorship of Ann", "the dictatorship of Bob"]),
    "impossibility/dictators": (2, True, ["the dictatorship of Ann", "the dictatorship of Bob"]),
    "impossibility/monotonicity": (0, True, ["There is no rule"]),
    "impossibility/roth": (0, True, ["There is no rule"]),
    "impossibility/roth-one-side": (1, True, ["exactly one rule", "deferred acceptance with the first side proposing"]),
}


@pytest.mark.parametrize("name", KNOWN)
def test_bundled_problem(solved, certified, name):
    count, complete, words = KNOWN[name]
    result = solved(name)
    assert result.exit_status == (0 if count else 1)
    assert len((result.answer or {"rules": []})["rules"]) == count
    assert result.details == {"count": count, "proven": complete}
    assert all(word in result.text() for word in words)
    claim = certified(name)[1]["claim"]
    assert claim == ({"kind": "only", "count": count} if count else {"kind": "none"})


def test_no_fair_lottery_over_houses(certified):
    """Bogomolnaia and Moulin (2001), Theorem 2."""
    text, document, impossible = certified("impossibility/bogomolnaia-moulin")
    assert impossible and document["claim"] == {"kind": "none"}
    assert "They would trade" in text


def file(**keys):
    head = {"amd": 1, "kind": "axioms", "rule": "choice", "agents": 2, "alternatives": ["a", "b", "c"]}
    return json.dumps({key: value for key, value in {**head, **keys}.items() if value is not ...})


# what is known of small settings, from the sources named
@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ({"require": ["strategyproof"]}, 17),  # 3 constant, 4 for each pair of alternatives, 2 dictatorships
        ({"require": ["strategyproof", "unanimous"]}, 2),  # Gibbard (1973), Satterthwaite (1975)
        ({"require": ["strategyproof", "pareto"]}, 2),
        ({"require": ["strategyproof", "onto"], "agents": 3}, 3),
        ({"require": ["monotonic", "onto"]}, 2),  # Muller and Satterthwaite (1977)
        ({"require": ["strategyproof", "anonymous", "onto"]}, 0),
        # between two alternatives: quotas (May 1952, Moulin 1983); for three voters quotas 1, 2, 3
        ({"require": ["strategyproof", "anonymous", "onto"], "agents": 3, "alternatives": ["a", "b"]}, 3),
        # single peaks: generalised medians of two peaks and one phantom in three places (Moulin 1980)
        ({"require": ["strategyproof", "anonymous", "onto"], "preferences": "single_peaked"}, 3),
        ({"rule": "ranking", "require": ["pareto", "independent"]}, 2),  # Arrow (1963)
        ({"rule": "ranking", "require": ["pareto", "independent"], "agents": 3}, 3),
        ({"rule": "ranking", "require": ["pareto", "independent", "strict"]}, 2),
        ({"rule": "ranking", "require": ["pareto", "independent", "nondictatorial"], "alternatives": ["a", "b"]}, None),
    ],
)
def test_rules_of_small_settings(keys, count):
    result = solve_text(file(find="all", **keys))
    if count is None:
        assert result.details["count"] > 0
    else:
        assert result.details == {"count": count, "proven": True}
    assert json.loads(json.dumps(result.to_json()))["status"] in ("optimal", "infeasible")


MATCHING = {"rule": "matching", "agents": ..., "alternatives": ..., "sides": {"m": ["m1", "m2"], "w": ["w1", "w2"]}}


@pytest.mark.parametrize(
    ("require", "preferences", "possible"),
    [
        (["stable"], "all", True),
        (["stable", "strategyproof"], "all", False),  # Roth (1982)
        (["stable", {"strategyproof": ["w1", "w2"]}], "all", True),  # deferred acceptance from the other side
        (["stable", {"strategyproof": ["m1", "w1"]}], "all", False),
        (["stable", "strategyproof"], "complete", True),  # two a side without truncation leaves no room to lie
    ],
)
def test_matching_rules(require, preferences, possible):
    result = solve_text(file(**MATCHING, require=require, preferences=preferences))
    assert result.exit_status == (0 if possible else 1)


def test_the_best_stable_matching_of_the_women_is_found_by_name():
    require = ["stable", {"strategyproof": ["w1", "w2"]}]
    assert "deferred acceptance with the second side proposing" in solve_text(file(**MATCHING, require=require)).text()


@pytest.mark.parametrize(
    ("require", "possible"),
    [
        (["strategyproof", "equal_treatment"], True),  # random priority
        (["ordinally_efficient", "equal_treatment"], True),  # probabilistic serial
        pytest.param(["strategyproof", "ordinally_efficient"], True, marks=pytest.mark.slow),  # serial dictatorship
    ],
)
def test_two_of_the_three_axioms_for_houses(problem_text, require, possible):
    text = problem_text("impossibility/bogomolnaia-moulin").replace(
        "[strategyproof, ordinally_efficient, equal_treatment]", json.dumps(require)
    )
    assert (solve_text(text).exit_status == 0) == possible


def test_three_agents_have_a_fair_lottery():
    """Bogomolnaia and Moulin (2001), Proposition 2: random priority, for three agents."""
    require = ["strategyproof", "ordinally_efficient", "equal_treatment"]
    orders = [["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"]]
    found = solve_text(file(rule="random_assignment", agents=3, require=require, preferences=orders))
    assert found.exit_status == 0
    assert found.details["proven"]
    rule = {
        json.dumps(row["reports"]): (row["reports"], [[Fraction(x) for x in own] for own in row["chances"]])
        for row in (found.answer or {})["assignments"]
    }
    assert len(rule) == 27
    for reports, chances in rule.values():
        for i, order in enumerate(reports):
            assert sum(chances[i]) == sum(row[i] for row in chances) == 1
            for j in range(3):
                assert reports[j] != order or chances[j] == chances[i]
            for lie in orders:
                other = rule[json.dumps([lie if k == i else one for k, one in enumerate(reports)])][1]
                for best in (order[:1], order[:2]):
                    gain = sum(other[i]["abc".index(o)] - chances[i]["abc".index(o)] for o in best)
                    assert gain <= 0
        steps = {
            (worse, better)
            for i, order in enumerate(reports)
            for better, worse in combinations(order, 2)
            if chances[i]["abc".index(worse)] > 0
        }
        assert not any((b, a) in steps for a, b in steps)  # nobody trades, in pairs or all three
        assert not any({(a, b), (b, c), (c, a)} <= steps for a, b, c in permutations("abc"))


def test_the_smallest_conflicts(problem_text):
    assert why_text(problem_text("impossibility/arrow")).details["superfluous"] == []
    assert why_text(problem_text("impossibility/monotonicity")).details["superfluous"] == []
    assert why_text(problem_text("impossibility/arrows-dictators")).exit_status == 0


@pytest.mark.slow
def test_the_smallest_conflict_of_roth_takes_one_of_each_side(problem_text):
    roth = why_text(problem_text("impossibility/roth")).details
    assert roth["conflict"][0] == "stable" and len(roth["conflict"]) == 3
    assert {word[-2] for word in roth["conflict"][1:]} == {"m", "w"}


# -- the search against brute force ----------------------------------------------------------------------------------

CLAUSES = st.lists(
    st.lists(st.integers(1, 6).flatmap(lambda v: st.sampled_from([v, -v])), min_size=1, max_size=3, unique_by=abs).map(
        tuple
    ),
    max_size=25,
)


@given(CLAUSES)
def test_the_search_finds_every_solution_and_its_trees_prove_it(clauses):
    def meets(values):
        return all(any((literal > 0) == values[abs(literal) - 1] for literal in clause) for clause in clauses)

    wanted = {values for values in product([False, True], repeat=6) if meets(values)}
    seen = set()

    def found(values):
        seen.add(tuple(values))
        blocked.append(tuple(-(v + 1) if value else v + 1 for v, value in enumerate(values)))
        return blocked[-1]

    blocked = []
    tree = Search(6, clauses, [], found).run()
    assert seen == wanted and len(blocked) == len(wanted)
    every = [*clauses, *blocked]
    stack = [(tree, frozenset())]
    while stack:
        node, known = stack.pop()
        if node.true is not None:
            stack += [(node.true, known | {node.variable + 1}), (node.false, known | {-(node.variable + 1)})]
            continue
        for position, number in enumerate(node.chain):
            open_ones = [literal for literal in every[number] if -literal not in known]
            assert len(open_ones) == (0 if position == len(node.chain) - 1 else 1)
            known = known | set(open_ones)


def test_rules_of_two_voters_and_two_alternatives_by_brute_force():
    """All 2^4 social choice functions, with every axiom written out again."""
    orders = list(permutations(range(2)))
    setting = Setting("choice", ("Ann", "Bob"), ("a", "b"), (tuple(orders),) * 2)
    profiles = list(product(range(2), repeat=2))
    count = 0
    for picks in product(range(2), repeat=4):
        rule = dict(zip(profiles, picks, strict=True))
        lies = [
            (p, q)
            for p, q in product(profiles, repeat=2)
            for i in range(2)
            if p[1 - i] == q[1 - i] and orders[p[i]].index(rule[q]) < orders[p[i]].index(rule[p])
        ]
        count += not lies
    assert len(find_rules(setting, [("strategyproof", (0, 1))], 100).rules) == count == 6


def test_every_clause_is_one_that_the_verifier_knows(problem_text):
    """The verifier rebuilds each clause by its name, from its own reading of the axioms."""
    from amd.axioms.prove import restate
    from amd.proof.verify_axioms import Rules

    for name in ("arrow", "roth", "monotonicity", "dictators"):
        task = read_task(problem_text(f"impossibility/{name}"), name)
        checked = Rules(restate(task.setting, task.axioms))
        for at, (named, literals) in enumerate(clauses_of(task.setting, task.axioms)):
            if at % 7 == 0:
                own = {(*task.setting.statement(abs(one) - 1), one > 0) for one in literals}
                assert own == set(checked.clause(json.loads(json.dumps(named))))
        assert splits_of(task.setting)


# -- audits, words, faults -------------------------------------------------------------------------------------------


def test_a_rule_survives_its_file(solved, problem_text):
    for name in ("arrows-dictators", "dictators", "roth-one-side"):
        task = read_task(problem_text(f"impossibility/{name}"), name)
        answer = json.loads(json.dumps(solved(f"impossibility/{name}").answer))
        assert to_json(task.setting, from_json(task.setting, answer)) == answer["rules"][0]
        assert check_task(task, answer).holds


def test_a_broken_rule_is_told_with_its_witness(solved, problem_text):
    task = read_task(problem_text("impossibility/dictators"), "x")
    answer = json.loads(json.dumps(solved("impossibility/dictators").answer))
    answer["rules"][0][0]["picks"] = "c"  # everybody's worst
    found = check_task(task, answer)
    assert not found.holds
    assert "gains by reporting" in found.audit["strategyproof"][0]
    borda = read_task(problem_text("impossibility/arrow"), "x")
    flat = [{**row, "picks": [["a", "b", "c"]]} for row in solved("impossibility/arrows-dictators").answer["rules"][0]]
    told = check_task(borda, {"rules": [flat]})
    assert told.audit["pareto"] and not told.audit["independent"] and not told.audit["nondictatorial"]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({}, "'rules'"),
        ({"rules": [[{"reports": []}]]}, "'reports' and 'picks'"),
        ({"rules": [[{"reports": [["a"]], "picks": "a"}]]}, "a list of 2 orders"),
        ({"rules": [[{"reports": [["a", "b", "c"], ["a"]], "picks": "a"}]]}, "no report of Bob"),
        ({"rules": [[{"reports": [["a", "b", "c"], ["a", "b", "c"]], "picks": "z"}]]}, "not an alternative"),
        ({"rules": [[{"reports": [["a", "b", "c"], ["a", "b", "c"]], "picks": "a"}]]}, "answers 1 of 36"),
    ],
)
def test_what_is_no_rule_is_refused(problem_text, answer, message):
    task = read_task(problem_text("impossibility/dictators"), "x")
    with pytest.raises(ValueError, match=message):
        check_task(task, answer)


def test_the_proof_of_roth_is_printed_in_full(certified):
    text = certified("impossibility/roth")[0]
    assert "Proof by 1 case, 22 steps in all." in text
    assert "something is picked" in text and "reports" in text and "…" not in text


def test_a_possibility_is_certified_by_a_rule():
    text, document, impossible = certify_text(file(require=["strategyproof", "onto"]))
    assert not impossible and document["claim"] == {"kind": "possible"}
    assert "meets every axiom" in text


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"rule": "chioce"}, "1: rule: 'chioce' is not one of"),
        ({"require": ["stable"]}, "'stable' means nothing with rule 'choice'"),
        ({"require": ["onto", "onto"]}, "require[2]: 'onto' stands there twice"),
        ({"require": []}, "require: has 0 items"),
        ({"require": ...}, "require: is missing"),
        ({"alternatives": ...}, "alternatives: is missing; rule 'choice' needs it"),
        ({"sides": {"m": ["x"], "w": ["y"]}}, "sides: means nothing with rule 'choice'"),
        ({"agents": 0}, "agents: '0' is not a number of agents"),
        ({"agents": "two"}, "agents: 'two' is not a number of agents"),
        ({"agents": ["x", "x"]}, "agents: 'x' stands there twice"),
        ({"preferences": [["a", "b"]]}, "preferences[1]: leaves out c"),
        ({"preferences": [["a", "b", "d"]]}, "preferences[1]: 'd' is not among a, b and c"),
        ({"preferences": [["a", "b", "c"], ["a", "b", "c"]]}, "preferences[2]: stands there twice"),
        ({"preferences": {"agent 1": [["a", "b", "c"]]}}, "preferences: leaves out agent 2"),
        ({"require": [{"strategyproof": ["Zoe"]}]}, "there is no agent 'Zoe'"),
        ({"rule": "random_assignment", "require": ["strategyproof"]}, "alternatives: has 3 objects for 2 agents"),
        ({"voters": 2}, "unknown key 'voters'; write 'agents'"),
        ({**MATCHING, "sides": {"m": ["x"], "w": ["x"]}, "require": ["stable"]}, "somebody stands on both sides"),
        ({**MATCHING, "require": ["stable"], "preferences": "single_peaked"}, "cannot be 'single_peaked'"),
    ],
)
def test_faults_have_their_place(keys, message):
    with pytest.raises(amd.InputError) as caught:
        solve_text(file(**{"require": ["onto"], **keys}), "f.yaml")
    assert message in str(caught.value)
    assert str(caught.value).startswith("f.yaml:1: ")


def test_too_many_profiles_are_refused():
    with pytest.raises(ValueError, match="profiles of reports"):
        solve_text(file(agents=9, require=["onto"]))


def test_the_command_line(tmp_path):
    run = CliRunner().invoke
    proof, answer = str(tmp_path / "proof.json"), str(tmp_path / "rules.json")
    assert run(main, ["solve", "arrow"]).exit_code == 1
    assert run(main, ["certify", "arrow", "-o", proof]).exit_code == 1
    assert run(main, ["verify", proof, "--problem", "arrow"]).output == "proven: no rule meets the axioms, for arrow\n"
    other = run(main, ["verify", proof, "--problem", "roth"])
    assert other.exit_code == 1 and "about another problem" in other.output
    assert "and no fewer conflict" in run(main, ["why", "arrow"]).output
    assert run(main, ["why", "arrow", "--set", "N=3"]).exit_code == 2
    assert json.loads(run(main, ["why", "arrow", "--json"]).output)["superfluous"] == []
    assert run(main, ["solve", "dictators", "-o", answer]).exit_code == 0
    assert run(main, ["check", "dictators", "--mechanism", answer]).exit_code == 0
    assert run(main, ["certify", "arrow", "--continuum"]).exit_code == 2
    assert "no linear program" in run(main, ["explain", "arrow"]).output
    page = tmp_path / "page.html"
    assert run(main, ["report", "arrow", "-o", str(page)]).exit_code == 0
    assert "There is no rule that is Pareto efficient" in page.read_text(encoding="utf-8")
    drawn = run(main, ["solve", "arrow", "--plot", str(tmp_path / "picture.png")])
    assert drawn.exit_code == 3 and "no picture" in drawn.output

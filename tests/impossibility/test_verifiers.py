"""The two stand-alone verifiers refuse what is altered: by hand, at random, and as malformed documents."""

import copy
import hashlib
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amd.proof import verify_axioms, verify_weights
from amd.proof.documents import check

RULES = ["impossibility/arrow", "impossibility/dictators", "impossibility/roth", "impossibility/monotonicity"]
WEIGHTS = ["impossibility/bogomolnaia-moulin", "impossibility/empty-core", "cooperative/glove-market"]


def signed(document):
    """With the digest of whatever the problem now is."""
    text = json.dumps(document["problem"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    document["digest"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return document


def refused(document, word=""):
    holds, message = check(document)
    assert not holds and word in message, message


@pytest.mark.parametrize("name", RULES + WEIGHTS)
def test_what_was_not_altered_holds(document, name):
    assert check(document(name))[0]


def leaves(tree):
    stack, found = [tree], []
    while stack:
        node = stack.pop()
        stack += [node[word] for word in ("true", "false") if word in node] + node.get("cases", [])
        found += [node] if "chain" in node or "multipliers" in node else []
    return found


@pytest.mark.parametrize("name", RULES)
def test_each_step_counts(document, name):
    """Every chain is traced back from its contradiction, so none of its clauses can be left out."""
    whole = document(name)
    for at in range(len(leaves(whole["proof"]["tree"]))):
        chain = leaves(whole["proof"]["tree"])[at]["chain"]
        for position in range(0, len(chain), max(1, len(chain) // 6)):
            altered = copy.deepcopy(whole)
            del leaves(altered["proof"]["tree"])[at]["chain"][position]
            refused(altered)


def test_a_possible_axiom_system_is_not_refuted(document):
    """Arrow's proof without `nondictatorial`, Gibbard and Satterthwaite's without `onto`, Roth's for one side."""
    for name, kept in [
        ("impossibility/arrow", [["pareto"], ["independent"]]),
        ("impossibility/monotonicity", [["monotonic"], ["nondictatorial"]]),
        ("impossibility/roth", [["stable"], ["strategyproof", [0, 1]]]),
    ]:
        altered = document(name)
        altered["problem"]["require"] = kept
        refused(signed(altered))


def test_rules_must_all_be_there_and_meet_the_axioms(document):
    one = document("impossibility/dictators")
    one["proof"]["rules"] = one["proof"]["rules"][:1]
    one["claim"]["count"] = 1
    refused(one)
    other = document("impossibility/dictators")
    other["proof"]["rules"][0][0] = 2
    refused(other, "not")
    twice = document("impossibility/dictators")
    twice["proof"]["rules"].append(twice["proof"]["rules"][0])
    twice["claim"]["count"] = 3
    refused(twice, "miscounted")


@pytest.mark.parametrize(
    "name",
    [
        ["strategyproof", 0, [0, 0], 1, 0, 1],  # Ann likes a better than b there
        ["strategyproof", 5, [0, 0], 1, 0, 1],
        ["strategyproof", True, [0, 0], 1, 1, 0],
        ["one", [0, 0], 1, 1],
        ["unanimous", [0, 0], 0],  # not among the axioms
        ["nondictatorial", 0],
        ["other", 2],
        ["onto", 3],
        ["some", [0, 9]],
        ["__init__"],
        [],
        "onto",
    ],
)
def test_clauses_that_are_not_the_axioms_are_refused(document, name):
    altered = document("impossibility/dictators")
    leaves(altered["proof"]["tree"])[0]["chain"].insert(0, name)
    refused(altered)


def test_independence_needs_the_same_views(document):
    altered = document("impossibility/arrow")
    leaves(altered["proof"]["tree"])[0]["chain"].insert(0, ["independent", [0, 0], [5, 5], 0, 1])
    refused(altered, "sees these two otherwise")


def test_a_stable_matching_is_not_ruled_out(document):
    altered = document("impossibility/roth")
    stable = next(name for name in leaves(altered["proof"]["tree"])[0]["chain"] if name[0] == "strategyproof")
    leaves(altered["proof"]["tree"])[0]["chain"].insert(0, ["stable", stable[2], stable[4]])
    refused(altered, "this matching is stable")


def test_each_multiplier_of_the_houses_counts(document):
    whole = document("impossibility/bogomolnaia-moulin")
    for at in range(len(leaves(whole["proof"]["tree"]))):
        parts = leaves(whole["proof"]["tree"])[at]["multipliers"]
        for position in range(0, len(parts), max(1, len(parts) // 6)):
            altered = copy.deepcopy(whole)
            del leaves(altered["proof"]["tree"])[at]["multipliers"][position]
            refused(altered)
            altered = copy.deepcopy(whole)
            pair = leaves(altered["proof"]["tree"])[at]["multipliers"][position]
            pair[1] = str(-Fraction(pair[1]))
            refused(altered)


def test_a_cycle_must_be_a_trade_and_all_its_cases_are_needed(document):
    whole = document("impossibility/bogomolnaia-moulin")
    altered = copy.deepcopy(whole)
    altered["proof"]["tree"]["cases"].pop()
    refused(altered)
    altered = copy.deepcopy(whole)
    altered["proof"]["tree"]["cycle"][1].reverse()
    altered["proof"]["tree"]["cycle"][1][0][1], altered["proof"]["tree"]["cycle"][1][1][1] = 0, 3
    refused(altered)
    for axiom in ("strategyproof", "ordinally_efficient", "equal_treatment"):
        altered = copy.deepcopy(whole)
        altered["problem"]["require"] = [one for one in altered["problem"]["require"] if one != [axiom]]
        refused(signed(altered))


def test_games_by_hand(document):
    empty = document("impossibility/empty-core")
    for weights in ([], [[[0, 1, 2], "1"]], [[[0, 1], "1"], [[2], "1"]], [[[0, 1], "1"]]):
        altered = copy.deepcopy(empty)
        altered["proof"]["weights"] = weights
        refused(altered)
    altered = copy.deepcopy(empty)
    altered["claim"]["kind"], altered["proof"] = "core", {"payoff": ["1/3", "1/3", "1/3"]}
    refused(altered, "would leave")
    full = document("cooperative/glove-market")
    full["proof"]["payoff"] = ["1/6", "1/6", "2/3"]
    refused(full, "would leave")
    full["proof"]["payoff"] = ["0", "0", "2"]
    refused(full, "do not sum")


def places(data, path=()):
    """The path of every leaf value."""
    if isinstance(data, dict):
        return [place for key, value in data.items() for place in places(value, (*path, key))]
    if isinstance(data, list):
        return [place for at, value in enumerate(data) for place in places(value, (*path, at))]
    return [path]


def changed(value, draw):
    if isinstance(value, str):
        return draw(st.sampled_from([value + "0", "1/7", "-1", "", "x", "0"]))
    return draw(st.sampled_from([value + 1, value - 1, 0, 1, -1, True, "0", None]) if value is not None else st.just(0))


@settings(max_examples=200)
@given(st.sampled_from(RULES + WEIGHTS), st.data())
def test_random_alterations_prove_nothing_false(document, name, data):
    """One value altered anywhere. What is still accepted is the same claim about the same problem with a proof that was
    checked; of a changed problem or claim nothing is accepted (the digest is not renewed)."""
    altered = document(name)
    parts = {key: altered[key] for key in data.draw(st.sampled_from([("problem",), ("claim",), ("proof",)]))}
    place = data.draw(st.sampled_from(places(parts)))
    target = altered
    for key in place[:-1]:
        target = target[key]
    before = target[place[-1]]
    target[place[-1]] = changed(before, data.draw)
    same = target[place[-1]] == before and type(target[place[-1]]) is type(before)
    holds, _ = check(altered)
    if holds and not same:
        assert place[0] == "proof"
        fresh = document(name)
        assert altered["problem"] == fresh["problem"] and altered["claim"] == fresh["claim"]


@settings(max_examples=50)
@given(st.sampled_from(["impossibility/arrow", "impossibility/monotonicity"]), st.data())
def test_a_changed_problem_that_is_signed_anew_is_judged_by_itself(document, name, data):
    """Preferences altered and the digest renewed: accepted only where no rule exists there either, by a new search."""
    from amd.axioms.prove import find_rules
    from amd.axioms.setting import Setting

    altered = document(name)
    problem = altered["problem"]
    i = data.draw(st.integers(0, len(problem["agents"]) - 1))
    del problem["preferences"][i][data.draw(st.integers(0, len(problem["preferences"][i]) - 1))]
    if check(signed(altered))[0]:
        reports = tuple(tuple(map(tuple, orders)) for orders in problem["preferences"])
        first = problem.get("first_side", 0)
        setting = Setting(
            problem["rule"], tuple(problem["agents"]), tuple(problem.get("alternatives", ())), reports, first
        )
        axioms = [(one[0], tuple(one[1]) if len(one) > 1 else ()) for one in problem["require"]]
        assert not find_rules(setting, axioms).rules


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["amd-axioms-1", "amd-weights-1"]), JSON, JSON, JSON)
def test_malformed_documents_are_refused(form, problem, claim, proof):
    document = {"format": form, "problem": problem, "claim": claim, "proof": proof, "digest": ""}
    refused(document)
    if isinstance(problem, (dict, list)):
        refused(signed(document))
    for verifier in (verify_axioms, verify_weights):
        assert not verifier.check(problem)[0]


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_verifiers_run_as_one_file(tmp_path, document, flags):
    """Copied alone to another folder, without the project, and under python -O."""
    for verifier, name in ((verify_axioms, "impossibility/roth"), (verify_weights, "impossibility/empty-core")):
        alone = tmp_path / Path(verifier.__file__).name
        alone.write_text(Path(verifier.__file__).read_text(encoding="utf-8"), encoding="utf-8")
        good, bad = tmp_path / "good.json", tmp_path / "bad.json"
        good.write_text(json.dumps(document(name)))
        altered = document(name)
        if "tree" in altered["proof"]:
            altered["proof"]["tree"]["chain"].pop(0)
        else:
            altered["proof"]["weights"].pop()
        bad.write_text(json.dumps(altered))
        for path, status, word in ((good, 0, "proven: "), (bad, 1, "NOT PROVEN: ")):
            ran = subprocess.run(
                [sys.executable, *flags, "-I", str(alone), str(path)], capture_output=True, text=True, cwd=tmp_path
            )
            assert ran.returncode == status and ran.stdout.startswith(word), ran.stderr


def test_verifiers_import_the_standard_library_only():
    for verifier in (verify_axioms, verify_weights):
        lines = Path(verifier.__file__).read_text(encoding="utf-8").splitlines()
        imports = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imports <= sys.stdlib_module_names

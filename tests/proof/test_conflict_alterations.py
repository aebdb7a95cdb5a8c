"""Random alterations of certificates of conflicts and of mixtures: what is still accepted is true, by other means."""

import copy
import json
from fractions import Fraction
from functools import cache
from itertools import product

import pytest
from alterations import REARRANGED, holder_of, places, rearrange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amd
from amd.proof import verify_conflict, verify_mixtures
from amd.proof.conflict.certificate import conflict_certificate
from amd.proof.conflict.why import why_infeasible
from amd.proof.documents import check
from amd.proof.mixtures import certify_mixtures
from amd.proof.verify import digest
from solvers import Status

F = Fraction
SMALL = {"amd": 1, "goods": {"lamp": 1}}
BUYER = {"types": {"v": {"values": [1, 2]}}, "value": {"lamp": "v"}}
CONFLICTS = {
    "interdependence": {},
    "green-laffont": {},
    "all-lemons": {"N": 3},
    "worst": SMALL
    | {
        "agents": {"buyer": BUYER | {"budget": 1}},
        "design": {"require": [{"worst(welfare)": ">= 0"}, {"worst(revenue)": ">= 1/2"}, {"revenue": ">= 3/2"}]},
    },
    "many": SMALL
    | {
        "agents": {"buyer": BUYER, "rival": BUYER},
        "design": {"budget": {"balanced": "ex_ante"}, "require": ["efficient", {"revenue": ">= 1"}]},
    },
}


@cache
def conflict_document(name):
    told = CONFLICTS[name]
    task = (amd.problem(told) if "amd" in told else amd.load(name, **told)).task
    conflict = why_infeasible(task, priced=False)
    return json.dumps(conflict_certificate(conflict).document)


@cache
def mixtures_document(outcomes, design):
    file = {
        "amd": 1,
        "agents": {"voter": {"types": {"orders": "all"}}},
        "outcomes": list(outcomes),
        "design": {"transfers": "false", "incentive": "dominant", "require": list(design)},
    }
    return json.dumps(certify_mixtures(amd.problem(file).task).document)


def alter(document, path, draw):
    """Something at that place is dropped, doubled, exchanged, or replaced."""
    holder, at = holder_of(document, path), path[-1]
    old = holder[at]
    kinds = ["drop", "double", "exchange", "value"] if isinstance(holder, list) else ["drop", "value"]
    kind = draw(st.sampled_from(kinds))
    if kind in REARRANGED:
        rearrange(kind, holder, at, lambda: draw(st.integers(0, len(holder) - 1)))
    elif isinstance(old, bool):
        holder[at] = not old
    elif isinstance(old, int):
        holder[at] = old + draw(st.sampled_from([-1, 1]))
    elif isinstance(old, str) and old.lstrip("-").replace("/", "").isdigit():
        holder[at] = str(F(old) + draw(st.sampled_from([F(1), F(-1), F(1, 12), F(-1, 12), -2 * F(old)])))
    else:
        words = ["need", "incentive", "participation", "cap", "efficient", "money", "deterministic", "none", "interim"]
        holder[at] = draw(st.sampled_from([*words, [], {}, None, [["incentive", ["buyer"]]], "0", 0, 0.5]))


def altered(text, draw, parts):
    """A copy, altered in one or two places; half of the time with the digest that then fits."""
    changed = json.loads(text)
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(parts))
        chosen = [path for path in places(changed) if path[: len(part)] == part]
        if chosen:
            alter(changed, draw(st.sampled_from(chosen)), draw)
    if isinstance(changed.get("problem"), dict) and draw(st.booleans()):
        changed["digest"] = digest(changed["problem"])
    return changed


def rest(problem, dropped):
    """The problem without some requirements, for the brute-force program."""
    data = copy.deepcopy(problem) | {"wish": None}
    for kind, *who in dropped:
        for agent in data["agents"]:
            named = bool(who) and kind != "need" and agent["name"] in who[0]
            agent.update({"free": True} if named and kind == "incentive" else {})
            agent.update({"stage": "none"} if named and kind == "participation" else {})
            agent.update({"budget": None} if named and kind == "cap" else {})
    gone = [who[0] for kind, *who in dropped if kind == "need"]
    data["needs"] = [one for k, one in enumerate(data["needs"]) if k not in gone]
    words = [kind for kind, *who in dropped if not who]
    data["require"] = [word for word in data["require"] if word not in words]
    data["transfers"] = data["transfers"] or "money" in words
    return data


def true_conflict(document, truth):
    problem, claim = document["problem"], document["claim"]
    if truth(rest(problem, claim["superfluous"]))[0] is not Status.INFEASIBLE:
        return False
    without = (truth(rest(problem, [*claim["superfluous"], one]))[0] for one in claim["conflict"])
    return all(status is not Status.INFEASIBLE for status in without)


MANY = [40, pytest.param(2000, marks=pytest.mark.slow)]
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("count", MANY)
def test_conflicts(truth, count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.sampled_from(sorted(CONFLICTS)), st.data())
    def campaign(name, data):
        parts = [("problem",), ("claim",), ("proof", "tree"), ("proof", "mechanisms"), ()]
        changed = altered(conflict_document(name), data.draw, parts)
        holds, message = check(changed)
        assert isinstance(message, str) and "\n" not in message
        if holds:
            assert changed["digest"] == digest(changed["problem"])
            assert true_conflict(changed, truth), message

    campaign()


def test_the_judge_of_conflicts_knows_the_untouched_answers(truth):
    for name in CONFLICTS:
        document = json.loads(conflict_document(name))
        assert check(document)[0]
        assert true_conflict(document, truth), name
        claim = document["claim"]
        if len(claim["conflict"]) > 1:
            moved = {
                **claim,
                "conflict": claim["conflict"][1:],
                "superfluous": [*claim["superfluous"], claim["conflict"][0]],
            }
            assert not true_conflict({**document, "claim": moved}, truth), name


# -- mixtures --------------------------------------------------------------------------------------------------------

LISTS = [("ab", ()), ("ab", ("unanimous",)), ("abc", ("unanimous",))]
WEIGHINGS = [[F(1), F(-1), F(2)], [F(-2), F(1), F(3)], [F(0), F(5), F(-1)]]


def true_mixtures(document, truth):
    """The best value of any wish is that of one of the listed mechanisms: tried for some wishes, weighing profiles by
    the prior, of which incentives in each profile know nothing."""
    problem = document["problem"]
    width, count = len(problem["cost"]), len(problem["prior"])
    listed = [value_table(one, count, width) for one in document["proof"]["mechanisms"]]
    for columns, shift in product(WEIGHINGS, range(min(count, 3))):
        prior = [F(1 + (k + shift) % count, count * (count + 1) // 2) for k in range(count)]
        wish = {"payment": ["0"] * len(problem["agents"]), "value": ["0"] * len(problem["agents"]), "constant": "0"}
        wish |= {"column": [str(x) for x in columns[:width]], "worst": []}
        data = copy.deepcopy(problem) | {"wish": wish, "maximize": True, "prior": [str(f) for f in prior]}
        status, value = truth(data)
        values = [
            sum(f * x * w for f, row in zip(prior, table, strict=True) for x, w in zip(row, columns, strict=False))
            for table in listed
        ]
        if status is not Status.OPTIMAL or value != max(values):
            return False
    return True


def value_table(mechanism, count, width):
    table = [[F(0)] * width for _ in range(count)]
    for row, entries in zip(table, mechanism["allocation"], strict=True):
        for c, text in entries:
            row[c] = F(text)
    return table


@pytest.mark.parametrize("count", MANY)
def test_mixtures(truth, count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.sampled_from(LISTS), st.data())
    def campaign(case, data):
        parts = [
            ("problem", "agents"),
            ("problem",),
            ("claim",),
            ("proof", "shares"),
            ("proof", "bounds"),
            ("proof",),
            (),
        ]
        changed = altered(mixtures_document(*case), data.draw, parts)
        holds, message = check(changed)
        assert isinstance(message, str) and "\n" not in message
        if holds:
            assert changed["digest"] == digest(changed["problem"])
            if not changed["problem"]["require"] or is_order(changed["problem"]):
                assert true_mixtures(fixed(changed), truth), message

    campaign()


def is_order(problem):
    """Whether each type has one favourite, worth 1, and nothing but unanimity is required."""
    firsts = [vectors[0] for agent in problem["agents"] for vectors in agent["worth"]]
    return problem["require"] == ["unanimous"] and all(sorted(one) == ["0"] * (len(one) - 1) + ["1"] for one in firsts)


def fixed(document):
    """For the program that judges, which knows nothing of unanimity: that of one voter is efficiency, where the
    favourite is worth 1 (the first of an order's vectors), everything else nothing, and nothing costs anything."""
    document = copy.deepcopy(document)
    if document["problem"]["require"]:
        document["problem"]["require"] = ["efficient"]
        document["problem"]["cost"] = ["0"] * len(document["problem"]["cost"])
    return document


def test_the_judge_of_mixtures_knows_the_untouched_answers(truth):
    for case in LISTS:
        document = json.loads(mixtures_document(*case))
        assert check(document)[0]
        assert true_mixtures(fixed(document), truth), case
        if len(document["proof"]["mechanisms"]) > 1:
            document["proof"]["mechanisms"].pop()
            assert not true_mixtures(fixed(document), truth), case


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([verify_conflict, verify_mixtures]), JSON, JSON, JSON)
def test_malformed_documents_are_refused(verifier, problem, claim, proof):
    document = {"format": verifier.FORMAT, "problem": problem, "claim": claim, "proof": proof, "digest": ""}
    assert not check(document)[0]
    assert not check({**document, "digest": digest(problem)})[0]
    assert not verifier.check(problem)[0]

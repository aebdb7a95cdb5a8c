"""Random alterations of certificates of every kind: what the verifiers still accept is true, judged by other means."""

import copy
import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from alterations import REARRANGED, holder_of, places, rearrange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amd.files import loads
from amd.proof import verify, verify_auction, verify_continuum, verify_rule
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import impossible_certificate, lower_certificate, upper_certificate
from amd.proof.continuum.reading import read_setting
from amd.proof.documents import check
from solvers import Status

F = Fraction
FINITE = ["license", "myerson-satterthwaite", "auctions/guaranteed-revenue", "auctions/license-fair",
          "auctions/license-efficient", "green-laffont"]  # fmt: skip
UNIFORM = "{uniform: [0, 1], cells: 4}"
AUCTION = f"""
amd: 1
agents: {{bidder: {{count: 2, types: {{v: {UNIFORM}}}, value: {{item: v}}}}}}
goods: {{item: 1}}
design: {{maximize: revenue}}
"""
GOODS = f"""
amd: 1
agents: {{buyer: {{types: {{v: {UNIFORM}, w: {UNIFORM}}}, value: {{apple: v, pear: w}}}}}}
goods: {{apple: 1, pear: 1}}
design: {{maximize: revenue}}
"""
TRADE = f"""
amd: 1
agents:
  buyer: {{types: {{v: {UNIFORM}}}, value: {{trade: v}}}}
  seller: {{types: {{c: {UNIFORM}}}, value: {{trade: -c}}}}
outcomes: [keep, trade]
"""
SECOND_BEST = TRADE + "design: {maximize: welfare, budget: {balanced: ex_ante}}"
SUBSIDY = TRADE + "design: {minimize: deficit, require: [efficient]}"
IMPOSSIBLE = TRADE + "design: {budget: {balanced: ex_post}, require: [efficient]}"
EX_ANTE = f"""
amd: 1
agents: {{buyer: {{types: {{v: {UNIFORM}}}, value: {{trade: v}}, outside: 1/4}}}}
outcomes: [keep, trade]
design: {{maximize: revenue, participation: ex_ante}}
"""
# the optimum over all mechanisms for the continuous prior: Myerson 1981; Manelli and Vincent 2006; Myerson and
# Satterthwaite 1983, twice; the mean value less the outside option
OPTIMA = {AUCTION: 5 / 12, GOODS: (12 + 2 * math.sqrt(2)) / 27, SECOND_BEST: 9 / 64, SUBSIDY: 1 / 6, EX_ANTE: 1 / 4}


def sides(text, cells, fine):
    answer = bounds(loads(text), cells, fine).answer
    return upper_certificate(answer), lower_certificate(answer)


@pytest.fixture(scope="session")
def continuum():
    """(text of the problem, certificate) of every kind."""
    sizes = ((AUCTION, 3, 4), (GOODS, 2, None), (SECOND_BEST, 1, 3), (SUBSIDY, 1, 2))
    found = [(text, side) for text, cells, fine in sizes for side in sides(text, cells, fine)]
    found.append((EX_ANTE, upper_certificate(bounds(loads(EX_ANTE), 2).answer)))
    setting = read_setting(loads(IMPOSSIBLE))
    found += [(IMPOSSIBLE, impossible_certificate(setting, cells)) for cells in (1, 2)]
    return [(text, json.loads(json.dumps(side))) for text, side in found]


@pytest.fixture(scope="session")
def monopoly():
    law = "{piecewise: {points: [[0, 4/3], [1/2, 4/3], [1/2, 2/3], [1, 2/3]]}, cells: 4}"
    text = f"""
amd: 1
agents: {{buyer: {{types: {{v: {law}}}, value: {{item: v}}}}}}
goods: {{item: 1}}
design: {{maximize: revenue}}
"""
    return [json.loads(json.dumps(side)) for side in sides(text, 4, 4)]


WORDS = ["need", "budget", "incentive", "buyer", "firm[1]", "interim", "ex_ante", "none", "infeasible", "at most"]
WORDS += ["at least", "optimal", "possible", "C2", "C3", "sum Q", "order", "efficient", "start", "1/2", "-1", "0", "1"]


def alter(document, path, draw):
    """Something at that place is dropped, doubled, exchanged with its neighbour, or replaced."""
    holder, at = holder_of(document, path), path[-1]
    listed = isinstance(holder, list)
    kinds = ["number", "near", "index", "null", "text", "other", "drop"]
    kind = draw(st.sampled_from([*kinds, "double", "exchange"] if listed else kinds))
    if kind in REARRANGED:
        rearrange(kind, holder, at, lambda: draw(st.integers(0, len(holder) - 1)))
    else:
        holder[at] = replaced(kind, holder[at], draw)


def replaced(kind, old, draw):
    if kind == "near" and isinstance(old, str):
        try:
            return str(F(old) + draw(st.sampled_from([F(1, 10**6), F(-1, 10**6), F(1, 12), F(-1, 12)])))
        except (ValueError, ZeroDivisionError):
            kind = "text"
    return {
        "number": lambda: str(draw(st.fractions(-3, 60, max_denominator=12))),
        "near": lambda: not old if isinstance(old, bool) else draw(st.integers(0, 2)),
        "index": lambda: draw(st.integers(-1, 3)),
        "null": lambda: None,
        "text": lambda: draw(st.sampled_from(WORDS)),
        "other": lambda: draw(st.sampled_from([[], {}, True, False, 0.5, 10**30, "9" * 3000, "1/0"])),
    }[kind]()


def signed(document):
    document["digest"] = verify.digest(document["problem"])
    return document


def altered(document, draw):
    """A copy, altered in one or two places; half of the time with the digest that then fits."""
    changed = copy.deepcopy(document)
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(["problem", "claim", "proof", None]))
        chosen = [path for path in places(changed) if part in (None, path[0])]
        if chosen:
            alter(changed, draw(st.sampled_from(chosen)), draw)
    if isinstance(changed.get("problem"), dict) and draw(st.booleans()):
        signed(changed)
    return changed


def implied(kind, claimed, status, value):
    """Whether a claim follows from the exact answer to a problem."""
    if kind == "infeasible":
        return status is Status.INFEASIBLE
    if kind == "possible":
        return status is not Status.INFEASIBLE
    if status is not Status.OPTIMAL:
        return False
    return {"optimal": claimed == value, "at most": value <= claimed, "at least": value >= claimed}[kind]


def true_of_finite(document, truth):
    """By a linear program of its own; a bound is true of nothing, and of an unbounded wish from one side."""
    problem, claim = document["problem"], document["claim"]
    status, value = truth(problem)
    better, reached = ("at most", "at least") if problem["maximize"] else ("at least", "at most")
    if claim["kind"] == better and status is Status.INFEASIBLE:
        return True
    if claim["kind"] == reached and status is Status.UNBOUNDED:
        return True
    claimed = None if claim["kind"] in ("infeasible", "possible") else F(claim["value"])  # where nothing reads a value
    return implied(claim["kind"], claimed, status, value)


def one_finite_alteration(document, truth, data):
    original = document(data.draw(st.sampled_from(FINITE)))
    changed = altered(original, data.draw)
    holds, message = check(changed)
    assert isinstance(message, str) and "\n" not in message
    if holds:
        assert changed["digest"] == verify.digest(changed["problem"])
        assert true_of_finite(changed, truth), message
    return holds


def one_continuum_alteration(continuum, data):
    """The problem must be untouched, but for words that nothing depends on; and the claim true of it."""
    text, original = data.draw(st.sampled_from(continuum))
    changed = altered(original, data.draw)
    if isinstance(changed.get("problem"), dict):
        changed["digest"] = original["digest"]  # what another problem would allow is tested elsewhere
    holds, message = check(changed)
    assert isinstance(message, str) and "\n" not in message
    if holds:
        assert verify.digest(changed["problem"]) == original["digest"]
        claim = changed["claim"]
        if text == IMPOSSIBLE:
            assert claim["kind"] == "infeasible"
        elif claim["kind"] != "possible":  # which says nothing of a value
            value, optimum, near = F(claim["value"]), F(OPTIMA[text]), F(1, 10**12)
            assert {"at most": value >= optimum - near, "at least": value <= optimum + near}[claim["kind"]]


def monopoly_revenue(problem):
    """The best price of one good for one buyer, by hand: on a cell of density d revenue is p (S − d (p − a))."""
    agent, wish = problem["agents"][0], problem["wish"]
    line = agent["lines"][0]
    edges, masses = [F(x) for x in line["edges"]], [F(low) for low, _ in line["masses"]]
    best = F(0)
    for k, f in enumerate(masses):
        a, b, tail = edges[k], edges[k + 1], sum(masses[k:])
        density = f / (b - a)
        inside = [(tail / density + a) / 2] if density else []
        prices = [a, b, *(p for p in inside if a < p < b)]
        best = max(best, *(p * (tail - density * (p - a)) for p in prices))
    return best - F(agent["outside"]) * F(wish["payment"][0]) + F(wish["constant"])


def one_monopoly_alteration(monopoly, data):
    """The law itself is altered and the digest made to fit: bounds that are still accepted hold for the new law."""
    changed = copy.deepcopy(data.draw(st.sampled_from(monopoly)))
    line = changed["problem"]["agents"][0]["lines"][0]
    for _ in range(data.draw(st.integers(1, 2))):
        part = data.draw(st.sampled_from(["edges", "masses", "outside", "constant", "proof", "value"]))
        if part == "outside":
            changed["problem"]["agents"][0]["outside"] = str(data.draw(st.fractions(-1, 1, max_denominator=6)))
        elif part == "constant":
            changed["problem"]["wish"]["constant"] = str(data.draw(st.fractions(-1, 1, max_denominator=6)))
        elif part == "value":
            changed["claim"]["value"] = str(data.draw(st.fractions(-1, 1, max_denominator=60)))
        elif part == "proof":
            chosen = [path for path in places(changed) if path[0] == "proof"] or [("claim",)]
            alter(changed, data.draw(st.sampled_from(chosen)), data.draw)
        elif part == "edges":
            line["edges"] = shifted([F(x) for x in line["edges"]], data.draw)
        else:
            weights = data.draw(st.lists(st.integers(1, 6), min_size=len(line["masses"]), max_size=len(line["masses"])))
            line["masses"] = [[str(F(w, sum(weights)))] * 2 for w in weights]
    holds, message = check(signed(changed))
    if holds:
        value, best = F(changed["claim"]["value"]), monopoly_revenue(changed["problem"])
        assert {"at most": value >= best, "at least": value <= best}[changed["claim"]["kind"]], message
    return holds


def shifted(edges, draw):
    at = draw(st.integers(0, len(edges) - 1))
    edges[at] += draw(st.sampled_from([F(1, 100), F(-1, 100), F(1, 7), F(-1, 3)]))
    return [str(x) for x in edges]


MANY = [350, pytest.param(2000, marks=pytest.mark.slow)]
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("count", MANY)
def test_finite_certificates(document, truth, count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.data())
    def campaign(data):
        one_finite_alteration(document, truth, data)

    campaign()


@pytest.mark.parametrize("count", MANY)
def test_continuum_certificates(continuum, count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.data())
    def campaign(data):
        one_continuum_alteration(continuum, data)

    campaign()


@pytest.mark.parametrize("count", MANY)
def test_continuum_certificates_of_altered_laws(monopoly, count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.data())
    def campaign(data):
        one_monopoly_alteration(monopoly, data)

    campaign()


def test_the_judges_know_the_untouched_answers(document, truth, monopoly):
    """The brute-force program and the hand computation agree with what is certified."""
    for name in FINITE:
        original = document(name)
        assert true_of_finite(original, truth), name
        assert check(original)[0]
    above, below = (F(side["claim"]["value"]) for side in monopoly)
    assert below <= monopoly_revenue(monopoly[0]["problem"]) == F(3, 16) <= above  # at 3/8: R = p (1 − 4/3 p)


def false_ones(document, continuum):
    """A false certificate of each kind, made by hand, with a digest that fits."""
    licence, trade = document("license"), document("myerson-satterthwaite")
    yield "a smaller optimum", licence | {"claim": {"kind": "optimal", "value": "37"}}
    yield "a greater optimum", licence | {"claim": {"kind": "optimal", "value": "38"}}
    yield "a smaller bound", licence | {"claim": {"kind": "at most", "value": "37"}}
    yield "a greater reach", licence | {"claim": {"kind": "at least", "value": "38"}}
    yield "impossible though possible", licence | {"claim": {"kind": "infeasible"}}
    yield "possible though impossible", trade | {"claim": {"kind": "possible"}, "proof": licence["proof"]}
    empty = copy.deepcopy(trade)
    empty["proof"]["tree"]["multipliers"] = []
    yield "a contradiction of nothing", empty
    split = copy.deepcopy(trade)
    split["proof"]["tree"] = {"branch": [[0, 0], 0, 0], "low": {"multipliers": []}, "high": {"multipliers": []}}
    yield "cases of lotteries", split
    generous = copy.deepcopy(licence)
    generous["problem"]["agents"][0]["worth"][1][0][0] = "60"
    yield "another worth, the old value", signed(generous)
    for at, (_, original) in enumerate(continuum):
        claim, changed = original["claim"], copy.deepcopy(original)
        if claim["kind"] == "infeasible":
            changed["problem"]["needs"][0]["wish"]["constant"] = "1/6"  # this subsidy makes it possible
            yield f"continuum {at}: impossible with a subsidy", signed(changed)
        else:
            upward = (original["format"] == verify_rule.FORMAT) == original["problem"]["maximize"]
            changed["claim"]["value"] = str(F(claim["value"]) + F(1 if upward else -1, 1000))
            yield f"continuum {at}: {claim['kind']} too strong", changed


def test_a_false_certificate_of_each_kind(document, continuum):
    for what, false in false_ones(document, continuum):
        assert not check(false)[0], what


RUNNER = """
import json, runpy, sys
check = runpy.run_path(sys.argv[1])["check"]
print(json.dumps([check(one) for one in json.load(sys.stdin)]))
"""


@pytest.mark.parametrize("verifier", [verify, verify_auction, verify_continuum, verify_rule])
def test_the_same_under_minus_o(document, continuum, verifier):
    """Without assertions, outside the project: true ones are accepted, false ones refused."""
    true = [document("license"), document("myerson-satterthwaite"), *(side for _, side in continuum)]
    cases = [(one, True) for one in true] + [(one, False) for _, one in false_ones(document, continuum)]
    cases = [(one, right) for one, right in cases if one["format"] == verifier.FORMAT]
    command = [sys.executable, "-I", "-S", "-O", "-c", RUNNER, str(Path(verifier.__file__))]
    text = json.dumps([one for one, _ in cases])
    ran = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert [holds for holds, _ in json.loads(ran.stdout)] == [right for _, right in cases]


def test_hostile_sizes_are_refused_soon(document, continuum, monkeypatch):
    """A document may be small and ask for work without end."""
    for digits in (4001, 100_000):
        long = document("license")
        long["claim"]["value"] = "9" * digits
        assert not check(long)[0]
    wide = document("license")
    wide["problem"]["agents"][0]["outside"] = ["0"] * 1_000_000
    assert check(signed(wide)) == (False, "the problem is too large")
    tall = document("license")
    tall["problem"]["caps"] = [10**12, 1]
    assert not check(signed(tall))[0]
    menu = next(side for _, side in continuum if "menu" in side["proof"].get("mechanism", {}))
    crowded = copy.deepcopy(menu)
    crowded["proof"]["mechanism"]["menu"] += [[[f"{k}/997", f"{k * k % 997}/997"], f"{k}/1009"] for k in range(1, 120)]
    monkeypatch.setattr(verify_rule, "MOST_ROWS", 20_000)  # a fifteenth of the limit, for speed
    holds, message = check(crowded)
    assert not holds and "measured" in message
    assert check(menu)[0]

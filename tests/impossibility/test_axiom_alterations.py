"""Random alterations of conflicts of axioms and of random assignment rules: what is still accepted is true."""

import hashlib
import json
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest
from alterations import holder_of, places, rearrange
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amd import axioms
from amd.axioms.prove import find_rules
from amd.axioms.setting import Setting
from amd.proof.documents import check

F = Fraction
PROBLEMS = Path(__file__).resolve().parents[2] / "problems" / "impossibility"
MANY = [20, pytest.param(1000, marks=pytest.mark.slow)]
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]


def signed(document):
    text = json.dumps(document["problem"], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    document["digest"] = hashlib.sha256(text.encode("ascii")).hexdigest()
    return document


def altered(text, draw, parts):
    """A copy with one or two values dropped, doubled or replaced; half of the time with the digest that then fits."""
    document = json.loads(text)
    for _ in range(draw(st.integers(1, 2))):
        part = draw(st.sampled_from(parts))
        chosen = [path for path in places(document) if path[: len(part)] == part and len(path) > len(part)]
        if not chosen:
            continue
        path = draw(st.sampled_from(chosen))
        holder, at = holder_of(document, path), path[-1]
        old, kind = holder[at], draw(st.sampled_from(["drop", "double", "value"]))
        if kind == "drop" or (kind == "double" and isinstance(holder, list)):
            rearrange(kind, holder, at, int)
        elif isinstance(old, int):
            holder[at] = old + draw(st.sampled_from([-1, 1]))
        elif isinstance(old, str) and old.replace("/", "").isdigit():
            holder[at] = str(F(old) + draw(st.sampled_from([F(1, 2), F(-1, 2), F(1, 6), F(-1, 6)])))
        else:
            words = ["pareto", "independent", "onto", "strict", "anonymous", "strategyproof", "none", [], None, [0]]
            holder[at] = draw(st.sampled_from(words))
    return signed(document) if isinstance(document.get("problem"), dict) and draw(st.booleans()) else document


# -- conflicts of axioms ---------------------------------------------------------------------------------------------


@cache
def conflict(name):
    return json.dumps(axioms.why_certified((PROBLEMS / f"{name}.yaml").read_text(encoding="utf-8"))[1])


def rule_exists(problem, parts):
    """By a search of its own; each agent's strategyproofness counts for itself."""
    wanted = {}
    for word, *who in parts:
        wanted[word] = wanted.get(word, ()) + tuple(*who)
    reports = tuple(tuple(map(tuple, orders)) for orders in problem["preferences"])
    names = tuple(problem["agents"]), tuple(problem.get("alternatives", ()))
    setting = Setting(problem["rule"], *names, reports, problem.get("first_side", 0))
    return bool(find_rules(setting, list(wanted.items())).rules)


def true_conflict(document):
    problem, parts = document["problem"], document["claim"]["axioms"]
    others = (parts[:k] + parts[k + 1 :] for k in range(len(parts)))
    return not rule_exists(problem, parts) and all(rule_exists(problem, rest) for rest in others)


@pytest.mark.parametrize("count", MANY)
def test_conflicts_of_axioms(count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.sampled_from(["arrow", "monotonicity"]), st.data())
    def campaign(name, data):
        parts = [("problem", "preferences"), ("problem",), ("claim",), ("proof", "tree"), ("proof", "rules"), ()]
        changed = altered(conflict(name), data.draw, parts)
        holds, message = check(changed)
        assert isinstance(message, str) and "\n" not in message
        if holds and changed["claim"]["kind"] == "conflict":
            assert true_conflict(changed), message

    campaign()


def test_the_judge_of_conflicts_knows_the_untouched_answers():
    for name in ("arrow", "monotonicity"):
        document = json.loads(conflict(name))
        assert check(document)[0] and true_conflict(document)
        document["claim"]["axioms"].pop()
        assert not true_conflict(document)


# -- random assignment rules -----------------------------------------------------------------------------------------

ORDERS = [["a", "b", "c"], ["a", "c", "b"], ["b", "a", "c"]]
WORDS = ["strategyproof", "ordinally_efficient", "equal_treatment"]


@cache
def lottery():
    problem = {"rule": "random_assignment", "agents": 3, "alternatives": ["a", "b", "c"], "preferences": ORDERS}
    return json.dumps(axioms.certify_text(json.dumps({"amd": 1, "kind": "axioms", **problem, "require": WORDS}))[1])


def true_rule(document):
    """Every axiom by its definition, profile by profile."""
    problem = document["problem"]
    require = [word for (word,) in problem["require"]]
    reports = problem["preferences"]
    profiles = list(product(*map(range, map(len, reports))))
    rule = {p: [[F(x) for x in row] for row in t] for p, t in zip(profiles, document["proof"]["rule"], strict=True)}
    for p, table in rule.items():
        orders = [reports[i][k] for i, k in enumerate(p)]
        if any(sum(row) != 1 or min(row) < 0 for row in [*table, *zip(*table, strict=True)]):
            return False
        alike = [(i, j) for i, j in product(range(3), repeat=2) if orders[i] == orders[j]]
        if "equal_treatment" in require and any(table[i] != table[j] for i, j in alike):
            return False
        if "strategyproof" in require and any(lies_pay(rule, reports, p, i) for i in range(3)):
            return False
        if "ordinally_efficient" in require and trades(table, orders):
            return False
    return True


def lies_pay(rule, reports, p, i):
    order = reports[i][p[i]]
    for k in range(len(reports[i])):
        lie = (*p[:i], k, *p[i + 1 :])
        if any(sum(rule[lie][i][o] - rule[p][i][o] for o in order[:t]) > 0 for t in (1, 2)):
            return True
    return False


def trades(table, orders):
    """Whether somebody may get o and would rather have q, in a pair or all the way round."""
    wants = {(o, q) for i, order in enumerate(orders) for o, q in product(range(3), repeat=2)
             if table[i][o] > 0 and order.index(q) < order.index(o)}  # fmt: skip
    around = any({(a, b), (b, c), (c, a)} <= wants for a, b, c in permutations(range(3)))
    return around or any((q, o) in wants for o, q in wants)


@pytest.mark.parametrize("count", MANY)
def test_random_assignment_rules(count):
    @settings(max_examples=count, suppress_health_check=QUIET)
    @given(st.data())
    def campaign(data):
        parts = [("problem", "preferences"), ("problem",), ("claim",), ("proof", "rule"), ()]
        changed = altered(lottery(), data.draw, parts)
        holds, message = check(changed)
        assert isinstance(message, str) and "\n" not in message
        if holds:
            assert true_rule(changed), message

    campaign()


def test_the_judge_of_rules_knows_the_untouched_answer():
    document = json.loads(lottery())
    assert check(document)[0] and true_rule(document)
    document["proof"]["rule"][1] = [["1", "0", "0"], ["0", "1", "0"], ["0", "0", "1"]]
    assert not true_rule(document)

"""From the text of a file to an answer that the separate verifier accepts, on whatever hypothesis thinks of."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from amd.matching import solve_text
from amd.matching.verify import (
    odd_cycles,
    verify_exchange,
    verify_matching,
    verify_roommates,
    verify_stability,
    verify_stable_partition,
)


@st.composite
def tiers(draw, names: list[str], strict: bool):
    """A list over some of `names`, as tiers."""
    row = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
    found: list[list[str]] = []
    for name in row:
        if found and not strict and draw(st.booleans()):
            found[-1].append(name)
        else:
            found.append([name])
    return found


@st.composite
def markets(draw, strict: bool):
    people = [f"a{i}" for i in range(draw(st.integers(0, 6)))]
    places = [f"p{i}" for i in range(draw(st.integers(0, 4)))]
    return (
        {a: draw(tiers(places, strict)) for a in people},
        {p: draw(tiers(people, strict)) for p in places},
        {p: draw(st.integers(0, 3)) for p in places},
    )


def document(applicants, programs, capacity, design) -> str:
    sides = {
        "applicants": applicants,
        "programs": {p: {"capacity": capacity[p], "ranks": programs[p]} for p in programs},
    }
    return json.dumps({"amd": 1, "kind": "matching", **sides, "design": design})


@given(markets(strict=True), st.sampled_from(["applicants", "programs"]))
def test_deferred_acceptance_is_verified(market, side):
    answer = solve_text(document(*market, {"rule": "deferred_acceptance", "proposers": side}))
    matching = answer.answer["matching"]
    assert not verify_matching(*market, matching) and not verify_stability(*market, matching)
    assert answer.holds


@given(
    markets(strict=False),
    st.sampled_from(["deferred_acceptance", "top_trading_cycles", "immediate_acceptance"]),
    st.sampled_from(["single", "multiple", "listed"]),
)
def test_what_the_audit_says_is_what_the_verifier_says(market, rule, ties):
    """Stable or not: both name the same blocking pairs under the lists as written, ties included."""
    answer = solve_text(document(*market, {"rule": rule, "ties": ties, "seed": 3}))
    matching = answer.answer["matching"]
    assert not verify_matching(*market, matching)
    told = {sentence.split(":")[0] for sentence in answer.audit["stability"]}
    assert told == set(verify_stability(*market, matching))
    assert rule != "deferred_acceptance" or not told


@given(st.data())
def test_roommates_are_verified(data):
    names = [f"a{i}" for i in range(data.draw(st.integers(0, 7)))]
    lists = {a: [t[0] for t in data.draw(tiers([b for b in names if b != a], True))] for a in names}
    answer = solve_text(json.dumps({"amd": 1, "kind": "matching", "agents": lists}))
    mutual = {a: [b for b in row if a in lists[b]] for a, row in lists.items()}
    assert not verify_stable_partition(mutual, answer.details["stable_partition"])
    if answer.answer is None:
        assert odd_cycles(answer.details["stable_partition"])
    else:
        assert not verify_roommates(mutual, answer.answer["matching"])


@given(st.data())
def test_exchanges_are_verified(data):
    pairs = [f"p{i}" for i in range(data.draw(st.integers(0, 6)))]
    altruists = [f"z{i}" for i in range(data.draw(st.integers(0, 2)))]
    arcs = {u: [v for v in pairs if v != u and data.draw(st.booleans())] for u in pairs + altruists}
    caps = {"cycle_cap": data.draw(st.sampled_from([0, 2, 3, 4])), "chain_cap": data.draw(st.integers(0, 4))}
    problem = {"amd": 1, "kind": "exchange", "pairs": pairs, "altruists": altruists, "arcs": arcs, "design": caps}
    answer = solve_text(json.dumps(problem))
    every = {(u, v) for u, row in arcs.items() for v in row}
    parts = answer.answer["cycles"], answer.answer["chains"]
    assert not verify_exchange(every, set(altruists), *parts, caps["cycle_cap"], caps["chain_cap"])
    assert answer.details["proven"]

"""Kidney exchange against brute force on small pools, and against published values on a large one."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from amd.matching.exchange import solve as solving
from amd.matching.exchange.cycles import CycleSearch
from amd.matching.exchange.generate import saidman_pool
from amd.matching.exchange.pool import Pool
from amd.matching.exchange.preflib import read_wmd
from amd.matching.exchange.rules import Rules
from amd.matching.exchange.solve import solve_exchange
from amd.matching.market import MarketError
from amd.matching.verify import verify_exchange
from solvers import Settings, Status, get

DATA = Path(__file__).parents[3] / "shared" / "data" / "kidney"
published = pytest.mark.skipif(not DATA.exists(), reason="the PrefLib files are not at hand")


def draw(rng, pairs, altruists, density=0.4, chances=None) -> Pool:
    n = pairs + altruists
    arcs = [(u, v) for u in range(n) for v in range(pairs) if u != v and rng.random() < density]
    source, target = (np.array([arc[i] for arc in arcs], np.int64) for i in (0, 1))
    success = None
    if chances == "even":
        success = np.full(len(arcs), 0.7)
    elif chances == "uneven":
        success = rng.integers(1, 11, len(arcs)) / 10
    return Pool(np.arange(n) >= pairs, source, target, rng.integers(1, 6, len(arcs)).astype(float), success)


def parts(pool: Pool, cycle_cap: int, chain_arcs: int):
    """Every cycle and chain as (vertices, arcs in order, is_chain), by listing sequences of vertices."""
    arc = {(int(u), int(v)): i for i, (u, v) in enumerate(zip(pool.source, pool.target, strict=True))}
    pairs = [v for v in range(pool.count) if not pool.altruist[v]]
    for length in range(2, cycle_cap + 1):
        for seq in permutations(pairs, length):
            steps = list(zip(seq, seq[1:] + seq[:1], strict=True))
            if seq[0] == min(seq) and all(s in arc for s in steps):
                yield seq, [arc[s] for s in steps], False
    for altruist in np.flatnonzero(pool.altruist).tolist():
        for length in range(1, chain_arcs + 1):
            for tail in permutations(pairs, length):
                steps = list(zip((altruist, *tail), tail, strict=False))
                if all(s in arc for s in steps):
                    yield (altruist, *tail), [arc[s] for s in steps], True


def worth(pool: Pool, arcs, is_chain, goal, end) -> float:
    if goal == "two_way":
        return float(not is_chain and len(arcs) == 2)
    if goal == "fewest_long_cycles":
        return -float(not is_chain and len(arcs) > 2)
    weights = pool.weight if goal.endswith("weight") else np.ones(pool.arcs)
    chance = pool.chance if goal.startswith("expected") else np.ones(pool.arcs)
    if not is_chain:
        return sum(weights[a] for a in arcs) * float(np.prod(chance[arcs]))
    return sum(weights[a] * float(np.prod(chance[arcs[: k + 1]])) for k, a in enumerate(arcs)) + end


def by_force(pool: Pool, rules: Rules) -> tuple[float, ...]:
    """The lexicographically best values of the goals over all exchanges."""
    counted = [g not in ("two_way", "fewest_long_cycles") for g in rules.goals]
    end = 0.0 if rules.unused_altruists else rules.waiting_list
    listed = [
        (set(v), tuple(worth(pool, a, chain, g, end) for g in rules.goals))
        for v, a, chain in parts(pool, rules.cycle_cap, rules.chain_arcs)
    ]
    zero = tuple(rules.waiting_list * pool.altruist.sum() * (c and rules.unused_altruists) for c in counted)
    best = zero

    def extend(i: int, used: set[int], value: tuple[float, ...]) -> None:
        nonlocal best
        best = max(best, tuple(round(x, 9) for x in value))
        for j in range(i, len(listed)):
            if not used & listed[j][0]:
                extend(j + 1, used | listed[j][0], tuple(x + y for x, y in zip(value, listed[j][1], strict=True)))

    extend(0, set(), zero)
    return best


def check(pool: Pool, rules: Rules) -> None:
    answer = solve_exchange(pool, rules)
    assert answer.proven
    arcs = {(str(u), str(v)) for u, v in zip(pool.source.tolist(), pool.target.tolist(), strict=True)}
    altruists = {str(v) for v in np.flatnonzero(pool.altruist)}
    spelled = [[list(map(str, p)) for p in group] for group in (answer.cycles, answer.chains)]
    assert not verify_exchange(arcs, altruists, *spelled, rules.cycle_cap, rules.chain_arcs)
    assert tuple(answer.values.values()) == pytest.approx(by_force(pool, rules), abs=1e-5)


SMALL = [
    Rules(2, 0),
    Rules(3, 0, goals=("weight",)),
    Rules(4, 0),
    Rules(0, 3),
    Rules(3, 2, goals=("weight", "transplants")),
    Rules(3, 3, goals=("transplants", "two_way", "weight")),
    Rules(3, 2, goals=("transplants", "fewest_long_cycles")),
    Rules(2, 3, counts="donations", waiting_list=1.0),
    Rules(2, 2, waiting_list=2.0, unused_altruists=True, goals=("weight",)),
]


@pytest.mark.parametrize("runs", [6, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("rules", SMALL, ids=str)
def test_small_pools_by_force(rules, runs):
    rng = np.random.default_rng(rules.cycle_cap + 10 * rules.chain_cap)
    for _ in range(runs):
        check(draw(rng, 6, 2 if rules.chain_cap else 0), rules)


@pytest.mark.parametrize("chances", ["even", "uneven"])
@pytest.mark.parametrize("goal", ["expected_transplants", "expected_weight"])
def test_failures_by_force(chances, goal):
    rng = np.random.default_rng(3)
    for _ in range(8):
        check(draw(rng, 6, 2, chances=chances), Rules(3, 3, waiting_list=0.5, goals=(goal,)))


def test_generated_columns_agree_with_listed_ones(monkeypatch):
    rng = np.random.default_rng(8)
    for rules in (Rules(3, 0, goals=("weight",)), Rules(4, 3, goals=("weight", "two_way")), Rules(4, 0)):
        for _ in range(3):
            pool = draw(rng, 16, 2, 0.3, "even")
            listed = solve_exchange(pool, rules)
            monkeypatch.setattr(solving, "LISTED", 0)
            generated = solve_exchange(pool, rules)
            monkeypatch.undo()
            assert listed.formulation != generated.formulation
            assert listed.values == pytest.approx(generated.values) and generated.proven


def test_priced_cycles_are_those_above_the_threshold():
    rng = np.random.default_rng(4)
    for _ in range(10):
        pool = draw(rng, 7, 1, 0.6).sorted()
        value = rng.normal(size=pool.arcs)
        for length in (2, 3, 4, 5):
            expected = {
                seq for seq, arcs, chain in parts(pool, length, 0) if len(seq) == length and value[arcs].sum() > 0.5
            }
            found = CycleSearch(pool).above(length, value, 0.5)
            assert {tuple(c) for c in found.tolist()} == expected and len(found) == len(expected)
            assert CycleSearch(pool).count_walks(length) >= len(CycleSearch(pool).above(length, value))


@published
@pytest.mark.parametrize(
    ("number", "rules", "value"),
    [
        (1, Rules(3, 0), 4),
        (15, Rules(3, 6), 16),
        (127, Rules(3, 6), 82),
        # A tool that also counts the donation of a chain's last donor to the waiting list.
        (127, Rules(3, 6, waiting_list=1.0), 88),
    ],
    ids=str,
)
def test_published_pools(number, rules, value):
    """Mattei and Walsh (2013), PrefLib; values published with a public solver's tests."""
    file = read_wmd(DATA / f"MD-00001-{number:08d}.wmd", DATA / f"MD-00001-{number:08d}.dat")
    answer = solve_exchange(file.pool, rules)
    assert answer.proven and answer.values == {"transplants": value}
    assert number < 127 or (file.arcs, file.pool.altruist.sum()) == (4889, 6)


@published
def test_cycle_cap_four_is_solved():
    file = read_wmd(DATA / "MD-00001-00000127.wmd", DATA / "MD-00001-00000127.dat")
    answer = solve_exchange(file.pool, Rules(4, 0))
    assert answer.proven and answer.formulation == "cycles generated"
    assert answer.transplants == answer.values["transplants"] >= solve_exchange(file.pool, Rules(3, 0)).transplants


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_both_index_conventions(tmp_path):
    """The same pool, two pairs and an altruist, in an old file and in a new one."""
    dat = write(
        tmp_path / "a.dat",
        "Pair,Patient,Donor,Wife-P?,%Pra,Out-Deg,Altruist\n1,O,A,0,0.05,1,0\n2,A,O,0,0.05,1,0\n3,O,O,0,0.05,1,1\n",
    )
    old = write(tmp_path / "old.wmd", "3,5\n1,Pair 1\n2,Pair 2\n3,Alt 3\n0,1,1\n1,0,1\n2,0,1\n0,2,0\n1,2,0\n")
    head = "# FILE NAME: new.wmd\n# NUMBER ALTERNATIVES: 3\n# NUMBER EDGES: 5\n"
    names = "".join(f"# ALTERNATIVE NAME {i}: v{i}\n" for i in (1, 2, 3))
    new = write(tmp_path / "new.wmd", head + names + "1,2,1.0\n2,1,1.0\n3,1,1.0\n1,3,0.0\n2,3,0.0\n")
    pools = [read_wmd(path, dat) for path in (old, new)]
    assert [p.first_index for p in pools] == [0, 1] and [p.returning for p in pools] == [2, 2]
    for p in pools:
        assert p.pool.source.tolist() == [0, 1, 2] and p.pool.target.tolist() == [1, 0, 0]
        assert p.pool.altruist.tolist() == [False, False, True]
    assert pools[0].pool.name(0) == "Pair 1" and pools[1].pool.name(0) == "v1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2,1\n1,a\n2,b\n0,0,1\n", ":4: an arc goes from vertex 0 to itself"),
        ("2,1\n1,a\n2,b\n0,2,1\n", ":4: vertex 2 is not one of 0 … 1"),
        ("2,2\n1,a\n2,b\n0,1,1\n", "promises 2 arcs, the file has 1"),
        ("2,1\n1,a\n2,b\n0;1;1\n", ":4: '0;1;1' should be source,target,weight"),
        ("2,2\n1,a\n2,b\n0,1,1\n0,1,2\n", "from a to b is listed twice"),
        ("", "empty"),
    ],
)
def test_faults_in_files_are_named(tmp_path, text, message):
    with pytest.raises(MarketError, match=message.replace("(", r"\(")):
        read_wmd(write(tmp_path / "x.wmd", text))


def test_wrong_pools_and_rules_are_refused():
    altruist = np.array([False, True])
    one = np.ones(1)
    with pytest.raises(MarketError, match="to itself"):
        Pool(altruist, np.array([0]), np.array([0]), one)
    with pytest.raises(MarketError, match="altruist 2, who needs nothing"):
        Pool(altruist, np.array([0]), np.array([1]), one)
    with pytest.raises(MarketError, match="chance outside"):
        Pool(altruist, np.array([1]), np.array([0]), one, np.array([1.5]))
    with pytest.raises(MarketError, match="cap"):
        Rules(1)
    with pytest.raises(MarketError, match="no goal"):
        Rules(goals=("best",))


def test_generated_pools_look_right():
    """In expectation over blood types alone about 60 % of arcs fit; sensitization takes some more."""
    pool = saidman_pool(200, 10, seed=1)
    assert pool.count == 210 and pool.altruist.sum() == 10
    assert 0.2 < pool.arcs / (210 * 200) < 0.5
    assert (saidman_pool(200, 10, seed=1).source == pool.source).all()


def test_a_time_limit_is_never_called_proven(monkeypatch):
    """As if the clock had run out in every integer program: what was found is kept, its bound is honest."""

    def hurried(program, settings):
        solution = get("highs").solve(program, settings)
        return replace(solution, status=Status.LIMIT) if program.is_integer else solution

    pool = draw(np.random.default_rng(1), 8, 1, 0.3)
    exact = solve_exchange(pool, Rules(3, 2, goals=("weight",)))
    monkeypatch.setattr(solving, "solve", hurried)
    answer = solve_exchange(pool, Rules(3, 2, goals=("weight",)), Settings(time_limit=60.0))
    assert answer.values == exact.values and answer.bounds["weight"] >= exact.values["weight"]
    assert exact.proven and (not answer.proven or answer.bounds == answer.values)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_pools_like_the_published_one(seed):
    pool = saidman_pool(128, 6, seed)
    assert solve_exchange(pool, Rules(3, 3)).proven and solve_exchange(pool, Rules(4, 6)).proven

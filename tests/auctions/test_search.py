"""Branch and bound for set packing, tabu search and the prices they stand on, against brute force and plain solvers."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from amd.auctions.branching import Goals
from amd.auctions.cliques import conflict_graph
from amd.auctions.generate import DISTRIBUTIONS
from amd.auctions.local import fill, improve
from amd.auctions.packing import Packing, pack, pairwise, relax, search_goals, tighten
from amd.auctions.search import search
from amd.auctions.winner import bid_packing, determine_winners
from solvers import Settings
from solvers.subsets import SubsetPrices

columns = st.lists(
    st.tuples(st.frozensets(st.integers(0, 5), min_size=1, max_size=4), st.integers(1, 30), st.integers(-1, 1)),
    min_size=1,
    max_size=9,
)


def problem(drawn):
    """(score, rows × columns, group) of (rows held, score, group) triples."""
    matrix = np.zeros((6, len(drawn)))
    for column, (rows, _, _) in enumerate(drawn):
        matrix[list(rows), column] = 1
    return np.array([float(score) for _, score, _ in drawn]), matrix, np.array([group for *_, group in drawn])


def brute(score, matrix, allowed):
    """The best value of a packing of the allowed columns, by listing all sets."""
    free = np.flatnonzero(allowed)
    sets = (list(chosen) for size in range(len(free) + 1) for chosen in combinations(free, size))
    return max(score[chosen].sum() for chosen in sets if (matrix[:, chosen].sum(axis=1) <= 1).all())


def packing_of(score, matrix):
    return Packing(np.arange(len(score)), score, csr_array(matrix), np.ones(len(matrix)))


@given(columns)
def test_two_goals_against_all_sets(drawn):
    """Goal w is the best packing without the columns of group w."""
    score, matrix, group = problem(drawn)
    packing = packing_of(score, matrix)
    nothing = np.zeros(0, dtype=np.int64)
    found = search_goals(relax(packing, "highs", Settings()), group, [nothing, nothing], None)
    assert found.proven
    for w in range(2):
        assert found.reached[w] == pytest.approx(brute(score, matrix, group != w))
        assert (group[found.chosen[w]] != w).all() and (matrix[:, found.chosen[w]].sum(axis=1) <= 1).all()
        assert score[found.chosen[w]].sum() == pytest.approx(found.reached[w])


@given(columns)
def test_the_search_alone_starts_from_nothing(drawn):
    score, matrix, _ = problem(drawn)
    packing = packing_of(score, matrix)
    conflicts = conflict_graph(packing.matrix, packing.upper)
    goals = Goals(np.full(len(score), -1), np.zeros(1), [np.zeros(0, dtype=np.int64)])
    dual = relax(packing, "highs", Settings()).dual
    found = search(score, packing.matrix, conflicts, dual, goals)
    assert found.proven and found.reached[0] == pytest.approx(brute(score, matrix, score > 0))
    assert found.bound == pytest.approx(found.reached[0])


@given(columns, st.integers(0, 2**20))
def test_tabu_search_keeps_what_it_has(drawn, seed):
    """Its packings are feasible and never worse than the start."""
    score, matrix, _ = problem(drawn)
    conflicts = conflict_graph(csr_array(matrix), np.ones(len(matrix)))
    start = fill(conflicts, score, np.random.default_rng(seed).random(len(score)))
    found = improve(conflicts, score, start, np.random.default_rng(seed), 60)
    for chosen in (start, found):
        assert (matrix[:, chosen].sum(axis=1) <= 1).all()
    assert score[start].sum() <= score[found].sum() <= brute(score, matrix, score > 0)


@given(columns, st.lists(st.booleans(), min_size=9, max_size=9))
def test_prices_of_a_subset(drawn, on):
    """The same optimum as a solver that sees only the subset; the prices bound it by weak duality."""
    score, matrix, _ = problem(drawn)
    allowed = np.array(on[: len(score)])
    prices = SubsetPrices(score, csr_array(matrix), np.ones(len(matrix)))
    prices.solve(np.ones(len(score), dtype=bool))
    x, y = prices.solve(allowed)
    limits = [(0, None if there else 0) for there in allowed]
    other = linprog(-score, A_ub=matrix, b_ub=np.ones(len(matrix)), bounds=limits)
    assert score @ x == pytest.approx(-other.fun) and y.sum() == pytest.approx(-other.fun)
    assert (y >= 0).all() and ((score - y @ matrix)[allowed] <= 1e-6).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_random_bundles_against_an_integer_program(seed):
    """A gap that cuts do not close; the optimum of another solver."""
    auction = DISTRIBUTIONS["arbitrary"](25, 120, seed)
    found = determine_winners(auction)
    bidders = (auction.owner[None, :] == np.arange(len(auction.bidders))[:, None]).astype(float)
    rows = LinearConstraint(np.vstack([auction.units.toarray().T, bidders]), -np.inf, 1)
    plain = milp(-auction.float_gain, constraints=rows, bounds=Bounds(0, 1), integrality=np.ones(len(auction.owner)))
    assert found.proven and float(found.value) == pytest.approx(-plain.fun, rel=1e-6)
    assert found.relaxation > 1.01 * float(found.value)


def test_a_deadline_leaves_a_bound():
    auction = DISTRIBUTIONS["arbitrary"](40, 200, 0)
    packing = bid_packing(auction, auction.float_gain)
    relaxed = tighten(packing, (), 0.0, "highs", Settings())
    assert pairwise(packing)
    found = pack(relaxed, np.zeros(0, dtype=np.int64), "highs", Settings(time_limit=1e-3))
    best = determine_winners(auction)
    assert not found.proven and found.bound >= float(best.value) >= packing.value(found.chosen) > 0


def test_enough_is_enough():
    """A solution above `enough` ends the search; if there is none, that is proven and the one known stays."""
    score, matrix = np.array([3.0, 2.0, 2.0]), np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    relaxed = relax(packing_of(score, matrix), "highs", Settings())
    nothing = np.zeros(0, dtype=np.int64)
    assert pack(relaxed, nothing, "highs", Settings(), enough=3.5).chosen.tolist() == [1, 2]
    none_such = pack(relaxed, np.array([0]), "highs", Settings(), enough=5.0)
    assert none_such.proven and none_such.bound <= 5.0


def test_several_units_are_not_pairwise():
    """Three bids for one of two units: any two fit, all three do not."""
    matrix = csr_array(np.ones((1, 3)))
    assert not pairwise(Packing(np.arange(3), np.ones(3), matrix, np.array([2.0])))
    assert not pairwise(Packing(np.arange(3), np.ones(3), 2 * matrix, np.array([3.0])))
    assert pairwise(Packing(np.arange(3), np.ones(3), matrix, np.array([1.0])))

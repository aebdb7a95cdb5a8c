"""Problems that are solved again with other scores or columns, and what is remembered of them, against brute force."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from amd.auctions.cliques import conflict_graph
from amd.auctions.memory import Memory
from amd.auctions.standing import Standing

ROWS = 6
columns = st.lists(
    st.tuples(st.frozensets(st.integers(0, ROWS - 1), min_size=1, max_size=3), st.integers(1, 30)),
    min_size=1,
    max_size=8,
)
changes = st.lists(st.lists(st.integers(-20, 20), min_size=8, max_size=8), min_size=1, max_size=4)


def packing(drawn):
    """(rows × columns, scores)."""
    matrix = np.zeros((ROWS, len(drawn)))
    for column, (rows, _) in enumerate(drawn):
        matrix[list(rows), column] = 1
    return matrix, np.array([float(score) for _, score in drawn])


def packings(matrix):
    """Every set of columns that fit together, the empty one among them."""
    count = matrix.shape[1]
    sets = (list(chosen) for size in range(count + 1) for chosen in combinations(range(count), size))
    return [chosen for chosen in sets if (matrix[:, chosen].sum(axis=1) <= 1).all()]


@settings(max_examples=40)
@given(columns, st.lists(st.booleans(), min_size=8, max_size=8), changes, st.sampled_from(["whole", "HiGHS", "parts"]))
def test_solved_again(drawn, on, later, way):
    """The optimum at every score, over all columns and over some; branched on whole, handed over, or part by part."""
    matrix, score = packing(drawn)
    standing = Standing(score, csr_array(matrix))
    standing.tight, standing.glances = 10.0 if way == "whole" else -1.0, way == "HiGHS"
    nothing = np.zeros(0, dtype=np.int64)
    some = np.array(on[: len(score)])
    for change in [[0] * 8, *later]:
        now = score + np.array(change[: len(score)])
        standing.rescore(now)
        for allowed in (np.ones(len(score), dtype=bool), some):
            found = standing.best(allowed, nothing)
            best = max(now[chosen].sum() for chosen in packings(matrix) if allowed[chosen].all())
            assert found.proven and found.reached[0] == pytest.approx(best) and found.bound >= best - 1e-6
            assert allowed[found.chosen[0]].all() and (matrix[:, found.chosen[0]].sum(axis=1) <= 1).all()


@settings(max_examples=40)
@given(columns, changes, st.integers(0, 60), st.data())
def test_what_is_remembered_is_true(drawn, later, enough, data):
    """Searched in parts with memory: that no packing is worth more than enough is said when it is so, and only then."""
    matrix, score = packing(drawn)
    group = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(score), max_size=len(score))))
    for g in range(4):  # members of a group exclude each other
        matrix = np.vstack([matrix, group == g])
    standing = Standing(score, csr_array(matrix))
    standing.tight, standing.glances = -1.0, False
    standing.remember(group, 0.0)
    feasible, everything = packings(matrix), np.ones(len(score), dtype=bool)
    for change in [[0] * 8, *later, [0] * 8]:
        now = score + np.array(change[: len(score)])
        standing.rescore(now)
        found = standing.best(everything, np.zeros(0, dtype=np.int64), enough=float(enough))
        best = max(now[chosen].sum() for chosen in feasible)
        if best <= enough:
            assert found.proven
        else:
            assert enough < found.reached[0] <= best + 1e-9


def chain():
    """Columns 0 and 1 exclude each other; 2 fits with both. All alone in their groups."""
    conflicts = conflict_graph(csr_array(np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])), np.ones(2))
    return Memory(conflicts, np.arange(3), np.array([5.0, 4.0, 3.0]))


@pytest.mark.parametrize(
    ("change", "still"),
    [([0, 0, 0], True), ([0, 9, 0], True), ([1, 0, 1], True), ([1, 0, 1.5], False), ([3, 0, -9], False)],
)
def test_a_proof_lasts_as_long_as_its_slack(change, still):
    """Part 0 was worth at most 8 of 10: closed until its columns gain 2. Column 1 does not fit and may rise."""
    memory, score, everything = chain(), np.array([5.0, 4.0, 3.0]), np.ones(3, dtype=bool)
    memory.begin(score, 10.0, everything, np.zeros(3))
    memory.close(np.array([0]), np.array([8.0]))
    assert memory.closed(score + np.array(change), 10.0, everything).tolist() == [still, False, False]
    assert memory.closed(score, 7.0, everything).tolist() == [False] * 3


def test_columns_that_were_left_out_count_when_they_return():
    """Column 2 was left out by its bound of 9: a part that it fits with is open again once that may exceed 10."""
    memory, score = chain(), np.array([5.0, 4.0, 3.0])
    everything, left = np.ones(3, dtype=bool), np.array([True, True, False])
    memory.begin(score, 10.0, left, np.array([0.0, 0.0, 9.0]))
    memory.close(np.array([0, 1]), np.array([5.0, 4.0]))
    little, much = score + np.array([0, 0, 1.0]), score + np.array([0, 0, 1.5])
    assert memory.closed(little, 10.0, everything).tolist() == [True, True, False]
    assert memory.closed(much, 10.0, everything).tolist() == [False] * 3
    assert memory.closed(much, 10.0, left).tolist() == [True, True, False]

"""What building a program takes, beside the matrix that comes out of it."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from environments import auction

from amd.compile.builder import ProgramBuilder, terms
from amd.compile.choose import choose
from amd.compile.program import compile_program
from amd.model.design import Incentive

INTERIM = "interim-payments,interim-allocation,adjacent"


def built(environment, design, formulation):
    """The most that building took, and the matrix."""
    plan = choose(environment, design, formulation)
    tracemalloc.start()
    try:
        program = compile_program(environment, design, plan).program
        return tracemalloc.get_traced_memory()[1], program.matrix
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("bidders", "types", "formulation", "wish"),
    [
        (2, 30, "full", {}),
        (3, 24, INTERIM, {}),
        (4, 10, INTERIM, {}),
        (2, 60, "adjacent", {"incentive": Incentive.DOMINANT}),
    ],
)
def test_building_takes_at_most_three_times_the_matrix(bidders, types, formulation, wish):
    """Strongly reduced programs have two entries a column, so that bounds and costs weigh nearly as much."""
    peak, matrix = built(*auction(bidders, types, **wish), formulation)
    assert peak <= 3 * (matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes)


def test_symmetry_takes_room_for_profiles_not_for_exchanges():
    """Which profiles and columns are alike is kept for all of them, however few columns are left; seven whole numbers
    for each are enough, with two exchanges as with six."""
    for bidders, types in ((3, 24), (7, 4)):
        environment, design = auction(bidders, types)
        peak, _ = built(environment, design, f"{INTERIM},symmetry")
        assert peak <= 7 * 8 * environment.profile_count * environment.allocation.size


def test_bounds_that_repeat_are_laid_out_in_the_order_of_columns():
    """Scalars, rows of numbers and orbits; asked for twice."""
    builder = ProgramBuilder()
    builder.add_columns("a", (2, 3), 0, np.array([[1, 2, 3]]), str)
    builder.add_columns("b", (2,), np.array([-1.0, -2.0]), np.inf, str)
    orbits = np.array([[0, 0], [2, 0]])
    shared = builder.add_columns("c", (2, 2), np.array([[5.0], [6.0]]), 9, str, orbits=orbits)
    builder.add_cost(terms(0, np.array([0, 0, 7]), np.array([1.0, 2.0, 4.0])))
    builder.add_cost(terms(0, np.array([0]), np.array([8.0])))
    assert shared.index.tolist() == [[8, 8], [9, 8]]
    for _ in range(2):
        _, _, lower, upper = builder.bounds()
        assert lower.tolist() == [0] * 6 + [-1, -2, 5, 6]
        assert upper.tolist() == [1, 2, 3, 1, 2, 3, np.inf, np.inf, 9, 9]
    assert builder.cost().tolist() == [11, 0, 0, 0, 0, 0, 0, 4, 0, 0]

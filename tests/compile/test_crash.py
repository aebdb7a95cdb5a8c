"""The basis to begin with of a single class ordered by value: a basis, often the last one, and never another answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from environments import auction, weights, wished
from hypothesis import given
from hypothesis import strategies as st

from amd.compile.reduced.crash import crash_basis
from amd.compile.reduced.program import build_reduced
from amd.model.build import AgentSpec, goods_environment
from amd.model.design import Bound, Linear, Participation, Quantity
from amd.model.environment import Good
from amd.model.numbers import exact_array
from amd.model.types import TypeSpace
from solvers import Settings, Status, get
from solvers.backend import Start


def solve(form, basis=None):
    program = form.program
    return get("highs").solve(program, Settings(start=None if basis is None else Start(basis=basis)))


@pytest.mark.parametrize("wish", ["revenue", "welfare"])
def test_where_virtual_values_rise_it_is_the_last_basis(wish):
    """Uniform values: not one step of the simplex method is left, where some two thousand were taken."""
    environment, _ = auction(10, 1000)
    form = build_reduced(environment, wished(wish, 10))
    solution = solve(form, crash_basis(form, form.program))
    assert solution.status is Status.OPTIMAL
    assert solution.iterations == 0


@st.composite
def one_good(draw):
    """Two or three alike bidders with random values, priors, outside options; a cost; perhaps a bound on welfare."""
    size, bidders = draw(st.integers(2, 6)), draw(st.integers(2, 3))
    values = draw(st.lists(st.integers(-2, 20), min_size=size, max_size=size, unique=True))
    types = TypeSpace(("v",), tuple((Fraction(v),) for v in values), weights(draw, size))
    outside = exact_array(draw(st.lists(st.integers(0, 2), min_size=size, max_size=size)))
    array = exact_array(values, (size, 1))
    specs = [AgentSpec(f"b[{i}]", types, array, group="b", outside=outside) for i in range(bidders)]
    environment = goods_environment(specs, [Good("x", draw(st.integers(1, 2)), Fraction(draw(st.integers(0, 3))))])
    design = wished(draw(st.sampled_from(["revenue", "welfare", "profit"])), bidders)
    if draw(st.booleans()):
        floor = Linear(((Fraction(1), Quantity("welfare", "welfare")),), Fraction(-draw(st.integers(0, 12))))
        design = replace(design, bounds=(Bound(floor, ">=", "welfare"),))
    return environment, design


@given(one_good())
def test_it_is_a_basis_and_changes_no_answer(case):
    environment, design = case
    form = build_reduced(environment, design)
    basis = crash_basis(form, form.program)
    if len(form.ordered):
        assert basis is not None
        basic = np.concatenate([basis.columns, basis.rows]) == 0
        assert basic.sum() == form.program.row_count
        matrix = np.hstack([form.program.matrix.toarray(), -np.eye(form.program.row_count)])[:, basic]
        assert abs(np.linalg.det(matrix)) > 0
    with_it, without = solve(form, basis), solve(form)
    assert with_it.status is without.status
    if without.status is Status.OPTIMAL:
        assert with_it.objective == pytest.approx(without.objective, abs=1e-7)


def test_it_is_not_offered_to_other_programs():
    """Not without money, not where participation is one row for all types, not for two classes."""
    environment, design = auction(3, 20)
    for other in (replace(design, participation=(Participation.EX_ANTE,) * 3), replace(design, objective=None)):
        form = build_reduced(environment, other)
        assert crash_basis(form, form.program) is None
    named = Bound(Linear(((Fraction(1), Quantity("payment", "payment", agents=(0,))),), Fraction(0)), ">=", "payment")
    form = build_reduced(environment, replace(design, bounds=(named,)))
    assert len(form.columns) == 2
    assert crash_basis(form, form.program) is None

"""What thousands of alike agents share: arrays in floats and ladders."""

from __future__ import annotations

import gc
from fractions import Fraction

from environments import auction, uniform_grid

from amd.compile.reductions.adjacent import ladders
from amd.model import numbers
from amd.model.build import AgentSpec, goods_environment
from amd.model.environment import Good
from amd.model.numbers import exact_array, shared_float
from amd.model.types import product_types


def test_an_array_is_converted_once_and_forgotten_with_its_owner():
    """The same object gives the same floats; equal ones their own; nothing is kept of what is gone."""
    gc.collect()
    before = len(numbers._FLOATS)
    array, equal = exact_array([Fraction(1, 2), Fraction(3)]), exact_array([Fraction(1, 2), Fraction(3)])
    floats = shared_float(array)
    assert floats.tolist() == [0.5, 3.0]
    assert shared_float(array) is floats
    assert shared_float(equal) is not floats
    assert not floats.flags.writeable
    assert len(numbers._FLOATS) == before + 2
    del array, equal
    gc.collect()
    assert len(numbers._FLOATS) == before


def test_copies_share_their_outside_options_and_ladders():
    """Two hundred bidders: one array of outside options, one ladder; a bidder with values of its own has its own."""
    environment, _ = auction(200, 5)
    assert len({id(agent.float_outside) for agent in environment.agents}) == 1
    found = ladders(environment)
    assert list(found) == list(range(200))
    assert len({id(ladder) for ladder in found.values()}) == 1


def test_ladders_tell_unlike_agents_apart():
    """Values 1, 2, 3 have type 1 in the middle, values 2, 1, 3 type 0; two goods of unlike order have no ladder."""
    grid = product_types(("v",), (uniform_grid(3),))
    up = exact_array([1, 5, 2, 5, 3, 5], (3, 2))
    mixed = exact_array([2, 5, 1, 5, 3, 5], (3, 2))
    none = exact_array([1, 4, 2, 9, 3, 5], (3, 2))
    specs = [AgentSpec(name, grid, values) for name, values in (("up", up), ("mixed", mixed), ("none", none))]
    found = ladders(goods_environment(specs, [Good("a", 1), Good("b", 1)]))
    assert sorted(found) == [0, 1]
    assert [found[i].rungs[1].tolist() for i in (0, 1)] == [[1], [0]]

"""What is found by a shortcut is what a search entry by entry finds."""

from __future__ import annotations

import gc
import weakref
from itertools import pairwise, product
from types import SimpleNamespace

import numpy as np
import pytest
from environments import auction
from hypothesis import given
from hypothesis import strategies as st

from amd.compile.choose import choose
from amd.compile.reduced import generate
from amd.compile.reduced.generate import REPORTS_PER_TYPE, violated_pairs
from amd.compile.reductions import adjacent, symmetry
from amd.compile.reductions.adjacent import rung_pairs
from amd.compile.remember import remembered


@given(st.lists(st.integers(1, 3), min_size=1, max_size=6), st.booleans())
def test_pairs_of_rungs(sizes, single):
    """Every pair of different types on one rung or on neighbouring ones."""
    sizes = [1] * len(sizes) if single else sizes
    order = np.random.default_rng(len(sizes)).permutation(sum(sizes))
    rungs = np.split(order, np.cumsum(sizes)[:-1])
    found = [tuple(pair) for pair in rung_pairs(rungs).tolist()]
    same = [(a, b) for rung in rungs for a, b in product(rung.tolist(), repeat=2) if a != b]
    near = [
        pair
        for low, high in pairwise(rungs)
        for a, b in product(low.tolist(), high.tolist())
        for pair in ((a, b), (b, a))
    ]
    assert len(found) == len(set(found))
    assert set(found) == {*same, *near}


def stand_in(values, mass, q, u):
    """Columns of a class whose solution is q and u."""
    columns = SimpleNamespace(take=lambda x: q), SimpleNamespace(take=lambda x: u)
    return SimpleNamespace(
        values=values, mass=mass, truths=np.arange(len(u)), allocation=columns[0], utility=columns[1]
    )


@given(seed=st.integers(0, 10**6), types=st.integers(2, 30), block=st.sampled_from([1, 50, 1 << 16]))
def test_the_best_lies_of_every_liar_are_found(seed, types, block):
    """Against the gains of all pairs, one by one; utilities near those of truth make liars of some types only."""
    rng = np.random.default_rng(seed)
    values, q = rng.integers(0, 6, (types, 2)).astype(float), rng.integers(0, 4, (types, 2)) / 4
    mass = np.where(rng.random(types) < 0.2, 0.0, 1.0)
    u = (values * q).sum(axis=1) - rng.integers(0, 3, types)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "BLOCK", block)
        found = violated_pairs(stand_in(values, mass, q, u), np.zeros(0), 1e-9)
    gain = {(k, lie): u[lie] + (values[k] - values[lie]) @ q[lie] - u[k] for k, lie in np.ndindex(types, types)}
    for k in range(types):
        gains = sorted((gain[k, lie] for lie in range(types) if gain[k, lie] > 1e-9), reverse=True) if mass[k] else []
        mine = [gain[k, int(lie)] for truth, lie in found if truth == k]
        assert mine == pytest.approx(gains[:REPORTS_PER_TYPE])
    assert len({tuple(pair) for pair in found.tolist()}) == len(found)


def test_ladders_and_exchanges_are_looked_for_once(monkeypatch):
    """A plan asks for them several times over; another environment, however equal, asks for itself."""
    asked = []
    slopes = adjacent.slopes
    monkeypatch.setattr(adjacent, "slopes", lambda values: asked.append(id(values)) or slopes(values))
    environment, design = auction(2, 5)
    choose(environment, design, "auto")
    choose(environment, design, "auto")
    assert len(asked) == 1
    other, _ = auction(2, 5)
    choose(other, design, "auto")
    assert len(asked) == 2


def test_what_is_remembered_goes_with_its_thing():
    class Thing:
        pass

    calls = []
    look = remembered(lambda thing, a, b=0: calls.append((a, b)) or (a, b))
    one, other = Thing(), Thing()
    assert [look(one, 1), look(one, 1), look(one, 1, b=2), look(other, 1)] == [(1, 0), (1, 0), (1, 2), (1, 0)]
    assert calls == [(1, 0), (1, 2), (1, 0)]
    gone = weakref.ref(one)
    del one
    gc.collect()
    assert gone() is None


def test_the_words_on_the_alternative_look_for_no_symmetry(monkeypatch):
    """Its size is estimated without, and detection goes type by type."""
    environment, design = auction(3, 20)

    def refuse(*_):
        raise AssertionError

    monkeypatch.setattr(symmetry, "find_symmetry", refuse)
    assert choose(environment, design, "auto").reduced_form

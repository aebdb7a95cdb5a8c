"""Twins: exact mechanisms for the continuous prior satisfy every relation, and fail them where a condition fails."""

from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from amd.files.laws import PolynomialLaw, flint_polynomial
from amd.model.environment import Allocation, AllocationKind
from amd.model.numbers import exact_array
from amd.proof.continuum.averaging import Known, envelope, identity, independent, same_offset, takes_part
from amd.proof.continuum.border import Claimant, border
from amd.proof.continuum.cells import line
from amd.proof.continuum.envelope import Envelope
from amd.proof.continuum.faces import Faces
from amd.proof.continuum.laws import AffineLaw, PiecewiseLaw, equal_edges, uniform_law
from amd.proof.continuum.polytope import best_shares, integral_of_max
from amd.proof.continuum.profiles import ProfileModel
from amd.proof.continuum.reading import read_setting
from amd.proof.continuum.relations import Relaxation
from amd.proof.continuum.setting import ContinuousAgent, Setting
from amd.proof.wish import Wish

F = Fraction
LAWS = {
    "uniform": uniform_law(),
    "two densities": PiecewiseLaw((F(0), F(1, 3), F(1)), (F(3, 4), F(1, 4))),
    "with a gap": PiecewiseLaw((F(0), F(1, 3), F(2, 3), F(1)), (F(1, 2), F(0), F(1, 2))),
    "negative values": uniform_law(-1, 2),
    "rising": PolynomialLaw((F(0), F(1)), (flint_polynomial([F(0), F(2)]),)),
    "mirrored": AffineLaw(PolynomialLaw((F(0), F(1)), (flint_polynomial([F(0), F(2)]),)), F(-1), F(1)),
}
PARTS = [F(k, 8) for k in range(9)]


@st.composite
def steps(draw, monotone=True):
    """A step function on [0, 1]: places where it jumps and its levels."""
    places = sorted(draw(st.lists(st.fractions(0, 1, max_denominator=30), max_size=5, unique=True)))
    levels = draw(st.lists(st.fractions(0, 1, max_denominator=12), min_size=len(places) + 1, max_size=len(places) + 1))
    return places, sorted(levels) if monotone else levels


def at(step, share):
    places, levels = step
    return levels[sum(share >= place for place in places)]


def integrals(law, step, low, high):
    """E[y], E[θ y] and E[φ y] over [low, high], exactly; y is a function of where θ lies in the support."""
    a, b = law.support
    cuts = sorted({low, high, *(c for p in step[0] if low < (c := a + p * (b - a)) < high)})
    tail = [law.mass(c, b)[0] for c in cuts]
    total = [F(0)] * 3
    for left, right, above, rest in zip(cuts, cuts[1:], tail, tail[1:], strict=False):
        y = at(step, (left - a) / (b - a))
        total[0] += y * law.mass(left, right)[0]
        total[1] += y * law.moment(left, right)[0]
        total[2] += y * (left * above - right * rest)
    return total


def averages(agent, law, step):
    """The point of an envelope's columns that a step function gives."""
    cut, (a, b) = agent.line, law.support
    point = {agent.rent: F(0)}
    for k in range(cut.size):
        names = [agent.name(kind, k) for kind in "QWP"]
        point |= dict(zip(names, integrals(law, step, *cut.cell(k)), strict=True))
    point |= {agent.name("e", k): at(step, (edge - a) / (b - a)) for k, edge in enumerate(cut.edges)}
    return point


def envelope_of(law, cells):
    return Envelope(0, line(law, equal_edges(law, cells)))


def tangents(agent):
    cells = range(agent.line.size)
    return [agent.tangent(kind, k, t) for k in cells for kind in agent.kinds(k) for t in PARTS]


FEW = settings(max_examples=max(12, settings().max_examples // 5))  # the slower twins, in proportion to the profile


@pytest.mark.parametrize("name", LAWS)
@FEW
@given(step=steps(), cells=st.integers(1, 4))
def test_step_functions_satisfy_c3_and_c4(name, step, cells):
    agent, relaxation = envelope_of(LAWS[name], cells), Relaxation()
    agent.declare(relaxation)
    point = averages(agent, LAWS[name], step)
    assert all(r.excess(point) <= 0 for r in [*relaxation.relations, *tangents(agent)])
    assert all(low <= point[v] and (high is None or point[v] <= high) for v, (low, high) in relaxation.ranges.items())
    paid = sum(x * point[v] for v, x in agent.payment().items())
    assert paid == integrals(LAWS[name], step, *LAWS[name].support)[2]


@pytest.mark.parametrize("name", ["uniform", "rising"])
def test_falling_allocations_break_them(name):
    agent, relaxation = envelope_of(LAWS[name], 2), Relaxation()
    agent.declare(relaxation)
    point = averages(agent, LAWS[name], ([F(1, 4)], [F(1), F(0)]))
    assert any(r.excess(point) > 0 for r in relaxation.relations)
    assert any(r.excess(point) > 0 for r in tangents(agent))


def test_the_value_identity_needs_a_constant_density():
    """On F = x² the uniform cell's E[φ y] = 2 E[θ y] − γ E[y] is false, already for y = 1: φ averages 0, not 2 · 2/3
    − γ."""
    law = LAWS["rising"]
    mass, moment, virtual = integrals(law, ([], [F(1)]), F(0), F(1))
    gamma = F(0) + F(1) * 1 / 1  # a + Pr[θ >= a] · h / f
    assert virtual == 0
    assert 2 * moment - gamma * mass == F(1, 3)
    assert envelope_of(law, 1).kinds(0) == ("W", "P")


@given(step=steps(), cells=st.integers(1, 4))
def test_step_functions_satisfy_c0_c2_and_c3_by_hand(step, cells):
    law = uniform_law()
    cut = line(law, equal_edges(law, cells))
    q, w, p = zip(*(integrals(law, step, *cut.cell(k)) for k in range(cells)), strict=True)
    known = Known(
        "buyer",
        cut.edges,
        tuple(f for f, _ in cut.mass),
        tuple(map(cut.middle, range(cells))),
        tuple(cells * x for x in q),
        tuple(cells * x for x in w),
    )
    utility = utilities(step, cut.edges)
    point = {known.rent: F(0)} | {known.payment(k): cells * (w[k] - utility[k]) for k in range(cells)}
    assert sum(p) == sum(w) - sum(utility)  # two ways to the expected payment
    pairs = [(k, s) for k, s in product(range(cells), repeat=2) if k != s]
    found = [rule(known, k, s) for k, s in pairs for rule in (independent, same_offset)]
    found += [takes_part(known, k) for k in range(cells)] + [envelope(known, k, t) for k in range(cells) for t in PARTS]
    assert all(r.excess(point) <= 0 for r in found)
    assert all(identity(known, k).excess(point) == 0 for k in range(cells))


def utilities(step, edges):
    """∫ U over each cell of the uniform law, U(θ) = ∫_0^θ y: integrated again by hand."""
    found = []
    for low, high in pairwise(edges):
        cuts = sorted({low, high, *(c for c in step[0] if low < c < high)})
        total = F(0)
        for left, right in pairwise(cuts):
            start = integrals(uniform_law(), step, F(0), left)[0] if left else F(0)
            total += start * (right - left) + at(step, left) * (right - left) ** 2 / 2
        found.append(total)
    return found


@given(left=steps(), right=steps(), cells=st.integers(1, 3), chosen=st.lists(st.booleans(), min_size=6, max_size=6))
def test_the_higher_score_satisfies_border(left, right, cells, chosen):
    """Two unlike agents; the higher score wins, ties to the first, a score of 0 never. Interim shares by fine cells."""
    edges = sorted({F(0), F(1), *left[0], *right[0], *(F(k, cells) for k in range(cells + 1))})
    fine = list(pairwise(edges))
    amounts = {0: [F(0)] * cells, 1: [F(0)] * cells}
    for (a, b), (c, d) in product(fine, repeat=2):
        scores = at(left, a), at(right, c)
        if max(scores) > 0:
            winner, where = (0, a) if scores[0] >= scores[1] else (1, c)
            amounts[winner][int(where * cells)] += (b - a) * (d - c)
    names = [tuple(("Q", i, k) for k in range(cells)) for i in (0, 1)]
    claimants = [Claimant(i, 1, names[i], (F(1, cells),) * cells) for i in (0, 1)]
    sets = [[k for k in range(cells) if chosen[3 * i + k]] for i in (0, 1)]
    point = {("Q", i, k): amounts[i][k] for i in (0, 1) for k in range(cells)}
    assert border(0, claimants, sets).excess(point) <= 0


def test_border_fails_for_correlated_types():
    """Exactly one of two agents is in the upper half, and gets the good: E = 1 against 1 − 1/4."""
    claimant = Claimant(0, 2, (("Q", 0, 0), ("Q", 0, 1)), (F(1, 2), F(1, 2)))
    assert border(0, [claimant], [[1]]).excess({("Q", 0, 1): F(1, 2)}) == F(1, 4)


@st.composite
def menus(draw):
    entry = st.tuples(st.fractions(0, 1, max_denominator=4), st.fractions(0, 1, max_denominator=4))
    bought = draw(st.dictionaries(entry, st.fractions(0, 2, max_denominator=12), max_size=3))
    return tuple({(F(0), F(0)): F(0), **{y: -p for y, p in bought.items() if any(y)}}.items())


def faces_point(agent, menu):
    """The columns of C5 for a menu, by exact integrals over boxes and their faces."""
    functions = tuple((level, y) for y, level in menu)
    point = {agent.rent: F(0)}
    floor = max(level + sum(y[j] * agent.lines[j].edges[0] for j in agent.axes) for level, y in functions)
    for k in agent.boxes:
        sides = tuple(cut.cell(i) for cut, i in zip(agent.lines, k, strict=True))
        area = (sides[0][1] - sides[0][0]) * (sides[1][1] - sides[1][0])
        point[agent.average(k)] = integral_of_max(sides, functions) / area - floor
        shares = best_shares(sides, functions)
        for j in agent.axes:
            taken = sum(y[j] * share[0] for (_, y), share in zip(functions, shares, strict=True))
            point[agent.amount(j, k)] = agent.mass(k) * taken / area
            names = zip(agent.faces("F", j, k), agent.faces("E", j, k), sides[j], strict=True)
            for utility, slope, place in names:
                point[utility], point[slope] = face_of(functions, j, place, sides[1 - j])
                point[utility] -= floor
    return point


def face_of(functions, j, place, side):
    """Averages of U and of y_j over the segment where parameter j is `place`; the upper limit of y_j along j."""
    best = {}
    for level, y in functions:  # of entries equal on the segment, the one with more of j
        key = (level + y[j] * place, (y[1 - j],))
        best[key] = max(y[j], best.get(key, F(0)))
    keys = tuple(best)
    width = side[1] - side[0]
    shares = best_shares((side,), keys)
    slope = sum(best[k] * share[0] for k, share in zip(keys, shares, strict=True))
    return integral_of_max((side,), keys) / width, slope / width


@FEW
@pytest.mark.parametrize("laws", [(uniform_law(), uniform_law()), (uniform_law(1, 3), LAWS["two densities"])])
@given(menu=menus(), cells=st.integers(1, 3))
def test_menus_satisfy_c5_and_c2(laws, menu, cells):
    agent, relaxation = Faces(0, [line(law, equal_edges(law, cells)) for law in laws], [F(1)] * 2), Relaxation()
    agent.declare(relaxation)
    agent.start(relaxation)
    every = [agent.same_offset(k, s) for k, s in product(agent.boxes, repeat=2) if k != s and agent.alike(k, s)]
    every += [agent.tangent(j, k, t) for k in agent.boxes for j in agent.axes for t in PARTS]
    point = faces_point(agent, menu)
    for relation in [*relaxation.relations, *every]:
        excess = relation.excess(point)
        assert excess == 0 if relation.equal else excess <= 0, relation.name
    functions = tuple((level, y) for y, level in menu)
    boxes = [tuple(cut.cell(i) for cut, i in zip(agent.lines, k, strict=True)) for k in agent.boxes]
    income = sum(
        agent.mass(k) * -level * share[0] / ((s[0][1] - s[0][0]) * (s[1][1] - s[1][0]))
        for k, s in zip(agent.boxes, boxes, strict=True)
        for (level, _), share in zip(functions, best_shares(s, functions), strict=True)
    )
    floor = max(level + sum(y[j] * agent.lines[j].edges[0] for j in agent.axes) for level, y in functions)
    assert sum(x * point[v] for v, x in agent.payment().items()) - floor == income


def test_c2_between_unlike_boxes_is_not_offered():
    cut = line(uniform_law(), (F(0), F(1, 4), F(1)))
    agent = Faces(0, [cut, cut], [F(1)] * 2)
    assert not agent.alike((0, 0), (1, 0))
    assert all(agent.alike(k, source) for k, source in agent.neighbours())


@given(
    places=st.lists(st.fractions(0, 1, max_denominator=12), min_size=2, max_size=3, unique=True),
    cells=st.integers(1, 3),
)
def test_threshold_trade_satisfies_the_product_cells(trade_setting, places, cells):
    """Trade where the buyer's step exceeds the seller's, a monotone rule: C1, sums and C3 hold for its integrals."""
    model = ProfileModel(trade_setting, cells)
    fine = sorted({F(0), F(1), *places, *(F(k, cells) for k in range(cells + 1))})
    pieces = list(pairwise(fine))

    def step(x):
        return sum(x >= place for place in places)

    point = {("U", 0): F(0), ("U", 1): F(0)}
    point |= {v: F(0) for v in model.relaxation.ranges if v[0] in "MwQW"}
    for (a, b), (c, d) in product(pieces, repeat=2):
        area, trade = (b - a) * (d - c), step(a) > step(c)
        p = (int(a * cells), cells - 1 - int(c * cells))  # the seller's cells are mirrored
        point["M", p, int(trade)] += area
        if trade:
            point["w", 0, p] += area * (a + b) / 2
            point["w", 1, p] -= area * (c + d) / 2
    for p in model.profiles:
        for i in (0, 1):
            point["Q", i, p[i]] += point["M", p, 1]
            point["W", i, p[i]] += point["w", i, p]
    for k, edge in enumerate(model.envelopes[0].line.edges):
        point["e", 0, k] = sum(d - c for c, d in pieces if step(min(edge, fine[-1])) > step(c)) if edge < 1 else F(1)
    for k, edge in enumerate(model.envelopes[1].line.edges):
        point["e", 1, k] = sum(b - a for a, b in pieces if step(a) > step(-edge)) if edge > -1 else F(0)
    point["e", 1, cells] = F(1)
    ceilings = [model.ceiling(p, {0: F(0), 1: t}) for p in model.profiles for t in (F(-1, 2), F(0), F(1, 4), F(1))]
    tangents_ = [e.tangent("W", k, t) for e in model.envelopes for k in range(cells) for t in PARTS]
    for relation in [*model.relaxation.relations, *ceilings, *tangents_]:
        excess = relation.excess(point)
        assert excess == 0 if relation.equal else excess <= 0, relation.name


@pytest.fixture(scope="module")
def trade_setting():
    """A buyer and a seller on [0, 1] who trade or not."""
    columns, ones = csr_array(np.ones((1, 2), dtype=np.int64)), np.ones(2, dtype=np.int64)
    allocation = Allocation(
        AllocationKind.OUTCOMES, exact_array([0, 0]), columns, ones[:1], np.array([True]), ones, names=("keep", "trade")
    )
    zero = (F(0), F(0))
    sides = [
        ContinuousAgent(name, name, (uniform_law(),), (1,), ((F(0), slope),), zero, zero)
        for name, slope in (("buyer", F(1)), ("seller", F(-1)))
    ]
    return Setting(tuple(sides), allocation, Wish(zero, (F(1), F(1)), zero))


def test_c1_needs_weights_that_sum_to_one(trade_task):
    """With two units of trade (weights that sum to 2) the ceiling is broken: E[(v − c)⁺] doubles."""
    model = ProfileModel(read_setting(trade_task()), 1)
    point = {("M", (0, 0), 0): F(0), ("M", (0, 0), 1): F(1), ("w", 0, (0, 0)): F(2, 3), ("w", 1, (0, 0)): F(-1, 3)}
    assert model.ceiling((0, 0), {0: F(0), 1: F(0)}).excess(point) == F(1, 6)

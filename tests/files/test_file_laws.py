"""Continuous distributions: cells, exactness, enclosures. Expected values by hand or from scipy's integration."""

from collections.abc import Callable
from fractions import Fraction as Q
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from amd.files import families
from amd.files.cdf import read_cdf
from amd.files.cells import cut, made_whole, width_edges
from amd.files.expressions import read
from amd.files.functions import MAX_BITS
from amd.files.laws import ContinuousLaw
from amd.files.quantiles import quantile
from amd.model.types import Grid

Reader = Callable[[str], Grid]
STEPS = "piecewise: {points: [[0, 1], [1, 1], [1, 3], [2, 3]]}"
GAP = "piecewise: {points: [[0, 1], [1, 1], [1, 0], [2, 0], [2, 1], [3, 1]]}"


def test_uniform_cells_stand_at_their_midpoints(grid: Reader) -> None:
    found = grid("{uniform: [0, 1], cells: 4}")
    assert found.points == (Q(1, 8), Q(3, 8), Q(5, 8), Q(7, 8))
    assert found.probability == (Q(1, 4),) * 4
    assert found.edges == (0, Q(1, 4), Q(1, 2), Q(3, 4), 1)
    assert found.law is not None
    assert found.law.support == (0, 1)


@pytest.mark.parametrize(
    ("distribution", "points", "masses"),
    [
        ("{uniform: [10, 20], cells: 2, at: lower}", "10 15", "1/2 1/2"),
        ("{uniform: [10, 20], cells: 2, at: upper}", "15 20", "1/2 1/2"),
        ("{uniform: [10, 20], cells: 2, at: middle, cut: mass}", "25/2 35/2", "1/2 1/2"),
        # F = x²: mean of [0, 1/2] is ∫2x² / (1/4) = 1/3, of [1/2, 1] (2/3)(7/8)/(3/4) = 7/9
        ("{cdf: x^2, support: [0, 1], cells: 2}", "1/3 7/9", "1/4 3/4"),
        # scaled to its support: (x² − 1)/8 on [1, 3]
        ("{cdf: x^2, support: [1, 3], cells: 2}", "14/9 38/15", "3/8 5/8"),
        ("{cdf: 5*x + 7, support: [0, 1], cells: 2}", "1/4 3/4", "1/2 1/2"),
        # density 4x on [0, 1/2], 4 − 4x beyond
        ("{triangular: {low: 0, mode: 1/2, high: 1}, cells: 2}", "1/3 2/3", "1/2 1/2"),
        ("{triangular: {low: 0, mode: 0, high: 1}, cells: 1}", "1/3", "1"),
        ("{triangular: {low: 0, mode: 1, high: 1}, cells: 1}", "2/3", "1"),
        ("{triangular: {low: 0, mode: 1, high: 2}, cells: 2, cut: mass}", "2/3 4/3", "1/2 1/2"),
        # a density that falls straight from 2 to 0
        ("{piecewise: {points: [[0, 2], [1, 0]]}, cells: 2}", "2/9 2/3", "3/4 1/4"),
        # steps 1 and 3, scaled by 1/4; and the same cut to a part of it
        (f"{{{STEPS}, cells: 2}}", "1/2 3/2", "1/4 3/4"),
        (f"{{{STEPS}, support: [1/2, 3/2], cells: 2}}", "3/4 5/4", "1/4 3/4"),
        (f"{{{STEPS}, cells: 4, cut: mass}}", "1/2 7/6 3/2 11/6", "1/4 1/4 1/4 1/4"),
        # a gap in the middle: a cell without probability stands at its middle
        (f"{{{GAP}, cells: 3}}", "1/2 3/2 5/2", "1/2 0 1/2"),
        # beta(2, 1) has density 2x, beta(1, 1) is uniform
        ("{beta: {a: 2, b: 1}, cells: 2}", "1/3 7/9", "1/4 3/4"),
        ("{beta: {a: 1, b: 1}, cells: 2}", "1/4 3/4", "1/2 1/2"),
        ("{beta: {a: 2, b: 2}, cells: 1}", "1/2", "1"),
        # F = (1 − x⁻²)·4/3 on [1, 2]; mean of a cell 2(1/a − 1/b)/(1/a² − 1/b²) = 2ab/(a + b)
        ("{pareto: {scale: 1, shape: 2}, support: [1, 2], cells: 2}", "6/5 12/7", "20/27 7/27"),
        # x on [0, 1/2], then x² + 1/4: slope 1, then 2x; total 5/4
        ('{cdf: "if(x < 1/2, x, x^2 + 1/4)", support: [0, 1], cells: 2}', "1/4 7/9", "2/5 3/5"),
        ('{cdf: "max(x, 2*x - 1/2)", support: [0, 1], cells: 2}', "1/4 3/4", "1/3 2/3"),
        ('{cdf: "abs(x - 1/2)*(x - 1/2)", support: [0, 1], cells: 2}', "1/6 5/6", "1/2 1/2"),
    ],
)  # fmt: skip
def test_what_is_rational_stays_exact(
    distribution: str, points: str, masses: str, grid: Reader, exact: Callable[[str], list[Q]]
) -> None:
    found = grid(distribution)
    assert list(found.points) == exact(points)
    assert list(found.probability) == exact(masses)


def test_cells_of_equal_mass_have_edges_at_quantiles(grid: Reader) -> None:
    found = grid("{cdf: x^2, support: [0, 1], cells: 4, cut: mass}")
    assert found.probability == (Q(1, 4),) * 4
    assert found.edges is not None
    assert found.edges[2] == Q(float(np.sqrt(0.5)))  # irrational: the nearest double
    assert found.edges[1] == Q(1, 2)  # rational: exact
    assert found.points[0] == Q(1, 3)  # between exact edges: exact
    assert found.points[1].denominator & (found.points[1].denominator - 1) == 0  # else a double


def test_quantiles_that_are_simple_rationals_are_exact() -> None:
    law = families.triangular(Q(0), Q(1), Q(2))
    assert quantile(law, Q(1, 2), Q(0)) == (Q(1), True)
    assert quantile(read_cdf(read("x^3"), Q(0), Q(1)), Q(1, 27), Q(0)) == (Q(1, 3), True)


def test_the_median_of_a_symmetric_law_is_its_centre(grid: Reader) -> None:
    found = grid("{normal: {mean: 0, sd: 1}, support: [-3, 3], cells: 2, cut: mass}")
    assert found.edges == (-3, 0, 3)


FAMILIES: list[tuple[str, Any, float, float]] = [
    ("{normal: {mean: 1, sd: 2}, support: [-2, 5], cells: 7}", stats.norm(1, 2), -2, 5),
    ("{normal: {mean: 0, sd: 1}, support: [4, 6], cells: 4}", stats.norm(0, 1), 4, 6),
    ("{lognormal: {mean: 0, sd: 1/2}, support: [0, 4], cells: 8}", stats.lognorm(0.5), 0, 4),
    ("{lognormal: {mean: 1, sd: 1}, support: [1, 9], cells: 4}", stats.lognorm(1, scale=np.e), 1, 9),
    ("{exponential: {rate: 2}, support: [0, 3], cells: 6}", stats.expon(scale=0.5), 0, 3),
    ("{beta: {a: 2, b: 3}, cells: 5}", stats.beta(2, 3), 0, 1),
    ("{beta: {a: 5/2, b: 1/2}, cells: 5}", stats.beta(2.5, 0.5), 0, 1),
    ("{beta: {a: 0.5, b: 0.5}, support: [1/4, 1], cells: 3}", stats.beta(0.5, 0.5), 0.25, 1),
    ("{triangular: {low: -1, mode: 0, high: 3}, support: [-1/2, 2], cells: 5}", stats.triang(0.25, -1, 4), -0.5, 2),
    ("{pareto: {scale: 2, shape: 3}, support: [2, 10], cells: 4}", stats.pareto(3, scale=2), 2, 10),
    ("{pareto: {scale: 1, shape: 1}, support: [1, 5], cells: 4}", stats.pareto(1), 1, 5),
    ("{pareto: {scale: 1, shape: 2.5}, support: [3/2, 5], cells: 4}", stats.pareto(2.5), 1.5, 5),
    ("{cdf: 1 - exp(-x), support: [0, 3], cells: 4}", stats.expon(), 0, 3),
    ("{cdf: sqrt(x), support: [0, 1], cells: 4}", stats.beta(0.5, 1), 0, 1),
    ("{cdf: x^1.5, support: [0, 1], cells: 4}", stats.beta(1.5, 1), 0, 1),
    ("{cdf: log(x), support: [1, 3], cells: 4}", stats.reciprocal(1, 3), 1, 3),
    ("{cdf: x/(1 + x), support: [0, 4], cells: 4}", stats.burr12(1, 1), 0, 4),
]  # fmt: skip


@pytest.mark.parametrize(("text", "law", "low", "high"), FAMILIES)
def test_families_agree_with_scipy(text: str, law: Any, low: float, high: float, grid: Reader) -> None:
    """Masses from scipy's distribution functions, means by integrating them by parts."""
    found = grid(text)
    assert found.edges is not None
    assert sum(found.probability) == 1
    total = law.cdf(high) - law.cdf(low)
    for (a, b), point, mass in zip(pairwise(map(float, found.edges)), found.points, found.probability, strict=True):
        start, own = law.cdf(a), law.cdf(b) - law.cdf(a)
        assert float(mass) == pytest.approx(own / total, rel=1e-8)  # scipy loses digits in far tails
        area = integrate.quad(law.cdf, a, b, epsabs=1e-13)[0] - (b - a) * start
        mean = b - area / own
        assert float(point) == pytest.approx(mean, rel=1e-7)


@pytest.mark.parametrize(("text", "law", "low", "high"), FAMILIES)
def test_enclosures_are_narrow_and_hold_the_grid(text: str, law: Any, low: float, high: float, grid: Reader) -> None:
    found = grid(text)
    assert found.edges is not None
    assert isinstance(found.law, ContinuousLaw)
    assert found.law.support == (found.edges[0], found.edges[-1])
    assert found.law.mass(*found.law.support) == (1, 1)
    largest = max(found.probability)
    for (a, b), point, mass in zip(pairwise(found.edges), found.points, found.probability, strict=True):
        least, most = found.law.mass(a, b)
        bottom, top = found.law.moment(a, b)
        assert 0 <= most - least < Q(1, 10**20)
        assert top - bottom < Q(1, 10**20)
        if mass != largest:  # the largest takes up the rounding
            assert least - Q(1, 10**16) <= mass <= most + Q(1, 10**16)
        assert bottom - Q(1, 10**14) <= point * most and point * least <= top + Q(1, 10**14)
        assert a <= point <= b


@pytest.mark.parametrize(("text", "law", "low", "high"), FAMILIES)
def test_mass_and_moment_add_up(text: str, law: Any, low: float, high: float, grid: Reader) -> None:
    found = grid(text).law
    assert isinstance(found, ContinuousLaw)
    start, end = found.support
    middle = start + (end - start) * Q(3, 7)
    for measure in (found.mass, found.moment):
        whole, left, right = measure(start, end), measure(start, middle), measure(middle, end)
        assert left[0] + right[0] <= whole[1]
        assert whole[0] <= left[1] + right[1]
        assert measure(start - 1, end + 1) == whole  # nothing outside the support
        assert measure(end, end + 1) == (0, 0)


def nearest(decimal: str) -> Q:
    """The double nearest to a decimal with more digits than a double holds."""
    return Q(float(Q(decimal)))


def test_irrational_numbers_are_the_nearest_doubles(grid: Reader) -> None:
    """∫ x e^(−x) over 1 − 1/e on [0, 1] is 1 − 1/(e − 1); the upper half has the share 1/(1 + e^(1/2))."""
    found = grid("{exponential: {rate: 1}, support: [0, 1], cells: 1}")
    assert found.points == (nearest("0.4180232931306735756149979948909884414531306989246"),)
    halves = grid("{exponential: {rate: 1}, support: [0, 1], cells: 2}")
    small = nearest("0.3775406687981454353610994342544915212467206346911")
    assert halves.probability == (1 - small, small)


def test_far_tails_and_narrow_cells_keep_their_digits(grid: Reader) -> None:
    """Beyond z the normal mean is about z + 1/z: at 30, 30.0332595967… (Mills ratio, continued fraction)."""
    found = grid("{normal: {mean: 0, sd: 1}, support: [30, 60], cells: 1}")
    ratio = 0.0
    for k in range(400, 0, -1):
        ratio = k / (30 + ratio)
    assert float(found.points[0]) == pytest.approx(30 + ratio, rel=1e-15)
    narrow = grid("{normal: {mean: 0, sd: 1}, support: [-40, 40], cells: 8}")
    assert sum(narrow.probability) == 1
    assert 0 < narrow.probability[0] < Q(1, 10**150)
    assert narrow.points[0] == -narrow.points[-1]


def test_the_largest_probability_takes_up_rounding() -> None:
    thirds = [Q(1 / 3), Q(1 / 3), Q(0.3)]
    assert sum(made_whole(thirds)) == 1
    assert made_whole([Q(1, 2), Q(1, 4), Q(1, 8)]) == (Q(5, 8), Q(1, 4), Q(1, 8))
    assert width_edges(Q(0), Q(1), 3) == (0, Q(1, 3), Q(2, 3), 1)


def test_constant_densities_are_known(grid: Reader) -> None:
    steps = grid("{piecewise: {points: [[0, 1], [1, 1], [1, 3], [2, 3], [3, 0]]}, cells: 3}").law
    assert steps is not None
    assert steps.density_is_constant(Q(0), Q(1))
    assert steps.density_is_constant(Q(1), Q(2))
    assert not steps.density_is_constant(Q(1, 2), Q(3, 2))
    assert not steps.density_is_constant(Q(2), Q(3))
    assert not steps.density_is_constant(Q(-1), Q(1))
    normal = grid("{normal: {mean: 0, sd: 1}, support: [-1, 1], cells: 3}").law
    assert normal is not None
    assert not normal.density_is_constant(Q(0), Q(1, 100))


def test_laws_restate_themselves_in_rational_texts(grid: Reader) -> None:
    def restated(text: str) -> Any:
        law = grid(text).law
        assert law is not None
        return law.restate()

    assert restated("{uniform: [0, 4], cells: 3}") == {
        "law": "polynomial",
        "pieces": [{"from": "0", "to": "4", "density": ["1/4"]}],
    }
    assert restated("{normal: {mean: 0.5, sd: 1/3}, support: [0, 1], cells: 3}") == {
        "law": "normal",
        "mean": "1/2",
        "sd": "1/3",
        "support": ["0", "1"],
    }
    assert restated("{cdf: sqrt(x), support: [0, 1], cells: 3}") == {
        "law": "cdf",
        "cdf": "sqrt(x)",
        "support": ["0", "1"],
    }


@given(
    st.lists(st.tuples(st.fractions(0, 3, max_denominator=8), st.integers(0, 5)), min_size=2, max_size=6),
    st.integers(1, 7),
    st.sampled_from(["width", "mass"]),
)
@settings(max_examples=60)
def test_any_piecewise_density_has_its_mean_and_mass(points: list[tuple[Q, int]], cells: int, by: str) -> None:
    """The mean over all cells is the mean of the law, by trapezoids that a hand would draw."""
    points = sorted(points, key=lambda point: point[0])
    area = sum(((x1 - x0) * (h0 + h1) / 2 for (x0, h0), (x1, h1) in pairwise(points)), Q(0))
    moment = sum(
        ((x1 - x0) * (x0 * (2 * h0 + h1) + x1 * (h0 + 2 * h1)) / 6 for (x0, h0), (x1, h1) in pairwise(points)), Q(0)
    )
    if not area:
        return
    found = cut(families.straight([(x, Q(h)) for x, h in points]), cells, by=by)
    assert sum(found.probability) == 1
    mean = sum((p * x for p, x in zip(found.probability, found.points, strict=True)), Q(0))
    if by == "width":
        assert mean == moment / area
    else:
        assert float(mean) == pytest.approx(float(moment / area), abs=1e-12)
    assert found.edges is not None
    assert all(a <= x <= b for (a, b), x in zip(pairwise(found.edges), found.points, strict=True))


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 6))
@settings(max_examples=40)
def test_beta_with_whole_numbers_by_polynomial_and_by_series(a: int, b: int, cells: int) -> None:
    """The exact law and the incomplete beta function are twins."""
    exact = cut(families.beta(Q(a), Q(b), (Q(0), Q(1))), cells)
    series = cut(families.BetaLaw((Q(0), Q(1)), Q(a), Q(b)), cells)
    largest = max(range(cells), key=lambda k: exact.probability[k])
    for k in range(cells):
        assert Q(float(exact.points[k])) == series.points[k]
        if k != largest:
            assert Q(float(exact.probability[k])) == series.probability[k]


@pytest.mark.parametrize(
    ("distribution", "points"),
    [
        ("{cdf: 3.7*x + x^2, support: [0, 1], cells: 1}", "151/282"),  # the slope has the root −1.85, no dyadic number
        ('{cdf: "max(x, 3.7*x - 2.7)", support: [1/3, 3], cells: 1, at: upper}', "3"),
        ("{cdf: x^3 - x, support: [2/3, 1], cells: 1, at: lower}", "2/3"),  # irrational turning points outside
        ("{uniform: [1/3, 1/3 + 1e-30], cells: 2, cut: mass, at: lower}", None),
        ("{normal: {mean: 1/3, sd: 1e-300}, support: [1/3, 3.7], cells: 2, cut: mass}", None),  # narrower than doubles
        ("{beta: {a: 200, b: 3.7}, support: [1e-9, 1], cells: 2}", None),
        ("{beta: {a: 1000, b: 1000}, cells: 2, cut: mass, at: upper}", "1/2 1"),
        ("{pareto: {scale: 1/7, shape: 150}, support: [0.123456789012345678901, 2], cells: 3}", ""),
        ("{pareto: {scale: 1/9, shape: 150}, support: [0.123456789012345678901, 2], cells: 3}", None),
        ("{lognormal: {mean: 1/3, sd: 1e-300}, support: [1/3, 1e99], cells: 3, cut: mass}", ""),
        ("{cdf: exp(2*x), support: [0, 1e9], cells: 3}", ""),
        ("{beta: {a: 1e9, b: 2}, cells: 3}", ""),
    ],
)
def test_extreme_numbers_end_in_a_grid_or_in_a_fault(
    distribution: str,
    points: str | None,
    grid: Reader,
    grid_faults: Callable[[str], list[str]],
    exact: Callable[[str], list[Q]],
) -> None:
    if points == "":
        assert len(grid_faults(distribution)) == 1
        return
    found = grid(distribution)
    assert found.edges is not None
    assert sum(found.probability) == 1
    assert all(a <= x <= b for (a, b), x in zip(pairwise(found.edges), found.points, strict=True))
    assert max(x.denominator.bit_length() for x in found.points) <= MAX_BITS
    if points is not None:
        assert list(found.points) == exact(points)


TWINS: dict[str, tuple[int, int, Callable[[float], float]]] = {
    "x^2*exp(-x)": (0, 1, lambda x: x**2 * np.exp(-x)),
    "x^3 + sqrt(x)": (0, 2, lambda x: x**3 + np.sqrt(x)),
    "log(1 + x) + if(x < 1, x, 2*x - 1)": (0, 3, lambda x: np.log1p(x) + (x if x < 1 else 2 * x - 1)),
    "max(x, 1 - exp(-x))": (1, 3, lambda x: x),
    "mean(x, x^(1/3)) - 1/(2 + x)": (0, 2, lambda x: (x + np.cbrt(x)) / 2 - 1 / (2 + x)),
    "-exp(1 - x^2)*2^x": (1, 2, lambda x: -np.exp(1 - x**2) * 2**x),
}


@pytest.mark.parametrize("formula", TWINS)
def test_distribution_functions_of_any_form(formula: str) -> None:
    low, high, twin = TWINS[formula]
    law = read_cdf(read(formula), Q(low), Q(high))
    a, b = Q(low) + Q(1, 3), Q(high) - Q(1, 5)
    start, end, total = twin(float(a)), twin(float(b)), twin(high) - twin(low)
    assert float(law.mass(a, b)[0]) == pytest.approx((end - start) / total, rel=1e-12)
    area = integrate.quad(twin, float(a), float(b), points=[1.0], epsabs=1e-13)[0]
    moment = (float(b) * end - float(a) * start - area) / total
    assert float(law.moment(a, b)[0]) == pytest.approx(moment, rel=1e-10)


@pytest.mark.parametrize(
    ("distribution", "key", "why"),
    [
        ("{cdf: 1 - x, support: [0, 1], cells: 3}", "cdf", "falls between x = 0 and x = 1"),
        ("{cdf: x^2, support: [-1, 1], cells: 3}", "cdf", "turns at x = 0"),
        ("{cdf: x^3 - x, support: [-2, 2], cells: 3}", "cdf", "turns at x = -0.57735 or so"),
        ("{cdf: x^3, support: [-1, 1], cells: 3}", None, ""),  # flat in one point only: it increases
        ("{cdf: 3, support: [0, 1], cells: 3}", "cdf", "constant"),
        ('{cdf: "max(x, 1/2)", support: [0, 1], cells: 3}', "cdf", "between x = 0 and x = 1/2, where it is constant"),
        ('{cdf: "if(x < 1/2, x, x + 1)", support: [0, 1], cells: 3}', "cdf", "jumps at x = 1/2"),
        ('{cdf: "if(x < 1/2, exp(x), 2*exp(x))", support: [0, 1], cells: 3}', "cdf", "jumps at x = 1/2"),
        ('{cdf: "if(x^2 < 1/2, x, 2*x)", support: [0, 1], cells: 3}', "cdf", "not rational"),
        ('{cdf: "if(exp(x) < 2, x, 2*x)", support: [0, 1], cells: 3}', "cdf", "cannot be found"),
        ("{cdf: exp(-x), support: [0, 1], cells: 3}", "cdf", "does not increase just below x = 1/1000"),
        ("{cdf: sqrt(x), support: [-1, 1], cells: 3}", "cdf", "no finite value at x = -1"),
        ("{cdf: log(x), support: [0, 1], cells: 3}", "cdf", "no finite value at x = 0"),
        ("{cdf: 1/x, support: [-1, 1], cells: 3}", "cdf", "no finite value at x = 0|does not increase"),
        ("{cdf: floor(x), support: [0, 1], cells: 3}", "cdf", "jump"),
        ("{cdf: y, support: [0, 1], cells: 3}", "cdf", "unknown name 'y'"),
        ("{cdf: x, cells: 3}", "support", "is missing"),
        ("{normal: {mean: 0, sd: 1}, cells: 3}", "support", "is missing; a distribution by 'normal' is unbounded"),
        ("{normal: {mean: 0, sd: 0}, support: [0, 1], cells: 3}", "normal.sd", "above 0"),
        ("{normal: {mean: 0}, support: [0, 1], cells: 3}", "normal.sd", "is missing"),
        ("{exponential: {rate: 1}, support: [-1, 1], cells: 3}", "support", "values from 0 on"),
        ("{lognormal: {mean: 0, sd: 1}, support: [-1, 1], cells: 3}", "support", "values from 0 on"),
        ("{pareto: {scale: 2, shape: 1}, support: [1, 4], cells: 3}", "support", "values from 2 on"),
        ("{beta: {a: 1, b: 1}, support: [0, 2], cells: 3}", "support", "[0, 1]"),
        ("{beta: {a: 0, b: 1}, cells: 3}", "beta.a", "above 0"),
        ("{triangular: {low: 0, mode: 3, high: 2}, cells: 3}", "triangular", "low ≤ mode ≤ high"),
        ("{piecewise: {points: [[0, 1], [1, -1]]}, cells: 3}", "piecewise.points[2]", "at least 0"),
        ("{piecewise: {points: [[1, 1], [0, 1]]}, cells: 3}", "piecewise.points[2]", "left to right"),
        ("{piecewise: {points: [[1, 1], [1, 2]]}, cells: 3}", "piecewise.points", "interval"),
        ("{piecewise: {points: [[0, 0], [1, 0]]}, cells: 3}", "piecewise.points", "0 everywhere"),
        ("{piecewise: {points: [[0, 0], [1, 0], [2, 3]]}, support: [0, 1], cells: 3}", "support", "0 all over"),
        ("{uniform: [1, 0], cells: 3}", "uniform", "first end must be below"),
        ("{uniform: [0, 0], cells: 3}", "uniform", "first end must be below"),
        ("{uniform: [0, 1]}", "cells", "is missing"),
        ("{uniform: [0, 1], cells: 0}", "cells", "at least 1"),
        ("{uniform: [0, 1], cells: 5/2}", "cells", "whole number"),
        ("{uniform: [0, 1], cells: 10^12}", "cells", "1,000,000,000,000 cells would take about 500 TB"),
        ("{normal: {mean: 0, sd: 1e-300}, support: [1, 2], cells: 2}", "", "cannot be computed"),
    ],
)  # fmt: skip
def test_faults_of_distributions(
    distribution: str, key: str | None, why: str, grid: Reader, grid_faults: Callable[[str], list[str]]
) -> None:
    if key is None:
        grid(distribution)
        return
    (told,) = grid_faults(distribution)
    place = f"agents.buyer.types.v.{key}" if key else "agents.buyer.types.v"
    assert told.startswith(f"f.yaml:4: {place}: ")
    assert any(part in told for part in why.split("|"))

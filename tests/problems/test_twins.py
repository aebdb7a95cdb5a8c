"""Where the decimals of the catalogue come from: each is found again here by code of its own.

Two kinds of twin: closed forms (virtual values, ironed by pooling, summed over all type profiles) and the textbook
linear program written out naively for scipy.
"""

from __future__ import annotations

import csv
import math
from fractions import Fraction as Q
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import linprog

PROBLEMS = Path(__file__).resolve().parents[2] / "problems"


# -- grids -----------------------------------------------------------------------------------------------------------


def uniform(a, b, cells, at=Q(1, 2)):
    """Points (a share `at` into each cell) and masses of U[a, b] cut into equal cells."""
    width = Q(b - a) / cells
    return [a + (k + at) * width for k in range(cells)], [Q(1, cells)] * cells


def by_density(density, edges):
    """Conditional means and masses of the cells between `edges`, by quadrature; the density is scaled."""
    mass = [quad(density, a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pairwise(edges)]
    moment = [quad(lambda x: x * density(x), a, b, epsabs=0, epsrel=1e-12)[0] for a, b in pairwise(edges)]
    return [m / f for m, f in zip(moment, mass, strict=True)], [f / sum(mass) for f in mass]


def linear_density(points, cells):
    """Exact means and masses of a density that is linear between `points`, cells of equal width not straddling them."""
    low, high = Q(points[0][0]), Q(points[-1][0])
    edges = [low + (high - low) * k / cells for k in range(cells + 1)]
    mass, moment = [], []
    for a, b in pairwise(edges):
        (x0, y0), (x1, y1) = next(p for p in pairwise(points) if p[0][0] <= a and b <= p[1][0])
        slope = Q(y1 - y0, x1 - x0)
        constant = y0 - slope * x0
        mass.append(constant * (b - a) + slope * (b**2 - a**2) / 2)
        moment.append(constant * (b**2 - a**2) / 2 + slope * (b**3 - a**3) / 3)
    return [m / f for m, f in zip(moment, mass, strict=True)], [f / sum(mass) for f in mass]


def observed(cells):
    """The table of bids cut from the least to the greatest; cells closed below, the last also above."""
    with (PROBLEMS / "auctions" / "observed-bids.csv").open(encoding="utf-8") as file:
        bids = sorted(Q(row["bid"]) for row in csv.DictReader(file))
    low, high = bids[0], bids[-1]
    cell = [min(int((bid - low) / (high - low) * cells), cells - 1) for bid in bids]
    groups = [[bid for bid, own in zip(bids, cell, strict=True) if own == k] for k in range(cells)]
    return [sum(g) / len(g) for g in groups if g], [Q(len(g), len(bids)) for g in groups if g]


def pareto_by_mass(shape, top, cells):
    """Cells of equal probability of the Pareto law with scale 1 cut at `top`."""
    at_top = 1 - top**-shape
    return [(1 - at_top * k / cells) ** (-1 / shape) for k in range(cells + 1)]


# -- closed forms ----------------------------------------------------------------------------------------------------


def virtual_values(v, f):
    """φ_k = v_k − (v_{k+1} − v_k)(1 − F_k)/f_k, the marginal revenue of type k."""
    above = [sum(f[k + 1 :]) for k in range(len(f))]
    return [v[k] - ((v[k + 1] - v[k]) * above[k] / f[k] if k + 1 < len(v) else 0) for k in range(len(v))]


def ironed(phi, f):
    """Pool neighbours until the virtual values do not decrease (the concave hull of the revenue curve)."""
    blocks: list[list] = []
    for value, mass in zip(phi, f, strict=True):
        blocks.append([value * mass, mass, 1])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            total, mass_, size = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + mass_, blocks[-1][2] + size]
    return [total / mass for total, mass, size in blocks for _ in range(size)]


def expectation(function, *grids):
    """E of a function of one type index an agent, types independent."""
    total = 0
    for profile in product(*(range(len(f)) for _, f in grids)):
        total += math.prod((f[k] for k, (_, f) in zip(profile, grids, strict=True)), start=Q(1)) * function(*profile)
    return total


def auction(*grids):
    """Revenue of Myerson's auction: the mean of the highest ironed virtual value where positive."""
    phi = [ironed(virtual_values(v, f), f) for v, f in grids]
    return expectation(lambda *ks: max([p[k] for p, k in zip(phi, ks, strict=True)] + [0]), *grids)


def income_tax(skills, incomes):
    """Rawls's optimum with quasi-linear utility: the mean of the best virtual surplus, checked to be monotone."""
    w, f = skills
    effort = [[y * y / (2 * x * x) for y in incomes] for x in w]
    above = [sum(f[k + 1 :]) for k in range(len(f))]
    total, chosen = 0, []
    for k in range(len(w)):
        rent = [
            (effort[k][j] - effort[k + 1][j]) * above[k] / f[k] if k + 1 < len(w) else 0 for j in range(len(incomes))
        ]
        surplus = [y - effort[k][j] - rent[j] for j, y in enumerate(incomes)]
        chosen.append(max(range(len(incomes)), key=surplus.__getitem__))
        total += f[k] * surplus[chosen[-1]]
    assert chosen == sorted(chosen)  # otherwise the pointwise optimum would not be incentive compatible
    return total


def public_project(cost, *grids):
    """The monopolist's public good: E (Σ φ − cost)⁺, virtual values checked to be increasing."""
    phi = [virtual_values(v, f) for v, f in grids]
    assert all(p == sorted(p) for p in phi)
    return expectation(lambda *ks: max(sum(p[k] for p, k in zip(phi, ks, strict=True)) - cost, 0), *grids)


# -- the textbook linear program -------------------------------------------------------------------------------------


def textbook_program(agents, cost, objective, balanced=None, efficient=False):
    """The best of `objective`, "welfare" or "revenue": Bayesian incentives, interim participation, independent types.

    `agents` has a triple (values (K, O), probabilities (K,), outside (K,)) each. Variables are the probability of
    every outcome and the payment of every agent in every type profile; one row for each pair of types. `balanced` asks
    that payments sum to the cost in every profile.
    """
    values = [np.array(v, dtype=float) for v, _, _ in agents]
    masses = [np.array(f, dtype=float) for _, f, _ in agents]
    shape, n, outcomes = tuple(map(len, masses)), len(agents), len(cost)
    profiles = list(product(*map(range, shape)))
    number = {profile: position for position, profile in enumerate(profiles)}
    width = outcomes + n
    probability = np.array([math.prod(masses[i][p[i]] for i in range(n)) for p in profiles])

    def utility(i, true, told):
        row = np.zeros(len(profiles) * width)
        for p in profiles:
            if p[i] != told:
                continue
            weight = probability[number[p]] / masses[i][told]
            base = number[p] * width
            row[base : base + outcomes] += weight * values[i][true]
            row[base + outcomes + i] -= weight
        return row

    rows, upper = [], []
    for i in range(n):
        honest = [utility(i, k, k) for k in range(shape[i])]
        for k in range(shape[i]):
            rows.append(-honest[k])
            upper.append(-float(agents[i][2][k]))
            for told in range(shape[i]):
                if told != k:
                    rows.append(utility(i, k, told) - honest[k])
                    upper.append(0.0)
    equal, right, wish = [], [], np.zeros(len(profiles) * width)
    bounds = ([(0.0, None)] * outcomes + [(None, None)] * n) * len(profiles)
    for p in profiles:
        base = number[p] * width
        total = sum(values[i][p[i]] for i in range(n)) - np.array(cost, dtype=float)
        row = np.zeros(len(profiles) * width)
        row[base : base + outcomes] = 1
        equal.append(row)
        right.append(1.0)
        if balanced:
            row = np.zeros(len(profiles) * width)
            row[base + outcomes : base + width] = 1
            row[base : base + outcomes] = -np.array(cost, dtype=float)
            equal.append(row)
            right.append(0.0)
        if efficient:
            for o in np.flatnonzero(total < total.max() - 1e-9):
                bounds[base + o] = (0.0, 0.0)
        if objective == "welfare":
            wish[base : base + outcomes] = -probability[number[p]] * total
        else:
            wish[base + outcomes : base + width] = -probability[number[p]]
    answer = linprog(wish, np.array(rows), upper, np.array(equal), right, bounds, method="highs")
    return None if answer.status == 2 else -answer.fun


def trade(buyer, seller, objective="welfare", balanced=True, efficient=False):
    """The textbook program of bilateral trade between two grids."""
    (v, f), (c, g) = buyer, seller
    return textbook_program(
        [([[0, x] for x in v], f, [0] * len(v)), ([[0, -x] for x in c], g, [0] * len(c))],
        [0, 0],
        objective,
        balanced,
        efficient,
    )


def partnership(grid, share, efficient=True, balanced=False):
    """Two partners with shares `share` and 1 − `share` and the same grid; minus the smallest deficit."""
    v, f = grid
    return textbook_program(
        [
            ([[x, 0] for x in v], f, [share * x for x in v]),
            ([[0, x] for x in v], f, [(1 - share) * x for x in v]),
        ],
        [0, 0],
        "revenue",
        balanced,
        efficient,
    )


def additive_goods(grid, bidders):
    """Two goods, additive values, the same grid for each: an outcome says who gets each good, or nobody."""
    x, f = grid
    owners = list(product(range(bidders + 1), repeat=2))  # `bidders` stands for nobody
    types = list(product(range(len(x)), repeat=2))
    mass = [f[a] * f[b] for a, b in types]
    agents = [
        ([[x[a] * (own[0] == i) + x[b] * (own[1] == i) for own in owners] for a, b in types], mass, [0] * len(types))
        for i in range(bidders)
    ]
    return textbook_program(agents, [0] * len(owners), "revenue")


# -- the catalogue, recomputed ---------------------------------------------------------------------------------------

HUMPS = [(1, 0), (2, 6), (3, 1), (4, 1), (5, 3), (6, 0)]
INCOMES = [0, 1 / 4, 1 / 2, 1, 2, 4, 6]


def two_markets(cells=12):
    """Density 7/9 on [0, 1] and 1/9 on [1, 3], cells of equal width not straddling 1."""
    v, _ = uniform(0, 3, cells)
    return v, [(Q(7, 9) if x < 1 else Q(1, 9)) * Q(3, cells) for x in v]


def normal(mean, sd, cells):
    edges = np.linspace(mean - 3 * sd, mean + 3 * sd, cells + 1)
    return by_density(lambda x: math.exp(-(((x - mean) / sd) ** 2) / 2), edges)


def lognormal(sd, cells):
    return by_density(lambda x: math.exp(-((math.log(x) / sd) ** 2) / 2) / x, np.linspace(1 / 3, 3, cells + 1))


def exponential(cells):
    return by_density(lambda x: math.exp(-x), np.linspace(0, 10, cells + 1))


def triangular(cells):
    return by_density(lambda x: min(x, 1 - x), np.linspace(0, 1, cells + 1))


def eager(s, cells):
    edges = np.linspace(0, 1, cells + 1)
    return by_density(lambda x: x ** (s - 1), edges), by_density(lambda x: (1 - x) ** (s - 1), edges)


TWINS = {
    "auctions/lemonade-stand": lambda: auction(*[uniform(0, 60, 12, at=Q(1))] * 3),
    "auctions/ironing-by-hand": lambda: auction(*[([Q(4), Q(5), Q(10)], [Q(1, 2), Q(1, 6), Q(1, 3)])] * 2),
    "auctions/ironing-two-markets": lambda: auction(*[two_markets()] * 2),
    "auctions/ironing-two-humps": lambda: auction(*[linear_density(HUMPS, 20)] * 2),
    "auctions/weak-and-strong": lambda: auction(uniform(0, 2, 10), uniform(0, 1, 10)),
    "auctions/observed-bids": lambda: auction(*[observed(10)] * 2),
    "auctions/normal-values": lambda: auction(*[normal(100, 20, 12)] * 2),
    "auctions/exponential-values": lambda: auction(exponential(50)),
    "auctions/pareto-values": lambda: auction(*[by_density(lambda x: x**-3, pareto_by_mass(2, 20, 10))] * 2),
    "screening/tax-schedule": lambda: income_tax(lognormal(1 / 2, 6), INCOMES),
    "public-goods/private-road": lambda: public_project(3 / 4, *[triangular(8)] * 2),
    "trade/eager-traders": lambda: trade(*eager(2, 8)),
    "partnership/almost-sole-owner": lambda: -partnership(uniform(0, 1, 10), Q(9, 10)),
    "goods/two-goods": lambda: additive_goods(uniform(0, 1, 6), 1),
    "goods/two-bidders-two-goods": lambda: additive_goods(uniform(0, 1, 3, at=Q(0)), 2),
}


def test_every_twin_is_in_the_catalogue(catalogue):
    assert {name for name, entry in catalogue.items() if entry.get("twin")} == set(TWINS)


@pytest.mark.parametrize("name", sorted(TWINS))
def test_twin_gives_the_catalogue_value(name, catalogue):
    found, expected = TWINS[name](), Q(str(catalogue[name]["value"]))
    if isinstance(found, Q):
        assert found == expected
    else:  # quadrature and scipy's linear programs work in doubles
        assert float(found) == pytest.approx(float(expected), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "name", ["auctions/ironing-two-markets", "auctions/ironing-two-humps", "auctions/observed-bids"]
)
def test_the_irregular_problems_are_irregular(name):
    v, f = {
        "auctions/ironing-two-markets": two_markets(),
        "auctions/ironing-two-humps": linear_density(HUMPS, 20),
        "auctions/observed-bids": observed(10),
    }[name]
    phi = virtual_values(v, f)
    assert phi != sorted(phi)
    assert auction(*[(v, f)] * 2) < expectation(lambda j, k: max(phi[j], phi[k], 0), (v, f), (v, f))


def test_textbook_program_agrees_with_closed_forms():
    """The naive program is itself checked where the value is known by hand."""
    grid = uniform(0, 1, 10)
    assert trade(grid, grid) == pytest.approx(189 / 1250, abs=1e-12)
    assert trade(*[uniform(0, 1, 6)] * 2, efficient=True) is None
    assert trade(*[uniform(0, 1, 5)] * 2, efficient=True) == pytest.approx(24 / 150, abs=1e-12)
    assert -partnership(grid, 1) == pytest.approx(3 / 40, abs=1e-12)
    assert -partnership(grid, Q(1, 2)) == pytest.approx(-21 / 200, abs=1e-12)
    assert trade(*eager(1, 8)) == pytest.approx(49 / 320, abs=1e-12)
    assert trade(*[uniform(0, 1, 4)] * 2, "revenue", balanced=False) == pytest.approx(
        float(expectation(lambda j, k: max(Q(2 * (j - k) + 1 - 4, 4), 0), *[uniform(0, 1, 4)] * 2))
    )


@pytest.mark.parametrize(("citizens", "cells", "feasible"), [(2, 5, True), (2, 6, False), (3, 3, True), (3, 4, False)])
def test_free_riders_on_grids(citizens, cells, feasible):
    v, f = uniform(0, 1, cells)
    agents = [([[0, x] for x in v], f, [0] * cells)] * citizens
    welfare = textbook_program(agents, [0, citizens / 2], "welfare", balanced=True, efficient=True)
    assert (welfare is not None) == feasible

"""Numbers of the textbooks, each by its closed form and by a linear or integer program.

Expected values are typed in from the literature or worked out by hand. Where a number belongs to the continuum, the
program has a grid, whose exact value stands beside it with its distance.
"""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from scipy.sparse import csr_array

import amd
from amd.auctions import solve_text
from amd.classics import continuous
from amd.classics.bilateral import (
    best_posted_price,
    double_vickrey,
    linear_double_auction,
    market,
    posted_price,
    second_best,
    smallest_subsidy,
)
from amd.classics.myerson import cell_means, optimal_auction
from amd.classics.payments import greatest_payments, revenue_interval
from amd.classics.vcg import public_good, vcg, vickrey_units
from amd.classics.virtual import virtual_values
from solvers import LinearProgram, get

Q = Fraction
NEAR = 1e-9  # a simplex optimum of numbers of order 1 to 100


def near(value):
    return pytest.approx(float(value), abs=NEAR, rel=NEAR)


def sale(goods, bids, payment="vcg"):
    """Winner determination by integer programs: name → (bundle, bid), one bundle a bidder."""
    lines = [f"  {name}: {{bids: [{{of: [{', '.join(of)}], bid: {bid}}}]}}" for name, (of, bid) in bids.items()]
    text = f"amd: 1\nkind: auction\ngoods: {goods}\npayment: {payment}\nbidders:\n" + "\n".join(lines)
    result = solve_text(text)
    assert result.details["proven"]
    return {award["bidder"]: award["payment"] for award in result.answer["awards"]}


# one object and many units


def test_one_object_5_7_4():
    assert vickrey_units([5, 7, 4]).payments.tolist() == [0, 5, 0]
    assert sale("[lamp]", {"a": (["lamp"], 5), "b": (["lamp"], 7), "c": (["lamp"], 4)}) == {"b": 5}


@pytest.mark.parametrize(
    ("first", "paid"), [(8, {"a": 3, "b": 3}), (10, {"a": 3, "b": 3}), (4, {"a": 3, "b": 3}), (2, {"b": 2, "c": 2})]
)
def test_two_units_8_5_3(first, paid):
    """Reporting 10 or 4 for 8 changes nothing, reporting 2 loses."""
    closed = vickrey_units([first, 5, 3], 2).payments
    assert {name: p for name, p in zip("abc", closed.tolist(), strict=True) if p} == paid
    bids = {name: (["unit"], bid) for name, bid in zip("abc", (first, 5, 3), strict=True)}
    assert sale("{unit: 2}", bids) == paid


# public goods


def best_total(worth, cost):
    """The greatest total value less cost, by an integer program over the decision."""
    score = np.asarray(worth, dtype=float).sum(axis=0) - np.asarray(cost, dtype=float)
    each, one = np.ones(len(score)), np.ones(1)
    row = csr_array(each[None, :])
    program = LinearProgram(score, row, one, one, 0 * each, each, integer=each > 0, maximize=True)
    return get("highs").solve(program).objective


@pytest.mark.parametrize(
    ("values", "cost", "payments", "deficit"), [((5, 6, 2), 10, (2, 3, 0), 5), ((30, 25, 15), 60, (20, 15, 5), 20)]
)
def test_bridges(values, cost, payments, deficit):
    built, paid = public_good(values, cost)
    assert built and tuple(paid) == payments and cost - sum(paid) == deficit
    worth, costs = np.array([[0, v] for v in values]), [0, cost]
    total = best_total(worth, costs)
    assert total == near(sum(values) - cost) and total > 0
    for i, payment in enumerate(payments):
        without = best_total(np.delete(worth, i, axis=0), costs)
        assert without - (total - values[i]) == near(payment)


# the license


def test_license_37_5_and_30_and_20():
    auction = optimal_auction([([10, 50], None)] * 2)
    assert auction.revenue == Q(75, 2)
    assert amd.load("license").solve().objective == near(37.5)
    # among efficient rules: virtual values −30 and 50, the higher report served, so 50·3/4 − 30/4
    phi = virtual_values([10, 50]).virtual
    assert sum(max(pair) for pair in product(phi, repeat=2)) / 4 == 30
    assert amd.load("license-efficient").solve().objective == near(30)
    second = [vickrey_units(pair).payments.sum() for pair in product([10, 50], repeat=2)]
    assert sum(second) / 4 == 20


# optimal auctions


def test_lemonade_stand():
    """U[0, 60]: virtual values 40, 10, −20, reserve 30. A grid at the upper ends of its cells has the same ones."""
    prior = continuous.uniform(0, 60)
    assert prior.virtual(np.array([50.0, 35.0, 20.0])) == pytest.approx([40, 10, -20], abs=1e-12)
    assert continuous.reserve_price(prior) == pytest.approx(30, abs=1e-9)
    ends = [5 * k for k in range(1, 13)]
    grid = virtual_values(ends)
    assert [grid.virtual[ends.index(v)] for v in (50, 35, 20)] == [40, 10, -20]
    auction = optimal_auction([(ends, None)] * 3)
    winner, price = auction.winner([ends.index(v) for v in (50, 35, 20)])
    assert (winner, price) == (0, 35) and auction.revenue == Q(1155, 32)
    assert amd.load("lemonade-stand").solve().objective == near(Q(1155, 32))


@pytest.mark.parametrize(
    ("n", "cells", "revenue"),
    [
        (1, 20, Q(21, 80)),
        (2, 20, Q(87, 200)),
        (2, 40, Q(1363, 3200)),
        (2, 50, Q("0.4241")),
        (2, 100, Q("0.4204")),
        (3, 20, Q("0.5521875")),
        (3, 30, Q("0.5454166667")),
    ],
)
def test_optimal_auction_on_grids(n, cells, revenue):
    """And the continuum's 1/4, 5/12, 17/32 below, by at most half a cell times the bidders."""
    closed = optimal_auction([(cell_means(0, 1, cells), None)] * n).revenue
    assert round(closed, 10) == revenue
    assert amd.load("optimal-auction", n=n, N=cells).solve().objective == near(closed)
    limit = {1: Q(1, 4), 2: Q(5, 12), 3: Q(17, 32)}[n]
    assert continuous.uniform_revenue_at_reserve(n, Q(1, 2)) == limit
    assert limit <= closed <= limit + Q(n, 2 * cells)


@pytest.mark.parametrize("own", [Q(0), Q(1, 10), Q(1, 2)])
def test_own_value(own):
    """The price (1 + x0)/2 on U[0, 1]; on a grid whose types hold it, the program sells from it on and for it."""
    price = (1 + own) / 2
    assert continuous.reserve_price(continuous.uniform(), float(own)) == pytest.approx(float(price), abs=1e-9)
    ends = [Q(k, 20) for k in range(1, 21)]  # upper ends: their virtual values are 2v − 1
    (reserve,) = optimal_auction([(ends, None)], own).reserves
    assert reserve == price
    closed = max((v - own) * sum(x >= v for x in ends) / 20 for v in ends)
    problem = amd.loads(
        f"""
amd: 1
agents: {{buyer: {{types: {{v: {{uniform: [0, 1], cells: 20, at: upper}}}}, value: {{object: v}}}}}}
goods: {{object: {{supply: 1, cost: {own}}}}}
design: {{maximize: profit}}
"""
    )
    result = problem.solve()
    assert result.objective == near(closed)
    sold = result.mechanism.allocation[:, 0]
    assert sold[[v > price for v in ends]] == pytest.approx(1, abs=NEAR)
    assert sold[[v < price for v in ends]] == pytest.approx(0, abs=NEAR)


def test_virtual_value_is_marginal_revenue():
    """On an irregular prior too: φ is the slope of price × probability, and the program pools where it is ironed."""
    values, f = [Q(4), Q(5), Q(10)], [Q(1, 2), Q(1, 6), Q(1, 3)]
    found = virtual_values(values, f)
    revenue = [v * sum(f[k:]) for k, v in enumerate(values)] + [Q(0)]
    assert found.virtual.tolist() == [(revenue[k] - revenue[k + 1]) / f[k] for k in range(3)] == [3, -5, 10]
    assert found.ironed.tolist() == [1, 1, 10]
    assert optimal_auction([(values, f)] * 2).revenue == 6
    assert amd.load("ironing-by-hand").solve().objective == near(6)


@pytest.mark.parametrize(("n", "limit"), [(2, Q(1, 3)), (3, Q(1, 2))])
def test_second_price_without_reserve(n, limit):
    """1/3 and 1/2; on a grid ties leave an interval around the second price, whose top the program attains."""
    assert continuous.uniform_revenue_at_reserve(n, Q(0)) == limit
    cells = 20
    values, f = cell_means(0, 1, cells), np.array([Q(1, cells)] * cells)
    q = np.array([(Q(k + 1, cells) ** n - Q(k, cells) ** n) / n / f[0] for k in range(cells)])
    low, high = revenue_interval(values, f, q)
    second = sum(sorted(pair)[-2] for pair in product(values, repeat=n)) / cells**n
    assert n * low <= second <= n * high and abs(second - limit) < Q(1, cells)
    assert n * (f * greatest_payments(values, q)).sum() == n * high
    problem = (
        amd.load("revenue-equivalence")
        if n == 2
        else amd.loads(
            """
amd: 1
agents: {bidder: {count: 3, types: {v: {uniform: [0, 1], cells: 20}}, value: {object: v}}}
goods: {object: 1}
design: {maximize: revenue, require: [efficient]}
"""
        )
    )
    assert problem.solve().objective == near(n * high * (100 if n == 2 else 1))


def test_full_extraction():
    """Crémer and McLean (1988): E[max v] under correlation; 37.5 without, where bets on the other's type are fair."""
    for rho in (Q(1, 12), Q(1, 100)):
        joint = {(10, 10): Q(1, 4) + rho, (10, 50): Q(1, 4) - rho, (50, 10): Q(1, 4) - rho, (50, 50): Q(1, 4) + rho}
        best = sum(mass * max(pair) for pair, mass in joint.items())
        assert best == 40 - 40 * rho
        assert amd.load("full-extraction", rho=rho).solve().objective == near(best)
    assert optimal_auction([([10, 50], None)] * 2).revenue == Q(75, 2)
    assert amd.load("full-extraction", rho=0).solve().objective == near(37.5)


# bilateral trade


def uniform_market(cells):
    return market(cell_means(0, 1, cells), cell_means(0, 1, cells))


@pytest.mark.parametrize(("cells", "welfare"), [(10, Q(189, 1250)), (20, Q(323, 2200))])
def test_second_best(cells, welfare):
    """9/64 in the continuum, by trade iff v − c ≥ 1/4; more on a grid, by less than a tenth of a cell."""
    assert second_best(uniform_market(cells)).welfare == welfare
    assert amd.load("second-best", N=cells).solve().objective == near(welfare)
    rule = linear_double_auction(Q(1, 2))
    assert rule.welfare == Q(9, 64) and rule.trade_line == (1, Q(-1, 4))
    assert Q(9, 64) < welfare < Q(9, 64) + Q(1, 8 * cells)


@pytest.mark.parametrize("cells", [2, 5, 6, 10])
def test_efficient_trade_and_its_subsidy(cells):
    """(N − 1)(N − 5)/(6N²), 1/6 in the limit: budgets balance up to 5 cells and not from 6."""
    least = Q((cells - 1) * (cells - 5), 6 * cells**2)
    assert smallest_subsidy(uniform_market(cells)) == least
    assert amd.load("smallest-subsidy", N=cells).solve().objective == near(least)
    balanced = amd.load("efficient-on-a-coarse-grid", N=cells).solve()
    assert balanced.status.name == ("OPTIMAL" if cells <= 5 else "INFEASIBLE")


def test_first_best_posted_price_and_double_vickrey():
    """1/6, 1/8, and the deficit 1/6 of the double Vickrey, all gains from trade."""
    first = Q(10**2 - 1, 6 * 10**2)
    vickrey = double_vickrey(uniform_market(10))
    assert vickrey.welfare == vickrey.deficit == first and Q(1, 6) - first == Q(1, 600)
    assert amd.load("first-best", N=10).solve().objective == near(first)
    assert posted_price(uniform_market(10), Q(1, 2)).welfare == Q(1, 8)
    closed = best_posted_price(uniform_market(10))[1].welfare  # at a type: ties trade there too
    assert closed == Q(27, 200) and abs(closed - Q(1, 8)) == Q(1, 100)
    assert amd.load("posted-price", N=10).solve().objective == near(closed)


# bundles


def enumerated(bids, goods):
    """Pivot payments by listing every way to accept bids: name → (bundle, bid)."""
    names = list(bids)
    allowed = [
        pick
        for pick in product((0, 1), repeat=len(names))
        if all(sum(p and good in bids[name][0] for p, name in zip(pick, names, strict=True)) <= 1 for good in goods)
    ]
    worth = np.array([[pick[i] * bids[name][1] for pick in allowed] for i, name in enumerate(names)])
    found = vcg(worth)
    return {name: int(p) for name, p, win in zip(names, found.payments, allowed[found.decision], strict=True) if win}


LOCAL = {"a": (["A"], 80), "b": (["B"], 60), "both": (["A", "B"], 100)}
ZERO = {"a": (["A"], 2), "b": (["B"], 2), "both": (["A", "B"], 2)}
FALLING = {"both": (["A", "B"], 10), "a": (["A"], 8), "b": (["B"], 8)}


@pytest.mark.parametrize(
    ("bids", "vickrey"),
    [
        (LOCAL, {"a": 40, "b": 20}),
        (ZERO, {"a": 0, "b": 0}),
        (FALLING, {"a": 2, "b": 2}),
        ({name: FALLING[name] for name in ("both", "a")}, {"both": 8}),
    ],
)
def test_vickrey_for_bundles(bids, vickrey):
    """The last two: revenue falls from 8 to 4 when a bidder joins (Ausubel and Milgrom, 2006)."""
    assert enumerated(bids, "AB") == vickrey
    assert sale("[A, B]", bids) == vickrey


@pytest.mark.parametrize(("bids", "core"), [(LOCAL, {"a": 60, "b": 40}), (ZERO, {"a": 1, "b": 1})])
def test_core_for_bundles(bids, core):
    """Two winners against one for both: a + b is at least its bid, each at most its own; nearest to VCG by halves."""
    vickrey, rival = enumerated(bids, "AB"), bids["both"][1]
    share = Q(rival - sum(vickrey.values()), 2)
    assert {name: paid + share for name, paid in vickrey.items()} == core
    assert all(core[name] <= bids[name][1] for name in core)
    assert sale("[A, B]", bids, "core") == {name: pytest.approx(paid, abs=1e-6) for name, paid in core.items()}

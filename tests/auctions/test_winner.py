"""Winner determination and payments against brute force and worked examples."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amd.auctions.bids import combinatorial_auction
from amd.auctions.core import core_payments, least_distance
from amd.auctions.generate import CATS_2, DISTRIBUTIONS
from amd.auctions.vickrey import revenue, vcg_payments
from amd.auctions.winner import determine_winners
from solvers import Settings

Q = Fraction
CLOSE = 1e-6  # core payments are double precision, of prices around 10

bundles = st.dictionaries(st.sampled_from("ABC"), st.integers(1, 2), min_size=1, max_size=3)
offers = st.lists(st.tuples(st.sampled_from(["ann", "bob", "cy"]), bundles, st.integers(0, 12)), max_size=7)
supplies = st.fixed_dictionaries({good: st.integers(1, 2) for good in "ABC"})
reserves = st.dictionaries(st.sampled_from("ABC"), st.integers(0, 3))


def outcomes(auction, without=()):
    """Every feasible set of bids and its value, by listing all sets."""
    units = auction.units.toarray()
    allowed = [b for b in range(len(auction.owner)) if auction.owner[b] not in without]
    for size in range(len(allowed) + 1):
        for chosen in combinations(allowed, size):
            owners = [auction.owner[b] for b in chosen if auction.exclusive[auction.owner[b]]]
            fits = (units[list(chosen)].sum(axis=0) <= auction.supply).all() if chosen else True
            if fits and len(set(owners)) == len(owners):
                yield chosen, sum((auction.gain[b] for b in chosen), Q(0))


def best(auction, without=()):
    return max(value for _, value in outcomes(auction, without))


@given(supplies, offers, st.booleans(), reserves)
def test_against_all_sets_of_bids(supply, triples, either, reserve):
    auction = combinatorial_auction(supply, triples, ["ann"] if either else [], reserve)
    found = determine_winners(auction)
    assert found.value == best(auction) and found.proven and found.gap == 0
    assert any(chosen == tuple(found.bids) for chosen, _ in outcomes(auction))
    assert found.relaxation >= float(found.value) - 1e-6


@given(supplies, offers, st.booleans(), reserves)
def test_vcg_is_the_externality(supply, triples, either, reserve):
    auction = combinatorial_auction(supply, triples, ["ann"] if either else [], reserve)
    winners = determine_winners(auction)
    vickrey = vcg_payments(auction, winners)
    for i in range(len(auction.bidders)):
        mine = [b for b in winners.bids if auction.owner[b] == i]
        rest = sum((auction.gain[b] for b in winners.bids if auction.owner[b] != i), Q(0))
        least = sum((auction.bundle_reserve[b] for b in mine), Q(0))
        assert vickrey.payments[i] == best(auction, [i]) - rest + least
        assert least <= vickrey.payments[i] <= sum((auction.price[b] for b in mine), Q(0))


@given(supplies, offers, st.booleans(), reserves)
def test_no_coalition_blocks_core_payments(supply, triples, either, reserve):
    """Every coalition, listed: it cannot offer the seller more than the winners pay."""
    nobody_blocks(combinatorial_auction(supply, triples, ["ann"] if either else [], reserve))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["ann", "bob", "cy"]), st.sets(st.sampled_from("ABCD"), min_size=1), st.integers(1, 12)
        ),
        max_size=8,
    ),
    st.sets(st.sampled_from(["ann", "bob", "cy"])),
)
def test_no_coalition_blocks_for_single_units(triples, either):
    """Where bids exclude each other pairwise, for XOR bidders and for OR bidders who are charged once for all bids."""
    nobody_blocks(combinatorial_auction("ABCD", [(who, sorted(own), bid) for who, own, bid in triples], sorted(either)))


def nobody_blocks(auction):
    winners = determine_winners(auction)
    vickrey = vcg_payments(auction, winners)
    core = core_payments(auction, winners, vickrey)
    assert core.proven
    gain = np.zeros(len(auction.bidders))
    for b in winners.bids:
        gain[auction.owner[b]] += float(auction.price[b])
    surplus = gain - core.payments
    seller = core.payments.sum() - float(sum((auction.bundle_reserve[b] for b in winners.bids), Q(0)))
    everyone = range(len(auction.bidders))
    for size in range(len(auction.bidders) + 1):
        for members in combinations(everyone, size):
            away = [i for i in everyone if i not in members]
            assert float(best(auction, away)) - surplus[list(members)].sum() <= seller + CLOSE
    assert (core.payments >= vickrey.payments.astype(float) - CLOSE).all()


def solved(goods, bids, **more):
    auction = combinatorial_auction(goods, bids, **more)
    winners = determine_winners(auction)
    vickrey = vcg_payments(auction, winners)
    return auction, winners, vickrey, core_payments(auction, winners, vickrey)


def test_three_bidders_two_goods():
    """80 {A}, 60 {B}, 100 {A, B} (textbook example): VCG 40 and 20, core nearest to VCG 60 and 40."""
    _, winners, vickrey, core = solved("AB", [("1", "A", 80), ("2", "B", 60), ("3", "AB", 100)])
    assert winners.value == 140 and vickrey.payments.tolist() == [40, 20, 0]
    assert core.payments == pytest.approx([60, 40, 0], abs=CLOSE)


def test_zero_revenue():
    """Ausubel and Milgrom (2006): 2 for A, 2 for B, 2 for both. VCG collects nothing, the core 2."""
    _, _, vickrey, core = solved("AB", [("1", "A", 2), ("2", "B", 2), ("3", "AB", 2)])
    assert vickrey.payments.tolist() == [0, 0, 0]
    assert core.payments == pytest.approx([1, 1, 0], abs=CLOSE)


def test_revenue_falls_when_a_bidder_joins():
    """10 {A, B} and 8 {A}: VCG 8. A third bidder, 8 {B}: VCG 4; the core keeps it at 10."""
    two = [("1", "AB", 10), ("2", "A", 8)]
    assert revenue(solved("AB", two)[2].payments) == 8
    _, _, vickrey, core = solved("AB", [*two, ("3", "B", 8)])
    assert revenue(vickrey.payments) == 4
    assert core.payments == pytest.approx([0, 5, 5], abs=CLOSE)


def test_the_core_is_vcg_for_substitutes():
    """Unit demand: VCG is in the core and nothing is raised (8, 5, 3 for two units: 3 each)."""
    bids = [(name, {"lamp": 1}, value) for name, value in (("1", 8), ("2", 5), ("3", 3))]
    _, _, vickrey, core = solved({"lamp": 2}, bids)
    assert vickrey.payments.tolist() == [3, 3, 0] and core.payments == pytest.approx([3, 3, 0])
    assert core.coalitions == ()


def test_an_or_bidder_is_charged_once():
    """a wins {A, C} for 4 and {B} for 3, b {D, E} for 8. Without a 14 can be had, without b too: VCG is 6 and 7.

    It is in the core: the best that others could offer is the 14 of a, less the 1 that it keeps now.
    """
    bids = [("a", "BE", 10), ("a", "B", 3), ("a", "AC", 4), ("b", "DE", 8), ("b", "CD", 4), ("c", "AB", 6)]
    _, winners, vickrey, core = solved("ABCDE", [*bids, ("c", "E", 3), ("d", "E", 2)], either="abcd")
    assert winners.value == 15 and vickrey.payments.tolist() == [6, 7, 0, 0]
    assert core.payments == pytest.approx([6, 7, 0, 0]) and core.proven


def test_edges():
    """Nobody, a bidder alone, bids of nothing, more units than there are, and bids below the reserve."""
    assert determine_winners(combinatorial_auction("AB", [])).value == 0
    assert solved("A", [("only", "A", 7)])[2].payments.tolist() == [0]
    assert solved("A", [("only", "A", 7)], reserve={"A": 4})[2].payments.tolist() == [4]
    assert determine_winners(combinatorial_auction("A", [("x", "A", 0)])).bids.tolist() == []
    assert determine_winners(combinatorial_auction("A", [("x", ["A", "A"], 9)])).bids.tolist() == []
    assert determine_winners(combinatorial_auction("A", [("x", "A", 3)], reserve={"A": 4})).bids.tolist() == []


def test_ties_follow_the_seed():
    """Equal bids: the same seed gives the same winner, and each wins under some seed."""
    auction = combinatorial_auction("A", [(f"b{i}", "A", 5) for i in range(4)])
    chosen = [int(determine_winners(auction, seed).bids[0]) for seed in range(40)]
    assert chosen == [int(determine_winners(auction, seed).bids[0]) for seed in range(40)]
    assert set(chosen) == {0, 1, 2, 3}
    assert determine_winners(auction).ties == "seed"


def test_very_fine_prices_leave_ties_to_the_solver():
    auction = combinatorial_auction("AB", [("a", "A", Q(1, 3**40)), ("b", "B", 10**6)])
    found = determine_winners(auction)
    assert found.ties == "solver" and found.value == 10**6 + Q(1, 3**40)


@pytest.mark.parametrize(
    ("bids", "message"),
    [
        ([("x", "A", -1)], "at least 0"),
        ([("x", [], 1)], "at least one unit"),
        ([("x", {"A": 0}, 1)], "at least one unit"),
        ([("x", "Z", 1)], "'Z', which is not for sale"),
    ],
)
def test_bad_bids(bids, message):
    with pytest.raises(ValueError, match=message):
        combinatorial_auction("AB", bids)


@pytest.mark.parametrize("name", ["regions", "scheduling", "decay"])
def test_generated_instances_against_the_plain_integer_program(name):
    """The same optimum as the textbook integer program, with goods and bidders as rows and nothing else."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    auction = DISTRIBUTIONS[name](30, 120, seed=3)
    found = determine_winners(auction)
    bidders = (auction.owner[None, :] == np.arange(len(auction.bidders))[:, None]).astype(float)
    rows = np.vstack([auction.units.toarray().T, bidders])
    plain = milp(
        -auction.float_gain,
        constraints=LinearConstraint(rows, -np.inf, 1),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(auction.owner)),
    )
    assert -plain.fun == pytest.approx(float(found.value), rel=1e-6)
    assert found.proven


def test_generator_is_seeded_and_plausible():
    for name, draw in DISTRIBUTIONS.items():
        one, two = draw(20, 60, seed=1), draw(20, 60, seed=1)
        assert (one.price == two.price).all() and (one.units != two.units).nnz == 0, name
        assert len(one.owner) == 60 and (one.price > 0).all()
        assert any(a != b for a, b in zip(one.price, draw(20, 60, seed=2).price, strict=True))
    with pytest.raises(ValueError, match="at least one good"):
        DISTRIBUTIONS["decay"](0, 5)


def test_generator_follows_its_parameters():
    """Bundles of `decay` have 1/(1 − grow) goods on average; more deadlines make more bids a job."""
    for grow in (0.75, CATS_2["decay"]["grow"]):
        sizes = np.diff(DISTRIBUTIONS["decay"](200, 4000, grow=grow).units.indptr)
        assert sizes.mean() == pytest.approx(1 / (1 - grow), rel=0.05)
    chances = ({"later": 0.0}, CATS_2["scheduling"], {})
    none, some, many = (len(DISTRIBUTIONS["scheduling"](50, 2000, **more).bidders) for more in chances)
    assert none > some > many
    fixed = DISTRIBUTIONS["scheduling"](30, 200, later=0.0, deviation=0.0, additivity=0.0)
    assert (fixed.price == np.diff(fixed.units.indptr)).all()  # a slot is worth 1 by the first deadline


def test_a_time_limit_is_not_a_proof():
    auction = DISTRIBUTIONS["arbitrary"](40, 200, seed=0)
    found = determine_winners(auction, settings=Settings(time_limit=0.05))
    assert found.proven or (found.gap > 0 and found.bound >= float(found.value))


@pytest.mark.parametrize("payments_only", [False, True])
def test_payments_after_a_time_limit_are_not_proven(payments_only):
    """Without time for the winners, or for the payments alone: at most the bids, and never called proven."""
    auction = DISTRIBUTIONS["arbitrary"](30, 140, seed=0)
    hasty = Settings(time_limit=1e-3)
    winners = determine_winners(auction, settings=Settings() if payments_only else hasty)
    vickrey = vcg_payments(auction, winners, settings=hasty)
    core = core_payments(auction, winners, vickrey, settings=hasty)
    assert winners.proven == payments_only and not vickrey.proven and not core.proven
    assert np.isfinite(core.blocking)
    bid = np.zeros(len(auction.bidders))
    np.add.at(bid, auction.owner[winners.bids], auction.price[winners.bids].astype(float))
    for payments in (vickrey.payments.astype(float), core.payments):
        assert (payments >= 0).all() and (payments <= bid + CLOSE).all()


def test_least_distance():
    """The shortest x with x1 + x2 >= 2 is (1, 1)."""
    assert least_distance(np.array([[1.0, 1.0]]), np.array([2.0])) == pytest.approx([1, 1])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["arbitrary", "regions", "scheduling", "decay"])
def test_a_thousand_bids_are_proved_optimal(name):
    found = determine_winners(DISTRIBUTIONS[name](100, 1000, seed=0), settings=Settings(time_limit=300))
    assert found.proven


@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("scheduling", 1),  # many packings are worth the same
        *(pytest.param(name, 0, marks=pytest.mark.slow) for name in ("regions", "scheduling", "decay")),
    ],
)
def test_nobody_blocks_among_a_thousand_bids(name, seed):
    """Core payments are proved, none is below VCG, and in all they are at most what was bid."""
    auction = DISTRIBUTIONS[name](100, 1000, seed)
    winners = determine_winners(auction)
    vickrey = vcg_payments(auction, winners)
    core = core_payments(auction, winners, vickrey)
    assert winners.proven and vickrey.proven and core.proven
    assert core.blocking <= 2e-7 * float(winners.value)
    assert float(revenue(vickrey.payments)) - CLOSE <= core.payments.sum() <= float(winners.value) + CLOSE
    assert (core.payments >= vickrey.payments.astype(float) - CLOSE).all()

"""The CATS format."""

import numpy as np
import pytest

from amd.auctions.cats import read_cats, write_cats
from amd.auctions.generate import DISTRIBUTIONS
from amd.auctions.winner import determine_winners
from amd.files.faults import InputError

TEXT = """% a comment
goods 3
bids 4
dummy 1

0\t80\t0\t3\t#
1\t60.5\t1\t3\t#
2\t100\t0\t1\t#
3\t7\t2\t#
"""


def test_reading():
    auction = read_cats(TEXT, "a.txt")
    assert auction.goods == ("0", "1", "2") and auction.bidders == ("bidder 0", "single 2", "single 3")
    assert auction.owner.tolist() == [0, 0, 1, 2]
    assert determine_winners(auction).value == 107  # bids 0 and 1 exclude each other


@pytest.mark.parametrize("name", sorted(DISTRIBUTIONS))
def test_round_trip(name):
    auction = DISTRIBUTIONS[name](8, 30, seed=2)
    again = read_cats(write_cats(auction), "b.txt")
    assert (again.price == auction.price).all() and (again.units != auction.units).nnz == 0
    assert [set(map(int, (again.owner == i).nonzero()[0])) for i in range(len(again.bidders))] == [
        set(map(int, (auction.owner == i).nonzero()[0])) for i in range(len(auction.bidders))
    ]


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("goods 3", ""), 6, "before the line 'goods N'"),
        (("goods 3", "goods many"), 2, "whole number"),
        (("dummy 1", "goods 3"), 4, "twice"),
        (("bids 4", "bids 5"), None, "says 5 bids, but there are 4"),
        (("80", "-80"), 6, "negative"),
        (("7\t2", "seven\t2"), 9, "must be a number"),
        (("7\t2", "7\t9"), 9, "not among 0 to 3"),
        (("7\t2", "7\t2\t2"), 9, "one twice"),
        (("7\t2\t#", "7\t#"), 9, "no good"),
    ],
)
def test_faults(change, line, message):
    with pytest.raises(InputError) as failure:
        read_cats(TEXT.replace(*change), "a.txt")
    assert any(fault.line == line and message in fault.message for fault in failure.value.faults)


def test_what_the_format_cannot_say():
    from amd.auctions.bids import combinatorial_auction

    with pytest.raises(ValueError, match="single units"):
        write_cats(combinatorial_auction({"A": 2}, [("x", "A", 1)]))
    with pytest.raises(ValueError, match="no OR bids"):
        write_cats(combinatorial_auction("AB", [("x", "A", 1), ("x", "B", 1)], either=["x"]))


def test_regions_are_a_grid_with_some_diagonals():
    """10 × 10 places: 180 edges present with probability 0.9, 81 squares with a diagonal with probability 0.2."""
    from amd.auctions.generate import _neighbours

    drawn = [_neighbours(100, np.random.default_rng(seed)) for seed in range(60)]
    edges = np.array([related.sum() / 2 for related in drawn])
    deviation = np.sqrt((180 * 0.9 * 0.1 + 81 * 0.2 * 0.8) / len(drawn))
    assert abs(edges.mean() - (180 * 0.9 + 81 * 0.2)) < 5 * deviation
    for related in drawn:
        assert (related == related.T).all() and related.any(axis=1).all()
        one, two = np.nonzero(related)
        assert (abs(one // 10 - two // 10) <= 1).all() and (abs(one % 10 - two % 10) <= 1).all()

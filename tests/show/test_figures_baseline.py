"""The main figures as they once looked good to a person. Only closed forms and unique optima, so no solver moves them.

A figure that is meant to look different is accepted by copying the new picture, which the failure names, over the
old one, after looking at it.
"""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images

import amd
from amd.auctions.equilibrium import bidding
from amd.auctions.formats import Format
from amd.classics.continuous import uniform
from amd.classics.virtual import virtual_values
from amd.proof.bounds import Bounds
from amd.show.figures import bracket
from amd.show.figures.canvas import image
from amd.show.figures.markets import draw_rounds

BASELINE = Path(__file__).parent / "baseline"
TOLERANCE = 12.0  # root mean square of 255: another version of the letters' rasterizer makes up to about 6
HUMPS = virtual_values([1, 2, 3, 4, 5, 6], ["3/10", "1/10", "1/20", "1/20", "3/10", "1/5"])


def rounds() -> Figure:
    """Men 1 to 3 and women a to c; everybody asks a first."""
    steps = [
        {"proposals": [["1", "a"], ["2", "a"], ["3", "a"]], "rejections": [["1", "a"], ["3", "a"]]},
        {"proposals": [["1", "b"], ["3", "b"]], "rejections": [["3", "b"]]},
        {"proposals": [["3", "c"]], "rejections": []},
    ]
    return draw_rounds(steps, ["a", "b", "c"])


def closing() -> Figure:
    """Bounds as they might be at 4, 8 and 16 cells."""
    known = [(4, "2/5", "12/25"), (8, "5/12", "11/25"), (16, "5/12", "21/50")]
    return bracket([Bounds(Fraction(low), Fraction(high), cells, ()) for cells, low, high in known])


def monopolist() -> amd.Result:
    """One buyer on 1 to 5, equally likely: the price 3 is the only best one."""
    agents = {"buyer": {"types": {"v": {"values": [1, 2, 3, 4, 5]}}, "value": {"object": "v"}}}
    design = {"maximize": "revenue", "incentive": "bayesian", "participation": "interim"}
    return amd.problem({"amd": 1, "agents": agents, "goods": {"object": 1}, "design": design}).solve()


FIGURES: dict[str, Callable[[], Figure]] = {
    "virtual-values": lambda: HUMPS.plot("virtual-values"),
    "revenue-curve": lambda: HUMPS.plot("revenue-curve"),
    "marginal-revenue": lambda: HUMPS.plot("marginal-revenue"),
    "reserve": lambda: uniform().plot("reserve", bidders=2),
    "regions": lambda: amd.load("two-goods").solve().plot("regions"),
    "utility": lambda: monopolist().plot("utility"),
    "bids": lambda: bidding(Format.FIRST_PRICE, [uniform()] * 2).plot("bids"),
    "rounds": rounds,
    "bracket": closing,
}


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_looks_as_it_did(name, tmp_path):
    drawn = tmp_path / f"{name}.png"
    drawn.write_bytes(image(FIGURES[name](), "png", dpi=50))
    difference = compare_images(str(BASELINE / f"{name}.png"), str(drawn), TOLERANCE)
    assert difference is None, difference


def test_another_figure_does_not_pass(tmp_path):
    drawn = tmp_path / "other.png"
    drawn.write_bytes(image(virtual_values([1, 2, 3]).plot("virtual-values"), "png", dpi=50))
    assert compare_images(str(BASELINE / "virtual-values.png"), str(drawn), TOLERANCE) is not None

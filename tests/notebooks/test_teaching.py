"""Sliders that recompute, textbook pictures with the textbook's numbers, and exercises."""

import sys
from fractions import Fraction
from xml.etree import ElementTree

import numpy as np
import pytest

from amd.auctions.formats import Format
from amd.auctions.simulate import simulate
from amd.teach import check, choose, explore
from amd.teach.exercises import digest_of
from amd.teach.formats import auction_simulator
from amd.teach.menus import area, menu_explorer, menu_regions, menu_revenue
from amd.teach.pivots import bridge_calculator, units_calculator
from amd.teach.reserves import PRIORS, ironing_explorer, marginal_revenue_explorer, prior_named, reserve_explorer
from amd.teach.sketch import Sketch, beside, ticks
from amd.teach.stepper import market_of, step, stepper

STUDENTS = {"A": "WXYZ", "B": "XWYZ", "C": "WYXZ", "D": "YWXZ"}
SCHOOLS = {"W": "BADC", "X": "ABCD", "Y": "CDAB", "Z": "DCBA"}


def words(drawing) -> str:
    """All words in a drawing, which must be well-formed SVG."""
    root = ElementTree.fromstring(drawing._repr_svg_())
    return " | ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))


def test_the_vcg_calculator_has_the_textbook_payments():
    assert "collected 5; welfare 7" in words(units_calculator([5, 7, 4]))
    assert "2 wins" in words(units_calculator([5, 7, 4]))
    assert "collected 6; welfare 13" in words(units_calculator([8, 5, 3], units=2))
    assert "collected 40, deficit 20" in words(bridge_calculator([30, 25, 15], 60))
    assert "collected 5, deficit 5" in words(bridge_calculator([5, 6, 2], 10))
    assert "not built" in words(bridge_calculator([5, 6, 2], 20))


def test_the_reserve_explorer_finds_the_optimal_reserve():
    uniform = words(reserve_explorer(0.3, bidders=2))
    assert "best: 0.4167 at 0.5" in uniform  # 5/12 at 1/2
    assert "best: 0.5312 at 0.5" in words(reserve_explorer(0.3, bidders=3))  # 17/32
    assert "ψ = 0 at 30" in words(reserve_explorer(0.5, bidders=3, top=60))  # the lemonade stand
    assert "price 0.625" in words(marginal_revenue_explorer(own_value=0.25))  # (1 + 1/4)/2
    with pytest.raises(ValueError, match="there is no prior"):
        prior_named("nonsense", 1.0)


def test_every_prior_of_the_menus_works():
    for name in PRIORS:
        assert "best" in words(reserve_explorer(prior=name))
        assert words(auction_simulator(prior=name, rounds=2))


def test_the_ironing_explorer_knows_when_there_is_nothing_to_iron():
    assert "nothing to iron" in words(ironing_explorer(share=0.0))
    assert "nothing to iron" in words(ironing_explorer(gap=0.0))
    assert "ironed on" in words(ironing_explorer(share=0.3, gap=1.0))


def test_risk_aversion_lifts_first_price_revenue_only():
    neutral, careful = (words(auction_simulator(2, 1000, rho, seed=3)) for rho in (0.0, 0.5))
    assert neutral != careful
    law = prior_named("uniform", 100.0)
    played = [simulate(list(Format)[:2], [law] * 2, 1000, 3, risk_aversion=rho) for rho in (0.0, 0.5)]
    for one, drawing in zip(played, (neutral, careful), strict=True):
        assert f"{one[Format.FIRST_PRICE].revenue:.3g}" in drawing
        assert f"{one[Format.SECOND_PRICE].revenue:.3g}" in drawing
    assert played[1][Format.FIRST_PRICE].revenue > played[0][Format.FIRST_PRICE].revenue
    assert played[1][Format.SECOND_PRICE].revenue == played[0][Format.SECOND_PRICE].revenue


def test_the_stepper_ends_with_the_textbook_matchings():
    end = step(STUDENTS, SCHOOLS, 99)
    assert end.done
    assert end.held == {"W": "A", "X": "B", "Y": "C", "Z": "D"}
    assert step(STUDENTS, SCHOOLS, 99, "schools").held == {"A": "X", "B": "W", "C": "Y", "D": "Z"}
    first = step(STUDENTS, SCHOOLS, 1)
    assert set(first.proposals) == {("A", "W"), ("B", "X"), ("C", "W"), ("D", "Y")}
    assert first.rejections == (("C", "W"),)
    assert first.held == {"W": "A", "X": "B", "Y": "D"}
    assert step(STUDENTS, SCHOOLS, 0).held == {}
    page = step(STUDENTS, SCHOOLS, 2)._repr_html_()
    assert "Y turns D away" in page
    with pytest.raises(ValueError, match="nobody is called"):
        market_of({"A": ["Q"]}, {"W": ["A"]})
    with pytest.raises(ValueError, match="either"):
        step(STUDENTS, SCHOOLS, 1, "parents")


def test_preferences_can_be_typed_in():
    typed = (
        "A: W, X, Y, Z; B: X, W, Y, Z; C: W, Y, X, Z; D: Y, W, X, Z",
        "W: B,A,D,C; X: A,B,C,D; Y: C,D,A,B; Z: D,C,B,A;",
    )
    assert stepper(*typed, 99).held == step(STUDENTS, SCHOOLS, 99).held
    assert stepper("A: W, X; B: W", "W: B; X: A", 99).held == {"W": "B", "X": "A"}  # W does not want A
    assert stepper("A: W", "W:", 99).held == {}
    for students, schools, message in (
        ("A W X", "W: A", "colon"),
        ("A: W; A: W", "W: A", "name of its own"),
        ("A: W, W", "W: A", "twice"),
        ("A: Q", "W: A", "nobody is called Q"),
    ):
        with pytest.raises(ValueError, match=message):
            stepper(students, schools, 1)


def test_the_stepper_escapes_names():
    page = step({"<b>": ["W"]}, {"W": ["<b>"]}, 9)._repr_html_()
    assert "<b>&lt;b&gt;</b>" in page


def test_the_shop_has_the_known_revenues():
    assert menu_revenue(0.5, 1.0) == pytest.approx(0.5)  # two monopolies
    assert menu_revenue(1.0, (2 / 3) ** 0.5) == pytest.approx((2 / 3) ** 1.5)  # p (1 - p²/2) at p² = 2/3
    known = (12 + 2 * 2**0.5) / 27  # Manelli and Vincent (2006)
    assert menu_revenue(2 / 3, (4 - 2**0.5) / 3) == pytest.approx(known)
    assert menu_revenue(0.6, 5.0) == menu_revenue(0.6, 1.2)  # nobody pays more for both than for each
    sold = {name: area(region) for name, region in menu_regions(2 / 3, (4 - 2**0.5) / 3).items()}
    assert sold["first"] == pytest.approx(sold["second"])
    shown = words(menu_explorer(2 / 3, (4 - 2**0.5) / 3))
    assert "revenue 0.5492" in shown
    assert "both" in shown


def test_sliders_recompute_what_is_shown():
    drawn = []

    def double(number, name):
        drawn.append((number, name))
        if number > 3:
            raise ValueError("too large")
        return f"{name}: {2 * number}"

    explorer = explore(double, number=(0, 5, 1, 2), name=["ann", "bob"])
    typed = explore(lambda words: words.upper(), words="a text")
    typed.controls["words"].value = "another"
    assert typed.picture() == "ANOTHER"
    assert explorer.picture() == "ann: 4"
    explorer.controls["number"].value = 3
    explorer.controls["name"].value = "bob"
    assert drawn[-1] == (3, "bob")
    assert explorer.picture() == "bob: 6"
    assert str(explorer.set(number=4)) == "too large"
    with pytest.raises(KeyError):
        explorer.set(colour="red")


def test_without_widgets_there_is_still_the_picture(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    explorer = explore(lambda number: f"shown {number}", number=(0, 5, 1, 2))
    assert explorer.controls == {}
    assert explorer.picture() == "shown 2"
    assert "pip install" in explorer._bundle()["text/plain"]


@pytest.mark.parametrize("control", [(0, 1, 0.1), (0, 1, 0.1, 2), [], 3])
def test_a_wrong_control_is_a_sentence(control):
    with pytest.raises(ValueError, match="should be"):
        explore(lambda x: x, x=control)


def test_exercises_know_numbers():
    assert str(check(None, 1)).startswith("No answer")
    assert check(None, 1).right is None
    assert check("1/3", Fraction(1, 3))
    assert check(0.3334, lambda: 1 / 3)
    assert check(np.float64(2), np.float64(2))
    assert check([1, 2], [1, 2])
    assert not check([1], [1, 2])
    assert not check(0.34, 1 / 3)
    assert not check("red", 1)
    assert str(check(5, 1, "Smaller.")) == "Not yet. Smaller."


def test_exercises_know_words_without_holding_them():
    digest = digest_of("Deferred Acceptance", "which")
    assert choose("deferred acceptance!", "which", digest)
    assert not choose("boston", "which", digest)
    assert not choose("deferred acceptance", "another question", digest)
    assert choose(None, "which", digest).right is None


def test_drawings_are_svg_and_escape_words():
    one = Sketch((0, 1), (0, 1), ("<x>", "y & z"), 'a "title"').line([0, 1], [0, float("nan")], "red", "<script>")
    two = Sketch((-0.5, 0.5), (-1, 1), names=["<i>"]).bars([-0.5], "blue").note(0, 0, "a < b")
    shown = words(beside(one, two, words="<b>"))
    assert "<script>" in shown  # as text: the SVG was parsed
    assert "a < b" in shown
    assert "<script>" not in beside(one, two)._repr_svg_()


@pytest.mark.parametrize("low, high", [(0, 1), (-0.15, 0.2), (0, 1000), (0.3, 0.4), (5, 5)])
def test_ticks_are_round_and_inside(low, high):
    marks = ticks(low, high)
    assert 1 <= len(marks) <= 12
    assert all(low - 1e-9 <= mark <= high + 1e-9 for mark in marks)

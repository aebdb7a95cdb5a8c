"""What the figures show, by hand: numbers at the artists, and what is refused."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text

import amd
from amd import auctions, matching
from amd.classics import bilateral, myerson, screening, taxation, vcg
from amd.classics.continuous import uniform
from amd.classics.virtual import virtual_values
from amd.files import bundled
from amd.proof.bounds import Bounds
from amd.show.figures import NoPictureError, bracket, catalogue, kinds, plot, save
from amd.show.figures.canvas import BLUE, FILLS, NOTHING, VERMILLION, image, plain
from amd.show.figures.flows import flows
from amd.show.figures.markets import draw_rounds
from amd.sweep import Sweep


def buyers(count: int, values: list, **design) -> amd.Problem:
    """One object for `count` bidders with equally likely values."""
    return amd.problem(
        {
            "amd": 1,
            "agents": {"bidder": {"count": count, "types": {"v": {"values": values}}, "value": {"object": "v"}}},
            "goods": {"object": 1},
            "design": {"maximize": "revenue", "incentive": "bayesian", "participation": "interim", **design},
        }
    )


@pytest.fixture(scope="module")
def one():
    """Values 1, 2, 3: the prices 1, 2, 3 sell with chance 1, 2/3, 1/3, so 2 is best and earns 4/3."""
    return buyers(1, [1, 2, 3]).solve()


@pytest.fixture(scope="module")
def two():
    """Two such bidders: virtual values -1, 1, 3, so the reserve is 2."""
    return buyers(2, [1, 2, 3]).solve()


def line(figure: Figure, position: int = 0) -> list[float]:
    return figure.axes[0].lines[position].get_ydata().tolist()


def texts(figure: Figure) -> list[str]:
    return [found.get_text() for found in figure.findobj(Text) if found.get_text()]


def test_interim_curves_are_those_of_a_posted_price(one):
    assert line(one.plot_interim()) == pytest.approx([0, 1, 1], abs=1e-7)
    assert line(one.plot_payments()) == pytest.approx([0, 2, 2], abs=1e-7)


def test_utility_is_the_upper_envelope_of_what_reports_bring(one):
    figure = one.plot_utility()
    at = np.array([1.0, 2.0, 3.0])
    lines = {tuple(np.round(found.get_ydata(), 6)) for found in figure.axes[0].lines if len(found.get_xdata()) == 3}
    assert (0.0, 0.0, 1.0) in lines  # truth: max(0, v - 2)
    assert any(np.allclose(np.array(found)[1:], (at - 2)[1:]) for found in lines)  # the report that buys at 2
    assert "slope 1" in texts(figure)


def test_regions_have_the_colours_of_winners(two):
    figure = two.plot_regions()
    (mesh,) = figure.axes[0].collections
    colours = np.asarray(mesh.get_array())  # rows: the second bidder's value
    assert colours[0, 0] == pytest.approx(to_rgb(NOTHING))
    assert colours[0, 2] == pytest.approx(to_rgb(FILLS[0]))
    assert colours[2, 0] == pytest.approx(to_rgb(FILLS[1]))
    assert {"nobody", "bidder[1]", "bidder[2]"} <= set(texts(figure))


def test_regions_of_two_goods_and_one_buyer():
    """The buyer of high x and y gets both; of x alone only with a value above the price of one good."""
    figure = amd.load("two-goods").solve().plot_regions()
    colours = np.asarray(figure.axes[0].collections[0].get_array())
    assert colours[0, 0] == pytest.approx(to_rgb(NOTHING))
    assert colours[0, 5] == pytest.approx(to_rgb(FILLS[0]))
    assert colours[5, 0] == pytest.approx(to_rgb(FILLS[1]))


def test_heat_maps_are_chances(two):
    figure = two.plot_allocation(of="bidder[1]")
    chance = np.asarray(figure.axes[0].collections[0].get_array()).reshape(3, 3)
    assert chance[0, 1:] == pytest.approx([1, 1], abs=1e-7)  # against a value of 1, both 2 and 3 win
    assert chance[:, 0] == pytest.approx([0, 0, 0], abs=1e-7)
    assert figure.axes[1].get_ylabel() == "probability"


def test_a_third_agent_is_averaged_over():
    result = buyers(3, [0, 1]).solve()
    figure = result.plot_allocation(of="bidder[1]")
    chance = np.asarray(figure.axes[0].collections[0].get_array()).reshape(2, 2)
    # 1 against 0: the third has 1 half of the time, and then symmetry gives each a half in total over the pair.
    others = [np.asarray(result.plot_allocation(of=f"bidder[{i}]").axes[0].collections[0].get_array()) for i in (1, 2)]
    assert chance[0, 0] == pytest.approx(0, abs=1e-7)
    assert 0.5 - 1e-7 <= chance[0, 1] <= 1 + 1e-7
    assert (others[0] + others[1]).max() <= 1 + 1e-7
    assert "averaged over bidder[3]" in texts(figure)[-1] + " ".join(texts(figure))


def test_multipliers_are_the_flows_of_a_revenue_program():
    """One buyer, two types: the high type's mass 1/2 flows to the low one, and all of it out of participation."""
    found = flows(buyers(1, [1, 4]).solve(formulation="full"), 0)
    assert found.priced
    assert found.out.sum() == pytest.approx(1)
    for k in range(2):
        assert 0.5 + found.arcs[:, k].sum() == pytest.approx(found.arcs[k].sum() + found.out[k])


def test_mass_is_conserved_in_the_flows_of_an_auction(two):
    found = flows(two, 0)
    assert 1 / 3 + found.arcs.sum(axis=0) == pytest.approx(found.arcs.sum(axis=1) + found.out)
    assert found.rent == pytest.approx([0, 0, 1 / 2], abs=1e-7)  # rents by the envelope: q(2) = 1/3 + 1/6 at 2


def test_the_graph_has_an_arrow_for_each_multiplier(two):
    figure, found = two.plot_binding(), flows(two, 0)
    arrows = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == np.count_nonzero(found.arcs) + np.count_nonzero(found.out)


def test_without_multipliers_the_graph_shows_what_binds():
    result = buyers(1, [1, 2, 3], allocation="deterministic").solve()
    found = flows(result, 0)
    assert not found.priced
    assert found.arcs[2, 1] == 1  # both pay 2 for the object: neither loses by passing for the other
    assert found.arcs[2, 0] == 0  # three would lose 1 by not buying


def test_without_money_utility_is_value():
    """Nobody can say how much: each gets the painting half of the time, and keeps half of its value."""
    result = amd.load("no-money").solve()
    values = [float(point[0]) for point in result.task.environment.agents[0].types.points]
    curves = [found.get_ydata().tolist() for found in result.plot_utility().axes[0].lines]
    assert any(curve == pytest.approx([value / 2 for value in values], abs=1e-6) for curve in curves)
    assert "virtual-values" not in result.plots()


def test_virtual_values_by_hand():
    known = virtual_values([1, 2, 3])
    figure = known.plot("virtual-values")
    assert line(figure, 1) == pytest.approx([-1, 1, 3])
    assert "reserve 2" in texts(figure)


def test_ironing_is_drawn_where_there_is_some():
    """Revenue 1, 1.4, 1.8, 2.2, 2.5, 1.2 at falling chances: the first four values are pooled at -3."""
    known = virtual_values([1, 2, 3, 4, 5, 6], ["3/10", "1/10", "1/20", "1/20", "3/10", "1/5"])
    figure = known.plot("virtual-values")
    assert line(figure, 2)[:4] == pytest.approx([-3, -3, -3, -3])
    curve = known.plot("revenue-curve")
    assert line(curve, 0) == pytest.approx([0, 1.2, 2.5, 2.2, 1.8, 1.4, 1.0])
    assert line(curve, 1) == pytest.approx([0, 1.2, 2.5, 2.35, 2.2, 1.9, 1.0])


def test_revenue_against_the_reserve_by_hand():
    """Two bidders on 1, 2, 3: E[φ of the highest; at least r] = 17/9, 2, 5/3."""
    figure = virtual_values([1, 2, 3]).plot("reserve", bidders=2)
    assert line(figure, 0) == pytest.approx([17 / 9, 2, 5 / 3])


def test_revenue_against_the_reserve_of_uniform_bidders():
    """The best reserve for two uniform bidders is 1/2 and earns 5/12 (Myerson, 1981)."""
    figure = uniform().plot("reserve", bidders=2)
    star = figure.axes[0].lines[1]
    assert star.get_xdata()[0] == pytest.approx(0.5)
    assert star.get_ydata()[0] == pytest.approx(5 / 12)


def test_closed_forms_have_pictures():
    auction = myerson.optimal_auction([([1, 2, 3], None), ([1, 2], None)])
    assert kinds(auction) == ("winners", "interim")
    assert kinds(screening.screening_menu([1, 2, 3])) == ("quality", "tariff")
    assert kinds(taxation.quasilinear_tax([1, 2, 3])) == ("marginal", "schedule")
    assert kinds(bilateral.linear_double_auction(Fraction(1, 2))) == ("trade",)
    bars = vcg.vcg([[5, 0], [6, 0], [2, 0]], [10, 0]).plot().axes[0].patches
    assert [bar.get_height() for bar in bars] == [2, 3, 0]  # 10 less what the others would give for it
    market = bilateral.market([1, 2], [0, 1])
    assert bilateral.double_vickrey(market).plot("trade", market=market).axes[0].get_ylabel().startswith("seller")


def test_the_screening_menu_distorts_all_but_the_top():
    """Types 1, 2, 3 and cost q²/2: quality is the virtual value -1, 1, 3 where positive (Mussa and Rosen, 1978)."""
    figure = screening.screening_menu([1, 2, 3]).plot()
    assert line(figure, 0) == pytest.approx([1, 2, 3])
    assert line(figure, 1) == pytest.approx([0, 1, 3])


def test_the_bracket_closes():
    known = [
        Bounds(Fraction(2, 5), Fraction(1, 2), 4, ()),
        Bounds(Fraction(5, 12), Fraction(9, 20), 8, ()),
    ]
    figure = bracket(known)
    assert line(figure, 0) == pytest.approx([0.5, 0.45])
    assert line(figure, 1) == pytest.approx([0.4, 5 / 12])
    with pytest.raises(NoPictureError, match="because"):
        bracket([Bounds(None, None, 4, (), ("because",))])


def test_the_continuum_is_bounded_on_request():
    """Two uniform bidders can pay 5/12 (Myerson, 1981): the bracket holds it."""
    result = amd.load("optimal-auction").solve()
    assert "bracket" in catalogue(result) and "bracket" not in result.plots()
    figure = result.plot("bracket", cells=(2, 4))
    above, below = line(figure, 0), line(figure, 1)
    assert above[0] > above[1] > 5 / 12 >= below[1] > 0.4
    with pytest.raises(NoPictureError, match="no continuum"):
        amd.load("license").solve().plot("bracket")


def test_sweeps_draw_a_line_for_each_setting_of_the_other_parameter():
    rows = tuple({"n": str(n), "V": str(v), "objective": float(n * v)} for v in (1, 2) for n in (2, 1))
    figure = Sweep(rows, 0, ("n", "V")).plot(quantity="objective")
    assert [line(figure, 0), line(figure, 1)] == [[1, 2], [2, 4]]
    assert {"V = 1", "V = 2"} <= set(texts(figure))


def test_simulations_have_intervals(two):
    figure = two.simulate(rounds=500).plot()
    assert "revenue" in texts(figure)
    assert "seed 0" in " ".join(texts(figure))


def test_rounds_of_deferred_acceptance():
    """Both ask w1, who keeps m2; then m1 asks w2."""
    rounds = [
        {"proposals": [["m1", "w1"], ["m2", "w1"]], "rejections": [["m1", "w1"]]},
        {"proposals": [["m1", "w2"]], "rejections": []},
    ]
    figure = draw_rounds(rounds, ["w1", "w2"])
    ax = figure.axes[0]
    names = {(round(found.get_position()[0]), found.get_text()) for found in ax.texts}
    assert names == {(0, "m1"), (0, "m2"), (1, "m1"), (1, "m2")}
    rejected = [patch for patch in ax.patches if patch.get_edgecolor() == to_rgba(VERMILLION)]
    assert len(rejected) == 1


def test_the_matching_is_framed_and_blocking_pairs_are_marked():
    result = matching.solve_text(
        "amd: 1\nkind: matching\napplicants: {a: [x, y], b: [x, y]}\nprograms: {x: [b, a], y: [a, b]}\n"
        "design: {rule: serial_dictatorship, order: [a, b]}\n"
    )
    figure = result.plot("preferences")
    framed = [patch for patch in figure.axes[0].patches if patch.get_edgecolor() == to_rgba(BLUE)]
    assert len(framed) == 2
    assert "blocking pair" in texts(figure)  # b and x: the dictator a took x, who prefers b


def test_exchanges_draw_each_chosen_transplant():
    result = matching.solve_file(bundled_path("two-cycles-and-a-chain"))
    figure = result.plot()
    strong = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch) and p.get_linewidth() > 1]
    given = sum(map(len, result.answer["cycles"])) + sum(len(chain) - 1 for chain in result.answer["chains"])
    assert len(strong) == given > 0


def test_bundles_of_winners_are_coloured():
    """Bids A: 80, B: 60, both: 100 (Ausubel and Milgrom's kind of example): the two single bids win."""
    text = (
        "amd: 1\nkind: auction\ngoods: {A: 1, B: 1}\nbidders:\n  one: {bids: [{of: [A], bid: 80}]}\n"
        "  two: {bids: [{of: [B], bid: 60}]}\n  both: {bids: [{of: [A, B], bid: 100}]}\n"
    )
    figure = auctions.solve_text(text).plot("bundles")
    faces = [patch.get_facecolor() for patch in figure.axes[0].patches]
    assert faces.count(to_rgba(NOTHING)) == 2
    assert {to_rgba(FILLS[0]), to_rgba(FILLS[1])} <= set(faces)
    assert "80 → 40" in texts(figure)  # the other two are worth 100 without A's winner, 60 with it


def bundled_path(name: str) -> str:
    return str(bundled.resolve(name))


def test_axes_are_taken_and_pyplot_is_left_alone(two):
    figure = Figure()
    ax = figure.subplots()
    assert two.plot("interim", ax=ax) is figure
    assert ax.lines
    code = (
        "import sys, matplotlib\n"
        "settings = lambda: {n: matplotlib.rcParams[n] for n in matplotlib.rcParams if n != 'backend'}\n"
        "before = settings()\nimport amd\n"
        "result = amd.load('license').solve()\n"
        "from amd.show.figures.canvas import image\n"
        "done = [image(result.plot(kind), 'svg') for kind in ('regions', 'binding')]\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "assert settings() == before\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_pictures_show_themselves_in_notebooks(one):
    assert one.plot("interim")._repr_png_().startswith(b"\x89PNG")


def test_the_same_picture_has_the_same_bytes(one, tmp_path):
    for form in ("png", "svg", "pdf"):
        save(one.plot("interim"), tmp_path / f"picture.{form}")
        assert (tmp_path / f"picture.{form}").read_bytes() == image(one.plot("interim"), form)
    with pytest.raises(ValueError, match=r"should end in \.png, \.svg or \.pdf"):
        save(one.plot("interim"), tmp_path / "picture.gif")


def test_what_there_is_not_is_refused_with_what_there_is(one, two):
    with pytest.raises(NoPictureError, match="there is no picture 'nonsense'; there are regions, allocation"):
        one.plot("nonsense")
    with pytest.raises(NoPictureError, match="two agents with several types"):
        one.plot_regions()
    with pytest.raises(NoPictureError, match=r"there is no agent 'who'; there are bidder\[1\] and bidder\[2\]"):
        two.plot_interim(agent="who")
    with pytest.raises(NoPictureError, match=r"there is no 'thing'; there are bidder\[1\]"):
        two.plot_allocation(of="thing")
    with pytest.raises(TypeError, match="no pictures of a int"):
        plot(3)
    nothing = amd.load("gibbard-satterthwaite").solve()
    assert nothing.plots() == ()
    with pytest.raises(NoPictureError, match="no mechanism was found"):
        nothing.plot()


def test_without_matplotlib_the_remedy_is_named(one, monkeypatch):
    monkeypatch.setattr("amd.show.figures.missing.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'automated-mechanism-design\[plot\]'"):
        one.plot()


def test_every_kind_says_what_it_is():
    for shown in (buyers(1, [1, 2]).solve(), virtual_values([1, 2])):
        assert all(kind.about and kind.draw for kind in catalogue(shown).values())


def test_labels_are_printable_and_short():
    assert plain("_hidden") == " _hidden"
    assert plain("a\x07b") == "a b"
    assert len(plain("x" * 100)) == 28

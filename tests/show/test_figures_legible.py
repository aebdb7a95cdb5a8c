"""Every figure can be read: letters large enough, nothing cut off, no ticks that run into each other, any labels."""

from itertools import combinations

import pytest
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import amd
from amd import auctions, matching
from amd.files import bundled
from amd.show.figures import gallery
from amd.show.figures.canvas import quiet

SMALLEST = 11.0  # points, at the figure's own size: what can be read in a lecture hall

HOSTILE = {
    "amd": 1,
    "title": "A $title$ that is _hidden_",
    "agents": {
        "a_bidder_with_a_very_long_name_indeed": {
            "types": {"v": {"values": [1, 2, 3]}},
            "value": {"$x_1$ {": "v", "_under": "2*v"},
        },
        "竞拍者": {"types": {"v": {"values": [1, 2, 3]}}, "value": {"$x_1$ {": "3 - v", "_under": 0}},
    },
    "outcomes": ["$x_1$ {", "_under", "an outcome whose name is far too long to be written beside a picture"],
    "design": {"maximize": "welfare", "incentive": "bayesian"},
}


def faults(figure: Figure) -> list[str]:
    """What cannot be read: letters too small, text outside of the figure, ticks that run into each other."""
    canvas = FigureCanvasAgg(figure)
    with quiet():
        canvas.draw()  # lays the figure out
    renderer, paper = canvas.get_renderer(), figure.bbox
    axes = [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]
    ticks = {id(label) for axis in axes for label in axis.findobj(Text) if label is not axis.label}
    found = []
    shown = [text for text in figure.findobj(Text) if id(text) not in ticks and (text.axes is None or drawn(text))]
    for axis in axes:
        labels = [label for label in axis.get_ticklabels() if axis.axes.axison and in_view(axis, label)]
        boxes = [label.get_window_extent(renderer) for label in labels if label.get_rotation() in (0, 90)]
        if any(one.overlaps(other) for one, other in combinations(boxes, 2)):
            found.append(f"the ticks {[label.get_text() for label in labels]} overlap")
        shown += labels
    legends = [ax.get_legend() for ax in figure.axes if ax.get_legend() is not None]
    if not all(within(paper, legend.get_window_extent(renderer)) for legend in legends):
        found.append("the legend is cut off")
    for text in shown:
        box = text.get_window_extent(renderer)
        if text.get_text().strip() and text.get_fontsize() < SMALLEST:
            found.append(f"{text.get_text()!r} is {text.get_fontsize()} points")
        if text.get_text().strip() and not within(paper, box):
            found.append(f"{text.get_text()!r} is cut off")
    return found


def within(paper: Bbox, box: Bbox) -> bool:
    """Whether the box lies on the paper, but for two dots."""
    across = paper.x0 - 2 <= box.x0 and box.x1 <= paper.x1 + 2
    return across and paper.y0 - 2 <= box.y0 and box.y1 <= paper.y1 + 2


def drawn(text: Text) -> bool:
    """Names of axes that are switched off are not drawn."""
    return text.get_visible() and (text.axes.axison or text not in (text.axes.xaxis.label, text.axes.yaxis.label))


def in_view(axis: Axis, label: Text) -> bool:
    """Ticks outside of the limits have labels that are never drawn."""
    low, high = sorted(axis.get_view_interval())
    return bool(label.get_text()) and low - 1e-12 <= label.get_position()[axis.axis_name == "y"] <= high + 1e-12


def test_the_check_of_legibility_can_fail():
    figure = Figure(figsize=(2, 2))
    ax = figure.subplots()
    ax.set_xticks([0, 0.01], ["a label", "another label"])
    ax.text(0.5, 3.0, "outside", fontsize=6)
    assert len(faults(figure)) >= 3


SLOW = [
    pytest.param(name, marks=pytest.mark.slow)
    for name in ("two-goods", "optimal-auction", "second-best", "broker", "bridge")
]


@pytest.mark.parametrize("name", ["ironing-by-hand", "random-dictatorship", *SLOW])
def test_figures_of_problems_can_be_read(name):
    found = {kind.name: faults(figure) for kind, figure in gallery(amd.load(name).solve())}
    assert len(found) > 3
    assert not any(found.values()), found


@pytest.mark.parametrize("name", ["run-a-match", "roommates-without-stability", "two-cycles-and-a-chain"])
def test_figures_of_matchings_can_be_read(name):
    found = {kind.name: faults(figure) for kind, figure in gallery(matching.solve_file(str(bundled.resolve(name))))}
    assert found
    assert not any(found.values()), found


@pytest.mark.parametrize("name", ["airport-slots", "lemonade-bids", "small-bridge"])
def test_figures_of_auctions_can_be_read(name):
    found = {kind.name: faults(figure) for kind, figure in gallery(auctions.solve_file(str(bundled.resolve(name))))}
    assert found
    assert not any(found.values()), found


def test_hostile_labels_are_only_letters():
    result = amd.problem(HOSTILE).solve()
    found = {kind.name: faults(figure) for kind, figure in gallery(result)}
    assert {"regions", "interim", "utility"} <= set(found)
    assert not any(found.values()), found

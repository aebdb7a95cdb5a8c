"""Paper and pens: figures that leave pyplot alone, with colours everybody can tell apart and type for a lecture hall.

Colours are Okabe and Ito's (2008), heat maps cividis (Nuñez, Anderton and Renslow, 2018): both can be told apart with
any common colour blindness. Text of users is never read as mathematics, and is clipped where it would not fit.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import wrap
from typing import Any, Literal

from amd.show.figures.missing import require_matplotlib

require_matplotlib()

from matplotlib import rc_context  # noqa: E402
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.text import Text  # noqa: E402

BLUE, VERMILLION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
PURPLE, SKY, YELLOW = "#CC79A7", "#56B4E9", "#F0E442"
LINES = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY)
FILLS = (SKY, ORANGE, GREEN, PURPLE, YELLOW, VERMILLION, BLUE)
MARKERS = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (5, 2, 1, 2)), (0, (8, 3)), (0, (3, 1, 1, 1, 1, 1)))
INK, PALE, NOTHING, PAPER = "#1a1a1a", "#767676", "#e3e3e3", "#ffffff"
ON_COLOUR = "#111111"  # letters on a coloured field, which stays the same on light and dark pages
HEAT = "cividis"
SMALL, NORMAL, LARGE = 11.0, 12.0, 13.0  # points, on paper of this size:
SIZE = (6.4, 4.8)
LONGEST = 28  # characters of a label
MONEY = "in units of value"


class Picture(Figure):
    """A figure that shows itself in a notebook, whether or not pyplot is in use."""

    def _repr_png_(self) -> bytes:
        return image(self, "png", dpi=110)


@contextmanager
def quiet() -> Iterator[None]:
    """Letters that the font lacks are drawn as boxes; that is no reason to fill the screen with warnings."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        yield


def image(figure: Figure, form: str, dpi: float = 150) -> bytes:
    """The figure as a file's bytes: ``png``, ``svg``, ``pdf``. The same figure always gives the same bytes."""
    sink = io.BytesIO()
    undated: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    with quiet(), rc_context({"svg.hashsalt": "amd"}):
        figure.savefig(sink, format=form, dpi=dpi, metadata=undated.get(form))
    return sink.getvalue()


def sheet(ax: Axes | None, size: tuple[float, float] = SIZE) -> tuple[Figure, Axes]:
    """The figure and the axes to draw on: the given ones, or new ones."""
    if ax is not None:
        figure = ax.get_figure(root=True)
        if figure is None:
            raise ValueError("these axes belong to no figure")
        return figure, ax
    figure = Picture(figsize=size, layout="constrained")
    return figure, figure.subplots()


def panels(count: int, size: tuple[float, float] = SIZE, across: int = 2) -> tuple[Figure, list[Axes]]:
    """A figure of `count` panels, each of this size."""
    columns = min(count, across)
    lines = -(-count // columns)
    figure = Picture(figsize=(size[0] * columns, size[1] * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False).ravel().tolist()
    for spare in grid[count:]:
        spare.remove()
    return figure, grid[:count]


def plain(text: object, most: int = LONGEST) -> str:
    """A user's text as a label: printable, short, and not one that legends leave out."""
    whole = "".join(letter if letter.isprintable() else " " for letter in str(text)).strip()
    clipped = whole if len(whole) <= most else whole[: most - 1].rstrip() + "…"
    return f" {clipped}" if clipped.startswith("_") else clipped


def folded(text: object, width: int, most_lines: int = 2) -> str:
    """A longer text in lines of this width."""
    lines = wrap(plain(text, 400), width, break_long_words=True) or [""]
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], plain(" ".join(lines[most_lines - 1 :]), width)]
    return "\n".join(lines)


def label(ax: Axes, x: str, y: str, title: str = "") -> None:
    """Names of the axes, with their units, and a title; all large enough, and none read as mathematics."""
    ax.set_xlabel(folded(x, 48), fontsize=NORMAL, color=INK, parse_math=False)
    ax.set_ylabel(folded(y, 44), fontsize=NORMAL, color=INK, parse_math=False)
    if title:
        ax.set_title(folded(title, 50), fontsize=LARGE, color=INK, loc="left", parse_math=False)
    ax.tick_params(labelsize=SMALL, colors=INK, labelcolor=INK)


def frame(ax: Axes, grid: Literal["both", "x", "y"] = "both") -> None:
    """Axes at the left and at the bottom only, over a faint grid."""
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(INK)
    ax.set_axisbelow(True)
    ax.grid(visible=True, axis=grid, color="#999999", alpha=0.3, linewidth=0.8)


def bare(ax: Axes) -> None:
    """No axes at all: for diagrams."""
    ax.set_axis_off()


def ticks(ax: Axes, which: str, at: Sequence[float], labels: Sequence[object], most: int = 16) -> None:
    """Named ticks; upright under the axis where they would run into each other."""
    names = [plain(name, most) for name in labels]
    side = ax.xaxis if which == "x" else ax.yaxis
    side.set_ticks(list(at), labels=names, parse_math=False, fontsize=SMALL, color=INK)
    if which == "x" and sum(len(name) + 2 for name in names) > 40:
        for text in side.get_ticklabels():
            text.set_rotation(90 if len(names) > 12 else 35)
            text.set_horizontalalignment("center" if len(names) > 12 else "right")
            text.set_rotation_mode("default" if len(names) > 12 else "anchor")


def legend(
    ax: Axes, handles: Sequence[Any], labels: Sequence[object], *, beside: bool = False, title: str = "", **options: Any
) -> None:
    """A legend, within the axes where there is room, or beside them."""
    names = [folded(name, 18 if beside else 34) for name in labels]
    if beside:
        options |= {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0}
    made = ax.legend(
        handles, names, fontsize=SMALL, title_fontsize=SMALL, title=title or None, framealpha=0.85, **options
    )
    made.get_frame().set_facecolor(PAPER)
    made.get_frame().set_edgecolor("#cccccc")
    for text in [*made.get_texts(), made.get_title()]:
        text.set_parse_math(False)
        text.set_color(INK)


def note(ax: Axes, x: float, y: float, text: object, **options: Any) -> Text:
    """A user's text, or ours, at a point."""
    settings = {"fontsize": SMALL, "color": INK, **options}
    return ax.text(x, y, str(text), parse_math=False, **settings)


def readable(rgb: Sequence[float]) -> str:
    """Dark or light letters, whichever can be read on this colour (by its relative luminance)."""
    luminance = 0.2126 * rgb[0] ** 2.2 + 0.7152 * rgb[1] ** 2.2 + 0.0722 * rgb[2] ** 2.2
    return "#111111" if luminance > 0.22 else "#fefefe"

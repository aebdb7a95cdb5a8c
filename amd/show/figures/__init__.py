"""Figures of everything that is solved. Needs matplotlib: ``pip install 'automated-mechanism-design[plot]'``.

`plot` draws one picture of an object, `kinds` lists its pictures, `gallery` draws them all; solved objects offer the
same as methods (`amd.pictures`). `bracket` draws bounds against the number of cells, `save` writes a file.

Every picture is a matplotlib `Figure` of its own: no pyplot, no global settings, and the same bytes each time.

>>> figure = result.plot("interim")                           # doctest: +SKIP
>>> figure.axes[0].set_title("My title")                      # doctest: +SKIP
>>> figure.savefig("interim.svg")                             # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amd.show.figures.missing import NoPictureError, require_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from amd.proof.bounds import Bounds
    from amd.show.figures.kind import Kind

__all__ = ["NoPictureError", "bracket", "catalogue", "gallery", "kinds", "plot", "save"]

FORMATS = (".png", ".svg", ".pdf")

# class: the module of its pictures, and the name of their list
_HOMES = {
    "amd.result.Result": ("results", "RESULT"),
    "amd.mechanism.direct.Mechanism": ("results", "MECHANISM"),
    "amd.mechanism.interim.InterimMechanism": ("results", "MECHANISM"),
    "amd.mechanism.simulate.Simulation": ("results", "SIMULATION"),
    "amd.proof.bounds.Bounds": ("results", "BOUNDS"),
    "amd.sweep.run.Sweep": ("results", "SWEEP"),
    "amd.matching.result.MatchingResult": ("matched", "MATCHING"),
    "amd.auctions.result.AuctionResult": ("sold", "AUCTION"),
    "amd.auctions.equilibrium.Bidding": ("sold", "BIDDING"),
    "amd.classics.virtual.VirtualValues": ("closed", "PRIOR"),
    "amd.classics.continuous.Prior": ("closed", "PRIOR"),
    "amd.classics.myerson.OptimalAuction": ("closed", "OPTIMAL_AUCTION"),
    "amd.classics.screening.Menu": ("closed", "MENU"),
    "amd.classics.taxation.Tax": ("closed", "TAX"),
    "amd.classics.risk.RiskAverseAuction": ("closed", "RISK"),
    "amd.classics.ambiguity.RobustAuction": ("closed", "ROBUST"),
    "amd.classics.bilateral.LinearDoubleAuction": ("closed", "DOUBLE_AUCTION"),
    "amd.classics.bilateral.TradeRule": ("closed", "TRADE"),
    "amd.classics.bilateral.SecondBest": ("closed", "TRADE"),
    "amd.classics.vcg.Vickrey": ("closed", "VICKREY"),
    "amd.axioms.result.AxiomsResult": ("closed", "NONE"),
    "amd.cooperative.result.CooperativeResult": ("closed", "NONE"),
}


def catalogue(shown: Any) -> dict[str, Kind]:
    """Every kind of picture that objects of this class may have, by name. TypeError for other objects."""
    require_matplotlib()
    for one in type(shown).__mro__:
        home = _HOMES.get(f"{one.__module__}.{one.__qualname__}")
        if home is not None:
            found: dict[str, Kind] = getattr(import_module(f"amd.show.figures.{home[0]}"), home[1])
            return found
    raise TypeError(f"there are no pictures of a {type(shown).__name__}")


def plot(shown: Any, kind: str = "", /, *, ax: Axes | None = None, **options: Any) -> Figure:
    """The picture of this kind, or the first that there is; drawn on `ax` if given. Returns its figure.

    Raises NoPictureError where there is no such picture, saying what there is.
    """
    known = catalogue(shown)
    if not kind:
        reasons = []
        for one in known.values():
            if one.costly:
                continue
            try:
                return one.draw(shown, ax=ax, **options)
            except NoPictureError as refusal:
                reasons.append(f"{one.name}: {refusal}")
        raise NoPictureError("; ".join(["there is no picture of this", *reasons]))
    if kind not in known:
        raise NoPictureError(f"there is no picture '{kind}'; there are {', '.join(known)}")
    return known[kind].draw(shown, ax=ax, **options)


def gallery(shown: Any) -> Iterator[tuple[Kind, Figure]]:
    """Every picture that there is of an object, the most telling first; not those that take long."""
    for one in catalogue(shown).values():
        if one.costly:
            continue
        try:
            yield one, one.draw(shown)
        except NoPictureError:
            continue


def kinds(shown: Any) -> tuple[str, ...]:
    """The names of the pictures that there are of an object, the most telling first."""
    return tuple(one.name for one, _ in gallery(shown))


def bracket(brackets: Sequence[Bounds], *, ax: Axes | None = None) -> Figure:
    """Bounds on the continuum (`amd.proof.bounds.bounds` at several numbers of cells): the bracket closes on it."""
    require_matplotlib()
    from amd.show.figures.lines import draw_bracket

    return draw_bracket(brackets, ax=ax)


def save(figure: Figure, path: str | PathLike[str]) -> None:
    """Writes a figure as PNG, SVG or PDF by the file's ending, whole or not at all. ValueError for other endings."""
    from amd.files.whole import write_bytes_whole
    from amd.show.figures.canvas import image

    ending = Path(fspath(path)).suffix.lower()
    if ending not in FORMATS:
        raise ValueError(f"'{Path(fspath(path)).name}' should end in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    write_bytes_whole(Path(fspath(path)), image(figure, ending[1:]))

"""What solved objects show of themselves, without knowing who does it.

Words and figures belong to `amd.show`, which stands above everything it shows. So the objects name it only when it is
wanted, by `shown_by`, and nothing below imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def shown_by(module: str, name: str) -> Callable[..., Any]:
    """The function of the layer above that shows an object."""
    shows: Callable[..., Any] = getattr(import_module(module), name)
    return shows


class Pictured:
    """An object with pictures: `plots` lists their kinds, `plot` draws one.

    Pictures need matplotlib (``pip install 'automated-mechanism-design[plot]'``). They are figures of their own, never
    pyplot's current one; given `ax`, they are drawn there instead.
    """

    def plot(self, kind: str = "", /, *, ax: Axes | None = None, **options: Any) -> Figure:
        """The picture of this kind (see `plots`), or the most telling one; returns its figure.

        NoPictureError, a ValueError that says what would be right, where there is no such picture.
        """
        figure: Figure = shown_by("amd.show.figures", "plot")(self, kind, ax=ax, **options)
        return figure

    def plots(self) -> tuple[str, ...]:
        """The kinds of pictures that can be drawn of this object, the most telling first."""
        kinds: tuple[str, ...] = shown_by("amd.show.figures", "kinds")(self)
        return kinds


class Reported(Pictured):
    """An answer with pictures that can be written down as a page of its own."""

    def report(self, path: str | PathLike[str], *, command: str = "", prove: bool = False) -> None:
        """Writes one HTML page that stands alone: problem, program, answer, pictures, audit, proof.

        `command` is the command line to name as the way to make it again; `prove` looks for an exact proof however
        long that takes. Needs matplotlib and Jinja (``pip install 'automated-mechanism-design[report]'``).
        """
        shown_by("amd.show.report", "write_report")(self, path, command, prove)

"""Reports: one page about an answer that stands alone, for a browser, a phone or paper.

Needs matplotlib and Jinja: ``pip install 'automated-mechanism-design[report]'``. The page loads nothing from anywhere;
whatever a user wrote is escaped, and the page's own policy lets no script run but the one that sorts its tables.

>>> from amd.show.report import page, write_report
>>> write_report(result, "answer.html")                       # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from os import PathLike
from typing import Any

__all__ = ["page", "write_report"]

_HOMES = {
    "amd.result.Result": ("mechanisms", "mechanism_page"),
    "amd.matching.result.MatchingResult": ("markets", "matching_page"),
    "amd.auctions.result.AuctionResult": ("markets", "auction_page"),
    "amd.axioms.result.AxiomsResult": ("told", "told_page"),
    "amd.cooperative.result.CooperativeResult": ("told", "told_page"),
}


def page(result: Any, command: str = "", prove: bool = False) -> str:
    """The report as HTML text. `command` is what gives the answer again. With `prove` an exact proof
    is looked for however long that takes; without, only of small programs. TypeError for what is no result.

    `result` may also be the object that ``amd solve --json`` printed, of which less is known.
    """
    from amd.show.report.recorded import recorded_page
    from amd.show.report.render import render

    if isinstance(result, dict):
        return render(recorded_page(result, command))
    for one in type(result).__mro__:
        home = _HOMES.get(f"{one.__module__}.{one.__qualname__}")
        if home is not None:
            make = getattr(import_module(f"amd.show.report.{home[0]}"), home[1])
            return render(make(result, command, prove) if home[1] == "mechanism_page" else make(result, command))
    raise TypeError(f"there is no report about a {type(result).__name__}")


def write_report(result: Any, path: str | PathLike[str], command: str = "", prove: bool = False) -> None:
    """Writes the report to a file, whole or not at all. See `page`."""
    from amd.files.whole import write_bytes_whole

    write_bytes_whole(path, page(result, command, prove).encode("utf-8"))

"""Pictures for a page: SVG without anything but shapes and text, in the page's own colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from matplotlib import rc_context
from matplotlib.figure import Figure

from amd.show.figures import gallery
from amd.show.figures.canvas import image
from amd.show.figures.kind import Kind
from amd.show.report.blocks import Drawing

WIDE = 8.0  # inches: wider pictures get the whole page
LARGEST = 400_000  # bytes of one picture: a page must open on a phone
# Ink and paper follow the page, light or dark; data keep their colours.
_COLOURS = {"#1a1a1a": "var(--ink)", "#000000": "var(--ink)", "#ffffff": "var(--paper)", "#cccccc": "var(--line)"}


def svg(figure: Figure, prefix: str) -> str:
    """The figure as an SVG element whose identifiers begin with `prefix`, text as text, and the page's colours."""
    with rc_context({"svg.fonttype": "none"}):
        text = image(figure, "svg", dpi=96).decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"<style .*?</style>", "", text, flags=re.DOTALL)  # the page's own sheet says the same of figures
    text = re.sub(r'<svg ([^>]*?)width="[^"]*"', r"<svg \1", text, count=1)
    text = re.sub(r'(<svg [^>]*?)height="[^"]*"', r"\1", text, count=1)
    text = text.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    used = frozenset(re.findall(r'(?:url\(#|xlink:href="#)([^")]+)', text))
    text = re.sub(r"<(?!/)[^<>]*>", lambda found: _own(found[0], prefix, used), text)
    return re.sub(r"\n\s*", "\n", text).strip()


def _own(tag: str, prefix: str, used: frozenset[str]) -> str:
    """A tag with the page's colours, and with an identifier of its own where something refers to it.

    Text between tags is never touched.
    """
    for colour, name in _COLOURS.items():
        tag = tag.replace(f": {colour}", f": {name}")
    tag = re.sub(r' id="([^"]*)"', lambda found: f' id="{prefix}{found[1]}"' if found[1] in used else "", tag)
    tag = re.sub(r'xlink:href="#', f'xlink:href="#{prefix}', tag)
    return tag.replace("url(#", f"url(#{prefix}")


def drawings(shown: object, skip: Iterable[str] = ()) -> list[Drawing]:
    """Every picture that there is of an object; those that would make the page too large are left out."""
    found = []
    number = count(1)
    for kind, figure in gallery(shown):
        if kind.name in skip:
            continue
        text = svg(figure, f"f{next(number)}-")
        if len(text) <= LARGEST:
            found.append(Drawing(text, _caption(kind, figure), kind.about, figure.get_figwidth() > WIDE))
    return found


def _caption(kind: Kind, figure: Figure) -> str:
    """The titles of the panels, and what is shown."""
    titles = dict.fromkeys(" ".join(ax.get_title(loc="left").split()) for ax in figure.axes)
    named = "; ".join(title for title in titles if title)
    about = kind.about[:1].upper() + kind.about[1:]
    return f"{named}: {kind.about}." if named else f"{about}."

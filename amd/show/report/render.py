"""From blocks to HTML: a template that escapes everything, a style sheet and a small script, all in one page."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from amd.show.report.blocks import Drawing, Heading, Lines, Page, Pairs, Pre, Table, Words

if TYPE_CHECKING:
    from markupsafe import Markup

_NAMES = {
    Words: "words",
    Pre: "pre",
    Lines: "lines",
    Pairs: "pairs",
    Table: "table",
    Drawing: "drawing",
    Heading: "heading",
}


def require_jinja() -> None:
    """Raise ImportError with the remedy where Jinja is missing."""
    if find_spec("jinja2") is None:
        raise ImportError("reports need Jinja: pip install 'automated-mechanism-design[report]'")


@cache
def _asset(name: str) -> str:
    return files("amd.show.report").joinpath("assets", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """As a content security policy names the script that may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _code(text: str) -> Markup:
    """A text, escaped; what stands in `backquotes` is code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  escaped first


def render(page: Page) -> str:
    """The page as HTML. ImportError, with the remedy, where Jinja is missing."""
    require_jinja()
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    script = _asset("sort.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["code"] = _code
    template = environment.from_string(_asset("page.html.j2"))
    return template.render(
        page=page,
        kind=lambda block: _NAMES[type(block)],
        drawn=lambda block: Markup(block.svg),  # noqa: S704  made by matplotlib, which escapes text
        style=Markup(_asset("page.css")),  # noqa: S704  ours
        script=Markup(script),  # noqa: S704  ours
        digest=_digest(script),
    )

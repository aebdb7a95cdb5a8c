"""The documentation as a site: `sphinx-build -W docs build/docs`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import made_pages

import amd

project = "amd"
author = "The amd maintainers"
copyright = "the amd maintainers, MIT licence"
version = release = amd.__version__

extensions = ["myst_nb", "sphinx_copybutton"]
nb_execution_mode = "off"  # notebooks are stored with their outputs
myst_enable_extensions = ["amsmath", "attrs_block", "dollarmath"]
myst_heading_anchors = 4
copybutton_exclude = ".linenos, .gp, .go"
exclude_patterns = ["figures/*.py", "build"]
suppress_warnings = ["myst.strikethrough"]
highlight_language = "none"
nitpicky = True

html_theme = "furo"
html_title = "amd"
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


def setup(app):  # type: ignore[no-untyped-def]
    """Made pages are written before Sphinx looks for pages; markers are filled in as pages are read."""
    app.connect("config-inited", lambda _app, _config: made_pages.write_all())
    app.connect("source-read", lambda _app, _name, source: source.__setitem__(0, made_pages.filled(source[0])))

"""Every page: its Python examples say what the program says, its files load, its commands exist."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import click
import pytest

from amd.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "made" not in path.relative_to(DOCS).parts)
NAMES = [path.relative_to(DOCS).as_posix() for path in PAGES]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?amd (?P<verb>[a-z]+)(?P<rest>.*)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_python_examples(page):
    text = page.read_text(encoding="utf-8")
    done = doctest.testfile(str(page), module_relative=False)
    assert done.attempted >= text.count(">>> ") - text.count("... ")
    assert done.failed == 0


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_commands_and_options_exist(page):
    context = click.Context(main, info_name="amd")
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for match in COMMAND.finditer(block if language in ("", "sh") else ""):
            command = main.get_command(context, match["verb"])
            assert command is not None, match[0]
            known = {name for parameter in command.params for name in parameter.opts}
            used = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", match["rest"].partition("#")[0]))
            assert used <= known, match[0]

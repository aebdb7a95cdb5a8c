"""`amd list`, `amd show`, `amd schema`, help and version."""

import json
import re

import pytest

from amd import __version__
from amd.cli.main import VERBS, main
from amd.files import bundled
from amd.files.document import decode, read


def test_every_verb_has_help(run):
    overview = run("--help")
    assert overview.exit_code == 0
    for verb in main.list_commands(None):
        assert re.search(rf"^  {verb}  +[A-Z].*\.$", overview.stdout, re.MULTILINE), verb
        assert run(verb, "-h").exit_code == 0
    assert {"solve", "check", "explain", "export", "simulate", "bounds", "list", "show", "schema"} <= set(VERBS)


def test_the_version(run):
    assert run("--version").stdout == f"amd {__version__}\n"


def test_the_list_has_every_problem_under_its_subject(run):
    text = run("list").stdout
    subjects = {name.partition("/")[0] for name, _ in bundled.names()}
    assert subjects <= set(text.splitlines())
    words = " ".join(text.split())
    for name, title in bundled.names():
        assert f"{name.rpartition('/')[2]} {title}" in words


def test_the_list_of_one_subject_and_as_json(run):
    problems = json.loads(run("list", "trade", "--json").stdout)["problems"]
    assert problems
    assert all(problem["name"].startswith("trade/") and problem["title"] for problem in problems)


def test_titles_are_what_the_files_say():
    for name, path in bundled._files():
        node = read(decode(path.read_bytes(), path.name), path.name).get("title")
        assert bundled.title(path) == node.text, name


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("title: Plain\nagents: {}\n", "Plain"),
        ("title: 'Quoted: yes'\nagents: {}\n", "Quoted: yes"),
        ("title: Two\n  lines\nagents: {}\n", "Two lines"),
        ("title: >\n  Folded\nagents: {}\n", "Folded\n"),
        ("title: With # comment\nagents: {}\n", "With"),
        ("title: null\nagents: {}\n", ""),
        ("agents: {}\n", ""),
        ("a: [\n", ""),
    ],
)
def test_titles_of_every_style(tmp_path, text, title):
    path = tmp_path / "x.yaml"
    path.write_text(text)
    assert bundled.title(path) == title


def test_a_problem_is_shown_as_it_is(run):
    assert run("show", "license").stdout == bundled.resolve("license").read_text()


def test_the_schema_is_a_json_schema(run):
    schema = json.loads(run("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "$defs" in schema

"""The parts of the site that are made from the project itself, so that no page repeats another.

* The commands from the program, the catalogue from the problem files: pages in the folder `made`.
* The notebooks, with their stored outputs, are copied to the same folder.
* `<!-- docstring: PATH -->` in a page becomes a section with the docstring of that file: claims and proofs stand where
  they are used.
* `<!-- api: MODULE NAME NAME … -->` becomes the reference of these functions and classes.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from amd.cli import main
from amd.files import bundled
from amd.files.document import read
from amd.files.nodes import Mapping, Scalar

ROOT = Path(__file__).resolve().parents[1]
MADE = Path(__file__).parent / "made"


def write_all() -> None:
    """Write the made pages, leaving alone those that say the same as before."""
    notebooks = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")}
    pages = {"command-line.md": "".join(command_line())} | dict(catalogue()) | notebooks
    MADE.mkdir(exist_ok=True)
    for old in MADE.iterdir():
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        path = MADE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def command_line() -> Iterator[str]:
    """What `--help` says, verb by verb."""
    yield "# Command line\n"
    context = click.Context(main, info_name="amd")
    for verb in main.list_commands(context):
        command = main.get_command(context, verb)
        if command is not None:
            inner = click.Context(command, info_name=verb, parent=context, max_content_width=100)
            yield f"\n## amd {verb}\n\n```\n{command.get_help(inner)}\n```\n"


def catalogue() -> Iterator[tuple[str, str]]:
    """A page for each subject, in the order of `amd list`."""
    known = [(name, bundled.resolve(name)) for name, title in bundled.names() if title]
    for subject, problems in groupby(known, key=lambda pair: pair[0].partition("/")[0]):
        title = subject.replace("-", " ").capitalize()
        entries = [problem(name, path) for name, path in problems if path is not None]
        yield f"problems-{subject}.md", "\n\n".join([f"# {title}", *entries]) + "\n"


def problem(name: str, path: Path) -> str:
    """One problem: what it is, where it comes from, and its file."""
    text = path.read_text(encoding="utf-8")
    root = read(text, path.name)
    notes, source = _field(root, "notes"), _field(root, "source")
    parts = [
        f"({name.replace('/', '-')})=\n## {_field(root, 'title') or name}",
        _plain(notes),
        f"*Source: {_plain(source)}*" if source else "",
        f"`amd solve {name}`",
        f"```yaml\n{_NOTES.sub('', text).rstrip()}\n```",
    ]
    return "\n\n".join(part for part in parts if part)


# the notes of a problem file, which stand above the file as text
_NOTES = re.compile(r"^notes:.*\n(?:(?: .*)?\n)*", re.MULTILINE)


def _field(root: Any, key: str) -> str:
    node = root.get(key) if isinstance(root, Mapping) else None
    return " ".join(node.text.split()) if isinstance(node, Scalar) and not node.is_null else ""


def _plain(text: str) -> str:
    """Text of a problem file, in which nothing is markup but `code`."""
    return re.sub(r"([\\*_<>\[\]{}|#$])", r"\\\1", text)


def filled(text: str) -> str:
    """A page with its markers replaced."""
    text = re.sub(r"^<!-- docstring: (\S+) -->$", lambda match: section(match[1]), text, flags=re.MULTILINE)
    return re.sub(r"^<!-- api: (.+) -->$", lambda match: reference(*match[1].split()), text, flags=re.MULTILINE)


def section(path: str) -> str:
    """A module's docstring as a section: its first sentence is the heading."""
    docstring = ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) or ""
    summary, _, body = docstring.partition("\n\n")
    heading, _, rest = " ".join(summary.split()).partition(". ")
    return "\n\n".join([f"## {heading.removesuffix('.')}", _prose(rest), _prose(body), f"*In the code: `{path}`.*"])


def _prose(docstring: str) -> str:
    """A docstring as Markdown, with examples as code, in which a star between factors is no emphasis."""
    fenced = re.sub(
        r"(?:^>>> .*\n?(?:^.+\n?)*)+", lambda match: f"```python\n{match[0].rstrip()}\n```\n", docstring, flags=re.M
    )
    return re.sub(r"(?<=[\w)])\*(?=[\w(])", r"\\*", fenced)


def reference(module: str, *names: str) -> str:
    """The functions and classes of those names, or all public ones that the module defines."""
    home = import_module(module)
    chosen = names or tuple(_public(home))
    return "\n\n".join(_entry(f"{module}.{name}" if not names else name, getattr(home, name), 3) for name in chosen)


def _public(home: Any) -> Iterator[str]:
    for name, value in vars(home).items():
        if not name.startswith("_") and getattr(value, "__module__", "") == home.__name__ and callable(value):
            yield name


def _entry(name: str, value: Any, level: int) -> str:
    parts = [f"{'#' * level} `{name}`", _signature(name, value), _documentation(value)]
    if inspect.isclass(value):
        parts += [_entry(f"{name}.{inner}", member, level + 1) for inner, member in _members(value)]
    return "\n\n".join(part for part in parts if part)


def _members(value: type) -> Iterator[tuple[str, Any]]:
    for name, member in vars(value).items():
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property)):
            yield name, member


class _Words(str):
    """Shown in a signature as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _signature(name: str, value: Any) -> str:
    """The call, with every parameter on a line of its own where one line would be long."""
    if isinstance(value, property) or (inspect.isclass(value) and not vars(value).get("__annotations__")):
        return ""
    signature = inspect.signature(value)
    kept = [_shown(parameter) for key, parameter in signature.parameters.items() if key not in ("self", "cls")]
    result = signature.return_annotation
    arrow = "" if inspect.isclass(value) or result is inspect.Signature.empty else f" -> {result}"
    short = name.rpartition(".")[2]
    text = f"{short}{signature.replace(parameters=kept, return_annotation=inspect.Signature.empty)}{arrow}"
    if len(text) > 100:
        text = f"{short}(\n" + "".join(f"    {parameter},\n" for parameter in kept) + f"){arrow}"
    return f"```python\n{text}\n```"


def _shown(parameter: inspect.Parameter) -> inspect.Parameter:
    default = parameter.default
    if default is not inspect.Parameter.empty and not isinstance(default, bool | int | float | str | tuple | None):
        default = _Words("...")
    annotation = parameter.annotation
    return parameter.replace(
        default=default, annotation=_Words(annotation) if isinstance(annotation, str) else annotation
    )


def _documentation(value: Any) -> str:
    target = value.fget if isinstance(value, property) else value
    text = inspect.getdoc(target) or ""
    return "" if inspect.isclass(value) and text.startswith(f"{value.__name__}(") else _prose(text)

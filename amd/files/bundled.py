"""The problems that come with the program: in the package when installed, beside it in a checkout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import amd
from amd.files.document import decode, read
from amd.files.faults import InputError, listing
from amd.files.nodes import Mapping, Scalar

SUFFIXES = (".yaml", ".yml")


def folder() -> Path | None:
    """Where the bundled problems lie; None when there are none."""
    package = Path(amd.__file__).resolve().parent
    places = (package / "_problems", package.parent / "problems")
    return next((place for place in places if place.is_dir()), None)


def mechanism(name: str) -> Path | None:
    """The bundled mechanism file (JSON) of that name, such as ``license-mechanism``; None where there is none."""
    base, wanted = folder(), name.removesuffix(".json")
    if base is None:
        return None
    for path in sorted(base.rglob("*.json")):
        if wanted in (path.stem, path.relative_to(base).with_suffix("").as_posix()):
            return path
    return None


def _files() -> Iterator[tuple[str, Path]]:
    """Name and path of every bundled problem, sorted by name."""
    base = folder()
    if base is None:
        return
    for path in sorted(base.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            yield path.relative_to(base).with_suffix("").as_posix(), path


def names() -> list[tuple[str, str]]:
    """(name, title) of every bundled problem, sorted; a name is subject/stem, such as ``trade/uniform``."""
    return [(name, title(path)) for name, path in _files()]


# a title on a line of its own that YAML reads as it stands: no quotes, no comment, nothing on the next line
_PLAIN_TITLE = re.compile(
    r"^title: +(?!null\b)([A-Za-z0-9](?:[^\n:#]|:(?! )|(?<! )#)*?) *\n(?=[A-Za-z])", re.MULTILINE | re.IGNORECASE
)


def title(path: Path) -> str:
    """The title that a problem file gives itself, or an empty text. Reading the whole file is only a last resort."""
    try:
        text = decode(path.read_bytes(), path.name)
        if plain := _PLAIN_TITLE.search(text):
            return plain[1]
        root = read(text, path.name)
    except InputError:
        return ""
    node = root.get("title") if isinstance(root, Mapping) else None
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def resolve(name: str) -> Path | None:
    """The bundled problem of that name, or with that stem if only one has it; None where there is none.

    Raises LookupError where several have the stem.
    """
    wanted = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    files = dict(_files())
    if wanted in files:
        return files[wanted]
    matching = [full for full in files if full.rsplit("/", 1)[-1] == wanted]
    if len(matching) > 1:
        raise LookupError(f"'{name}' may be {listing(matching)}; give the full name")
    return files[matching[0]] if matching else None

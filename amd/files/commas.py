"""Inside ``{}`` and ``[]`` YAML ends a plain text at a comma, so ``{lamp: max(v, 1)}`` falls apart: say so and mend it.

A parenthesis that opens in one plain text and closes in a later one of the same collection gives it away.
"""

from __future__ import annotations

from collections.abc import Sequence as Many

from amd.files.faults import Faults, clip
from amd.files.nodes import Entry, Node, Scalar, child, item


def mend_items(items: Many[Node], faults: Faults, path: str) -> tuple[Node, ...]:
    """The items of a flow list, those cut by a comma joined again with a fault for each."""
    if not any(_is_open(node) for node in items):
        return tuple(items)
    mended: list[Node] = []
    position = 0
    while position < len(items):
        node = items[position]
        used = _closing([_plain(other) for other in items[position:]])
        if isinstance(node, Scalar) and used:
            texts = [_plain(other) or "" for other in items[position : position + used]]
            node = _joined(node, texts, faults, item(path, len(mended) + 1))
        mended.append(node)
        position += max(used, 1)
    return tuple(mended)


def mend_entries(entries: Many[Entry], faults: Faults, path: str) -> tuple[Entry, ...]:
    """The entries of a flow mapping, keys and values cut by a comma joined again with a fault for each."""
    if not any(_is_open(entry.value) or _is_open(entry.key) for entry in entries):
        return tuple(entries)
    mended: list[Entry] = []
    position = 0
    while position < len(entries):
        entry, used = _mend(entries[position:], faults, path)
        mended.append(entry)
        position += used
    return tuple(mended)


def _mend(entries: Many[Entry], faults: Faults, path: str) -> tuple[Entry, int]:
    """The first entry, with what belongs to it, and how many entries that used."""
    first = entries[0]
    bare = [_plain(entry.key) if _empty(entry.value) else None for entry in entries[1:]]
    if isinstance(first.value, Scalar) and _is_open(first.value):
        used = _closing([_plain(first.value), *bare])
        if used:
            texts = [first.value.text, *(text or "" for text in bare[: used - 1])]
            return Entry(first.key, _joined(first.value, texts, faults, child(path, first.key.text))), used
    if _is_open(first.key) and _empty(first.value):
        keys = [_plain(entry.key) for entry in entries]
        used = _closing(keys)
        if used and all(_empty(entry.value) for entry in entries[: used - 1]):
            texts = [text or "" for text in keys[:used]]
            return Entry(_joined(first.key, texts, faults, path), entries[used - 1].value), used
    return first, 1


def _joined(scalar: Scalar, texts: Many[str], faults: Faults, path: str) -> Scalar:
    whole = ", ".join(texts)
    faults.add(
        scalar.line,
        path,
        f'inside {{}} or [] a comma ends a text, so this was cut in {len(texts)}: put it in quotes, "{clip(whole)}"',
    )
    return Scalar(scalar.line, scalar.column, whole, quoted=True)


def _closing(texts: Many[str | None]) -> int:
    """How many of the texts, from the first, are needed until its parentheses close; 0 when they never do."""
    level = 0
    for used, text in enumerate(texts, start=1):
        if text is None:
            return 0
        level += text.count("(") - text.count(")")
        if level <= 0:
            return used if used > 1 and level == 0 else 0
    return 0


def _is_open(node: Node) -> bool:
    text = _plain(node)
    return text is not None and text.count("(") > text.count(")")


def _plain(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.quoted else None


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null

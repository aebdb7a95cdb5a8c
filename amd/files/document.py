"""From the text of a YAML 1.2 document to its tree, safely: no Python object is ever made from a tag.

The tree is built from the parser's events with a stack of its own, so that neither deep nesting nor aliases that
expand without end cost more than a bounded amount of time and memory. JSON is YAML, so JSON is read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from amd.files.commas import mend_entries, mend_items
from amd.files.faults import Fault, Faults, InputError, clip
from amd.files.nodes import Entry, Mapping, Node, Scalar, Sequence, child, item
from amd.files.trouble import explain

MAX_BYTES = 64 * 2**20
MAX_NODES = 2_000_000  # with aliases written out
MAX_DEPTH = 60

# YAML 1.2, section 5.1: what may stand in a document
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def decode(data: bytes, origin: str) -> str:
    """The text of a file that must be UTF-8, with or without a byte order mark.

    Raises InputError where it is too large or not UTF-8.
    """
    faults = Faults(origin)
    if len(data) > MAX_BYTES:
        faults.add(None, "", f"is {len(data):,} bytes; at most {MAX_BYTES:,} are read")
        faults.check()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(line, "", f"byte {data[error.start]:#04x} is not UTF-8; save the file as UTF-8")
        raise faults.error() from None


def read(text: str, origin: str, faults: Faults | None = None) -> Node:
    """The tree of the one document in `text`.

    What does not hinder reading on (a duplicate key, a tag, an expression cut by a comma) goes to `faults` when given;
    InputError is raised for everything else, and at the end when `faults` is None.
    """
    found = Faults(origin) if faults is None else faults
    root, told = _parsed(text.removeprefix("\ufeff"), origin)
    for fault in told:
        found.add(fault.line, fault.path, fault.message)
    if root is None:
        raise found.error()
    if faults is None:
        found.check()
    return root


@lru_cache(maxsize=1)
def _parsed(text: str, origin: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """The tree, None where it cannot be read, and what is wrong. The last document is kept: its kind is asked for
    first, then the whole."""
    faults = Faults(origin)
    try:
        return _build(text, faults), tuple(faults.found)
    except InputError as error:
        return None, error.faults


def _build(text: str, found: Faults) -> Node:
    """The tree; what does not hinder reading on goes to `found`, InputError is raised for the rest."""
    builder = _Builder(found)
    if odd := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        found.add(line, "", f"the character U+{ord(odd.group()):04X} cannot stand in a text file")
        raise found.error()
    for event in _events(text, builder):
        builder.take(event)
        if builder.halted:
            found.check()
    if builder.root is None:
        found.add(1, "", "is empty; a document is needed")
        raise found.error()
    return builder.root


def _events(text: str, builder: _Builder) -> Iterator[Any]:
    """The parser's events; its complaint becomes InputError."""
    faults = builder.faults
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        line, message = explain(error, text)
        faults.add(line, builder.path(), message)
        raise faults.error() from None
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: an escape such as "\\UFFFFFFFF"
        faults.add(None, builder.path(), f"is not YAML: {clip(str(error), 200)}")
        raise faults.error() from None


@dataclass
class _Frame:
    """A collection that is still open. `size` counts its nodes with aliases written out, `height` its levels."""

    line: int
    column: int
    mapping: bool
    flow: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, int | None] = field(default_factory=dict)
    key: Scalar | None = None
    size: int = 1
    height: int = 1


@dataclass
class _Anchored:
    """What an anchor stands for; `node` is None while it is still open."""

    node: Node | None
    size: int
    height: int


class _Builder:
    """Takes events one by one. `root` is the tree once the document ends; `halted` says that reading on is no use."""

    def __init__(self, faults: Faults) -> None:
        self.root: Node | None = None
        self.halted = False
        self.faults = faults
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        self._documents = 0
        self._nodes = 0

    def take(self, event: Any) -> None:
        name = type(event).__name__
        handler = getattr(self, f"_{name}", None)
        if handler is not None:
            handler(event)

    def _fault(self, event: Any, message: str, halt: bool = False) -> None:
        self.faults.add(event.start_mark.line + 1, self.path(), message)
        self.halted |= halt

    def path(self) -> str:
        path = ""
        for frame in self._stack:
            if not frame.mapping:
                path = item(path, len(frame.items) + 1)
            elif frame.key is not None:
                path = child(path, frame.key.text)
        return path

    def _DocumentStartEvent(self, event: Any) -> None:  # noqa: N802 named after the event
        self._documents += 1
        if self._documents > 1:
            self._fault(event, "a second document starts here; one file holds one document", halt=True)

    def _ScalarEvent(self, event: Any) -> None:  # noqa: N802
        self._refuse_tag(event)
        mark = event.start_mark
        node = Scalar(mark.line + 1, mark.column + 1, self._text(event), event.style is not None)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(node, 1, 0)
        self._place(event, node, 1, 0)

    def _text(self, event: Any) -> str:
        """The text of a scalar. Escapes in JSON write characters beyond U+FFFF as two surrogates: joined here."""
        text = str(event.value)
        if not any("\ud800" <= char <= "\udfff" for char in text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._fault(event, "has half of a pair of surrogate escapes, which is no character")
            return text.encode("utf-8", "replace").decode("utf-8")

    def _AliasEvent(self, event: Any) -> None:  # noqa: N802
        meant = self._anchors.get(event.anchor)
        if meant is None:
            self._fault(event, f"there is no anchor '&{event.anchor}' before this alias", halt=True)
        elif meant.node is None:
            self._fault(event, f"the alias '*{event.anchor}' stands inside what it stands for", halt=True)
        else:
            self._place(event, meant.node, meant.size, meant.height)

    def _MappingStartEvent(self, event: Any) -> None:  # noqa: N802
        self._open(event, mapping=True)

    def _SequenceStartEvent(self, event: Any) -> None:  # noqa: N802
        self._open(event, mapping=False)

    def _open(self, event: Any, mapping: bool) -> None:
        self._refuse_tag(event)
        mark = event.start_mark
        if len(self._stack) >= MAX_DEPTH:
            self._fault(event, f"is nested more than {MAX_DEPTH} levels deep", halt=True)
            return
        self._stack.append(_Frame(mark.line + 1, mark.column + 1, mapping, bool(event.flow_style), event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(None, 0, 0)

    def _MappingEndEvent(self, event: Any) -> None:  # noqa: N802
        frame = self._stack.pop()
        entries = mend_entries(frame.entries, self.faults, self.path()) if frame.flow else tuple(frame.entries)
        self._close(event, frame, Mapping(frame.line, frame.column, entries))

    def _SequenceEndEvent(self, event: Any) -> None:  # noqa: N802
        frame = self._stack.pop()
        items = mend_items(frame.items, self.faults, self.path()) if frame.flow else tuple(frame.items)
        self._close(event, frame, Sequence(frame.line, frame.column, items))

    def _close(self, event: Any, frame: _Frame, node: Node) -> None:
        if frame.anchor:
            self._anchors[frame.anchor] = _Anchored(node, frame.size, frame.height)
        self._place(event, node, frame.size, frame.height)

    def _place(self, event: Any, node: Node, size: int, height: int) -> None:
        """Put a finished node where it belongs."""
        if not self._stack:
            self.root = node
            return
        frame = self._stack[-1]
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if frame.size > MAX_NODES:
            self._fault(event, f"holds more than {MAX_NODES:,} values, aliases written out", halt=True)
        elif len(self._stack) + height > MAX_DEPTH:
            self._fault(event, f"is nested more than {MAX_DEPTH} levels deep, aliases written out", halt=True)
        elif not frame.mapping:
            frame.items.append(node)
        elif frame.key is None:
            self._take_key(event, frame, node)
        else:
            self._take_value(frame, node)

    def _take_key(self, event: Any, frame: _Frame, node: Node) -> None:
        if not isinstance(node, Scalar):
            self._fault(event, "a key must be a text, not a list or a mapping", halt=True)
            return
        if node.text == "<<" and not node.quoted:
            self._fault(event, "merge keys '<<' are not part of YAML 1.2; write the keys out, or use a plain alias")
        frame.key = Scalar(event.start_mark.line + 1, event.start_mark.column + 1, node.text, node.quoted)

    def _take_value(self, frame: _Frame, node: Node) -> None:
        key = frame.key
        if key is None:  # cannot be: a value follows its key
            return
        if key.text in frame.seen:
            self.faults.add(
                key.line, self.path(), f"this key was given before, on line {frame.seen[key.text]}; keep one of the two"
            )
        elif key.text != "<<" or key.quoted:
            if isinstance(node, Scalar) and not node.text and not node.quoted:
                node = Scalar(key.line, key.column, "")  # the parser puts what is missing at the next token
            frame.seen[key.text] = key.line
            frame.entries.append(Entry(key, node))
        frame.key = None

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            self._fault(event, f"the tag '{clip(str(event.tag))}' is not allowed: a file is data; leave the tag out")

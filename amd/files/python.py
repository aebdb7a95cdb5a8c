"""A problem built in Python, as the tree that a file would give."""

from __future__ import annotations

from collections.abc import Mapping as Dict
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from amd.files.document import MAX_DEPTH, MAX_NODES
from amd.files.faults import Faults, clip
from amd.files.nodes import Entry, Mapping, Node, Scalar, Sequence, child, item


def tree(value: Any, faults: Faults) -> Node:
    """The tree of nested mappings and lists of numbers, texts, booleans and None.

    Floats count as the decimal that Python shows for them: 0.1 is 1/10. Raises InputError for anything else.
    """
    builder = _Builder(faults)
    node = builder.node(value, "", 0)
    faults.check()
    return node


def scalar_text(value: Any) -> str | None:
    """The text of a number, a truth value or None, and a text itself; None for anything else."""
    if value is None:
        return "null"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (str, Fraction, Decimal)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return str(int(value)) if int(value).bit_length() <= 4_000 else None
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    return None


class _Builder:
    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._count = 0

    def node(self, value: Any, path: str, depth: int) -> Node:
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_NODES:
            what = (
                f"nested more than {MAX_DEPTH} levels deep" if depth > MAX_DEPTH else f"more than {MAX_NODES:,} values"
            )
            self._faults.add(None, path, f"is {what}, or holds itself")
            self._faults.check()
        if isinstance(value, Dict):
            return self._mapping(value, path, depth)
        if isinstance(value, np.ndarray):
            value = value.tolist()
        if isinstance(value, (list, tuple)):
            nodes = [self.node(below, item(path, k), depth + 1) for k, below in enumerate(value, start=1)]
            return Sequence(None, None, tuple(nodes))
        text = scalar_text(value)
        if text is None:
            wanted = "numbers, texts, lists and mappings are read"
            self._faults.add(None, path, f"is {clip(type(value).__name__)}, a Python object; {wanted}")
            text = ""
        return Scalar(None, None, text, quoted=isinstance(value, str))

    def _mapping(self, value: Dict[Any, Any], path: str, depth: int) -> Mapping:
        entries: dict[str, Entry] = {}
        for key, below in value.items():
            name = scalar_text(key)
            if name is None or name in entries:
                why = "is no text" if name is None else "stands there twice"
                self._faults.add(None, path, f"the key {clip(repr(key))} {why}")
                continue
            entries[name] = Entry(Scalar(None, None, name, True), self.node(below, child(path, name), depth + 1))
        return Mapping(None, None, tuple(entries.values()))

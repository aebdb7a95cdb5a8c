"""From a problem file to a task: the text with its lines, every fault at once, and exact numbers throughout.

Names are loaded when they are first used: listing the bundled problems takes neither arrays nor the format.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amd.files import bundled
    from amd.files.faults import Fault, InputError
    from amd.files.json_schema import schema
    from amd.files.sources import from_mapping, kind_of, kind_of_text, load, loads, open_source

_HOME = {
    "Fault": "faults",
    "InputError": "faults",
    "from_mapping": "sources",
    "kind_of": "sources",
    "kind_of_text": "sources",
    "load": "sources",
    "loads": "sources",
    "open_source": "sources",
    "schema": "json_schema",
}

__all__ = [
    "Fault",
    "InputError",
    "bundled",
    "from_mapping",
    "kind_of",
    "kind_of_text",
    "load",
    "loads",
    "open_source",
    "schema",
]


def __getattr__(name: str) -> Any:
    if name == "bundled":
        return import_module("amd.files.bundled")
    if name not in _HOME:
        raise AttributeError(f"module 'amd.files' has no attribute '{name}'")
    return getattr(import_module(f"amd.files.{_HOME[name]}"), name)

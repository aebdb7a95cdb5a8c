"""From a problem file to a task: the text with its lines, every fault at once, and exact numbers throughout."""

from amd.files import bundled
from amd.files.faults import Fault, InputError
from amd.files.load import from_mapping, kind_of, kind_of_text, load, loads, open_source
from amd.files.schema import schema

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

"""JSON that people hand in: read with every fault told, and nothing of it silently dropped."""

from __future__ import annotations

import json
from typing import Any

from amd.files.faults import Faults, clip


def parse_json(text: str, faults: Faults) -> Any:
    """The JSON document; None, with a fault, where it is none. A key that stands twice is a fault: Python's reader
    would keep the last and say nothing."""
    repeated: dict[str, None] = {}

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            keys = [key for key, _ in items]
            repeated.update(dict.fromkeys(key for key in found if keys.count(key) > 1))
        return found

    try:
        document = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        faults.add(error.lineno, "", f"is not JSON: {error.msg} (column {error.colno})")
        return None
    except RecursionError:
        faults.add(None, "", "is nested too deeply")
        return None
    except ValueError as error:  # an integer with more digits than Python converts
        faults.add(None, "", f"holds a number that cannot be read: {clip(str(error), 100)}")
        return None
    for key in repeated:
        faults.add(None, "", f"the key {clip(key)} stands twice in one mapping")
    return document


def json_object(text: str, origin: str, wanted: str) -> dict[str, Any]:
    """The object in an answer's file, which holds what is `wanted` ("'payoff'"). Raises InputError with all faults."""
    faults = Faults(origin)
    document = parse_json(text, faults)
    if not faults and not isinstance(document, dict):
        faults.add(None, "", f"a JSON object with {wanted} is wanted")
    faults.check()
    found: dict[str, Any] = document
    return found

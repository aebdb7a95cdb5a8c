"""The JSON Schema for editors: it comes from the table that reads files, so both must agree on files."""

import json
from pathlib import Path
from typing import Any

import pytest

import amd
from amd.cli.kinds import shapes
from amd.files import kind_of, loads, schema
from amd.files.format import PROBLEM

SCHEMA = schema(shapes())
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def valid(data: Any, part: Any) -> bool:
    """JSON Schema, as far as ours goes; written from the standard, to be independent of the shapes."""
    if isinstance(part, bool):
        return part
    unknown = part.keys() - {
        "$schema", "$defs", "$ref", "title", "description", "type", "properties", "required", "additionalProperties",
        "minProperties", "items", "minItems", "maxItems", "enum", "anyOf", "oneOf", "if", "then", "else",
    }  # fmt: skip
    assert not unknown
    return all(check(data, part) for check in (_types, _object, _array, _combinations))


def _types(data: Any, part: dict[str, Any]) -> bool:
    names = [part["type"]] if isinstance(part.get("type"), str) else part.get("type", TYPES)
    right = any(isinstance(data, TYPES[name]) and (name == "boolean") == isinstance(data, bool) for name in names)
    return right and ("enum" not in part or any(data == word and type(data) is type(word) for word in part["enum"]))


def _object(data: Any, part: dict[str, Any]) -> bool:
    if not isinstance(data, dict):
        return True
    known = part.get("properties", {})
    rest = part.get("additionalProperties", True)
    return (
        set(part.get("required", ())) <= data.keys()
        and len(data) >= part.get("minProperties", 0)
        and all(valid(value, known.get(key, rest)) for key, value in data.items())
    )


def _array(data: Any, part: dict[str, Any]) -> bool:
    if not isinstance(data, list):
        return True
    fits = part.get("minItems", 0) <= len(data) <= part.get("maxItems", len(data))
    return fits and all(valid(value, part.get("items", True)) for value in data)


def _combinations(data: Any, part: dict[str, Any]) -> bool:
    if "$ref" in part and not valid(data, SCHEMA["$defs"][part["$ref"].removeprefix("#/$defs/")]):
        return False
    if "if" in part and not valid(data, part["then" if valid(data, part["if"]) else "else"]):
        return False
    if "anyOf" in part and not any(valid(data, one) for one in part["anyOf"]):
        return False
    return "oneOf" not in part or sum(valid(data, one) for one in part["oneOf"]) == 1


GOOD: dict[str, Any] = {
    "amd": 1,
    "parameters": {"N": 4, "k": "N/2"},
    "agents": {
        "a": {"types": {"v": {"uniform": [0, 1], "cells": "N"}}, "value": {"x": "v"}, "outside": 0.5, "budget": 3},
        "b": {"types": {"table": [{"v": 1, "prob": "1/2"}, {"v": 2, "prob": 0.5}]}, "value": {"x": "v^2"}},
        "c": {"types": {"w": {"normal": {"mean": 0, "sd": 1}, "support": [-1, 1], "cells": 3, "at": "lower"}}},
        "d": None,
    },
    "outcomes": {"x": {"cost": 1}, "y": None},
    "design": {
        "maximize": "welfare",
        "participation": {"a": "none"},
        "budget": {"no_deficit": "ex_ante", "subsidy": "k"},
        "transfers": True,
        "require": ["efficient", {"revenue": ">= 0"}],
    },
}


GOODS = {
    "outcomes": ...,
    "goods": {"g": 1, "h": {"supply": 2}},
    "limits": [{"goods": ["g", "h"], "at_most": 2}],
}


def problem(**changed: Any) -> dict[str, Any]:
    return {key: value for key, value in {**GOOD, **changed}.items() if value is not ...}


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"agents": {"a": {"types": {"orders": "all"}}}, "design": {"incentive": "dsic"}},
        {"agents": {"a": {"types": {"orders": [["x", "y"], ["y", "x"]]}}}, "design": {}},
        {"outcomes": ["x", "y", "z"], "title": 3, "source": "me", "notes": None},
        {"agents": {"a": {"count": 2, "demand": 1, "value": {"g": 1}}}, "design": {"incentive": "bic"}, **GOODS},
        {"agents": {"a": {"bundles": [{"of": ["g"], "value": 2}]}}, "design": ..., **GOODS},
        {"agents": {"a": {"types": {"v": {"values": [1, 2]}}}}, "prior": {"joint": [0.5, "1/2"]}, "design": ...},
        {"agents": {"a": {"types": {"v": {"piecewise": {"points": [[0, 1], [1, 1]]}, "cells": 2}}}}, "design": ...},
    ],
)  # fmt: skip
def test_sound_files_fit_the_schema(changed: dict[str, Any]) -> None:
    data = problem(**changed)
    loads(json.dumps(data))
    assert valid(data, SCHEMA)


@pytest.mark.parametrize(
    "changed",
    [
        {"amd": ...},
        {"amd": "two"},
        {"titel": "x"},
        {"agents": {}},
        {"agents": {"a": {"types": {"v": {"uniform": [0], "cells": 2}}}}},
        {"agents": {"a": {"types": {"v": {"uniform": [0, 1]}}}}},
        {"agents": {"a": {"types": {"v": {"uniform": [0, 1], "cells": 2, "at": "top"}}}}},
        {"agents": {"a": {"types": {"v": {"normal": {"mean": 0}, "cells": 2}}}}},
        {"agents": {"a": {"valeu": {}}}},
        {"outcomes": []},
        {"outcomes": {"x": {"price": 3}}},
        {"design": {"incentive": "maybe"}},
        {"design": {"budget": {"balanced": "always"}}},
        {"design": {"transfers": "yes"}},
        {"design": {"require": "efficient"}},
        {"design": {"require": [{}]}},
        {"prior": {"weights": [1]}},
    ],
)
def test_files_of_the_wrong_shape_do_not(changed: dict[str, Any]) -> None:
    data = problem(**changed)
    with pytest.raises(ValueError, match=r":"):
        loads(json.dumps(data))
    assert not valid(data, SCHEMA)


def test_kinds_without_a_shape_are_left_to_their_modules() -> None:
    for kind in shapes():
        assert not valid({"amd": 1, "kind": kind, "anything": [1]}, SCHEMA)
        assert valid({"kind": kind, "anything": [1]}, schema())


def test_every_reference_leads_somewhere_and_every_key_is_explained() -> None:
    text = json.dumps(SCHEMA)
    for name in (piece.split('"')[0] for piece in text.split("#/$defs/")[1:]):
        assert name in SCHEMA["$defs"]
    for definition in SCHEMA["$defs"].values():
        for key, part in definition.get("properties", {}).items():
            assert part["description"], key
    assert set(SCHEMA["$defs"]["problem"]["properties"]) == set(PROBLEM.keys)


def test_bundled_problems_fit_the_schema() -> None:
    """Through a reader of YAML that knows types, as an editor has."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    folder = Path(amd.__file__).resolve().parent.parent / "problems"
    checked = 0
    for path in sorted(folder.rglob("*.yaml")):
        assert valid(json.loads(json.dumps(yaml.load(path.read_bytes()))), SCHEMA), path
        checked += kind_of(path) == "mechanism"
    assert checked >= 25

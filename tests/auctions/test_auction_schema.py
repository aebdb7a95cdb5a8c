"""The JSON Schema of auction files says yes and no where the reader does."""

from pathlib import Path

import pytest

import amd
from amd.auctions.shapes import AUCTION
from amd.cli.kinds import shapes
from amd.files import schema

jsonschema = pytest.importorskip("jsonschema")
PROBLEMS = Path(amd.__file__).resolve().parent.parent / "problems"


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(schema(shapes()))


def test_every_bundled_file_is_valid(validator):
    """Of every kind, by an independent validator."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    files = sorted(PROBLEMS.rglob("*.yaml"))
    documents = [yaml.load(path.read_text(encoding="utf-8")) for path in files]
    faults = {
        path.name: [fault.message for fault in validator.iter_errors(data)]
        for path, data in zip(files, documents, strict=True)
    }
    assert not {name: found for name, found in faults.items() if found}
    assert sum(data.get("kind") == "auction" for data in documents) >= 12


@pytest.mark.parametrize(
    "wrong",
    [
        {"goods": ["A"], "bidders": {}, "gods": []},
        {"format": "first-prize"},
        {"goods": ["A"], "bidders": {"ann": {"bids": [{"of": ["A"], "price": 3}]}}},
        {"goods": ["A"], "bidders": {"ann": {"bids": [{"of": [], "bid": 3}]}}},
        {"format": "english", "prior": {"uniform": [0]}},
        {"format": "english", "prior": {"uniform": [0, 1], "cell": 10}},
    ],
)
def test_what_the_reader_refuses_is_invalid(validator, wrong):
    data = {"amd": 1, "kind": "auction", **wrong}
    assert list(validator.iter_errors(data))
    right = {"amd": 1, "kind": "auction", "format": "english", "prior": {"uniform": [0, 1]}}
    assert not list(validator.iter_errors(right))


def test_a_prior_needs_no_cells():
    assert "cells" not in AUCTION.definition().get("required", [])
    names = schema(shapes())["$defs"]
    assert "cells" in names["distribution-uniform"]["required"]
    assert "cells" not in names["auction-distribution-uniform"]["required"]

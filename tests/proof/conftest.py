"""Certificates that several tests alter."""

import json
from functools import cache

import pytest

import amd
from amd.proof.certificate import Certificate, certify


@cache
def _certificate(name, **parameters):
    return certify(amd.load(name, **parameters).task)


@pytest.fixture(scope="session")
def certificate():
    """The certificate of a bundled problem; a fresh copy of its document with `document`."""

    def make(name, **parameters):
        found = _certificate(name, **parameters)
        assert isinstance(found, Certificate), found
        return found

    return make


@pytest.fixture(scope="session")
def document(certificate):
    def make(name, **parameters):
        return json.loads(json.dumps(certificate(name, **parameters).document))

    return make

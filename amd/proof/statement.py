"""What `amd certify --continuum` says: a claim about the continuous prior in words, and its certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amd.model.task import Task
from amd.proof.continuum.answer import Answer, continuum_bounds
from amd.proof.continuum.certificate import (
    impossible_certificate,
    lower_certificate,
    model_of,
    upper_certificate,
)
from amd.proof.continuum.reading import read_setting
from amd.proof.continuum.relations import NoBoundError, prove
from amd.proof.continuum.setting import Setting
from amd.proof.continuum.words import in_words
from amd.proof.documents import check

FEW = (1, 2, 3, 4)  # cells a parameter on which an impossibility is looked for, so that its proof can be printed
MORE = 8
COARSE = 2

Document = dict[str, Any]


def continuum_statement(task: Task) -> tuple[str, Document, bool]:
    """The words, the certificate, and whether the statement is an impossibility.

    1. That no mechanism meets the design, on as few cells as it takes. 2. Otherwise a bound of the wish over all
    mechanisms. 3. Where there is none, a mechanism that reaches some value; without a wish, one that meets the design.
    Raises NoBoundError where nothing can be certified.
    """
    setting = read_setting(task)
    document = impossibility(setting)
    if document is None and task.design is not None and task.design.objective is None:
        document = _possibility(setting)
    elif document is None:
        answer = continuum_bounds(setting, mechanism_cells=COARSE)  # the mechanism matters only without a bound
        document = _of(setting, answer if answer.upper is not None else continuum_bounds(setting))
    return in_words(document), _checked(document), document["claim"]["kind"] == "infeasible"


def impossibility(setting: Setting) -> Document | None:
    """A certificate that no mechanism meets the design's needs, where a few cells show it."""
    if not setting.needs:
        return None
    for cells in (*FEW, MORE) if setting.efficient else FEW[:1]:
        try:
            document = impossible_certificate(setting, cells)
        except NoBoundError:
            continue  # these relations leave a need without a limit: it is not shown to be out of reach
        if document is not None:
            return document
    return None


def _possibility(setting: Setting) -> Document:
    """A certificate that a mechanism meets a design without a wish."""
    answer = continuum_bounds(setting)
    if answer.lower is None:
        reasons = [reason for reason in answer.reasons if reason.startswith("from below")]
        raise NoBoundError("; ".join(["neither a contradiction nor a mechanism was found", *reasons]))
    return lower_certificate(answer, wished=False)


def _of(setting: Setting, answer: Answer) -> Document:
    if answer.upper is not None:
        return upper_certificate(_short(setting, answer))
    if answer.lower is not None:
        return lower_certificate(answer)
    raise NoBoundError("; ".join(answer.reasons))


def _short(setting: Setting, answer: Answer) -> Answer:
    """The same bound from one or two cells a parameter, where these prove it too."""
    for cells in FEW[:2]:
        try:
            model = model_of(setting, cells)
            proof = prove(model.relaxation, model.cuts)
        except NoBoundError:
            continue
        if answer.upper is not None and proof.value <= answer.upper:
            return replace(answer, model=model, proof=proof, upper=proof.value, cells=cells)
    return answer


def _checked(document: Document) -> Document:
    """The document, which the verifier accepts. Raises NoBoundError where it does not."""
    holds, message = check(document)
    if not holds:
        raise NoBoundError(f"the verifier refuses the proof: {message}")
    return document

"""Certificates of continuum claims: what is true is accepted, what is altered is not."""

import copy
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from amd.files import loads
from amd.proof import verify_auction, verify_continuum, verify_rule
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import (
    impossible_certificate,
    lower_certificate,
    model_of,
    problem_of,
    upper_certificate,
)
from amd.proof.continuum.laws import PiecewiseLaw, uniform_law
from amd.proof.continuum.problem import plain
from amd.proof.continuum.reading import read_setting
from amd.proof.continuum.relations import Proof, solve
from amd.proof.documents import check, concerns
from amd.proof.statement import continuum_statement

F = Fraction
LOPSIDED = PiecewiseLaw((F(0), F(1, 2), F(1)), (F(2, 3), F(1, 3)))
EXPONENTIAL = """
amd: 1
agents: {bidder: {count: 2, types: {v: {exponential: {rate: 1}, support: [0, 3], cells: 4}}, value: {item: v}}}
goods: {item: 1}
design: {maximize: revenue}
"""


def reread(document):
    return json.loads(json.dumps(document))


def holds(document):
    return check(reread(document))[0]


def with_value(document, value):
    changed = copy.deepcopy(document)
    changed["claim"]["value"] = str(value)
    return changed


def redigested(document):
    document["digest"] = verify_continuum.digest(document["problem"])
    return document


@pytest.fixture(scope="module")
def impossible():
    """Efficient trade without outside money, on some cells."""
    text = """
amd: 1
agents:
  buyer: {types: {v: {uniform: [0, 1], cells: 4}}, value: {trade: v}}
  seller: {types: {c: {uniform: [0, 1], cells: 4}}, value: {trade: -c}}
outcomes: [keep, trade]
design: {budget: {balanced: ex_post}, require: [efficient]}
"""
    return lambda cells: impossible_certificate(read_setting(loads(text)), cells)


@pytest.fixture
def documents(auction_task, trade_task, no_deficit):
    """Both sides of small problems of every kind."""
    tasks = [
        (auction_task([uniform_law()], 2), 6, 8),
        (auction_task([LOPSIDED], 2), 4, 6),
        (auction_task([uniform_law()] * 2), 3, None),
        (auction_task([uniform_law()] * 2, 2), 2, 4),
        (trade_task(budget=no_deficit), 2, 4),
        (trade_task("deficit", least=True, efficient=True), 2, 4),
    ]
    answers = [bounds(task, cells, fine).answer for task, cells, fine in tasks]
    return [
        (side(answer), answer.model.setting.maximize)
        for answer in answers
        for side in (upper_certificate, lower_certificate)
    ]


@pytest.mark.parametrize("cells", [1, 2])
def test_impossibility_is_accepted(impossible, cells):
    document = impossible(cells)
    assert check(reread(document)) == (True, "no mechanism meets the design, for the continuous prior")


def test_impossibility_needs_its_budget(impossible):
    """With a subsidy of 1/6 it is possible (Myerson and Satterthwaite 1983), with any less it is not."""
    for subsidy, expected in (("1/6", False), ("166/1000", True)):
        document = reread(impossible(1))
        document["problem"]["needs"][0]["wish"]["constant"] = subsidy
        assert holds(redigested(document)) is expected


def test_without_a_wish_a_mechanism_is_enough(impossible):
    """Values above all costs: trade at a price between them is efficient, voluntary and balanced."""
    task = loads("""
amd: 1
agents:
  buyer: {types: {v: {uniform: [1, 2], cells: 4}}, value: {trade: v}}
  seller: {types: {c: {uniform: [0, 1], cells: 4}}, value: {trade: -c}}
outcomes: [keep, trade]
design: {budget: {balanced: ex_ante}, require: [efficient]}
""")
    text, document, negative = continuum_statement(task)
    assert not negative and text.startswith("Claim: for the continuous prior a mechanism meets the design.")
    assert check(reread(document)) == (True, "a mechanism meets the design, for the continuous prior")
    false = reread(impossible(1)) | {"format": document["format"], "claim": {"kind": "possible"}}
    false["proof"] = document["proof"]
    assert not holds(false)


def test_bounds_are_accepted_and_nothing_stronger(documents):
    for document, maximize in documents:
        accepted, message = check(reread(document))
        assert accepted and document["claim"]["value"] in message
        upward = (document["format"] == verify_rule.FORMAT) == maximize
        step = F(1, 10**9) if upward else -F(1, 10**9)
        assert not holds(with_value(document, F(document["claim"]["value"]) + step))


def test_a_law_that_is_not_rational_is_a_stated_premise():
    """Both sides hold, and the step mechanism's claim loses less than 1e-9 to the cells' enclosures."""
    answer = bounds(loads(EXPONENTIAL), 6, 12).answer
    below, above = lower_certificate(answer), upper_certificate(answer)
    for document in (above, below):
        accepted, message = check(reread(document))
        assert accepted and "premises" in message and "enclosures" in message
    assert "constants of cells whose density varies" in check(above)[1]
    assert 0 <= answer.lower - F(below["claim"]["value"]) < F(1, 10**9)


def test_rational_laws_need_no_premises(documents):
    assert all("premises" not in check(document)[1] for document, _ in documents)


def test_environment_and_digest_belong_together(documents):
    for document, _ in documents:
        changed = reread(document)
        changed["digest"] = "0" * 64
        assert not holds(changed)


def test_missing_relations_and_turned_signs_are_refused(documents):
    for document, _ in documents:
        for index, (name, multiplier) in list(enumerate(document["proof"].get("relations", [])))[::4]:
            turned = reread(document)
            turned["proof"]["relations"][index][1] = str(-F(multiplier))
            assert not holds(turned), name


def test_every_relation_of_a_short_proof_is_needed(impossible):
    document = impossible(1)
    for index in range(len(document["proof"]["relations"])):
        fewer = reread(document)
        del fewer["proof"]["relations"][index]
        assert not holds(fewer)


def test_mechanisms_that_are_not_incentive_compatible_are_refused(documents):
    refused = 0
    for document, _ in documents:
        mechanism = document["proof"].get("mechanism", {})
        changed = reread(document)
        if "scores" in mechanism:
            changed["proof"]["mechanism"]["scores"][0][0].reverse()
            refused += not holds(changed)
        if "allocation" in mechanism:
            changed["proof"]["mechanism"]["allocation"].reverse()
            refused += not holds(changed)
        if "menu" in mechanism:
            kept = [entry for entry in mechanism["menu"] if any(map(F, entry[0]))]
            changed["proof"]["mechanism"]["menu"] = kept
            refused += not holds(changed)
    assert refused == 5


def test_same_offset_between_unlike_boxes_is_refused(auction_task):
    """C2 is true for boxes of equal sides only: named between others, it is refused, whatever its multiplier."""
    document = reread(upper_certificate(bounds(auction_task([uniform_law()] * 2), 3).answer))
    document["proof"]["relations"].append([["C2", 0, [0, 0], [1, 1]], "0"])
    assert holds(document)
    document["problem"]["agents"][0]["lines"][0]["edges"] = ["0", "1/4", "2/3", "1"]
    document["problem"]["agents"][0]["lines"][0]["masses"] = [["1/4", "1/4"], ["5/12", "5/12"], ["1/3", "1/3"]]
    accepted, message = check(redigested(document))
    assert not accepted and "C2" in message


def test_the_utility_of_a_cell_end_is_no_relation_of_goods(auction_task):
    """Buyers whose outside option is worth less than nothing need not have a utility of 0."""
    document = reread(upper_certificate(bounds(auction_task([uniform_law()], 1), 2).answer))
    document["proof"]["relations"].append([["utility", 0, 0], "0"])
    assert not holds(document)


def test_probabilities_must_sum_to_one(impossible):
    document = reread(impossible(1))
    document["problem"]["agents"][0]["line"]["masses"][0] = ["1/2", "1/2"]
    assert not holds(redigested(document))


def test_indices_below_0_are_no_cells(impossible):
    for name in (["sum Q", 0, -1], ["order", 0, -1, "end"], ["efficient", [-1, 0], 0], ["sum Q", 0, True]):
        document = reread(impossible(2))
        document["proof"]["relations"].append([name, "0"])
        assert not holds(document), name


@pytest.mark.parametrize("junk", [{}, {"format": "amd-continuum-3"}, {"format": "amd-rule-3", "problem": []}, [], None])
def test_junk_is_refused(junk):
    assert check(junk)[0] is False


def test_a_certificate_is_about_its_own_problem_only(auction_task, trade_task, no_deficit):
    """`amd verify --problem`: the cells' probabilities and the design are derived again from the laws."""
    tasks = [
        auction_task([uniform_law()], 2),
        auction_task([LOPSIDED], 2),
        auction_task([uniform_law()] * 2),
        auction_task([uniform_law()], 3),
        auction_task([uniform_law()], 2, maximize="welfare"),
        trade_task(budget=no_deficit),
        trade_task("deficit", least=True, efficient=True),
        trade_task("deficit", least=True, efficient=True, buyer=LOPSIDED),
        loads(EXPONENTIAL),
    ]
    answers = [bounds(task, 2, 4).answer for task in tasks]
    for at, answer in enumerate(answers):
        for side in (upper_certificate, lower_certificate):
            about = [concerns(side(answer), task) for task in tasks]
            assert about == [at == other for other in range(len(tasks))]


def test_stated_constants_are_derived_again():
    task = loads(EXPONENTIAL)
    document = reread(upper_certificate(bounds(task, 4).answer))
    assert concerns(document, task)
    constants = document["problem"]["agents"][0]["lines"][0]["constants"]
    constants[0][4] = str(F(constants[0][4]) * F(9, 10))
    assert not concerns(redigested(document), task)


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_each_verifier_runs_as_one_file_without_the_project(tmp_path, impossible, auction_task, flags):
    answer = bounds(auction_task([uniform_law()], 1), 2, 4).answer
    goods = (verify_auction, upper_certificate(answer)), (verify_rule, lower_certificate(answer))
    for verifier, document in (*goods, (verify_continuum, impossible(1))):
        path, script = tmp_path / "cert.json", tmp_path / "verify.py"
        script.write_text(Path(verifier.__file__).read_text(encoding="utf-8"), encoding="utf-8")
        command = [sys.executable, "-I", "-S", *flags, str(script), str(path)]
        for altered, status in ((False, 0), (True, 1)):
            if altered:
                document["digest"] = document["digest"][::-1]
            path.write_text(json.dumps(document), encoding="utf-8")
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
            assert (ran.returncode, ran.stderr) == (status, "")
            assert ran.stdout.startswith("NOT PROVEN: " if altered else "proven: ")


def rebuilt(relation, row):
    """The verifier's row of a relation, as ``terms <= bound``, in the sign that the relation has."""
    terms, equal = row
    assert equal == relation.equal
    sign = -1 if relation.equal else 1
    found = {variable: -sign * rate for variable, rate in terms.items() if rate}
    bound = -found.pop(("one",), F(0))
    return found, bound


@pytest.mark.parametrize("kind", ["one good", "varying density", "two goods", "second best", "efficient", "partners"])
def test_the_verifier_rebuilds_each_relation(kind, auction_task, trade_task, no_deficit):
    """All relations that a relaxation may use, not only those of a proof: the same terms, the same bound."""
    partners = """
amd: 1
agents:
  ann: {types: {v: {uniform: [0, 1], cells: 4}}, value: {ann: v}, outside: 1/3*v}
  bob: {types: {v: {uniform: [0, 1], cells: 4}}, value: {bob: v}, outside: 2/3*v}
outcomes: [ann, bob]
design: {maximize: welfare, budget: {balanced: ex_ante}}
"""
    task = {
        "one good": lambda: auction_task([LOPSIDED], 2),
        "varying density": lambda: loads(EXPONENTIAL),
        "two goods": lambda: auction_task([uniform_law(), LOPSIDED], 2),
        "second best": lambda: trade_task(budget=no_deficit),
        "efficient": lambda: trade_task("deficit", least=True, efficient=True, buyer=LOPSIDED),
        "partners": lambda: loads(partners),
    }[kind]()
    model = model_of(read_setting(task), 2)
    for _ in range(2):  # with cuts
        model.relaxation.add(*model.cuts(solve(model.relaxation)))
    every = Proof(F(0), tuple((relation, F(1)) for relation in model.relaxation.relations), model.relaxation)
    problem = reread(problem_of(model, every))
    verifier = (verify_auction.Goods if problem["model"] == "goods" else verify_continuum.Cells)(problem)
    for relation, _ in every.multipliers:
        terms = {variable: rate for variable, rate in relation.terms.items() if rate}
        assert rebuilt(relation, verifier.row(*reread(plain(relation.name)))) == (terms, relation.bound), relation.name
    ranges = {variable: ends for variable, ends in verifier.ranges.items() if variable in model.relaxation.ranges}
    assert ranges == model.relaxation.ranges
    terms, constant = model.terms(model.setting.wish)
    wish = {variable: rate for variable, rate in verifier.wish(problem["wish"]).items() if rate}
    assert wish.pop(("one",), F(0)) == (constant if model.setting.maximize else -constant)
    assert wish == {variable: rate if model.setting.maximize else -rate for variable, rate in terms.items() if rate}

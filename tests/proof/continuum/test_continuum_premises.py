"""The numbers that a proof states of a law are checked by power series; Arb is the independent twin."""

import copy
import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amd.files import loads
from amd.proof import verify_premises
from amd.proof.bounds import bounds
from amd.proof.continuum.certificate import lower_certificate, upper_certificate
from amd.proof.documents import check as unjudged
from amd.proof.documents import judged
from amd.proof.verify_auction import digest
from amd.proof.verify_premises import BITS, Law, check, exp_at, gauss_at, log

F = Fraction
LAWS = {
    "exponential": "{exponential: {rate: 1}, support: [0, 3], cells: 4}",
    "normal": "{normal: {mean: 1, sd: 1/2}, support: [0, 3], cells: 4}",
    "lognormal": "{lognormal: {mean: 0, sd: 1/2}, support: [1/4, 4], cells: 4}",
    "polynomial": "{cdf: x^2, support: [0, 1], cells: 4}",
}
AUCTION = """
amd: 1
agents: {{bidder: {{count: 2, types: {{v: {law}}}, value: {{item: {value}}}}}}}
goods: {{item: 1}}
design: {{maximize: {wish}}}
"""


@pytest.fixture(scope="module")
def stated():
    """The certificate of a bound from above for a law; values, which W bounds, and payments, which P does, count."""

    def make(law, value="v", wish="revenue"):
        answer = bounds(loads(AUCTION.format(law=LAWS.get(law, law), value=value, wish=wish)), 3, 3).answer
        return json.loads(json.dumps(upper_certificate(answer)))

    return make


def line_of(document):
    return document["problem"]["agents"][0]["lines"][0]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("wish", ["revenue", "welfare"])
def test_what_is_stated_of_a_law_is_true(stated, law, wish):
    document = stated(law, wish=wish)
    assert {constant[1] for constant in line_of(document)["constants"]} == {{"revenue": "P", "welfare": "W"}[wish]}
    holds, message = check(document)
    assert holds is True and "0 constants" not in message


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("wish", ["revenue", "welfare"])
def test_what_is_not_true_of_a_law_is_refused(stated, law, wish):
    """Constants and probabilities a little too small or too great, and another law."""
    original = stated(law, wish=wish)
    room = F(1, 3) if wish == "revenue" else F(1, 10**6)  # the writer's bound on D is within some parts of it
    for at, constants in enumerate(line_of(original)["constants"]):
        for place, factor in ((4, 1 - room), (5, 1 + room)):
            altered = copy.deepcopy(original)
            value = F(constants[place]) * factor
            line_of(altered)["constants"][at][place] = str(value)
            assert check(altered)[0] is (not F(constants[place])), (place, constants)
    for end, sign in ((0, 1), (1, -1)):
        altered = copy.deepcopy(original)
        mass = line_of(altered)["masses"][1]
        mass[end] = str(F(mass[1 - end]) + F(sign, 10**9))
        assert check(altered)[0] is False
    altered = copy.deepcopy(original)
    line_of(altered)["edges"][-1] = str(F(line_of(altered)["edges"][-1]) + 1)
    assert check(altered) == (False, "it is not true that the cells cover what the law covers")
    altered = copy.deepcopy(original)
    line_of(altered)["uniform"][0] = True
    assert check(altered)[0] is False


def test_another_law_is_refused(stated):
    document = stated("exponential")
    line_of(document)["law"]["rate"] = "2"
    assert check(document)[0] is False
    line_of(document)["law"] = None
    assert check(document) == (None, "the document does not say of which law its numbers are")
    del line_of(document)["law"]
    assert check(document) == (None, "the document does not say of which law its numbers are")


def test_a_density_is_nowhere_negative(stated):
    """3 x² − 2 x + 1 and 2 x are on [0, 1]; 3 − 4 x is not at 1, 15/2 x² − 4 x + 1/2 inside. (1 − 3 x)² has a root,
    which halving never decides."""
    document = stated("polynomial")
    line_of(document)["masses"] = [["0", "1"]] * 3
    line_of(document)["constants"] = []
    for density, expected in (
        (["1", "-2", "3"], True),
        (["0", "2"], True),
        (["3", "-4"], False),
        (["1", "-6", "9"], None),
    ):
        line_of(document)["law"]["pieces"][0]["density"] = density
        assert check(document)[0] is expected, density
    line_of(document)["law"]["pieces"][0]["density"] = ["1/2", "-4", "15/2"]  # negative at 1/4, not at the ends
    assert check(document)[0] is False


def test_a_constant_density_is_that_of_the_whole_cell(stated):
    """No gap between pieces, and no pieces beside a law that has none."""
    document = stated("polynomial")
    line = line_of(document)
    line |= {
        "edges": ["0", "1", "3"],
        "masses": [["1/3", "1/3"], ["2/3", "2/3"]],
        "uniform": [True, True],
        "constants": [],
    }
    pieces = [{"from": "0", "to": "1", "density": ["1/3"]}, {"from": "1", "to": "3", "density": ["1/3"]}]
    line["law"] = {"law": "polynomial", "pieces": pieces}
    assert check(document)[0] is True
    pieces[1] |= {"density": ["0", "1/6"]}
    assert check(document)[0] is False
    pieces[1] |= {"from": "2", "density": ["2/3"]}
    assert check(document) == (False, "the pieces of a density are no neighbours")
    flat = [{"from": "0", "to": "3", "density": ["1/3"]}]
    line["law"] = {"law": "exponential", "rate": "1", "support": ["0", "3"], "pieces": flat}
    line["masses"] = [["0", "1"], ["0", "1"]]
    assert check(document)[0] is False


def test_mirrored_and_moved_laws(stated):
    """A seller's type is mirrored; a value 2 v + 1 moves the law."""
    assert check(stated("exponential", value="2*v + 1"))[0] is True
    text = """
amd: 1
agents:
  buyer: {types: {v: {normal: {mean: 1, sd: 1}, support: [0, 3], cells: 4}}, value: {trade: v}}
  seller: {types: {c: {exponential: {rate: 1}, support: [0, 3], cells: 4}}, value: {trade: -c}}
outcomes: [keep, trade]
design: {maximize: revenue}
"""
    document = json.loads(json.dumps(upper_certificate(bounds(loads(text), 2).answer)))
    laws = [agent["line"]["law"] for agent in document["problem"]["agents"]]
    assert [law["law"] for law in laws] == ["normal", "affine"] and laws[1]["base"]["law"] == "exponential"
    assert check(document)[0] is True


def test_a_law_that_is_not_known_here_is_told(stated):
    document = stated("{beta: {a: 1/2, b: 3/2}, support: [0, 1], cells: 4}")
    assert check(document) == (None, "the law 'beta' is not known here")
    holds, message = judged(document)
    told = "not checked here, since the law 'beta' is not known here; --problem derives them from its laws"
    assert holds and message.endswith(told)


def test_the_verdict_tells_of_premises(stated):
    document = stated("exponential")
    holds, message = judged(document)
    assert holds and "premises of the proof" in message and "they hold: 3 enclosures" in message
    line_of(document)["law"]["rate"] = "2"  # the proof itself holds as before
    document["digest"] = digest(document["problem"])
    assert unjudged(document)[0]
    assert judged(document) == (False, "a premise is false: it is not true that [0, 303/512] is as probable as stated")


def test_rational_laws_need_none(stated):
    document = stated("{uniform: [0, 1], cells: 4}")
    assert line_of(document)["law"] is None
    assert check(document)[0] is True and "hold:" not in judged(document)[1]


def test_a_law_in_its_tail_takes_more_digits():
    """Ten standard deviations out, where a density is less than 1e-20."""
    mine = {"law": "normal", "mean": "0", "sd": "1", "support": ["0", "20"]}
    with flint.ctx.workprec(2000):
        root = flint.arb(2).sqrt()
        truth = ((10 / root).erfc() - (11 / root).erfc()) / ((0 / root).erfc() - (20 / root).erfc())
        BITS[0] = 1024
        try:
            assert encloses(Law(mine).mass(F(10), F(11)), truth)
        finally:
            BITS[0] = 256


def test_mechanisms_have_premises_too():
    answer = bounds(loads(AUCTION.format(law=LAWS["exponential"], value="v", wish="revenue")), 3, 3).answer
    assert "they hold: 3 enclosures and 0 constants" in judged(json.loads(json.dumps(lower_certificate(answer))))[1]


def encloses(interval, truth):
    """A ball of 300 bits inside the interval, which is itself narrow."""
    low, high = (flint.arb(flint.fmpq(x.numerator, x.denominator)) for x in interval)
    return bool(low <= truth) and bool(truth <= high) and interval[1] - interval[0] < F(1, 10**40)


@settings(max_examples=40)
@given(st.fractions(-10, 10, max_denominator=1000))
def test_series_against_arb(x):
    with flint.ctx.workprec(300):
        ball = flint.arb(flint.fmpq(x.numerator, x.denominator))
        assert encloses(exp_at(x, BITS[0]), ball.exp())
        root = flint.arb(2).sqrt()
        assert encloses(gauss_at(x, BITS[0]), (ball / root).erf() * (flint.arb.pi() / 2).sqrt())
        if x > 0:
            assert encloses(log(x, BITS[0]), ball.log())


@settings(max_examples=40)
@given(st.sampled_from(["normal", "lognormal", "exponential"]), st.fractions(0, 3), st.fractions(0, 3))
def test_laws_against_arb(name, a, b):
    """Probabilities and first moments are those of the program, which takes them from Arb."""
    a, b = sorted((a.limit_denominator(500), b.limit_denominator(500)))
    task = loads(AUCTION.format(law=LAWS[name], value="v", wish="revenue"))
    law = task.environment.agents[0].types.grids[0].law
    a, b = max(a, law.support[0]), max(b, law.support[0])
    if a < b:
        own = Law(json.loads(json.dumps(law.restate())))
        for mine, theirs in ((own.mass(a, b), law.mass(a, b)), (own.moment(a, b), law.moment(a, b))):
            assert mine[0] <= theirs[1] and theirs[0] <= mine[1] and mine[1] - mine[0] < F(1, 10**40)


@pytest.mark.parametrize("flags", [[], ["-O"]])
def test_it_runs_as_one_file(stated, tmp_path, flags):
    path, script = tmp_path / "cert.json", tmp_path / "verify_premises.py"
    script.write_text(Path(verify_premises.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    document = stated("exponential")
    unknown = copy.deepcopy(document)
    line_of(unknown)["law"] = None
    false = copy.deepcopy(document)
    line_of(false)["masses"][0] = ["1/2", "1/2"]
    for case, status, told in ((document, 0, "the premises"), (false, 1, "A PREMISE"), (unknown, 3, "not decided")):
        path.write_text(json.dumps(case), encoding="utf-8")
        command = [sys.executable, "-I", "-S", *flags, str(script), str(path)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (status, "") and ran.stdout.startswith(told)


def test_hostile_laws_end_soon(stated):
    """Exponents and powers without end, and a cell that would have to be halved for ever."""
    document = stated("exponential")
    line_of(document)["law"]["rate"] = "9" * 3000
    assert check(document) == (None, "an exponent is too large")
    document = stated("polynomial")
    line_of(document)["law"]["pieces"][0]["density"] = ["1"] * 100_000
    assert check(document)[0] is not True
    document = stated("polynomial")
    constants = line_of(document)["constants"][0]
    constants[3:] = ["0", "0", "0"]  # D(s) = s (1 − s²), to be at most 0
    assert check(document)[0] is False


@pytest.mark.parametrize("junk", [None, {}, [], {"problem": {"agents": [{"line": {}}]}}])
def test_junk_is_refused(junk):
    assert check(junk)[0] is False

"""`amd certify`, `amd verify` and `amd bounds`: what they print and how they end."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from amd.proof import verify, verify_auction, verify_continuum, verify_premises, verify_rule

F = Fraction
SCREEN = 50  # lines
WIDTH = 120
NO_WISH = """
amd: 1
agents: {buyer: {types: {v: {values: [1, 2]}}, value: {item: v}}}
goods: {item: 1}
design: {participation: interim}
"""


@pytest.fixture
def told(run):
    """Exit status and output of a command."""

    def call(*arguments):
        result = run(*arguments)
        return result.exit_code, result.stdout

    return call


@pytest.fixture
def certified(told, tmp_path):
    """The file that `amd certify` writes, what it prints, and its exit status."""

    def make(*arguments):
        path = tmp_path / "cert.json"
        code, out = told("certify", *arguments, "-o", path)
        return path, out, code

    return make


@pytest.mark.parametrize(
    ("name", "status"), [("license", 0), ("myerson-satterthwaite", 1), ("gibbard-satterthwaite", 1)]
)
def test_certify_and_verify(told, certified, name, status):
    path, out, code = certified(name)
    assert code == status and out.startswith("Claim: ")
    code, out = told("verify", str(path), "--problem", name)
    assert code == 0 and out.startswith("proven: ") and out.rstrip().endswith(f", for {name}")


def test_where_no_mechanism_is_best_there_is_nothing_to_certify(run, tmp_path):
    file = tmp_path / "endless.yaml"
    file.write_text(NO_WISH.replace("{participation: interim}", "{maximize: surplus}"), encoding="utf-8")
    result = run("certify", file, "-o", tmp_path / "cert.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("There is nothing to certify: the objective can be improved without limit")
    assert not (tmp_path / "cert.json").exists()


def test_impossibility_fits_on_one_screen(told, certified):
    """Myerson and Satterthwaite (1983), uniform: a complete proof on the continuum, on at most four cells."""
    path, out, code = certified("myerson-satterthwaite", "--continuum")
    document = json.loads(path.read_text(encoding="utf-8"))
    cells = [len(agent["line"]["masses"]) for agent in document["problem"]["agents"]]
    assert code == 1 and max(cells) <= 4
    assert len(out.splitlines()) <= SCREEN and max(map(len, out.splitlines())) <= WIDTH
    for part in (
        "Claim: for the continuous prior no mechanism meets the design.",
        "contradiction",
        "-1/6",
        "U(buyer) >= 0",
    ):
        assert part in out
    ran = subprocess.run(
        [sys.executable, "-I", verify_continuum.__file__, path], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "proven: no mechanism meets the design, for the continuous prior\n")


@pytest.mark.parametrize(("name", "value"), [("trade/second-best", "9/64"), ("trade/smallest-subsidy", "1/6")])
def test_one_cell_proofs(told, certified, name, value):
    """The second best 9/64 and the subsidy 1/6 (Myerson and Satterthwaite 1983), each proven on a single cell."""
    path, out, code = certified(name, "--continuum")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert code == 0 and F(document["claim"]["value"]) == F(value)
    assert [len(agent["line"]["masses"]) for agent in document["problem"]["agents"]] == [1, 1]
    assert len(out.splitlines()) <= SCREEN and value in out
    assert told("verify", str(path), "--problem", name)[0] == 0


def test_verify_compares_with_a_problem(told, certified):
    for arguments in (["license"], ["myerson-satterthwaite", "--continuum"]):
        path, _, _ = certified(*arguments)
        code, out = told("verify", str(path), "--problem", "auctions/optimal-auction")
        assert code == 1 and "about another problem" in out
    path, _, _ = certified("license")
    code, out = told("verify", str(path), "--problem", "license", "--set", "H=60")
    assert code == 1 and "about another problem" in out


def test_premises_are_printed(told, certified):
    path, out, _ = certified("auctions/exponential-values", "--continuum")
    assert "Premises of the proof" in out
    code, out = told("verify", str(path))
    assert code == 0 and "premises" in out and "enclosures" in out


def test_altered_certificates_are_refused_in_one_line(told, certified):
    path, _, _ = certified("license")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["claim"]["value"] = "38"
    path.write_text(json.dumps(document), encoding="utf-8")
    code, out = told("verify", str(path))
    assert code == 1 and out == "NOT PROVEN: the mechanism reaches 75/2 only\n"


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "null", "[]", '{"format": "other"}', '{"format": NaN}', '{"a": 1e999}']
)
def test_files_that_are_no_certificates(told, tmp_path, text):
    path = tmp_path / "cert.json"
    path.write_text(text, encoding="utf-8")
    code, out = told("verify", str(path))
    assert code == 1 and out.startswith("NOT PROVEN: ") and out.count("\n") == 1


def test_a_missing_certificate(told, tmp_path):
    code, out = told("verify", str(tmp_path / "missing.json"))
    assert code == 1 and "cannot be read" in out


def test_bounds_of_a_continuous_prior(told):
    code, out = told("bounds", "optimal-auction", "--cells", "10", "--mechanism-cells", "20")
    out = " ".join(out.split())  # lines end where the text is full
    assert code == 0 and "for the continuous prior" in out and "10 cells a parameter" in out
    assert "Border's inequality" in out and "step mechanism" in out


def test_bounds_of_finite_types(told):
    """Two firms of worth 10 or 50: 50 · 3/4 from selling at 50 only."""
    code, out = told("bounds", "license")
    assert code == 0 and "75/2 = 37.5" in out and "Types are finite" in out
    assert "continuous" not in out and "cells" not in out
    code, out = told("bounds", "license", "--json")
    data = json.loads(out)
    assert (data["lower_exact"], data["upper_exact"], data["verdict"]) == ("75/2", "75/2", "")


@pytest.mark.parametrize(
    ("name", "where"), [("gibbard-satterthwaite", ""), ("myerson-satterthwaite", ", for the continuous prior")]
)
def test_bounds_of_the_impossible(told, name, where):
    code, out = told("bounds", name)
    assert code == 1 and f"No mechanism meets the design{where}." in out and "unknown" not in out
    assert json.loads(told("bounds", name, "--json")[1])["verdict"] == "impossible"


def test_bounds_without_a_wish(told, tmp_path):
    path = tmp_path / "possible.yaml"
    path.write_text(NO_WISH, encoding="utf-8")
    code, out = told("bounds", str(path))
    assert code == 0 and "A mechanism meets the design" in out


def test_bounds_where_nothing_is_known(told):
    """Interdependent values: the relations need private ones, so nothing is said of the continuum."""
    code, out = told("bounds", "trade/lemons")
    assert code == 3 and "No bound on the optimum is known." in out and "note: " in out


def test_the_verifiers_stand_alone():
    """Each imports the standard library only."""
    for module in (verify, verify_auction, verify_continuum, verify_rule, verify_premises):
        lines = Path(module.__file__).read_text(encoding="utf-8").splitlines()
        imported = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported <= set(sys.stdlib_module_names)

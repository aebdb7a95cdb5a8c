"""What `amd certify --vipr` writes says what the certificate says, and a second reader of the format accepts it."""

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from vipr_reader import verified

import amd
from amd.cli.main import main
from amd.proof.certificate import NotProven
from amd.proof.vipr import vipr_lines

F = Fraction
PROBLEMS = Path(__file__).parents[2] / "problems"
BUNDLED = sorted(
    str(path.relative_to(PROBLEMS).with_suffix(""))
    for path in PROBLEMS.glob("*/*.yaml")
    if "\nkind:" not in (text := path.read_text(encoding="utf-8")) and "\ndesign:" in text
)


def exported(name, **parameters):
    found = vipr_lines(amd.load(PROBLEMS / f"{name}.yaml", **parameters).task)
    assert not isinstance(found, NotProven), found.reason
    return "\n".join(found) + "\n"


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("auctions/license", {}, F(75, 2)),  # sell only to a 50, at 50: 50 · 3/4
        ("auctions/license-fair", {}, None),  # deterministic: cases
        ("auctions/full-extraction", {}, F(110, 3)),  # Crémer and McLean (1988): all of E[max v]
        ("trade/second-best", {"N": 10}, F(189, 1250)),  # Myerson and Satterthwaite (1983), on the grid
        ("trade/smallest-subsidy", {"N": 10}, F(9 * 5, 600)),  # (N − 1)(N − 5)/(6N²)
    ],
)
def test_values(name, parameters, value):
    read = verified(exported(name, **parameters))
    assert not read.infeasible and read.lower == read.upper
    assert value is None or read.upper == value


@pytest.mark.parametrize(
    "name", ["myerson-satterthwaite", "gibbard-satterthwaite", "green-laffont", "unequal-shares", "all-lemons"]
)
def test_impossibilities(name):
    text = exported(f"impossibility/{name}")
    assert verified(text).infeasible
    assert (" uns " in text) == (name == "gibbard-satterthwaite")  # cases where the rule is whole


def test_a_rule_that_exists():
    read = verified(exported("voting/single-peaked"))  # Moulin (1980): the median
    assert len(read.solutions) == 1 and not read.infeasible


def test_the_command(tmp_path):
    path = tmp_path / "license.vipr"
    ran = CliRunner().invoke(main, ["certify", "license", "--vipr", str(path)])
    assert ran.exit_code == 0, ran.output
    text = path.read_text(encoding="utf-8")
    assert text.startswith("% ") and verified(text).upper == F(75, 2)
    named = next(line for line in ran.output.splitlines() if line.startswith("problem sha256"))
    assert f"% {named}\n" in text  # the same problem as the certificate's
    refused = CliRunner().invoke(main, ["certify", "optimal-auction", "--continuum", "--vipr", str(path)])
    assert refused.exit_code != 0 and "continuum" in refused.output


@pytest.mark.slow
@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_problem(name):
    verified(exported(name))


@pytest.mark.peer
@pytest.mark.parametrize("name", BUNDLED)
def test_viprchk_accepts(tmp_path, name):
    program = shutil.which("viprchk")
    if program is None:
        pytest.skip("viprchk is not installed")
    path = tmp_path / "certificate.vipr"
    path.write_text(exported(name), encoding="utf-8")
    ran = subprocess.run([program, path], capture_output=True, text=True)
    says = ("Infeasibility verified", "Successfully verified", "Successfully checked", "RTP is a tautology")
    assert ran.returncode == 0 and any(text in ran.stdout for text in says), ran.stdout[-2000:] + ran.stderr

"""Proofs about axioms and games as VIPR certificates, which a second reader of the format accepts."""

import json
import shutil
import subprocess
from fractions import Fraction
from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from vipr_reader import RefusedError, verified

from amd import axioms, cooperative
from amd.axioms.search import Search
from amd.axioms.vipr import chain_weights
from amd.cli.main import main
from solvers import SolverError
from solvers.refutation import Closed, Column, Parted, Row, Sheet

F = Fraction
BIT = Column(F(0), F(1), integer=True)
IMPOSSIBLE = ["arrow", "dictators", "monotonicity", "roth", "arrows-dictators", "empty-core", "bogomolnaia-moulin"]
SLOW = {"roth-one-side"}


def exported(text, name="file"):
    module = cooperative if "kind: cooperative" in text else axioms
    return "\n".join(module.vipr_text(text, name)) + "\n"


@pytest.mark.parametrize("name", [*IMPOSSIBLE, pytest.param("roth-one-side", marks=pytest.mark.slow)])
def test_impossibilities_of_the_atlas(problem_text, name):
    text = exported(problem_text(f"impossibility/{name}"), name)
    assert verified(text).infeasible
    assert "% problem sha256 " in text


@pytest.mark.peer
@pytest.mark.parametrize("name", [*IMPOSSIBLE, *sorted(SLOW)])
def test_viprchk_accepts(problem_text, name, tmp_path):
    program = shutil.which("viprchk")
    if program is None:
        pytest.skip("viprchk is not installed")
    path = tmp_path / "certificate.vipr"
    path.write_text(exported(problem_text(f"impossibility/{name}"), name), encoding="utf-8")
    ran = subprocess.run([program, path], capture_output=True, text=True)
    assert ran.returncode == 0 and "Infeasibility verified" in ran.stdout, ran.stdout[-2000:] + ran.stderr


def test_that_nothing_is_left_besides_the_listed_rules(problem_text):
    """The two dictatorships are excluded by a row each; without one of these rows there would be a point."""
    text = exported(problem_text("impossibility/dictators"))
    assert "the rows other_0 to other_1 exclude" in text
    assert len([line for line in text.splitlines() if line.lower().startswith("other_")]) == 2


@pytest.mark.parametrize(
    ("rule", "require"),
    [
        ("choice", ["unanimous", "anonymous"]),
        ("choice", ["strategyproof", "onto"]),
        ("ranking", ["pareto", "independent"]),
    ],
)
def test_a_rule_is_a_point_that_meets_every_row(rule, require):
    problem = {"rule": rule, "agents": 2, "alternatives": ["a", "b", "c"], "require": require}
    read = verified(exported(json.dumps({"amd": 1, "kind": "axioms", **problem})))
    assert not read.infeasible and len(read.solutions) == 1


def test_a_core_is_a_point(problem_text):
    """With a veto player."""
    text = "\n".join(cooperative.vipr_text(problem_text("impossibility/empty-core"), overrides={"veto": "2"})) + "\n"
    read = verified(text)
    assert not read.infeasible and len(read.solutions) == 1


def test_rules_of_chance_have_no_certificate_of_this_kind():
    problem = {"rule": "random_assignment", "agents": 2, "alternatives": ["a", "b"], "require": ["strategyproof"]}
    with pytest.raises(SolverError, match="no linear constraints"):
        exported(json.dumps({"amd": 1, "kind": "axioms", **problem}))


def test_the_command(tmp_path):
    path = tmp_path / "arrow.vipr"
    ran = CliRunner().invoke(main, ["certify", "arrow", "--vipr", str(path)])
    assert ran.exit_code == 1, ran.output
    assert verified(path.read_text(encoding="utf-8")).infeasible


def test_an_altered_weight_is_refused(problem_text):
    text = exported(problem_text("impossibility/arrow"))
    at = text.index("{ lin ")
    number, place, weight, *rest = text[at + 6 :].split(" ", 3)
    altered = f"{text[: at + 6]}{number} {place} {F(weight) + 1} {rest[0]}"
    with pytest.raises(RefusedError):
        verified(altered)


# -- clauses of any kind ---------------------------------------------------------------------------------------------

LITERALS = st.integers(1, 4).flatmap(lambda v: st.sampled_from([v, -v]))
CLAUSES = st.lists(st.lists(LITERALS, min_size=1, max_size=3, unique_by=abs).map(tuple), min_size=1, max_size=14)


def row_of(clause):
    terms = {str(abs(one)): F(1 if one > 0 else -1) for one in clause}
    return Row(terms, F(1) - sum(one < 0 for one in clause))


@given(CLAUSES)
def test_whatever_the_search_refutes_is_refuted_by_rows(clauses):
    """Against brute force over four statements."""
    tree = Search(4, clauses, [], lambda true: None).run()
    points = product([0, 1], repeat=4)
    met = any(all(any((point[abs(x) - 1] == 1) == (x > 0) for x in one) for one in clauses) for point in points)
    assert (tree is None) == met
    if tree is None:
        return

    def cases(node, known):
        if node.true is None:
            weights = chain_weights([(k, clauses[k]) for k in node.chain], known)
            return Closed({str(k): weight for k, weight in weights.items()})
        below, above = ({**known, node.variable: value} for value in (False, True))
        return Parted(str(node.variable + 1), cases(node.false, below), cases(node.true, above))

    sheet = Sheet({str(v): BIT for v in range(1, 5)}, {str(k): row_of(one) for k, one in enumerate(clauses)})
    assert verified("\n".join(sheet.refuted(cases(tree, {}))) + "\n").infeasible


def test_a_chain_must_end_in_a_contradiction():
    with pytest.raises(ValueError, match="without a contradiction"):
        chain_weights([(0, (1,))], {})
    with pytest.raises(ValueError, match="more than one possibility"):
        chain_weights([(0, (1, 2)), (1, (-1,))], {})


# -- the sheet itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"more": F(1), "less": F(1)}, None),
        ({"more": F(1)}, "does not cancel"),
        ({"less": F(-1)}, "is negative"),
        ({"more": F(1), "less": F(1, 2)}, "does not cancel"),
        ({"slack": F(1), "less": F(1)}, "do not contradict"),
    ],
)
def test_cases_are_closed_by_their_weights(weights, words):
    """x >= 2 and x <= 1 contradict each other, x >= 0 and x <= 1 do not."""
    rows = {
        "more": Row({"x": F(1)}, F(2)),
        "less": Row({"x": F(-1)}, F(-1)),
        "slack": Row({"x": F(1)}, F(0)),
    }
    sheet = Sheet({"x": Column(None, None)}, rows)
    if words is None:
        assert verified("\n".join(sheet.refuted(Closed(weights))) + "\n").infeasible
        return
    with pytest.raises(ValueError, match=words):
        list(sheet.refuted(Closed(weights)))

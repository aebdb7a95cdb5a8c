"""Rational MPS files word for word, and QSopt_ex on them, where it is installed."""

import shutil
import subprocess
from fractions import Fraction

import pytest
from hypothesis import Phase, assume, given, settings
from rational_programs import SMALL, TINY, dense_program, small_programs

from solvers import Status
from solvers.exact import solve_exact
from solvers.exact.mps import lines

F = Fraction


def test_a_file_word_for_word():
    rows = [(None, F(22, 7)), (F(1, 3), F(10, 3)), (1, 1), (None, None)]
    columns = [(0, F(10, 3)), (None, None), (None, 2), (F(1, 2), F(1, 2))]
    matrix = [[F(1, 7), 2, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0]]
    form = dense_program([F(1, 3), 0, 0, 0], matrix, rows, columns, maximize=True, offset=F(1, 9))
    assert list(lines(form)) == [
        *("NAME program", "ROWS", " N obj", " L r0", " G r1", " E r2"),
        *("COLUMNS", " x0 obj -1/3", " x0 r0 1/7", " x1 r0 2", " x1 r1 1", " x2 r2 1", " x3 obj 0"),
        *("RHS", " RHS obj 1/9", " RHS r0 22/7", " RHS r1 1/3", " RHS r2 1"),
        *("RANGES", " RNG r1 3"),
        *("BOUNDS", " LO BND x0 0", " UP BND x0 10/3", " FR BND x1", " MI BND x2", " UP BND x2 2", " FX BND x3 1/2"),
        "ENDATA",
    ]


def asked(form, folder):
    """QSopt_ex's status and, for an optimum, its value."""
    program, path, answer = shutil.which("esolver"), folder / "program.mps", folder / "answer.sol"
    if program is None:
        pytest.skip("QSopt_ex is not installed")
    path.write_text("\n".join(lines(form)) + "\n")
    subprocess.run([program, "-O", answer, path], capture_output=True, timeout=60)
    text = answer.read_text().splitlines()
    value = next((F(line.partition("=")[2].strip()) for line in text if line.strip().startswith("Value")), None)
    return text[0].partition("=")[2].strip(), value


@pytest.mark.peer
@pytest.mark.parametrize("numbers", [SMALL, TINY])
def test_qsopt_agrees(tmp_path_factory, numbers):
    @settings(max_examples=30, deadline=None, phases=(Phase.generate,))
    @given(small_programs(numbers))
    def agrees(form):
        found = solve_exact(form)
        bounded = [
            low is not None or high is not None for low, high in zip(form.row_lower, form.row_upper, strict=True)
        ]
        assume(found.crossed is None and any(bounded) and form.value.size)  # it reads no programs without rows
        status, value = asked(form, tmp_path_factory.mktemp("peer"))
        assert status == found.status.name
        if found.status is Status.OPTIMAL:
            own = found.objective - form.offset  # which it does not read
            assert value == (-own if form.maximize else own)

    agrees()

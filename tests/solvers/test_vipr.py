"""VIPR certificates: a reader of its own accepts what is written, and of what was altered only what is still true."""

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rational_programs import answer_by_elimination, dense_program, small_programs
from vipr_reader import RefusedError, verified

from solvers import Status, vipr
from solvers.exact import RationalProgram, solve_exact

F = Fraction

# the example of the specification of format 1.0: min x + y, 4x + y >= 1, 4x - y <= 2, x and y whole
SPECIFIED = """VER 1.0
VAR 2
x y
INT 2
0 1
OBJ min
2  0 1  1 1
CON 2 0
C1 G 1  2  0 4  1 1
C2 L 2  2  0 4  1 -1
RTP range 1 1
SOL 2
feas 2  0 1  1 2
opt 1  1 1
DER 4
C3 G -1/2  1  1 1   { lin 2  0 1/2  1 -1/2 } 3
C4 G 0     1  1 1   { rnd 1  2 1 } 4
C5 G 1/4   OBJ     { lin 2  0 1/4  3 3/4 } -1
C6 G 1     OBJ     { rnd 1  4 1 } -1
"""


def written(program, remarks=()):
    """The certificate of what `solve_exact` finds."""
    found = solve_exact(program)
    return "\n".join(vipr.lines(program, found, found.x, remarks)) + "\n"


def by_cases(program, bounds=None, best=None):
    """The proof by branching that no whole solution is better than `best` (None: that there is none)."""
    lower, upper = bounds or (program.column_lower, program.column_upper)
    found = solve_exact(replace(program.relaxed(), column_lower=lower, column_upper=upper))
    worse = found.objective is not None and best is not None
    worse = worse and (found.objective <= best if program.maximize else found.objective >= best)
    if found.status is Status.INFEASIBLE or worse:
        return found
    column = next(k for k in np.flatnonzero(program.integer) if found.x[k].denominator != 1)
    units = found.x[column].numerator // found.x[column].denominator
    below, above = upper.copy(), lower.copy()
    below[column], above[column] = F(units), F(units + 1)
    low, high = (by_cases(program, pair, best) for pair in ((lower, below), (above, upper)))
    return vipr.Split(int(column), units, low, high)


def rational(read):
    """The program that a certificate speaks of."""
    n, rows = len(read.variables), read.constraints[: read.own]
    entries = [(k, column, value) for k, one in enumerate(rows) for column, value in one.row.items()]
    row, column, value = ([one[k] for one in entries] for k in range(3))
    lower = [one.right if one.order >= 0 else None for one in rows]
    upper = [one.right if one.order <= 0 else None for one in rows]
    cost = [read.objective.get(k, F(0)) for k in range(n)]
    index = np.array(row, dtype=np.int64), np.array(column, dtype=np.int64)
    return RationalProgram.of(cost, *index, value, (lower, upper, [None] * n, [None] * n), maximize=read.maximize)


def true(read):
    """Whether the claim of an accepted certificate without integer variables is true, by elimination."""
    truth = answer_by_elimination(rational(read))
    if read.infeasible or truth == "infeasible":
        return truth == "infeasible"
    low, high = read.lower, read.upper
    if truth == "unbounded":
        return (high if read.maximize else low) is None
    return (low is None or low <= truth) and (high is None or truth <= high)


def test_the_example_of_the_specification():
    read = verified(SPECIFIED)
    assert (read.lower, read.upper, read.integer) == (1, 1, {0, 1})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("VER 1.0", "VER 2.0", "2.0"),
        ("0 1\nOBJ", "0 0\nOBJ", "cannot be rounded"),
        ("range 1 1", "range 2 2", "not the bound"),
        ("range 1 1", "range 1 0", "no solution reaches"),
        ("opt 1  1 1", "opt 1  1 1/2", "not whole"),
        ("opt 1  1 1", "opt 1  1 0", "breaks"),
        ("lin 2  0 1/2  1 -1/2", "lin 2  0 1/2  1 1/2", "different directions"),
        ("lin 2  0 1/2  1 -1/2", "lin 2  0 1/2  1 -1/3", "does not follow"),
        ("lin 2  0 1/2  1 -1/2", "lin 2  0 1/2  0 1/2", "twice"),
        ("{ lin 2  0 1/4", "{ lin 2  4 1/4", "no constraint 4"),
        ("rnd 1  4 1", "lin 1  4 1", "does not follow"),
        ("rnd 1  4 1 } -1", "asm } -1", "not the bound"),
        ("C5 G 1/4", "C4 G 1/4", "two constraints"),
        ("} 3\n", "} 2\n", "not to be used"),
        ("} -1\n", "", "}"),
        ("1/4", "1/0", "no number"),
        ("DER 4", "DER 5", "too soon"),
        ("DER 4", "DER 3", "follows the last"),
    ],
)
def test_the_reader_refuses(old, new, says):
    assert old in SPECIFIED
    with pytest.raises(RefusedError, match=says):
        verified(SPECIFIED.replace(old, new, 1))


def test_an_optimum_word_for_word():
    # maximise x + y + 1/3 subject to x + 2y <= 1, 3x + y <= 1: 3/5 + 1/3 with multipliers 2/5 and 1/5
    names = {"row_names": ["first", "second"], "column_names": ["x", "y"]}
    form = dense_program(
        [1, 1], [[1, 2], [3, 1]], [(None, 1), (None, 1)], [(0, None)] * 2, maximize=True, offset=F(1, 3), **names
    )
    text = written(form, ["by hand"])
    assert text == (
        "% by hand\nVER 1.0\nVAR 3\nx\ny\nconstant\nINT 0\n\nOBJ max\n3 0 1 1 1 2 1/3\nCON 5 3\n"
        "x.G G 0 1 0 1\ny.G G 0 1 1 1\nconstant.E E 1 1 2 1\nfirst L 1 2 0 1 1 2\nsecond L 1 2 0 3 1 1\n"
        "RTP range 14/15 14/15\nSOL 1\nbest 3 0 1/5 1 2/5 2 1\n"
        "DER 1\nd0 L 14/15 OBJ { lin 3 3 2/5 4 1/5 2 1/3 } -1\n"
    )
    read = verified(text)
    assert read.lower == read.upper == F(14, 15) and true(read)


def test_contradictions_and_crossed_bounds():
    rows = [(1, None), (None, F(1, 2))]
    assert verified(written(dense_program([0, 0], [[1, 1], [1, 1]], rows, [(None, None)] * 2))).infeasible
    assert verified(written(dense_program([1], [[1]], [(2, 1)], [(0, None)]))).infeasible
    assert verified(written(dense_program([1], [], [], [(2, 1)], maximize=True))).infeasible


def test_a_solution_alone():
    form = dense_program([2], [[1]], [(1, 3)], [(0, None)], maximize=True)
    read = verified("\n".join(vipr.lines(form, None, np.array([F(3)], dtype=object))))
    assert (read.lower, read.upper) == (6, None)


def test_nothing_or_something_else_is_not_written():
    unbounded = dense_program([1], [], [], [(0, None)], maximize=True)
    with pytest.raises(ValueError, match="needs"):
        list(vipr.lines(unbounded, None))
    found = solve_exact(unbounded)
    with pytest.raises(ValueError, match="without limit"):
        list(vipr.lines(unbounded, found, found.x))


def test_cases_of_whole_columns():
    # x + y whole, 2x + 2y = 1: no whole solution, though 1/4 + 1/4 is one
    form = dense_program([0, 0], [[2, 2]], [(1, 1)], [(0, 1)] * 2, integer=np.array([True, True]))
    text = "\n".join(vipr.lines(form, by_cases(form)))
    assert " { asm } " in text and " { uns " in text and verified(text).infeasible
    # at most 5/2 of one or the other: 2
    form = dense_program([1, 1], [[2, 2]], [(None, 5)], [(0, 3)] * 2, maximize=True, integer=np.array([True, True]))
    best = np.array([F(2), F(0)], dtype=object)
    read = verified("\n".join(vipr.lines(form, by_cases(form, best=F(2)), best)))
    assert read.lower == read.upper == 2
    relaxed = text.replace("INT 2\n0 1", "INT 1\n0")
    with pytest.raises(RefusedError, match="does not follow"):
        verified(relaxed)


@settings(max_examples=40)
@given(small_programs())
def test_every_exact_answer_can_be_written(form):
    found, truth = solve_exact(form), answer_by_elimination(form)
    assume(found.status is not Status.UNBOUNDED)
    read = verified(written(form))
    assert read.infeasible == (truth == "infeasible")
    assert read.infeasible or read.lower == read.upper == truth


@settings(max_examples=25)
@given(small_programs(st.integers(-5, 5).map(Fraction)), st.data())
def test_small_whole_programs(form, data):
    low, high = (np.array([F(side)] * form.column_count, dtype=object) for side in (-2, 2))
    whole = np.array(data.draw(st.lists(st.booleans(), min_size=len(low), max_size=len(low))))
    form = replace(form, column_lower=low, column_upper=high, integer=whole)
    x = best_whole(form)
    best = None if x is None else form.cost @ x + form.offset
    read = verified("\n".join(vipr.lines(form, by_cases(form, best=best), x)))
    assert read.infeasible if best is None else read.lower == read.upper == best


def best_whole(form):
    """The best solution with whole numbers in the integer columns, by trying them all."""
    places = np.flatnonzero(form.integer)
    best = None
    for values in np.ndindex(*[5] * len(places)):
        fixed = np.array([F(value - 2) for value in values], dtype=object)
        lower, upper = form.column_lower.copy(), form.column_upper.copy()
        lower[places] = upper[places] = fixed
        found = solve_exact(replace(form.relaxed(), column_lower=lower, column_upper=upper))
        better = found.objective is not None and (best is None or (found.objective > best.objective) == form.maximize)
        best = found if better else best
    return None if best is None else best.x


@settings(max_examples=60)
@given(small_programs(most=2), st.data())
def test_an_altered_certificate_is_refused_or_true(form, data):
    assume(solve_exact(form).status is not Status.UNBOUNDED)
    tokens = written(form).split(" ")
    at = data.draw(st.integers(0, len(tokens) - 1))
    other = data.draw(
        st.sampled_from(["0", "1", "-1", "2", "1/2", "-3", "7/3", "E", "G", "L", "OBJ", "asm", "inf", ""])
    )
    tokens[at] = other if data.draw(st.booleans()) else tokens[data.draw(st.integers(0, len(tokens) - 1))]
    try:
        read = verified(" ".join(tokens))
    except RefusedError:
        return
    assert true(read)


@pytest.mark.peer
@settings(max_examples=40)
@given(small_programs())
def test_viprchk_accepts(tmp_path_factory, form):
    program = shutil.which("viprchk")
    if program is None:
        pytest.skip("viprchk is not installed")
    found = solve_exact(form)
    assume(found.status is not Status.UNBOUNDED)
    text = written(form)
    assume("\nCON 0 " not in text)  # which viprchk takes for a failure to read
    path = tmp_path_factory.mktemp("vipr") / "certificate.vipr"
    path.write_text(text)
    ran = subprocess.run([program, path], capture_output=True, text=True)
    says = "Infeasibility verified" if found.status is Status.INFEASIBLE else "Successfully verified"
    assert ran.returncode == 0 and (says in ran.stdout or "tautology" in ran.stdout), ran.stdout + ran.stderr

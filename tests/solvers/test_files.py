"""Programs written as MPS and LP, read back by HiGHS and by CBC, which share no code with the writers."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csc_array, csr_array

from solvers import Cone, ConeKind, LinearProgram, SolverError, files, lp, mps
from solvers.names import safe_names

INF = np.inf


def read(path) -> tuple[LinearProgram, list[str], list[str]]:
    """What HiGHS makes of a file: the program, and its row and column names."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    for option, value in (("small_matrix_value", 1e-12), ("infinite_cost", INF)):
        assert highs.setOptionValue(option, value) == highspy.HighsStatus.kOk
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    model = highs.getModel()
    form, hessian = model.lp_, model.hessian_
    shape = (form.num_row_, form.num_col_)
    assert form.a_matrix_.format_ == highspy.MatrixFormat.kColwise
    matrix = csc_array((form.a_matrix_.value_, form.a_matrix_.index_, form.a_matrix_.start_), shape=shape)
    half = csc_array((hessian.value_, hessian.index_, hessian.start_), shape=(hessian.dim_, hessian.dim_))
    whole = np.array([kind == highspy.HighsVarType.kInteger for kind in form.integrality_], dtype=bool)
    program = LinearProgram(
        cost=np.array(form.col_cost_, dtype=float),
        matrix=csr_array(matrix),
        row_lower=np.array(form.row_lower_, dtype=float),
        row_upper=np.array(form.row_upper_, dtype=float),
        column_lower=np.array(form.col_lower_, dtype=float),
        column_upper=np.array(form.col_upper_, dtype=float),
        integer=whole if whole.any() else None,
        maximize=form.sense_ == highspy.ObjSense.kMaximize,
        offset=form.offset_,
        quadratic=csr_array(half + half.T - np.diag(half.diagonal())) if hessian.dim_ else None,
    )
    return program, list(form.row_names_), list(form.col_names_)


def assert_same(program, again, rows, columns):
    """Equal but for the order of rows and columns, which is by name, and rows that bound nothing."""
    order = [columns.index(f"x{j}") for j in range(program.column_count)]
    bounded = np.flatnonzero(np.isfinite(program.row_lower) | np.isfinite(program.row_upper))
    lines = [rows.index(f"r{i}") for i in bounded]
    assert (again.maximize, again.offset) == (program.maximize, program.offset)
    np.testing.assert_array_equal(again.cost[order], program.cost)
    np.testing.assert_array_equal(again.matrix.toarray()[np.ix_(lines, order)], program.matrix.toarray()[bounded])
    np.testing.assert_array_equal(again.column_lower[order], program.column_lower)
    np.testing.assert_array_equal(again.column_upper[order], program.column_upper)
    whole = np.zeros(program.column_count, dtype=bool) if program.integer is None else program.integer
    np.testing.assert_array_equal(again.integer[order] if again.integer is not None else whole & False, whole)
    return lines, bounded


@pytest.fixture(scope="module")
def everything(build):
    """Every kind of row and column, coefficients that only `repr` keeps, an empty row and a column in no row."""
    third = 1 / 3
    return build(
        [0.1 + 0.2, -1e-7, 0, 2, 1e300, -third, 0, 1],
        [
            [third, 0, 0, 1, 0, 0, 0, 2],
            [0, 1e-11, 0, 0, -5e8, 0, 0, 1],
            [1, 1, 0, 0, 0, 1, 0, 0],
            [0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 2, 0, 0],
            [0, 1, 0, 1, 0, 0, 0, 0],
        ],
        [third, -INF, -2.75, -1, -INF, 4],
        [third, 1e15, 6.25, 1, INF, INF],
        [(0, INF), (-INF, INF), (-3, -1), (2, 2), (-INF, -5), (0, 1), (0, INF), (-2, 7)],
        integer=[False, False, False, False, False, True, True, True],
        maximize=True,
        offset=-12.345678901234567,
    )


def test_mps_gives_back_the_same_program(everything, tmp_path):
    path = tmp_path / "program.mps"
    files.write(everything, path)
    again, rows, columns = read(path)
    lines, bounded = assert_same(everything, again, rows, columns)
    np.testing.assert_array_equal(again.row_lower[lines], everything.row_lower[bounded])
    np.testing.assert_array_equal(again.row_upper[lines], everything.row_upper[bounded])


def test_lp_gives_back_the_same_program(everything, tmp_path):
    path = tmp_path / "program.lp"
    files.write(everything, path)
    again, rows, columns = read(path)
    lines, bounded = assert_same(everything, again, rows, columns)
    lower, upper = again.row_lower[lines], again.row_upper[lines].copy()
    for position, row in enumerate(bounded):  # two-sided rows are two rows
        if np.isfinite(everything.row_lower[row]) and everything.row_lower[row] < everything.row_upper[row] < INF:
            upper[position] = again.row_upper[rows.index(f"r{row}_upper")]
    np.testing.assert_array_equal(lower, everything.row_lower[bounded])
    np.testing.assert_array_equal(upper, everything.row_upper[bounded])


@given(data=st.data())
@pytest.mark.parametrize("ending", ["mps", "lp"])
def test_random_programs_come_back_with_the_same_value(
    programs, integer_programs, backends, tmp_path_factory, ending, data
):
    program = data.draw(programs | integer_programs)
    path = tmp_path_factory.mktemp("files") / f"program.{ending}"
    files.write(program, path)
    again, _, _ = read(path)
    before, after = backends[0].solve(program), backends[0].solve(again)
    assert before.status is after.status
    if before.objective is not None:
        assert after.objective == pytest.approx(before.objective, abs=1e-7)


def test_cbc_reads_the_same_mps(build, tmp_path):
    pulp = pytest.importorskip("pulp")
    # min, since CBC ignores OBJSENSE; ranges, offset, integer, binary, free and negative columns
    program = build(
        [1, -2, 0.5, 3],
        [[1, 1, 0, 0], [1, 0, 1, 1], [0, 1, -1, 0]],
        [1, -INF, -3],
        [4, 7, -3],
        [(0, 1), (0, 10), (-INF, INF), (-4, -1)],
        integer=[True, True, False, False],
        offset=5,
    )
    files.write(program, tmp_path / "program.mps")
    commands = [
        pulp.PULP_CBC_CMD.pulp_cbc_path,
        "program.mps",
        "-preprocess",
        "off",
        "-solve",
        "-solution",
        "a.txt",
    ]
    subprocess.run(commands, cwd=tmp_path, capture_output=True, check=True)
    # by hand: z = y + 3, row 2: x + y + 3 + w <= 7; value 5 + x - 2y + (y + 3)/2 + 3w; x + y <= 4, w = -4, y = 4, x = 0
    assert float((tmp_path / "a.txt").read_text().split("value")[1].split()[0]) == pytest.approx(5 - 8 + 3.5 - 12)


def test_a_quadratic_objective_is_written(build, tmp_path):
    quadratic = csr_array(np.array([[2.0, 1.0], [1.0, 4.0]]))
    program = build([1, -1], [[1, 1]], [1], [INF], quadratic=quadratic)
    for ending in ("mps", "lp"):
        files.write(program, tmp_path / f"program.{ending}")
        again, _, _ = read(tmp_path / f"program.{ending}")
        np.testing.assert_array_equal(again.quadratic.toarray(), quadratic.toarray())


def test_what_the_formats_cannot_say_is_refused(build, tmp_path):
    cone = (Cone(ConeKind.SECOND_ORDER, (0, 1)),)
    bad = {
        "it has cones": build([1, 1], cones=cone),
        "it has no columns": build([]),
        "column x0 has its lower bound above": build([1], bounds=[(2, 1)]),
    }
    for message, program in bad.items():
        with pytest.raises(SolverError, match=message):
            files.write(program, tmp_path / "program.mps")
    with pytest.raises(SolverError, match=r"should end in \.mps or \.lp"):
        files.write(build([1]), tmp_path / "program.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_whole_or_not_at_all(build, tmp_path, monkeypatch):
    path = tmp_path / "program.mps"
    path.write_text("old")

    def breaks(program):
        yield "NAME"
        raise KeyboardInterrupt

    monkeypatch.setitem(files.FORMATS, ".mps", breaks)
    with pytest.raises(KeyboardInterrupt):
        files.write(build([1]), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_os_error(build, tmp_path):
    with pytest.raises(FileNotFoundError):
        files.write(build([1]), tmp_path / "none" / "program.mps")


def test_names_are_safe_unique_and_as_like_as_can_be():
    names = ["incentive buyer 3→2", "incentive buyer 3_2", "free", "E12", "1st", "", "Q", "q", "x" * 300, "x" * 299]
    safe = safe_names(names, "r", ["obj"])
    assert safe[:2] == ["incentive_buyer_3_2", "incentive_buyer_3_2_2"]
    assert safe[2:6] == ["r_free", "r_E12", "r_1st", "r_"]
    assert safe[6:8] == ["Q", "q_2"]
    assert len({name.lower() for name in safe}) == len(names)
    assert all(len(name) <= 255 and name.isascii() and " " not in name for name in safe)
    assert safe_names(["obj", "OBJ"], "r", ["obj"]) == ["r_obj", "r_OBJ_2"]


def test_awkward_names_are_read_back(build, tmp_path):
    rows = ["end", "a b", "a_b", "-3 x", "obj", "r0_upper"]
    program = build([1, 2], np.eye(6, 2) + 1, [0] * 6, [9] * 6, row_names=rows, column_names=["free", "st"])
    for ending in ("mps", "lp"):
        files.write(program, tmp_path / f"program.{ending}")
        again, _, columns = read(tmp_path / f"program.{ending}")
        assert again.row_count == (6 if ending == "mps" else 12)
        assert columns == ["x_free", "x_st"]


@given(low=st.floats(-1e6, 1e6), high=st.floats(-1e6, 1e6))
def test_a_range_keeps_both_ends_or_misses_by_a_last_digit(build, low, high):
    low, high = min(low, high), max(low, high) + 1
    text = list(mps.lines(build([1], [[1]], [low], [high])))
    kind = next(line.split()[0] for line in text if line.endswith(" r0") and line[1] in "GL")
    side = next((float(line.split()[2]) for line in text if line.startswith(" RHS r0")), 0.0)
    width = float(next(line.split()[2] for line in text if line.startswith(" RNG")))
    ends = (side, side + width) if kind == "G" else (side - width, side)
    assert low in ends or high in ends
    assert ends == pytest.approx((low, high), rel=1e-15, abs=1e-300)


def test_lines_of_the_lp_format_stay_short(build):
    names = [f"column_{'x' * 200}_{j}" for j in range(60)]
    program = build([1] * 60, np.ones((2, 60)), [0] * 2, [1] * 2, column_names=names)
    assert max(map(len, lp.lines(program))) <= 510


def test_writing_is_linear_in_size(build):
    program = build([1] * 2000, np.eye(2000), [0] * 2000, [1] * 2000, row_names=["same"] * 2000)
    text = list(mps.lines(replace(program, row_names=["same"] * 2000)))
    assert sum(line.startswith(" G same") for line in text) == 2000

"""Observed values from CSV files, and where such files may lie."""

from collections.abc import Callable
from fractions import Fraction as Q
from pathlib import Path

import pytest

from amd.files import InputError, load, loads
from amd.model.types import Grid

Reader = Callable[[str, Path], Grid]
Complaints = Callable[[str, Path], list[str]]

CSV = 'id,bid,note\n1,3,x\n2,4.5,\n3,,empty\n4,3,\n\n5,10,"quoted, comma"\n6\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "s.csv").write_text(CSV, encoding="utf-8")
    return tmp_path


def test_without_cells_every_value_is_a_type_with_its_frequency(grid: Reader, folder: Path) -> None:
    found = grid("{samples: s.csv, column: bid}", folder)
    assert found.points == (3, Q(9, 2), 10)
    assert found.probability == (Q(1, 2), Q(1, 4), Q(1, 4))
    assert found.law is None
    assert found.edges is None


@pytest.mark.parametrize(
    ("rest", "points", "masses"),
    [
        ("cells: 2", "7/2 10", "3/4 1/4"),  # [3, 6.5) and [6.5, 10]
        ("cells: 3", "7/2 10", "3/4 1/4"),  # nothing in [16/3, 23/3): no type there
        ("cells: 1", "41/8", "1"),
        ("cells: 2, at: lower", "3 13/2", "3/4 1/4"),
        ("cells: 2, at: upper", "13/2 10", "3/4 1/4"),
        ("cells: 2, at: middle", "19/4 33/4", "3/4 1/4"),
        ("cells: 2, support: [0, 9]", "3 9/2", "2/3 1/3"),  # 10 is left out; [0, 4.5) and [4.5, 9]
        ("support: [0, 9]", "3 9/2", "2/3 1/3"),
        ("cells: 2, cut: mass", "3 29/4", "1/2 1/2"),
        ("cells: 4, cut: mass", "3 9/2 10", "1/2 1/4 1/4"),  # equal values stay together
        ("cells: 100, cut: mass", "3 9/2 10", "1/2 1/4 1/4"),
    ],
)
def test_cells_are_closed_below_and_the_last_also_above(
    rest: str, points: str, masses: str, grid: Reader, folder: Path, exact: Callable[[str], list[Q]]
) -> None:
    found = grid(f"{{samples: s.csv, column: bid, {rest}}}", folder)
    assert list(found.points) == exact(points)
    assert list(found.probability) == exact(masses)


def test_values_on_an_edge_belong_to_the_cell_above(grid: Reader, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("x\n0\n1\n2\n", encoding="utf-8")
    found = grid("{samples: e.csv, column: x, cells: 2}", tmp_path)
    assert found.points == (0, Q(3, 2))


def test_equal_values_at_the_top_keep_their_cell(grid: Reader, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("x\n1\n2\n10\n10\n", encoding="utf-8")
    found = grid("{samples: e.csv, column: x, cells: 2, cut: mass}", tmp_path)
    assert (found.points, found.probability) == ((Q(3, 2), 10), (Q(1, 2), Q(1, 2)))


def test_one_value_only(grid: Reader, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("x\n7\n7\n", encoding="utf-8")
    assert grid("{samples: e.csv, column: x, cells: 5}", tmp_path).points == (7,)


def test_byte_order_mark_blanks_and_signs(grid: Reader, tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes("\ufeffx , y\r\n +1e1 ,2\r\n -0.5,3\r\n".encode())
    assert grid("{samples: e.csv, column: x}", tmp_path).points == (Q(-1, 2), 10)


@pytest.mark.parametrize(
    ("distribution", "told"),
    [
        ("{samples: s.csv, column: bd}", "column: 's.csv' has no column 'bd'; did you mean 'bid'? (the columns are id"),
        ("{samples: s.csv, column: zzz}", "column: 's.csv' has no column 'zzz'; there are id, bid and note"),
        ("{samples: s.csv, column: note}", "column: s.csv:2 has 'x' in column 'note', which is not a number"),
        ("{samples: nope.csv, column: bid}", "samples: there is no file 'nope.csv' below the folder of the problem"),
        ("{samples: ., column: bid}", "samples: there is no file '.' below the folder of the problem"),
        ("{samples: ../s.csv, column: bid}", "samples: '../s.csv' leaves the folder"),
        ("{samples: sub/../../s.csv, column: bid}", "samples: 'sub/../../s.csv' leaves the folder"),
        ("{samples: /etc/passwd, column: bid}", "samples: '/etc/passwd' leaves the folder"),
        ('{samples: "s.csv\\0", column: bid}', "samples: 's.csv\\x00' leaves the folder"),
        ("{samples: s.csv}", "column: is missing"),
        ("{samples: s.csv, column: bid, at: mean}", "at: means something with 'cells' only"),
        ("{samples: s.csv, column: bid, support: [20, 30]}", "samples: 's.csv' has no values inside the support"),
        ("{samples: s.csv, column: bid, support: [3, 2]}", "support: goes from 3 to 2"),
        ("{samples: latin.csv, column: x}", "samples: latin.csv:2 is not UTF-8"),
        ("{samples: twice.csv, column: x}", "column: 'twice.csv' has 2 columns 'x'"),
        ("{samples: empty.csv, column: x}", "samples: 'empty.csv' has no header row"),
        ("{samples: head.csv, column: x}", "samples: 'head.csv' has no values in column 'x'"),
        ("{samples: nan.csv, column: x}", "column: nan.csv:3 has 'nan' in column 'x'"),
        ("{samples: link.csv, column: x}", "samples: 'link.csv' leads out of the folder"),
    ],
)  # fmt: skip
def test_faults_of_samples(distribution: str, told: str, grid_faults: Complaints, folder: Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    (inside / "s.csv").write_text(CSV, encoding="utf-8")
    (inside / "latin.csv").write_bytes(b"x\n\xe9\n")
    (inside / "twice.csv").write_text("x,x\n1,2\n", encoding="utf-8")
    (inside / "empty.csv").write_text("", encoding="utf-8")
    (inside / "head.csv").write_text("x\n", encoding="utf-8")
    (inside / "nan.csv").write_text("x\n1\nnan\n", encoding="utf-8")
    (folder / "secret.csv").write_text("x\n1\n", encoding="utf-8")
    (inside / "link.csv").symlink_to(folder / "secret.csv")
    (found,) = grid_faults(distribution, inside)
    assert found.startswith(f"f.yaml:4: agents.buyer.types.v.{told}")


def test_the_path_is_relative_to_the_problem_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = folder / "p.yaml"
    problem.write_text(
        "amd: 1\nagents: {a: {types: {v: {samples: s.csv, column: bid}}, value: {x: v}}}\noutcomes: [x]\n",
        encoding="utf-8",
    )
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert load(problem).environment.shape == (3,)
    assert load("../p.yaml").environment.shape == (3,)


def test_a_name_that_the_system_refuses_is_a_fault():
    text = (
        f"amd: 1\nagents: {{a: {{types: {{v: {{samples: {'a' * 300}.csv, column: v, cells: 2}}}}, value: {{x: v}}}}}}\n"
    )
    with pytest.raises(InputError, match="cannot be read: File name too long"):
        loads(text + "outcomes: [y, x]\n")

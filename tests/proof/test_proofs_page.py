"""The page about proofs says what the program says."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "proofs.md"
VERIFIERS = PAGE.parents[1] / "amd" / "proof"


def test_the_exhibits_of_the_page():
    done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert done.attempted >= 8
    assert done.failed == 0


def test_the_lines_of_the_verifiers_are_as_told():
    rows = [
        line.split("|")
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if "about" in line and "verify" in line
    ]
    told = {row[1].strip(" `"): int(row[3].split()[-1]) for row in rows if len(row) == 5}
    assert len(told) == 5
    for name, lines in told.items():
        actual = len((VERIFIERS / Path(name).name).read_text(encoding="utf-8").splitlines())
        assert abs(actual - lines) <= 15, (name, actual)

"""The README's examples say what the program says."""

import doctest
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_of_the_readme():
    done = doctest.testfile(str(README), module_relative=False)
    assert done.attempted >= 4
    assert done.failed == 0

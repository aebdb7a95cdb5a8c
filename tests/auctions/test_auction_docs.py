"""The page of the auction format: its examples run, and it names every key, format and payment rule."""

import re
from pathlib import Path

import pytest

from amd.auctions import solve_text
from amd.auctions.shapes import AUCTION, FORMATS, PAYMENTS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "auction-format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_run(text):
    assert solve_text(text).exit_status == 0


def test_everything_is_named():
    for word in [*AUCTION.keys, *FORMATS, *PAYMENTS]:
        assert f"`{word}`" in PAGE, word

"""What a family of benchmark problems consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Model = Callable[[int], float]


@dataclass(frozen=True)
class Family:
    """Problems of growing size.

    `text` is the problem file of a size. `sizes` are those that are tried, smallest first; a way that passes the time
    limit is not asked for more. `models` are other ways to the optimum, by name: the natural models build and solve.
    `closed_form` is the optimum by a formula.
    """

    name: str
    size: str
    text: Callable[[int], str]
    sizes: tuple[int, ...]
    models: dict[str, Model]
    closed_form: Model | None = None

"""What is wrong with an input: every fault with its line and its place, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

MAX_COMPARED = 60  # names that an unknown one is compared with
MAX_FAULTS = 1_000  # of one input that are told one by one


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    `line` counts from 1 and is None where the input has no lines (a problem built in Python, an override). `path` is
    the key path, such as ``agents.buyer.types.v``, with items of lists counted from 1 in brackets; empty for the
    whole file. `message` says what is wrong and what would be right.
    """

    line: int | None
    path: str
    message: str

    def text(self, origin: str) -> str:
        """The fault on one line: ``FILE:LINE: KEY.PATH: message``."""
        place = [origin if self.line is None else f"{origin}:{self.line}"]
        if self.path:
            place.append(_one_line(self.path))
        return ": ".join([*place, _one_line(self.message)])


class InputError(ValueError):
    """The input is wrong. `faults` holds everything found, in the order of lines; `str()` gives one line for each."""

    def __init__(self, faults: Iterable[Fault], origin: str) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.line is None, fault.line or 0)))
        self.origin = origin
        super().__init__("\n".join(fault.text(origin) for fault in self.faults))


@dataclass
class Faults:
    """Collects faults while an input is read; one found twice is kept once."""

    origin: str
    found: dict[Fault, None] = field(default_factory=dict)
    unsaid: int = 0

    def add(self, line: int | None, path: str, message: str) -> None:
        """Remember one fault."""
        if len(self.found) < MAX_FAULTS:
            self.found[Fault(line, path, message)] = None
        else:
            self.unsaid += 1

    def __bool__(self) -> bool:
        return bool(self.found)

    def check(self) -> None:
        """Raise InputError if anything was found."""
        if self.found:
            raise self.error()

    def error(self) -> InputError:
        """The error that tells what was found."""
        rest = [Fault(None, "", f"and {self.unsaid:,} faults more")] if self.unsaid else []
        return InputError([*self.found, *rest], self.origin)


def suggest(name: str, known: Iterable[str]) -> str:
    """How a sentence about an unknown name ends: ``; did you mean 'cells'?``, or what there is, or nothing."""
    names = list(dict.fromkeys(known))
    close = get_close_matches(name, names[:MAX_COMPARED], n=1, cutoff=0.6) or [
        other for other in names if other.lower() == name.lower()
    ]
    if close:
        return f"; did you mean '{close[0]}'?"
    if not names:
        return ""
    return f"; there is {listing(names)}" if len(names) == 1 else f"; there are {listing(names)}"


def listing(names: Iterable[str], limit: int = 12) -> str:
    """Names as a list for people, cut off after `limit`: ``a, b and c``."""
    items = list(names)
    if len(items) > limit:
        return ", ".join(items[:limit]) + f" and {len(items) - limit} more"
    if len(items) <= 1:
        return "".join(items)
    return ", ".join(items[:-1]) + " and " + items[-1]


def clip(text: str, length: int = 60) -> str:
    """A text short enough to be quoted in a message."""
    flat = _one_line(text)
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def _one_line(text: str) -> str:
    """The text with line breaks and other control characters shown as blanks or escapes."""
    return "".join(
        char if char.isprintable() else " " if char in "\n\r\t" else char.encode("unicode_escape").decode("ascii")
        for char in text
    )

"""Gathering the entries of a mechanism file until every type profile has exactly one."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from amd.files.faults import Faults, clip
from amd.mechanism.direct import Mechanism
from amd.mechanism.entries import Numbers, Reader, kind
from amd.mechanism.reports import type_label
from amd.model.environment import Environment
from amd.model.numbers import ExactArray, FloatArray, IntArray, exact_array

MAX_FAULTS = 50  # faults shown at once
_KEYS = frozenset({"report", "outcomes", "allocation", "decisions", "payments"})


class Gatherer:
    """Gathers entries until every type profile has exactly one."""

    def __init__(self, environment: Environment, faults: Faults) -> None:
        self.environment = environment
        self.faults = faults
        self.reader = Reader(environment, faults)
        self.seen: dict[int, int] = {}  # the number of a profile, and the entry that holds it
        self.columns: list[Numbers] = []
        self.payments: list[Numbers] = []

    def mechanism(self, entries: list[Any]) -> Mechanism:
        """The mechanism of all the entries."""
        paid = any(isinstance(entry, dict) and "payments" in entry for entry in entries)
        for k, entry in enumerate(entries, 1):
            self._entry(entry, k, paid)
            if len(self.faults.found) >= MAX_FAULTS:
                self.faults.check()
        if not self.faults:
            self._complete()
        self.faults.check()
        order = np.argsort(np.fromiter(self.seen, dtype=np.int64, count=len(self.seen)))
        allocation, exact_allocation = self._array(self.columns, order)
        payments, exact_payments = self._array(self.payments, order) if paid else (None, None)
        return Mechanism(self.environment, allocation, payments, exact_allocation, exact_payments)

    def _entry(self, entry: Any, k: int, paid: bool) -> None:
        place = f"profiles[{k}]"
        if not isinstance(entry, dict):
            self.faults.add(None, place, f"is {kind(entry)}, but needs report, a decision and payments")
            return
        for key in set(entry) - _KEYS:
            self.faults.add(None, f"{place}.{clip(key)}", "is no key of an entry")
        profile = self._profile(entry.get("report"), f"{place}.report")
        if profile is not None:
            if profile in self.seen:
                self.faults.add(None, f"{place}.report", f"is the profile of profiles[{self.seen[profile]}] again")
            self.seen.setdefault(profile, k)
        self.columns.append(self.reader.columns(entry, place))
        if paid:
            each = self.reader.numbers(entry.get("payments"), self.reader.agents, f"{place}.payments", "agent")
            self.payments.append(each)

    def _profile(self, reports: Any, place: str) -> int | None:
        """The number of the reported profile; None, with a fault, if it is none."""
        if not isinstance(reports, list) or len(reports) != self.reader.agents:
            self.faults.add(
                None, place, f"is {kind(reports)}, but needs a report for each of {self.reader.agents} agents"
            )
            return None
        types = [self.reader.type_of(i, report, f"{place}[{i + 1}]") for i, report in enumerate(reports)]
        number = 0
        for size, k in zip(self.environment.shape, types, strict=True):
            if k is None:
                return None
            number = number * size + k
        return number

    def _complete(self) -> None:
        """A fault where type profiles have no entry."""
        missing = self.environment.profile_count - len(self.seen)
        if not missing:
            return
        number = next(k for k in range(len(self.seen) + 1) if k not in self.seen)
        said = []
        for i in reversed(range(self.reader.agents)):
            number, k = divmod(number, self.environment.shape[i])
            said.append(f"{self.environment.agents[i].name}: {type_label(self.environment, i, k)}")
        first = "; ".join(reversed(said))
        self.faults.add(None, "profiles", f"{missing:,} type profiles have no entry; the first is {first}")

    def _array(self, lines: list[Numbers], order: IntArray) -> tuple[FloatArray, ExactArray | None]:
        """Numbers in the order of profiles: as floats, and as Fractions where all of them are exact."""
        shape = (*self.environment.shape, len(lines[0]))
        flat = list(chain.from_iterable(lines))
        floats = np.array([float(number) for number in flat]).reshape(len(lines), -1)[order].reshape(shape)
        if any(type(number) is float for number in flat):
            return floats, None
        exact = exact_array(flat, (len(lines), len(lines[0])))
        return floats, exact[order].reshape(shape)

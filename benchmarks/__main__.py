"""Every family beside what a user would write otherwise: ``python -m benchmarks [FAMILY ...] [--limit 600]``.

Each way is measured size by size until it passes the time limit or the sizes end. What was measured is kept in
``benchmarks/measured.json`` run by run, written whole or not at all: a command that was stopped goes on where it was
when it is given again with the same limit. Tables and exponents go into the README, log-log plots into
``benchmarks/figures``; ``--into FOLDER`` leaves these alone and writes all of it there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from amd.files.whole import write_whole
from benchmarks.report import BEGIN, END, draw, section, write_section
from benchmarks.worker import FAMILIES, OURS, family

HERE = Path(__file__).parent
KEPT = "measured.json"
AGREE = 1e-6


def measure(name: str, way: str, size: int, limit: float) -> dict[str, Any] | None:
    """A measurement; None past the limit, or past the memory. SystemExit where the way fails."""
    command = [sys.executable, "-m", "benchmarks.worker", name, way, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, cwd=HERE.parent, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{way} failed on {name} at {size}:\n{done.stderr}")
    found: dict[str, Any] | None = json.loads(done.stdout.splitlines()[-1])
    return found


def run(name: str, limit: float, begun: dict[str, Any], keep: Callable[[dict[str, Any]], None]) -> None:
    """Measures what has not been measured yet. `keep` is handed all that is known after every run, with the runs that
    gave no answer, the wrong answers of other ways, and whether there is more to do."""
    one = family(name)
    found: dict[str, dict[str, Any]] = begun.get("ways") or {way: {} for way in (*OURS, *one.models)}
    vain: list[list[Any]] = begun.get("vain", [])
    wrong: list[list[Any]] = begun.get("wrong", [])
    for size in one.sizes:
        for way, sizes in found.items():
            late = way != "amd" and len(sizes) < one.sizes.index(size)
            if late or str(size) in sizes or [way, size] in vain:
                continue
            measurement = measure(name, way, size, limit)
            print(f"{name} {size} {way}: {'no answer' if measurement is None else measurement['cpu']}", flush=True)
            if measurement is not None:
                sizes[str(size)] = measurement
            else:
                vain.append([way, size])
            keep({"limit": limit, "ways": found, "vain": vain, "wrong": wrong, "unfinished": True})
        for way, optimum in disagreeing(one, size, found).items():
            print(f"{name} {size} {way}: a wrong optimum, {optimum}", flush=True)
            del found[way][str(size)]
            vain.append([way, size])
            wrong.append([way, size, optimum])
    keep({"limit": limit, "ways": found, "wrong": wrong})


def disagreeing(one: Any, size: int, found: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The natural models whose optimum is not ours. SystemExit where our own ways, or the closed form, differ."""
    optima = {way: sizes[str(size)]["objective"] for way, sizes in found.items() if str(size) in sizes}
    own = {way: optimum for way, optimum in optima.items() if way in OURS}
    if one.closed_form is not None:
        own["closed form"] = one.closed_form(size)
    if own and max(own.values()) - min(own.values()) > AGREE:
        raise SystemExit(f"{one.name} at {size}: the ways disagree: {own}")
    return {way: optimum for way, optimum in optima.items() if own and abs(optimum - max(own.values())) > AGREE}


def main() -> None:
    """Measure the families asked for, keep the others' numbers, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"among {', '.join(FAMILIES)} [default: all]")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one run may take [default: 600]")
    parser.add_argument("--into", type=Path, default=HERE, help="the folder to write to [default: benchmarks]")
    parser.add_argument("--report", action="store_true", help="only write the report of what was measured before")
    asked = parser.parse_args()
    unknown = [name for name in asked.families if name not in FAMILIES]
    if unknown:
        parser.error(f"unknown family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    place = folder(asked.into)
    kept: dict[str, Any] = json.loads((place / KEPT).read_text(encoding="utf-8")) if (place / KEPT).exists() else {}
    wanted = asked.families or FAMILIES
    begun = [name for name in wanted if same(kept.get(name, {}), asked.limit)]
    for name in () if asked.report else begun + [name for name in wanted if name not in begun]:

        def keep(known: dict[str, Any], name: str = name) -> None:
            kept[name] = known
            write_whole(place / KEPT, [json.dumps(kept, indent=1, sort_keys=True), "\n"])

        run(name, asked.limit, kept[name] if name in begun else {}, keep)
    known = [name for name in FAMILIES if name in kept]
    for name in known:
        draw(family(name), kept[name]["ways"], place / "figures" / f"{name}.svg")
    write_section(place / "README.md", "\n".join(section(name, family(name), kept[name]) for name in known))


def same(kept: dict[str, Any], limit: float) -> bool:
    """Whether this was begun with the same limit, and not ended."""
    return bool(kept.get("unfinished")) and kept["limit"] == limit


def folder(into: Path) -> Path:
    """The folder that is written to, with a README that has a place for the tables."""
    into.mkdir(parents=True, exist_ok=True)
    if not (into / "README.md").exists():
        write_whole(into / "README.md", ["# Benchmarks\n\n", BEGIN, "\n", END, "\n"])
    return into


if __name__ == "__main__":
    main()

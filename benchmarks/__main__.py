"""Every family beside what a user would write otherwise: ``python -m benchmarks [FAMILY ...] [--limit 600]``.

Each way is measured size by size until it passes the time limit or the sizes end. What was measured is kept in
``benchmarks/measured.json``; tables and exponents go into the README, log-log plots into ``benchmarks/figures``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import draw, section, write_section
from benchmarks.worker import FAMILIES, OURS, family

HERE = Path(__file__).parent
KEPT = HERE / "measured.json"
AGREE = 1e-6


def measure(name: str, way: str, size: int, limit: float) -> dict[str, Any] | None:
    """A measurement, None past the limit. SystemExit where the way fails."""
    command = [sys.executable, "-m", "benchmarks.worker", name, way, str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, cwd=HERE.parent, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{way} failed on {name} at {size}:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(name: str, limit: float) -> dict[str, dict[str, Any]]:
    """Measurements by way and size; all optima agree, or SystemExit."""
    one = family(name)
    found: dict[str, dict[str, Any]] = {way: {} for way in (*OURS, *one.models)}
    for size in one.sizes:
        for way, sizes in found.items():
            if way != "amd" and len(sizes) < one.sizes.index(size):
                continue
            measurement = measure(name, way, size, limit)
            print(f"{name} {size} {way}: {'no answer' if measurement is None else measurement['cpu']}", flush=True)
            if measurement is not None:
                sizes[str(size)] = measurement
        require_agreement(one, size, found)
    return found


def require_agreement(one: Any, size: int, found: dict[str, dict[str, Any]]) -> None:
    """SystemExit where two ways, or the closed form, differ."""
    optima = {way: sizes[str(size)]["objective"] for way, sizes in found.items() if str(size) in sizes}
    if one.closed_form is not None:
        optima["closed form"] = one.closed_form(size)
    if optima and max(optima.values()) - min(optima.values()) > AGREE:
        raise SystemExit(f"{one.name} at {size}: the ways disagree: {optima}")


def main() -> None:
    """Measure the families asked for, keep the others' numbers, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=f"among {', '.join(FAMILIES)} [default: all]")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one run may take [default: 600]")
    parser.add_argument("--report", action="store_true", help="only write the report of what was measured before")
    asked = parser.parse_args()
    unknown = [name for name in asked.families if name not in FAMILIES]
    if unknown:
        parser.error(f"unknown family {', '.join(unknown)}; there are {', '.join(FAMILIES)}")
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    for name in () if asked.report else asked.families or FAMILIES:
        kept[name] = {"limit": asked.limit, "ways": run(name, asked.limit)}
        KEPT.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    known = [name for name in FAMILIES if name in kept]
    for name in known:
        draw(family(name), kept[name]["ways"], HERE / "figures" / f"{name}.svg")
    write_section(HERE / "README.md", "\n".join(section(name, family(name), kept[name]) for name in known))


if __name__ == "__main__":
    main()

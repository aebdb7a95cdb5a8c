"""Tables, exponents and plots of what ``python -m benchmarks`` measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from amd.files.whole import write_whole
from benchmarks.families.family import Family

BEGIN, END = "<!-- made by python -m benchmarks -->", "<!-- end of what python -m benchmarks made -->"
LONG = 0.05  # seconds from which on a time says something about growth
STEPS = ("read", "build", "solve", "lift", "audit")


def exponent(sizes: dict[str, Any]) -> float | None:
    """b of the least-squares fit cpu = a · size^b to the runs that are long enough; None with fewer than three."""
    points = [(float(size), one["cpu"]) for size, one in sizes.items() if one["cpu"] >= LONG]
    if len(points) < 3:
        return None
    size, cpu = np.log(np.array(points)).T
    return float(np.polyfit(size, cpu, 1)[0])


def section(name: str, one: Family, kept: dict[str, Any]) -> str:
    """A family's part of the README."""
    ways = kept["ways"]
    lines = [f"### {one.name[0].upper()}{one.name[1:]}", "", f"![cost against size](figures/{name}.svg)", ""]
    lines += [*_beside_others(one, ways, kept["limit"]), *_wrong(kept.get("wrong", [])), ""]
    lines += [*_steps(ways["amd"]), ""]
    return "\n".join(lines)


def _beside_others(one: Family, ways: dict[str, Any], limit: float) -> list[str]:
    """Processor seconds of every way; the ratio at the largest size that cvxpy finished."""
    sizes = sorted({int(size) for way in ways.values() for size in way})
    lines = [f"| {one.size} | {' | '.join(ways)} |", "| --- " * (len(ways) + 1) + "|"]
    for size in sizes:
        cells = [f"{way[str(size)]['cpu']:.3g} s" if str(size) in way else "" for way in ways.values()]
        lines.append(f"| {size} | {' | '.join(cells)} |")
    fits = [exponent(way) for way in ways.values()]
    lines.append(f"| **exponent** | {' | '.join('' if fit is None else f'{fit:.1f}' for fit in fits)} |")
    closed = " Every optimum equals the closed form to 1e-6." if one.closed_form is not None else ""
    return [*lines, "", f"{_ratio(ways)} Each run could take {limit:.0f} s on the clock.{closed}"]


def _wrong(found: list[list[Any]]) -> list[str]:
    """A sentence about each way that called something optimal that was not."""
    return [f"At {size}, the {way} model ended with a wrong optimum, {optimum:.6g}." for way, size, optimum in found]


def _ratio(ways: dict[str, Any]) -> str:
    size = max((int(size) for size in ways["natural cvxpy"]), default=0)
    ratio = ways["natural cvxpy"][str(size)]["cpu"] / ways["amd"][str(size)]["cpu"] if size else float("nan")
    return f"At {size}, the largest size that the natural cvxpy model finishes, `amd` is {ratio:,.0f} times faster."


def _steps(sizes: dict[str, Any]) -> list[str]:
    """Where `amd`'s time goes, and its peak of memory. All but the solver is all but HiGHS's runs, where these were
    taken apart (steps are then in processor seconds), else all but the step that contains them."""
    head = " | ".join(STEPS)
    lines = [f"| `amd` | {head} | all but the solver | nonzeros | peak memory |", "| --- " * (len(STEPS) + 4) + "|"]
    for size, one in sorted(sizes.items(), key=lambda item: int(item[0])):
        steps = [one["steps"].get(step, 0.0) for step in STEPS]
        share = 1 - one["steps"]["highs"] / one["cpu"] if "highs" in one["steps"] else 1 - steps[2] / sum(steps)
        cells = " | ".join(f"{step:.3f} s" for step in steps)
        lines.append(f"| {size} | {cells} | {share:.0%} | {one['nonzeros']:,} | {one['peak'] / 1e6:.0f} MB |")
    return lines


def draw(one: Family, ways: dict[str, Any], path: Path) -> None:
    """Cost against size, both on logarithmic scales, with the fitted exponents."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = one.name  # the same numbers make the same file
    figure, axes = pyplot.subplots(figsize=(6.5, 4), layout="constrained")
    for way, sizes in ways.items():
        if not sizes:
            continue
        points = sorted((int(size), found["cpu"]) for size, found in sizes.items())
        fit = exponent(sizes)
        axes.loglog(*zip(*points, strict=True), marker="o", label=way if fit is None else f"{way}: size^{fit:.1f}")
    axes.set_xlabel(one.size)
    axes.set_ylabel("processor seconds")
    axes.set_title(one.name)
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def write_section(readme: Path, text: str) -> None:
    """Puts the text between its marks. ValueError where the README has none."""
    before, mark, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    if not mark or END not in rest:
        raise ValueError(f"{readme} has no place for the tables: {BEGIN} … {END}")
    write_whole(readme, [f"{before}{BEGIN}\n\n{text}\n{END}{rest.partition(END)[2]}"])

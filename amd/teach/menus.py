"""A shop with two goods and one customer: a price for one good, a price for both, and who buys what."""

from __future__ import annotations

from collections.abc import Iterable

from amd.teach.sketch import GREEN, ORANGE, SKY, Sketch

Point = tuple[float, float]
HalfPlane = tuple[float, float, float]  # a, b, c: a x + b y >= c
SQUARE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def menu_regions(single: float, bundle: float) -> dict[str, list[Point]]:
    """The polygons of values in the unit square that buy "first", "second" and "both", at `single` for one good and
    `bundle` for both; two single purchases are possible too."""
    both = min(bundle, 2 * single)
    alone, step = (1.0, 0.0, single), both - single  # the second good costs `step` on top of the first
    return {
        "first": clipped([alone, (0.0, -1.0, -step), (1.0, -1.0, 0.0)]),
        "second": clipped([(0.0, 1.0, single), (-1.0, 0.0, -step), (-1.0, 1.0, 0.0)]),
        "both": clipped([(1.0, 1.0, both), (1.0, 0.0, step), (0.0, 1.0, step)]),
    }


def menu_revenue(single: float, bundle: float) -> float:
    """Expected revenue for values uniform on the unit square, by the exact areas of the regions."""
    areas = {name: area(region) for name, region in menu_regions(single, bundle).items()}
    return single * (areas["first"] + areas["second"]) + min(bundle, 2 * single) * areas["both"]


def menu_explorer(single: float = 0.5, bundle: float = 1.0) -> Sketch:
    """Who buys what, and what that earns."""
    drawing = Sketch((0, 1), (0, 1), ("value of the first good", "value of the second good"), width=480, height=460)
    earned = menu_revenue(single, bundle)
    drawing.title = f"one at {single:.2f}, both at {min(bundle, 2 * single):.2f}: revenue {earned:.4f}"
    for (name, region), color in zip(menu_regions(single, bundle).items(), (SKY, ORANGE, GREEN), strict=True):
        drawing.area(region, color)
        if area(region) > 0.02:
            middle = [sum(part) / len(region) for part in zip(*region, strict=True)]
            drawing.note(middle[0], middle[1], name)
    return drawing


def clipped(half_planes: Iterable[HalfPlane]) -> list[Point]:
    """The corners of the part of the unit square inside all half-planes, in order (Sutherland and Hodgman, 1974)."""
    corners = list(SQUARE)
    for a, b, c in half_planes:
        kept: list[Point] = []
        for here, there in zip(corners, corners[1:] + corners[:1], strict=True):
            room, next_room = (a * x + b * y - c for x, y in (here, there))
            if room >= 0:
                kept.append(here)
            if room * next_room < 0:
                share = room / (room - next_room)
                kept.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1])))
        corners = kept
    return corners


def area(corners: list[Point]) -> float:
    """The area of a polygon, by the shoelace formula."""
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2

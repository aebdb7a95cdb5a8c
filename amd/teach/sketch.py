"""Small drawings that are made in a millisecond, so that a slider can redraw them while it moves.

A `Sketch` is one pair of axes as SVG text: no library, the same bytes everywhere. Colours are Okabe and Ito's (2008),
which can be told apart with any common colour blindness.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import ceil, floor, isfinite, log10
from typing import Any
from zlib import crc32

BLUE, RED, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
INK, PALE = "#1a1a1a", "#8c8c8c"
LEFT, RIGHT, TOP, BOTTOM = 66, 16, 34, 52  # margins in pixels
FONT = 'font-family="DejaVu Sans, Helvetica, Arial, sans-serif"'

Span = tuple[float, float]


@dataclass(eq=False)
class Sketch:
    """Axes from `x[0]` to `x[1]` and `y[0]` to `y[1]`, with their labels; draw on it, then show it."""

    x: Span
    y: Span
    labels: tuple[str, str] = ("", "")
    title: str = ""
    width: int = 560
    height: int = 340
    names: Sequence[str] = ()  # of places 0, 1, 2, … on the x axis, instead of numbers
    corner: str = "nw"  # where the legend is: nw, ne, or s
    parts: list[str] = field(default_factory=list)
    keys: list[tuple[str, str, bool]] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a point."""
        across = (x - self.x[0]) / ((self.x[1] - self.x[0]) or 1.0)
        up = (y - self.y[0]) / ((self.y[1] - self.y[0]) or 1.0)
        return (
            LEFT + across * (self.width - LEFT - RIGHT),
            self.height - BOTTOM - up * (self.height - TOP - BOTTOM),
        )

    def line(self, x: Iterable[Any], y: Iterable[Any], color: str, label: str = "", dash: bool = False) -> Sketch:
        """A line through points; those that are not finite are left out."""
        points = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (self.at(*p) for p in points if all(map(isfinite, p))))
        dashes = ' stroke-dasharray="7 5"' if dash else ""
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2.4"{dashes} '
            f'clip-path="url(#inside)"/>'
        )
        return self._key(color, label, dash)

    def dots(self, x: Iterable[Any], y: Iterable[Any], color: str, label: str = "", size: float = 5) -> Sketch:
        """Points."""
        for a, b in (self.at(float(p), float(q)) for p, q in zip(x, y, strict=True)):
            self.parts.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{size}" fill="{color}" stroke="white"/>')
        return self._key(color, label, False)

    def band(self, low: float, high: float, color: str, label: str = "") -> Sketch:
        """A shaded part of the x axis."""
        left, top = self.at(low, self.y[1])
        right, bottom = self.at(high, self.y[0])
        self._box(left, top, right - left, bottom - top, color, 0.16)
        return self._key(color, label, False)

    def bars(
        self, heights: Iterable[Any], color: str, label: str = "", place: float = 0.0, wide: float = 0.7
    ) -> Sketch:
        """Bars at 0, 1, 2, … with their numbers, moved by `place`."""
        for position, height in enumerate(map(float, heights)):
            left, top = self.at(position + place - wide / 2, max(height, 0.0))
            right, bottom = self.at(position + place + wide / 2, min(height, 0.0))
            self._box(left, top, right - left, max(bottom - top, 0.5), color, 0.9)
            self._words((left + right) / 2, top - 5, _short(height), 13, "middle")
        return self._key(color, label, False)

    def area(self, corners: Iterable[tuple[float, float]], color: str, label: str = "") -> Sketch:
        """A filled polygon."""
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in (self.at(*corner) for corner in corners))
        self.parts.append(f'<polygon points="{path}" fill="{color}" fill-opacity="0.75" stroke="white"/>')
        return self._key(color, label, False)

    def upright(self, x: float, words: str = "", color: str = PALE) -> Sketch:
        """A dashed vertical line with words at its top."""
        a, b = self.at(x, self.y[0])
        self.parts.append(
            f'<line x1="{a:.1f}" x2="{a:.1f}" y1="{TOP}" y2="{b:.1f}" stroke="{color}" stroke-width="1.6" '
            f'stroke-dasharray="4 4"/>'
        )
        if words:
            right = a > self.width * 0.7
            self._words(a + (-6 if right else 6), TOP + 14, words, 13, "end" if right else "start", color)
        return self

    def level(self, y: float, color: str = PALE) -> Sketch:
        """A dashed horizontal line."""
        a, b = self.at(self.x[0], y)
        end, _ = self.at(self.x[1], y)
        self.parts.append(
            f'<line x1="{a:.1f}" x2="{end:.1f}" y1="{b:.1f}" y2="{b:.1f}" stroke="{color}" stroke-width="1.2" '
            f'stroke-dasharray="4 4"/>'
        )
        return self

    def note(self, x: float, y: float, words: str, color: str = INK, size: int = 14, anchor: str = "middle") -> Sketch:
        """Words at a point."""
        a, b = self.at(x, y)
        self._words(a, b, words, size, anchor, color)
        return self

    def _key(self, color: str, label: str, dash: bool) -> Sketch:
        if label:
            self.keys.append((color, label, dash))
        return self

    def _box(self, x: float, y: float, wide: float, high: float, color: str, opacity: float) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" height="{max(high, 0):.1f}" fill="{color}" '
            f'fill-opacity="{opacity}"/>'
        )

    def _words(self, x: float, y: float, words: str, size: int, anchor: str = "middle", color: str = INK) -> None:
        self.parts.append(written(x, y, words, size, anchor, color))

    def body(self) -> str:
        """The drawing without the sheet around it."""
        left, bottom = LEFT, self.height - BOTTOM
        across, down = self.width - LEFT - RIGHT, self.height - TOP - BOTTOM
        clip = f'<clipPath id="inside"><rect x="{left}" y="{TOP}" width="{across}" height="{down}"/></clipPath>'
        title = written(left, 20, self.title, 16, "start") if self.title else ""
        axes = (
            f'<path d="M{left},{TOP} V{bottom} H{self.width - RIGHT}" fill="none" stroke="{INK}"/>'
            + written(left + across / 2, self.height - 10, self.labels[0], 15)
            + written(16, TOP + down / 2, self.labels[1], 15, turned=True)
        )
        return clip + title + self._ticks() + "".join(self.parts) + axes + self._legend()

    def _ticks(self) -> str:
        words = []
        places = [(float(k), name) for k, name in enumerate(self.names)] or [(v, _short(v)) for v in ticks(*self.x)]
        for value, name in places:
            a, b = self.at(value, self.y[0])
            words.append(written(a, b + 19, name, 13))
        for value in ticks(*self.y):
            a, b = self.at(self.x[0], value)
            end, _ = self.at(self.x[1], value)
            words.append(f'<line x1="{a:.1f}" x2="{end:.1f}" y1="{b:.1f}" y2="{b:.1f}" stroke="{PALE}" opacity="0.3"/>')
            words.append(written(a - 7, b + 5, _short(value), 13, "end"))
        return "".join(words)

    def _legend(self) -> str:
        words, x, y = [], *self._corner()
        for color, label, dash in self.keys:
            dashes = ' stroke-dasharray="5 3"' if dash else ""
            words.append(
                f'<line x1="{x}" x2="{x + 22}" y1="{y - 5}" y2="{y - 5}" stroke="{color}" stroke-width="4"{dashes}/>'
                + written(x + 29, y, label, 13, "start")
            )
            y += 19
        return "".join(words)

    def _corner(self) -> tuple[float, float]:
        """Where the legend begins."""
        if self.corner == "ne":
            longest = max((len(label) for _, label, _ in self.keys), default=0)
            return self.width - RIGHT - 36.0 - 7.6 * longest, TOP + 16.0
        if self.corner == "s":
            return LEFT + 0.32 * (self.width - LEFT - RIGHT), self.height - BOTTOM - 19.0 * len(self.keys)
        return LEFT + 14.0, TOP + 16.0

    def _repr_svg_(self) -> str:
        return sheet([self])

    def __repr__(self) -> str:
        return f"a drawing of {self.title or self.labels[1]}"


@dataclass(frozen=True, eq=False)
class Beside:
    """Drawings side by side, with a line of words below."""

    sketches: tuple[Sketch, ...]
    words: str = ""

    def _repr_svg_(self) -> str:
        return sheet(self.sketches, self.words)

    def __repr__(self) -> str:
        return " | ".join(sketch.title for sketch in self.sketches) + (f": {self.words}" if self.words else "")


def beside(*sketches: Sketch, words: str = "") -> Beside:
    """Drawings side by side."""
    return Beside(sketches, words)


def sheet(sketches: Sequence[Sketch], words: str = "") -> str:
    """The SVG of drawings side by side on white paper."""
    width, high = sum(one.width for one in sketches), max(one.height for one in sketches)
    height = high + (34 if words else 0)
    parts, x = [], 0
    for one in sketches:
        body = one.body()
        own = f"inside-{crc32(body.encode()):x}"  # several drawings may stand on one page
        body = body.replace("#inside", f"#{own}").replace('id="inside"', f'id="{own}"')
        parts.append(f'<g transform="translate({x},0)">{body}</g>')
        x += one.width
    below = written(width / 2, high + 18, words, 15) if words else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'style="max-width: 100%; height: auto"><rect width="{width}" height="{height}" fill="white"/>'
        f"{''.join(parts)}{below}</svg>"
    )


def written(
    x: float, y: float, words: str, size: int, anchor: str = "middle", color: str = INK, turned: bool = False
) -> str:
    """Words as SVG; text of users is escaped."""
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-size="{size}" text-anchor="{anchor}" fill="{color}"{turn}>'
        f"{html.escape(words)}</text>"
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high, about so many."""
    raw = (high - low) / about
    if not isfinite(raw) or raw <= 0:
        return [low]
    power = 10 ** floor(log10(raw))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * 0.999)
    first = ceil(low / step - 1e-9)
    return [step * k for k in range(first, floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    return f"{value + 0.0:.3g}" if abs(value) < 1000 else f"{value:,.0f}"

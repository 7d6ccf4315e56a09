"""Figures -> small SVG drawings, for a report that needs nothing from outside; colours come from its style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

Point = tuple[float, float]
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 420, 250, 44, 34, 24
_BAR, _NAME = 18, 130


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing with its title."""

    title: str
    svg: Markup


def draw_lines(
    title: str,
    series: Mapping[str, Sequence[Point]],
    x_label: str,
    y_label: str,
    x_ticks: Mapping[float, str] | None = None,
) -> Plot:
    """Lines over x and y from 0 to 1, each named; `x_ticks` says what stands at which x (None: every fifth)."""
    parts = [_axes(x_label, y_label, x_ticks or {step / 5: f"{step / 5:.1f}" for step in range(6)})]
    heights = [y for points in series.values() for _, y in points]
    high = sum(heights) > len(heights) / 2  # then the names go below the lines
    for number, (name, points) in enumerate(series.items()):
        path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        parts.append(Markup('<polyline class="line c{}" points="{}"/>').format(number, path))
        for x, y in points:
            parts.append(Markup('<circle class="c{}" cx="{:.1f}" cy="{:.1f}" r="2"/>').format(number, _x(x), _y(y)))
        at = 14 * (number + 1) + (_y(0) - 14 * (len(series) + 1) if high else _TOP)
        parts.append(Markup('<text class="c{}" x="{}" y="{:.0f}">{}</text>').format(number, _WIDTH - 90, at, name))
    return Plot(title, _svg(_WIDTH, _HEIGHT, parts))


def draw_bars(title: str, values: Mapping[str, float], *, digits: int = 3, highest: float | None = None) -> Plot:
    """Horizontal bars, one a name, each with its value; `highest` is the full length (the largest value if None)."""
    full = highest or max([*values.values(), 1e-9])
    room = _WIDTH - _NAME - 60
    parts = []
    for row, (name, value) in enumerate(values.items()):
        y = row * (_BAR + 6) + 4
        length = max(0.0, min(1.0, value / full)) * room
        parts.append(Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(_NAME - 6, y + 13, name))
        parts.append(
            Markup('<rect class="c0" x="{}" y="{}" width="{:.1f}" height="{}"/>').format(_NAME, y, length, _BAR)
        )
        parts.append(Markup('<text x="{:.1f}" y="{}">{:.{}f}</text>').format(_NAME + length + 5, y + 13, value, digits))
    return Plot(title, _svg(_WIDTH, len(values) * (_BAR + 6) + 8, parts))


def _svg(width: int, height: int, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img">{}</svg>').format(width, height, Markup("").join(parts))


def _axes(x_label: str, y_label: str, x_ticks: Mapping[float, str]) -> Markup:
    grid = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>')
    text = Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    parts = []
    for value in (step / 5 for step in range(6)):
        parts.append(grid.format(_LEFT, _WIDTH - 8, _y(value), _y(value)))
        parts.append(text.format(_LEFT - 5, _y(value) + 4, "end", f"{value:.1f}"))
    parts += [text.format(_x(x), _HEIGHT - _BOTTOM + 14, "middle", name) for x, name in x_ticks.items()]
    parts.append(text.format((_LEFT + _WIDTH) / 2, _HEIGHT - 4, "middle", x_label))
    parts.append(text.format(2, _TOP - 10, "start", y_label))
    return Markup("").join(parts)


def _x(value: float) -> float:
    return _LEFT + value * (_WIDTH - 8 - _LEFT)


def _y(value: float) -> float:
    return _HEIGHT - _BOTTOM - value * (_HEIGHT - _BOTTOM - _TOP)

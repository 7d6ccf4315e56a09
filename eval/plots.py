"""Figures -> small SVG drawings, for a report that needs nothing from outside; colours come from its style."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

Point = tuple[float, float]
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 420, 240, 44, 34, 14
_BAR, _NAME = 18, 130


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing with its title."""

    title: str
    svg: Markup


def draw_lines(title: str, series: Mapping[str, Sequence[Point]], x_label: str, y_label: str) -> Plot:
    """Lines over x and y from 0 to 1; x and y labels stand at their axes, each line's name in the legend."""
    parts = [_axes(x_label, y_label)]
    for number, (name, points) in enumerate(series.items()):
        path = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points)
        parts.append(Markup('<polyline class="line c{}" points="{}"/>').format(number, path))
        parts += [
            Markup('<circle class="c{}" cx="{:.1f}" cy="{:.1f}" r="2"/>').format(number, _x(x), _y(y))
            for x, y in points
        ]
        at = _TOP + 14 * (number + 1)
        parts.append(Markup('<text class="name c{}" x="{}" y="{}">{}</text>').format(number, _WIDTH - 90, at, name))
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


def _axes(x_label: str, y_label: str) -> Markup:
    lines = []
    for step in range(6):
        value = step / 5
        lines.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                _LEFT, _WIDTH - 8, _y(value), _y(value)
            )
        )
        lines.append(
            Markup('<text x="{}" y="{:.1f}" text-anchor="end">{:.1f}</text>').format(_LEFT - 5, _y(value) + 4, value)
        )
        lines.append(
            Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{:.1f}</text>').format(
                _x(value), _HEIGHT - _BOTTOM + 14, value
            )
        )
    lines.append(
        Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format((_LEFT + _WIDTH) // 2, _HEIGHT - 4, x_label)
    )
    lines.append(Markup('<text x="{}" y="{}">{}</text>').format(2, _TOP - 3, y_label))
    return Markup("").join(lines)


def _x(value: float) -> float:
    return _LEFT + value * (_WIDTH - 8 - _LEFT)


def _y(value: float) -> float:
    return _HEIGHT - _BOTTOM - value * (_HEIGHT - _BOTTOM - _TOP)

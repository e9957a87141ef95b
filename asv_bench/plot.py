"""A plot of memory against time, a point for each data set, as SVG."""

import math
from collections.abc import Sequence

from ratios import Cell, mean_of, of_data

_WIDTH, _HEIGHT = 640, 420
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 20, 50
#: What is as large, or takes as long, as NumPy's.
_SAME = 1.0


def svg(cells: Sequence[Cell]) -> str:
    """Return the plot: bytes held to the right, geometric means of time upwards, both as ratio to NumPy's, both logarithmic."""
    points = {name: (max(own[0].kept, 1e-3), mean_of(own)) for name, own in of_data(cells).items()}
    points = {name: point for name, point in points.items() if not math.isnan(point[1])}
    across = _Axis([x for x, _ in points.values()], _LEFT, _WIDTH - _RIGHT)
    upward = _Axis([y for _, y in points.values()], _HEIGHT - _BOTTOM, _TOP)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for tick in across.ticks():
        x = across.place(tick)
        lines.append(_line(x, _TOP, x, _HEIGHT - _BOTTOM, tick))
        lines.append(_text(x, _HEIGHT - _BOTTOM + 16, f"{tick:g}", "middle"))
    for tick in upward.ticks():
        y = upward.place(tick)
        lines.append(_line(_LEFT, y, _WIDTH - _RIGHT, y, tick))
        lines.append(_text(_LEFT - 6, y + 4, f"{tick:g}", "end"))
    lines.append(_text(_WIDTH / 2, _HEIGHT - 12, "bytes held / dense bytes", "middle"))
    lines.append(f'<text transform="translate(16 {_HEIGHT / 2}) rotate(-90)" text-anchor="middle">time / NumPy, geometric mean</text>')
    lines += _points({name: (across.place(x), upward.place(y)) for name, (x, y) in points.items()})
    return "\n".join([*lines, "</svg>", ""])


class _Axis:
    """A logarithmic scale of whole powers of ten that holds some values, and 1."""

    def __init__(self, values: Sequence[float], start: float, stop: float) -> None:
        self.high = math.ceil(math.log10(max([*values, _SAME])))
        self.low = min(math.floor(math.log10(min([*values, _SAME]))), self.high - 1)
        self.start = start
        self.stop = stop

    def place(self, value: float) -> float:
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return round(self.start + part * (self.stop - self.start), 1)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def _line(x: float, y: float, x2: float, y2: float, tick: float) -> str:
    return f'<path d="M{x} {y}L{x2} {y2}" stroke="{"#888" if tick == _SAME else "#ddd"}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}">{text}</text>'


def _points(places: dict[str, tuple[float, float]]) -> list[str]:
    """Return dots with their names; a name that would stand on another one goes below it."""
    lines = []
    taken: list[tuple[float, float]] = []
    for name, (x, y) in sorted(places.items(), key=lambda item: item[1][1]):
        left = x - 8 - 6 * len(name) if x > _WIDTH - 110 else x + 8
        level = y + 4
        while any(abs(level - other) < 11 and abs(left - at) < 80 for at, other in taken):
            level += 1
        taken.append((left, level))
        lines.append(f'<circle cx="{x}" cy="{y}" r="4" fill="#4c78a8"/>{_text(left, level, name)}')
    return lines

"""Pairs of bars as inline SVG, the second value within the first: where each bar stands, and how high it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEIGHT = 160  # of the plot, in the units of the viewBox
BAR, GAP, PAIR = 28, 2, 76
LEFT, TOP, BOTTOM = 44, 20, 28
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    height: int
    value: int

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def above(self) -> int:
        """Where its value is written."""
        return self.y - 5


@dataclass(frozen=True)
class Pair:
    label: str
    first: Bar
    second: Bar

    @property
    def middle(self) -> int:
        return self.first.x + BAR + GAP // 2


@dataclass(frozen=True)
class Line:
    y: int
    value: int


@dataclass(frozen=True)
class Chart:
    pairs: list[Pair]
    lines: list[Line]
    width: int
    bar: int = BAR
    left: int = LEFT

    height = TOP + HEIGHT + BOTTOM
    base = TOP + HEIGHT
    labels_at = TOP + HEIGHT + 18

    @property
    def hatched_at(self) -> int:
        return self.base


def chart(rows: Iterable[tuple[str, int, int]]) -> Chart:
    """Of (label, first, second), from left to right."""
    rows = list(rows)
    top = max((max(first, second) for _label, first, second in rows), default=0)
    step = _step(top)
    most = max(step, -(-top // step) * step)
    at = lambda value: TOP + HEIGHT - round(value * HEIGHT / most)  # noqa: E731
    pairs = [
        Pair(
            label,
            _bar(LEFT + PAIR * number, first, at(first)),
            _bar(LEFT + PAIR * number + BAR + GAP, second, at(second)),
        )
        for number, (label, first, second) in enumerate(rows)
    ]
    lines = [Line(at(value), value) for value in range(0, most + 1, step)]
    return Chart(pairs, lines, LEFT + PAIR * len(rows))


def _bar(x: int, value: int, y: int) -> Bar:
    return Bar(x, y, TOP + HEIGHT - y, value)


def _step(top: int) -> int:
    """Between lines: a round number, so that there are at most five of them above the ground."""
    size = 1
    while True:
        for step in STEPS:
            if top <= step * size * 4:
                return step * size
        size *= 10

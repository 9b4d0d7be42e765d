"""Bars as inline SVG, one or two for each label: where each bar stands, and how high it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEIGHT = 160  # of the plot, in the units of the viewBox
BAR, GAP, BETWEEN = 28, 2, 18
LEFT, TOP, BOTTOM = 44, 20, 28
NARROWEST = 64  # of a label with its bars, so that labels don't touch
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    height: int
    value: int
    is_hatched: bool

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def above(self) -> int:
        """Where its value is written."""
        return self.y - 5


@dataclass(frozen=True)
class Group:
    """The bars of one label; of two the first is hatched, so that they are told apart without colors."""

    label: str
    bars: list[Bar]

    @property
    def middle(self) -> int:
        return (self.bars[0].x + self.bars[-1].x + BAR) // 2


@dataclass(frozen=True)
class Line:
    y: int
    value: int


@dataclass(frozen=True)
class Chart:
    groups: list[Group]
    lines: list[Line]
    width: int
    bar: int = BAR
    left: int = LEFT

    height = TOP + HEIGHT + BOTTOM
    base = TOP + HEIGHT
    labels_at = TOP + HEIGHT + 18


def chart(rows: Iterable[tuple[str, *tuple[int, ...]]]) -> Chart:
    """Of (label, value) or (label, first, second), from left to right."""
    rows = list(rows)
    top = max((value for _label, *values in rows for value in values), default=0)
    step = _step(top)
    most = max(step, -(-top // step) * step)
    bars = max((len(values) for _label, *values in rows), default=1)
    wide = max(NARROWEST, bars * (BAR + GAP) - GAP + BETWEEN)

    def at(value: int) -> int:
        return TOP + HEIGHT - round(value * HEIGHT / most)

    def group(number: int, label: str, values: list[int]) -> Group:
        left = LEFT + wide * number
        places = [(left + (BAR + GAP) * place, value) for place, value in enumerate(values)]
        return Group(
            label,
            [Bar(x, at(value), TOP + HEIGHT - at(value), value, (x, value) != places[-1]) for x, value in places],
        )

    groups = [group(number, label, values) for number, (label, *values) in enumerate(rows)]
    lines = [Line(at(value), value) for value in range(0, most + 1, step)]
    return Chart(groups, lines, LEFT + wide * len(rows))


def _step(top: int) -> int:
    """Between lines: a round number, so that there are at most five of them above the ground."""
    size = 1
    while True:
        for step in STEPS:
            if top <= step * size * 4:
                return step * size
        size *= 10

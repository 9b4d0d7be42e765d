"""Pictures of the demo: drawn here, so that they are nobody's photographs and have real sizes, formats and descriptions."""

from __future__ import annotations

import io
from collections.abc import Callable
from random import Random

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 800
GREEN, PALE, MARIGOLD, RUST, CREAM = "#15523F", "#DCEBE3", "#F5B83D", "#8C3A12", "#FDF1D3"
RIVER, SKY, INK, BRICK, PLUM, PAPER = "#1B4F86", "#E5EEF8", "#1A231F", "#A8321A", "#6A2C5B", "#FFFFFF"

Pen = ImageDraw.ImageDraw
Scene = Callable[[Pen], None]


def draw(name: str) -> bytes:
    """The scene as a PNG."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), CREAM)
    SCENES[name](ImageDraw.Draw(canvas))
    made = io.BytesIO()
    canvas.save(made, "PNG")
    return made.getvalue()


def march(pen: Pen) -> None:
    """A street of houses, and people with blank signs."""
    pen.rectangle((0, 0, WIDTH, 420), fill=SKY)
    for at, color in enumerate((RIVER, PLUM, RUST, GREEN, BRICK, RIVER)):
        _house(pen, at * 200, 180 + at % 3 * 40, color)
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill=PALE)
    chance = Random(7)
    for at in range(16):
        x, y = 40 + at * 74, 520 + at % 3 * 50
        _person(pen, x, y, chance.choice((GREEN, MARIGOLD, BRICK, PLUM, RIVER)))
        if at % 3 == 0:
            pen.rectangle((x + 24, y - 130, x + 30, y + 30), fill=INK)
            pen.rectangle((x - 24, y - 190, x + 78, y - 120), fill=chance.choice((PAPER, MARIGOLD, CREAM)))


def schedule(pen: Pen) -> None:
    """A week on a sheet of paper, each shift in its color."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=GREEN)
    pen.rectangle((160, 90, 1040, 710), fill=PAPER)
    chance = Random(3)
    for day in range(7):
        x = 190 + day * 118
        pen.rectangle((x, 120, x + 104, 170), fill=PALE)
        for row in range(5):
            y = 190 + row * 100
            pen.rectangle((x, y, x + 104, y + 86), outline="#DDDAD1", width=3)
            if chance.random() < 0.6:
                length = chance.choice((40, 60, 80))
                pen.rectangle((x + 6, y + 6, x + 98, y + length), fill=chance.choice((MARIGOLD, RIVER, BRICK)))
    pen.ellipse((572, 60, 628, 116), fill=MARIGOLD)


def bridge(pen: Pen) -> None:
    """A half-built bridge with two cranes over a river."""
    pen.rectangle((0, 0, WIDTH, 520), fill=SKY)
    pen.rectangle((0, 520, WIDTH, HEIGHT), fill=RIVER)
    pen.ellipse((900, 80, 1060, 240), fill=MARIGOLD)
    for x in (120, 420, 720):
        pen.rectangle((x, 360, x + 60, 640), fill="#7A857F")
    pen.rectangle((0, 320, 800, 366), fill=RUST)
    for x in range(20, 790, 60):
        pen.line((x, 320, x + 30, 280), fill=INK, width=6)
        pen.line((x + 30, 280, x + 60, 320), fill=INK, width=6)
    pen.line((20, 280, 770, 280), fill=INK, width=8)
    for x in (620, 980):
        pen.rectangle((x, 120, x + 22, 520), fill=MARIGOLD)
        pen.polygon([(x - 180, 130), (x + 240, 130), (x + 11, 90)], fill=MARIGOLD)
        pen.line((x + 200, 130, x + 200, 300), fill=INK, width=5)


def shops(pen: Pen) -> None:
    """Four small shops with striped awnings, all open."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=SKY)
    for at, color in enumerate((BRICK, GREEN, PLUM, RIVER)):
        x = 30 + at * 290
        pen.rectangle((x, 180, x + 270, 700), fill=color)
        pen.rectangle((x + 24, 420, x + 150, 640), fill=CREAM)
        pen.rectangle((x + 172, 420, x + 246, 700), fill=MARIGOLD)
        for stripe in range(9):
            shade = PAPER if stripe % 2 else MARIGOLD
            pen.polygon([(x + stripe * 30, 320), (x + stripe * 30 + 30, 320), (x + stripe * 30 + 36, 400), (x + stripe * 30 - 6, 400)], fill=shade)  # fmt: skip
        for window in range(3):
            pen.rectangle((x + 30 + window * 76, 214, x + 84 + window * 76, 290), fill=CREAM)
    pen.rectangle((0, 700, WIDTH, HEIGHT), fill="#5F6761")


def helmets(pen: Pen) -> None:
    """Five helmets on pegs, and a first aid box."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=PALE)
    pen.rectangle((0, 560, WIDTH, HEIGHT), fill="#A9D2BD")
    for at, color in enumerate((MARIGOLD, PAPER, BRICK, RIVER, MARIGOLD)):
        x = 60 + at * 180
        pen.rectangle((x + 66, 180, x + 82, 240), fill=RUST)
        pen.pieslice((x, 220, x + 150, 400), 180, 360, fill=color)
        pen.rectangle((x - 14, 306, x + 164, 326), fill=color)
        pen.rectangle((x + 64, 220, x + 86, 306), fill=INK)
    pen.rectangle((950, 190, 1150, 390), fill=PAPER, outline=BRICK, width=12)
    pen.rectangle((1030, 230, 1070, 350), fill=BRICK)
    pen.rectangle((990, 270, 1110, 310), fill=BRICK)


def hall(pen: Pen) -> None:
    """A city hall with a clock, and steps that lead up to an open door."""
    pen.rectangle((0, 0, WIDTH, HEIGHT), fill=GREEN)
    pen.rectangle((250, 330, 950, 660), fill=CREAM)
    pen.polygon([(220, 330), (980, 330), (600, 190)], fill=MARIGOLD)
    pen.rectangle((540, 70, 660, 250), fill=CREAM)
    pen.ellipse((560, 110, 640, 190), fill=PAPER, outline=INK, width=6)
    pen.line((600, 150, 600, 124), fill=INK, width=6)
    pen.line((600, 150, 622, 158), fill=INK, width=6)
    for at in range(6):
        if at not in (2, 3):
            pen.rectangle((290 + at * 112, 360, 340 + at * 112, 660), fill=PALE)
    pen.rectangle((530, 440, 670, 660), fill=RUST)
    for step in range(4):
        pen.rectangle((380 - step * 40, 660 + step * 30, 820 + step * 40, 690 + step * 30), fill=("#EEEDE7", "#DDDAD1")[step % 2])  # fmt: skip


def _house(pen: Pen, x: int, y: int, color: str) -> None:
    pen.rectangle((x, y, x + 190, 560), fill=color)
    pen.polygon([(x - 8, y), (x + 198, y), (x + 95, y - 90)], fill=INK)
    for row in range(3):
        for column in range(2):
            pen.rectangle((x + 34 + column * 74, y + 30 + row * 100, x + 80 + column * 74, y + 90 + row * 100), fill=CREAM)  # fmt: skip


def _person(pen: Pen, x: int, y: int, color: str) -> None:
    pen.ellipse((x, y - 66, x + 54, y - 12), fill=("#8C5A3C", "#D9A47A", "#5B3A29")[x % 3])
    pen.rounded_rectangle((x - 10, y - 12, x + 64, y + 190), 26, fill=color)


SCENES: dict[str, Scene] = {
    "march": march,
    "schedule": schedule,
    "bridge": bridge,
    "shops": shops,
    "helmets": helmets,
    "hall": hall,
}

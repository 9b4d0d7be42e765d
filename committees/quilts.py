"""Traditional American quilt blocks as SVG: each committee has one, the organization is the quilt.

A block is drawn on a grid of 12 units in four inks: deep, mid, light (the ground) and spark.
"""

from zlib import crc32

HUES = {
    "rust": ("#8C3A12", "#F5B83D", "#FDF1D3", "#D9682B"),
    "river": ("#1B4F86", "#7FB2DE", "#E5EEF8", "#F5B83D"),
    "pine": ("#15523F", "#7DBF9C", "#E3EFE8", "#F5B83D"),
    "plum": ("#6A2C5B", "#D89BC6", "#F7E9F3", "#F5B83D"),
    "teal": ("#0F5A66", "#6FC0C4", "#E0F1F2", "#F08A5D"),
    "indigo": ("#3C3A8C", "#A6A4E6", "#ECEBFA", "#F5B83D"),
    "brick": ("#A8321A", "#F0A48F", "#FBE9E3", "#1B4F86"),
}
DEEP, MID, LIGHT, SPARK = range(4)

# (ink, path, opacity over the ground)
Piece = tuple[int, str, float]


def _log_cabin() -> list[Piece]:
    pieces: list[Piece] = []
    for opacity, near, far, log in ((1, 0, 12, 1.75), (0.8, 1.75, 10.25, 1.75), (0.6, 3.5, 8.5, 1.5)):
        pieces.append((DEEP, f"M{near} {near}h{log}V{far - log}H{far}v{log}H{near}z", opacity))
        pieces.append((MID, f"M{near + log} {near}H{far}V{far - log}h-{log}V{near + log}H{near + log}z", opacity))
    return [*pieces, (SPARK, "M5 5h2v2H5z", 1)]


def _courthouse_steps() -> list[Piece]:
    pieces: list[Piece] = []
    for opacity, near, far in ((1, 0.0, 12.0), (0.8, 1.6, 10.4), (0.6, 3.2, 8.8)):
        span, inner = round(far - near, 1), round(far - near - 3.2, 1)
        pieces.append(
            (DEEP, f"M{near:g} {near:g}h{span}v1.6h-{span}zM{near:g} {far - 1.6:g}h{span}v1.6h-{span}z", opacity)
        )
        pieces.append(
            (MID, f"M{near:g} {near + 1.6:g}h1.6v{inner}h-1.6zM{far - 1.6:g} {near + 1.6:g}h1.6v{inner}h-1.6z", opacity)
        )
    return [*pieces, (SPARK, "M4.8 4.8h2.4v2.4H4.8z", 1)]


BLOCKS: dict[str, list[Piece]] = {
    "churn-dash": [
        (DEEP, "M0 4 4 0v4zM12 4 8 0v4zM0 8l4 4V8zM12 8l-4 4V8z", 1),
        (MID, "M4 2h4v2H4zM4 8h4v2H4zM2 4h2v4H2zM8 4h2v4H8z", 1),
        (SPARK, "M4 4h4v4H4z", 1),
    ],
    "log-cabin": _log_cabin(),
    "pinwheel": [(DEEP, "M0 0h6v6zM12 12H6V6z", 1), (MID, "M12 0v6H6zM0 12V6h6z", 1)],
    "flying-geese": [
        (DEEP, "M0 3l3-3 3 3zM0 9l3-3 3 3zM6 9h6l-3 3z", 1),
        (MID, "M0 6l3-3 3 3zM0 12l3-3 3 3zM6 0h6L9 3zM6 6h6L9 9z", 1),
        (SPARK, "M6 3h6L9 6z", 1),
    ],
    "schoolhouse": [
        (MID, "M2 6h8v5H2z", 1),
        (DEEP, "M0 11h12v1H0zM1 6l5-4.4L11 6zM8.2 1.2h1.2v3H8.2zM5 7.6h2V11H5z", 1),
        (LIGHT, "M2.9 7.2h1.3v1.6H2.9zM7.8 7.2h1.3v1.6H7.8z", 1),
        (SPARK, "M5.4 3.6h1.2v1.2H5.4z", 1),
    ],
    "courthouse-steps": _courthouse_steps(),
    "sawtooth-star": [
        (MID, "M3 3h6v6H3z", 1),
        (
            DEEP,
            "M3 0l3 3H3zM9 0v3H6zM12 3L9 6V3zM12 9H9V6zM9 12L6 9h3zM3 12V9h3zM0 9l3-3v3zM0 3h3v3zM6 3l3 3-3 3-3-3z",
            1,
        ),
        (SPARK, "M5 5h2v2H5z", 1),
    ],
    "friendship-star": [(DEEP, "M4 0l4 4H4zM12 4L8 8V4zM8 12L4 8h4zM0 8l4-4v4z", 1), (MID, "M4 4h4v4H4z", 1)],
    "ohio-star": [
        (
            DEEP,
            "M4 0l2 2-2 2zM8 0v4L6 2zM12 4l-2 2-2-2zM12 8H8l2-2zM8 12l-2-2 2-2zM4 12V8l2 2zM0 8l2-2 2 2zM0 4h4L2 6z",
            1,
        ),
        (MID, "M4 4l2-2 2 2zM8 4l2 2-2 2zM8 8l-2 2-2-2zM4 8L2 6l2-2z", 1),
        (SPARK, "M4 4h4v4H4z", 1),
    ],
    "shoofly": [
        (DEEP, "M0 4 4 0v4zM12 4 8 0v4zM0 8l4 4V8zM12 8l-4 4V8z", 1),
        (MID, "M4 0h4v4H4zM0 4h4v4H0zM8 4h4v4H8zM4 8h4v4H4z", 1),
        (SPARK, "M4 4h4v4H4z", 1),
    ],
    "broken-dishes": [
        (DEEP, "M0 0h6L0 6zM12 12H6l6-6z", 1),
        (MID, "M12 0v6L6 0zM0 12V6l6 6z", 1),
        (SPARK, "M6 3l3 3-3 3-3-3z", 1),
    ],
    "nine-patch": [
        (DEEP, "M0 0h4v4H0zM8 0h4v4H8zM0 8h4v4H0zM8 8h4v4H8z", 1),
        (MID, "M5 1h2v2H5zM1 5h2v2H1zM9 5h2v2H9zM5 9h2v2H5z", 1),
        (SPARK, "M4 4h4v4H4z", 1),
    ],
}


def pick(slug: str, block: str = "", hue: str = "") -> tuple[str, str]:
    """The chosen block and hue, or those the slug falls on: the same slug always the same ones."""
    number = crc32(slug.encode())
    blocks, hues = list(BLOCKS), list(HUES)
    return (
        block if block in BLOCKS else blocks[number % len(blocks)],
        hue if hue in HUES else hues[number // len(blocks) % len(hues)],
    )


def draw(block: str, hue: str, at: tuple[float, float] = (0, 0)) -> str:
    """The block's SVG shapes, its ground first, moved to `at`."""
    inks = HUES[hue]
    shapes = [f'<path fill="{inks[LIGHT]}" d="M0 0h12v12H0z"/>']
    for ink, path, opacity in BLOCKS[block]:
        fade = f' opacity="{opacity:g}"' if opacity != 1 else ""
        shapes.append(f'<path fill="{inks[ink]}"{fade} d="{path}"/>')
    body = "".join(shapes)
    return body if at == (0, 0) else f'<g transform="translate({at[0]:g} {at[1]:g})">{body}</g>'


def field(columns: int, rows: int, seed: int = 0) -> str:
    """Columns by rows of blocks, none like the one above it or to its left."""
    placed: dict[tuple[int, int], tuple[str, str]] = {}
    for row in range(rows):
        for column in range(columns):
            near = [placed[spot] for spot in ((column - 1, row), (column, row - 1)) if spot in placed]
            placed[column, row] = _unlike(near, crc32(f"{seed} {column} {row}".encode()))
    return "".join(draw(block, hue, (column * 12, row * 12)) for (column, row), (block, hue) in placed.items())


def _unlike(near: list[tuple[str, str]], number: int) -> tuple[str, str]:
    blocks = [block for block in BLOCKS if block not in {taken for taken, _ in near}]
    hues = [hue for hue in HUES if hue not in {taken for _, taken in near}]
    return blocks[number % len(blocks)], hues[number // 16 % len(hues)]

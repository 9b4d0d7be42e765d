"""Whole numbers that arrive as text: keys of rows, places in a list."""

MOST_DIGITS = 18  # all of them fit a bigint


def whole(text: str | None) -> int | None:
    """The number that `text` is, None for anything else and for what no column of ours can hold."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None


def key_of(text: str | None) -> int:
    """The same for the key of a row; 0, which no row has, for anything else."""
    return whole(text) or 0

"""The little Markdown that the demo's papers are written in: one heading, sections, paragraphs, lists."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """`kind` is "title", "heading", "bullet" or "paragraph"."""

    kind: str
    text: str


MARKS = {"# ": "title", "## ": "heading", "- ": "bullet"}


def blocks(text: str, parts: int | None = None) -> Iterator[Block]:
    """Blocks in order; `parts` keeps the first so many sections, as an earlier draft had them."""
    headings = 0
    for chunk in text.strip().split("\n\n"):
        for block in _chunk(chunk):
            headings += block.kind == "heading"
            if parts is not None and headings > parts:
                return
            yield block


def _chunk(chunk: str) -> Iterator[Block]:
    lines = chunk.strip().splitlines()
    if all(line.startswith("- ") for line in lines):
        yield from (Block("bullet", line[2:]) for line in lines)
        return
    text = " ".join(lines)
    mark = next((mark for mark in MARKS if text.startswith(mark)), "")
    yield Block(MARKS.get(mark, "paragraph"), text.removeprefix(mark))


def plain(found: list[Block]) -> str:
    """As text/plain, and as what search finds."""
    return "\n\n".join(("• " if block.kind == "bullet" else "") + block.text for block in found) + "\n"

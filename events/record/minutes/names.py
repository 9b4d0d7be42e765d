"""Whether names are written as their people write them: a word beside half of a name that is nearly its other half."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

WORD = re.compile(r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*")
NEARLY = 0.6  # Ramen, Rahman and Raman; not Priya Patel, who is somebody else


def read(text: str, names: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Those of `names` that stand in the text, and what is nearly one of them: (as written, as it is)."""
    words = WORD.findall(text.replace("’s ", " "))
    folded = [word.casefold() for word in words]
    right, nearly = [], []
    for name in names:
        parts = [part.casefold() for part in WORD.findall(name)]
        if len(parts) < 2:
            continue
        runs = [folded[at : at + len(parts)] for at in range(len(folded) - len(parts) + 1)]
        if parts in runs:
            right.append(name)
        at = next((at for at, run in enumerate(runs) if _is_nearly(run, parts) and _is_a_name(words[at:], parts)), None)
        if at is not None:
            nearly.append((" ".join(words[at : at + len(parts)]), name))
    return right, nearly


def _is_nearly(written: list[str], name: list[str]) -> bool:
    """One word of it is another, and resembles the right one."""
    differs = [pair for pair in zip(written, name, strict=True) if pair[0] != pair[1]]
    return len(differs) == 1 and SequenceMatcher(None, *differs[0]).ratio() >= NEARLY


def _is_a_name(words: list[str], name: list[str]) -> bool:
    return all(word[0].isupper() for word in words[: len(name)])

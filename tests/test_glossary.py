"""Each word of the glossary names something that is there."""

import re
from functools import reduce
from importlib import import_module
from pathlib import Path

import pytest

GLOSSARY = Path(__file__).resolve().parents[1] / "docs" / "glossary.md"
ROWS = [row.split("|")[1:-1] for row in GLOSSARY.read_text().splitlines() if row.startswith("| ") and "`" in row]
NAMES = [name for _word, names, _meaning in ROWS for name in re.findall(r"`([^`]+)`", names)]


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there(name):
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            module = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        break
    reduce(_part, parts[length:], module)


def _part(owner, name):
    named = getattr(owner, "__dataclass_fields__", {}) | getattr(owner, "__annotations__", {})
    return named[name] if name in named else getattr(owner, name)


def test_each_word_stands_once():
    words = [word.strip() for word, _names, _meaning in ROWS]
    assert len(words) > 60
    assert [word for word in words if words.count(word) > 1] == []
    assert [word for word, _names, meaning in ROWS if not meaning.strip()] == []

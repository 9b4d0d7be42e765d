"""Templates are short sentences: what decides stands in Python, a state is a file of its own."""

import re
from pathlib import Path

from django.conf import settings

from tests import markup

ROOT = Path(settings.BASE_DIR / "templates")
FILES = sorted(path for path in ROOT.rglob("*") if path.is_file())
MOST_CONDITIONS = 12
LONGEST_LINE = 160
TAGS = re.compile(r"\{% comment.*?endcomment %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
CONDITION = re.compile(r"\{%\s*(?:if|elif|for)\b")


def _names(paths):
    return {str(path.relative_to(ROOT)) for path in paths}


def test_no_template_decides_more_than_a_dozen_times():
    above = _names(path for path in FILES if len(CONDITION.findall(path.read_text())) > MOST_CONDITIONS)
    assert len(FILES) > 200
    assert above == set()


def test_no_line_of_a_template_is_longer_than_a_screen_is_wide():
    above = _names(path for path in FILES if max(map(len, path.read_text().splitlines()), default=0) > LONGEST_LINE)
    assert above == set()


def test_no_template_puts_a_block_into_a_line_or_a_part_outside_its_whole():
    """In every branch; whole pages are read in tests/test_access.py, as far as its people come."""
    wrong = {}
    for path in FILES:
        if path.suffix == ".html" and "emails" not in path.parts:
            found = markup.misplaced(TAGS.sub("", path.read_text()))
            wrong |= {str(path.relative_to(ROOT)): found} if found else {}
    assert wrong == {}
    assert markup.misplaced("<span><form></form></span><div><figcaption></figcaption></div><li></li>") == [
        "<form> in <span>: {}",
        "<figcaption> in <div>: {}",
    ]

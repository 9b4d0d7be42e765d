"""Templates are sent without the indentation they are written with; nothing that is seen changes."""

import re
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

from portal.template_loader import joined, lean, trimmed

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("<div>\n  <p>\n    Hello,\n    you\n  </p>\n</div>\n", "<div><p>Hello,\nyou</p></div>"),
        ("<p>\n  <b>one</b>\n  <i>two</i>\n</p>", "<p><b>one</b>\n<i>two</i></p>"),
        ('<a\n  class="btn"\n  href="/x"\n>go</a>', '<a class="btn" href="/x">go</a>'),
        ('<input\n  {% if a > b %}checked{% endif %}\n  value="{{ a|add:">" }}"\n/>', None),
        ("{% if a %}\n  <b>x</b>\n{% endif %}\n.", "{% if a %}\n<b>x</b>\n{% endif %}\n."),
        ("<abbr>\n  x\n</abbr>", "<abbr>\nx\n</abbr>"),  # not a block, though its name begins like one
    ],
)
def test_a_break_stays_where_it_may_stand_for_a_space(written, sent):
    expected = sent or '<input {% if a > b %}checked{% endif %} value="{{ a|add:">" }}"/>'
    assert lean(written) == expected


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("{% if a %}yes\n  {% else %}no\n  {% endif %}\nmore", "{% if a %}yes{% else %}no{% endif %}\nmore"),
        ("one\n  {{ url }}\n{% if a %}\n", "one\n  {{ url }}\n{% if a %}\n"),
    ],
)
def test_an_indented_tag_of_a_plain_text_continues_the_line_above(written, sent):
    assert joined(written) == sent


def test_words_to_translate_are_trimmed_when_they_are_loaded():
    written = (
        "{% blocktranslate count n=n with w=w trimmed %}\n  One {{ n }}\n  row\n{% plural %}\n  {{ n }}\n  rows\n"
        "{% endblocktranslate %}\n{% blocktranslate %}\n as\n it is{% endblocktranslate %}"
    )
    assert trimmed(written) == (
        "{% blocktranslate count n=n with w=w %}One {{ n }} row{% plural %}{{ n }} rows"
        "{% endblocktranslate %}\n{% blocktranslate %}\n as\n it is{% endblocktranslate %}"
    )


def test_no_template_trims_while_it_is_shown():
    """Each is trimmed as Django would: the words to look up in a translation stay the same."""
    assert words_to_translate("{% blocktranslate trimmed %}\n a {{ b }}\n {% endblocktranslate %}") == ["'a %(b)s'"]
    for path in TEMPLATES.rglob("*.*"):
        before, after = path.read_text(), trimmed(path.read_text())
        assert not re.search(r"blocktranslate[^%]* trimmed", after), path
        assert words_to_translate(before) == words_to_translate(after), path


def words_to_translate(source: str) -> list[str]:
    return re.findall(r"""\bu('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", templatize(source))

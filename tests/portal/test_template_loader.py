"""Templates are sent without the indentation they are written with; nothing that is seen changes."""

import pytest

from portal.template_loader import joined, lean


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

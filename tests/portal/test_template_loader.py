"""Templates are sent without the indentation they are written with; nothing that is seen changes."""

import re
from pathlib import Path

import pytest
from django.template import engines
from django.template.loader import get_template
from django.utils.translation.template import templatize

from portal.template_loader import in_one_language, joined, lean, trimmed

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


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('<a title="{% translate "Search" %}">100%% {% translate "50 %% off" %}</a>', ""),
        ("{% blocktranslate with name=person.name %}For {{ name }} & {{ name }}{% endblocktranslate %}", ""),
        ("{% blocktranslate with n=many|length %}{{ n }} of {{ gone }} 5%{% endblocktranslate %}", ""),
        ("{% blocktranslate count n=one %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}", ""),
        (
            "{% blocktranslate count n=many|length %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}{{ n }}",
            "",
        ),
        ("{% blocktranslate count n=one with w=person.name %}{{ w }}{% plural %}{{ n }}{% endblocktranslate %}", ""),
        ('{% translate "to" context "hours" %}{% translate "A" as a %}{{ a }}', 'context "hours" %}'),
        ("{% blocktranslate asvar a with n=one %}<{{ n }}>{% endblocktranslate %}{{ a }}", "asvar"),
        ("{% blocktranslate with n=gone|default:_('A b') %}{{ n }}{% endblocktranslate %}", "blocktranslate"),
    ],
)
def test_in_one_language_words_are_what_translating_makes_of_them(written, kept):
    """No tag is left but those that take words into a variable or look up a context."""
    context = {"person": {"name": "Ana <b>"}, "many": [1, 2], "one": 1}
    loaded = in_one_language(written)
    left = [tag for tag in re.findall(r"{% (?:block)?translate.*?%}", loaded) if " as a " not in tag]
    assert kept in "".join(left) if kept else not left
    compile_template = engines["django"].from_string
    shown = compile_template("{% load i18n %}" + written).render(context)
    assert compile_template("{% load i18n %}" + loaded).render(context) == shown


def test_templates_are_loaded_in_one_language_or_with_words_to_look_up(settings):
    """The organization's second language needs no other template."""
    loader = get_template("components/footer.html").template.engine.template_loaders[0].loaders[0].loaders[0]
    source = next(iter(loader.get_template_sources("components/footer.html")))
    assert "translate" not in loader.get_contents(source)
    settings.USE_I18N = True
    assert '{% translate "About" %}' in loader.get_contents(source)


def words_to_translate(source: str) -> list[str]:
    return re.findall(r"""\bu('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", templatize(source))

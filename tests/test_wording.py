"""What the portal says: typographic apostrophes everywhere, and sentences that hold in the state they are shown in."""

import ast
import re
from pathlib import Path

from django.conf import settings

from members.mail.kinds import registry
from members.mail_desk.views.deliveries import kind_label

APPS = ("members", "committees", "events", "portal")
GETTEXT = re.compile(r"_|n?p?n?gettext(_lazy)?")
STRAIGHT = re.compile(r"[^\W\d_]'(?=\w|\s+\w)")
COUNTED = re.compile(
    r"\bmails\b|\b(an?|the|this|your|their|raw) mail\b(?!\s+(server|provider|program|system|filter)s?)", re.IGNORECASE
)
MARKUP = re.compile(
    r"\{% comment.*?endcomment %\}|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL
)
TRANSLATED = re.compile(r"\{%\s*translate\s+\"([^\"]*)\"|(?:\b_\()\"([^\"]*)\"\)")
TOLD_STATES = ("queued", "claimed", "sending", "digested"), ("sent",), ("suppressed", "expired", "failed")


def _messages(source: str):
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and GETTEXT.fullmatch(getattr(call.func, "id", getattr(call.func, "attr", ""))):
            yield from (
                part.value
                for argument in call.args
                for part in ast.walk(argument)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            )


def _sentences(source: str):
    tree = ast.parse(source)
    explained = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in explained:
            yield from [] if re.search(r"\b(SELECT|UPDATE|INSERT|interval)\b", node.value) else [node.value]


def _words(template: str):
    yield from (one or two for one, two in TRANSLATED.findall(template))
    yield from MARKUP.sub(" ", template).splitlines()


def test_no_wording_has_a_straight_apostrophe():
    code = [path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py") if "migrations" not in path.parts]
    pages = [path for path in Path(settings.BASE_DIR / "templates").rglob("*.*") if path.suffix in (".html", ".txt")]
    found = [(path.name, words) for path in code for words in _messages(path.read_text()) if STRAIGHT.search(words)]
    found += [(path.name, words) for path in pages for words in _words(path.read_text()) if STRAIGHT.search(words)]
    told = [path for path in code if "demo" in path.parts]  # what invented people wrote is not translated
    found += [(path.name, words) for path in told for words in _sentences(path.read_text()) if STRAIGHT.search(words)]
    assert len(code) > 100 and len(pages) > 100 and len(told) > 5
    assert found == []


def test_one_message_is_an_email():
    """Mail is what comes and goes; one message of it is an email, everywhere."""
    code = [path for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py") if "migrations" not in path.parts]
    pages = [path for path in Path(settings.BASE_DIR / "templates").rglob("*.*") if path.suffix in (".html", ".txt")]
    found = [(path.name, words) for path in code for words in _messages(path.read_text()) if COUNTED.search(words)]
    found += [(path.name, words) for path in pages for words in _words(path.read_text()) if COUNTED.search(words)]
    assert found == []
    assert COUNTED.search("A mail came") and not COUNTED.search("The mail server says that mail came back")


def test_what_staff_read_of_a_message_holds_in_its_state():
    """One that waits was not sent yet; one that was stopped was not sent at all."""
    unclear = [kind for kind in registry if len({kind_label(kind, states[0]) for states in TOLD_STATES}) != 3]
    assert unclear == []
    for states in TOLD_STATES:
        assert [kind for kind in registry if len({kind_label(kind, state) for state in states}) != 1] == []
    assert [kind_label("reminder", states[0]) for states in TOLD_STATES] == [
        "They’re to be reminded of a call",
        "They were reminded of a call",
        "They weren’t reminded of a call",
    ]


BUTTON = re.compile(r'<(button|a)\b[^>]*\bclass="[^"]*\bbtn\b[^>]*>(.*?)</\1>', re.DOTALL)
ON_ITS_OWN = re.compile(r"%\}[ \t]*\n\s*(?:\{% if [^%]*%\})?[,.;:](?!\w)")


def test_words_hang_together():
    """A button sets what it holds apart, so a name inside of its words doubles the space before it; and a comma that
    stands behind the end of a line is a comma behind a space."""
    apart, late = [], []
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        text, name = path.read_text(), str(path.relative_to(settings.BASE_DIR))
        inside = [re.sub(r"<span\b.*?</span>", "", found[2], flags=re.DOTALL) for found in BUTTON.finditer(text)]
        apart += [
            name for words in inside if "<bdi" in words or "{% block " in words
        ]  # a block is filled with anything
        late += [name for _found in ON_ITS_OWN.finditer(text)]
    assert (apart, late) == ([], [])

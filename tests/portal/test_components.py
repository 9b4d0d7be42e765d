import re
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string

from committees import quilts
from portal import statemap
from portal.templatetags import ui
from portal.templatetags.ui import form_errors


class TermForm(forms.Form):
    year = forms.IntegerField(
        label="When does your term end?",
        help_text="For example, 2029",
        error_messages={"required": "Enter the year your term ends"},
    )
    office = forms.ChoiceField(choices=[("council", "Council"), ("county", "County")], widget=forms.RadioSelect)
    quiet = forms.BooleanField(required=False)


def field(name: str, data: dict[str, str] | None = None, **more: object) -> str:
    return render_to_string("components/field.html", {"field": TermForm(data)[name], **more})


def test_a_field_ties_its_hint_and_its_mistake_to_the_control():
    html = field("year", {"year": ""})
    assert 'aria-describedby="id_year_helptext id_year_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_year_helptext"' in html
    assert 'id="id_year_error"' in html
    assert html.index("Enter the year") < html.index("<input")


def test_a_hint_given_by_the_page_is_tied_too():
    html = render_to_string("components/field.html", {"field": TermForm()["quiet"], "hint": "At night", "switch": True})
    assert 'role="switch"' in html
    assert "At night" in html


def test_radio_cards_carry_their_hints():
    html = field("office", cards=True, hints={"council": "Alder, trustee"})
    assert html.count("choice-card") == 2
    assert "Alder, trustee" in html
    assert "<fieldset" in html and "<legend" in html


def test_the_summary_links_each_mistake_to_its_field():
    html = render_to_string("components/form_errors.html", form_errors(TermForm({"year": "", "office": "council"})))
    assert "one thing to fix" in html
    assert '<a href="#id_year">Enter the year your term ends</a>' in html
    assert render_to_string("components/form_errors.html", form_errors(TermForm())).strip() == ""


def rsvp(answered: SimpleNamespace | None, **more: object) -> str:
    meeting = SimpleNamespace(title="Fair workweek", slug="fair-workweek", edition=1, **more)
    return render_to_string("components/_rsvp.html", {"meeting": meeting, "rsvp": answered, "action": "/answer"})


@pytest.mark.parametrize(
    ("response", "says"),
    [
        ("accepted", "You’re going"),
        ("tentative", "You might come"),
        ("declined", "You can’t make it"),
        ("needs_action", "Can you make it?"),
    ],
)
def test_the_answer_is_pressed_and_said(response, says):
    html = rsvp(SimpleNamespace(response=response, edition=1, version=4))
    assert re.search(rf">\s*{re.escape(says)}\s*</p>", html)
    assert html.count('aria-pressed="true"') == (response != "needs_action")
    assert '<input type="hidden" name="version" value="4">' in html


def test_an_answer_to_an_older_time_asks_again_but_keeps_its_version():
    html = rsvp(SimpleNamespace(response="accepted", edition=0, version=4))
    assert 'aria-pressed="true"' not in html
    assert 'name="version" value="4"' in html


def test_a_listing_needs_no_answer_object():
    html = rsvp(None, my_response="tentative", my_version=2)
    assert html.count('aria-pressed="true"') == 1
    assert 'name="version" value="2"' in html


def test_an_icon_is_one_path_that_draws_the_same():
    assert '<path d="M16 21v-2a4 4 0 0 0-4-4H6a4 4 0 0 0-4 4v2M16 3.128a4 4 0 0 1 0 7.744M22 21v-2a4' in ui.icon(
        "users"
    )
    assert ui.icon("gavel").endswith('8.384-8.381M16 16l6-6M21.5 10.5l-8-8M8 8l6-6M8.5 7.5l8 8"/></svg>')
    assert ui.icon("info").count("<path") == 1
    assert ui.icon("link-2").endswith('10h-2M8 12 16 12"/></svg>')
    relative = re.compile(r'd="[^"]+m')
    assert [
        name for name in ("list-checks", "wifi-off", "send", "x", "ellipsis") if relative.search(ui.icon(name))
    ] == []


def test_icons_are_hidden_from_assistive_technology():
    assert (
        ui.icon("check") == '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M20 6 9 17l-5-5"/></svg>'
    )


def test_a_pile_counts_those_it_does_not_show():
    people = [SimpleNamespace(pk=number, name=f"Person {number}") for number in range(6)]
    assert "+20" in ui.avatar_pile(people, total=24)
    assert "+2" in ui.avatar_pile(people)
    assert "+" not in ui.avatar_pile(people[:2])


def test_names_in_avatars_are_escaped():
    assert "<b>" not in ui.avatar(SimpleNamespace(pk=1, initials="<b>"))


def test_a_slug_always_falls_on_the_same_block_and_a_choice_wins():
    assert quilts.pick("housing") == quilts.pick("housing")
    assert quilts.pick("housing", "pinwheel", "teal") == ("pinwheel", "teal")
    assert quilts.pick("housing", "gone", "gone") == quilts.pick("housing")


def test_a_field_has_no_twins_side_by_side():
    assert quilts.field(5, 4, 3).count("<g ") == 19
    near = [("pinwheel", "teal")]
    assert all(
        quilts._unlike(near, number)[0] != "pinwheel" and quilts._unlike(near, number)[1] != "teal"
        for number in range(300)
    )


def test_the_map_draws_every_state_once_and_names_them_in_a_list():
    html = Template("{% load maps %}{% state_map counts mine %}").render(
        Context({"counts": {"CO": 3, "CA": 7, "GU": 1, "XX": 2}, "mine": "CO"})
    )
    assert html.count("<rect") == len(statemap.TILES) + 1 == 53
    assert "Colorado (yours, ringed): 3 members" in html
    assert "<li>California: 7</li><li>Colorado: 3</li><li>Guam: 1</li>" in html
    assert "3 states." in html


def test_tints_grow_with_the_count():
    assert [statemap.tint(count, 8) for count in (0, 1, 3, 5, 7, 8)] == [0, 1, 2, 3, 4, 4]


def test_the_page_for_our_own_mistakes_needs_no_context():
    html = render_to_string("500.html")
    assert "Something broke on our side" in html


@pytest.mark.parametrize("template", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html"])
def test_error_pages_say_what_happens_next(template, rf):
    html = render_to_string(template, {}, request=rf.get("/"))
    assert html.count("<h1>") == 1
    assert "btn--primary" in html


def test_a_form_in_a_part_that_gets_named_values_only_gets_its_token_too():
    """Without it a browser's post is refused, and Django's test client does not mind."""
    folder = settings.BASE_DIR / "templates"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    posting = {name for name, text in texts.items() if "{% csrf_token %}" in text}
    included = re.compile(r'{% include "([\w/]+\.html)" ([^%]*)only %}')
    without = {
        (name, part)
        for name, text in texts.items()
        for part, values in included.findall(text)
        if part in posting
        and "csrf_token=" not in values
        and not (part.endswith("toast.html") and "undo" not in values)
    }
    assert without == {
        ("portal/styleguide.html", "components/toast.html"),  # which only shows it
        ("events/polls/link/ballot.html", "events/polls/_ballot.html"),  # the link is the proof
    }

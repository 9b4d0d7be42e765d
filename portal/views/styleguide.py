"""Every component on one page, with invented content. Open in demo mode only."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from committees import quilts


@dataclass(frozen=True)
class Person:
    pk: int
    name: str


PEOPLE = [
    Person(0, "Teresa Villanueva"),
    Person(3, "Denise Whitfield"),
    Person(1, "Marcus Oyelaran"),
    Person(2, "Kofi Nyarko"),
    Person(4, "Yesenia Carrillo"),
    Person(5, "Beth Hollis"),
    Person(6, "Rafael Pacheco"),
]
STATES = {
    "CA": 7,
    "CO": 3,
    "WA": 4,
    "MN": 4,
    "NY": 5,
    "NC": 4,
    "TX": 3,
    "IL": 3,
    "WI": 2,
    "MI": 2,
    "MA": 2,
    "GA": 2,
    "OR": 1,
    "AZ": 1,
    "NM": 1,
    "VA": 1,
    "MD": 1,
}
OFFICES = [("council", "City or town council"), ("county", "County board or commission"), ("school", "School board")]


class SampleForm(forms.Form):
    title = forms.CharField(
        label="Call title", help_text="What members will see first.", initial="Two topics for the fall"
    )
    state = forms.ChoiceField(
        label="State", choices=[("", "Any state"), ("CO", "Colorado"), ("MN", "Minnesota")], required=False
    )
    about = forms.CharField(label="What it’s about", widget=forms.Textarea, required=False)
    office = forms.ChoiceField(
        label="What office do you hold?", choices=OFFICES, widget=forms.RadioSelect, initial="council"
    )
    days = forms.MultipleChoiceField(
        label="Council nights",
        choices=[("mon", "Monday"), ("tue", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
        initial=["mon"],
    )
    keep = forms.BooleanField(label="Keep me signed in on this phone for 90 days", initial=True)
    quiet = forms.BooleanField(label="Quiet hours", initial=True)
    paper = forms.FileField(label="Document", required=False)


class BrokenForm(forms.Form):
    year = forms.IntegerField(
        label="When does your term end?",
        help_text="For example, 2029",
        error_messages={"required": "Enter the year your term ends"},
    )


def _call(title: str, starts_at: datetime, response: str) -> SimpleNamespace:
    return SimpleNamespace(
        title=title,
        slug="sample",
        starts_at=starts_at,
        duration=60,
        edition=0,
        my_response=response,
        my_version=1,
        committee=SimpleNamespace(slug="economic-justice", quilt_block="churn-dash", quilt_hue="rust"),
    )


@login_not_required
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    answers = ("", "accepted", "tentative", "declined")
    context = {
        "form": SampleForm(auto_id="s_%s"),
        "broken": BrokenForm({"year": ""}),
        "people": PEOPLE,
        "start": start,
        "calls": [_call("Fair workweek: from ordinance to enforcement", start, answer) for answer in answers],
        "states": STATES,
        "hues": list(quilts.HUES),
        "blocks": list(quilts.BLOCKS),
        "hints": {
            "council": "Council member, alder, trustee, selectboard",
            "county": "Commissioner, supervisor, legislator",
        },
        "papers": [
            {
                "title": "Model fair workweek ordinance, draft 3",
                "url": "#papers",
                "badge": "Read before the call · 4 min",
            }
        ],
        "tabs": [
            {"label": "Overview", "url": "#tabs", "current": True},
            {"label": "Calls", "url": "#tabs", "count": 9},
            {"label": "Documents", "url": "#tabs", "count": 34},
        ],
        "steps": [
            {"label": "Topic", "state": "done", "url": "#steps"},
            {"label": "Time", "state": "current", "url": ""},
            {"label": "Agenda", "state": "todo", "url": ""},
        ],
        "crumbs": [("Economic Justice", "#crumbs"), ("Calls", "")],
        "active": [("State: MN", "?")],
    }
    return render(request, "portal/styleguide.html", context)

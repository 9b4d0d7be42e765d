"""What an entry may hold, by its kind, and the sentence for what it may not.

A browser sends the fields of the form that it was written in, and when that was; without script the form itself is posted.
A roll call is a field "vote-12" for each who voted; `mark` ("here:12") says kind and person in one button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from events.agenda.quick_add import person_named
from events.models import AgendaItem, Decision, LogEntry, Meeting
from events.models.runs import TEXT
from events.run import quick_action
from members.fields import LineField, WordsField
from members.models import User
from members.text.numbers import key_of
from members.web import plain_forms

MOST_MINUTES, USUAL = 120, 2  # that an item gets more at once
MOST_VOTES = 2000
VOTE = "vote-"  # and the key of who cast it
Kind = LogEntry.Kind


@dataclass(frozen=True)
class Written:
    """An entry as it was sent: its fields, and the moment it was made by our clock (None: when it arrives)."""

    fields: Mapping[str, Any]
    made_at: datetime | None = None

    @classmethod
    def of(cls, fields: Mapping[str, Any], made_at: datetime | None = None) -> Written:
        kind, _colon, user = str(fields.get("mark", "")).partition(":")
        return cls({**fields, "kind": kind, "user": user} if user else fields, made_at)

    @property
    def key(self) -> UUID | None:
        return _key(self.fields.get("key"))

    @property
    def target(self) -> UUID | None:
        """The entry that this one is about."""
        return _key(self.fields.get("of"))

    @property
    def kind(self) -> str:
        return str(self.fields.get("kind", ""))


def _key(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


class EntryForm(plain_forms.Form):
    """Every kind of entry. `people` may be named in it; `on` is the day it was said."""

    asks = {
        "kind": _("Choose what to keep: a note, a decision or an action"),
        "text": {"max_length": _("Shorten this to %(limit_value)s letters. It has %(show_value)s now.")},
        "owner": {"invalid_choice": _("Choose an owner from the list. Somebody may have left the committee.")},
        "mover": {"invalid_choice": _("Choose a mover from the list. Somebody may have left the committee.")},
        "seconder": {"invalid_choice": _("Choose a seconder from the list. Somebody may have left the committee.")},
    }
    kind = forms.ChoiceField(choices=LogEntry.Kind.choices, widget=forms.HiddenInput)
    item = forms.IntegerField(required=False, widget=forms.HiddenInput)
    user = forms.IntegerField(required=False, widget=forms.HiddenInput)
    who = LineField(label=_("Add someone"), required=False, max_length=120)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES, widget=forms.HiddenInput)
    text = WordsField(label=_("What to keep"), required=False, max_length=TEXT)
    owner = forms.ModelChoiceField(User.objects.none(), label=_("Owner"), required=False)
    due_on = LineField(label=_("Due"), required=False, max_length=40)
    mover = forms.ModelChoiceField(User.objects.none(), label=_("Moved by"), required=False)
    seconder = forms.ModelChoiceField(User.objects.none(), label=_("Seconded by"), required=False)
    ayes = forms.IntegerField(label=_("For"), required=False, min_value=0, max_value=MOST_VOTES)
    noes = forms.IntegerField(label=_("Against"), required=False, min_value=0, max_value=MOST_VOTES)
    abstentions = forms.IntegerField(label=_("Abstain"), required=False, min_value=0, max_value=MOST_VOTES)

    def __init__(self, *args: Any, meeting: Meeting, people: Sequence[User], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting, self.people, self.on = meeting, people, on
        self.unclear = ""
        for name in ("owner", "mover", "seconder"):
            field: Any = self.fields[name]
            field.queryset = User.objects.filter(pk__in=[person.pk for person in people])
            field.choices = [("", "–"), *((person.pk, person.name) for person in people)]

    def clean_item(self) -> AgendaItem | None:
        pk = self.cleaned_data["item"]
        found = AgendaItem.with_removed.filter(meeting=self.meeting, pk=pk).first() if pk else None
        if pk and found is None:
            raise ValidationError(_("That item is on another agenda. Reload the page."), "other_call")
        return found

    def clean_due_on(self) -> date | None:
        words = self.cleaned_data["due_on"].strip()
        try:
            return quick_action.day_meant(words, self.on) if words else None
        except ValueError:
            raise ValidationError(_("Enter a date like 3/11/2027, or a weekday"), "invalid") from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        check = CHECKS.get(given.get("kind", ""))
        if check and not self.errors:
            check(self, given)
        return given

    # By kind -----------------------------------------------------------------------------------

    def needs_words(self, given: dict[str, Any]) -> None:
        if not given["text"]:
            self.add_error("text", ValidationError(NO_WORDS[given["kind"]], "required"))

    def needs_item(self, given: dict[str, Any]) -> None:
        if not given["item"]:
            raise ValidationError(_("We can’t read which item this is about. Reload the page."), "no_item")

    def needs_person(self, given: dict[str, Any]) -> None:
        if given["who"]:
            given["person"] = person_named(given["who"], self.people)[0]
            return
        given["person"] = next((person for person in self.people if person.pk == given["user"]), None)
        if given["person"] is None:
            raise ValidationError(_("Write who is here, or reload the page if somebody left the committee."), "nobody")

    def is_action(self, given: dict[str, Any]) -> None:
        line = quick_action.parse(given["text"], self.people, self.on)
        self.unclear = line.unclear
        given |= {"text": line.text, "owner": given["owner"] or line.owner, "due_on": given["due_on"] or line.due_on}
        self.needs_words(given)

    def is_decision(self, given: dict[str, Any]) -> None:
        self.needs_words(given)
        given["votes"] = self._votes()
        if given["mover"] and given["mover"] == given["seconder"]:
            self.add_error("seconder", ValidationError(_("Somebody else has to second it"), "same"))

    def _votes(self) -> dict[User, str]:
        """Who said what in a roll call; the decision says who may."""
        said = {name.removeprefix(VOTE): value for name, value in self.data.items() if name.startswith(VOTE) and value}
        keys = [key_of(name) for name in said]
        return {person: said[str(person.pk)] for person in User.objects.filter(pk__in=filter(None, keys))}

    # What it says ------------------------------------------------------------------------------

    @property
    def action_facts(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"text": given["text"], "owner": given["owner"], "due_on": given["due_on"]}

    @property
    def decision_facts(self) -> dict[str, Any]:
        """By consent when nobody counted: nobody spoke against it."""
        given = self.cleaned_data
        counts = {name: given[name] or 0 for name in ("ayes", "noes", "abstentions")}
        counted = any(given[name] is not None for name in counts)
        method = Decision.Method.COUNTS if counted else Decision.Method.CONSENT
        return {"motion": given["text"], "method": method, **counts} | self.roll_call

    @property
    def roll_call(self) -> dict[str, Any]:
        votes = self.cleaned_data["votes"]
        return {"method": Decision.Method.ROLL_CALL, "votes": votes} if votes else {}

    @property
    def data_of_entry(self) -> dict[str, Any]:
        given = self.cleaned_data
        match given["kind"]:
            case Kind.EXTEND:
                return {"minutes": given["minutes"] or USUAL}
            case Kind.HERE | Kind.GONE:
                return {"user": given["person"].pk}
        return {}


NO_WORDS = {
    Kind.NOTE: _("Write the note first"),
    Kind.DECISION: _("Write what was decided first"),
    Kind.ACTION: _("Write what is to be done first, like Send the ordinance @Maria by Friday"),
}
CHECKS = {
    Kind.NOTE: EntryForm.needs_words,
    Kind.DECISION: EntryForm.is_decision,
    Kind.ACTION: EntryForm.is_action,
    Kind.ITEM: EntryForm.needs_item,
    Kind.EXTEND: EntryForm.needs_item,
    Kind.HERE: EntryForm.needs_person,
    Kind.GONE: EntryForm.needs_person,
}


@dataclass(frozen=True)
class Landed:
    """What became of an entry that was sent: "kept" (also when we had it), or "refused", which leaves it in the browser.

    `said` is the reason, or what to know of it.
    """

    key: str
    state: str
    said: str = ""

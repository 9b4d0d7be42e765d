"""A decision written down by hand, and corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import Decision, Meeting, Vote
from members.fields import LineField
from members.models import User
from members.times.days_typed import DayTypedField
from members.web import plain_forms

LATELY = timedelta(days=400)
CALLS = 60
NOON = time(12)
ABSENT = ""


class DecisionForm(plain_forms.ModelForm):
    """`voters` are those whom a roll call names: each has a field `vote-<pk>`."""

    field_order = ["motion", "meeting", "decided_on"]
    asks = {
        "motion": _("Write the motion as it was put, like Recommend the model ordinance to all members"),
        "method": _("Choose how it was decided"),
        "decided_on": {"invalid": _("Enter the day it was decided, like 3/11/2027")},
        "meeting": {"invalid_choice": _("Choose a call of this committee")},
        "mover": {"invalid_choice": _("Choose somebody on the committee")},
        "seconder": {"invalid_choice": _("Choose somebody on the committee")},
    }

    class Meta:
        model = Decision
        fields = ["motion", "meeting", "mover", "seconder", "method", "ayes", "noes", "abstentions"]
        labels = {
            "motion": _("Motion"),
            "meeting": _("Decided at"),
            "mover": _("Moved by"),
            "seconder": _("Seconded by"),
            "method": _("How was it decided?"),
            "ayes": _("For"),
            "noes": _("Against"),
            "abstentions": _("Abstained"),
        }
        widgets = {"motion": forms.Textarea({"rows": 3}), "method": forms.RadioSelect}

    decided_on = DayTypedField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Leave it empty for the day of the call."),
    )
    withdrawn = forms.BooleanField(label=_("It was withdrawn before a vote"), required=False)
    replaces = LineField(
        label=_("It supersedes"),
        required=False,
        max_length=20,
        help_text=_("The number of an earlier decision, like D-2027-03."),
    )

    def __init__(
        self, *args: Any, committee: Committee, people: Sequence[User], voters: Sequence[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.committee, self.voters = committee, voters
        self._offer_calls()
        self._offer_people(people)
        self.fields["method"].choices = METHODS
        for name in ("ayes", "noes", "abstentions"):
            self.fields[name].required = False
            self.fields[name].widget.attrs |= {"min": 0, "max": 9999, "inputmode": "numeric"}
        for person in voters:
            self.fields[f"vote-{person.pk}"] = forms.ChoiceField(
                label=person.name, choices=VOTES, required=False, widget=forms.RadioSelect
            )

    def _offer_calls(self) -> None:
        calls = self.committee.meetings.told().not_cancelled()
        calls = calls.filter(starts_at__lte=timezone.now(), starts_at__gt=timezone.now() - LATELY)
        chosen = self.committee.meetings.filter(pk=self.instance.meeting_id or 0)
        self.fields["meeting"].queryset = (calls | chosen).order_by("-starts_at")
        self.fields["meeting"].empty_label = str(_("Outside a call"))

    def _offer_people(self, people: Sequence[User]) -> None:
        for name in ("mover", "seconder"):
            chosen = [getattr(self.instance, name)] if getattr(self.instance, f"{name}_id") else []
            offered = list(dict.fromkeys([*people, *chosen]))
            self.fields[name].queryset = User.objects.filter(pk__in=[person.pk for person in offered])
            self.fields[name].choices = [("", _("Nobody named")), *((person.pk, person.name) for person in offered)]

    @property
    def vote_rows(self) -> Iterator[forms.BoundField]:
        """The field of each voter."""
        return (self[f"vote-{person.pk}"] for person in self.voters)

    def clean_decided_on(self) -> Any:
        day = self.cleaned_data.get("decided_on")
        if day and day > timezone.localdate(timezone=ZoneInfo(self.committee.timezone)):
            raise ValidationError(_("That day is still to come. Enter the day it was decided."), "ahead")
        return day

    def clean_replaces(self) -> Decision | None:
        reference = self.cleaned_data["replaces"].upper()
        if not reference:
            return None
        found = self.committee.decisions.referenced(reference).first()
        if found is None:
            raise ValidationError(
                _("This committee has no decision of that number. Look it up in the register."), "none"
            )
        return found

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("ayes", "noes", "abstentions"):
            given[name] = given.get(name) or 0
        if (
            "meeting" in given
            and not given["meeting"]
            and not given.get("decided_on")
            and "decided_on" not in self.errors
        ):
            self.add_error("decided_on", ValidationError(_("Enter the day it was decided, like 3/11/2027"), "no_day"))
        if given.get("method") == Decision.Method.ROLL_CALL and not given.get("withdrawn") and not self.votes:
            self.add_error("method", ValidationError(_("Say below who voted how."), "no_votes"))
        if given.get("method") == Decision.Method.COUNTS and not given.get("withdrawn"):
            self._ask_for_votes(given)
        return given

    def _ask_for_votes(self, given: dict[str, Any]) -> None:
        """At once, with all else that is missing."""
        if not {"ayes", "noes"} & self.errors.keys():
            try:
                Decision.outcome_of(given["method"], given["ayes"], given["noes"])
            except ValidationError as error:
                self.add_error(None, error)

    @property
    def votes(self) -> dict[User, str]:
        said = {person: self.cleaned_data.get(f"vote-{person.pk}") or ABSENT for person in self.voters}
        return {person: choice for person, choice in said.items() if choice != ABSENT}

    @property
    def words(self) -> dict[str, Any]:
        """What `Decision.record` and `Decision.correct` take."""
        given = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        rolled = given["method"] == Decision.Method.ROLL_CALL and not self.cleaned_data["withdrawn"]
        return given | {
            "supersedes": self.cleaned_data["replaces"],
            "withdrawn": self.cleaned_data["withdrawn"],
            "votes": self.votes if rolled else None,
            "decided_at": self._decided_at(given["meeting"]),
        }

    def _decided_at(self, meeting: Meeting | None) -> datetime:
        """The noon of the day, or the start of the call; a moment that was known stays."""
        day = self.cleaned_data["decided_on"]
        known, zone = self.instance.decided_at, ZoneInfo(self.committee.timezone)
        if known and day in (None, known.astimezone(zone).date()):
            return known
        if meeting and day in (None, meeting.starts_at.astimezone(zone).date()):
            return meeting.starts_at
        return datetime.combine(day, NOON, zone)


class CorrectionForm(DecisionForm):
    asks = DecisionForm.asks | {"reason": _("Say what was wrong, in a sentence")}

    reason = LineField(
        label=_("What was wrong?"), max_length=500, help_text=_("The page of the decision shows it, with your name.")
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


METHODS = [
    (Decision.Method.COUNTS, _("Counted: how many were for and against")),
    (Decision.Method.CONSENT, _("By consent: agreed without a vote")),
    (Decision.Method.ROLL_CALL, _("Roll call: each by name")),
]
VOTES = [*Vote.Choice.choices, (ABSENT, _("Didn’t vote"))]


def report(form: DecisionForm, error: ValidationError) -> None:
    """Put what a verb refused beside its field."""
    fields = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    names = {"supersedes": "replaces"}
    for name, errors in fields.items():
        name = names.get(name, name)
        form.add_error(name if name in form.fields else None, errors)

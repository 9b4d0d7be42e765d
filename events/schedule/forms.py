"""Forms that put a call on, change, move or cancel it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from events.models import Meeting
from events.models.meetings import MOST_SEATS
from events.schedule import horizon
from members.fields import WordsField
from members.times.days_typed import DayTypedField, TimeTypedField
from members.times.wall_clock import happens_twice, instant
from members.times.zones import US_ZONES, validate_zone
from members.web import plain_forms

DAY = 24 * 60


REMINDERS = [
    (14 * DAY, _("2 weeks")),
    (7 * DAY, _("1 week")),
    (2 * DAY, _("2 days")),
    (DAY, _("1 day")),
    (120, _("2 hours")),
    (60, _("1 hour")),
    (30, _("30 minutes")),
    (10, _("10 minutes")),
]


class WhenForm(plain_forms.Form):
    """A local date and time in a zone. `fold` is asked for in the hour that happens twice and at no other time."""

    asks = {
        "local_date": _("Enter the date of the call, like 3/11/2027"),
        "local_time": _("Enter the time at which it starts, like 1:00 PM"),
        "timezone": _("Choose the time zone that the time is in"),
    }

    local_date = DayTypedField(label=_("Date"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    local_time = TimeTypedField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    timezone = forms.CharField(label=_("Time zone"), max_length=64, validators=[validate_zone], widget=forms.Select)
    sure = forms.BooleanField(label=_("Yes, I mean that year"), required=False)
    fold = forms.TypedChoiceField(
        label=_("Which of the two?"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        listed = dict(US_ZONES)
        own = [] if zone_name in listed else [(zone_name, zone_name.replace("_", " "))]
        self.fields["timezone"].widget.choices = [*US_ZONES, *own]
        self.fields["timezone"].initial = zone_name
        self.fields["fold"].choices = [("0", "0"), ("1", "1")]
        self.asks_which = self.asks_if_sure = False

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if all(given.get(name) for name in ("local_date", "local_time", "timezone")):
            self._clean_when(given)
        return given

    def _clean_when(self, given: dict[str, Any]) -> None:
        when = given["local_date"], given["local_time"], given["timezone"]
        try:
            horizon.check(given["local_date"])
        except ValidationError as error:
            self.add_error("local_date", error)
            return
        try:
            given["fold"] = given.get("fold") if happens_twice(*when) else 0
            if given["fold"] is None:
                self._ask_which(*when)
                return
            given["starts_at"] = instant(*when, given["fold"])
        except ValidationError as error:
            self.add_error("local_time", error)
            return
        if given["starts_at"] <= timezone.now():
            self.add_error("local_date", ValidationError(_("That time has passed. Choose a later one."), "past"))
        if (question := horizon.doubt(given["local_date"])) and not given.get("sure"):
            self._ask_if_sure(question, given["local_date"])

    def _ask_if_sure(self, question: str, on: date) -> None:
        self.asks_if_sure = True
        self["sure"].label = _("Yes, I mean %(year)s") % {"year": on.year}
        words = _("That is more than a year and a half from now. If you mean it, check the box below.")
        self.add_error("local_date", ValidationError(f"{question} {words}".strip(), "doubtful"))

    def _ask_which(self, on: Any, at: Any, zone_name: str) -> None:
        self.asks_which = True
        letters = [datetime.combine(on, at, tzinfo=ZoneInfo(zone_name)).replace(fold=fold).tzname() for fold in (0, 1)]
        first, second = (
            _("The first, before clocks go back (%s)") % letters[0],
            _("The second, after clocks went back (%s)") % letters[1],
        )
        self.fields["fold"].choices = [("0", first), ("1", second)]
        self.add_error(
            "fold", ValidationError(_("Clocks go back that night, so this time comes twice. Choose one."), "twice")
        )

    def look_again(self) -> None:
        """Whether the time comes twice, and when it is elsewhere."""
        self.full_clean()

    @property
    def when(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("local_date", "local_time", "timezone", "fold")}


class MeetingForm(plain_forms.ModelForm):
    """The words, links and length of a call."""

    asks = {
        "title": _("Write a title, so that people know what the call is about"),
        "duration": {
            "required": _("Enter how many minutes the call takes, like 60"),
            "invalid": _("Enter how many minutes the call takes as a whole number, like 60"),
            "min_value": _("A call takes at least %(limit_value)s minutes"),
            "max_value": _("A call takes %(limit_value)s minutes at most"),
        },
        "seats": {
            "invalid": _("Enter how many people there is room for as a whole number, like 25"),
            "min_value": _("A call has at least %(limit_value)s seat; leave it empty for no limit"),
            "max_value": _("A call has %(limit_value)s seats at most; leave it empty for no limit"),
        },
        "video_url": {"invalid": _("Copy the whole video link, like https://video.example/j/123")},
    }

    reminders = forms.ChoiceField(
        label=_("Reminders"),
        widget=forms.RadioSelect,
        initial="committee",
        required=False,
        choices=[("committee", ""), ("own", _("Choose for this call"))],
    )
    reminder_offsets = forms.TypedMultipleChoiceField(
        label=_("How long before"), coerce=int, choices=REMINDERS, required=False, widget=forms.CheckboxSelectMultiple
    )

    video_url = forms.URLField(
        label=_("Video link"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_(
            "Zoom, Meet, Teams or another. Members join through the portal’s own link, so you can change it later."
        ),
    )

    class Meta:
        model = Meeting
        fields = ["title", "summary", "duration", "video_url", "dial_in", "public", "seats"]
        labels = {
            "title": _("What is the call about?"),
            "summary": _("In a sentence or two"),
            "duration": _("Length in minutes"),
            "dial_in": _("Number and code for those who phone in"),
            "public": _("Show the date on the public issue page"),
            "seats": _("Seats"),
        }
        help_texts = {
            "summary": _("What will people hear, and what will you decide?"),
            "dial_in": "",
            "seats": _(
                "Empty for no limit. When all are taken, people wait in line, and each seat that becomes free is offered to the first. "
                "A lower number takes nobody’s seat."
            ),
        }
        widgets = {
            "summary": forms.Textarea({"rows": 3}),
            "duration": forms.NumberInput({"min": 5, "max": 720, "step": 5}),
            "seats": forms.NumberInput({"min": 1, "max": MOST_SEATS}),
        }

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reminders"].choices = [
            ("committee", self._as_usual(committee)),
            ("own", _("Choose for this call")),
        ]
        own = self.instance.reminder_offsets
        self.initial.setdefault("reminders", "committee" if own is None else "own")
        self.initial.setdefault("reminder_offsets", committee.reminder_offsets if own is None else own)

    @staticmethod
    def _as_usual(committee: Committee) -> str:
        words = dict(REMINDERS)
        spans = [str(words.get(offset, f"{offset} min")) for offset in sorted(committee.reminder_offsets, reverse=True)]
        if not spans:
            return str(_("As this committee has it: none"))
        return str(_("As this committee has it: %(spans)s before") % {"spans": ", ".join(spans)})

    def clean_reminder_offsets(self) -> list[int] | None:
        chosen = self.cleaned_data["reminder_offsets"]
        if self.cleaned_data.get("reminders") != "own":
            return None
        if len(chosen) > 5:
            raise ValidationError(_("Choose five reminders at most."), "too_many")
        return sorted(chosen, reverse=True)

    @property
    def words(self) -> dict[str, Any]:
        """Keyword arguments of `Meeting.schedule` and `Meeting.edit`."""
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, "reminder_offsets")}


class ReasonForm(plain_forms.Form):
    """Why a call is moved or canceled: people read it in the mail and on the page."""

    asks = {"reason": _("Write why, in a line. People read it in the email.")}

    reason = WordsField(
        label=_("Why?"),
        max_length=500,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One line. It goes into the email and on the call page."),
    )


class MoveForm(WhenForm, ReasonForm):
    asks = WhenForm.asks | ReasonForm.asks
    field_order = ("local_date", "sure", "local_time", "timezone", "fold", "reason")

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)  # the start that was moved from

    def clean_seen(self) -> datetime | None:
        try:
            return parse_datetime(self.cleaned_data["seen"])
        except ValueError:
            return None

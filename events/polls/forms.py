"""Forms of a poll: what it is about, up to ten times, and the day on which voting ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.models import Poll, PollSlot
from events.models.polls import FEWEST, MOST, Time
from events.schedule import horizon
from members.times import formats
from members.times.days_typed import DayTypedField, TimeTypedField
from members.times.wall_clock import happens_twice, instant
from members.times.zones import US_ZONES, validate_zone
from members.web import plain_forms
from members.web.meanwhile import SharedForm
from members.web.plain_forms import in_plain_words

AT_FIRST = 4  # rows that stand open; the others are a tap away
A_WEEK = timedelta(days=7)
ELSEWHERE = {"title", "summary", "duration", "closes_on"}  # fields whose mistakes have nothing to do with the times


@dataclass(frozen=True)
class Row:
    """The fields of one time; `fold` is asked in the hour that comes twice and at no other time."""

    number: int
    date: BoundField
    time: BoundField
    fold: BoundField | None

    @property
    def is_used(self) -> bool:
        return bool(self.date.value() or self.time.value() or self.date.errors or self.time.errors)


def end_of(on: date, zone_name: str) -> datetime:
    """The last minute of a day: voting ends then."""
    return datetime.combine(on, time(23, 59), ZoneInfo(zone_name))


class TimesForm(plain_forms.Form):
    """Rows of times, each a day and a clock time or left empty, and the day on which voting ends."""

    rows_at_most = MOST

    closes_on = DayTypedField(
        label=_("Take votes until the end of"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone_name = zone_name
        for number in self.numbers:
            day = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
            clock = forms.TimeInput({"type": "time"}, format="%H:%M")
            self.fields[f"date_{number}"] = DayTypedField(label=_("Date"), required=False, widget=day)
            self.fields[f"time_{number}"] = TimeTypedField(label=_("Time"), required=False, widget=clock)
            self.fields[f"fold_{number}"] = forms.TypedChoiceField(
                label=_("Which of the two?"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("0", "0"), ("1", "1")],
                widget=forms.RadioSelect,
            )
        self.asks_which: set[int] = set()
        self.times: list[Time] = []

    @property
    def numbers(self) -> range:
        return range(1, self.rows_at_most + 1)

    def rows(self) -> Iterator[Row]:
        for number in self.numbers:
            fold = self[f"fold_{number}"] if number in self.asks_which else None
            yield Row(number, self[f"date_{number}"], self[f"time_{number}"], fold)

    @property
    def first_rows(self) -> list[Row]:
        return list(self.rows())[:AT_FIRST]

    @property
    def more_rows(self) -> list[Row]:
        return list(self.rows())[AT_FIRST:]

    @property
    def more_are_used(self) -> bool:
        return any(row.is_used for row in self.more_rows)

    @property
    def order(self) -> str:
        """The names of the fields as the page shows them, for the summary of what is wrong."""
        rows = (name for number in self.numbers for name in (f"date_{number}", f"time_{number}", f"fold_{number}"))
        return " ".join(["title", "summary", "duration", "timezone", "remove", *rows, "closes_on"])

    def look_again(self) -> None:
        """Which of the times come twice."""
        self.full_clean()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.times, self.asks_which = [], set()
        zone_name = given.get("timezone", self.zone_name) if "timezone" in self.fields else self.zone_name
        seen: set[datetime] = set()
        for number in self.numbers:
            if zone_name:
                self._clean_row(given, number, zone_name, seen)
        return given

    def _clean_row(self, given: dict[str, Any], number: int, zone_name: str, seen: set[datetime]) -> None:
        on, at = given.get(f"date_{number}"), given.get(f"time_{number}")
        if on is None or at is None:
            self._ask_for_the_rest(number, on, at)
            return
        try:
            horizon.check(on)
        except ValidationError as error:
            self.add_error(f"date_{number}", error)
            return
        try:
            fold = given.get(f"fold_{number}") if happens_twice(on, at, zone_name) else 0
            if fold is None:
                self._ask_which(number, on, at, zone_name)
                return
            starts_at = instant(on, at, zone_name, fold)
        except ValidationError as error:
            self.add_error(f"time_{number}", error)
            return
        if starts_at <= timezone.now():
            self.add_error(f"date_{number}", ValidationError(_("That time has passed. Choose a later one."), "past"))
        elif starts_at in seen:
            self.add_error(f"time_{number}", ValidationError(_("The same time stands there twice."), "twice"))
        else:
            seen.add(starts_at)
            self.times.append(Time(on, at, fold))

    def _ask_for_the_rest(self, number: int, on: date | None, at: time | None) -> None:
        """A day without a time, or a time without a day; what could not be read has an error already."""
        if on and f"time_{number}" not in self.errors:
            self.add_error(f"time_{number}", ValidationError(_("Enter the time, like 1:00 PM"), "required"))
        if at and f"date_{number}" not in self.errors:
            self.add_error(f"date_{number}", ValidationError(_("Enter the day, like 3/11/2027"), "required"))

    def _ask_which(self, number: int, on: date, at: time, zone_name: str) -> None:
        self.asks_which.add(number)
        letters = [datetime.combine(on, at, tzinfo=ZoneInfo(zone_name)).replace(fold=fold).tzname() for fold in (0, 1)]
        self.fields[f"fold_{number}"].choices = [
            ("0", _("The first, before clocks go back (%s)") % letters[0]),
            ("1", _("The second, after clocks went back (%s)") % letters[1]),
        ]
        words = _("Clocks go back that night, so this time comes twice. Choose one.")
        self.add_error(f"fold_{number}", ValidationError(words, "twice"))


class PollForm(TimesForm):
    """A new poll."""

    asks = {
        "title": _("Write a title, so that people know what the call is about"),
        "duration": {
            "required": _("Enter how many minutes the call takes, like 60"),
            "invalid": _("Enter how many minutes the call takes as a whole number, like 60"),
            "min_value": _("A call takes at least %(limit_value)s minutes"),
            "max_value": _("A call takes %(limit_value)s minutes at most"),
        },
        "timezone": _("Choose the time zone that the times are in"),
    }

    title = Poll._meta.get_field("title").formfield(label=_("What is the call about?"))
    summary = Poll._meta.get_field("summary").formfield(
        label=_("In a sentence or two"), widget=forms.Textarea({"rows": 3}), required=False
    )
    duration = forms.IntegerField(
        label=_("Length in minutes"), initial=60, min_value=5, max_value=720, widget=forms.NumberInput({"step": 5})
    )
    timezone = forms.CharField(label=_("Time zone"), max_length=64, validators=[validate_zone], widget=forms.Select)

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        super().__init__(*args, zone_name=zone_name, **kwargs)
        listed = dict(US_ZONES)
        own = [] if zone_name in listed else [(zone_name, zone_name.replace("_", " "))]
        self.fields["timezone"].widget.choices = [*US_ZONES, *own]
        self.fields["timezone"].initial = zone_name
        self.fields["closes_on"].help_text = _("Left empty: a week from now, or the day before the last of the times.")

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors.keys() - ELSEWHERE and len(self.times) < FEWEST:
            number = len(self.times) + 1
            words = _("Offer two times at least, so that there is something to choose from.")
            self.add_error(f"date_{number}", ValidationError(words, "too_few"))
        return given

    @property
    def words(self) -> dict[str, Any]:
        """Keyword arguments of `Poll.make`."""
        given = {name: self.cleaned_data[name] for name in ("title", "summary", "duration", "timezone")}
        return given | {"closes_at": self._closes_at(given["timezone"])}

    def _closes_at(self, zone_name: str) -> datetime:
        if on := self.cleaned_data["closes_on"]:
            return end_of(on, zone_name)
        last = max(instant(each.local_date, each.local_time, zone_name, each.fold) for each in self.times)
        in_a_week = end_of(timezone.localdate(timezone=ZoneInfo(zone_name)) + A_WEEK, zone_name)
        day_before = end_of(last.astimezone(ZoneInfo(zone_name)).date() - timedelta(days=1), zone_name)
        return min(in_a_week, day_before if day_before > timezone.now() else last)


class PollWordsForm(SharedForm):
    """What the call is about, put in other words."""

    asks = {"title": PollForm.asks["title"]}

    class Meta:
        model = Poll
        fields = ["title", "summary"]
        labels = {"title": _("What is the call about?"), "summary": _("In a sentence or two")}
        widgets = {"summary": forms.Textarea({"rows": 3})}


class ChangeTimesForm(TimesForm):
    """Further times, times to take out, and another day on which voting ends."""

    remove = forms.TypedMultipleChoiceField(
        label=_("Take out"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, poll: Poll, slots: list[PollSlot], **kwargs: Any) -> None:
        self.rows_at_most = MOST - 1  # two may be taken out while as many come
        super().__init__(*args, zone_name=poll.timezone, **kwargs)
        with timezone.override(poll.zone):
            self.fields["remove"].choices = [(slot.pk, formats.span(slot.starts_at, poll.duration)) for slot in slots]
        self.fields["closes_on"].initial = poll.closes_at.astimezone(poll.zone).date()
        self.poll = poll

    @property
    def closes_at(self) -> datetime | None:
        """None when it stays the same day, or nothing was written."""
        on = self.cleaned_data["closes_on"]
        same = on == self.poll.closes_at.astimezone(self.poll.zone).date()
        return None if on is None or same else end_of(on, self.poll.timezone)


class ReopenForm(plain_forms.Form):
    """The day on which voting ends, when it is opened again."""

    asks = {"closes_on": _("Enter the day on which voting ends, like 3/11/2027")}

    closes_on = DayTypedField(
        label=_("Take votes until the end of"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def closes_at(self, poll: Poll) -> datetime:
        return end_of(self.cleaned_data["closes_on"], poll.timezone)

    def report(self, error: ValidationError) -> None:
        """A verb's objection, beside the day."""
        self.add_error("closes_on", in_plain_words(ValidationError(error.messages)))

"""Somebody's own hours, and the nights on which their council meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.availability.council import LASTING, day_words
from events.series.rules import place_names
from members.models import CallHours, CouncilNight, User
from members.models.hours import DAY, OFFICE_HOURS, USUAL, Span
from members.times.days_typed import DayTypedField, TimeTypedField
from members.times.wall_clock import clock_words
from members.web import plain_forms
from members.web.widgets import PlainSelect

SMALL_HOURS = 6 * 60  # an end until then, before the beginning, is on the next day
STEP = 30
EVERY_WEEK, EVERY_OTHER, OF_THE_MONTH = "every", "other", "month"


class HoursForm(plain_forms.Form):
    """A check box a weekday, with from and to."""

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user = user
        self.told = CallHours.objects.filter(user=user).first()
        for number, span in enumerate(self.told.spans if self.told else USUAL):
            self._add_day(number, span)

    def _add_day(self, number: int, span: Span | None) -> None:
        opens, closes = span or OFFICE_HOURS
        name = WEEKDAYS[number]
        self.fields[f"day_{number}"] = forms.BooleanField(label=name, required=False, initial=span is not None)
        for part, minute, words in (
            ("opens", opens, _("%(day)s from")),
            ("closes", closes % DAY, _("%(day)s to")),
        ):
            self.fields[f"{part}_{number}"] = forms.TypedChoiceField(
                label=words % {"day": name},
                coerce=int,
                choices=clocks(minute),
                initial=minute,
                widget=PlainSelect,
                required=False,
            )

    @property
    def days(self) -> Iterator[tuple[BoundField, BoundField, BoundField]]:
        for number in WEEKDAYS:
            yield self[f"day_{number}"], self[f"opens_{number}"], self[f"closes_{number}"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self.spans = [self._span(given, number) for number in WEEKDAYS]
        if not self.errors and not any(self.spans):
            raise ValidationError(_("Check at least one day"), "no_day")
        return given

    def _span(self, given: Mapping[str, Any], number: int) -> Span | None:
        first, last = given.get(f"opens_{number}"), given.get(f"closes_{number}")
        if not given.get(f"day_{number}") or not isinstance(first, int) or not isinstance(last, int):
            return None
        if last <= first and last <= SMALL_HOURS:
            last += DAY
        if last <= first:
            words = _("%(day)s ends before it begins. Choose a later end.")
            self.add_error(f"closes_{number}", ValidationError(words % {"day": WEEKDAYS[number]}, "order"))
            return None
        return first, last

    def save(self) -> CallHours:
        return CallHours.tell(self.user, self.spans)


def clocks(*besides: int) -> list[tuple[int, str]]:
    """Each half hour of a day, and the minutes that are chosen already."""
    return [(minute, clock_words(time(*divmod(minute, 60)))) for minute in sorted({*range(0, DAY, STEP), *besides})]


class NightForm(plain_forms.Form):
    """When one's council meets."""

    asks = {
        "weekday": gettext_lazy("Choose the day"),
        "rhythm": gettext_lazy("Choose how often"),
        "begins": gettext_lazy("Enter the time at which it begins, like 7:00 PM"),
        "minutes": gettext_lazy("Choose how long it lasts"),
        "every_other_from": {"invalid": gettext_lazy("Enter a day on which it meets, like 3/9/2027")},
    }

    weekday = forms.TypedChoiceField(label=gettext_lazy("Day"), coerce=int, choices=list(WEEKDAYS.items()))
    rhythm = forms.ChoiceField(
        label=gettext_lazy("How often"),
        widget=forms.RadioSelect,
        initial=OF_THE_MONTH,
        choices=[
            (OF_THE_MONTH, gettext_lazy("On these weeks of the month")),
            (EVERY_WEEK, gettext_lazy("Every week")),
            (EVERY_OTHER, gettext_lazy("Every other week")),
        ],
    )
    weeks = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weeks of the month"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    every_other_from = DayTypedField(
        label=gettext_lazy("With every other week: the next day on which it meets"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    begins = TimeTypedField(
        label=gettext_lazy("Begins at"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"), initial=time(19)
    )
    minutes = forms.TypedChoiceField(label=gettext_lazy("Lasts"), coerce=int, initial=180)
    may_be_named = forms.BooleanField(
        label=gettext_lazy("Co-chairs may see my name with it"),
        required=False,
        help_text=gettext_lazy("Otherwise they see only how many can’t come."),
    )

    def __init__(self, data: Any = None, *, user: User, night: CouncilNight | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.user, self.night = user, night
        places = [(number, capfirst(name)) for number, name in place_names().items()]
        self.fields["weeks"].choices = places  # type: ignore[attr-defined]
        lasting = sorted({*LASTING, *([night.minutes] if night else [])})
        self.fields["minutes"].choices = [(each, day_words(each)) for each in lasting]  # type: ignore[attr-defined]
        if night:
            self.initial.update({name: getattr(night, name) for name in NIGHT}, rhythm=_rhythm(night))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        rhythm = given.get("rhythm")
        if rhythm == OF_THE_MONTH and not given.get("weeks") and "weeks" not in self.errors:
            self.add_error("weeks", ValidationError(_("Check the weeks on which it meets"), "required"))
        if rhythm == EVERY_OTHER and "every_other_from" not in self.errors:
            self._clean_every_other(given.get("every_other_from"), given.get("weekday"))
        return given

    def _clean_every_other(self, day: date | None, weekday: int | None) -> None:
        if day is None:
            self.add_error(
                "every_other_from", ValidationError(_("Enter a day on which it meets, like 3/9/2027"), "required")
            )
        elif weekday is not None and day.weekday() != weekday:
            words = _("That is a %(day)s. Enter a %(right)s.")
            days = {"day": WEEKDAYS[day.weekday()], "right": WEEKDAYS[weekday]}
            self.add_error("every_other_from", ValidationError(words % days, "weekday"))

    def save(self) -> CouncilNight:
        """Raises ValidationError where the model has more to say."""
        given, rhythm = self.cleaned_data, self.cleaned_data["rhythm"]
        fields = {name: given[name] for name in ("weekday", "begins", "minutes", "may_be_named")} | {
            "weeks": given["weeks"] if rhythm == OF_THE_MONTH else [],
            "every_other_from": given["every_other_from"] if rhythm == EVERY_OTHER else None,
        }
        return self.night.change(**fields) if self.night else CouncilNight.add(self.user, **fields)


NIGHT = ("weekday", "weeks", "every_other_from", "begins", "minutes", "may_be_named")


def _rhythm(night: CouncilNight) -> str:
    if night.every_other_from:
        return EVERY_OTHER
    return OF_THE_MONTH if night.weeks else EVERY_WEEK

"""Choosing what is sent, how often and when. What differs from the default is stored, and nothing else.

The form carries what it showed, and only what the person changed is saved: two tabs that change different things both count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.db import transaction
from django.db.models.functions import Now
from django.forms.boundfield import BoundField
from django.utils.formats import time_format
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.mail import stops
from members.mail.kinds import Notice, choosable
from members.models import Delivery, MessageSettings, NotificationPreference, User
from members.times import formats
from members.web import plain_forms

Cadence = NotificationPreference.Cadence

HALF_HOURS = [time(hour, minute) for hour in range(24) for minute in (0, 30)]
USUAL_HOURS = time(21), time(7)  # where somebody begins who turns quiet hours on
HOUR, DAY, WEEK = 60, 24 * 60, 7 * 24 * 60  # minutes
USUAL_REMINDERS = [WEEK, 2 * DAY, DAY, 2 * HOUR, HOUR, 30, 10]
MOST_REMINDERS = 5
AS_SET, OWN = "", "own"


@dataclass(frozen=True)
class Place:
    """Where a choice may differ: a committee of the person, with the role they have on it."""

    name: str
    role: str


class NotificationsForm(plain_forms.Form):
    """`places` maps "committee:3" to what it is called there."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    publications = forms.BooleanField(label=_("New publications in your week"), required=False)
    quiet = forms.BooleanField(label=_("Quiet hours"), required=False)
    quiet_from = forms.ChoiceField(label=_("Quiet from"), required=False)
    quiet_until = forms.ChoiceField(label=_("Quiet until"), required=False)
    quiet_reminders = forms.ChoiceField(
        label=_("A reminder of a call that starts soon, in your quiet hours"),
        choices=MessageSettings.InQuietHours,
        widget=forms.RadioSelect,
        required=False,
    )
    reminders = forms.ChoiceField(
        label=_("When reminders come"),
        choices=[(AS_SET, _("As the co-chairs set them")), (OWN, _("Always these:"))],
        widget=forms.RadioSelect,
        required=False,
    )
    reminder_offsets = forms.MultipleChoiceField(
        label=_("How long before the call"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args: Any, user: User, places: Mapping[str, Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.places = user, places
        roles = {place.role for place in places.values()}
        self.kinds = [notice for notice in choosable() if not notice.roles or roles & set(notice.roles)]
        self._add_kinds()
        self._add_hours_and_reminders()
        self.order_fields(self._as_on_the_page())
        self.initial["shown"] = json.dumps(self.stored)

    def _as_on_the_page(self) -> list[str]:
        """The kinds, what differs for a committee, reminders, quiet hours."""
        differing = [
            _name(notice.kind, scope) for scope in self.places for notice in self.kinds if scope in self._scopes(notice)
        ]
        return [*(notice.kind for notice in self.kinds), "publications", *differing, "reminders", "reminder_offsets"]

    # What stands -------------------------------------------------------------------------------

    @cached_property
    def stored(self) -> dict[str, Any]:
        """The value of each field as it stands in the database."""
        return {name: field.initial for name, field in self.fields.items() if name != "shown"}

    @cached_property
    def settings(self) -> MessageSettings:
        return MessageSettings.objects.filter(user=self.user).first() or MessageSettings(user=self.user)

    def _add_kinds(self) -> None:
        chosen = {(row.kind, row.scope): row.cadence for row in self.user.notification_preferences.all()}
        for notice in self.kinds:
            self.fields[notice.kind] = _choice(notice, chosen.get((notice.kind, ""), notice.cadence))
            for scope in self._scopes(notice):
                now = chosen.get((notice.kind, scope), "")
                self.fields[_name(notice.kind, scope)] = _exception(notice, self.places[scope].name, now)

    def _add_hours_and_reminders(self) -> None:
        settings = self.settings
        hours = (settings.quiet_from or USUAL_HOURS[0], settings.quiet_until or USUAL_HOURS[1])
        for name, clock in zip(("quiet_from", "quiet_until"), hours, strict=True):
            clocks = sorted({*HALF_HOURS, clock})
            self._offer(name, [(_value(each), time_format(each, "g:i A")) for each in clocks], _value(clock))
        self.fields["publications"].initial = settings.publications
        self.fields["quiet"].initial = settings.quiet_from is not None
        self.fields["quiet_reminders"].initial = str(settings.quiet_reminders)
        own = settings.reminder_offsets
        offsets = sorted({*USUAL_REMINDERS, *(own or [])}, reverse=True)
        self.fields["reminders"].initial = AS_SET if own is None else OWN
        mine = [str(minutes) for minutes in sorted(own or [], reverse=True)]
        self._offer("reminder_offsets", [(str(each), formats.lasting(each)) for each in offsets], mine)

    def _offer(self, name: str, choices: list[tuple[str, str]], now: str | list[str]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices, field.initial = choices, now

    def _scopes(self, notice: Notice) -> list[str]:
        """Where this kind may differ: everywhere that the person has a role for which it is meant."""
        if not notice.scoped:
            return []
        return [scope for scope, place in self.places.items() if not notice.roles or place.role in notice.roles]

    # For the page ------------------------------------------------------------------------------

    def rows(self) -> Iterator[tuple[Notice, BoundField]]:
        for notice in self.kinds:
            yield notice, self[notice.kind]

    def committees(self) -> Iterator[tuple[str, list[tuple[Notice, BoundField]], bool]]:
        """(name, fields, whether one of them differs) for each."""
        for scope, place in self.places.items():
            fields = [(each, self[_name(each.kind, scope)]) for each in self.kinds if scope in self._scopes(each)]
            yield place.name, fields, any(field.value() or field.errors for _notice, field in fields)

    # What comes --------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Reminders that somebody ticks are meant, even where "as the co-chairs set them" was left as it was."""
        chosen = super().clean() or {}
        if not self.errors and chosen["reminders"] == AS_SET and self._is_changed("reminder_offsets"):
            chosen["reminders"] = chosen["reminders"] if self._is_changed("reminders") else OWN
        if chosen.get("quiet") and chosen.get("quiet_from") == chosen.get("quiet_until"):
            self.add_error("quiet_until", _("Choose another time than the one they begin at."))
        if chosen.get("reminders") == OWN:
            self._check_reminders(chosen.get("reminder_offsets", []))
        return chosen

    def _check_reminders(self, offsets: list[str]) -> None:
        if not offsets:
            self.add_error("reminder_offsets", _("Choose at least one, or turn reminders off above."))
        elif len(offsets) > MOST_REMINDERS:
            self.add_error("reminder_offsets", _("Choose at most five."))

    @cached_property
    def _before(self) -> dict[str, Any]:
        """What this form showed; what stands now, as far as it does not say."""
        try:
            shown = json.loads(self.data.get("shown", ""))
        except ValueError:
            shown = {}
        return self.stored | (shown if isinstance(shown, dict) else {})

    def _is_changed(self, *names: str) -> bool:
        return any(self.cleaned_data[name] != self._before[name] for name in names)

    @transaction.atomic
    def save(self) -> None:
        """Store what the person changed."""
        for notice in self.kinds:
            self._save_choice(notice.kind, "", notice.cadence)
            for scope in self._scopes(notice):
                self._save_choice(notice.kind, scope, "")
        if changed := dict(self._changed_settings()):
            MessageSettings.objects.update_or_create(user=self.user, defaults=changed)
            Delivery.objects.filter(recipient=self.user).ask_again()

    def _save_choice(self, kind: str, scope: str, default: str) -> None:
        name = _name(kind, scope)
        if not self._is_changed(name):
            return
        cadence = self.cleaned_data[name]
        stops.choose(self.user, kind, scope, "" if cadence == default else cadence)

    def _changed_settings(self) -> Iterator[tuple[str, Any]]:
        chosen = self.cleaned_data
        if self._is_changed("quiet", "quiet_from", "quiet_until"):
            for name in ("quiet_from", "quiet_until"):
                yield name, time.fromisoformat(chosen[name]) if chosen["quiet"] else None
        if self._is_changed("publications"):
            yield "publications", chosen["publications"]
        if self._is_changed("quiet_reminders"):
            yield "quiet_reminders", chosen["quiet_reminders"] or MessageSettings.InQuietHours.SEND
        if self._is_changed("reminders", "reminder_offsets"):
            own = chosen["reminders"] == OWN
            yield "reminder_offsets", sorted(map(int, chosen["reminder_offsets"]), reverse=True) if own else None
            yield "reminders_set_at", Now()


class CadenceBox(forms.CheckboxInput):
    """A checkbox for a kind that comes in one way or not at all."""

    def __init__(self, way: str) -> None:
        super().__init__(check_test=lambda value: value not in ("", None, False, Cadence.NEVER))
        self.way = way

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:  # type: ignore[override]  # of a choice
        return self.way if super().value_from_datadict(data, files, name) else Cadence.NEVER.value

    def format_value(self, value: Any) -> None:
        return None


def _choice(notice: Notice, now: str) -> forms.ChoiceField:
    ways = [cadence for cadence in notice.cadences if cadence != Cadence.NEVER]
    field = forms.ChoiceField(
        label=str(notice.label),
        choices=_cadences(notice),
        initial=str(now),
        error_messages={"required": _("Choose how often it comes, or Never")},
    )
    if len(ways) == 1:
        field.widget = CadenceBox(str(ways[0]))
        field.required = False  # a box without its check mark is an answer
    return field


def _exception(notice: Notice, place: str, now: str) -> forms.ChoiceField:
    choices = [("", _("As everywhere")), *_cadences(notice)]
    return forms.ChoiceField(label=f"{notice.label}, {place}", choices=choices, required=False, initial=str(now))


def _cadences(notice: Notice) -> list[tuple[str, Any]]:
    """In the order of the calendar; a kind that comes in one way is on or off."""
    offered = [cadence for cadence in Cadence if cadence in notice.cadences]
    if len(offered) == 2 and Cadence.NEVER in offered:
        return [(str(offered[0]), _("On")), (str(Cadence.NEVER), _("Off"))]
    return [(str(cadence), cadence.label) for cadence in offered]


def _name(kind: str, scope: str) -> str:
    return f"{kind}-{scope.replace(':', '-')}" if scope else kind


def _value(clock: time) -> str:
    return clock.isoformat("minutes")

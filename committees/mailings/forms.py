"""Forms of emails to a list: the words and whom they are for, and when it goes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.announcements.forms import AnnouncementForm
from committees.models import Mailing
from members.models import Segment, User
from members.times.days_typed import DayTypedField, TimeTypedField
from members.times.formats import zone_name
from members.times.wall_clock import happens_twice, instant
from members.web import plain_forms

NOW, LATER = "now", "at"
FURTHEST = timedelta(days=60)


class MailingForm(AnnouncementForm):
    """The form of a draft, with a list. `list_words` is the list that the draft has without a saved one."""

    segment = forms.ModelChoiceField(label=_("To"), queryset=Segment.objects.none(), required=False)

    class Meta:
        model = Mailing
        fields = ["segment", "subject", "body"]
        labels = {"subject": _("Subject"), "body": _("Text")}
        help_texts = {
            "body": _(
                "Markdown: **bold**, *italic*, [words](https://example.org). Words in braces are each reader’s own."
            )
        }
        widgets = {"body": forms.Textarea(attrs={"rows": 14})}

    def __init__(self, *args: Any, reader: User, list_words: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["segment"].queryset = Segment.objects.usable_by(reader).order_by("name", "pk")
        self.fields["segment"].empty_label = list_words

    @property
    def words(self) -> dict[str, Any]:
        """The values to store."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class HoldForm(plain_forms.Form):
    """When it goes: soon, or on a day at a time of the zone of whoever sends it."""

    asks = {"when": _("Choose when it goes")}

    when = forms.ChoiceField(
        label=_("When it goes"),
        choices=[
            (NOW, _("In a minute")),
            ("10", _("In 10 minutes")),
            ("60", _("In an hour")),
            (LATER, _("On a day, at a time")),
        ],
        initial="10",
        widget=forms.RadioSelect,
    )
    day = DayTypedField(label=_("Day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    clock = TimeTypedField(label=_("Time"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        self.fields["clock"].help_text = _("%(zone)s time, yours") % {"zone": zone_name(zone)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == LATER and not self.errors:
            self._clean_later(cleaned)
        return cleaned

    def _clean_later(self, cleaned: dict[str, Any]) -> None:
        for name, words in (
            ("day", _("Enter the day on which it goes")),
            ("clock", _("Enter the time at which it goes")),
        ):
            if not cleaned.get(name):
                self.add_error(name, words)
        if self.errors:
            return
        when = cleaned["day"], cleaned["clock"], self.zone
        try:
            cleaned["moment"] = instant(*when)
        except ValidationError as error:
            self.add_error("clock", error)
            return
        if happens_twice(*when):
            self.add_error("clock", _("Clocks go back that night, so this time comes twice. Choose another."))
        elif cleaned["moment"] <= timezone.now():
            self.add_error("day", _("That time has passed. Choose a later one."))
        elif cleaned["moment"] > timezone.now() + FURTHEST:
            self.add_error("day", _("Choose a day within two months: whom it goes to is settled today."))

    @property
    def goes_at(self) -> datetime | None:
        """None for as soon as can be."""
        when = self.cleaned_data["when"]
        if when == LATER:
            return self.cleaned_data["moment"]
        return None if when == NOW else timezone.now() + timedelta(minutes=int(when))

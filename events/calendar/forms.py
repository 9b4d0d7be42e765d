"""Choosing how calls come into one's calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import CalendarFeed
from members.models import User
from members.times import formats
from members.web import plain_forms

Way = CalendarFeed.Way

TEN = 10  # minutes
HINTS: dict[str, Any] = {
    Way.BOTH: _("Add the feed or accept the emails. If you do both, you see each call twice."),
    Way.FEED: _("Our emails bring no calendar entry. Calls that emails brought before are kept up to date by email."),
    Way.MAIL: _("The feed is empty."),
    Way.REST: _("When you answer Going, the email about it brings the entry, and the call leaves the feed."),
}


class CalendarForm(plain_forms.Form):
    asks = {"way": _("Choose how calls come into your calendar")}

    way = forms.ChoiceField(label=_("How calls come into my calendar"), choices=Way.choices, widget=forms.RadioSelect)
    alarm = forms.TypedChoiceField(
        label=_("Alert before a call"), coerce=int, empty_value=None, required=False, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        feed = CalendarFeed.of(user)
        initial = {"way": feed.way, "alarm": "" if feed.alarm is None else feed.alarm}
        super().__init__(data, initial=initial, **kwargs)
        self.user = user
        offered = {feed.alarm or TEN, TEN}
        before = [
            (each, _("%(time)s before") % {"time": formats.lasting(each).capitalize()}) for each in sorted(offered)
        ]
        self.fields["alarm"].choices = [("", _("None")), *before]  # type: ignore[attr-defined]

    @property
    def hints(self) -> dict[str, Any]:
        return HINTS

    def save(self) -> CalendarFeed:
        return CalendarFeed.choose(self.user, **self.cleaned_data)

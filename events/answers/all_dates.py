"""An answer to all dates of a series, as pages offer and say it. Asked only after an answer to one date that others do not have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events.models import AnsweredSeries, Meeting, MeetingSeries, Rsvp, SeriesAnswer
from members.models import User
from members.web import plain_forms

Response = Rsvp.Response


class AllDatesForm(plain_forms.Form):
    """What the buttons for all dates post: `undo` alone, or `answer` and what of the series was seen."""

    asks = {"answer": gettext_lazy("Answer with going, maybe or can’t")}

    answer = forms.CharField(max_length=20, required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    edition = forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000)
    undo = forms.CharField(required=False, max_length=36)

    def seen(self) -> dict[str, Any]:
        """Keyword arguments of `respond_to_all`."""
        return {"seen": self.cleaned_data["version"], "edition": self.cleaned_data["edition"]}


@dataclass(frozen=True)
class Offer:
    """`coming` dates are to come, and the answer to one of them may be given to all. `fields` are what is posted."""

    series: MeetingSeries
    response: str
    coming: int
    version: int

    @property
    def words(self) -> str:
        return _("Also for all %(n)d coming dates") % {"n": self.coming}

    @property
    def fields(self) -> dict[str, Any]:
        return {"answer": self.response, "version": self.version, "edition": self.series.edition}


def offer(meeting: Meeting, person: User, response: str) -> Offer | None:
    """After this answer; None for a call of no series, and where every other date has the answer already."""
    if not meeting.series or response == Response.NEEDS_ACTION:
        return None
    same = Rsvp.objects.filter(meeting=OuterRef("pk"), user=person, edition=OuterRef("edition"), response=response)
    others = Count("pk", filter=~Exists(same) & ~Q(pk=meeting.pk))
    found = SeriesAnswer.calls(meeting.series).order_by().aggregate(coming=Count("pk"), others=others)
    if not found["others"]:
        return None
    return Offer(meeting.series, response, found["coming"], version_of(meeting.series, person))


def version_of(series: MeetingSeries, person: User) -> int:
    return SeriesAnswer.objects.filter(series=series, user=person).values_list("version", flat=True).first() or 0


def standing(series: MeetingSeries, person: User) -> SeriesAnswer | None:
    """The answer to all dates that holds, None without."""
    return SeriesAnswer.objects.standing().filter(series=series, user=person, edition=F("series__edition")).first()


def sentence(answered: AnsweredSeries) -> str:
    if not answered.applied:
        return _("You answered again since. That later answer stands: %s.") % answered.answer.get_response_display()
    words = {
        Response.ACCEPTED: ngettext(
            "You’re going to %(n)d coming date. A confirmation is on its way.",
            "You’re going to all %(n)d coming dates. A confirmation is on its way.",
            answered.ahead,
        ),
        Response.TENTATIVE: ngettext(
            "You’re down as maybe for %(n)d coming date.",
            "You’re down as maybe for all %(n)d coming dates.",
            answered.ahead,
        ),
        Response.DECLINED: ngettext(
            "You can’t make %(n)d coming date.", "You can’t make any of the %(n)d coming dates.", answered.ahead
        ),
    }
    said = words.get(Response(answered.answer.response))
    if not said:
        return _("Your answers are as they were.")
    waits = ngettext(
        "At %(n)d of them every seat is taken, so you’re on the wait list.",
        "At %(n)d of them every seat is taken, so you’re on the wait lists.",
        answered.waiting,
    )
    return " ".join([said % {"n": answered.ahead}, *([waits % {"n": answered.waiting}] if answered.waiting else [])])

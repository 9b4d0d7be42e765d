"""Taking an answer, to a call or to all dates of a series: the verbs behind page, list, home, mail link, calendar reply and API.

Each stores and confirms in one transaction.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from events.messages import answers, series_answers
from events.models import Answered, AnsweredSeries, Meeting, MeetingSeries, Rsvp, SeriesAnswer
from members.models import User

SYNONYMS = {
    "going": Rsvp.Response.ACCEPTED,
    "yes": Rsvp.Response.ACCEPTED,
    "maybe": Rsvp.Response.TENTATIVE,
    "cant": Rsvp.Response.DECLINED,
    "can't": Rsvp.Response.DECLINED,
    "no": Rsvp.Response.DECLINED,
}


@transaction.atomic
def respond(meeting: Meeting, user: User, response: str, **seen: Any) -> Answered:
    """Answer a call and confirm what changed. Arguments and errors are those of `Rsvp.record`."""
    answered = Rsvp.record(meeting, user, SYNONYMS.get(response.lower(), response), **seen)
    if answered.changed:
        answers.confirm_rsvp(answered)
    return answered


@transaction.atomic
def respond_to_all(series: MeetingSeries, user: User, response: str, **seen: Any) -> AnsweredSeries:
    """Answer every coming call of a series, and those that are made later, with one confirmation.

    Arguments and errors are those of `SeriesAnswer.record`.
    """
    answered = SeriesAnswer.record(series, user, SYNONYMS.get(response.lower(), response), **seen)
    if answered.applied and answered.changed:
        series_answers.confirm(answered.answer)
    return answered

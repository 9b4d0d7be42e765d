"""Taking an answer: the one verb behind page, list, home, mail link and API. It stores and confirms in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from events.messages import answers
from events.models import Answered, Meeting, Rsvp
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

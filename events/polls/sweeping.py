"""What time does to polls: they close, the silent are reminded, and a yes becomes an answer to the call.

Each sweep derives it from what is stored, so that it may run twice, late or never.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat, Now

from committees.models import Membership
from events.messages.invitations import Invitation
from events.models import Meeting, Poll, PollVote, Rsvp
from events.polls.messages import PollReminder, tell_closed
from members.mail.outgoing.planning import planner
from members.models import Delivery
from members.queries.sql import Sql, embedded, load
from members.times.clock import database_today

BEFORE_CLOSING = timedelta(hours=24)
AFTER_ASKING = timedelta(hours=12)  # at the earliest, for a poll that is short
AT_ONCE = 500  # answers a sweep


@planner
def close_polls() -> int:
    """Close those whose moment has come, and tell their co-chairs."""
    due = Poll.objects.select_for_update(of=["self"], skip_locked=True).select_related("committee")
    closing = list(due.filter(told_at__isnull=False, closed_at=None, closes_at__lte=Now()))
    for poll in closing:
        poll.end_by_itself()
        tell_closed(poll)
    return len(closing)


@planner
def remind_of_polls() -> int:
    """Remind those who have not voted, once, a day before it closes."""
    statement, values = _reminders()
    return Delivery.objects.insert_planned(PollReminder.kind, statement, values)


@cache
def _reminders() -> tuple[Sql, dict[str, Any]]:
    """Over the memberships that are held today, as the model says it."""
    held, parameters = embedded(
        Membership.objects.held(on=database_today()).values_list("committee_id", "user_id"), "held"
    )
    values = {"before": BEFORE_CLOSING, "after": AFTER_ASKING}
    return load(__file__, "due_reminders", held=held), parameters | values


@planner
def answer_for_yes() -> int:
    """Whoever said yes to the time of a call is going, once their invitation has gone and unless they answered it.

    Nobody is told of an answer here: the invitation said so.
    """
    waiting = Delivery.objects.filter(
        kind=Invitation.kind, about=Concat(Value("meeting:"), Cast(OuterRef("slot__poll__meeting"), CharField()))
    )
    unanswered = ~Exists(Rsvp.objects.filter(meeting=OuterRef("slot__poll__meeting"), user=OuterRef("user")))
    unasked = Exists(waiting.filter(recipient=OuterRef("user"), state__in=[*Delivery.OPEN, Delivery.State.DIGESTED]))
    said_yes = PollVote.objects.to_their_calls().counting().filter(unanswered, ~unasked)
    said_yes = said_yes.filter(slot__poll__meeting__in=Meeting.objects.told())
    calls_in_turn = said_yes.order_by("slot__poll__meeting", "pk")  # seats are asked for in the order of calls
    found = calls_in_turn.select_related("slot__poll__meeting__committee", "user")[:AT_ONCE]
    for vote in found:
        meeting = vote.slot.poll.meeting
        assert meeting is not None  # to_their_calls asks for one
        Rsvp.record(meeting, vote.user, Rsvp.Response.ACCEPTED, seen=0, source=Rsvp.Source.POLL)
    return 0

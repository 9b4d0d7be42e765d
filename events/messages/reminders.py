"""Reminders, derived from facts: a call, who is on its committee, and how each person wants to be reminded.

Nothing is scheduled ahead. Moving, canceling, joining and leaving need no code here: the sweep derives the rows anew,
and the hand-over asks the facts again.

Nobody is reminded of a call they were not told of: the sweep asks when the invitation, the move or the welcome reached
each person (TOLD), and stores no reminder that was due before. So undoing such a mail undoes its reminders. Nor is a
reminder stored that was past when it was chosen (SET). A reminder is useful until the next one is due; after an outage
only the newest goes.

People with reminders of their own (other offsets, or none in quiet hours) are asked one by one, all others once a call.
The SQL function events_reminders says what is due when, for both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, Expression, F, Min, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees.models import Membership
from events.messages import call_context, suppression
from events.messages.call_context import TELLING, Calls
from events.messages.call_notice import CallNotice
from events.models import Meeting, Rsvp
from members.mail import decision, links
from members.mail.emails import placeholder
from members.mail.kinds import Category, Following, registry
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery, MessageSettings, User
from members.queries.sql import Sql, embedded, load, members_of, piece
from members.times import formats
from members.times.clock import database_today

InQuietHours = MessageSettings.InQuietHours
WELCOMING = ["joined", "join_request_answer"]  # what names the calls ahead to who comes onto a committee
FAR, EVER = datetime(9000, 1, 1, tzinfo=UTC), "10 years"
FURTHEST = "30 days"  # how far ahead calls are looked at: the earliest reminder, a night, and the horizon
VALUES = {
    "kind": "reminder",
    "horizon": "1 hour",  # how far ahead rows are stored
    "telling": TELLING,
    "welcoming": WELCOMING,
    "known_by": None,  # calls told by then; without, by now
    "only": None,  # one call; without, all
    "still_helps": "10 minutes",  # after the start, for the last reminder
    "furthest": FURTHEST,
    "zone": settings.TIME_ZONE,
}

KNOWN = members_of(Delivery.State) | {"open": Delivery.OPEN, "needs_action": Rsvp.Response.NEEDS_ACTION}
CALLS = load(__file__, "calls")
TOLD = load(__file__, "told", **KNOWN)
OF_ALL = piece("""LATERAL (
    SELECT minutes, due_at, left_out, coalesce(next_at, call.starts_at + %(still_helps)s::interval) AS useless_after
    FROM events_reminders(call.starts_at, call.offsets, NULL, NULL, NULL, 'send')
) AS reminder""")
OF_ONE = piece("""LATERAL (
    SELECT minutes, due_at, left_out, coalesce(next_at, call.starts_at + %(still_helps)s::interval) AS useless_after
    FROM events_reminders(call.starts_at, coalesce(habit.reminder_offsets, call.offsets), membership.timezone,
        habit.quiet_from, habit.quiet_until, habit.quiet_reminders)
) AS reminder""")
DIFFERS = piece(
    "(habit.reminder_offsets IS NOT NULL OR habit.reminders_set_at IS NOT NULL"
    " OR (habit.quiet_from IS NOT NULL AND habit.quiet_reminders <> $send))",
    send=InQuietHours.SEND,
)

# Since when the reminders of a call are as they are, for whom the co-chairs' hold and for whom own ones may; null for ever.
SET_LATER = "coalesce(reminder.due_at <= $since, false)"
SET_LATER_FOR_ALL = piece(SET_LATER, since=piece("call.set_at"))
SET_LATER_FOR_ONE = piece(
    SET_LATER,
    since=piece("greatest(habit.reminders_set_at, CASE WHEN habit.reminder_offsets IS NULL THEN call.set_at END)"),
)

# Why a reminder is not stored, over a call, a reminder of it and a membership: the sweep asks all of it, `unstored` says the first.
WHY_NOT = {
    "with_next": "reminder.useless_after <= reminder.due_at",  # moved before quiet hours to where a later one comes too
    "passed": "reminder.useless_after <= statement_timestamp()",
    "ahead": "reminder.due_at > statement_timestamp() + %(horizon)s::interval",
}
WHY_NOT_TOLD = {  # the same over TOLD
    "draft": "call.announced_at IS NULL OR call.announced_at > statement_timestamp()",
    "not_told": "told.call_at IS NULL OR welcomed.joined_at IS NULL",
    "joined_later": "reminder.due_at <= welcomed.joined_at",
    "before_told": "reminder.due_at <= told.call_at",
    "set_later": SET_LATER_FOR_ONE,
}
WHY = Sql(" ".join(f"WHEN {condition} THEN '{why}'" for why, condition in (WHY_NOT_TOLD | WHY_NOT).items()))
# Whoever sits on several committees of a call is reminded through one: the host, else the one that came first.
FIRST = piece("""(call.rank = 0 OR NOT EXISTS (
    SELECT FROM calls AS earlier JOIN memberships AS other ON other.committee_id = earlier.committee_id
    WHERE earlier.id = call.id AND earlier.rank < call.rank AND other.person_id = membership.person_id
))""")
DUE = " AND ".join(f"NOT {condition}" for condition in WHY_NOT.values())
DUE += " AND reminder.due_at > call.announced_at"  # nobody is told before; cheaper than asking person by person
PIECES = {
    "calls": CALLS,
    "told": TOLD,
    "of_all": OF_ALL,
    "first": FIRST,
    "of_one": OF_ONE,
    "differs": DIFFERS,
    "due": Sql(DUE),
    "why": WHY,
    "set_later_for_all": SET_LATER_FOR_ALL,
    "set_later_for_one": SET_LATER_FOR_ONE,
}


@cache
def _statement(name: str) -> tuple[Sql, dict[str, Any]]:
    """Over the memberships that are held today, as the model says it."""
    columns = "committee_id", "user_id", "user__timezone", "seated_at", "started_on"
    held, parameters = embedded(Membership.objects.held(on=database_today()).values_list(*columns), "held")
    return load(__file__, name, memberships=load(__file__, "memberships", held=held), **PIECES), parameters


def _store_missing(**changed: Any) -> int:
    """How many are new."""
    statement, parameters = _statement("missing_reminders")
    return Delivery.objects.insert_planned(Reminder.kind, statement, VALUES | parameters | changed)


class Reminder(CallNotice):
    """A reminder: a week, a day and ten minutes before by default; `plan_reminders` stores them."""

    kind, label, category = "reminder", _("Reminders of calls"), Category.ROUTINE
    sent_label = _("They were reminded of a call")
    queued_label = _("They’re to be reminded of a call")
    unsent_label = _("They weren’t reminded of a call")
    hint = _("Before each call, unless you said you can’t come")
    title = _("Reminder")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.MOVED,
            suppression.NOT_THIS_OFFSET,
            suppression.NOT_MY_OFFSET,
            suppression.NOT_ON_COMMITTEE,
            suppression.DECLINED,
            suppression.WAITS,
            suppression.ANSWERED_MEANWHILE,
            suppression.NEWER_WENT,
            suppression.LEFT_OUT,
        ]

    def starts_at(self) -> Expression | Subquery:
        """The start, for people who want reminders in quiet hours; null for others, so that quiet hours hold however
        near the call is.
        """
        undisturbed = [InQuietHours.BEFORE, InQuietHours.SKIP]
        return Case(
            When(recipient__message_settings__quiet_reminders__in=undisturbed, then=None), default=super().starts_at()
        )

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        start, now = call.meeting.starts_at, timezone.now()
        return (
            super().context(delivery, facts)
            | {
                "headline": call.meeting.title,
                "soon": call_context.soon(call.meeting),
                "starts": delivery.offset < suppression.HOUR
                and start - now < timedelta(hours=1),  # not the evening before
                "started": start <= now,
                "to_read": call_context.to_read(call),
            }
            | self._joining(call)
        )

    @staticmethod
    def _joining(call: call_context.Call) -> dict[str, Any]:
        """A link that joins without signing in, unless the committee asks for that."""
        meeting = call.meeting
        if not meeting.video_url or meeting.asks_to_sign_in:
            return {}
        return {"join_url": links.absolute("join_link", placeholder("join")), "joins_as_me": True}

    def values(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        assert delivery.recipient_id and delivery.about_id
        edition = facts.of(delivery).meeting.edition
        return super().values(delivery, facts) | {
            "join": links.join_token(delivery.recipient_id, delivery.about_id, edition)
        }


@planner
def plan_reminders() -> int:
    """Store the missing reminders that are due within the horizon; how many are new."""
    return _store_missing()


@dataclass(frozen=True)
class Coming:
    """Reminders that a call is going to send: the offset in minutes, the number of people, and when the first is due."""

    minutes: int
    people: int
    due_at: datetime


def forecast(meeting: Meeting) -> list[Coming]:
    """The reminders that will follow once the mails about this call that wait now have gone, the earliest first.

    It runs the sweep with what waits counted as sent, asks the decision of each row at its hand-over, and rolls back.
    """
    reminder, about = registry[Reminder.kind], {"about": meeting.about, "dedupe_number": meeting.edition}
    with transaction.atomic():
        waiting = Delivery.objects.filter(**about, kind__in=TELLING, state=Delivery.State.QUEUED)
        waiting.update(state=Delivery.State.SENT, sent_at=F("due_at"))
        _store_missing(only=meeting.pk, known_by=FAR, horizon=EVER, furthest=EVER)
        rows = decision.with_decision_fields(reminder).filter(**about, state=Delivery.State.QUEUED)
        rows = rows.alias(decision=decision.of(reminder))
        coming = (
            rows.filter(decision__lt=0).order_by().values("offset").annotate(people=Count("pk"), first=Min("due_at"))
        )
        found = [Coming(row["offset"], row["people"], row["first"]) for row in coming.order_by("-offset")]
        transaction.set_rollback(True)
    return found


def following(meeting: Meeting | None) -> list[Following]:
    """The reminders of a call that is about to be announced, and those that would come too late."""
    if meeting is None:
        return []
    coming = {each.minutes: each for each in forecast(meeting)}
    found = [Following(str(_("Confirmation, with the calendar entry")), str(_("At once, to whoever answers")), "")]
    for minutes in sorted({*meeting.offsets, *coming}, reverse=True):
        label = _("Reminder, %(span)s before") % {"span": formats.lasting(minutes)}
        each = coming.get(minutes)
        if each:
            who = ngettext("%(n)s person", "%(n)s people", each.people) % {"n": each.people}
            found.append(Following(label, formats.listed(each.due_at), who))
        else:
            found.append(Following(label, str(_("Nobody gets it: that moment will have passed")), ""))
    return found


@dataclass(frozen=True)
class Unstored:
    """A reminder of a call that is not stored for a person, and why: one of WHY_NOT_TOLD and WHY_NOT, or "next_sweep"."""

    minutes: int
    due_at: datetime
    left_out: bool
    why: str


def unstored(meeting: Meeting, person: User) -> list[Unstored]:
    """The reminders of this call for this person without a row, the earliest first; none for somebody not on the
    committee.
    """
    return unstored_of_all([meeting], person)[meeting.pk]


def unstored_of_all(meetings: Collection[Meeting], person: User) -> dict[int, list[Unstored]]:
    """As `unstored` for several calls, by their number, in one query."""
    found: dict[int, list[Unstored]] = {meeting.pk: [] for meeting in meetings}
    statement, parameters = _statement("unstored_reminders")
    with connection.cursor() as cursor:
        cursor.execute(statement, VALUES | parameters | {"meetings": list(found), "person": person.pk})
        for pk, *row in cursor.fetchall():
            found[pk].append(Unstored(*row))
    return found

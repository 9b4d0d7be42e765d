"""Reminders, derived from what holds now: a call, who is on its committee and how each wants to be reminded.

Nothing is scheduled ahead. Moving, cancelling, joining and leaving need no code here: the sweep derives the rows anew,
and the hand-over asks the facts again. Nobody is reminded of what they are not told of: of each person it is asked when the
invitation, the move or the welcome went (TOLD), and what was due by then is not stored. So a message that was taken back
takes the reminders with it. Nor is anybody owed a reminder that was past when it was chosen (SET). A reminder is useful until the next one is due; after an outage only the newest goes. Whose reminders differ from the co-chairs' (own offsets, or none in quiet hours) is asked person by person, everybody
else once a call. The SQL function events_reminders says what is due when, for both.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, Count, Expression, F, Min, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from events.messages import call_context, suppression
from events.messages.call_context import TELLING, Calls
from events.messages.call_notice import CallNotice
from events.models import Meeting
from members.mail import decision
from members.mail.kinds import Class, Following, registry
from members.mail.outgoing.planning import planner
from members.mail.suppression import Stop
from members.models import Delivery, MessageSettings, User
from members.times import formats

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

CALLS = """
    SELECT meeting.id, meeting.edition, meeting.committee_id, meeting.starts_at,
        coalesce(meeting.reminder_offsets, committee.reminder_offsets) AS offsets,
        coalesce((SELECT moved_at FROM events_meetingmove AS move WHERE move.meeting_id = meeting.id AND move.edition = meeting.edition), meeting.told_at) AS announced_at,
        CASE WHEN meeting.reminder_offsets IS NULL THEN greatest(meeting.reminders_set_at, committee.reminders_set_at) ELSE meeting.reminders_set_at END AS set_at
    FROM events_meeting AS meeting
    JOIN committees_committee AS committee ON committee.id = meeting.committee_id
"""
SEATS = """
    SELECT membership.committee_id, greatest(membership.seated_at, membership.started_on::timestamp AT TIME ZONE %(zone)s) AS seated_at,
        person.id AS person_id, person.timezone
    FROM committees_membership AS membership
    JOIN members_user AS person ON person.id = membership.user_id AND person.is_active AND person.admitted_at IS NOT NULL AND person.left_at IS NULL
    WHERE membership.started_on <= (statement_timestamp() AT TIME ZONE %(zone)s)::date
        AND (membership.ended_on IS NULL OR membership.ended_on > (statement_timestamp() AT TIME ZONE %(zone)s)::date)
"""
OF_ALL = """LATERAL (
    SELECT minutes, due_at, left_out, coalesce(next_at, call.starts_at + %(still_helps)s::interval) AS useless_after
    FROM events_reminders(call.starts_at, call.offsets, NULL, NULL, NULL, 'send')
) AS reminder"""
OF_ONE = """LATERAL (
    SELECT minutes, due_at, left_out, coalesce(next_at, call.starts_at + %(still_helps)s::interval) AS useless_after
    FROM events_reminders(call.starts_at, coalesce(habit.reminder_offsets, call.offsets), seat.timezone, habit.quiet_from, habit.quiet_until, habit.quiet_reminders)
) AS reminder"""
DIFFERS = "(habit.reminder_offsets IS NOT NULL OR habit.reminders_set_at IS NOT NULL OR (habit.quiet_from IS NOT NULL AND habit.quiet_reminders <> 'send'))"

# Since when the reminders of a call are as they are, for whom the co-chairs' hold and for whom own ones may; null for ever.
SET = "call.set_at"
SET_FOR_ONE = "greatest(habit.reminders_set_at, CASE WHEN habit.reminder_offsets IS NULL THEN call.set_at END)"
SET_LATER = "coalesce(reminder.due_at <= {since}, false)"

# When a person came to know of a call at this time, over a call and a seat; null as long as they do not. `seat_at` is when
# they came onto the committee, at the earliest with the mail that welcomed them. `call_at` is when the invitation or the
# move reached them: sent, by itself or in a summary; without a mail (turned off, say) the moment from which the pages showed
# it; one on its way or taken back tells nothing. Without a row of theirs it is when the call was announced, and whoever
# answered knows of it.
TOLD = """LATERAL (
    SELECT CASE WHEN bool_or(welcome.state IN ('queued', 'claimed', 'sending')) THEN NULL ELSE greatest(seat.seated_at, max(welcome.sent_at)) END AS seat_at
    FROM members_delivery AS welcome
    WHERE welcome.recipient_id = seat.person_id AND welcome.kind = ANY(%(welcoming)s) AND welcome.scope = 'committee:' || call.committee_id
) AS welcomed CROSS JOIN LATERAL (
    SELECT least(
        CASE WHEN count(*) = 0 THEN call.announced_at ELSE min(CASE
            WHEN telling.state = 'sent' THEN telling.sent_at
            WHEN telling.state IN ('queued', 'claimed', 'sending', 'digested') THEN NULL
            WHEN telling.state = 'suppressed' AND EXISTS (
                SELECT FROM members_sending AS sending
                WHERE sending.kind = telling.kind AND sending.about = telling.about AND sending.dedupe_key = telling.dedupe_key AND sending.stopped_at IS NOT NULL
            ) THEN NULL
            ELSE greatest(telling.due_at, telling.ready_at) END) END,
        (SELECT answered_at FROM events_rsvp AS answer
        WHERE answer.meeting_id = call.id AND answer.user_id = seat.person_id AND answer.edition = call.edition AND answer.response <> 'needs_action')
    ) AS call_at
    FROM members_delivery AS telling
    WHERE telling.recipient_id = seat.person_id AND telling.kind = ANY(%(telling)s) AND telling.about = 'meeting:' || call.id AND telling.dedupe_number = call.edition
) AS told"""

# Why a reminder is not stored, over a call, a reminder of it and a seat: the sweep asks all of it, `unstored` says the first.
WHY_NOT = {
    "with_next": "reminder.useless_after <= reminder.due_at",  # moved before quiet hours to where a later one comes too
    "passed": "reminder.useless_after <= statement_timestamp()",
    "ahead": "reminder.due_at > statement_timestamp() + %(horizon)s::interval",
}
UNTOLD = {  # the same over TOLD
    "draft": "call.announced_at IS NULL OR call.announced_at > statement_timestamp()",
    "untold": "told.call_at IS NULL OR welcomed.seat_at IS NULL",
    "joined_later": "reminder.due_at <= welcomed.seat_at",
    "before_told": "reminder.due_at <= told.call_at",
    "set_later": SET_LATER.format(since=SET_FOR_ONE),
}
DUE = " AND ".join(f"NOT {condition}" for condition in WHY_NOT.values())
DUE += " AND reminder.due_at > call.announced_at"  # nobody is told before; cheaper than asking person by person

MISSING = f"""
WITH calls AS MATERIALIZED (
    {CALLS}
    WHERE meeting.cancelled_at IS NULL AND meeting.told_at <= coalesce(%(known_by)s::timestamptz, statement_timestamp()) AND (%(only)s::bigint IS NULL OR meeting.id = %(only)s)
        AND meeting.starts_at > statement_timestamp() - %(still_helps)s::interval AND meeting.starts_at < statement_timestamp() + %(furthest)s::interval
), seats AS NOT MATERIALIZED (
    {SEATS}
), due AS (
    SELECT call.id, reminder.minutes, reminder.due_at, reminder.useless_after, seat.person_id
    FROM calls AS call CROSS JOIN {OF_ALL}
    JOIN seats AS seat ON seat.committee_id = call.committee_id
    WHERE {DUE} AND NOT {SET_LATER.format(since=SET)} AND NOT EXISTS (SELECT FROM members_messagesettings AS habit WHERE habit.user_id = seat.person_id AND {DIFFERS})
    UNION ALL
    SELECT call.id, reminder.minutes, reminder.due_at, reminder.useless_after, seat.person_id
    FROM calls AS call
    JOIN seats AS seat ON seat.committee_id = call.committee_id
    JOIN members_messagesettings AS habit ON habit.user_id = seat.person_id AND {DIFFERS}
    CROSS JOIN {OF_ONE}
    WHERE {DUE} AND NOT {SET_LATER.format(since=SET_FOR_ONE)}
), missing AS MATERIALIZED ( -- few: only of these it is asked when they were told
    SELECT due.* FROM due JOIN calls AS call USING (id)
    WHERE NOT EXISTS (
        SELECT FROM members_delivery AS planned
        WHERE planned.recipient_id = due.person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || due.id
            AND planned.dedupe_key = %(kind)s || ':' || call.edition AND planned."offset" = due.minutes
    )
)
INSERT INTO members_delivery (recipient_id, kind, about, dedupe_key, "offset", scope, due_at, next_try_at, useless_after)
SELECT seat.person_id, %(kind)s, 'meeting:' || call.id, %(kind)s || ':' || call.edition, reminder.minutes, 'committee:' || call.committee_id,
    reminder.due_at, reminder.due_at, reminder.useless_after
FROM missing AS reminder
JOIN calls AS call ON call.id = reminder.id
JOIN seats AS seat ON seat.committee_id = call.committee_id AND seat.person_id = reminder.person_id
CROSS JOIN {TOLD}
WHERE reminder.due_at > welcomed.seat_at AND reminder.due_at > told.call_at
ORDER BY reminder.due_at, seat.person_id -- all is read before the first row is written: else each new row would be looked at again for the next
ON CONFLICT DO NOTHING
"""  # noqa: S608

UNSTORED = f"""
WITH calls AS ({CALLS} WHERE meeting.id = ANY(%(meetings)s)), seats AS ({SEATS} AND person.id = %(person)s)
SELECT call.id, reminder.minutes, reminder.due_at, reminder.left_out,
    CASE {" ".join(f"WHEN {condition} THEN '{why}'" for why, condition in (UNTOLD | WHY_NOT).items())} ELSE 'next_sweep' END
FROM calls AS call
JOIN seats AS seat ON seat.committee_id = call.committee_id
LEFT JOIN members_messagesettings AS habit ON habit.user_id = seat.person_id
CROSS JOIN {OF_ONE}
CROSS JOIN {TOLD}
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = seat.person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || call.id
        AND planned.dedupe_key = %(kind)s || ':' || call.edition AND planned."offset" = reminder.minutes
)
ORDER BY reminder.minutes DESC
"""  # noqa: S608


class Reminder(CallNotice):
    """A week, a day and ten minutes before, or as the co-chairs set it (`plan_reminders` stores them)."""

    kind, label, sort = "reminder", _("Reminders of calls"), Class.ROUTINE
    told = _("They were reminded of a call")
    to_tell = _("They’re to be reminded of a call")
    untold = _("They weren’t reminded of a call")
    hint = _("Before each call, unless you said you can’t come")
    title = _("Reminder")

    def voids(self) -> Sequence[Stop]:
        return [
            suppression.GONE,
            suppression.UNTOLD,
            suppression.CANCELLED,
            suppression.MOVED,
            suppression.NOT_THIS_OFFSET,
            suppression.NOT_MY_OFFSET,
            suppression.NOT_ON_COMMITTEE,
            suppression.DECLINED,
            suppression.ANSWERED_MEANWHILE,
            suppression.NEWER_WENT,
            suppression.LEFT_OUT,
        ]

    def starts_at(self) -> Expression | Subquery:
        """Whoever wants no reminder in quiet hours gets none, however near the call is."""
        undisturbed = [InQuietHours.BEFORE, InQuietHours.SKIP]
        return Case(
            When(recipient__message_settings__quiet_reminders__in=undisturbed, then=None), default=super().starts_at()
        )

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        start, now = call.meeting.starts_at, timezone.now()
        return super().context(delivery, facts) | {
            "headline": call.meeting.title,
            "soon": call_context.soon(call.meeting),
            "starts": delivery.offset < suppression.HOUR and start - now < timedelta(hours=1),  # not the evening before
            "started": start <= now,
            "to_read": call_context.to_read(call),
        }


@planner
def plan_reminders() -> int:
    """Store the reminders that are due within the horizon and missing; how many those were."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, VALUES)
        return cursor.rowcount


@dataclass(frozen=True)
class Coming:
    """Reminders that a call is going to send: so many minutes before, to so many people, the first of them at a moment."""

    minutes: int
    people: int
    due_at: datetime


def forecast(meeting: Meeting) -> list[Coming]:
    """The reminders that follow when what tells of this call goes as it waits now, the earliest first.

    The real thing, rolled back: what waits counts as sent, the sweep stores all that follows, and each row is asked as at
    its hand-over.
    """
    reminder, about = registry[Reminder.kind], {"about": meeting.about, "dedupe_number": meeting.edition}
    with transaction.atomic():
        waiting = Delivery.objects.filter(**about, kind__in=TELLING, state=Delivery.State.QUEUED)
        waiting.update(state=Delivery.State.SENT, sent_at=F("due_at"))
        with connection.cursor() as cursor:
            cursor.execute(MISSING, VALUES | {"only": meeting.pk, "known_by": FAR, "horizon": EVER, "furthest": EVER})
        rows = decision.asked(reminder).filter(**about, state=Delivery.State.QUEUED)
        rows = rows.alias(verdict=decision.verdict(reminder))
        coming = (
            rows.filter(verdict__lt=0).order_by().values("offset").annotate(people=Count("pk"), first=Min("due_at"))
        )
        found = [Coming(row["offset"], row["people"], row["first"]) for row in coming.order_by("-offset")]
        transaction.set_rollback(True)
    return found


def following(meeting: Meeting | None) -> list[Following]:
    """The reminders of a call that is about to be told, and those that come too late for it."""
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
    """A reminder of a call that the sweep has not stored for a person, and why: one of UNTOLD and WHY_NOT, or "next_sweep"."""

    minutes: int
    due_at: datetime
    left_out: bool
    why: str


def unstored(meeting: Meeting, person: User) -> list[Unstored]:
    """The reminders of this call for this person without a row, the earliest first; none for who is not on the committee."""
    return unstored_of_all([meeting], person)[meeting.pk]


def unstored_of_all(meetings: Collection[Meeting], person: User) -> dict[int, list[Unstored]]:
    """The same for several calls, by their number, with one question."""
    found: dict[int, list[Unstored]] = {meeting.pk: [] for meeting in meetings}
    with connection.cursor() as cursor:
        cursor.execute(UNSTORED, VALUES | {"meetings": list(found), "person": person.pk})
        for pk, *row in cursor.fetchall():
            found[pk].append(Unstored(*row))
    return found

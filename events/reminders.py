"""Reminders, derived from what holds now: a call, who is on its committee and how each wants to be reminded.

Nothing is scheduled ahead. Moving, cancelling, joining and leaving need no code here: the sweep derives the rows anew,
and the hand-over asks the facts again. A reminder is useful until the next one is due; after an outage only the newest
goes. Whose reminders differ from the co-chairs' (own offsets, or none in quiet hours) is asked person by person, everybody
else once a call. The SQL function events_reminders says what is due when, for both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from events.models import Meeting
from members.models import User
from members.notifications.plan import planner

KIND = "reminder"
FURTHEST = "30 days"  # how far ahead calls are looked at: the earliest reminder, a night, and the horizon
VALUES = {
    "kind": KIND,
    "horizon": "1 hour",  # how far ahead rows are stored
    "grace": "1 hour",  # a reminder due this long before its time was announced still goes
    "still_helps": "10 minutes",  # after the start, for the last reminder
    "furthest": FURTHEST,
    "zone": settings.TIME_ZONE,
}

CALLS = """
    SELECT meeting.id, meeting.edition, meeting.committee_id, meeting.starts_at,
        coalesce(meeting.reminder_offsets, committee.reminder_offsets) AS offsets,
        coalesce((SELECT moved_at FROM events_meetingmove AS move WHERE move.meeting_id = meeting.id AND move.edition = meeting.edition), meeting.created_at) AS announced_at
    FROM events_meeting AS meeting
    JOIN committees_committee AS committee ON committee.id = meeting.committee_id
"""
SEATS = """
    SELECT membership.committee_id, membership.started_on, person.id AS person_id, person.timezone
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
DIFFERS = "(habit.reminder_offsets IS NOT NULL OR (habit.quiet_from IS NOT NULL AND habit.quiet_reminders <> 'send'))"

# Why a reminder is not stored, over a call, a reminder of it and a seat: the sweep asks all of it, `unstored` says the first.
WHY_NOT = {
    "with_next": "reminder.useless_after <= reminder.due_at",  # moved before quiet hours to where a later one comes too
    "before_told": "reminder.due_at < call.announced_at - %(grace)s::interval",
    "passed": "reminder.useless_after <= statement_timestamp()",
    "ahead": "reminder.due_at > statement_timestamp() + %(horizon)s::interval",
}
JOINED_LATER = "seat.started_on > (reminder.due_at AT TIME ZONE %(zone)s)::date"
DUE = " AND ".join(f"NOT {condition}" for condition in WHY_NOT.values())

MISSING = f"""
WITH calls AS MATERIALIZED (
    {CALLS}
    WHERE meeting.cancelled_at IS NULL AND meeting.starts_at > statement_timestamp() - %(still_helps)s::interval AND meeting.starts_at < statement_timestamp() + %(furthest)s::interval
), seats AS NOT MATERIALIZED (
    {SEATS}
), due AS (
    SELECT call.id, call.edition, call.committee_id, reminder.minutes, reminder.due_at, reminder.useless_after, seat.person_id
    FROM calls AS call CROSS JOIN {OF_ALL}
    JOIN seats AS seat ON seat.committee_id = call.committee_id
    WHERE {DUE} AND NOT {JOINED_LATER}
        AND NOT EXISTS (SELECT FROM members_messagesettings AS habit WHERE habit.user_id = seat.person_id AND {DIFFERS})
    UNION ALL
    SELECT call.id, call.edition, call.committee_id, reminder.minutes, reminder.due_at, reminder.useless_after, seat.person_id
    FROM calls AS call
    JOIN seats AS seat ON seat.committee_id = call.committee_id
    JOIN members_messagesettings AS habit ON habit.user_id = seat.person_id AND {DIFFERS}
    CROSS JOIN {OF_ONE}
    WHERE {DUE} AND NOT {JOINED_LATER}
)
INSERT INTO members_delivery (recipient_id, kind, subject, edition, "offset", scope, due_at, next_try_at, useless_after)
SELECT due.person_id, %(kind)s, 'meeting:' || due.id, due.edition, due.minutes, 'committee:' || due.committee_id, due.due_at, due.due_at, due.useless_after
FROM due
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = due.person_id AND planned.kind = %(kind)s AND planned.subject = 'meeting:' || due.id
        AND planned.edition = due.edition AND planned."offset" = due.minutes
)
ORDER BY due.due_at, due.person_id -- all is read before the first row is written: else each new row would be looked at again for the next
ON CONFLICT DO NOTHING
"""  # noqa: S608

UNSTORED = f"""
WITH calls AS ({CALLS} WHERE meeting.id = ANY(%(meetings)s)), seats AS ({SEATS} AND person.id = %(person)s)
SELECT call.id, reminder.minutes, reminder.due_at, reminder.left_out,
    CASE {" ".join(f"WHEN {condition} THEN '{why}'" for why, condition in WHY_NOT.items())} WHEN {JOINED_LATER} THEN 'joined_later' ELSE 'next_sweep' END
FROM calls AS call
JOIN seats AS seat ON seat.committee_id = call.committee_id
LEFT JOIN members_messagesettings AS habit ON habit.user_id = seat.person_id
CROSS JOIN {OF_ONE}
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = seat.person_id AND planned.kind = %(kind)s AND planned.subject = 'meeting:' || call.id
        AND planned.edition = call.edition AND planned."offset" = reminder.minutes
)
ORDER BY reminder.minutes DESC
"""  # noqa: S608


@planner
def plan_reminders() -> int:
    """Store the reminders that are due within the horizon and missing; how many those were."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, VALUES)
        return cursor.rowcount


@dataclass(frozen=True)
class Unstored:
    """A reminder of a call that the sweep has not stored for a person, and why: one of WHY_NOT, "joined_later", "next_sweep"."""

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

"""Reminders, derived from what holds now: a call, its offsets and who is on its committee. Nothing is scheduled ahead.

Moving, cancelling, joining and leaving need no code here: the sweep derives the rows anew, and the hand-over asks the
facts again. A reminder is useful until the next one is due; after an outage only the newest goes.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from members.notifications.plan import planner

KIND = "reminder"
HORIZON = "1 hour"  # how far ahead rows are stored
GRACE = "1 hour"  # a reminder due this long before its time was announced still goes
STILL_HELPS = "10 minutes"  # after the start, for the last reminder

MISSING = """
WITH wanted AS (
    SELECT meeting.id, meeting.edition, meeting.committee_id, reminder.minutes,
        meeting.starts_at - make_interval(mins => reminder.minutes) AS due_at,
        coalesce(meeting.starts_at - make_interval(mins => reminder.next), meeting.starts_at + %(still_helps)s::interval) AS useless_after,
        coalesce((SELECT moved_at FROM events_meetingmove AS move WHERE move.meeting_id = meeting.id AND move.edition = meeting.edition), meeting.created_at) AS announced_at
    FROM events_meeting AS meeting
    JOIN committees_committee AS committee ON committee.id = meeting.committee_id
    CROSS JOIN LATERAL (
        SELECT minutes, lead(minutes) OVER (ORDER BY minutes DESC) AS next
        FROM (SELECT DISTINCT unnest(coalesce(meeting.reminder_offsets, committee.reminder_offsets)) AS minutes) AS offsets
    ) AS reminder
    WHERE meeting.cancelled_at IS NULL AND meeting.starts_at > statement_timestamp() - %(still_helps)s::interval
), due AS (
    SELECT * FROM wanted
    WHERE due_at <= statement_timestamp() + %(horizon)s::interval AND useless_after > statement_timestamp() AND due_at >= announced_at - %(grace)s::interval
)
INSERT INTO members_delivery (recipient_id, kind, subject, edition, "offset", scope, due_at, next_try_at, useless_after)
SELECT person.id, %(kind)s, 'meeting:' || due.id, due.edition, due.minutes, 'committee:' || due.committee_id, due.due_at, due.due_at, due.useless_after
FROM due
JOIN committees_membership AS membership ON membership.committee_id = due.committee_id
    AND membership.started_on <= (statement_timestamp() AT TIME ZONE %(zone)s)::date
    AND (membership.ended_on IS NULL OR membership.ended_on > (statement_timestamp() AT TIME ZONE %(zone)s)::date)
    AND membership.started_on <= (due.due_at AT TIME ZONE %(zone)s)::date
JOIN members_user AS person ON person.id = membership.user_id AND person.is_active AND person.admitted_at IS NOT NULL AND person.left_at IS NULL
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = person.id AND planned.kind = %(kind)s AND planned.subject = 'meeting:' || due.id
        AND planned.edition = due.edition AND planned."offset" = due.minutes
)
ORDER BY due.due_at, person.id -- all is read before the first row is written: else each new row would be looked at again for the next
ON CONFLICT DO NOTHING
"""


@planner
def plan_reminders() -> int:
    """Store the reminders that are due within the horizon and missing; how many those were."""
    values = {"kind": KIND, "horizon": HORIZON, "grace": GRACE, "still_helps": STILL_HELPS, "zone": settings.TIME_ZONE}
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values)
        return cursor.rowcount

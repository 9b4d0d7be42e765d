"""Calls that leave the calendar of somebody who left: a CANCEL for each REQUEST they were sent.

Derived from what holds, as reminders are: whoever was sent the entry of a call that is still ahead, did not decline it
and has no seat on its committee any more, whether they left, their term ended or they left the network. Coming back
makes the message void; leaving again makes another one, unless the last word that went was that it is off. A cancellation
says so as well, but who left before it went does not get it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from events.messages.notices import Withdrawn, asking_kinds
from members.mail.outgoing.plan import planner

UNDO = "2 minutes"  # leaving has an Undo, and a term that ends is often renewed in the next moment

# The edition grows with each entry a person was sent and each time they left, so a message that became void can come again.
MISSING = """
WITH ended AS (
    SELECT DISTINCT meeting.id, meeting.edition, meeting.committee_id, meeting.ends_at, person.id AS person_id
    FROM events_meeting AS meeting
    JOIN committees_membership AS seat ON seat.committee_id = meeting.committee_id
        AND (seat.ended_on IS NULL OR seat.ended_on >= (meeting.created_at AT TIME ZONE %(zone)s)::date)
    JOIN members_user AS person ON person.id = seat.user_id AND person.is_active
    WHERE meeting.ends_at > statement_timestamp()
        AND (person.left_at IS NOT NULL OR NOT EXISTS (
            SELECT FROM committees_membership AS held
            WHERE held.user_id = person.id AND held.committee_id = meeting.committee_id
                AND held.started_on <= (statement_timestamp() AT TIME ZONE %(zone)s)::date
                AND (held.ended_on IS NULL OR held.ended_on > (statement_timestamp() AT TIME ZONE %(zone)s)::date)
        ))
        AND NOT EXISTS (
            SELECT FROM events_rsvp AS answer
            WHERE answer.meeting_id = meeting.id AND answer.user_id = person.id AND answer.edition = meeting.edition AND answer.response = 'declined'
        )
), told AS (
    SELECT ended.*, request.requests, request.last_at FROM ended CROSS JOIN LATERAL (
        SELECT count(*) AS requests, max(sent_at) AS last_at FROM members_delivery
        WHERE recipient_id = ended.person_id AND subject = 'meeting:' || ended.id AND state = 'sent' AND kind = ANY(%(kinds)s)
    ) AS request
    WHERE request.requests > 0
), due AS (
    SELECT told.*, requests + (
        SELECT count(*) FROM committees_membershipevent AS leaving
        WHERE leaving.user_id = person_id AND leaving.committee_id = told.committee_id AND leaving.ended_on IS NOT NULL
    ) AS round
    FROM told
    WHERE NOT EXISTS (
        SELECT FROM members_delivery AS went
        WHERE went.recipient_id = person_id AND went.kind IN (%(kind)s, 'cancelled') AND went.subject = 'meeting:' || told.id AND (
            went.state = 'sent' AND went.sent_at >= last_at OR went.state IN ('pending', 'leased', 'handing')
        )
    )
)
INSERT INTO members_delivery (recipient_id, kind, subject, edition, scope, due_at, next_try_at, useless_after)
SELECT person_id, %(kind)s, 'meeting:' || id, round, 'committee:' || committee_id,
    statement_timestamp() + %(undo)s::interval, statement_timestamp() + %(undo)s::interval, ends_at
FROM due
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = person_id AND planned.kind = %(kind)s AND planned.subject = 'meeting:' || due.id AND planned.edition = round
)
ORDER BY person_id, id
ON CONFLICT DO NOTHING
"""


@planner
def plan_withdrawals() -> int:
    """Store the messages that are missing; how many those were."""
    values = {"kind": Withdrawn.kind, "kinds": asking_kinds(), "zone": settings.TIME_ZONE, "undo": UNDO}
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values)
        return cursor.rowcount

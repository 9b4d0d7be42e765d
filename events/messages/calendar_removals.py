"""Calls that leave the calendar of somebody who left: a CANCEL for each REQUEST they were sent.

Derived from what holds, as reminders are: whoever was sent the entry of a call that is still ahead, did not decline it
and has no seat on its committee any more, whether they left, their term ended or they left the network. Coming back
makes the message void; leaving again makes another one, unless the last word that went was that it is off. A cancellation
says so as well, but who left before it went does not get it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from events.calendar import ics
from events.messages import suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice
from members.mail.kinds import Class, registry
from members.mail.letters import mark
from members.mail.outgoing.planning import planner
from members.mail.suppression import Stop
from members.models import Delivery

UNDO = "2 minutes"  # leaving has an Undo, and a term that ends is often renewed in the next moment

# The number in `dedupe_key` grows with each entry a person was sent and each time they left, so a message that became void can come again.
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
        WHERE recipient_id = ended.person_id AND about = 'meeting:' || ended.id AND state = 'sent' AND kind = ANY(%(kinds)s)
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
        WHERE went.recipient_id = person_id AND went.kind IN (%(kind)s, 'cancelled') AND went.about = 'meeting:' || told.id AND (
            went.state = 'sent' AND went.sent_at >= last_at OR went.state IN ('queued', 'claimed', 'sending')
        )
    )
)
INSERT INTO members_delivery (recipient_id, kind, about, dedupe_key, scope, due_at, next_try_at, useless_after)
SELECT person_id, %(kind)s, 'meeting:' || id, %(kind)s || ':' || round, 'committee:' || committee_id,
    statement_timestamp() + %(undo)s::interval, statement_timestamp() + %(undo)s::interval, ends_at
FROM due
WHERE NOT EXISTS (
    SELECT FROM members_delivery AS planned
    WHERE planned.recipient_id = person_id AND planned.kind = %(kind)s AND planned.about = 'meeting:' || due.id AND planned.dedupe_key = %(kind)s || ':' || round
)
ORDER BY person_id, id
ON CONFLICT DO NOTHING
"""


class Withdrawn(CallNotice):
    """Somebody has no seat on the committee any more: its calls leave their calendar (`plan_withdrawals` stores it).

    It goes to whoever left the network too.
    """

    kind, label, sort = "withdrawn", _("Calls of a committee I left"), Class.ACCOUNT
    told = _("A call was taken off their calendar")
    to_tell = _("A call is to be taken off their calendar")
    untold = _("A call wasn’t taken off their calendar")
    title = _("Off your calendar")
    method = ics.CANCEL

    def voids(self) -> Sequence[Stop]:
        return [suppression.GONE, suppression.OVER, suppression.SEATED_AGAIN, suppression.DECLINED]

    def reply_to(self, delivery: Delivery, facts: Calls) -> tuple[str, ...]:
        """Co-chairs show their addresses to their committee, and this person is no longer on it."""
        return ()

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"where_replies_go": "", "where_replies_go_apart": ""}

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        lines = mark("organizer"), mark("attendee")
        return super().calendar(delivery, facts) | {"calendar": ics.withdrawal(facts.of(delivery).meeting, *lines)}


def asking_kinds() -> list[str]:
    """Those whose mails put a call into a calendar."""
    calls = {kind: notice for kind, notice in registry.items() if isinstance(notice, CallNotice)}
    return [
        kind
        for kind, notice in calls.items()
        if notice.method == ics.REQUEST and type(notice).calendar is CallNotice.calendar
    ]


@planner
def plan_withdrawals() -> int:
    """Store the messages that are missing; how many those were."""
    values = {"kind": Withdrawn.kind, "kinds": asking_kinds(), "zone": settings.TIME_ZONE, "undo": UNDO}
    with connection.cursor() as cursor:
        cursor.execute(MISSING, values)
        return cursor.rowcount

"""What was sent before the demo was loaded: reminders of last month's calls, so that the ledger has something to explain.

No mail goes out for these rows; they are written as the pipeline would have left them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from events.messages.reminders import Reminder
from events.messages.suppression import DECLINED
from events.models import Meeting, Rsvp
from members.models import Delivery, User
from members.times import formats

DAY = 24 * 60  # minutes
ENDINGS = {Rsvp.Response.ACCEPTED: " You’re going", Rsvp.Response.TENTATIVE: " You said maybe"}


def load() -> None:
    since = timezone.now() - timedelta(days=35)
    rows = [
        row
        for meeting in Meeting.objects.past().not_cancelled().filter(starts_at__gt=since)
        for row in _reminders(meeting)
    ]
    Delivery.objects.bulk_create(sorted(rows, key=lambda row: row.due_at), batch_size=500)


def _reminders(meeting: Meeting) -> Iterator[Delivery]:
    said = dict(meeting.rsvps.values_list("user", "response"))
    due_at = meeting.starts_at - timedelta(minutes=DAY)
    for person in meeting.invitees():
        row = Delivery(
            recipient=person,
            kind=Reminder.kind,
            about=meeting.about,
            dedupe_key=f"{Reminder.kind}:{meeting.edition}",
            offset=DAY,
            scope=meeting.scope,
            created_at=due_at - timedelta(hours=1),
            due_at=due_at,
            next_try_at=due_at,
            useless_after=meeting.starts_at - timedelta(minutes=10),
            claims=1,
        )
        _end(row, person, meeting, said.get(person.pk, ""))
        yield row


def _end(row: Delivery, person: User, meeting: Meeting, response: str) -> None:
    if response == Rsvp.Response.DECLINED:
        row.state, row.reason = Delivery.State.SUPPRESSED, str(DECLINED.words)
        return
    row.state, row.handovers = Delivery.State.SENT, 1
    row.sent_at = row.due_at + timedelta(seconds=2 + person.pk % 9)
    row.last_reply = "250 2.0.0 accepted"
    with timezone.override(person.zone):
        when = formats.listed(meeting.starts_at)
    row.message_subject = (
        f"{when}: {meeting.title}.{ENDINGS.get(Rsvp.Response(response or 'needs_action'), ' Can you come?')}"[:200]
    )

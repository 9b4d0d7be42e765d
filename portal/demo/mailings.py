"""An email of staff to a list in the demo network: sent by the verb that staff use, and set back to when it went.

No mail goes out for it: the rows are left as the pipeline would have left them.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from committees.mailings.placeholders import filled, values_of
from committees.mailings.sending import send_out
from committees.models import Mailing
from members.models import Delivery, Segment
from portal.demo.cast import Cast

DAYS_AGO, CLOCK = 9, time(10, 5)
COUNTIES = {"level": ["county"]}
SUBJECT = "{first name}, who runs the buses in {place|your county}?"
BODY = """Hi {first name},

we are putting together who in counties decides about bus routes and fares: the county itself, an authority of its own, or the largest city.

**One line back is enough**: who it is in {place|your county}, and whether you as {office|an elected official} have a vote on it.

In three weeks we send the table to everybody who answered, with the names of colleagues who changed a fare in the last two years.
"""


def load(cast: Cast) -> None:
    by = cast.organizer
    segment = Segment.keep("Counties", COUNTIES, by, shared=True)
    mailing = Mailing.begin(by, segment=segment, subject=SUBJECT, body=BODY)
    send_out(mailing, by)
    _set_back(mailing, _moment())


def _moment() -> datetime:
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(datetime.now(zone).date() - timedelta(days=DAYS_AGO), CLOCK, zone)


def _set_back(mailing: Mailing, moment: datetime) -> None:
    Mailing.objects.filter(pk=mailing.pk).update(sent_at=moment, created_at=moment - timedelta(hours=1))
    rows = list(mailing.deliveries().select_related("recipient"))
    values = values_of([row.recipient for row in rows if row.recipient])
    for row in rows:
        row.state, row.claims, row.handovers, row.last_reply = Delivery.State.SENT, 1, 1, "250 2.0.0 accepted"
        row.created_at = row.due_at = row.next_try_at = moment
        row.sent_at = moment + timedelta(seconds=2)
        row.message_subject = filled(mailing.subject, values[row.recipient_id or 0])
    fields = ["state", "claims", "handovers", "last_reply", "created_at", "due_at", "next_try_at", "sent_at"]
    Delivery.objects.bulk_update(rows, [*fields, "message_subject"], batch_size=200)

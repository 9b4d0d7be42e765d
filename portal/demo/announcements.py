"""What was announced in the demo network: sent by the verb that co-chairs and staff use, and set back to when it went.

No mail goes out for these: the rows are left as the pipeline would have left them.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from committees.announcements.announcing import announce
from committees.models import Announcement, Committee
from members.models import Delivery
from portal.demo import texts
from portal.demo.cast import Cast


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    for told in texts.table("announcements.toml")["announcements"]:
        by, committee = cast[told["by"]], committees.get(told.get("committee", ""))
        words = {"headline": told["headline"], "body": told["body"].strip()}
        announcement = Announcement.begin(by, committee, by_staff=committee is None, **words)
        announce(announcement, by)
        _set_back(announcement, _moment(told))


def _moment(told: dict[str, Any]) -> datetime:
    zone = ZoneInfo(settings.TIME_ZONE)
    on = datetime.now(zone).date() - timedelta(days=told["days_ago"])
    return datetime.combine(on, time.fromisoformat(told["time"]), zone)


def _set_back(announcement: Announcement, moment: datetime) -> None:
    Announcement.objects.filter(pk=announcement.pk).update(sent_at=moment, created_at=moment - timedelta(hours=1))
    rows = Delivery.objects.filter(kind=announcement.kind, about=announcement.about)
    rows.update(
        state=Delivery.State.SENT,
        created_at=moment,
        due_at=moment,
        next_try_at=moment,
        sent_at=moment + timedelta(seconds=2),
        claims=1,
        handovers=1,
        last_reply="250 2.0.0 accepted",
        message_subject=announcement.headline,
    )

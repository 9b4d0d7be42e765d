"""Putting a series on: its row, and its calls of the first year."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from committees.models import Committee
from events.models import MeetingSeries
from events.schedule.scheduling import check_start
from events.series import making, messages, usual
from events.series.rules import Rule
from members.models import AuditEntry, User


@transaction.atomic
def schedule(
    committee: Committee,
    by: User,
    *,
    rule: Rule | str,
    local_date: date,
    tell: bool = True,
    key: uuid.UUID | None = None,
    exceptions: dict[str, str] | None = None,
    **fields: Any,
) -> MeetingSeries:
    """Put a series on with its calls, and invite the committee once; without telling all are drafts. `local_date` is the first day on or after which it begins.

    Raises ValidationError with messages by field, IntegrityError when there is one with this `key`.
    """
    rule = Rule.parse(rule) if isinstance(rule, str) else rule
    fields.setdefault("timezone", committee.timezone)
    check_start({"local_date": local_date, **fields}, committee.timezone)
    uid = MeetingSeries.uid_of(committee, key or uuid.uuid4())
    series = MeetingSeries(
        committee=committee,
        organizer=by,
        uid=uid,
        key=MeetingSeries.key_of(uid),
        rule=str(rule),
        local_date=rule.dates(local_date)[0],
        exceptions=exceptions or {},
        **fields,
    )
    series.full_clean(exclude=["uid", "key"])
    series.save()
    AuditEntry.record(by, "scheduled a series", series, after=series.when())
    if not making.make(series):
        raise ValidationError(_("Every date of this is left out, so there is no call to put on."), "none")
    if tell:
        messages.tell_scheduled(series)
        usual.keep(committee.pk)
    return series


@transaction.atomic
def tell(series: MeetingSeries, by: User) -> bool:
    """Invite the committee to a draft; False when they were told. Raises ValidationError."""
    locked = MeetingSeries.objects.select_for_update(of=["self"]).select_related("committee").get(pk=series.pk)
    if locked.is_paused or locked.is_ended:
        raise ValidationError(_("This series is paused or over, so nobody is invited to it."), "closed")
    if not locked.is_draft:
        return False
    AuditEntry.record(by, "told the committee", locked)
    messages.tell_scheduled(locked)
    usual.keep(locked.committee_id)
    return True

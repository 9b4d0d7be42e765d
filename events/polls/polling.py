"""Making a poll, changing its times and choosing one: each a verb and the message that follows, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from committees.models import Committee
from events.models import Meeting, Poll, PollSlot
from events.models.polls import Time
from events.polls.messages import tell_poll, tell_times
from events.schedule import scheduling
from members.models import AuditEntry, User


@transaction.atomic
def make(committee: Committee, by: User, times: Iterable[Time], *, tell: bool = True, **fields: Any) -> Poll:
    """Make a poll and ask the committee; without telling it is a draft. Errors are those of `Poll.make`."""
    poll = Poll.make(committee, by, times, **fields)
    if tell:
        _ask(poll, by)
    return poll


@transaction.atomic
def ask(poll: Poll, by: User) -> bool:
    """Ask the committee about a draft; False when it was asked already. Raises ValidationError."""
    locked = Poll.objects.select_for_update(of=["self"]).select_related("committee").get(pk=poll.pk)
    if not locked.is_draft:
        return False
    if locked.is_closed:
        raise ValidationError(_("The day on which voting ends has passed. Choose a later one first."), "closed")
    _ask(locked, by)
    return True


def _ask(poll: Poll, by: User) -> None:
    AuditEntry.record(by, "sent a poll", poll)
    tell_poll(poll)


@transaction.atomic
def change_times(
    poll: Poll,
    by: User,
    *,
    tell: bool = True,
    add: Iterable[Time] = (),
    remove: Iterable[int] = (),
    closes_at: datetime | None = None,
) -> list[PollSlot]:
    """Offer further times and take others away; those who voted are asked about the new ones. The new ones."""
    before = poll.rounds
    added = poll.change_times(by, add=add, remove=remove, closes_at=closes_at)
    if tell and poll.rounds != before:
        tell_times(poll)
    return added


@transaction.atomic
def choose(poll: Poll, slot: PollSlot, by: User, *, tell: bool = True, **words: Any) -> Meeting:
    """Put the call on at this time; without telling it is a draft. Raises ValidationError, "chosen" when another was first.

    Whoever said yes is asked once more in the invitation, and is going when that has gone (events.polls.sweeping).
    """
    chosen = poll.choose(slot, by)
    when = {"local_date": chosen.local_date, "local_time": chosen.local_time, "fold": chosen.fold}
    meeting = scheduling.schedule(poll.committee, by, tell=False, timezone=poll.timezone, **when, **words)
    poll.became(meeting)
    if tell:
        scheduling.tell(meeting, by)
        meeting.refresh_from_db()
    return meeting

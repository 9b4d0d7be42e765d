"""Putting a call on, changing, moving and canceling it.

Each is a verb of the model and the message that follows from it, in one transaction: nobody is told what did not
happen, and nothing happens that nobody is told. `tell=False` saves quietly: a new call is a draft then, until `tell`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Committee
from events.agenda import publishing
from events.messages import cancellations, changes, invitations, moves
from events.models import Meeting, MeetingMove
from events.schedule import horizon
from members.models import AuditEntry, User
from members.times.wall_clock import instant


@transaction.atomic
def schedule(committee: Committee, by: User, *, tell: bool = True, **fields: Any) -> Meeting:
    """Put a call on and invite the committee; without telling it is a draft. Raises ValidationError with messages by field.

    The same `key`, a UUID among the fields, twice raises IntegrityError: a form that was sent twice puts on one call.
    """
    check_start(fields, committee.timezone)
    meeting = Meeting.schedule(committee, by, **fields)
    if tell:
        invitations.tell_scheduled(meeting)
    return meeting


@transaction.atomic
def tell(meeting: Meeting, by: User, *, with_agenda: bool = True) -> bool:
    """Invite the committee to a draft, with its agenda as it is, or to save the date; False when they were told.

    Raises ValidationError.
    """
    locked = Meeting.objects.select_for_update(of=["self"]).select_related("committee").get(pk=meeting.pk)
    if locked.is_cancelled or locked.starts_at <= timezone.now():
        raise ValidationError(_("This call is over or canceled, so nobody is invited to it."), "closed")
    if not locked.is_draft:
        return False
    AuditEntry.record(by, "told the committee", locked)
    invitations.tell_scheduled(locked)
    if with_agenda:
        publishing.keep(locked, by)
    return True


@transaction.atomic
def edit(meeting: Meeting, by: User, *, tell: bool = True, seen: datetime | None = None, **fields: Any) -> Meeting:
    """Change words, links or length; a changed place or length is told. Raises ChangedMeanwhile or ValidationError."""
    before = meeting.sequence
    meeting.edit(by, seen=seen, **fields)
    if tell and meeting.sequence != before and not meeting.is_over and _is_known(meeting):
        changes.tell_changed(meeting)
    return meeting


@transaction.atomic
def move(meeting: Meeting, by: User, *, reason: str, tell: bool = True, **when: Any) -> MeetingMove | None:
    """Set another time and ask everybody again; None when the time is the same already.

    Of a call that the committee is not told of the time is set, and nobody hears of an earlier one.
    """
    if meeting.is_over:
        raise ValidationError(_("This call is over. Schedule a new one instead."), "over")
    check_start(when, meeting.timezone)
    moved = meeting.move(by, reason=reason, **when)
    if moved and moved.pk and tell:
        moves.tell_moved(moved)
    elif moved and moved.pk:
        moves.carry_over(meeting)
    return moved


@transaction.atomic
def cancel(meeting: Meeting, by: User, reason: str, *, tell: bool = True) -> bool:
    """Call it off and say so, once."""
    if meeting.is_over:
        raise ValidationError(_("This call is over, so there is nothing to cancel."), "over")
    known = _is_known(meeting)
    if not meeting.cancel(by, reason):
        return False
    if not known:
        Meeting.objects.filter(pk=meeting.pk).update(told_at=None)  # nobody heard of it, and nobody will
    if tell and known:
        cancellations.tell_cancelled(meeting)
    return True


def _is_known(meeting: Meeting) -> bool:
    return Meeting.objects.known().filter(pk=meeting.pk).exists()


def check_start(when: dict[str, Any], zone_name: str) -> None:
    """Raise ValidationError on `local_date` for a start that has passed or is too far, by field for no such time."""
    if not (when.get("local_date") and when.get("local_time")):
        return
    try:
        horizon.check(when["local_date"])
    except ValidationError as error:
        raise ValidationError({"local_date": error}) from error
    try:
        starts_at = instant(
            when["local_date"], when["local_time"], when.get("timezone") or zone_name, when.get("fold", 0)
        )
    except ValidationError as error:
        raise ValidationError({"timezone" if error.code == "unknown_zone" else "local_time": error}) from error
    if starts_at <= timezone.now():
        raise ValidationError({"local_date": ValidationError(_("That time has passed. Choose a later one."), "past")})

"""Sharing a call: another committee takes part, or does no more. Exactly those are told whom it concerns."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from committees.models import Committee, Membership
from events.messages import invitations
from events.models import CallCommittee, JointCommittee, Meeting
from members.models import AuditEntry, User


def offered(meeting: Meeting, by: User) -> QuerySet[Committee]:
    """Committees that this person may bring onto the call: those they lead; staff any that they see."""
    beside = CallCommittee.objects.filter(meeting=meeting.pk).values("committee")
    committees = Committee.objects.visible_to(by).not_archived().filter(confidential=False)
    committees = committees.exclude(pk__in=beside).order_by("name")
    if by.may_act_as_staff:
        return committees
    return committees.filter(pk__in=Membership.objects.of(by).chairs().values("committee"))


@transaction.atomic
def share(meeting: Meeting, committee: Committee, by: User, *, tell: bool = True) -> JointCommittee:
    """Another committee takes part. Invites those of its people who are on the call by no other. Safe to repeat.

    Raises ValidationError.
    """
    locked = _open(meeting)
    _refuse_confidential(locked, committee)
    if locked.series_id:
        raise ValidationError(_("A call in a series can’t be shared. Schedule one apart."), "series")
    committee.refuse_archived()
    if committee.pk == locked.committee_id:
        raise ValidationError(_("%(name)s hosts this call already.") % {"name": committee.name}, "host")
    joint, made = JointCommittee.objects.get_or_create(meeting=locked, committee=committee, defaults={"added_by": by})
    if not made:
        if joint.removed_at is None:
            return joint
        joint.removed_at, joint.round, joint.added_by, joint.added_at = None, joint.round + 1, by, timezone.now()
        joint.save()
    AuditEntry.record(by, "shared a call", locked, after={"committee": committee.pk})
    if tell:
        invitations.tell_shared(joint)
    return joint


@transaction.atomic
def part(meeting: Meeting, committee: Committee, by: User) -> bool:
    """It takes part no more, once. Mails to those who are on the call by no other committee are not sent any more, and
    the call leaves their calendars (events.messages.calendar_removals).
    """
    locked = _open(meeting)
    there = JointCommittee.objects.standing().filter(meeting=locked, committee=committee)
    won = bool(there.update(removed_at=timezone.now()))
    if won:
        AuditEntry.record(by, "stopped sharing a call", locked, before={"committee": committee.pk})
    return won


def _refuse_confidential(meeting: Meeting, committee: Committee) -> None:
    """Both are locked, so that neither becomes confidential meanwhile."""
    for each in sorted((meeting.committee, committee), key=lambda each: each.pk):
        if each.take_turn().confidential:
            raise ValidationError(
                _("Who is on a shared call sees the others, so %(name)s, which is confidential, meets alone.")
                % {"name": each.name},
                "confidential",
            )


def _open(meeting: Meeting) -> Meeting:
    """The row, locked: acts on one call take turns."""
    locked = Meeting.objects.select_for_update(of=["self"]).select_related("committee").get(pk=meeting.pk)
    if locked.is_cancelled or locked.is_over:
        raise ValidationError(_("This call is over or canceled, so its committees stay as they are."), "closed")
    return locked

"""A committee with a shared call ahead doesn't become confidential: those of the others would lose the call unasked."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from committees.models import Committee
from committees.models.committees import STAYS_OPEN
from events.models import JointCommittee, Meeting


def shares_a_call(committee: Committee) -> str:
    ahead = Meeting.objects.upcoming().not_cancelled().order_by()
    shared = JointCommittee.objects.standing().filter(meeting__in=ahead)
    if committee.pk and shared.filter(Q(committee=committee) | Q(meeting__committee=committee)).exists():
        return _("It shares a call that is ahead with another committee. Take one of them off that call first.")
    return ""


STAYS_OPEN.append(shares_a_call)

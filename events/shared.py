"""A committee that hosts a shared call stays open: everybody on the call reads its name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from committees.models import Committee
from committees.models.committees import STAYS_OPEN
from events.models import JointCommittee


def hosts_others(committee: Committee) -> str:
    if committee.pk and JointCommittee.objects.standing().filter(meeting__committee=committee).exists():
        return _("It hosts a call that another committee shares, whose people read its name.")
    return ""


STAYS_OPEN.append(hosts_others)

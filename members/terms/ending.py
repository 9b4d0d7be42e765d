"""The day on which somebody leaves their last office ends the membership.

Rights, rosters and audiences follow `User.leaves_on` when they are asked for (members.models.users.admitted). What
speaks for the person, such as sessions and requests that wait, ends here, in the sweep after that midnight.
"""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from members.accounts.messages import tell_account_news
from members.mail.outgoing.planning import planner
from members.models import User

log = logging.getLogger(__name__)


@planner
def end_memberships() -> int:
    """Those whose day has come, each for itself. It stores no message of its own kind."""
    due = User.objects.who_left_office()
    for person in due.order_by("pk"):
        try:
            _end(person.pk)
        except PermissionDenied:  # the last administrator: an administrator appoints another one first
            log.warning("The membership of person %s can’t end yet.", person.pk)
    return 0


@transaction.atomic
def _end(key: int) -> None:
    person = User.objects.select_for_update(no_key=True).get(pk=key)
    if person.left_at is None and person.leaves_on:
        person.leave(person, reason=_("They left their last office."))
        tell_account_news(person, _("Your membership ended, because you left office. Thank you for your work here."))

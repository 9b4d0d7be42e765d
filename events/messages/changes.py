"""Telling that a call has another place, length or title."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from events.messages import suppression
from events.messages.call_notice import CallNotice
from events.models import Meeting
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule


def tell_changed(meeting: Meeting) -> None:
    """Tell the committee that the place, the length or the title of a call changed, and not its time."""
    Changed.enqueue(meeting.invitees(), meeting.about, dedupe_key=f"changed:{meeting.sequence}", scope=meeting.scope)


class Changed(CallNotice):
    kind, label, category = "changed", _("A call’s place, length or topic changed"), Category.CHANGE
    sent_label = _("They were told that a call changed")
    queued_label = _("They’re to be told that a call changed")
    unsent_label = _("They weren’t told that a call changed")
    title = _("Changed")
    stays = _("The call stays as you changed it.")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.CHANGED_AGAIN,
            suppression.NOT_ON_COMMITTEE,
            suppression.DECLINED,
        ]

"""Telling that a call is canceled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.calendar import ics
from events.messages import call_context, suppression
from events.messages.call_context import Calls
from events.messages.call_notice import AboutATime
from events.models import Meeting
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.times import formats


def tell_cancelled(meeting: Meeting) -> None:
    Cancelled.enqueue(
        meeting.invitees(), meeting.about, dedupe_key=f"cancelled:{meeting.edition}", scope=meeting.scope_of_each
    )


class Cancelled(AboutATime):
    kind, label, category = "cancelled", _("A call is canceled"), Category.CHANGE
    sent_label = _("They were told that a call is canceled")
    queued_label = _("They’re to be told that a call is canceled")
    unsent_label = _("They weren’t told that a call is canceled")
    title = _("Canceled")
    stays = _("The call stays canceled.")
    method = ics.CANCEL

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [suppression.GONE, suppression.ON_AGAIN, suppression.OVER, suppression.NOT_ON_COMMITTEE]

    def entry_words(self, attached: bool) -> str:
        if attached:
            return str(_("The attached entry takes it off your calendar."))
        return str(_("Your calendar feed says so too."))

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        unheard = facts.unheard(delivery, delivery.dedupe_number)
        return super().context(delivery, facts) | {
            **(call_context.times(call.meeting, unheard.old_starts_at) if unheard else {}),
            "moved_to": formats.listed(call.meeting.starts_at) if unheard else "",
            "canceled_by": call_context.name_of(call.meeting.cancelled_by),
            "reason": call.meeting.cancel_reason,
        }

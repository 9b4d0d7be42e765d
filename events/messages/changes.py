"""Telling that a call has another place, length or title."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.messages import call_changes, suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice
from events.models import Meeting
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule
from members.models import Delivery


def tell_changed(meeting: Meeting) -> None:
    """Tell the committee that the place, the length or the title of a call changed, and not its time."""
    Changed.enqueue(
        meeting.invitees(), meeting.about, dedupe_key=f"changed:{meeting.sequence}", scope=meeting.scope_of_each
    )


class Changed(CallNotice):
    kind, label, category = "changed", _("A call’s place, length or topic changed"), Category.CHANGE
    sent_label = _("They were told that a call changed")
    queued_label = _("They’re to be told that a call changed")
    unsent_label = _("They weren’t told that a call changed")
    title = _("Changed")
    stays = _("The call stays as you changed it.")

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = super().load(deliveries)
        calls.earlier = call_changes.earlier(deliveries)
        return calls

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        before = self._before(delivery, facts)
        return super().cache_key(delivery, facts), before and before.pgh_id

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        before = self._before(delivery, facts)
        changed = call_changes.between(before, facts.of(delivery).meeting) if before else []
        return super().context(delivery, facts) | {
            "changed": changed,
            "changed_briefly": call_changes.briefly(changed),
        }

    @staticmethod
    def _before(delivery: Delivery, facts: Calls) -> Any:
        """The call as this person heard of it, a row of its history; None when nobody knows."""
        return facts.earlier.get((delivery.about_id, delivery.recipient_id or 0))

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

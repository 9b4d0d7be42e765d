"""Telling that a call has another time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from events.messages import call_context, suppression
from events.messages.call_context import TELLING, Calls
from events.messages.call_notice import AboutATime
from events.messages.reminders import following
from events.models import Meeting, MeetingMove
from members.mail.kinds import Category, Following
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery


def tell_moved(move: MeetingMove) -> None:
    """Tell everybody on the committee of the new time.

    Deliveries that wait for quiet hours are decided anew: the call they are about may be near now.
    """
    Delivery.objects.filter(about=move.meeting.about).ask_again()
    meeting = move.meeting
    Moved.enqueue(meeting.invitees(), meeting.about, dedupe_key=f"moved:{move.edition}", scope=meeting.scope_of_each)


def carry_over(meeting: Meeting) -> None:
    """After a move without a mail: those still waiting to hear of an earlier move will hear of this one instead."""
    waiting = Delivery.objects.filter(about=meeting.about, kind__in=TELLING, dedupe_number__lt=meeting.edition)
    waiting.unsent().put_back()
    waiting.unsent().update(dedupe_key=Concat("kind", Value(f":{meeting.edition}")))


class Moved(AboutATime):
    kind, label, category = "moved", _("A call moved"), Category.CHANGE
    sent_label = _("They were told that a call moved")
    queued_label = _("They’re to be told that a call moved")
    unsent_label = _("They weren’t told that a call moved")
    title = _("Time changed")
    stays = _("The call stays moved. Nobody who wasn’t told is reminded of the new time.")

    def following(self, sending: BulkSend) -> Sequence[Following]:
        return following(self._meeting(sending))

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.MOVED,
            suppression.OVER,
            suppression.NOT_ON_COMMITTEE,
        ]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        move = call.moves[delivery.dedupe_number]
        first = facts.unheard(delivery, move.edition) or move
        return super().context(delivery, facts) | call_context.moved(call, move, first.old_starts_at)

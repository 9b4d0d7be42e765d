"""Offering a seat that became free to whoever waits for one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from events.messages import suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice
from events.models import Rsvp
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.times import formats

OFFER_OVER = SuppressionRule(
    Q(
        ~Exists(
            Rsvp.objects.offered().filter(
                meeting=OuterRef("about_id"), user=OuterRef("recipient"), edition=F("meeting__edition")
            )
        )
    ),
    _("The seat was taken, or not theirs any more."),
    Delivery.State.EXPIRED,
)


def tell_offered(rsvp: Rsvp) -> None:
    """Say that a seat is theirs to take, and until when. Each time in line has one offer."""
    key = f"{SeatOffered.kind}:{rsvp.version}"
    SeatOffered.enqueue([rsvp.user], rsvp.meeting.about, dedupe_key=key, scope=rsvp.meeting.scope_of_each)


class SeatOffered(CallNotice):
    """An answer to what they asked for, so it comes at once. Its buttons lead to the page of the link, which asks."""

    kind, label, category = "seat_offered", _("A seat for me on a call"), Category.ACCOUNT
    sent_label = _("They were offered a seat on a call")
    queued_label = _("They’re to be offered a seat on a call")
    unsent_label = _("They weren’t offered a seat on a call")
    title = _("A seat is free")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.NOT_ON_COMMITTEE,
            OFFER_OVER,
        ]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        rsvp = facts.rsvps.get((delivery.about_id, delivery.recipient_id))
        until = rsvp.offered_until if rsvp else None
        return super().context(delivery, facts) | {"until": formats.listed(until) if until else ""}

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk

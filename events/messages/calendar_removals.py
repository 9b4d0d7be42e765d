"""Removes calls from the calendar of somebody who left the committee: a CANCEL (RFC 5546) for each REQUEST they were
sent.

Derived from facts, as reminders are: whoever was sent the entry of a call still ahead, did not decline it and is not on
its committee any more, for whatever reason. Coming back suppresses the message; leaving again makes another one, unless
the last mail that went was a removal already. The mail about a canceled call removes it as well, but those who left
before do not get that.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events.calendar import ics
from events.messages import suppression
from events.messages.call_context import Calls, asking_kinds
from events.messages.call_notice import CallNotice
from events.messages.cancellations import Cancelled
from events.messages.series_entries import series_kinds
from events.models import Rsvp
from members.mail.emails import placeholder
from members.mail.kinds import Category, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.queries.sql import Sql, embedded, load, members_of
from members.times.clock import database_today

UNDO = "2 minutes"  # leaving has an Undo, and a term that ends is often renewed in the next moment

KNOWN = members_of(Delivery.State) | {"open": Delivery.OPEN, "declined": Rsvp.Response.DECLINED}


class Withdrawn(CallNotice):
    """Tells somebody who left a committee that its calls leave their calendar; `plan_withdrawals` stores it.

    It goes to people who left the network too.
    """

    kind, label, category = "withdrawn", _("Calls of a committee I left"), Category.ACCOUNT
    sent_label = _("A call was taken off their calendar")
    queued_label = _("A call is to be taken off their calendar")
    unsent_label = _("A call wasn’t taken off their calendar")
    title = _("Off your calendar")
    method = ics.CANCEL
    replies = Replies.STAFF  # they have no seat on the committee any more

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [suppression.GONE, suppression.OVER, suppression.BACK_AGAIN, suppression.DECLINED]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        """With whom of them the committee still has, that shares the call no more."""
        calls = super().load(deliveries)
        held = Membership.objects.held().filter(user__in=[each.recipient_id for each in deliveries])
        calls.still_on = {(user, f"committee:{pk}") for user, pk in held.values_list("user", "committee")}
        return calls

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return super().cache_key(delivery, facts), facts.shared_no_more(delivery)

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"shared_no_more": facts.shared_no_more(delivery)}

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        entry = super().calendar(delivery, facts)
        lines = placeholder("organizer"), placeholder("attendee")
        return entry and entry | {"calendar": ics.withdrawal(facts.of(delivery).meeting, *lines)}


@planner
def plan_withdrawals() -> int:
    """Store the missing messages; how many are new."""
    statement, parameters = _missing()
    off = [Withdrawn.kind, Cancelled.kind]
    kinds = {"kinds": asking_kinds(), "series_kinds": series_kinds()}
    values = kinds | {"off": off, "zone": settings.TIME_ZONE, "undo": UNDO}
    return Delivery.objects.insert_planned(Withdrawn.kind, statement, parameters | values)


@cache
def _missing() -> tuple[Sql, dict[str, Any]]:
    known, parameters = withdrawal_parts("meeting:")
    return load(__file__, "missing_withdrawals", **known), parameters


def withdrawal_parts(about: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both statements know, over the memberships that are held today as the model says it. `about` begins "meeting:" …"""
    memberships = Membership.objects.held_by_many(on=database_today()).values_list("committee_id", "user_id")
    held, parameters = embedded(memberships, "held")
    past, due = (
        load(__file__, "withdrawals_past", held=held),
        load(__file__, "withdrawals_due", about=about, **KNOWN),
    )
    return KNOWN | {"past": past, "due": due}, parameters

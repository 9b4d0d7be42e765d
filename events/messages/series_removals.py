"""Removes a series from the calendar of somebody who left its committee: one CANCEL (RFC 5546) for all of its dates.

As `calendar_removals` does it for a call, which leaves the dates of a series to this where a mail brought the whole of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from committees.models import Membership
from events.calendar import ics
from events.messages import series_entries
from events.messages.calendar_removals import UNDO, withdrawal_parts
from events.messages.call_context import asking_kinds
from events.messages.series_entries import SeriesEntries
from events.models import Meeting
from members.mail.emails import placeholder
from members.mail.kinds import Category, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery
from members.queries.sql import Sql, load
from members.times.clock import database_today

OVER = SuppressionRule(
    Q(~Exists(Meeting.objects.filter(series=OuterRef("about_id"), ends_at__gt=Now()))),
    gettext_lazy("The last call of the series was over."),
    Delivery.State.EXPIRED,
)


def _on_committee() -> Exists:
    held = Membership.objects.held(on=database_today())
    return Exists(held.filter(committee__series=OuterRef("about_id"), user=OuterRef("recipient")))


BACK_AGAIN = SuppressionRule(
    Q(_on_committee()),
    gettext_lazy("The person is on the committee again, so the series stays."),
    yours=gettext_lazy("You’re on the committee again, so the series stays."),
)


class SeriesWithdrawn(Notice):
    """Tells somebody who left a committee that a series leaves their calendar; `plan_series_withdrawals` stores it."""

    kind, label, category = "series_withdrawn", gettext_lazy("Series of a committee I left"), Category.ACCOUNT
    sent_label = gettext_lazy("A series of calls was taken off their calendar")
    queued_label = gettext_lazy("A series of calls is to be taken off their calendar")
    unsent_label = gettext_lazy("A series of calls wasn’t taken off their calendar")
    title = gettext_lazy("Off your calendar")
    mailer, reply_tag = "calendar", "tag"
    replies = Replies.STAFF  # they have no seat on the committee any more

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [OVER, BACK_AGAIN]

    def load(self, deliveries: Sequence[Delivery]) -> SeriesEntries:
        return series_entries.load(deliveries)

    def cache_key(self, delivery: Delivery, facts: SeriesEntries) -> Hashable:
        return delivery.pk

    def context(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, Any]:
        series = facts.of(delivery)
        return {
            "series": series,
            "committee": series.committee,
            "url": settings.SITE_URL + series.committee.get_absolute_url(),
            "replies": self.replies,
        }

    def sender_name(self, delivery: Delivery, facts: SeriesEntries) -> str:
        return facts.of(delivery).committee.name

    def calendar(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        lines = placeholder("organizer"), placeholder("attendee")
        return {"calendar": ics.cancel_series(facts.of(delivery), *lines, stands=True), "method": ics.CANCEL}

    def headers(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        return series_entries.headers(delivery, facts)

    def values(self, delivery: Delivery, facts: SeriesEntries) -> dict[str, str]:
        return super().values(delivery, facts) | series_entries.values(delivery, facts)


@planner
def plan_series_withdrawals() -> int:
    """Store the missing messages; how many are new."""
    statement, parameters = _missing()
    kinds = {"series_kinds": series_entries.series_kinds(), "kinds": asking_kinds()}
    values = kinds | {"off": [SeriesWithdrawn.kind], "zone": settings.TIME_ZONE, "undo": UNDO}
    return Delivery.objects.insert_planned(SeriesWithdrawn.kind, statement, parameters | values)


@cache
def _missing() -> tuple[Sql, dict[str, Any]]:
    known, parameters = withdrawal_parts("series:")
    return load(__file__, "missing_series_withdrawals", **known), parameters

"""Mails co-chairs a month before terms on their committee end, so that nobody holds over for want of a reminder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from members.mail import links
from members.mail.kinds import Category, Line, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery, User
from members.times import formats
from members.times.clock import database_today, today

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=30)
FEW = 8  # named in a mail


class TermsEnd(Notice):
    """For the co-chairs of a committee: whose term there ends on the day that the dedupe key names."""

    kind, label, category = "terms_end", _("Terms that end"), Category.ROUTINE
    title, hint = _("Terms that end"), _("A month before terms on a committee you lead")
    replies, roles = Replies.STAFF, Membership.CHAIRING
    sent_label = _("They were told that terms on their committee end")
    queued_label = _("They’re to be told that terms on their committee end")
    unsent_label = _("They weren’t told that terms on their committee end")

    @staticmethod
    def key(ends_on: date) -> str:
        """The first day after the term: "terms_end:2027-01-31"."""
        return f"{TermsEnd.kind}:{ends_on}"

    def suppress_if(self) -> Sequence[SuppressionRule]:
        day = Func(F("term_ends_on"), Value("YYYY-MM-DD"), function="to_char", output_field=CharField())
        seats = Membership.objects.held(on=database_today()).annotate(key=Concat(Value(f"{self.kind}:"), day))
        seats = seats.filter(committee=OuterRef("about_id"))
        return [
            SuppressionRule(
                Q(~Exists(seats.filter(key=OuterRef("dedupe_key")))), _("No term ends on that day any more.")
            ),
            SuppressionRule(
                Q(~Exists(seats.chairs().filter(user=OuterRef("recipient")))),
                _("The person doesn’t lead the committee any more."),
                yours=_("You don’t lead the committee any more."),
            ),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Committee]:
        return Committee.objects.in_bulk({delivery.about_id for delivery in deliveries})

    def context(self, delivery: Delivery, facts: dict[int, Committee]) -> dict[str, Any]:
        committee, ends_on = facts[delivery.about_id or 0], _day(delivery)
        seats = list(committee.memberships.held().filter(term_ends_on=ends_on).select_related("user").order_by("pk"))
        return {
            "committee": committee,
            "last_day": _last_day(ends_on),
            "seats": [f"{seat.user.name}, {seat.get_role_display()}" for seat in seats[:FEW]],
            "more": max(0, len(seats) - FEW),
            "url": links.absolute("manage_people", committee.slug),
        }

    def line(self, delivery: Delivery, facts: dict[int, Committee]) -> Line:
        committee = facts[delivery.about_id or 0]
        words = gettext("On %(day)s") % {"day": _last_day(_day(delivery))}
        return Line(
            gettext("Terms end: %(committee)s") % {"committee": committee.name},
            words,
            links.absolute("manage_people", committee.slug),
        )

    def sender_name(self, delivery: Delivery, facts: dict[int, Committee]) -> str:
        return facts[delivery.about_id or 0].name


def _day(delivery: Delivery) -> date:
    return date.fromisoformat(delivery.dedupe_key.partition(":")[2])


def _last_day(ends_on: date) -> str:
    return formats.day(ends_on - timedelta(days=1))


def ending() -> QuerySet[Membership]:
    """Those whose term ends within a month, on committees that are at work."""
    near = today() + AHEAD
    return Membership.objects.held().filter(
        term_ends_on__gt=today(), term_ends_on__lte=near, committee__archived_at=None
    )


@planner
def plan_terms_end() -> int:
    """Store a mail to each co-chair for each committee and last day; how many are new. One that fails stops no other."""
    ends = {(seat.committee_id, seat.term_ends_on) for seat in ending() if seat.term_ends_on}
    new = 0
    for committee, ends_on in sorted(ends):
        try:
            with transaction.atomic():
                new += _tell(committee, ends_on)
        except Exception:
            logger.exception("The co-chairs of committee %s were not told of terms that end.", committee)
    return new


def _tell(committee: int, ends_on: date) -> int:
    chairs = Membership.objects.held().chairs().filter(committee=committee)
    return Delivery.enqueue(
        TermsEnd.kind,
        User.objects.members().filter(pk__in=chairs.values("user")),
        f"committee:{committee}",
        dedupe_key=TermsEnd.key(ends_on),
        scope=f"committee:{committee}",
    )

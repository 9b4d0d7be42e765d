"""Mails staff when a committee loses its last co-chair: once a loss, and at most once a day.

Derived from facts, as reminders are, whatever the cause: somebody leaving or joining, another role, a membership or an
account that ended, a term that ran out. The committee stores since when it has no co-chair.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, Func, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from committees.models import Committee
from members.mail import links
from members.mail.kinds import Category, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import SuppressionRule
from members.models import Delivery, StaffAppointment, User
from members.times.clock import database_today

UNDO = timedelta(minutes=2)  # leaving has an Undo, and who takes somebody off often chooses another next
APART = timedelta(days=1)
TOLD = (Delivery.State.SENDING, Delivery.State.SENT)


class Leaderless(Notice):
    """For all staff with a desk, while the committee has no co-chair. The mail does not name a confidential committee."""

    kind, label, category = "leaderless", _("Committees without a co-chair, for staff"), Category.ACCOUNT
    replies = Replies.STAFF
    title = _("A committee without a co-chair")
    sent_label = _("They were told that a committee has no co-chair any more")
    queued_label = _("They’re to be told that a committee has no co-chair any more")
    unsent_label = _("They weren’t told that a committee has no co-chair any more")

    @staticmethod
    def key(since: datetime) -> str:
        """The dedupe key of a loss, with its minute: "leaderless:2026-11-24T18:05"."""
        return f"{Leaderless.kind}:{since.astimezone(UTC):%Y-%m-%dT%H:%M}"

    @staticmethod
    def _key_of_loss() -> Func:
        """The same in SQL, over a committee."""
        moment = Func(Value("UTC"), F("leaderless_at"), function="timezone")
        form = Value(f'"{Leaderless.kind}:"YYYY-MM-DD"T"HH24:MI')
        return Func(moment, form, function="to_char", output_field=CharField())

    @staticmethod
    def readers(on: Any = None) -> QuerySet[User]:
        """Everybody with a staff role today: each may give roles on committees."""
        return User.objects.members().filter(pk__in=StaffAppointment.objects.current(on).values("user"))

    def suppress_if(self) -> Sequence[SuppressionRule]:
        lasting = Committee.objects.leaderless(on=database_today()).annotate(key=self._key_of_loss())
        lasting = lasting.filter(pk=OuterRef("about_id"), key=OuterRef("dedupe_key"))
        reading = self.readers(on=database_today()).filter(pk=OuterRef("recipient"))
        return [
            SuppressionRule(Q(~Exists(lasting)), _("The committee has a co-chair again, or was archived.")),
            SuppressionRule(Q(~Exists(reading)), _("The person isn’t staff."), yours=_("You aren’t staff.")),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Committee]:
        return Committee.objects.in_bulk({delivery.about_id for delivery in deliveries})

    def cache_key(self, delivery: Delivery, facts: dict[int, Committee]) -> int | None:
        return delivery.about_id

    def context(self, delivery: Delivery, facts: dict[int, Committee]) -> dict[str, Any]:
        committee = facts[delivery.about_id]
        if committee.confidential:
            return {"name": "", "url": links.absolute("staff_today")}
        return {"name": committee.name, "url": links.absolute("staff_committee", committee.slug)}


@planner
def plan_leaderless() -> int:
    """Store the messages about each new loss; how many are new."""
    leaderless = Committee.objects.leaderless(on=database_today())
    led_again = Committee.objects.exclude(leaderless_at=None).exclude(pk__in=leaderless.values("pk"))
    led_again.update(leaderless_at=None)
    lost = list(leaderless.filter(leaderless_at=None).values_list("pk", flat=True))
    Committee.objects.filter(pk__in=lost).update(leaderless_at=Now())
    return sum(map(_tell, Committee.objects.filter(pk__in=lost)))


def _tell(committee: Committee) -> int:
    about = f"committee:{committee.pk}"
    told = Delivery.objects.filter(kind=Leaderless.kind, about=about, state__in=TOLD).aggregate(at=Max("due_at"))
    since = committee.leaderless_at
    assert since
    due = max(since + UNDO, told["at"] + APART) if told["at"] else since + UNDO
    return Delivery.enqueue(
        Leaderless.kind,
        Leaderless.readers(),
        about,
        dedupe_key=Leaderless.key(since),
        scope=committee.scope,
        due_at=due,
    )

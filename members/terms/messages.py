"""Still in office? Asked when a term ends without word of what follows, and a year after the last answer.

The mail has a link for each answer. None of them changes anything when it is opened (members.terms.link_views).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat, Greatest, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.mail import links
from members.mail.emails import placeholder
from members.mail.kinds import Category, Notice, Replies
from members.mail.outgoing.planning import planner
from members.mail.suppression import LEFT, SuppressionRule
from members.models import Delivery, Office
from members.models.users import admitted
from members.times import formats
from members.times.clock import database_today, today
from members.web.meanwhile import mark

YEAR = timedelta(days=365)
APART = timedelta(days=300)  # from one question about an office to the yearly one
LATE = timedelta(days=30)  # how long after the end of a term it is still asked for that
AT = time(13)  # of the organization's day: no zone of ours sleeps then
MOST_A_DAY = 500  # a portal that begins to ask, or an election, does not mail everybody at once
NAMED = ("title", "jurisdiction", "district", "leaves")  # what an answer by link is about


def stamp(office: Office) -> str:
    """What the link was about: of another office, or one that was left, it says so."""
    return mark(office, NAMED)[:8]


def token(office: Office) -> str:
    return links.make(links.OFFICE, office.user_id, f"{office.pk}.{stamp(office)}")


def _office(**words: Any) -> Exists:
    """Whether the office that a delivery is about is one like this, held by its recipient."""
    held = Office.objects.current(on=database_today()).filter(pk=OuterRef("about_id"), user=OuterRef("recipient"))
    return Exists(held.filter(**words))


class StillInOffice(Notice):
    """To somebody who holds an office, as far as we know. The key of one at the end of a term names its day."""

    kind, label, category = "still_in_office", _("Still in office?"), Category.ACCOUNT
    title, replies = _("Your office"), Replies.STAFF
    sent_label = _("They were asked whether they are still in office")
    queued_label = _("They’re to be asked whether they are still in office")
    unsent_label = _("They weren’t asked whether they are still in office")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            LEFT,
            SuppressionRule(~_office(leaves=False), _("The office is over, or it is known when it ends.")),
            SuppressionRule(
                Q(_office(confirmed_at__gt=OuterRef("created_at"))),
                _("The person said so in the meantime."),
                yours=_("You said so in the meantime."),
            ),
        ]

    def load(self, deliveries: Sequence[Delivery]) -> dict[int, Office]:
        offices = Office.objects.select_related("jurisdiction", "user").with_place()
        return offices.in_bulk({delivery.about_id for delivery in deliveries})

    def context(self, delivery: Delivery, facts: dict[int, Office]) -> dict[str, Any]:
        office = facts[delivery.about_id or 0]
        asked_at = links.absolute("office_link", placeholder("office"))
        over = office.ended_on is not None and office.ended_on <= today()
        return {
            "office": office,
            "name": office.user.get_short_name(),
            "ended_on": formats.date_only(office.ended_on) if office.ended_on else "",
            "is_over": over,
            "yes_url": f"{asked_at}?answer=yes",
            "lost_url": f"{asked_at}?answer=lost",
            "moved_url": f"{asked_at}?answer=moved",
            "url": settings.SITE_URL + reverse("settings_office"),
        }

    def values(self, delivery: Delivery, facts: dict[int, Office]) -> dict[str, str]:
        return super().values(delivery, facts) | {"office": token(facts[delivery.about_id or 0])}


@planner
def ask_who_holds_office() -> int:
    """Store the questions that are due, at most so many a day; how many are new."""
    asked_today = Delivery.objects.filter(kind=StillInOffice.kind, created_at__gte=_midnight()).count()
    asked = 0
    for key, office in _due(max(0, MOST_A_DAY - asked_today)):
        asked += Delivery.enqueue(
            StillInOffice.kind, [office.user], f"office:{office.pk}", dedupe_key=key, due_at=_next_hour()
        )
    return asked


def _due(most: int) -> Iterable[tuple[str, Office]]:
    """Those whose term is over first, for it is they who may have left."""
    held = Office.objects.current().filter(admitted("user__"), leaves=False).select_related("user")
    held = held.annotate(about=Concat(Value("office:"), Cast("pk", CharField()), output_field=CharField()))
    told = Delivery.objects.filter(kind=StillInOffice.kind, about=OuterRef("about"))
    over = held.filter(ended_on__lte=today(), ended_on__gt=today() - LATE)
    over = over.annotate(day=Concat(Value(f"{StillInOffice.kind}:"), Cast("ended_on", CharField())))
    over = over.exclude(Exists(told.filter(dedupe_key=OuterRef("day")))).order_by("ended_on", "pk")[:most]
    ended = [(f"{StillInOffice.kind}:{office.ended_on}", office) for office in over]
    silent = held.annotate(said_at=Greatest("confirmed_at", "user__admitted_at"))
    silent = silent.filter(said_at__lt=Now() - YEAR).exclude(Exists(told.filter(created_at__gt=Now() - APART)))
    yearly = silent.exclude(pk__in=[office.pk for _key, office in ended]).order_by("said_at", "pk")
    return [*ended, *((f"{StillInOffice.kind}:year:{today()}", office) for office in yearly[: most - len(ended)])]


def _midnight() -> datetime:
    return timezone.make_aware(datetime.combine(today(), time()), timezone.get_default_timezone())


def _next_hour() -> datetime:
    """Today at that hour, or tomorrow."""
    due = timezone.make_aware(datetime.combine(today(), AT), timezone.get_default_timezone())
    return due if due > timezone.now() else due + timedelta(days=1)

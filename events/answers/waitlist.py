"""Seats that become free, offered to those who wait for one, in turn.

Derived from what is stored, so that it may run twice, late or never: who is going, who waits, and until when a seat is theirs
to take. Each call is its own transaction, and locks the call as an answer does (Rsvp.record).
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from events.messages import seat_offers
from events.models import Meeting, Rsvp, RsvpAnswer
from events.models.rsvps import RsvpQuerySet
from events.models.seats import LAST_OFFERS

LONGEST, SHORTEST = timedelta(hours=24), timedelta(minutes=15)
SHARE = 4  # of the time that is left before the call
REGRET = timedelta(minutes=1)  # a seat that was given up is nobody else's yet: Undo takes it back


def offer_seats() -> int:
    """Offer what became free in all calls where somebody waits; how many seats."""
    waits = Rsvp.objects.waiting().filter(meeting=OuterRef("pk"), edition=OuterRef("edition"))
    calls = Meeting.objects.filter(Exists(waits.order_by())).not_cancelled().filter(ends_at__gt=Now())
    return sum(offer(call) for call in calls.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def offer(call: int) -> int:
    """Offer the free seats of one call to the first in line. Those whose time has passed, and who left, are not in it."""
    meeting = Meeting.objects.select_for_update(of=["self"], no_key=True).select_related("committee").get(pk=call)
    line = Rsvp.objects.filter(meeting=meeting, edition=meeting.edition)
    _let_go(line.filter(response=Rsvp.Response.WAITING, offered_until__lte=Now()))
    _let_go(_of_those_gone(line, meeting))
    left = meeting.starts_at - timezone.now()
    if meeting.is_cancelled or left <= LAST_OFFERS:
        return 0
    first = line.waiting().filter(offered_until=None)
    chosen = list(first.select_related("user")[: _free(line, meeting)])
    until = Now() + max(SHORTEST, min(LONGEST, left / SHARE))
    Rsvp.objects.filter(pk__in=[rsvp.pk for rsvp in chosen]).update(offered_until=until)
    for rsvp in chosen:
        rsvp.meeting = meeting
        seat_offers.tell_offered(rsvp)
    return len(chosen)


def _free(line: RsvpQuerySet, meeting: Meeting) -> int | None:
    """How many seats are nobody's; None where they are not counted (any more)."""
    if meeting.seats is None:
        return None
    given_up = Q(in_line_since__isnull=False, answered_at__gt=Now() - REGRET)
    regrets = line.exclude(response__in=[Rsvp.Response.ACCEPTED, Rsvp.Response.WAITING]).filter(given_up)
    return max(0, meeting.seats - Rsvp.objects.seated(meeting).count() - regrets.count())


def _of_those_gone(line: RsvpQuerySet, meeting: Meeting) -> RsvpQuerySet:
    held = line.filter(response__in=[Rsvp.Response.ACCEPTED, Rsvp.Response.WAITING])
    return held.filter(~Exists(meeting.invitees().order_by().filter(pk=OuterRef("user"))))


def _let_go(rsvps: RsvpQuerySet) -> None:
    """Their seat or place is nobody's; whoever still wants one says going again."""
    gone = list(rsvps)
    if not gone:
        return
    none = Rsvp.Response.NEEDS_ACTION
    those = Rsvp.objects.filter(pk__in=[rsvp.pk for rsvp in gone])
    those.update(response=none, in_line_since=None, offered_until=None)
    RsvpAnswer.objects.bulk_create(
        RsvpAnswer(rsvp=rsvp, edition=rsvp.edition, response=none, seen=rsvp.seen, source=Rsvp.Source.WAITLIST)
        for rsvp in gone
    )

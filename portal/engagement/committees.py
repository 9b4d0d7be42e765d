"""Which committees need looking after, the worst first, each with what to do next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Committee, Membership
from events.models import ActionItem, Attendance, Meeting, Minutes
from events.models.joint import CallCommittee
from members.models import User
from members.times import clock

CALLS = 6  # the last ones, whose attendance somebody took
A_YEAR = timedelta(days=365)
QUIET = timedelta(weeks=7)
SLOW = timedelta(days=14)
TREND = 4  # calls of which a trend is told


@dataclass(frozen=True)
class Cared:
    """A committee, and how it is: `tone` bad, warn, good or "", `words`, and the `act` that helps at `url`."""

    committee: Any
    came: list[int]
    tone: str
    words: str
    act: str = ""
    url: str = ""

    @property
    def bars(self) -> list[tuple[int, int]]:
        """(left, height) of each bar of a picture 24 high."""
        most = max(self.came, default=0) or 1
        return [(9 * at, max(2, round(24 * came / most))) for at, came in enumerate(self.came)]

    @property
    def minutes_days(self) -> int | None:
        took = self.committee.minutes_in
        return None if took is None else max(0, round(took / timedelta(days=1)))


def cared_for(reader: User) -> list[Cared]:
    """Two queries."""
    committees = list(_committees(reader))
    came = _came([each.pk for each in committees])
    order = {"bad": 0, "warn": 1, "": 2, "good": 3}
    return sorted((_look(each, came[each.pk]) for each in committees), key=lambda each: order[each.tone])


def finding(cared: list[Cared]) -> str:
    needy = sum(each.tone in ("bad", "warn") for each in cared)
    if not cared:
        return _("No committees yet")
    if not needy:
        return _("No committee needs attention")
    return ngettext("%(n)d committee needs attention", "%(n)d committees need attention", needy) % {"n": needy}


def _committees(reader: User) -> QuerySet[Committee]:
    calls = Meeting.objects.told().not_cancelled()
    over = CallCommittee.objects.filter(committee=OuterRef("pk"), meeting__in=calls.past().order_by())
    led = Membership.objects.chairs().held().filter(committee=OuterRef("pk"))
    since = clock.now() - A_YEAR
    out = Minutes.objects.filter(meeting__committee=OuterRef("pk"), sent_at__isnull=False, meeting__ends_at__gt=since)
    took = out.order_by().values("meeting__committee").annotate(took=Avg(F("sent_at") - F("meeting__ends_at")))
    given = ActionItem.objects.not_dropped().filter(committee=OuterRef("pk"), made_at__gt=since).order_by()
    counts = given.values("committee").annotate(all=Count("pk"), done=Count("pk", filter=Q(done_at__isnull=False)))
    return (
        Committee.objects.visible_to(reader)
        .not_archived()
        .with_people()
        .annotate(
            is_led=Exists(led),
            next_at=calls.upcoming().first_start(),
            last_at=Subquery(over.order_by("-meeting__starts_at").values("meeting__starts_at")[:1]),
            minutes_in=Subquery(took.values("took")),
            actions_given=Coalesce(Subquery(counts.values("all")), 0),
            actions_done=Coalesce(Subquery(counts.values("done")), 0),
        )
        .order_by("name")
    )


def _came(committees: list[int]) -> dict[int, list[int]]:
    """How many of each came to its last calls, those shared with others too, the oldest first."""
    ours = Membership.objects.filter(committee=OuterRef(OuterRef("committee")), user=OuterRef("user"))
    here = Attendance.objects.here().filter(Exists(ours), meeting=OuterRef("meeting")).order_by()
    lately = Meeting.objects.told().not_cancelled().past().filter(starts_at__gt=clock.now() - A_YEAR).order_by()
    last = (
        CallCommittee.objects.filter(committee__in=committees, meeting__in=lately)
        .annotate(came=Subquery(here.values("meeting").annotate(n=Count("pk")).values("n")))
        .filter(came__gt=0)
        .annotate(place=Window(RowNumber(), partition_by="committee", order_by=F("meeting__starts_at").desc()))
        .filter(place__lte=CALLS)
        .order_by("meeting__starts_at")
    )
    found: dict[int, list[int]] = defaultdict(list)
    for committee, came in last.values_list("committee", "came"):
        found[committee].append(came)
    return found


def _look(committee: Any, came: list[int]) -> Cared:
    slug = [committee.slug]
    if not committee.is_led:
        return Cared(
            committee, came, "bad", _("No co-chair"), _("Give somebody the role"), reverse("staff_committee", args=slug)
        )
    schedule = _("Schedule a call"), reverse("meeting_schedule", args=slug)
    if committee.next_at is None and committee.last_at is None:
        return Cared(committee, came, "warn", _("No call yet"), *schedule)
    if committee.next_at is None and committee.last_at < clock.now() - QUIET:
        weeks = (clock.now() - committee.last_at).days // 7
        return Cared(committee, came, "bad", _("No call in %(n)d weeks") % {"n": weeks}, *schedule)
    half = len(came) // 2
    before, lately = sum(came[:half]), sum(came[-half:]) if half else 0
    if len(came) >= TREND and lately < before * 0.8:
        health = reverse("committee_health", args=slug)
        return Cared(committee, came, "warn", _("Fewer come"), _("See who was not there"), health)
    if committee.minutes_in is not None and committee.minutes_in > SLOW:
        return Cared(
            committee,
            came,
            "warn",
            _("Minutes are slow"),
            _("See the minutes"),
            reverse("committee_minutes", args=slug),
        )
    if len(came) >= TREND and lately > before * 1.1:
        return Cared(committee, came, "good", _("More come"))
    return Cared(committee, came, "", _("Steady") if came else _("No attendance taken"))

"""Who came to a committee's last calls. A call of which nobody is marked says nothing, and is left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from committees.models import Committee, Membership
from committees.models.memberships import MembershipQuerySet
from events.models import Attendance, Meeting
from members.times import clock, formats
from members.web.charts import Chart, chart

CALLS = 12
MISSED = 3  # calls in a row, after which somebody is at risk
HERE, ABSENT, AWAY = "here", "absent", "away"  # away: not on the committee that day


def calls_of(committee: Committee, most: int = CALLS) -> list[Any]:
    """The last calls of which somebody wrote down who was there, oldest first, with `came`."""
    ours = Membership.objects.filter(committee=committee).values("user")
    came = Count("attendances", filter=Q(attendances__state=Attendance.State.HERE, attendances__user__in=ours))
    past = Meeting.objects.of_committee(committee.pk).told().not_cancelled().past()
    return list(past.annotate(came=came).filter(came__gt=0)[:most])[::-1]


def seats(committee: Committee) -> MembershipQuerySet:
    """Those who are counted: on the committee today, without staff organizers."""
    held = Membership.objects.held_by_many().filter(committee=committee).exclude(role=Membership.Role.LIAISON)
    return held.select_related("user").order_by("user__name", "pk")


def at_risk(committee: Committee, calls: list[Any]) -> MembershipQuerySet:
    """Voting members who were on the committee for the last three calls and came to none."""
    last = calls[-MISSED:]
    if len(last) < MISSED:
        return seats(committee).none()
    since = clock.day_of(last[0].starts_at)
    before = Membership.objects.filter(committee=committee, user=OuterRef("user"), started_on__lte=since)
    came = Attendance.objects.here().filter(meeting__in=last, user=OuterRef("user"))
    return seats(committee).voting().filter(Exists(before), ~Exists(came))


@dataclass
class History:
    """How often one person came to these calls."""

    seat: Membership
    states: list[str]  # of each call, in the order of the calls

    @property
    def of(self) -> int:
        return sum(state != AWAY for state in self.states)

    @property
    def came(self) -> int:
        return self.states.count(HERE)

    @property
    def missed_in_a_row(self) -> int:
        then = [state for state in self.states if state != AWAY]
        return next((number for number, state in enumerate(reversed(then)) if state == HERE), len(then))

    @property
    def is_at_risk(self) -> bool:
        return self.seat.role in Membership.VOTING and self.missed_in_a_row >= MISSED

    @cached_property
    def strip(self) -> SafeString:
        """A square a call; the words stand beside it."""
        width = 14
        squares = format_html_join(
            "",
            '<rect class="strip__{}" x="{}" y="1" width="10" height="10" rx="2"/>',
            ((state, place * width + 1) for place, state in enumerate(self.states)),
        )
        wide = max(len(self.states), 1) * width
        return format_html(
            '<svg class="strip" width="{0}" height="12" viewBox="0 0 {0} 12" aria-hidden="true">{1}</svg>',
            wide,
            squares,
        )


def histories(seats: Iterable[Membership], committee: Committee, calls: list[Any]) -> list[History]:
    """Of these people, in two questions."""
    shown = list(seats)
    people = [seat.user_id for seat in shown]
    marks = Attendance.objects.filter(meeting__in=calls, user__in=people).values_list("user", "meeting", "state")
    marked = {(user, meeting): state for user, meeting, state in marks}
    terms: dict[int, list[Membership]] = defaultdict(list)
    for term in Membership.objects.filter(committee=committee, user__in=people):
        terms[term.user_id].append(term)
    days = [(call.pk, clock.day_of(call.starts_at)) for call in calls]

    def state(user: int, call: int, day: Any) -> str:
        if (user, call) in marked:
            return HERE if marked[user, call] == Attendance.State.HERE else ABSENT
        on_it = any(term.started_on <= day and (not term.ended_on or term.ended_on > day) for term in terms[user])
        return ABSENT if on_it else AWAY

    return [History(seat, [state(seat.user_id, *each) for each in days]) for seat in shown]


def chart_of(calls: list[Any]) -> Chart:
    """A bar a call, as high as people came. The table beside it says the same."""
    return chart((formats.month_day(call.starts_at), call.came) for call in calls)

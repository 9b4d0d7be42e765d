"""What waits on the co-chairs of a committee: calls nobody knows of, agendas and minutes that are due, too few who come,
actions that are late, items that members propose, terms that end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Committee, Membership
from events.models import ActionItem, Meeting, Minutes, Proposal, Quorum
from events.models.meetings import Stage
from members.queries.prepared import prepared
from members.times import clock, formats
from portal.home import Waiting

AGENDA_DUE = timedelta(days=7)  # before the call
FORECAST = timedelta(days=5)
LOOKS_BACK = timedelta(days=60)
TERM_ENDS = timedelta(days=31)
LISTED = 6


def waiting_on_chairs(committee: Committee) -> list[Waiting]:
    """The most urgent first. A fixed number of queries."""
    late, terms, open_seats = next(iter(_numbers(committee.pk)), (0, 0, 0))
    coming = list(_coming(committee.pk))
    for call in coming:
        if call.committee_id == committee.pk:
            call.committee = committee
    return [
        *_drafts(coming),
        *_quorum_short(coming, committee),
        *_agendas_due(coming),
        *_proposed(coming),
        *_minutes_due(_without_minutes(committee.pk)),
        *_actions(committee, late, open_seats),
        *_terms(committee, terms),
    ]


@prepared
def _coming(committee: int) -> QuerySet[Any]:
    proposed = Proposal.objects.waiting().filter(meeting=OuterRef("pk")).order_by().values("meeting")
    calls = Meeting.objects.of_committee(committee).not_cancelled().upcoming().with_stage()
    return calls.annotate(proposed=Coalesce(Subquery(proposed.annotate(n=Count("pk")).values("n")), 0))[:LISTED]


@prepared
def _without_minutes(committee: int) -> QuerySet[Meeting]:
    """Calls of the last weeks whose minutes nobody has."""
    out = Minutes.objects.filter(meeting=OuterRef("pk")).filter(Q(sent_at__isnull=False) | Q(approved_at__isnull=False))
    over = Meeting.objects.told().not_cancelled().of_committee(committee).past()
    return over.filter(~Exists(out), ends_at__gt=clock.now() - LOOKS_BACK)[:LISTED]


@prepared
def _numbers(committee: int) -> QuerySet[Any]:
    """Actions that are late, terms that end soon or have ended, actions nobody is on the committee for."""
    mine = Q(committee=OuterRef("pk"))
    late = ActionItem.objects.late(clock.today()).filter(mine)
    ownerless = ActionItem.objects.open().without_owner().filter(mine)
    ending = Membership.objects.held().filter(mine, term_ends_on__lte=clock.today() + TERM_ENDS)
    row = Committee.objects.filter(pk=committee).order_by()
    return row.values_list(_number(late), _number(ending), _number(ownerless))


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("committee").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _drafts(coming: list[Any]) -> list[Waiting]:
    return [
        Waiting(
            call.title,
            _("A draft for %s: the committee isn’t told yet.") % formats.listed(call.starts_at),
            call.get_absolute_url(),
            _("Open"),
        )
        for call in coming
        if call.is_draft
    ]


def _quorum_short(coming: list[Any], committee: Committee) -> list[Waiting]:
    """Of the next call, when it is near and too few said that they come."""
    call = next((each for each in coming if each.is_told), None)
    if call is None or call.starts_at > clock.now() + FORECAST:
        return []
    (forecast,) = Quorum.forecast(call, [committee])
    if not forecast.has_rule or forecast.is_met:
        return []
    numbers = {"here": forecast.here, "all": forecast.eligible, "needed": forecast.needed}
    return [
        Waiting(
            _("%(here)s of %(all)s said going. Decisions need %(needed)s.") % numbers,
            f"{call.title}, {formats.listed(call.starts_at)}",
            reverse("meeting_answers", args=[call.slug]),
            _("Ask again"),
        )
    ]


def _agendas_due(coming: list[Any]) -> list[Waiting]:
    return [
        Waiting(
            _("The agenda of %s is due") % call.title,
            _("The call is %s.") % formats.listed(call.starts_at),
            reverse("meeting_agenda", args=[call.slug]),
            _("Write"),
        )
        for call in coming
        if call.stage == Stage.SAVE_THE_DATE and call.starts_at < clock.now() + AGENDA_DUE
    ]


def _proposed(coming: list[Any]) -> list[Waiting]:
    """Items that members propose, as long as they can go on the agenda."""
    return [
        Waiting(
            ngettext("%(n)s item is proposed for %(call)s", "%(n)s items are proposed for %(call)s", call.proposed)
            % {"n": call.proposed, "call": call.title},
            _("Put it on the agenda, or answer."),
            reverse("meeting_agenda", args=[call.slug]) + "#proposals",
            _("Look"),
        )
        for call in coming
        if call.proposed and call.starts_at > clock.now()
    ]


def _minutes_due(calls: Any) -> list[Waiting]:
    return [
        Waiting(
            _("The minutes of %s aren’t out") % call.title,
            _("The call was %s.") % formats.day(call.starts_at),
            reverse("meeting_minutes", args=[call.slug]),
            _("Write"),
        )
        for call in calls
    ]


def _actions(committee: Committee, late: int, ownerless: int) -> list[Waiting]:
    where = reverse("committee_actions", args=[committee.slug])
    rows = [
        (late, ngettext("%(n)s action is late", "%(n)s actions are late", late), _("Their owners were reminded.")),
        (
            ownerless,
            ngettext("%(n)s action has no owner", "%(n)s actions have no owner", ownerless),
            _("Whoever had it left the committee, or nobody took it on."),
        ),
    ]
    return [Waiting(words % {"n": number}, about, where, _("Look")) for number, words, about in rows if number]


def _terms(committee: Committee, number: int) -> list[Waiting]:
    if not number:
        return []
    words = ngettext("%(n)s term ends within a month", "%(n)s terms end within a month", number) % {"n": number}
    about = _("Or has ended: who holds over stays until a successor comes.")
    return [Waiting(words, about, reverse("manage_people", args=[committee.slug]), _("Look"))]

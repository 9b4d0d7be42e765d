"""What a member's week holds: calls, what waits on them and new documents, found for many members at once.

What waits, and how it is put, is said by portal.home; here it is only asked for a batch in as many queries as for one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Greatest, Now, RowNumber
from django.utils import timezone

from committees.models import Committee, Document, JoinRequest, Membership, Publication
from events.messages import call_context
from events.messages.call_context import Call
from events.models import Meeting, Rsvp
from events.models.joint import of_committees
from members.models import MessageSettings, Profile, User
from members.times import clock
from portal.home import LISTED, Waiting, calls_waiting, details_waiting, requests_waiting

DAYS = 7  # that a week looks ahead, and back for documents
WEEK = timedelta(days=DAYS)
LATE = timedelta(days=1)  # so long after its morning the mail may go


@dataclass
class Week:
    """`calls` are those of the coming days by the reader's calendar; `waiting` is in words: ask in the reader's zone."""

    ahead: list[Meeting] = field(default_factory=list)
    committees: list[Any] = field(default_factory=list)
    confirmed_at: datetime | None = None
    documents: list[Document] = field(default_factory=list)
    publications: list[Publication] = field(default_factory=list)
    agendas: dict[int, Call] = field(default_factory=dict)

    @cached_property
    def calls(self) -> list[Meeting]:
        end = timezone.localdate() + timedelta(days=DAYS)
        return [call for call in self.ahead if timezone.localtime(call.starts_at).date() < end]

    @cached_property
    def waiting(self) -> list[Waiting]:
        """As on the home page; the calls of the week show the answer by themselves."""
        later = self.ahead[len(self.calls) :]
        return [*calls_waiting(later), *requests_waiting(self.committees), *details_waiting(self.confirmed_at)]

    @cached_property
    def shown(self) -> set[str]:
        """What the mail shows by itself, as the `about` of deliveries names it."""
        things = {call.about for call in self.calls} | {thing.thing for thing in self.waiting}
        return things | {f"document:{document.pk}" for document in self.documents}

    def papers(self, call: Meeting) -> int:
        """How many documents there are to read before."""
        return len(self.agendas[call.pk].papers) if call.pk in self.agendas else 0

    def is_worth_a_mail(self) -> bool:
        return bool(self.calls or self.documents or self.publications) or any(
            not thing.can_wait for thing in self.waiting
        )


def may_have_a_week() -> QuerySet[User]:
    """Members without those for whom there is nothing for certain: the cheap question, asked of everybody at once."""
    since = Now() - WEEK - LATE
    new = Document.objects.filter(withdrawn_at=None, latest__uploaded_at__gt=since)
    calls = Meeting.objects.told().not_cancelled().filter(ends_at__gt=Now())
    asking = JoinRequest.objects.waiting()
    published = Publication.objects.published_since(since, at=Now())
    touching = Q(issue=OuterRef("issue")) | Q(also_about=OuterRef("issue"))
    here = Q(Exists(published.filter(touching)))
    for rows in (new, calls, asking):
        here |= Q(Exists(rows.filter(committee=OuterRef("pk"))))
    memberships = Membership.objects.held(on=clock.database_today()).filter(
        committee__in=Committee.objects.filter(here)
    )
    shared = new.filter(
        audience__in=[Document.Audience.PUBLIC, Document.Audience.MEMBERS], committee__confidential=False
    )
    return User.objects.members().filter(Q(pk__in=memberships.values("user")) | Exists(shared))


# For many at once ----------------------------------------------------------------------------------


def weeks_of(people: Sequence[int], until: Mapping[int, datetime] | None = None) -> dict[int, Week]:
    """By number of the person. New is what came in the seven days until a moment of theirs, now where there is none.

    Weeks that meet at one moment tell each thing once, however late the mail of one is.
    """
    ends = dict.fromkeys(people, clock.now()) | dict(until or {})
    weeks = {person: (end - WEEK, end) for person, end in ends.items()}  # by the clock of `end`
    since = min((start for start, _end in weeks.values()), default=clock.now())
    roles_of: dict[int, dict[int, str]] = {person: {} for person in people}
    for person, committee, role in (
        Membership.objects.held().filter(user__in=people).values_list("user", "committee", "role")
    ):
        roles_of[person][committee] = role
    everywhere = {committee for roles in roles_of.values() for committee in roles}
    publications = _publications(since)
    calls, answers = _calls(everywhere), {}
    for rsvp in Rsvp.objects.filter(meeting__in=[call.pk for call in calls], user__in=people):
        answers[rsvp.user_id, rsvp.meeting_id] = rsvp
    committees, documents, confirmed = _committees(everywhere), _documents(since), _confirmed(people)
    without = set(MessageSettings.objects.filter(user__in=people, publications=False).values_list("user", flat=True))
    agendas = call_context.with_agendas(
        call for call in calls if call.starts_at < clock.now() + timedelta(days=DAYS + 1)
    )
    return {
        person: Week(
            ahead=[
                _answered(call, answers.get((person, call.pk)))
                for call in calls
                if not call.committees.isdisjoint(roles)
            ][:LISTED],
            committees=[_held(committee, roles[committee.pk]) for committee in committees if committee.pk in roles],
            confirmed_at=confirmed.get(person),
            documents=[
                document
                for document in documents
                if _came_in(weeks[person], document.latest.uploaded_at) and document.is_open_to(roles)
            ],
            publications=[
                each
                for each in _about(
                    publications, [committee.issue_id for committee in committees if committee.pk in roles]
                )
                if person not in without and _came_in(weeks[person], each.published_at)
            ],
            agendas=agendas,
        )
        for person, roles in roles_of.items()
    }


def _calls(committees: Iterable[int]) -> list[Meeting]:
    """Of each the next ones that are on, soonest first."""
    rank = Window(RowNumber(), partition_by=F("committee"), order_by=["starts_at", "pk"])
    ahead = Meeting.objects.told().upcoming().not_cancelled().filter(of_committees(committees)).with_beside()
    return list(ahead.annotate(rank=rank).filter(rank__lte=LISTED).select_related("committee"))


def _committees(committees: Iterable[int]) -> list[Any]:
    """Standing ones by name, with how many are `asking` to join."""
    waiting = Count("requests", filter=Q(requests__in=JoinRequest.objects.waiting()))
    return list(Committee.objects.not_archived().filter(pk__in=committees).annotate(asking=waiting).order_by("name"))


def _came_in(week: tuple[datetime, datetime], moment: datetime) -> bool:
    start, end = week
    return start < moment <= end


def _documents(since: datetime) -> list[Any]:
    """All that came after it, newest first."""
    new = Document.objects.filter(withdrawn_at=None, latest__uploaded_at__gt=since)
    return list(new.select_related("committee", "latest").defer("latest__text").order_by("-latest_id"))


def _publications(since: datetime) -> list[Any]:
    """All that came out after it, newest first, each with the issues it has `touched`."""
    touched = ArrayAgg("also_about", filter=Q(also_about__isnull=False), default=Value([]))
    new = Publication.objects.published_since(since).select_related("issue").defer("body")
    return list(new.annotate(touched=touched).order_by("-published_at", "-pk"))


def _about(publications: Sequence[Any], issues: Sequence[int | None]) -> list[Any]:
    return [each for each in publications if {each.issue_id, *each.touched}.intersection(issues)]


def _confirmed(people: Iterable[int]) -> dict[int, datetime | None]:
    known_since = Greatest("confirmed_at", "user__admitted_at")
    return dict(Profile.objects.filter(user__in=people).values_list("user", known_since))


def _answered(call: Meeting, rsvp: Rsvp | None) -> Meeting:
    """The call with the answer of one person, as `with_answer_of` brings it."""
    mine = copy.copy(call)
    mine.my_response = rsvp.response if rsvp and rsvp.edition == call.edition else None
    mine.my_earlier = rsvp.response if rsvp else None
    return mine


def _held(committee: Any, role: str) -> Any:
    mine = copy.copy(committee)
    mine.my_role = role
    return mine

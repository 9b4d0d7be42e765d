"""The facts that mails about calls need, loaded for a whole batch, and the words in which mails describe a call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Max, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import Document, Membership
from events.calendar import ics
from events.messages import series_entries
from events.models import (
    AgendaItem,
    CalendarFeed,
    CalendarReply,
    CallCommittee,
    JointCommittee,
    Meeting,
    MeetingMove,
    PollVote,
    Proposal,
    Rsvp,
    RunningItem,
)
from events.models.agendas import call_end, running
from events.models.publishing import Changes
from members.mail.emails import placeholder
from members.mail.kinds import registry
from members.models import Delivery, User
from members.text.apart import apart
from members.text.phones import dial_url
from members.times import formats

TELLING = ["invitation", "moved"]  # what says that a call is at this time: their keys bear its edition


@dataclass(frozen=True)
class Paper:
    title: str
    url: str
    minutes: int
    needed_at: datetime | None
    decides: bool


@dataclass
class Call:
    """One call with its agenda items, papers and co-chairs."""

    meeting: Meeting
    agenda: list[RunningItem] = field(default_factory=list)
    papers: list[Paper] = field(default_factory=list)
    chairs: list[User] = field(default_factory=list)
    moves: dict[int, MeetingMove] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.meeting.get_absolute_url()

    @cached_property
    def fingerprint(self) -> int:
        """A value that differs after every change that a mail would show."""
        agenda = [
            (
                row.item.pk,
                row.item.version,
                row.item.minutes,
                row.starts_at,
                row.item.presenters,
            )
            for row in self.agenda
        ]
        return hash(
            (
                self.meeting.pk,
                self.meeting.updated_at,
                self.meeting.committee.name,
                self.meeting.asks_to_sign_in,
                self.meeting.join_is_open,
                repr((agenda, self.papers)),
                tuple(chair.pk for chair in self.chairs),
            )
        )


@dataclass
class Calls:
    """The facts of a batch of deliveries about calls.

    `waiting`: by call and person, answers by mail that the person has yet to confirm; `wrote`: their latest words. `known`: by call and person, the
    edition whose time they were told last, or answered. `changes`: by call and number of a published agenda, what
    changed since the one before; None for the first.
    `earlier`: by call and person, the call as they heard of it before it changed. `calendars`: by person, what they
    chose about their calendar; `said_yes`: calls and people who said yes to the time in the poll, and nothing since;
    `through`: of joint calls by call and person, the names of their own committees on it; `names`: of committees by scope; `entered`: calls that a mail put into the calendar of a person before mails brought them no entry.
    """

    by_id: dict[int, Call]
    rsvps: dict[tuple[int | None, int | None], Rsvp]
    changes: dict[tuple[int, int], Changes | None] = field(default_factory=dict)
    waiting: dict[tuple[int, int], CalendarReply] = field(default_factory=dict)
    wrote: dict[tuple[int, int], str] = field(default_factory=dict)
    known: dict[tuple[int | None, int | None], int] = field(default_factory=dict)
    earlier: dict[tuple[int, int], Any] = field(default_factory=dict)
    calendars: dict[int | None, CalendarFeed] = field(default_factory=dict)
    entered: set[tuple[int | None, int | None]] = field(default_factory=set)
    said_yes: set[tuple[int | None, int | None]] = field(default_factory=set)
    through: dict[tuple[int | None, int | None], list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    still_on: set[tuple[int | None, str]] = field(default_factory=set)

    def of(self, delivery: Delivery) -> Call:
        return self.by_id[delivery.about_id]

    def through_words(self, delivery: Delivery) -> str:
        """The committees through which the recipient is on the call, or was: never one they are not on."""
        own = self.through.get((delivery.about_id, delivery.recipient_id))
        return _and(own) if own else self.names.get(delivery.scope) or self.of(delivery).meeting.committee.name

    def shared_no_more(self, delivery: Delivery) -> bool:
        """The recipient is still on the committee through which they were invited: that has left the call."""
        return (delivery.recipient_id, delivery.scope) in self.still_on

    def answer(self, delivery: Delivery) -> str:
        """The recipient's answer to the present time of the call."""
        rsvp = self.rsvps.get((delivery.about_id, delivery.recipient_id))
        if self.polled(delivery):
            return Rsvp.Response.ACCEPTED
        return (
            rsvp.response if rsvp and rsvp.edition == self.of(delivery).meeting.edition else Rsvp.Response.NEEDS_ACTION
        )

    def polled(self, delivery: Delivery) -> bool:
        """Whether a yes in the poll is what is known of the recipient: this mail asks whether it still holds."""
        key = delivery.about_id, delivery.recipient_id
        return key in self.said_yes and key not in self.rsvps

    def unheard(self, delivery: Delivery, edition: int) -> MeetingMove | None:
        """The first move up to this edition that the recipient was not told of; None when they know that time."""
        known = self.known.get((delivery.about_id, delivery.recipient_id), edition)
        return self.of(delivery).moves.get(known + 1) if known < edition else None

    def brings_entry(self, delivery: Delivery) -> bool:
        """Whether the mail brings a calendar entry: not to whom the feed alone brings calls, unless one of before has
        to follow.
        """
        feed = self.calendars.get(delivery.recipient_id)
        return feed is None or feed.brings_entries or (delivery.about_id, delivery.recipient_id) in self.entered

    def alarm(self, delivery: Delivery) -> int | None:
        feed = self.calendars.get(delivery.recipient_id)
        return feed.alarm if feed else None

    def note(self, delivery: Delivery) -> str:
        rsvp = self.rsvps.get((delivery.about_id, delivery.recipient_id))
        return rsvp.note if rsvp else ""


def load(deliveries: Sequence[Delivery]) -> Calls:
    ids = {delivery.about_id for delivery in deliveries}
    calls = with_agendas(Meeting.objects.for_mails().filter(pk__in=ids))
    _add_chairs(calls)
    for move in MeetingMove.objects.select_related("moved_by").filter(meeting__in=ids):
        calls[move.meeting_id].moves[move.edition] = move
    people = [delivery.recipient_id for delivery in deliveries]
    rsvps = Rsvp.objects.filter(meeting__in=ids, user__in=people)
    found = Calls(calls, {(rsvp.meeting_id, rsvp.user_id): rsvp for rsvp in rsvps})
    found.calendars = {feed.user_id: feed for feed in CalendarFeed.objects.filter(user__in=people)}
    found.through, found.names = _own_committees(calls, deliveries)
    without = [pk for pk, feed in found.calendars.items() if not feed.brings_entries]
    if without:
        found.entered = _entered(calls, without)
    return found


def _own_committees(
    calls: dict[int, Call], deliveries: Sequence[Delivery]
) -> tuple[dict[tuple[int | None, int | None], list[str]], dict[str, str]]:
    """Of the joint ones among these calls, and the names of those committees, as `Calls` has them."""
    shared = [pk for pk, call in calls.items() if call.meeting.was_joint]
    if not shared:
        return {}, {}
    beside = JointCommittee.objects.filter(meeting__in=shared).values_list("meeting", "committee", "committee__name")
    joint: set[int] = set()
    names: dict[str, str] = {}
    for meeting, committee, name in beside:
        names[f"committee:{committee}"] = name
        joint.add(meeting)
    through: dict[tuple[int | None, int | None], list[str]] = {}
    if joint:
        people = {delivery.recipient_id for delivery in deliveries}
        held = Membership.objects.held().filter(user__in=people).values("pk")
        there = CallCommittee.objects.filter(meeting__in=joint, committee__memberships__in=held)
        seats = there.order_by("meeting", "rank").values_list(
            "meeting", "committee__memberships__user", "committee__name"
        )
        for meeting, person, name in seats:
            through.setdefault((meeting, person), []).append(name)
    return through, names


def asking_kinds() -> list[str]:
    """The kinds whose mails put a call into a calendar."""
    return [kind for kind, notice in registry.items() if getattr(notice, "method", "") == ics.REQUEST]


def _entered(calls: dict[int, Call], people: Sequence[int | None]) -> set[tuple[int | None, int | None]]:
    """By themselves, or as a date of their series."""
    sent = Delivery.objects.filter(
        about__in=[f"meeting:{pk}" for pk in calls], recipient__in=people, kind__in=asking_kinds(), state="sent"
    ).filter(sent_at__lt=F("recipient__calendar_feed__entries_ended_at"))
    alone = set(sent.order_by().values_list("about_id", "recipient"))
    of_series = {pk: call.meeting.series_id for pk, call in calls.items() if call.meeting.series_id}
    whole = series_entries.entered(set(of_series.values()), people) if of_series else set()
    return alone | {(pk, person) for pk, series in of_series.items() for entry, person in whole if entry == series}


def load_with_known(deliveries: Sequence[Delivery]) -> Calls:
    """Load the calls together with the edition that each recipient knows: whoever was not told of a move knows the time
    before.
    """
    calls = load(deliveries)
    told = Delivery.objects.filter(
        kind__in=TELLING,
        state=Delivery.State.SENT,
        about__in={delivery.about for delivery in deliveries},
        recipient__in=[delivery.recipient_id for delivery in deliveries],
    )
    newest = told.order_by().values_list("about_id", "recipient").annotate(newest=Max("dedupe_number"))
    known = {(meeting, person): edition for meeting, person, edition in newest}
    for key, rsvp in calls.rsvps.items():
        if key in known and rsvp.response != Rsvp.Response.NEEDS_ACTION:
            known[key] = max(known[key], rsvp.edition)
    return replace(calls, known=known)


def said_yes(calls: Iterable[int], people: Iterable[int | None]) -> set[tuple[int | None, int | None]]:
    """Who said yes in a poll to the time that a call has now, as (call, person)."""
    votes = PollVote.objects.to_their_calls().filter(slot__poll__meeting__in=list(calls), user__in=list(people))
    return set(votes.order_by().values_list("slot__poll__meeting", "user"))


def with_agendas(meetings: Iterable[Meeting]) -> dict[int, Call]:
    """The calls with their agenda items and papers, by number."""
    calls = {meeting.pk: Call(meeting) for meeting in meetings}
    _add_agendas(calls)
    return calls


def _add_agendas(calls: dict[int, Call]) -> None:
    items: dict[int, list[AgendaItem]] = {pk: [] for pk in calls}
    for item in AgendaItem.objects.in_order().filter(meeting__in=calls).to_be_told():
        items[item.meeting_id].append(item)
    papers = papers_by_item(calls)
    for pk, call in calls.items():
        call.agenda = running(items[pk], call.meeting.starts_at)
        for row in call.agenda:
            call.papers += [
                _paper(document, row)
                for document in papers.get(row.item.pk, [])
                if all(document.title != paper.title for paper in call.papers)
            ]


def papers_by_item(calls: Iterable[int]) -> dict[int, list[Document]]:
    """By agenda item, the papers that everybody on the committee may read; for calls by their numbers."""
    theirs = Q(
        document__committee=F("agendaitem__meeting__committee"), agendaitem__meeting__in=_of_one_committee(calls)
    )
    open_to = [Document.Audience.MEMBERS, Document.Audience.PUBLIC]
    shared = Q(document__audience__in=open_to, document__committee__confidential=False)
    through = AgendaItem.papers.through.objects.filter(
        theirs | shared, agendaitem__meeting__in=list(calls), document__withdrawn_at=None
    ).order_by("pk")
    documents = (
        Document.objects.filter(pk__in=through.values("document"))
        .exclude(latest=None)
        .select_related("latest")
        .defer("latest__text")
    )
    readable = {document.pk: document for document in documents}
    found: dict[int, list[Document]] = {}
    for item, document in through.values_list("agendaitem", "document"):
        if document in readable:
            found.setdefault(item, []).append(readable[document])
    return found


def _of_one_committee(calls: Iterable[int]) -> QuerySet[Meeting]:
    """Those whose people may all read the papers of the host: they are on no other committee's account."""
    return Meeting.objects.filter(pk__in=list(calls)).exclude(joint__in=JointCommittee.objects.standing())


def _paper(document: Document, row: RunningItem) -> Paper:
    assert document.latest is not None
    url = settings.SITE_URL + document.get_absolute_url()
    return Paper(
        document.title, url, document.latest.reading_minutes, row.starts_at, row.item.kind == AgendaItem.Kind.DECISION
    )


def _add_chairs(calls: dict[int, Call]) -> None:
    committees = {call.meeting.committee_id for call in calls.values()}
    memberships = Membership.objects.held().filter(role=Membership.Role.CHAIR, committee__in=committees)
    by_committee: dict[int, list[User]] = {}
    for membership in memberships.select_related("user__profile").order_by("started_on", "pk"):
        by_committee.setdefault(membership.committee_id, []).append(membership.user)
    for call in calls.values():
        call.chairs = by_committee.get(call.meeting.committee_id, [])


# Words -------------------------------------------------------------------------------------------------


def context(call: Call, answer: str) -> dict[str, Any]:
    """The template context of every mail about a call, in the active zone. Its links hold a placeholder for the token."""
    meeting = call.meeting
    may_join = answer != Rsvp.Response.WAITING
    token = settings.SITE_URL + reverse("rsvp_link", args=[placeholder("rsvp")])
    return {
        "call": call,
        "meeting": meeting,
        "committee": meeting.committee,
        "answer": answer if answer != Rsvp.Response.NEEDS_ACTION else "",
        "going_url": f"{token}?answer=accepted",
        "maybe_url": f"{token}?answer=tentative",
        "cant_url": f"{token}?answer=declined",
        "calendar_url": settings.SITE_URL + reverse("rsvp_link_calendar", args=[placeholder("rsvp")]),
        "url": call.url,
        "committee_url": settings.SITE_URL + meeting.committee.get_absolute_url(),
        "join_url": settings.SITE_URL + reverse("meeting_join", args=[meeting.slug])
        if meeting.video_url and may_join
        else "",
        "join_words": _("Join on %s") % meeting.video_service if meeting.video_service else _("Join the call"),
        "dial_in": meeting.dial_in if may_join else "",
        "dial_url": dial_url(meeting.dial_in),
        "join_opens": formats.clock_only(meeting.join_opens_at),
        "join_is_open": meeting.join_is_open,
        **times(meeting, meeting.starts_at),
        "when_sub": " ".join(filter(None, [zone_words(meeting, meeting.starts_at), place_words(meeting)])),
        "place_words": place_words(meeting),
        "clock_change": formats.clock_change(meeting.starts_at),
        "agenda": [(_bare(row.starts_at), row.item) for row in call.agenda],
        "agenda_end": _bare(call_end(call.agenda, meeting)),
        "papers": [(paper, _bare(paper.needed_at)) for paper in call.papers],
        "reading_minutes": sum(paper.minutes for paper in call.papers),
        "chairs": _and(chair.name for chair in call.chairs),
        "chairs_apart": apart(chair.name for chair in call.chairs),
    }


def _bare(moment: datetime | None) -> str:
    return formats.bare(moment) if moment else ""


def times(meeting: Meeting, start: datetime) -> dict[str, Any]:
    """The words for the time of a call, in the active zone."""
    return {
        "when": formats.span(start, meeting.duration),
        "when_listed": formats.listed(start),
        "zone_words": zone_words(meeting, start),
        "day_and_clock": day_and_clock(start),
        "day": formats.day_short(start),
        "brief": formats.brief(start),
        "brief_clock": formats.brief_clock(start),
        "clock": formats.clock_only(start),
    }


def zone_words(meeting: Meeting, start: datetime) -> str:
    """The reader's zone and the committee's time, if that differs: "Your time, Mountain. 3:00 PM Eastern"."""
    own = _("Your time, %(zone)s.") % {"zone": formats.zone_name()}
    here, there = timezone.localtime(start), start.astimezone(ZoneInfo(meeting.timezone))
    if here.utcoffset() == there.utcoffset():
        return own
    with timezone.override(meeting.timezone):
        clock = formats.clock_only(start)
        words = {
            "zone": formats.zone_name(),
            "clock": clock if here.date() == there.date() else f"{formats.day_short(start)}, {clock}",
        }
    return f"{own} {_('%(clock)s %(zone)s.') % words}"


def place_words(meeting: Meeting) -> str:
    """How to attend: "On Zoom, or by phone"."""
    video = _("On %s") % meeting.video_service if meeting.video_service else _("By video")
    if meeting.video_url and meeting.dial_in:
        return _("%(video)s, or by phone.") % {"video": video}
    if meeting.video_url:
        return f"{video}."
    return _("By phone.") if meeting.dial_in else _("The link follows.")


def day_and_clock(start: datetime) -> str:
    """ "Thu, March 11, 1:00 PM", in the active zone."""
    return f"{formats.day_short(start)}, {formats.clock_only(start)}"


def weekday_and_clock(start: datetime, now: datetime) -> str:
    """ "Thursday 1:00 PM" within the coming six days, later with the date."""
    days = (timezone.localtime(start).date() - timezone.localtime(now).date()).days
    if 0 <= days < 7:
        return f"{date_format(timezone.localtime(start), 'l')} {formats.clock_only(start)}"
    return day_and_clock(start)


def moved(call: Call, move: MeetingMove, was: datetime) -> dict[str, Any]:
    """The words about a move: the old time, the new one, who moved the call and why."""
    return {
        "old_when": formats.listed(was),
        "old_day": formats.date_only(was),
        "old_day_and_clock": day_and_clock(was),
        "moved_by": name_of(move.moved_by),
        "reason": move.reason,
    }


def name_of(person: User | None) -> str:
    return person.get_short_name() if person else _("The co-chairs")


def soon(meeting: Meeting) -> str:
    return capfirst(formats.near(meeting.starts_at, meeting.duration))


def to_read(call: Call) -> str:
    """What there is to read before: "5 items, 1 document to read (4 min)"."""
    items = ngettext("%(count)d item", "%(count)d items", len(call.agenda)) % {"count": len(call.agenda)}
    if not call.papers:
        return _("%s.") % items
    documents = ngettext("%(count)d document to read", "%(count)d documents to read", len(call.papers)) % {
        "count": len(call.papers)
    }
    minutes = sum(paper.minutes for paper in call.papers)
    return (
        _("%(items)s, %(documents)s (%(minutes)d min).") % {"items": items, "documents": documents, "minutes": minutes}
        if minutes
        else _("%(items)s, %(documents)s.") % {"items": items, "documents": documents}
    )


def _and(names: Iterable[str]) -> str:
    listed = list(names)
    if len(listed) < 2:
        return "".join(listed)
    return _("%(first)s and %(last)s") % {"first": ", ".join(listed[:-1]), "last": listed[-1]}

"""Calls of the demo network, dated from today: each start of the demo tops up what has passed.

Past calls carry answers written straight into the tables, because the verb refuses to answer a call that is over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from committees.models import Committee, Document
from events.agenda import publishing
from events.messages.agendas import AgendaPublished
from events.models import AgendaItem, AgendaPublication, CallRun, LogEntry, Meeting, Rsvp, RsvpAnswer
from events.schedule import sharing
from members.models import Delivery, User
from portal.demo import texts
from portal.demo.cast import Cast

ANSWERS = (Rsvp.Response.ACCEPTED, Rsvp.Response.TENTATIVE, Rsvp.Response.DECLINED)
QUARTER = 15  # minutes; calls begin on one
PLAIN = ("title", "summary", "duration", "public", "video_url", "dial_in", "seats")
Story = dict[str, Any]


def load(cast: Cast, committees: dict[str, Committee], documents: dict[str, Document]) -> int:
    """Put on what the story has and the network lacks; how many calls that were."""
    added = 0
    for told in texts.table("calls.toml")["calls"]:
        committee = committees[told["committee"]]
        if told["by"] in cast and not _stands(told, committee):
            _put_on(told, committees, cast, documents)
            added += 1
    return added


def _stands(told: Story, committee: Committee) -> bool:
    found = committee.meetings.filter(title=told["title"])
    if told.get("days", 0) >= 0:
        found = found.upcoming()
    return found.exists()


def _put_on(told: Story, committees: dict[str, Committee], cast: Cast, documents: dict[str, Document]) -> None:
    by, committee = cast[told["by"]], committees[told["committee"]]
    when = _start(told, committee)
    first = _moment(told["moved"]["from_days"], told["moved"]["from_time"], committee) if "moved" in told else when
    words = {name: told[name] for name in PLAIN if name in told}
    meeting = Meeting.schedule(committee, by, told_at=None if told.get("draft") else timezone.now(), **first, **words)
    for slug in told.get("with", []):
        sharing.share(meeting, committees[slug], by, tell=False)
    published = told.get("published", {})
    for number, item in enumerate(told.get("agenda", []), 1):
        _add_item(meeting, item, by, cast, documents)
        if number == published.get("items"):
            _publish(meeting, by, published["days_ago"])
    if not {"draft", "published", "agenda_later"} & told.keys():
        _brought_by_invitation(meeting, by)
    if "moved" in told:
        for person in cast.all(told["moved"]["had_said_yes"]):
            Rsvp.record(meeting, person, Rsvp.Response.ACCEPTED, seen=0)
        meeting.move(by, reason=told["moved"]["reason"], timezone=committee.timezone, **when)
    _answer(meeting, told, cast)
    if "reached" in told:
        _was_run(meeting, by, told["reached"])
    if "cancelled" in told:
        meeting.cancel(by, told["cancelled"])
    if meeting.is_over:
        Meeting.objects.filter(pk=meeting.pk).update(
            created_at=meeting.starts_at - timedelta(days=20), told_at=meeting.starts_at - timedelta(days=20)
        )


def _start(told: Story, committee: Committee) -> dict[str, Any]:
    if "starts_in" in told:
        return _minutes_ahead(told["starts_in"], committee)
    return _moment(told["days"], told["time"], committee, exact=told.get("exact", False))


def _minutes_ahead(minutes: int, committee: Committee) -> dict[str, Any]:
    moment = datetime.now(ZoneInfo(committee.timezone)) + timedelta(minutes=minutes)
    return {
        "local_date": moment.date(),
        "local_time": moment.time().replace(second=0, microsecond=0),
        "fold": moment.fold,
    }


def _moment(days: int, at: str, committee: Committee, *, exact: bool = False) -> dict[str, Any]:
    on = datetime.now(ZoneInfo(committee.timezone)).date() + timedelta(days=days)
    return {"local_date": on if exact else _weekday(on), "local_time": time.fromisoformat(at)}


def _weekday(on: date) -> date:
    return on + timedelta(days={5: 2, 6: 1}.get(on.weekday(), 0))


def _add_item(meeting: Meeting, item: Story, by: User, cast: Cast, documents: dict[str, Document]) -> None:
    AgendaItem.add(
        meeting,
        by,
        title=item["title"],
        kind=item["kind"],
        minutes=item.get("minutes"),
        presenter=next(iter(cast.all([item.get("presenter", "")])), None),
        also_presenting=cast.all(item.get("also", [])),
        guests=item.get("guests", ""),
        description=item.get("description", ""),
        papers=[documents[title] for title in item.get("papers", []) if title in documents],
    )


def _publish(meeting: Meeting, by: User, days_ago: int) -> None:
    """As it was some days ago: the committee found it in that day's summary."""
    publication = publishing.publish_agenda(meeting, by)
    assert publication is not None
    published_at = timezone.now() - timedelta(days=days_ago, hours=2)
    AgendaPublication.objects.filter(pk=publication.pk).update(published_at=published_at)
    told = Delivery.objects.filter(kind=AgendaPublished.kind, about=meeting.about)
    morning = timezone.localtime(published_at + timedelta(days=1), timezone.get_default_timezone())
    told.update(
        state=Delivery.State.SUPPRESSED,
        reason=_("It came in the summary of %(day)s.") % {"day": date_format(morning, "l, F j")},
        created_at=published_at,
        due_at=published_at,
        next_try_at=published_at,
        claims=1,
    )


def _brought_by_invitation(meeting: Meeting, by: User) -> None:
    publication = publishing.keep(meeting, by)
    if publication:
        AgendaPublication.objects.filter(pk=publication.pk).update(
            published_at=min(timezone.now(), meeting.starts_at) - timedelta(days=19)
        )


def _was_run(meeting: Meeting, by: User, reached: int) -> None:
    """From its planned start to its end, so many items of its agenda; the verb refuses to run a call that is over."""
    run = CallRun.objects.create(
        meeting=meeting, started_at=meeting.starts_at, started_by=by, ended_at=meeting.ends_at, ended_by=by
    )
    for number, item in enumerate(meeting.agenda_items.in_order()[1:reached], 1):
        at = meeting.starts_at + timedelta(minutes=15 * number)
        run.entries.create(key=uuid4(), kind=LogEntry.Kind.ITEM, made_at=at, arrived_at=at, by=by, agenda_item=item)


# Answers ----------------------------------------------------------------------------------------


def _answer(meeting: Meeting, told: Story, cast: Cast) -> None:
    answers = _who_says_what(meeting, told, cast)
    if meeting.is_over:
        _answered_in_time(meeting, answers)
        return
    for person, response in answers:
        Rsvp.record(meeting, person, response, seen=0)
    for name, note in told.get("notes", {}).items():
        Rsvp.objects.filter(meeting=meeting, user__in=cast.all([name])).update(note=note)


def _who_says_what(meeting: Meeting, told: Story, cast: Cast) -> list[tuple[User, str]]:
    """`answers` counts going, maybe and can't; `going` names those of the first that the story knows."""
    named = cast.all(told.get("going", []))
    decided = [*named, *cast.all(told.get("silent", [])), *cast.all(told.get("moved", {}).get("had_said_yes", []))]
    others = [person for person in meeting.invitees() if person not in decided]
    Random(meeting.title).shuffle(others)
    people = iter(named + others)
    return [
        (person, response)
        for response, count in zip(ANSWERS, told.get("answers", (0, 0, 0)), strict=True)
        for person, _ in zip(people, range(count), strict=False)
    ]


def _answered_in_time(meeting: Meeting, answers: Iterable[tuple[User, str]]) -> None:
    chance = Random(meeting.slug)
    rows = [
        Rsvp(
            meeting=meeting,
            user=person,
            response=response,
            edition=meeting.edition,
            version=1,
            answered_at=meeting.starts_at - timedelta(hours=chance.randint(1, 200)),
        )
        for person, response in answers
    ]
    Rsvp.objects.bulk_create(rows)
    written = RsvpAnswer.objects.bulk_create(
        RsvpAnswer(
            rsvp=row, edition=row.edition, response=row.response, seen=0, source=Rsvp.Source.PAGE, answered_by=row.user
        )
        for row in rows
    )
    for answer, row in zip(written, rows, strict=True):
        answer.answered_at = row.answered_at
    RsvpAnswer.objects.bulk_update(written, ["answered_at"])

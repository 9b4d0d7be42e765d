"""The calendar entry of a mail about a whole series: its rule, and each date that differs, with the answers of the recipient.

One entry speaks for many calls, so whose answers come back is said by a tag that names one of them: the next.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.calendar import ics
from events.models import CalendarFeed, Meeting, MeetingSeries, Rsvp, SeriesAnswer
from members.mail import links, reply_addresses
from members.mail.emails import placeholder, thread_id
from members.mail.kinds import registry
from members.models import Delivery
from members.times import formats

ENTRIES_ENDED = F("recipient__calendar_feed__entries_ended_at")
BUTTONS = {"going_url": "accepted", "maybe_url": "tentative", "cant_url": "declined"}


@dataclass
class SeriesEntries:
    """Of a batch of deliveries, by number of the series: the row, and its calls that are told or about to be, in order.

    `answers`: by series and person, what they said to which call; `to_all`: and last to all dates; `calendars`: by person,
    what they chose; `entered`: series and people as `entered` finds them.
    """

    series: dict[int, MeetingSeries] = field(default_factory=dict)
    calls: dict[int, list[Meeting]] = field(default_factory=dict)
    answers: dict[tuple[int, int], dict[int, str]] = field(default_factory=dict)
    to_all: dict[tuple[int, int], str] = field(default_factory=dict)
    calendars: dict[int, CalendarFeed] = field(default_factory=dict)
    entered: set[tuple[int | None, int | None]] = field(default_factory=set)

    def of(self, delivery: Delivery) -> MeetingSeries:
        return self.series[delivery.about_id or 0]

    def told(self, delivery: Delivery) -> list[Meeting]:
        return self.calls.get(delivery.about_id or 0, [])

    def coming(self, delivery: Delivery) -> list[Meeting]:
        return [call for call in self.told(delivery) if not (call.is_cancelled or call.is_over)]

    def said(self, delivery: Delivery) -> dict[int, str]:
        return self.answers.get((delivery.about_id or 0, delivery.recipient_id or 0), {})

    def answer(self, delivery: Delivery) -> str:
        """To all dates, "" without one."""
        found = self.to_all.get((delivery.about_id or 0, delivery.recipient_id or 0), "")
        return found if found != Rsvp.Response.NEEDS_ACTION else ""

    def brings_entry(self, delivery: Delivery) -> bool:
        """Not to whom the feed alone brings calls, unless one of before has to follow."""
        feed = self.calendars.get(delivery.recipient_id or 0)
        return feed is None or feed.brings_entries or (delivery.about_id, delivery.recipient_id) in self.entered

    def alarm(self, delivery: Delivery) -> int | None:
        feed = self.calendars.get(delivery.recipient_id or 0)
        return feed.alarm if feed else None

    def next_call(self, delivery: Delivery) -> Meeting | None:
        """The one whose number stands for the series in addresses of this recipient."""
        coming = self.coming(delivery)
        return coming[0] if coming else next(reversed(self.told(delivery)), None)

    def method(self, delivery: Delivery) -> str:
        """A series of which nothing is left is called off."""
        return ics.REQUEST if any(not call.is_cancelled for call in self.told(delivery)) else ics.CANCEL

    def key(self, delivery: Delivery) -> Hashable:
        """What of one recipient's entry is other than of another's."""
        said = tuple(sorted(self.said(delivery).items()))
        return self.brings_entry(delivery), self.alarm(delivery), said


def load(deliveries: Sequence[Delivery]) -> SeriesEntries:
    ids, people = ({getattr(each, name) for each in deliveries} for name in ("about_id", "recipient_id"))
    rows = MeetingSeries.objects.select_related("committee").filter(pk__in=ids)
    found = SeriesEntries({row.pk: row for row in rows})
    for call in Meeting.objects.exclude(told_at=None).filter(series__in=ids).order_by("original_start"):
        series = found.series[call.series_id or 0]
        call.series, call.committee = series, series.committee
        found.calls.setdefault(series.pk, []).append(call)
    editions = {call.pk: (call.series_id or 0, call.edition) for calls in found.calls.values() for call in calls}
    for rsvp in Rsvp.objects.filter(meeting__in=editions, user__in=people):
        of, edition = editions[rsvp.meeting_id]
        if rsvp.edition == edition:
            found.answers.setdefault((of, rsvp.user_id), {})[rsvp.meeting_id] = rsvp.response
    for answer in SeriesAnswer.objects.standing().filter(series__in=ids, user__in=people):
        found.to_all[answer.series_id, answer.user_id] = answer.response
    found.calendars = {feed.user_id: feed for feed in CalendarFeed.objects.filter(user__in=people)}
    without = [pk for pk, feed in found.calendars.items() if not feed.brings_entries]
    if without:
        found.entered = entered(found.series, without)
    return found


def series_kinds() -> list[str]:
    """The kinds whose mails put a series into a calendar."""
    return [kind for kind, notice in registry.items() if getattr(notice, "brings_series", False)]


def entered(series: Iterable[int], people: Iterable[int | None]) -> set[tuple[int | None, int | None]]:
    """Which series a mail put into whose calendar, before mails brought them no entry."""
    sent = Delivery.objects.filter(
        about__in=[f"series:{pk}" for pk in series], recipient__in=people, kind__in=series_kinds(), state="sent"
    ).filter(sent_at__lt=ENTRIES_ENDED)
    return set(sent.order_by().values_list("about_id", "recipient"))


def brought(person: OuterRef, about: str) -> QuerySet[Delivery]:
    """The mails that put this series into the calendar of a person."""
    sent = Delivery.objects.filter(recipient=person, about=about, kind__in=series_kinds(), state=Delivery.State.SENT)
    return sent.filter(Q(recipient__calendar_feed__entries_ended_at=None) | Q(sent_at__lt=ENTRIES_ENDED))


def calendar(delivery: Delivery, entries: SeriesEntries) -> dict[str, str]:
    """As `Notice.calendar`."""
    if not entries.brings_entry(delivery) or not entries.told(delivery):
        return {}
    series, method = entries.of(delivery), entries.method(delivery)
    if method == ics.CANCEL:
        written = ics.cancel_series(series, placeholder("organizer"), placeholder("attendee"))
    else:
        written = ics.invite_series(
            series,
            entries.told(delivery),
            placeholder("organizer"),
            lambda answer: placeholder(f"attendee_{answer}"),
            answers=entries.said(delivery),
            alarm=entries.alarm(delivery),
        )
    return {"calendar": written, "method": method}


def entry_words(delivery: Delivery, entries: SeriesEntries) -> str:
    if not entries.brings_entry(delivery):
        return _("All dates are in your calendar feed.")
    if entries.method(delivery) == ics.CANCEL:
        return _("The attached entry takes it off your calendar.")
    return _("The calendar entry of all dates is attached.")


def zone_words(series: MeetingSeries) -> str:
    """The reader's zone, and the committee's time if that differs: "Times are yours, Mountain. 3:00 PM Eastern."."""
    own = _("Times are yours, %(zone)s.") % {"zone": formats.zone_name()}
    start = series.starts_at
    if timezone.localtime(start).utcoffset() == start.astimezone(series.zone).utcoffset():
        return own
    with timezone.override(series.zone):
        words = {"clock": formats.clock_only(start), "zone": formats.zone_name()}
    return f"{own} {_('%(clock)s %(zone)s.') % words}"


def values(delivery: Delivery, entries: SeriesEntries) -> dict[str, str]:
    """Of the placeholders: organizer, attendee, tag, thread, and rsvp for the address where one answers all dates."""
    call, person = entries.next_call(delivery), delivery.recipient
    if call is None or person is None:
        return {}
    tag = reply_addresses.tag(reply_addresses.ANSWER, person.pk, call.pk)
    lines = {f"attendee_{each}": ics.attendee(person, each, asks=True) for each in Rsvp.Response.values}
    return lines | {
        "attendee": ics.attendee(person, Rsvp.Response.NEEDS_ACTION, asks=False),
        "organizer": ics.organizer(entries.of(delivery).committee.name, reply_addresses.tagged(tag)),
        "tag": tag,
        "thread": thread_id(delivery.about, person.pk),
        "rsvp": links.rsvp_token(person.pk, call.pk),
    }


def answering() -> dict[str, str]:
    """Where all dates are answered, for the context of a mail: a placeholder stands for the token."""
    token = settings.SITE_URL + reverse("rsvp_link", args=[placeholder("rsvp")])
    return {name: f"{token}?dates=all&answer={answer}" for name, answer in BUTTONS.items()}


def headers(delivery: Delivery, entries: SeriesEntries) -> dict[str, str]:
    root = placeholder("thread")
    return {"References": root, "In-Reply-To": root, "Thread-Topic": entries.of(delivery).title}

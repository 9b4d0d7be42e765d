"""A member's own calendar: an address that calendar programs read by themselves, without cookie or login.

The address is the key. It is made from the person and a number that grows when they want another one, and signed, so
nothing secret is stored. What a calendar says is made of `calls` alone, and its version is a digest of the same rows,
taken by the database in one statement: no write can forget it, and an unchanged calendar is never built
(docs/adr/0011-a-feed-is-its-facts.md). Reading changes nothing; who read last is kept in the cache.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from events.calendar import entries, ics, zones
from events.models import CalendarFeed, Meeting, Rsvp
from events.models.meetings import MeetingQuerySet
from members.models import User

FORMAT = 3  # raise it when entries are written differently: programs then read everything again
KEPT = timedelta(days=90)  # after a call, or after it was canceled
AHEAD = timedelta(days=365)  # what lies further comes when it is nearer: most programs read all of it every hour
REMEMBERED = 400 * 24 * 60 * 60  # seconds

READERS = {  # what is in the User-Agent of programs that read calendars
    "google": "Google Calendar",
    "microsoft": "Outlook",
    "outlook": "Outlook",
    "dataaccessd": "iPhone or iPad",
    "ios/": "iPhone or iPad",
    "calendaragent": "Apple Calendar",
    "macos": "Apple Calendar",
    "mac os x": "Apple Calendar",
    "thunderbird": "Thunderbird",
    "yahoo": "Yahoo Calendar",
    "icsx": "ICSx⁵",
    "davx": "DAVx⁵",
}


# The address ---------------------------------------------------------------------------------------


def _signer() -> signing.Signer:
    return signing.Signer(sep=".", salt="events.feeds")


def token(person: User, number: int) -> str:
    return _signer().sign(f"{person.pk}.{number}")


def address(person: User, number: int) -> str:
    return settings.SITE_URL + reverse("calendar_feed", args=[token(person, number)])


def webcal(https_address: str) -> str:
    """The same for programs that subscribe when they see this scheme."""
    return f"webcal://{https_address.partition('://')[2]}"


def number_of(person: User) -> int:
    return CalendarFeed.of(person).number


def owner(of_token: str) -> tuple[User, int] | None:
    """Whose address it is, while it holds and they are a member: also that of an account they took up."""
    try:
        pk, _dot, number = _signer().unsign(of_token).partition(".")
    except signing.BadSignature:
        return None
    accounts = User.objects.alias(holds=Coalesce(F("calendar_feed__number"), Value(0)))
    named = accounts.filter(pk=int(pk), holds=int(number))
    theirs = Q(pk__in=named.values("pk")) | Q(pk__in=named.exclude(merged_into=None).values("merged_into"))
    person = User.objects.members().select_related("calendar_feed").filter(theirs).first()
    return (person, int(number)) if person else None


# What is in it -------------------------------------------------------------------------------------


def calls(person: User) -> MeetingQuerySet:
    """Calls of the committees this person is on, but for those declined. All that a calendar says is in these columns."""
    since, way = Now() - KEPT, CalendarFeed.of(person).way
    mine = Meeting.objects.of(person).select_related("committee", "series").with_answer_of(person)
    if way == CalendarFeed.Way.MAIL:
        return mine.none()
    left_out = [Rsvp.Response.DECLINED]
    if way == CalendarFeed.Way.REST:
        left_out.append(Rsvp.Response.ACCEPTED)
    kept = mine.filter(
        Q(cancelled_at=None) | Q(cancelled_at__gt=since),
        Q(my_response=None) | ~Q(my_response__in=left_out),
        ends_at__gt=since,
        starts_at__lt=Now() + AHEAD,
    )
    facts = [*entries.FACTS, *entries.DATE_FACTS, *(f"committee__{name}" for name in entries.COMMITTEE_FACTS)]
    facts += [f"series__{name}" for name in entries.SERIES_FACTS]
    return kept.only(*facts).order_by("starts_at", "pk")


def version(person: User) -> str:
    """Another one whenever `calendar` would say something else."""
    feed = CalendarFeed.of(person)
    zone = zones.vtimezone(person.timezone, *_years())
    words = f"{FORMAT} {person.pk} {_facts(person)} {settings.SITE_URL} {settings.ORG_NAME} {get_language()}"
    words += f" {person.timezone} {zone} {feed.way} {feed.alarm}"
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _facts(person: User) -> str:
    """A digest of the rows, "" when there are none to ask for."""
    try:
        rows, parameters = calls(person).order_by().query.sql_with_params()
    except EmptyResultSet:
        return ""
    digest = f"SELECT md5(coalesce(string_agg(fact::text, '' ORDER BY fact::text), '')) FROM ({rows}) AS fact"  # noqa: S608 (compiled by Django)
    with connection.cursor() as cursor:
        cursor.execute(digest, parameters)
        return cursor.fetchone()[0]


def calendar(person: User) -> bytes:
    name = _("%(organization)s calls") % {"organization": settings.ORG_NAME}
    return ics.feed(calls(person), name, person.zone, _years(), alarm=CalendarFeed.of(person).alarm)


def _years() -> tuple[int, int]:
    """Those of `KEPT` and `AHEAD`, and before them one in which clocks changed."""
    year = timezone.now().year
    return year - 1, year + 2


def changed_at(person: User, current: str) -> int:
    """Since when, in seconds, this version is served: for programs that know Last-Modified and no ETag.

    At least one second after the version before it, or two within a second would look the same. When the cache forgets,
    programs read a calendar once more than they need.
    """
    key = f"feed-version:{person.pk}"
    known, at = cache.get(key, ("", 0))
    if known != current:
        at = max(int(time.time()), at + 1)
        cache.set(key, (current, at), REMEMBERED)
    return at


# Who reads it --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    by: str
    at: datetime


def note_reading(person: User, number: int, user_agent: str) -> None:
    said = user_agent.lower()
    name = next((name for sign, name in READERS.items() if sign in said), "")
    cache.set(_reading_key(person, number), Reading(name, timezone.now()), REMEMBERED)


def last_reading(person: User, number: int) -> Reading | None:
    """Of the address with this number, as far as the cache remembers."""
    return cache.get(_reading_key(person, number))


def _reading_key(person: User, number: int) -> str:
    return f"feed-read:{person.pk}:{number}"

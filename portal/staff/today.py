"""What the page Today shows: numbers that lead on, and the first few of what waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from committees.models import JoinRequest
from events.models import Meeting
from members.models import Application, InboundMail, User
from portal.staff.renames import Renamed
from portal.templatetags.times import when_list


@dataclass(frozen=True)
class Count:
    """How many there are, and where they are listed; `since` the oldest of them waits."""

    number: int
    words: str
    note: str
    url: str
    since: datetime | None = None


@dataclass(frozen=True)
class Row:
    """`is_name`: the title is a person's name, in whatever letters."""

    title: str
    url: str
    words: str
    at: datetime | None = None
    person: User | None = None
    is_name: bool = True


@dataclass(frozen=True)
class Section:
    """The first of some that wait, or what it says when there are none. `all_of` what lies at `all_url`."""

    name: str
    title: str
    rows: list[Row]
    all_url: str = ""
    all_of: str = ""
    empty: str = ""
    empty_text: str = ""


def applications_count(number: int, oldest: Application | None) -> Count:
    words = ngettext("application to decide", "applications to decide", number)
    note = _("The oldest came") if oldest else _("Nobody is waiting")
    return Count(number, words, note, reverse("staff_applications"), oldest.submitted_at if oldest else None)


def requests_count(number: int, oldest: JoinRequest | None) -> Count:
    words = ngettext("request to join", "requests to join", number)
    note = _("The oldest came") if oldest else _("Nothing waits for co-chairs")
    return Count(number, words, note, "#requests", oldest.asked_at if oldest else None)


def refused_count(number: int) -> Count:
    words = ngettext("message refused", "messages refused", number)
    note = _("See why, and fix the addresses") if number else _("Everything was taken")
    return Count(number, words, note, reverse("staff_refused"))


def mail_count(number: int, oldest: InboundMail | None) -> Iterator[Count]:
    """None while nobody waits for an answer."""
    if oldest:
        words = ngettext("email that needs somebody", "emails that need somebody", number)
        url = f"{reverse('staff_inbound')}?state={InboundMail.State.WAITING}"
        yield Count(number, words, _("The oldest came"), url, oldest.received_at)


def stopped_count(number: int) -> Iterator[Count]:
    """None while mail arrives everywhere."""
    if number:
        words = ngettext("address without mail", "addresses without mail", number)
        yield Count(number, words, _("Mail to them came back"), reverse("staff_suppressions"))


def terms_count(number: int) -> Iterator[Count]:
    """None while it is known of everybody what follows."""
    if number:
        words = ngettext("office whose term is over", "offices whose term is over", number)
        yield Count(
            number, words, _("Held over until somebody says otherwise"), f"{reverse('staff_terms')}?within=over"
        )


def duplicates_count(number: int) -> Iterator[Count]:
    """None while everybody is there once, as far as is known."""
    if number:
        words = ngettext("possible duplicate", "possible duplicates", number)
        yield Count(number, words, _("Two accounts that may be one person’s"), reverse("staff_duplicates"))


def members_count(number: int) -> Count:
    return Count(number, ngettext("member", "members", number), _("See everybody"), reverse("staff_members"))


def applications(waiting: Iterable[Application]) -> Section:
    rows = [
        Row(
            each.applicant.name,
            reverse("staff_application", args=[each.pk]),
            f"{each.title}, {each.where}",
            each.submitted_at,
            each.applicant,
        )
        for each in waiting
    ]
    return Section(
        "applications",
        _("Applications"),
        rows,
        reverse("staff_applications"),
        _("applications"),
        _("Nobody is waiting"),
        _("New applications appear here, the oldest first."),
    )


def requests(waiting: Iterable[JoinRequest]) -> Section:
    rows = [
        Row(
            each.user.name,
            reverse("committee_requests", args=[each.committee.slug]),
            each.committee.name,
            each.asked_at,
            each.user,
        )
        for each in waiting
    ]
    empty_text = _("When a member asks to join a committee, its co-chairs decide. What waits for them shows here.")
    return Section("requests", _("Requests to join"), rows, empty=_("No requests"), empty_text=empty_text)


def new_names(renamed: Iterable[Renamed]) -> Iterator[Section]:
    """None while nobody took another name."""
    if rows := [
        Row(each.after, reverse("staff_member", args=[each.person]), _name_words(each), each.at) for each in renamed
    ]:
        yield Section("renamed", _("New names"), rows)


def _name_words(renamed: Renamed) -> str:
    earlier = (
        _("From before names were looked at. It isn’t one that could be typed today.")
        if renamed.was_found
        else format_html(_("Until then <bdi>{}</bdi>."), renamed.before)
    )
    if not renamed.is_anothers:
        return earlier
    return format_html("{} {}", earlier, _("Another member has this name, or one that looks like it."))


def calls(upcoming: Iterable[Meeting]) -> Section:
    rows = [
        Row(
            each.title,
            each.get_absolute_url(),
            format_html("{} · {}", each.committee.name, when_list(each.starts_at)),
            is_name=False,
        )
        for each in upcoming
    ]
    return Section(
        "calls",
        _("Next calls"),
        rows,
        empty=_("No calls yet"),
        empty_text=_("They appear here when a committee sets one."),
    )

"""The hand-over pack in words: the sections that its page and its PDF both show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import date as in_format
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import ActionItem, Meeting, RunningItem
from members.times import formats
from portal.chairing.handover import Pack


@dataclass(frozen=True)
class Row:
    """`url` begins with a slash, "" for none; `parts` are the items of an agenda."""

    name: str
    detail: str = ""
    url: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    heading: str
    rows: list[Row]
    none: str  # said instead of rows


def sections_of(pack: Pack) -> list[Section]:
    """In the order in which they are read."""
    decisions = (Row(each.reference, each.motion, each.get_absolute_url()) for each in pack.decisions)
    return [
        _section(_("Who to ask"), _people(pack)),
        _section(_("Calls"), _calls(pack), _("No call is set.")),
        _section(_("Open actions"), map(_action, pack.actions)),
        _section(_("Decisions of the last year that stand"), decisions),
        _section(_("Newest papers"), (Row(each.title, url=each.get_absolute_url()) for each in pack.papers)),
    ]


def _section(heading: str, rows: Iterable[Row], none: str = "") -> Section:
    return Section(heading, list(rows), none or _("None."))


def _people(pack: Pack) -> Iterator[Row]:
    for each in pack.organizers:
        yield Row(each.user.name, _("staff organizer: anything about the portal, members and rules"))
    for each in pack.chairs:
        yield Row(each.user.name, _chair(each))
    if settings.CONTACT_EMAIL:
        yield Row(_("Staff of the network"), settings.CONTACT_EMAIL)
    if pack.asking:
        asking = ngettext("%(n)d person asks to join", "%(n)d people ask to join", pack.asking) % {"n": pack.asking}
        yield Row(asking, url=reverse("committee_requests", args=[pack.committee.slug]))


def _chair(membership: Any) -> str:
    since = _("since %(month)s") % {"month": in_format(membership.started_on, "F Y")}
    return ", ".join(filter(None, [membership.get_role_display().lower(), since, membership.office]))


def _calls(pack: Pack) -> Iterator[Row]:
    for series, rule in pack.series:
        yield Row(series.title, rule, series.get_absolute_url())
    for number, call in enumerate(pack.calls):
        yield _call(call, pack.agenda) if number == 0 else _call(call)


def _call(call: Meeting, agenda: list[RunningItem] | None = None) -> Row:
    """With its agenda, or that it has none, where that is asked for."""
    when = formats.listed(call.starts_at)
    if agenda == []:
        when = _("%(when)s. It has no agenda yet.") % {"when": when}
    return Row(call.title, when, call.get_absolute_url(), tuple(map(_item, agenda or [])))


def _item(row: RunningItem) -> str:
    minutes = row.item.minutes
    return f"{row.item.title}, {formats.lasting(minutes)}" if minutes else row.item.title


def _action(action: ActionItem) -> Row:
    owner = action.owner_in_words or _("Nobody yet")
    url = action.get_absolute_url()
    if action.due_on is None:
        return Row(action.text, owner, url)
    detail = _("%(owner)s, by %(day)s") % {"owner": owner, "day": formats.day_short(action.due_on)}
    return Row(action.text, f"{detail} ({_('late')})" if action.is_late else detail, url)

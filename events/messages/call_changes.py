"""What of a call is other than its recipient heard, old and new: length, link, dial-in and topic.

The earlier state comes from the history that the database keeps of each call: the newest row before the first change of
which no mail reached this person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Meeting
from members.models import Delivery

Key = tuple[int, int]  # call and person


@dataclass(frozen=True)
class Change:
    """One thing; `briefly` is its news in a subject."""

    what: str
    old: str
    new: str
    briefly: str


def earlier(deliveries: Sequence[Delivery]) -> dict[Key, Any]:
    """By call and person, the call as they heard of it last, as a row of its history."""
    first = _first_unheard(deliveries)
    history: dict[int, list[Any]] = {}
    rows = cast(Any, Meeting).pgh_event_model.objects.filter(pgh_obj__in={meeting for meeting, _person in first})
    for row in rows.order_by("pgh_id"):
        history.setdefault(row.pgh_obj_id, []).append(row)
    found = {
        key: next((row for row in reversed(history.get(key[0], [])) if row.sequence < number), None)
        for key, number in first.items()
    }
    return {key: row for key, row in found.items() if row is not None}


def _first_unheard(deliveries: Sequence[Delivery]) -> dict[Key, int]:
    """By call and person, the sequence of the first change after the last one that reached them."""
    rows = Delivery.objects.filter(
        kind__in={delivery.kind for delivery in deliveries},
        about__in={delivery.about for delivery in deliveries},
        recipient__in=[delivery.recipient_id for delivery in deliveries],
    )
    numbers: dict[Key, list[tuple[int, str]]] = {}
    for about_id, person, number, state in rows.values_list("about_id", "recipient", "dedupe_number", "state"):
        numbers.setdefault((about_id, person), []).append((number, state))
    return {key: _after_last_sent(told) for key, told in numbers.items()}


def _after_last_sent(told: list[tuple[int, str]]) -> int:
    last = max((number for number, state in told if state == Delivery.State.SENT), default=-1)
    return min((number for number, _state in told if number > last), default=last)


def between(before: Any, meeting: Meeting) -> list[Change]:
    """In the order in which they matter."""
    found = []
    if before.duration != meeting.duration:
        old, new = _minutes(before.duration), _minutes(meeting.duration)
        found.append(Change(_("Length"), old, new, new))
    if before.video_url != meeting.video_url:
        earlier_call = Meeting(video_url=before.video_url)
        new = _link(meeting)
        same = bool(before.video_url and meeting.video_url) and _link(earlier_call) == new
        words = _("another link on %(service)s") % {"service": new} if same else new
        found.append(
            Change(_("Link"), _link(earlier_call), words, _("new link") if meeting.video_url else _("no link"))
        )
    if before.dial_in != meeting.dial_in:
        briefly = _("new dial-in") if meeting.dial_in else _("no dial-in")
        found.append(Change(_("Dial-in"), before.dial_in or _("none"), meeting.dial_in or _("none"), briefly))
    if before.title != meeting.title:
        found.append(Change(_("Topic"), before.title, meeting.title, _("new topic")))
    return found


def briefly(changes: Sequence[Change]) -> str:
    """75 minutes, new link"""
    return ", ".join(change.briefly for change in changes)


def _minutes(number: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", number) % {"count": number}


def _link(meeting: Meeting) -> str:
    """The service, never the address: who joins goes through the portal."""
    return meeting.video_service or (_("a video link") if meeting.video_url else _("none"))

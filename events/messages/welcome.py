"""What somebody who joins a committee is told of its calls ahead, to which they were not invited.

These kinds replace those of the committees app, which knows no calls.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from committees.joining import messages as joining
from events.messages import call_context
from events.models import CalendarFeed, CallCommittee, Meeting
from events.models.joint import of_committees
from members.mail import links
from members.mail.kinds import Notice
from members.models import Delivery

MOST_COMING = 5  # calls named


def _coming(committees: Collection[int]) -> dict[int, list[Meeting]]:
    """The next calls of each."""
    found: dict[int, list[Meeting]] = {}
    ahead = Meeting.objects.told().not_cancelled().upcoming().filter(of_committees(committees))
    calls = {meeting.pk: meeting for meeting in ahead}
    beside = CallCommittee.objects.filter(meeting__in=calls, committee__in=committees)
    for committee, meeting in beside.order_by("meeting__starts_at", "meeting").values_list("committee", "meeting"):
        found.setdefault(committee, []).append(calls[meeting])
    return {committee: calls[:MOST_COMING] for committee, calls in found.items()}


def _coming_words(calls: list[Meeting]) -> dict[str, Any]:
    return {
        "coming": [
            (call_context.day_and_clock(call.starts_at), call.title, f"{call_context.Call(call).url}#rsvp")
            for call in calls
        ],
        "calendar_url": links.absolute("settings_calendar"),
    }


class _WithCallsAhead(Notice):
    """Adds the calls ahead to a kind about a membership or a request to join."""

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        things = super().load(deliveries)
        people = CalendarFeed.objects.filter(user__in=[delivery.recipient_id for delivery in deliveries])
        by_feed = {feed.user_id for feed in people if not feed.brings_entries}
        return things, _coming({thing.committee_id for thing in things.values()}), by_feed

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        things, coming, by_feed = facts
        context = super().context(delivery, things)
        is_on_it = context.get("accepted", True)
        calls = coming.get(things[delivery.about_id].committee_id, []) if is_on_it else []
        return context | _coming_words(calls) | {"by_feed": delivery.recipient_id in by_feed}

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        return super().sender_name(delivery, facts[0])


class Joined(_WithCallsAhead, joining.Joined, extends=joining.Joined):
    pass


class JoinRequestAnswer(_WithCallsAhead, joining.JoinRequestAnswer, extends=joining.JoinRequestAnswer):
    pass

"""What somebody who comes onto a committee is told of its calls: nobody was there to be invited to them.

These kinds stand in place of the committees' own, because committees know no calls.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from committees import notices as committee_notices
from events.messages import callfacts
from events.models import Meeting
from members.mail import links
from members.models import Delivery

MOST_COMING = 5  # calls named


def _coming(committees: Collection[int]) -> dict[int, list[Meeting]]:
    """The next calls of each."""
    found: dict[int, list[Meeting]] = {}
    for meeting in Meeting.objects.told().standing().upcoming().filter(committee__in=committees):
        found.setdefault(meeting.committee_id, []).append(meeting)
    return {committee: calls[:MOST_COMING] for committee, calls in found.items()}


def _coming_words(calls: list[Meeting]) -> dict[str, Any]:
    return {
        "coming": [
            (callfacts.day_and_clock(call.starts_at), call.title, f"{callfacts.Call(call).url}#rsvp") for call in calls
        ],
        "calendar_url": links.absolute("settings_calendar"),
    }


class Joined(committee_notices.Joined):
    """With the calls that are ahead."""

    kind = committee_notices.Joined.kind

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        seats = super().load(deliveries)
        return seats, _coming({seat.committee_id for seat in seats.values()})

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        seats, coming = facts
        return super().context(delivery, seats) | _coming_words(coming.get(seats[delivery.subject_id].committee_id, []))

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        return super().sender_name(delivery, facts[0])


class JoinRequestAnswer(committee_notices.JoinRequestAnswer):
    """The same for who asked and was let in."""

    kind = committee_notices.JoinRequestAnswer.kind

    def load(self, deliveries: Sequence[Delivery]) -> Any:
        requests = super().load(deliveries)
        return requests, _coming({request.committee_id for request in requests.values()})

    def context(self, delivery: Delivery, facts: Any) -> dict[str, Any]:
        requests, coming = facts
        context = super().context(delivery, requests)
        calls = coming.get(requests[delivery.subject_id].committee_id, []) if context["accepted"] else []
        return context | _coming_words(calls)

    def sender_name(self, delivery: Delivery, facts: Any) -> str:
        return super().sender_name(delivery, facts[0])

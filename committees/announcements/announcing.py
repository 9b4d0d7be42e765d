"""Sending an announcement, undoing it before it went, and its outcome. Change and messages are one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from committees.announcements.messages import tell_announcement
from committees.models import Announcement
from members.models import BulkSend, Delivery, User

State = Delivery.State


@transaction.atomic
def announce(announcement: Announcement, by: User) -> bool:
    """Send it to its audience; False when it was sent already. Raises ValidationError by field for what must not be
    sent.
    """
    if not announcement.release(by):
        return False
    tell_announcement(announcement)
    if sending := sending_of(announcement):
        announcement.wait_until(sending.goes_at)
    return True


def sending_of(announcement: Announcement) -> BulkSend | None:
    """Its bulk send, None when it was never sent."""
    return BulkSend.objects.filter(
        kind=announcement.kind, about=announcement.about, dedupe_key=announcement.dedupe_key
    ).first()


@dataclass(frozen=True)
class Outcome:
    """The outcome of one sending, in numbers of people."""

    sent: int
    waiting: int
    digested: int
    others: list[tuple[str, str, int]]  # (state, reason, people), the most first

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, int]]) -> Outcome:
        rows = list(rows)

        def count(*states: str) -> int:
            return sum(people for state, _reason, people in rows if state in states)

        ended = (State.SENT, State.DIGESTED, *Delivery.OPEN)
        others = [row for row in rows if row[0] not in ended]
        return cls(count(State.SENT), count(*Delivery.OPEN), count(State.DIGESTED), others)

    @property
    def people(self) -> int:
        return self.sent + self.waiting + self.digested + sum(people for _state, _reason, people in self.others)


def outcome(announcement: Announcement) -> Outcome:
    """The outcome of the latest sending, in one query."""
    rows = Delivery.objects.filter(
        kind=announcement.kind, about=announcement.about, dedupe_key=announcement.dedupe_key
    ).order_by()
    grouped = rows.values("state", "reason").annotate(people=Count("pk")).order_by("-people", "reason")
    return Outcome.of(grouped.values_list("state", "reason", "people"))

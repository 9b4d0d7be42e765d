"""Asking those who have not answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from events.messages import suppression
from events.messages.call_notice import CallNotice
from events.models import Meeting
from members.mail.decision import chosen_cadence
from members.mail.kinds import Cadence, Category
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, Suppression, User
from members.times import clock


def tell_nudge(meeting: Meeting, people: list[User]) -> None:
    """Ask these people to answer; each at most once a call and day."""
    Nudge.enqueue(people, meeting.about, dedupe_key=f"nudge:{clock.today()}", scope=meeting.scope_of_each)


def nudgeable(meeting: Meeting) -> QuerySet[User]:
    """Those who have not answered and whom no suppression rule excludes, for the number on the button."""
    told = Delivery.objects.filter(suppression.told_lately(), recipient=OuterRef("pk"), about=meeting.about)
    stopped = Suppression.objects.open().filter(address=Lower(OuterRef("email")))
    people = meeting.unanswered().filter(~Exists(told), ~Exists(stopped))
    scope: Any = meeting.scope
    if meeting.is_joint:
        people, scope = people.alias(scope=meeting.scope_of_each), OuterRef("scope")
    cadence = chosen_cadence(Cadence.AT_ONCE, person="pk", kind=Nudge.kind, scope=scope)
    return people.alias(cadence=cadence).exclude(cadence=Cadence.NEVER)


class Nudge(CallNotice):
    """A co-chair asks those who have not answered, at most once a day (events.answers.nudging)."""

    kind, label, category = "nudge", _("Nudges to answer"), Category.ROUTINE
    sent_label = _("They were asked whether they can come")
    queued_label = _("They’re to be asked whether they can come")
    unsent_label = _("They weren’t asked whether they can come")
    title = _("Can you come?")
    hint = _("When a co-chair asks those who haven’t answered, at most once a day")
    page = "meeting_answers"

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.NOT_ON_COMMITTEE,
            suppression.ALREADY_ANSWERED,
            suppression.TOLD_LATELY,
        ]

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        meeting = self._meeting(sending)
        return nudgeable(meeting) if meeting else User.objects.none()

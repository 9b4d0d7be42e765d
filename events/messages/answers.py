"""Confirming an answer, and asking again when an answer by mail could not be read."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from events.messages import call_context, suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice
from events.models import Answered, CalendarReply, Meeting, ReplyNote, Rsvp
from members.mail.kinds import Category
from members.mail.suppression import SuppressionRule
from members.models import Delivery, User
from members.times import clock

MOST_QUOTED = 200  # characters of what somebody wrote


def confirm_rsvp(answered: Answered) -> None:
    """Confirm the answer as it was understood, with the calendar entry. An answer taken back gets no mail."""
    rsvp = answered.rsvp
    if rsvp.response != Rsvp.Response.NEEDS_ACTION:
        key = f"rsvp_confirmation:{rsvp.version}"
        RsvpConfirmation.enqueue([rsvp.user], rsvp.meeting.about, dedupe_key=key, scope=rsvp.meeting.scope_of_each)


def ask_again(meeting: Meeting, person: User) -> None:
    """Ask for an answer that came by mail and was not recorded: one mail a call and day."""
    AnswerUnclear.enqueue(
        [person], meeting.about, dedupe_key=f"answer_unclear:{clock.today()}", scope=meeting.scope_of_each
    )


class RsvpConfirmation(CallNotice):
    kind, label, category = "rsvp_confirmation", _("My answers"), Category.ACCOUNT
    sent_label = _("Their answer was confirmed")
    queued_label = _("Their answer is to be confirmed")
    unsent_label = _("Their answer wasn’t confirmed")
    title = _("Your answer")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.ANSWERED_SINCE,
            suppression.NOT_ANSWERED,
            suppression.NOT_ON_COMMITTEE,
        ]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = super().load(deliveries)
        prefetch_related_objects(list(calls.rsvps.values()), "written_by")
        return calls

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        rsvp = facts.rsvps.get((delivery.about_id, delivery.recipient_id))
        by = rsvp.written_by if rsvp else None
        return super().context(delivery, facts) | {"note": facts.note(delivery), "by": by.name if by else ""}

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk


class AnswerUnclear(CallNotice):
    """Asks, with buttons, somebody whose answer by mail could not be read or not be proved to be theirs.

    It has no calendar entry: the person would answer from the calendar again, in vain.
    """

    kind, label, category = "answer_unclear", _("An answer by email that we couldn’t record"), Category.ACCOUNT
    sent_label = _("They were asked to answer again")
    queued_label = _("They’re to be asked to answer again")
    unsent_label = _("They weren’t asked to answer again")
    mailer, method = "default", ""
    title = _("Your answer")

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.OVER,
            suppression.NOT_ON_COMMITTEE,
            suppression.ANSWERED_AFTER,
        ]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = call_context.load(deliveries)
        people = [delivery.recipient_id for delivery in deliveries]
        waiting = CalendarReply.objects.waiting().filter(meeting__in=calls.by_id, user__in=people)
        calls.waiting = {
            (each.meeting_id, each.user_id): each for each in waiting.select_related("user").order_by("pk")
        }
        notes = ReplyNote.objects.open().filter(meeting__in=calls.by_id, user__in=people, sender="")
        calls.wrote = {(each.meeting_id, each.user_id): each.words for each in notes.order_by("pk")}
        return calls

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        whose = delivery.about_id, delivery.recipient_id or 0
        wrote = Truncator(" ".join(facts.wrote.get(whose, "").split())).chars(MOST_QUOTED)
        return super().context(delivery, facts) | {"reply": facts.waiting.get(whose), "wrote": wrote}

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk

"""What all messages about calls share: the call, its calendar entry, and the time that the recipient knows."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Expression, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from events.calendar import ics
from events.messages import call_context
from events.messages.call_context import Calls
from events.models import Meeting
from members.mail import links, reply_addresses
from members.mail.emails import placeholder, thread_id
from members.mail.kinds import Notice, Replies
from members.models import BulkSend, Delivery, User

CANNOT_WAIT = timedelta(hours=48)  # before a call, for whoever wants summaries


class CallNotice(Notice):
    """A message about one call, with its calendar entry."""

    mailer = "calendar"
    replies, reply_tag = Replies.CO_CHAIRS, "tag"
    method = ics.REQUEST  # "" for a kind whose mails bring no entry
    page = "meeting_detail"  # of the call, to return to
    hurries = False  # by itself when the call is near, also to whoever wants summaries

    def may_undo(self, person: User, sending: BulkSend) -> bool:
        meeting = self._meeting(sending)
        return meeting is not None and person.has_perm("events.run_meeting", meeting)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        """Everybody on the committee now."""
        meeting = self._meeting(sending)
        return meeting.invitees() if meeting else User.objects.none()

    def scope(self, sending: BulkSend) -> Any:
        meeting = self._meeting(sending)
        return meeting.scope_of_each if meeting else ""

    def page_of(self, sending: BulkSend) -> str:
        meeting = self._meeting(sending)
        return reverse(self.page, args=[meeting.slug]) if meeting else super().page_of(sending)

    @staticmethod
    def _meeting(sending: BulkSend) -> Meeting | None:
        return Meeting.objects.select_related("committee").filter(pk=number_in(sending.about)).first()

    def starts_at(self) -> Expression | Subquery:
        return Subquery(Meeting.objects.filter(pk=OuterRef("about_id")).values("starts_at")[:1])

    def urgent(self) -> Q | None:
        return Q(starts_at__lt=Now() + CANNOT_WAIT) if self.hurries else None

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        return call_context.load(deliveries)

    def without_personal_facts(self, facts: Calls) -> Calls:
        return replace(facts, rsvps={}, calendars={})

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        entry = facts.brings_entry(delivery), facts.alarm(delivery)
        about = facts.of(delivery).fingerprint, facts.through_words(delivery)
        return *about, delivery.dedupe_key, delivery.offset, facts.answer(delivery), entry

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        return call_context.context(call, facts.answer(delivery)) | {
            "weekday_and_clock": call_context.weekday_and_clock(call.meeting.starts_at, timezone.now()),
            "through": facts.through_words(delivery),
            "replies": self.replies if call.chairs else Replies.STAFF,
            "entry_words": self.entry_words(facts.brings_entry(delivery)),
        }

    def entry_words(self, attached: bool) -> str:
        """Where the reader finds the call in their calendar."""
        return _("The calendar entry is attached.") if attached else _("It’s in your calendar feed.")

    def sender_name(self, delivery: Delivery, facts: Calls) -> str:
        return facts.of(delivery).meeting.committee.name

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        if not self.method or not facts.brings_entry(delivery):
            return {}
        lines = placeholder("organizer"), placeholder("attendee")
        entry = ics.invite(facts.of(delivery).meeting, self.method, *lines, alarm=facts.alarm(delivery))
        return {"calendar": entry, "method": self.method}

    def headers(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        """All mails of one call to one person hang under one root, which is never sent itself (RFC 5256, RFC 5322 3.6.4)."""
        root = placeholder("thread")
        topic = facts.of(delivery).meeting.title
        return {"References": root, "In-Reply-To": root, "Thread-Topic": topic}

    def answer_url(self, delivery: Delivery, facts: Calls) -> str:
        meeting = facts.of(delivery).meeting
        if meeting.is_cancelled or not delivery.recipient_id:
            return ""
        return links.absolute("rsvp_link", links.rsvp_token(delivery.recipient_id, meeting.pk))

    def values(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        assert delivery.recipient and delivery.about_id
        tag = reply_addresses.tag(reply_addresses.ANSWER, delivery.recipient.pk, delivery.about_id)
        return super().values(delivery, facts) | {
            "rsvp": links.rsvp_token(delivery.recipient.pk, delivery.about_id),
            "tag": tag,
            "thread": thread_id(delivery.about, delivery.recipient.pk),
            "organizer": ics.organizer(facts.of(delivery).meeting.committee.name, reply_addresses.tagged(tag)),
            "attendee": ics.attendee(delivery.recipient, facts.answer(delivery), asks=self.method == ics.REQUEST),
        }


class AboutATime(CallNotice):
    """A message that compares the new time with the one the recipient knows, which is an older one if a move was
    undone.
    """

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        return call_context.load_with_known(deliveries)

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return super().cache_key(delivery, facts), facts.unheard(delivery, delivery.dedupe_number)


def number_in(about: str) -> str:
    return about.rpartition(":")[2]

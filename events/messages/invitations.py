"""Inviting the committee to a call."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from events.messages import call_context, suppression
from events.messages.call_context import Calls
from events.messages.call_notice import CallNotice, number_in
from events.messages.reminders import following
from events.models import JointCommittee, Meeting
from events.models.joint import invited_through
from members.mail.kinds import Cadence, Category, Following, Line
from members.mail.suppression import SuppressionRule
from members.models import BulkSend, Delivery, User
from members.times import formats


def tell_scheduled(meeting: Meeting) -> None:
    """Invite everybody on the committee. Until the invitation goes, the call is a draft."""
    Invitation.enqueue(
        meeting.invitees(), meeting.about, dedupe_key=f"invitation:{meeting.edition}", scope=meeting.scope_of_each
    )
    meeting.refresh_from_db(fields=["told_at"])


def tell_shared(joint: JointCommittee) -> None:
    """Invite those who come to the call by this committee alone. Of a draft nobody is told, and of one whose invitation
    has not left its hold they are told with the others."""
    meeting = joint.meeting
    if meeting.is_draft:
        return
    held = not Meeting.objects.known().filter(pk=meeting.pk).exists()
    kind = Invitation.kind if held else joint.invitation_key
    key = f"{kind}:{meeting.edition}"
    Invitation.enqueue(invited_through(joint), meeting.about, dedupe_key=key, scope=joint.committee.scope)


def _shared_in(sending: BulkSend) -> int:
    """The number of the committee on a call whose people alone are invited by it; 0 when it is for all."""
    found = re.match(r"joint(\d+)x", sending.dedupe_key)
    return int(found[1]) if found else 0


class Invitation(CallNotice):
    kind, label, category = "invitation", _("Invitations to calls"), Category.ROUTINE
    sent_label = _("They were invited to a call")
    queued_label = _("They’re to be invited to a call")
    unsent_label = _("They weren’t invited to a call")
    cadences = Cadence.values
    title = _("Invitation")
    stays = _("The call stays on the portal.")
    undone = _("The call is a draft again.")
    hurries = True
    hint = _("When a co-chair sets one")

    @classmethod
    def enqueue(
        cls, people: Iterable[User] | QuerySet[User], about: str, *, dedupe_key: str = "", scope: Any = ""
    ) -> None:
        """As `Notice.enqueue`; the call stops being a draft when the hold of this invitation ends."""
        super().enqueue(people, about, dedupe_key=dedupe_key, scope=scope)
        waiting = Delivery.objects.filter(kind=cls.kind, about=about, dedupe_key=dedupe_key)
        goes_at = waiting.unsent().order_by("due_at").values("due_at")[:1]
        draft = Meeting.objects.filter(pk=number_in(about), told_at=None)
        draft.update(told_at=Coalesce(Subquery(goes_at), Now()))

    def on_undo(self, sending: BulkSend, by: User) -> None:
        """Make the call a draft again when nobody had the invitation; other mails about it are then suppressed
        (suppression.NOT_TOLD).
        """
        meeting = None if _shared_in(sending) else self._meeting(sending)
        if meeting and not Delivery.objects.filter(about=meeting.about, handovers__gt=0).exists():
            Meeting.objects.filter(pk=meeting.pk).update(told_at=None)
            meeting.agenda_publications.filter(taken_back_at=None).update(taken_back_at=Now())

    def undone_words(self, sending: BulkSend) -> str:
        return str(self.stays if _shared_in(sending) else self.undone)

    def audience(self, sending: BulkSend) -> QuerySet[User]:
        beside = JointCommittee.objects.filter(pk=_shared_in(sending) or 0)
        if not beside:
            return super().audience(sending)
        return invited_through(beside[0]) if beside[0].removed_at is None else User.objects.none()

    def following(self, sending: BulkSend) -> Sequence[Following]:
        return following(self._meeting(sending))

    def suppress_if(self) -> Sequence[SuppressionRule]:
        return [
            suppression.GONE,
            suppression.NOT_TOLD,
            suppression.CANCELLED,
            suppression.MOVED,
            suppression.OVER,
            suppression.NOT_ON_COMMITTEE,
            suppression.ALREADY_ANSWERED,
        ]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = super().load(deliveries)
        calls.said_yes = call_context.said_yes(calls.by_id, [delivery.recipient_id for delivery in deliveries])
        return calls

    def without_personal_facts(self, facts: Calls) -> Calls:
        return replace(super().without_personal_facts(facts), said_yes=set())

    def cache_key(self, delivery: Delivery, facts: Calls) -> Hashable:
        return super().cache_key(delivery, facts), facts.polled(delivery)

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        ask = _("You said yes to this time, so you’re going unless you say otherwise.")
        return super().context(delivery, facts) | ({"ask": ask} if facts.polled(delivery) else {})

    def line(self, delivery: Delivery, facts: Calls) -> Line:
        call = facts.of(delivery)
        words = {"when": formats.listed(call.meeting.starts_at), "committee": call.meeting.committee.name}
        if facts.polled(delivery):
            said = _("%(when)s. %(committee)s. You said yes to this time.") % words
        else:
            said = _("%(when)s. %(committee)s. You haven’t answered.") % words
        return Line(_("Invitation to %(call)s") % {"call": call.meeting.title}, said, f"{call.url}#rsvp")

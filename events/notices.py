"""Messages about calls: when they are told, what makes them void, and what they say."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Exists, Expression, F, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from events import callfacts, ics
from events.callfacts import Calls
from events.models import Answered, Meeting, MeetingMove, Rsvp
from members import links, tags
from members.clock import database_today
from members.models import Delivery
from members.notifications.letters import mark
from members.notifications.notice import Cadence, Class, Notice, Stop

HOUR = 60  # minutes
CANNOT_WAIT = timedelta(hours=48)  # before a call, for whoever wants summaries


def tell_scheduled(meeting: Meeting) -> None:
    """Invite everybody on the committee."""
    Invitation.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def tell_changed(meeting: Meeting) -> None:
    """The place, the length or the title is another; the time is not."""
    Changed.tell(meeting.invitees(), meeting.subject, edition=meeting.sequence, scope=meeting.scope)


def tell_moved(move: MeetingMove) -> None:
    """The time is another, and everybody is asked again."""
    Moved.tell(move.meeting.invitees(), move.meeting.subject, edition=move.edition, scope=move.meeting.scope)


def tell_cancelled(meeting: Meeting) -> None:
    Cancelled.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def confirm_rsvp(answered: Answered) -> None:
    """Say what was understood, with the calendar entry as it stands now. An answer taken back needs no mail."""
    rsvp = answered.rsvp
    if rsvp.response != Rsvp.Response.NEEDS_ACTION:
        RsvpConfirmation.tell([rsvp.user], rsvp.meeting.subject, edition=rsvp.version, scope=rsvp.meeting.scope)


# What makes a message about a call void: conditions over a row of deliveries -------------------------------


def _the_call(*conditions: Q, **lookups: Any) -> Exists:
    return Exists(Meeting.objects.filter(*conditions, pk=OuterRef("subject_id"), **lookups))


def _answered(**lookups: Any) -> Exists:
    """The recipient's answer to the time that holds."""
    mine = Rsvp.objects.filter(
        meeting=OuterRef("subject_id"), user=OuterRef("recipient"), edition=F("meeting__edition")
    )
    return Exists(mine.exclude(response=Rsvp.Response.NEEDS_ACTION).filter(**lookups))


def _seated() -> Exists:
    seats = Membership.objects.current(on=database_today())
    return Exists(
        seats.filter(
            committee__meetings=OuterRef("subject_id"), user=OuterRef("recipient"), user__admitted_at__isnull=False
        )
    )


GONE = Stop(~_the_call(), _("The call no longer exists."))
CANCELLED = Stop(_the_call(cancelled_at__isnull=False), _("The call was canceled."))
MOVED = Stop(~_the_call(edition=OuterRef("edition")), _("The call moved to another time."))
OVER = Stop(_the_call(ends_at__lt=Now()), _("The call was over."), Delivery.State.EXPIRED)
NOT_ON_COMMITTEE = Stop(~_seated(), _("The person is not on the committee."))
DECLINED = Stop(_answered(response=Rsvp.Response.DECLINED), _("The person answered that they can't come."))
ALREADY_ANSWERED = Stop(_answered(), _("The person had answered already."))
ANSWERED_SINCE = Stop(
    Exists(  # and is told of the newer answer; the same answer given again is no news and stops nothing
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            subject=OuterRef("subject"),
            edition__gt=OuterRef("edition"),
        )
    ),
    _("The person answered again since."),
)
NOT_ANSWERED = Stop(~_answered(), _("The answer was for an earlier time, or taken back."))
CHANGED_AGAIN = Stop(~_the_call(sequence=OuterRef("edition")), _("The call changed again since."))
ANSWERED_MEANWHILE = Stop(
    Q(_answered(answered_at__gte=OuterRef("due_at")), offset__gte=HOUR),
    _("The person answered after the moment this reminder was due."),
)
NOT_THIS_OFFSET = Stop(
    ~_the_call(
        Q(reminder_offsets__contains=[OuterRef("offset")])
        | Q(reminder_offsets=None, committee__reminder_offsets__contains=[OuterRef("offset")])
    ),
    _("The co-chairs took this reminder away."),
)
NEWER_WENT = Stop(
    Exists(
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            subject=OuterRef("subject"),
            edition=OuterRef("edition"),
            offset__lt=OuterRef("offset"),
            state=Delivery.State.SENT,
        )
    ),
    _("A later reminder of this call went already."),
)


# The kinds -------------------------------------------------------------------------------------------------


class CallNotice(Notice):
    """A message about one call, with its calendar entry."""

    mailer = "calendar"
    method = ics.REQUEST

    def starts_at(self) -> Expression:
        return Subquery(Meeting.objects.filter(pk=OuterRef("subject_id")).values("starts_at")[:1])

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        return callfacts.load(deliveries)

    def variant(self, delivery: Delivery, facts: Calls) -> Hashable:
        return facts.of(delivery).fingerprint, delivery.edition, delivery.offset, facts.answer(delivery)

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return callfacts.context(facts.of(delivery), facts.answer(delivery))

    def sender_name(self, delivery: Delivery, facts: Calls) -> str:
        return facts.of(delivery).meeting.committee.name

    def reply_to(self, delivery: Delivery, facts: Calls) -> tuple[str, ...]:
        return facts.of(delivery).open_addresses

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        call = facts.of(delivery)
        return {
            "calendar": ics.invite(call.meeting, self.method, mark("organizer"), mark("attendee")),
            "method": self.method,
            "sender_address": tags.tagged(mark("tag")),
        }

    def values(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        assert delivery.recipient and delivery.subject_id
        tag = tags.tag(tags.ANSWER, delivery.recipient.pk, delivery.subject_id)
        return super().values(delivery, facts) | {
            "rsvp": links.rsvp_token(delivery.recipient.pk, delivery.subject_id),
            "tag": tag,
            "organizer": ics.organizer(facts.of(delivery).meeting.committee.name, tags.tagged(tag)),
            "attendee": ics.attendee(delivery.recipient, facts.answer(delivery), asks=self.method == ics.REQUEST),
        }


class Invitation(CallNotice):
    kind, label, sort = "invitation", _("Invitations to calls"), Class.ROUTINE
    cadences = Cadence.values
    title = _("Invitation")
    hint = _("When a co-chair sets one")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, MOVED, OVER, NOT_ON_COMMITTEE, ALREADY_ANSWERED]

    def urgent(self) -> Q:
        return Q(starts_at__lt=Now() + CANNOT_WAIT)


class Reminder(CallNotice):
    """A week, a day and ten minutes before, or as the co-chairs set it (events.reminders plans them)."""

    kind, label, sort = "reminder", _("Reminders of calls"), Class.ROUTINE
    hint = _("A week, a day and 10 minutes before, unless you said you can’t come")
    title = _("Reminder")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, MOVED, NOT_THIS_OFFSET, NOT_ON_COMMITTEE, DECLINED, ANSWERED_MEANWHILE, NEWER_WENT]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        start, now = call.meeting.starts_at, timezone.now()
        return super().context(delivery, facts) | {
            "headline": call.meeting.title,
            "soon": callfacts.soon(call.meeting),
            "starts": delivery.offset < HOUR,
            "started": start <= now,
            "weekday_and_clock": callfacts.weekday_and_clock(start, now),
            "to_read": callfacts.to_read(call),
        }


class Changed(CallNotice):
    kind, label, sort = "changed", _("A call's place, length or topic changed"), Class.CHANGE
    title = _("Changed")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, OVER, CHANGED_AGAIN, NOT_ON_COMMITTEE, DECLINED]


class Moved(CallNotice):
    kind, label, sort = "moved", _("A call moved"), Class.CHANGE
    title = _("Time changed")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, MOVED, OVER, NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        move = call.moves[delivery.edition]
        return super().context(delivery, facts) | callfacts.moved(call, move)


class Cancelled(CallNotice):
    kind, label, sort = "cancelled", _("A call is canceled"), Class.CHANGE
    title = _("Canceled")
    method = ics.CANCEL

    def voids(self) -> Sequence[Stop]:
        return [GONE, OVER, NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        return super().context(delivery, facts) | {
            "canceled_by": callfacts.name_of(call.meeting.cancelled_by),
            "reason": call.meeting.cancel_reason,
        }


class RsvpConfirmation(CallNotice):
    kind, label, sort = "rsvp_confirmation", _("My answers"), Class.ACCOUNT
    title = _("Your answer")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, OVER, ANSWERED_SINCE, NOT_ANSWERED, NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"note": facts.note(delivery)}

    def variant(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk

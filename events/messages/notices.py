"""Messages about calls: when they are told, what makes them void, and what they say."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, Exists, Expression, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from events.calendar import ics
from events.messages import callfacts, stops
from events.messages.agenda_notice import AgendaPublished
from events.messages.callfacts import Calls
from events.messages.callnotice import CallNotice, following, number_in
from events.messages.reminders import TELLING
from events.models import AgendaPublication, Answered, CalendarReply, Meeting, MeetingMove, Rsvp
from members.mail.decision import chosen_cadence
from members.mail.kinds import Cadence, Class, Following, Line, registry
from members.mail.letters import mark
from members.mail.suppression import Stop
from members.models import Delivery, MessageSettings, Sending, Suppression, User
from members.times import clock, timewords

InQuietHours = MessageSettings.InQuietHours

UNSENT = (Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.GATHERED)


def tell_scheduled(meeting: Meeting) -> None:
    """Invite everybody on the committee: from the moment in which that goes the call is theirs to see."""
    Invitation.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)
    meeting.refresh_from_db(fields=["told_at"])


def tell_changed(meeting: Meeting) -> None:
    """The place, the length or the title is another; the time is not."""
    Changed.tell(meeting.invitees(), meeting.subject, edition=meeting.sequence, scope=meeting.scope)


def tell_moved(move: MeetingMove) -> None:
    """The time is another, and everybody is asked again. What rested may be about a call that is near by now."""
    Delivery.objects.filter(subject=move.meeting.subject).ask_again()
    Moved.tell(move.meeting.invitees(), move.meeting.subject, edition=move.edition, scope=move.meeting.scope)


def carry_over(meeting: Meeting) -> None:
    """The time is another and nobody is told: whoever waits to hear of an earlier one hears of this one instead."""
    waiting = Delivery.objects.filter(subject=meeting.subject, kind__in=TELLING, edition__lt=meeting.edition)
    unsent = waiting.filter(state__in=UNSENT, handovers=0)
    unsent.filter(state=Delivery.State.LEASED).update(state=Delivery.State.PENDING, lease=None, claims=0)
    unsent.update(edition=meeting.edition)


def tell_cancelled(meeting: Meeting) -> None:
    Cancelled.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def tell_agenda(publication: AgendaPublication) -> None:
    meeting = publication.meeting
    AgendaPublished.tell(meeting.invitees(), meeting.subject, edition=publication.number, scope=meeting.scope)


def tell_nudge(meeting: Meeting, people: list[User], edition: int) -> None:
    Nudge.tell(people, meeting.subject, edition=edition, scope=meeting.scope)


def nudgeable(meeting: Meeting) -> QuerySet[User]:
    """Those of the silent whom no Stop would hold back, so that a button can say how many they are."""
    told = Delivery.objects.filter(stops.told_lately(), recipient=OuterRef("pk"), subject=meeting.subject)
    stopped = Suppression.objects.open().filter(address=Lower(OuterRef("email")))
    cadence = chosen_cadence(Cadence.AT_ONCE, person="pk", kind=Nudge.kind, scope=meeting.scope)
    people = meeting.silent().filter(~Exists(told), ~Exists(stopped))
    return people.alias(cadence=cadence).exclude(cadence=Cadence.NEVER)


def confirm_rsvp(answered: Answered) -> None:
    """Say what was understood, with the calendar entry as it stands now. An answer taken back needs no mail."""
    rsvp = answered.rsvp
    if rsvp.response != Rsvp.Response.NEEDS_ACTION:
        RsvpConfirmation.tell([rsvp.user], rsvp.meeting.subject, edition=rsvp.version, scope=rsvp.meeting.scope)


def ask_again(meeting: Meeting, person: User) -> None:
    """An answer that came by mail was not recorded; the edition is the day, so it is one mail a call and day."""
    AnswerUnclear.tell([person], meeting.subject, edition=clock.today().toordinal(), scope=meeting.scope)


# The kinds -------------------------------------------------------------------------------------------------


class Invitation(CallNotice):
    kind, label, sort = "invitation", _("Invitations to calls"), Class.ROUTINE
    told = _("They were invited to a call")
    to_tell = _("They’re to be invited to a call")
    untold = _("They weren’t invited to a call")
    cadences = Cadence.values
    title = _("Invitation")
    stays = _("The call stays on the portal.")
    undone = _("The call is a draft again.")
    hurries = True
    hint = _("When a co-chair sets one")

    @classmethod
    def tell(cls, people: Iterable[User] | QuerySet[User], subject: str, *, edition: int = 0, scope: str = "") -> None:
        """A draft is one no more when this leaves its hold."""
        super().tell(people, subject, edition=edition, scope=scope)
        waiting = Delivery.objects.filter(kind=cls.kind, subject=subject, edition=edition, state__in=UNSENT)
        goes_at = waiting.order_by("due_at").values("due_at")[:1]
        draft = Meeting.objects.filter(pk=number_in(subject), told_at=None)
        draft.update(told_at=Coalesce(Subquery(goes_at), Now()))

    def taken_back(self, sending: Sending, by: User) -> None:
        """When nobody had it yet the call is a draft again, and what stands on it goes with it (stops.UNTOLD)."""
        meeting = self._meeting(sending)
        if meeting and not Delivery.objects.filter(subject=meeting.subject, handovers__gt=0).exists():
            Meeting.objects.filter(pk=meeting.pk).update(told_at=None)
            meeting.agenda_publications.filter(taken_back_at=None).update(taken_back_at=Now())

    def following(self, sending: Sending) -> Sequence[Following]:
        return following(self._meeting(sending))

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.MOVED,
            stops.OVER,
            stops.NOT_ON_COMMITTEE,
            stops.ALREADY_ANSWERED,
        ]

    def line(self, delivery: Delivery, facts: Calls) -> Line:
        call = facts.of(delivery)
        words = {"when": timewords.listed(call.meeting.starts_at), "committee": call.meeting.committee.name}
        return Line(
            _("Invitation to %(call)s") % {"call": call.meeting.title},
            _("%(when)s. %(committee)s. You haven’t answered.") % words,
            f"{call.url}#rsvp",
        )


class Reminder(CallNotice):
    """A week, a day and ten minutes before, or as the co-chairs set it (events.messages.reminders plans them)."""

    kind, label, sort = "reminder", _("Reminders of calls"), Class.ROUTINE
    told = _("They were reminded of a call")
    to_tell = _("They’re to be reminded of a call")
    untold = _("They weren’t reminded of a call")
    hint = _("Before each call, unless you said you can’t come")
    title = _("Reminder")

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.MOVED,
            stops.NOT_THIS_OFFSET,
            stops.NOT_MY_OFFSET,
            stops.NOT_ON_COMMITTEE,
            stops.DECLINED,
            stops.ANSWERED_MEANWHILE,
            stops.NEWER_WENT,
            stops.LEFT_OUT,
        ]

    def starts_at(self) -> Expression | Subquery:
        """Whoever wants no reminder in quiet hours gets none, however near the call is."""
        undisturbed = [InQuietHours.BEFORE, InQuietHours.SKIP]
        return Case(
            When(recipient__message_settings__quiet_reminders__in=undisturbed, then=None), default=super().starts_at()
        )

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        start, now = call.meeting.starts_at, timezone.now()
        return super().context(delivery, facts) | {
            "headline": call.meeting.title,
            "soon": callfacts.soon(call.meeting),
            "starts": delivery.offset < stops.HOUR and start - now < timedelta(hours=1),  # not the evening before
            "started": start <= now,
            "to_read": callfacts.to_read(call),
        }


class Changed(CallNotice):
    kind, label, sort = "changed", _("A call’s place, length or topic changed"), Class.CHANGE
    told = _("They were told that a call changed")
    to_tell = _("They’re to be told that a call changed")
    untold = _("They weren’t told that a call changed")
    title = _("Changed")
    stays = _("The call stays as you changed it.")

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.OVER,
            stops.CHANGED_AGAIN,
            stops.NOT_ON_COMMITTEE,
            stops.DECLINED,
        ]


class AboutATime(CallNotice):
    """It names the time that the recipient knows, which is not the one before where a move was taken back."""

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        return callfacts.load_with_known(deliveries)

    def variant(self, delivery: Delivery, facts: Calls) -> Hashable:
        return super().variant(delivery, facts), facts.unheard(delivery, delivery.edition)


class Moved(AboutATime):
    kind, label, sort = "moved", _("A call moved"), Class.CHANGE
    told = _("They were told that a call moved")
    to_tell = _("They’re to be told that a call moved")
    untold = _("They weren’t told that a call moved")
    title = _("Time changed")
    stays = _("The call stays moved. Nobody who wasn’t told is reminded of the new time.")

    def following(self, sending: Sending) -> Sequence[Following]:
        return following(self._meeting(sending))

    def voids(self) -> Sequence[Stop]:
        return [stops.GONE, stops.UNTOLD, stops.CANCELLED, stops.MOVED, stops.OVER, stops.NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        move = call.moves[delivery.edition]
        first = facts.unheard(delivery, move.edition) or move
        return super().context(delivery, facts) | callfacts.moved(call, move, first.old_starts_at)


class Cancelled(AboutATime):
    kind, label, sort = "cancelled", _("A call is canceled"), Class.CHANGE
    told = _("They were told that a call is canceled")
    to_tell = _("They’re to be told that a call is canceled")
    untold = _("They weren’t told that a call is canceled")
    title = _("Canceled")
    stays = _("The call stays canceled.")
    method = ics.CANCEL

    def voids(self) -> Sequence[Stop]:
        return [stops.GONE, stops.OVER, stops.NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        unheard = facts.unheard(delivery, delivery.edition)
        return super().context(delivery, facts) | {
            **(callfacts.times(call.meeting, unheard.old_starts_at) if unheard else {}),
            "moved_to": timewords.listed(call.meeting.starts_at) if unheard else "",
            "canceled_by": callfacts.name_of(call.meeting.cancelled_by),
            "reason": call.meeting.cancel_reason,
        }


class RsvpConfirmation(CallNotice):
    kind, label, sort = "rsvp_confirmation", _("My answers"), Class.ACCOUNT
    told = _("Their answer was confirmed")
    to_tell = _("Their answer is to be confirmed")
    untold = _("Their answer wasn’t confirmed")
    title = _("Your answer")

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.OVER,
            stops.ANSWERED_SINCE,
            stops.NOT_ANSWERED,
            stops.NOT_ON_COMMITTEE,
        ]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"note": facts.note(delivery)}

    def variant(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk


class AnswerUnclear(CallNotice):
    """Somebody answered by mail, and nobody could read it or knows that it was them: they are asked, with buttons.

    Without an entry: a calendar whose answers can't be read would be asked in vain.
    """

    kind, label, sort = "answer_unclear", _("An answer by email that we couldn’t record"), Class.ACCOUNT
    told = _("They were asked to answer again")
    to_tell = _("They’re to be asked to answer again")
    untold = _("They weren’t asked to answer again")
    mailer = "default"
    title = _("Your answer")

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.OVER,
            stops.NOT_ON_COMMITTEE,
            stops.ANSWERED_AFTER,
        ]

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = callfacts.load(deliveries)
        people = [delivery.recipient_id for delivery in deliveries]
        waiting = CalendarReply.objects.waiting().filter(meeting__in=calls.by_id, user__in=people)
        calls.waiting = {
            (each.meeting_id, each.user_id): each for each in waiting.select_related("user").order_by("pk")
        }
        return calls

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        reply = facts.waiting.get((delivery.subject_id, delivery.recipient_id or 0))
        return super().context(delivery, facts) | {"reply": reply}

    def variant(self, delivery: Delivery, facts: Calls) -> Hashable:
        return delivery.pk

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        return {}


class Nudge(CallNotice):
    """A co-chair asks those who have not answered; its edition is the day (events.answers.nudging)."""

    kind, label, sort = "nudge", _("Nudges to answer"), Class.ROUTINE
    told = _("They were asked whether they can come")
    to_tell = _("They’re to be asked whether they can come")
    untold = _("They weren’t asked whether they can come")
    title = _("Can you come?")
    hint = _("When a co-chair asks those who haven’t answered, at most once a day")
    page = "meeting_answers"

    def voids(self) -> Sequence[Stop]:
        return [
            stops.GONE,
            stops.UNTOLD,
            stops.CANCELLED,
            stops.OVER,
            stops.NOT_ON_COMMITTEE,
            stops.ALREADY_ANSWERED,
            stops.TOLD_LATELY,
        ]

    def audience(self, sending: Sending) -> QuerySet[User]:
        meeting = self._meeting(sending)
        return nudgeable(meeting) if meeting else User.objects.none()


class Withdrawn(CallNotice):
    """Somebody has no seat on the committee any more: its calls leave their calendar (events.messages.withdrawals plans it).

    It goes to whoever left the network too.
    """

    kind, label, sort = "withdrawn", _("Calls of a committee I left"), Class.ACCOUNT
    told = _("A call was taken off their calendar")
    to_tell = _("A call is to be taken off their calendar")
    untold = _("A call wasn’t taken off their calendar")
    title = _("Off your calendar")
    method = ics.CANCEL

    def voids(self) -> Sequence[Stop]:
        return [stops.GONE, stops.OVER, stops.SEATED_AGAIN, stops.DECLINED]

    def reply_to(self, delivery: Delivery, facts: Calls) -> tuple[str, ...]:
        """Co-chairs show their addresses to their committee, and this person is no longer on it."""
        return ()

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"where_replies_go": "", "where_replies_go_apart": ""}

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        lines = mark("organizer"), mark("attendee")
        return super().calendar(delivery, facts) | {"calendar": ics.withdrawal(facts.of(delivery).meeting, *lines)}


def asking_kinds() -> list[str]:
    """Those whose mails put a call into a calendar."""
    calls = {kind: notice for kind, notice in registry.items() if isinstance(notice, CallNotice)}
    return [
        kind
        for kind, notice in calls.items()
        if notice.method == ics.REQUEST and type(notice).calendar is CallNotice.calendar
    ]

"""Messages about calls: when they are told, what makes them void, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, Case, Exists, Expression, F, Func, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees import notices as committee_notices
from committees.models import Membership
from events import agendawords, callfacts, ics
from events.callfacts import Calls
from events.models import AgendaPublication, Answered, Meeting, MeetingMove, Rsvp
from events.models.publishing import Changes, changes
from members import links, tags, timewords
from members.clock import database_today
from members.models import Delivery, MessageSettings, Sending, Suppression, User
from members.notifications.letters import mark
from members.notifications.notice import Cadence, Class, Line, Notice, Stop, chosen_cadence, registry

InQuietHours = MessageSettings.InQuietHours

HOUR = 60  # minutes
MOST_COMING = 5  # calls named to who joins a committee
CANNOT_WAIT = timedelta(hours=48)  # before a call, for whoever wants summaries
BETWEEN_NUDGES = timedelta(hours=24)  # from any message about a call to a nudge


def tell_scheduled(meeting: Meeting) -> None:
    """Invite everybody on the committee."""
    Invitation.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def tell_changed(meeting: Meeting) -> None:
    """The place, the length or the title is another; the time is not."""
    Changed.tell(meeting.invitees(), meeting.subject, edition=meeting.sequence, scope=meeting.scope)


def tell_moved(move: MeetingMove) -> None:
    """The time is another, and everybody is asked again. What rested may be about a call that is near by now."""
    Delivery.objects.filter(subject=move.meeting.subject).ask_again()
    Moved.tell(move.meeting.invitees(), move.meeting.subject, edition=move.edition, scope=move.meeting.scope)


def tell_cancelled(meeting: Meeting) -> None:
    Cancelled.tell(meeting.invitees(), meeting.subject, edition=meeting.edition, scope=meeting.scope)


def tell_agenda(publication: AgendaPublication) -> None:
    meeting = publication.meeting
    AgendaPublished.tell(meeting.invitees(), meeting.subject, edition=publication.number, scope=meeting.scope)


def tell_nudge(meeting: Meeting, people: list[User], edition: int) -> None:
    Nudge.tell(people, meeting.subject, edition=edition, scope=meeting.scope)


def nudgeable(meeting: Meeting) -> QuerySet[User]:
    """Those of the silent whom no Stop would hold back, so that a button can say how many they are."""
    told = Delivery.objects.filter(_lately(), recipient=OuterRef("pk"), subject=meeting.subject)
    stopped = Suppression.objects.open().filter(address=Lower(OuterRef("email")))
    cadence = chosen_cadence(Cadence.AT_ONCE, person="pk", kind=Nudge.kind, scope=meeting.scope)
    people = meeting.silent().filter(~Exists(told), ~Exists(stopped))
    return people.alias(cadence=cadence).exclude(cadence=Cadence.NEVER)


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


def _lately() -> Q:
    """Deliveries that went within the last day, or are about to go."""
    return Q(state=Delivery.State.SENT, sent_at__gt=Now() - BETWEEN_NUDGES) | Q(
        state__in=Delivery.OPEN, due_at__lte=Now()
    )


GONE = Stop(~_the_call(), _("The call no longer exists."))
CANCELLED = Stop(_the_call(cancelled_at__isnull=False), _("The call was canceled."))
MOVED = Stop(~_the_call(edition=OuterRef("edition")), _("The call moved to another time."))
OVER = Stop(_the_call(ends_at__lt=Now()), _("The call was over."), Delivery.State.EXPIRED)
NOT_ON_COMMITTEE = Stop(~_seated(), _("The person is not on the committee."), yours=_("You’re not on the committee."))
SEATED_AGAIN = Stop(
    Q(_seated(), recipient__left_at__isnull=True),
    _("The person is on the committee again, so the call stays."),
    yours=_("You’re on the committee again, so the call stays."),
)
DECLINED = Stop(
    _answered(response=Rsvp.Response.DECLINED),
    _("The person answered that they can't come."),
    yours=_("You answered that you can’t come."),
)
ALREADY_ANSWERED = Stop(_answered(), _("The person had answered already."), yours=_("You had answered already."))
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
    yours=_("You answered again since."),
)
NOT_ANSWERED = Stop(~_answered(), _("The answer was for an earlier time, or taken back."))
CHANGED_AGAIN = Stop(
    Exists(  # and is told of the newer change: one that was saved quietly, or taken back, stops nothing
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            subject=OuterRef("subject"),
            kind__in=["changed", "moved"],
            pk__gt=OuterRef("pk"),
        ).exclude(state=Delivery.State.SKIPPED)
    ),
    _("The call changed again since."),
)
ANSWERED_MEANWHILE = Stop(
    Q(_answered(answered_at__gte=OuterRef("due_at")), offset__gte=HOUR),
    _("The person answered after the moment this reminder was due."),
    yours=_("You answered after the moment this reminder was due."),
)
NOT_THIS_OFFSET = Stop(
    Q(
        ~_the_call(
            Q(reminder_offsets__contains=[OuterRef("offset")])
            | Q(reminder_offsets=None, committee__reminder_offsets__contains=[OuterRef("offset")])
        ),
        recipient__message_settings__reminder_offsets=None,
    ),
    _("The co-chairs took this reminder away."),
)
NOT_MY_OFFSET = Stop(
    Exists(
        MessageSettings.objects.filter(user=OuterRef("recipient"), reminder_offsets__isnull=False).exclude(
            reminder_offsets__contains=[OuterRef("offset")]
        )
    ),
    _("The person chose other reminders."),
    yours=_("You chose other reminders."),
)
LEFT_OUT = Stop(
    Q(recipient__message_settings__quiet_reminders=InQuietHours.SKIP)  # first, so that nobody else is asked the rest
    & Q(
        Func(
            Subquery(Meeting.objects.filter(pk=OuterRef("subject_id")).values("starts_at")[:1]),
            "offset",
            "recipient__timezone",
            "recipient__message_settings__quiet_from",
            "recipient__message_settings__quiet_until",
            "recipient__message_settings__quiet_reminders",
            function="events_left_out",
            output_field=BooleanField(),
        )
    ),
    _("It would have come in the person’s quiet hours, and they chose to leave such reminders out."),
    yours=_("It would have come in your quiet hours, and you chose to leave such reminders out."),
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
AGENDA_TAKEN_BACK = Stop(
    ~Exists(
        AgendaPublication.objects.filter(
            meeting=OuterRef("subject_id"), number=OuterRef("edition"), taken_back_at__isnull=True
        )
    ),
    _("The agenda was taken back."),
)
NEWER_AGENDA = Stop(
    Exists(  # and can't be taken back any more
        Delivery.objects.filter(
            recipient=OuterRef("recipient"),
            kind=OuterRef("kind"),
            subject=OuterRef("subject"),
            edition__gt=OuterRef("edition"),
            due_at__lte=Now(),
        ).exclude(state=Delivery.State.SKIPPED)
    ),
    _("The agenda was published again since."),
)
TOLD_LATELY = Stop(
    Exists(
        Delivery.objects.filter(_lately(), recipient=OuterRef("recipient"), subject=OuterRef("subject")).exclude(
            pk=OuterRef("pk")
        )
    ),
    _("Another message about this call went within the last 24 hours."),
)


# The kinds -------------------------------------------------------------------------------------------------


class CallNotice(Notice):
    """A message about one call, with its calendar entry."""

    mailer = "calendar"
    method = ics.REQUEST

    def may_take_back(self, person: User, sending: Sending) -> bool:
        meeting = self._meeting(sending)
        return meeting is not None and person.has_perm("events.run_meeting", meeting)

    def audience(self, sending: Sending) -> QuerySet[User]:
        """Whoever is on the committee by now."""
        meeting = self._meeting(sending)
        return meeting.invitees() if meeting else User.objects.none()

    def page_of(self, sending: Sending) -> str:
        meeting = self._meeting(sending)
        return meeting.get_absolute_url() if meeting else super().page_of(sending)

    @staticmethod
    def _meeting(sending: Sending) -> Meeting | None:
        pk = sending.subject.rpartition(":")[2]
        return Meeting.objects.select_related("committee").filter(pk=pk).first()

    def starts_at(self) -> Expression | Subquery:
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
    stays = _("The call stays on the portal.")
    hint = _("When a co-chair sets one")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, MOVED, OVER, NOT_ON_COMMITTEE, ALREADY_ANSWERED]

    def urgent(self) -> Q:
        return Q(starts_at__lt=Now() + CANNOT_WAIT)

    def line(self, delivery: Delivery, facts: Calls) -> Line:
        call = facts.of(delivery)
        words = {"when": timewords.listed(call.meeting.starts_at), "committee": call.meeting.committee.name}
        return Line(
            _("Invitation to %(call)s") % {"call": call.meeting.title},
            _("%(when)s. %(committee)s. You haven’t answered.") % words,
            f"{call.url}#rsvp",
        )


class Reminder(CallNotice):
    """A week, a day and ten minutes before, or as the co-chairs set it (events.reminders plans them)."""

    kind, label, sort = "reminder", _("Reminders of calls"), Class.ROUTINE
    hint = _("Before each call, unless you said you can’t come")
    title = _("Reminder")

    def voids(self) -> Sequence[Stop]:
        return [
            GONE,
            CANCELLED,
            MOVED,
            NOT_THIS_OFFSET,
            NOT_MY_OFFSET,
            NOT_ON_COMMITTEE,
            DECLINED,
            ANSWERED_MEANWHILE,
            NEWER_WENT,
            LEFT_OUT,
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
            "starts": delivery.offset < HOUR and start - now < timedelta(hours=1),  # not the evening before
            "started": start <= now,
            "weekday_and_clock": callfacts.weekday_and_clock(start, now),
            "to_read": callfacts.to_read(call),
        }


class Changed(CallNotice):
    kind, label, sort = "changed", _("A call's place, length or topic changed"), Class.CHANGE
    title = _("Changed")
    stays = _("The call stays as you changed it.")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, OVER, CHANGED_AGAIN, NOT_ON_COMMITTEE, DECLINED]


class Moved(CallNotice):
    kind, label, sort = "moved", _("A call moved"), Class.CHANGE
    title = _("Time changed")
    stays = _("The call stays moved.")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, MOVED, OVER, NOT_ON_COMMITTEE]

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        move = call.moves[delivery.edition]
        return super().context(delivery, facts) | callfacts.moved(call, move)


class Cancelled(CallNotice):
    kind, label, sort = "cancelled", _("A call is canceled"), Class.CHANGE
    title = _("Canceled")
    stays = _("The call stays canceled.")
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


class AgendaPublished(CallNotice):
    """A published agenda with its papers; it goes with the day's other documents unless the call is near."""

    kind, label, sort = "agenda_published", _("Agendas and papers"), Class.ROUTINE
    cadence, cadences = Cadence.DAILY, Cadence.values
    mailer = "default"
    title = _("Agenda")
    hint = _("When co-chairs publish an agenda or a change of it. At once when the call is within two days")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, OVER, AGENDA_TAKEN_BACK, NEWER_AGENDA, NOT_ON_COMMITTEE, DECLINED]

    def urgent(self) -> Q:
        return Q(starts_at__lt=Now() + CANNOT_WAIT)

    def taken_back(self, sending: Sending, by: User) -> None:
        """When nobody had it yet, it was not published, and what it told is still to be told."""
        meeting = self._meeting(sending)
        if meeting and not sending.deliveries().filter(handovers__gt=0).exists():
            meeting.agenda_publications.filter(number=sending.edition).update(taken_back_at=Now())

    def page_of(self, sending: Sending) -> str:
        meeting = self._meeting(sending)
        return reverse("meeting_agenda", args=[meeting.slug]) if meeting else super().page_of(sending)

    def load(self, deliveries: Sequence[Delivery]) -> Calls:
        calls = callfacts.load(deliveries)
        calls.changes = _changes(calls.by_id)
        return calls

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        call = facts.of(delivery)
        changed = facts.changes.get((call.meeting.pk, delivery.edition))
        return super().context(delivery, facts) | {
            "weekday_and_clock": callfacts.weekday_and_clock(call.meeting.starts_at, timezone.now()),
            "to_read": callfacts.to_read(call),
            "changes": agendawords.listed(changed) if changed else [],
            "changes_counted": agendawords.counted(changed) if changed else "",
        }

    def calendar(self, delivery: Delivery, facts: Calls) -> dict[str, str]:
        return {}

    def line(self, delivery: Delivery, facts: Calls) -> Line:
        call, when = facts.of(delivery), timewords.listed(facts.of(delivery).meeting.starts_at)
        changed = facts.changes.get((call.meeting.pk, delivery.edition))
        title, news = _("%(call)s has its agenda"), str(_("The agenda is up."))
        words = f"{when}. {callfacts.to_read(call)}"
        if changed:
            news = _("Its agenda changed: %(what)s.") % {"what": agendawords.counted(changed)}
            title, words = _("%(call)s has a new agenda"), f"{when}. {news}"
        return Line(title % {"call": call.meeting.title}, words, call.url, news)


def _changes(calls: Collection[int]) -> dict[tuple[int, int], Changes | None]:
    """By call and number, in one query."""
    found: dict[tuple[int, int], Changes | None] = {}
    before: dict[int, Any] = {}
    for each in AgendaPublication.objects.filter(meeting__in=calls, taken_back_at=None).order_by("number"):
        earlier = before.get(each.meeting_id)
        found[each.meeting_id, each.number] = changes(earlier, each.snapshot) if earlier is not None else None
        before[each.meeting_id] = each.snapshot
    return found


class Nudge(CallNotice):
    """A co-chair asks those who have not answered; its edition is the day (events.nudging)."""

    kind, label, sort = "nudge", _("Nudges to answer"), Class.ROUTINE
    title = _("Can you come?")
    hint = _("When a co-chair asks those who haven’t answered, at most once a day")

    def voids(self) -> Sequence[Stop]:
        return [GONE, CANCELLED, OVER, NOT_ON_COMMITTEE, ALREADY_ANSWERED, TOLD_LATELY]

    def audience(self, sending: Sending) -> QuerySet[User]:
        meeting = self._meeting(sending)
        return nudgeable(meeting) if meeting else User.objects.none()

    def page_of(self, sending: Sending) -> str:
        meeting = self._meeting(sending)
        return reverse("meeting_answers", args=[meeting.slug]) if meeting else super().page_of(sending)

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        start = facts.of(delivery).meeting.starts_at
        return super().context(delivery, facts) | {
            "weekday_and_clock": callfacts.weekday_and_clock(start, timezone.now())
        }


class Withdrawn(CallNotice):
    """Somebody has no seat on the committee any more: its calls leave their calendar (events.withdrawals plans it).

    It goes to whoever left the network too.
    """

    kind, label, sort = "withdrawn", _("Calls of a committee I left"), Class.ACCOUNT
    title = _("Off your calendar")
    method = ics.CANCEL

    def voids(self) -> Sequence[Stop]:
        return [GONE, OVER, SEATED_AGAIN, DECLINED]

    def reply_to(self, delivery: Delivery, facts: Calls) -> tuple[str, ...]:
        """Co-chairs show their addresses to their committee, and this person is no longer on it."""
        return ()

    def context(self, delivery: Delivery, facts: Calls) -> dict[str, Any]:
        return super().context(delivery, facts) | {"chairs_take_replies": False}

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


# Coming onto a committee -----------------------------------------------------------------------------------


def _coming(committees: Collection[int]) -> dict[int, list[Meeting]]:
    """The next calls of each."""
    found: dict[int, list[Meeting]] = {}
    for meeting in Meeting.objects.standing().upcoming().filter(committee__in=committees):
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
    """In place of the committees' own, with the calls that are ahead: nobody was there to be invited to them."""

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

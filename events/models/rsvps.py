"""Answers to a call. One verb, events.answers.answering.respond, stands behind page, list, home, mail link, calendar reply and API."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models.functions import Coalesce, JSONObject, Now
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from events.models import responses, seats
from events.models.joint import CallCommittee, seats_at, sits_with
from members.fields import ShortWords
from members.models import AuditEntry, Office, Profile, User
from members.queries.sql import load, members_of
from members.times import clock

if TYPE_CHECKING:
    from events.models.meetings import Meeting


@dataclass(frozen=True)
class Tally:
    """How many of those on the committee today said what, and from how many states those come who are going."""

    going: int = 0
    maybe: int = 0
    cant: int = 0
    unanswered: int = 0
    states: int = 0
    waiting: int = 0

    @classmethod
    def of(cls, people: int, said: Iterable[dict[str, Any]], states: int) -> Tally:
        """From the row of `by_answer`."""
        counts = {answer["response"]: answer["people"] for answer in said}
        going, maybe, cant, waiting = (
            counts.get(response, 0)
            for response in (
                Rsvp.Response.ACCEPTED,
                Rsvp.Response.TENTATIVE,
                Rsvp.Response.DECLINED,
                Rsvp.Response.WAITING,
            )
        )
        return cls(going, maybe, cant, people - going - maybe - cant - waiting, states, waiting)

    @property
    def invited(self) -> int:
        return self.going + self.maybe + self.cant + self.waiting + self.unanswered


class RsvpQuerySet(models.QuerySet["Rsvp"]):
    def current(self) -> RsvpQuerySet:
        """Answers to the time that holds now; a moved call asks again."""
        return self.filter(edition=models.F("meeting__edition")).exclude(response=Rsvp.Response.NEEDS_ACTION)

    def counting(self, meeting: Meeting) -> RsvpQuerySet:
        """Standing answers to one call by those who are on its committees today, by name."""
        on_it = seats_at(meeting.pk, Membership.objects.held_by_many().filter(user=models.OuterRef("user")))
        held = self.filter(models.Exists(on_it), meeting=meeting, edition=meeting.edition)
        return held.exclude(response=Rsvp.Response.NEEDS_ACTION).select_related("user").order_by("user__name", "user")

    def going(self) -> RsvpQuerySet:
        return self.filter(response=Rsvp.Response.ACCEPTED)

    def waiting(self) -> RsvpQuerySet:
        """On the wait list, the first in line first."""
        return self.filter(response=Rsvp.Response.WAITING).order_by("in_line_since", "pk")

    def offered(self) -> RsvpQuerySet:
        """Those of them to whom a seat is offered."""
        return self.filter(response=Rsvp.Response.WAITING, offered_until__gt=Now())

    def seated(self, meeting: Meeting) -> RsvpQuerySet:
        """Those who have a seat of this call, or are offered one."""
        has_one = models.Q(response=Rsvp.Response.ACCEPTED)
        offered = models.Q(response=Rsvp.Response.WAITING, offered_until__gt=Now())
        return self.filter(has_one | offered, meeting=meeting, edition=meeting.edition)

    def during(self, first: Any, last: Any) -> RsvpQuerySet:
        """To calls that take place between these moments, or in part."""
        return self.filter(
            meeting__starts_at__lt=last,
            meeting__ends_at__gt=first,
            meeting__cancelled_at=None,
            meeting__told_at__lte=clock.now(),
        )

    def of_past_calls(self, user: User, since: datetime) -> RsvpQuerySet:
        """What this person said to calls that have begun since."""
        return self.filter(user=user, meeting__starts_at__gte=since, meeting__starts_at__lt=clock.now())

    def shown_to(self, viewer: User, everybody: bool) -> RsvpQuerySet:
        """Those whose owner lets this reader see them, and one's own; `everybody` for co-chairs and staff.

        Who lets fellow committee members see them means those, not all who are on a joint call. Where one of the
        committees hides answers, one's own alone.
        """
        if everybody:
            return self
        hiding = CallCommittee.objects.filter(meeting=models.OuterRef("meeting"), committee__hides_answers=True)
        to_members = models.Q(user__profile__rsvp_audience=Profile.Audience.MEMBERS)
        to_fellows = models.Q(user__profile__rsvp_audience=Profile.Audience.COMMITTEES)
        fellows = to_fellows & sits_with(viewer, "user", "meeting")
        return self.filter(~models.Exists(hiding) & (to_members | fellows) | models.Q(user=viewer))

    def number(self) -> Coalesce:
        """How many these answers to one call are, as a column."""
        counted = self.order_by().values("meeting").annotate(n=models.Count("pk")).values("n")
        return Coalesce(models.Subquery(counted), 0)

    def faces(self, viewer: User, everybody: bool, at_most: int) -> ArraySubquery:
        """Some of those shown, in a column: what `User` takes to draw each. Not by name, which would read all of them."""
        shown = self.shown_to(viewer, everybody).order_by("user")[:at_most]
        return ArraySubquery(shown.values(face=JSONObject(pk="user", name="user__name")))

    def tally(self, meeting: Meeting) -> Tally:
        """Counts in one query, from the committee as it is today."""
        return Tally.of(*self.by_answer(meeting).get())

    def by_answer(self, meeting: Meeting, *columns: ArraySubquery) -> models.QuerySet[Any, tuple[Any, ...]]:
        """One row: people on the committee today, how many of them said what, from how many states those going are; `columns`."""
        seats = seats_at(meeting.pk, Membership.objects.held_by_many()).order_by().values(all=models.Value(1))
        counting = self.counting(meeting).order_by()
        said = counting.values("response").annotate(people=models.Count("pk"))
        offices = Office.objects.filter(user__in=counting.going().values("user")).order_by()
        states = offices.values(all=models.Value(1)).annotate(n=models.Count("jurisdiction__state", distinct=True))
        return (
            Committee.objects.filter(pk=meeting.committee_id)
            .order_by()
            .values_list(
                Coalesce(models.Subquery(seats.annotate(n=models.Count("user", distinct=True)).values("n")), 0),
                ArraySubquery(said.values(said=JSONObject(response="response", people="people"))),
                models.Subquery(states.values("n")),
                *columns,
            )
        )


@dataclass(frozen=True)
class Answered:
    """What `record` did: the row as it stands, and whether this write is what it says now."""

    rsvp: Rsvp
    applied: bool
    changed: bool
    previous: str


class Rsvp(models.Model):
    """One person's standing answer to one call.

    `version` counts the writes. A write names the `version` it saw and, with script, its page and which click on it:
    of two clicks the later wins, and a late retry of an older click never does.

    Where a call has seats (events.models.seats), who says going when none is free is on the wait list, at the place that
    `in_line_since` gives; a seat that becomes free is theirs to take until `offered_until`.
    """

    Response: TypeAlias = responses.Response

    class Source(models.TextChoices):
        PAGE = "page", _("the portal")
        MAIL = "mail", _("the link in an email")
        CALENDAR = "calendar", _("a calendar reply")
        API = "api", _("an app")
        POLL = "poll", _("a yes in the poll")
        STAFF = "staff", _("somebody on their behalf")
        WAITLIST = "waitlist", _("the wait list")

    meeting = models.ForeignKey("events.Meeting", models.CASCADE, related_name="rsvps")
    user = models.ForeignKey(User, models.CASCADE, related_name="rsvps")
    edition = models.PositiveIntegerField(default=0)
    response = models.CharField(max_length=12, choices=Response, default=Response.NEEDS_ACTION)
    note = ShortWords(_("note for the co-chairs"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    answered_at = models.DateTimeField(db_default=Now())
    written_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", help_text="who wrote it down for them"
    )
    in_line_since = models.DateTimeField(null=True, editable=False, help_text="of a call with seats: their place")
    offered_until = models.DateTimeField(
        null=True, editable=False, help_text="of one waiting: a seat is theirs till then"
    )

    limit: int | None = None  # seats of the call, while an answer is taken

    objects = RsvpQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user"], name="rsvp_once")]
        indexes = [
            models.Index(fields=["meeting", "response"], name="rsvp_of_meeting"),
            models.Index(fields=["user"], name="rsvp_of_user"),
            models.Index(
                fields=["meeting", "in_line_since"],
                name="rsvp_waiting",
                condition=models.Q(response=responses.Response.WAITING),
            ),
        ]
        triggers = [seats.NONE_TOO_MANY]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_response_display()}"

    @property
    def place(self) -> int:
        """On the wait list, 1 for the first in line."""
        line = Rsvp.objects.filter(meeting=self.meeting_id, edition=self.edition, offered_until=None).waiting()
        return line.filter(in_line_since__lt=self.in_line_since).count() + 1

    @classmethod
    def record(
        cls,
        meeting: Meeting,
        user: User,
        response: str,
        *,
        seen: int,
        edition: int | None = None,
        page: str = "",
        click: int = 0,
        source: str = Source.PAGE,
        by: User | None = None,
        note: str | None = None,
    ) -> Answered:
        """Write an answer down, and tell nobody: events.answers.answering.respond is the verb that confirms it.

        `seen` is the version the person looked at; with script, `page` is a random name of the loaded page and `click`
        counts its clicks from 1. `edition` is that of the time the person looked at; None means the one that holds.
        `note` None leaves the note as it is. Going means the wait list where no seat is free. Raises ValidationError for an unknown response, a cancelled, moved or past call.
        """
        if response not in cls.Response.values:
            raise ValidationError(_("Answer with going, maybe or can’t."), "unknown_response")
        if response == cls.Response.WAITING:  # what Undo brings back: nobody but the line says whether there is a seat
            response = cls.Response.ACCEPTED
        if meeting.is_cancelled:
            raise ValidationError(_("This call is canceled, so there is nothing to answer."), "cancelled")
        if meeting.is_over:
            raise ValidationError(_("This call is over."), "over")
        if not meeting.is_told:
            raise ValidationError(
                _("The committee isn’t told of this call yet, so there is nothing to answer."), "draft"
            )
        if edition is not None and edition != meeting.edition:
            raise ValidationError(
                _("The time of this call changed since you opened the page. Answer for the new time."), "moved"
            )
        with transaction.atomic(savepoint=False):
            return cls._record_once(
                meeting, user, response, seen=seen, page=page[:36], click=click, source=source, by=by or user, note=note
            )

    @classmethod
    def _record_once(
        cls,
        meeting: Meeting,
        user: User,
        response: str,
        *,
        seen: int,
        page: str,
        click: int,
        source: str,
        by: User,
        note: str | None,
    ) -> Answered:
        rsvp = cls._locked(meeting, user)
        previous = rsvp.response if rsvp.edition == meeting.edition else cls.Response.NEEDS_ACTION
        if rsvp._is_stale(response, seen, page, click):
            return Answered(rsvp, applied=previous in _outcomes(response), changed=False, previous=previous)
        response = rsvp._settled(meeting, response)
        rsvp.written_by = by if by != user else None
        rsvp._write(meeting, response, seen, note)
        RsvpAnswer.objects.create(
            rsvp=rsvp,
            edition=rsvp.edition,
            response=response,
            seen=rsvp.seen,
            page=page,
            click=click,
            source=source,
            answered_by=by,
            note=rsvp.note,
        )
        if by != user:
            AuditEntry.record(
                by,
                "answered for another",
                meeting,
                before={"response": previous},
                after={"user": user.pk, "response": response},
            )
        return Answered(rsvp, applied=True, changed=previous != response, previous=previous)

    def _settled(self, meeting: Meeting, response: str) -> str:
        """What the answer comes to: where seats are limited and none is free, going is the wait list."""
        if response != self.Response.ACCEPTED or self.limit is None:
            return response
        values: dict[str, Any] = {
            "rsvp": self.pk,
            "meeting": meeting.pk,
            "edition": meeting.edition,
            "limit": self.limit,
            "starts_at": meeting.starts_at,
            "kept": seats.KEPT,
            "last_offers": seats.LAST_OFFERS,
        }
        with connection.cursor() as cursor:
            cursor.execute(TAKE_SEAT, values)
            self.in_line_since, is_seat = cursor.fetchone()
        return self.Response.ACCEPTED if is_seat else self.Response.WAITING

    @classmethod
    def _locked(cls, meeting: Meeting, user: User) -> Rsvp:
        """The row, made when missing and locked either way, in one statement: two first answers at once take turns.

        `limit` is the number of seats. Where there is one the call is locked, before the row: answers to it take turns.
        """
        values = {"meeting": meeting.pk, "user": user.pk, "edition": meeting.edition}
        rsvp = cls.objects.raw(LOCK_ANSWER, values)[0]
        rsvp.meeting, rsvp.user = meeting, user
        return rsvp

    def _is_stale(self, response: str, seen: int, page: str, click: int) -> bool:
        if seen >= self.version:
            return False
        if seen != self.seen:
            return True
        same_view = self.answers.filter(seen=seen, page=page)
        return (
            same_view.filter(click__gte=click).exists()
            if click
            else same_view.filter(response__in=_outcomes(response)).exists()
        )

    def _write(self, meeting: Meeting, response: str, seen: int, note: str | None) -> None:
        self.seen = min(seen, self.version)
        self.edition, self.response = meeting.edition, response
        self.version += 1
        if note is not None:
            self.note = note
        self.answered_at, self.offered_until = Now(), None
        self.save(update_fields=WRITTEN)
        del self.answered_at  # the database's clock wrote it; read back when somebody asks


LOCK_ANSWER = load(__file__, "lock_answer", **members_of(Rsvp.Response))
TAKE_SEAT = load(__file__, "take_seat", **members_of(Rsvp.Response))
WRITTEN = [
    "seen",
    "edition",
    "response",
    "version",
    "note",
    "answered_at",
    "in_line_since",
    "offered_until",
    "written_by",
]


def _outcomes(response: str) -> set[str]:
    """What the same answer may have come to before."""
    return {response, Rsvp.Response.WAITING} if response == Rsvp.Response.ACCEPTED else {response}


class RsvpAnswer(models.Model):
    """One write of an answer: the history, and how a repeated click is recognized."""

    rsvp = models.ForeignKey(Rsvp, models.CASCADE, related_name="answers")
    edition = models.PositiveIntegerField()
    response = models.CharField(max_length=12, choices=Rsvp.Response)
    seen = models.PositiveIntegerField()
    page = models.CharField(max_length=36, blank=True)
    click = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=8, choices=Rsvp.Source)
    answered_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(auto_now_add=True)
    note = ShortWords(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.rsvp_id}: {self.response}"

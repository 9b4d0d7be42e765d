"""Who was on a call, and whether they were enough to decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from committees.models import Committee, Membership
from events.models.joint import seats_at
from events.models.meetings import Meeting
from events.models.rsvps import Rsvp
from members.fields import Line, Moment
from members.models import AuditEntry, User
from members.queries.turns import take_turn
from members.times import clock

CHECK_IN_FOR = timedelta(days=1)  # after the planned end
JOINED = "joined from a mail"  # the line of the activity log: a hint that somebody was there, no proof


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def here(self) -> AttendanceQuerySet:
        """Those who were there, for however long."""
        return self.filter(state=Attendance.State.HERE)

    def here_at(self, at: datetime) -> AttendanceQuerySet:
        """Those in the room at that moment: had come, and had not left."""
        return self.here().exclude(arrived_at__gt=at).exclude(left_at__lte=at)

    def for_listing(self) -> AttendanceQuerySet:
        return self.select_related("user", "marked_by").order_by("user__name", "user")


class Attendance(models.Model):
    """What is known of one person on one call. No row: nobody said anything.

    `arrived_at` and `left_at` are None for who was there from the start, or to the end. `minutes` is what a report of
    the video service adds up to.
    """

    class State(models.TextChoices):
        HERE = "here", gettext_lazy("Here")
        ABSENT = "absent", gettext_lazy("Not here")

    class Source(models.TextChoices):
        CHAIR = "chair", gettext_lazy("marked by a co-chair")
        SELF = "self", gettext_lazy("says so")
        REPORT = "report", gettext_lazy("in the video service’s report")

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    user = models.ForeignKey(User, models.CASCADE, related_name="attendances")
    state = models.CharField(max_length=6, choices=State, default=State.HERE)
    arrived_at = Moment(null=True, blank=True)
    left_at = Moment(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=6, choices=Source, default=Source.CHAIR)
    marked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    marked_at = models.DateTimeField(db_default=Now())

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="attendance_once"),
            models.CheckConstraint(
                condition=models.Q(left_at__gte=models.F("arrived_at")),  # a moment that is not known breaks nothing
                name="attendance_left_after_arriving",
                violation_error_message=gettext_lazy("Nobody leaves before they come."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.meeting}"

    # Questions ---------------------------------------------------------------------------------

    @property
    def is_here(self) -> bool:
        return self.state == self.State.HERE

    @property
    def is_their_own_word(self) -> bool:
        return self.source == self.Source.SELF

    @staticmethod
    def seats(meeting: Meeting) -> models.QuerySet[Membership]:
        """Who may be marked: those on one of its committees on the day of the call, and those on one today."""
        then, now = clock.day_of(meeting.starts_at), clock.today()
        rows = Membership.objects.held_by_many(then) | Membership.objects.held_by_many(now)
        return seats_at(meeting.pk, rows)

    @staticmethod
    def may_check_in(meeting: Meeting, user: User) -> bool:
        """From the start until a day after the end, for who is on the committee."""
        is_time = meeting.starts_at <= timezone.now() < meeting.ends_at + CHECK_IN_FOR
        return is_time and meeting.is_told and not meeting.is_cancelled and bool(meeting.role_of(user))

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def mark(
        cls,
        meeting: Meeting,
        person: User,
        *,
        by: User,
        state: str = State.HERE,
        arrived_at: datetime | None = None,
        left_at: datetime | None = None,
        minutes: int | None = None,
        source: str = Source.CHAIR,
    ) -> Attendance:
        """Write down that somebody is here, or is not. The newest mark holds; the same again changes nothing.

        Raises ValidationError for a canceled call, for who is not on its committee, and for leaving before arriving.
        """
        said = {"arrived_at": arrived_at, "left_at": left_at, "minutes": minutes}
        return cls.mark_all(meeting, {person: said}, by=by, state=state, source=source)[0]

    @classmethod
    @transaction.atomic
    def mark_all(
        cls,
        meeting: Meeting,
        people: dict[User, dict[str, Any]] | Iterable[User],
        *,
        by: User,
        state: str = State.HERE,
        source: str = Source.CHAIR,
    ) -> list[Attendance]:
        """`mark` for several in one act, with one line in the log; a dict says more of each (arrived_at, left_at, minutes)."""
        wanted = people if isinstance(people, dict) else {person: {} for person in people}
        _refuse_cancelled(meeting)
        take_turn(f"attendance of {meeting.pk}")
        _refuse_strangers(meeting, wanted)
        known = {row.user_id: row for row in cls.objects.filter(meeting=meeting, user__in=wanted)}
        rows, changed = [], []
        for person, said in wanted.items():
            row = known.get(person.pk) or cls(meeting=meeting, user=person)
            if row._take(state, source, by, said):
                changed.append(row)
            rows.append(row)
        for row in changed:
            row.full_clean(exclude=["marked_at"], validate_unique=False)
            row.save()
        if changed:
            after = {"people": sorted(row.user_id for row in changed), "state": state, "source": source}
            AuditEntry.record(by, "marked attendance", meeting, after=after)
        return rows

    @classmethod
    @transaction.atomic
    def arrive(cls, meeting: Meeting, person: User, *, by: User, at: datetime | None = None) -> Attendance:
        """Write down that somebody comes in now, or comes back: who was here before keeps when they first came."""
        at = at or timezone.now()
        row = cls._known(meeting, person)
        if row and row.is_here:
            return cls.mark(meeting, person, by=by, arrived_at=row.arrived_at, minutes=row.minutes)
        return cls.mark(meeting, person, by=by, arrived_at=at if at > meeting.starts_at else None)

    @classmethod
    @transaction.atomic
    def leave(cls, meeting: Meeting, person: User, *, by: User, at: datetime | None = None) -> Attendance:
        """Write down that somebody leaves now; who was not marked was there from the start."""
        row = cls._known(meeting, person)
        arrived_at = row.arrived_at if row and row.is_here else None
        return cls.mark(meeting, person, by=by, arrived_at=arrived_at, left_at=at or timezone.now())

    @classmethod
    def _known(cls, meeting: Meeting, person: User) -> Attendance | None:
        take_turn(f"attendance of {meeting.pk}")
        return cls.objects.filter(meeting=meeting, user=person).first()

    @classmethod
    @transaction.atomic
    def unmark(cls, meeting: Meeting, person: User, *, by: User) -> bool:
        """Take a mark back, so that nothing is known; False when nothing was."""
        take_turn(f"attendance of {meeting.pk}")
        gone, _kinds = cls.objects.filter(meeting=meeting, user=person).delete()
        if gone:
            AuditEntry.record(by, "took back attendance", meeting, before={"people": [person.pk]})
        return bool(gone)

    @classmethod
    @transaction.atomic
    def check_in(cls, meeting: Meeting, person: User) -> Attendance:
        """One's own word: "I was here." It changes nothing that a co-chair or a report said.

        Raises ValidationError before the start, more than a day after the end, and for who is not on the committee.
        """
        if not cls.may_check_in(meeting, person):
            raise ValidationError(_("You can say that you were here until a day after the call."), "closed")
        if row := cls._known(meeting, person):
            return row
        return cls.mark(meeting, person, by=person, source=cls.Source.SELF)

    def _take(self, state: str, source: str, by: User, said: dict[str, Any]) -> bool:
        """Whether this says anything new."""
        wanted = {"arrived_at": None, "left_at": None, "minutes": None} | said | {"state": state, "source": source}
        if self.pk and all(getattr(self, name) == value for name, value in wanted.items()):
            return False
        for name, value in wanted.items():
            setattr(self, name, value)
        self.marked_by, self.marked_at = by, timezone.now()
        return True


def _refuse_cancelled(meeting: Meeting) -> None:
    if meeting.is_cancelled:
        raise ValidationError(_("This call is canceled, so nobody was on it."), "cancelled")


def _refuse_strangers(meeting: Meeting, people: Iterable[User]) -> None:
    wanted = {person.pk: person for person in people}
    known = set(Attendance.seats(meeting).filter(user__in=wanted).values_list("user", flat=True))
    for pk, person in wanted.items():
        if pk not in known:
            words = _("%(name)s isn’t on %(committee)s.")
            raise ValidationError(words, "stranger", {"name": person.name, "committee": meeting.committee.name})


class KnownAs(models.Model):
    """Whom somebody in a video service's report is, as it was answered once; without a `user`, nobody of the committee."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="known_as")
    said = Line(max_length=200)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="known_as")
    said_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    said_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["committee", "said"], name="known_as_once")]
        verbose_name_plural = "known as"

    def __str__(self) -> str:
        return f"{self.said}: {self.user or '—'}"


class ReportDraft(models.Model):
    """A report that was read and is not written yet: what its preview shows, and what becomes of it. Forgotten in days."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="report_drafts")
    by = models.ForeignKey(User, models.CASCADE, related_name="+")
    read_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True)
    topic = Line(max_length=200, blank=True)
    began_at = Moment(null=True)
    people = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["read_at"], name="report_draft_read")]

    def __str__(self) -> str:
        return f"report of {self.meeting}"


@dataclass(frozen=True)
class Quorum:
    """Voting members of a committee of the call, how many of them are here, and how many decisions need (0: no quorum).

    Who holds over is a voting member; observers and staff organizers are not. An alternate who is here fills the seat of
    one voting member who is not, so that never more are here than there are seats.
    """

    rule: str
    eligible: int
    here: int
    needed: int
    committee: str = ""  # its name

    @classmethod
    def of(cls, meeting: Meeting, at: datetime | None = None) -> Quorum:
        """As it is, or was at that moment, of the host: one query, beside the committee's."""
        return cls.of_each(meeting, [meeting.committee], at)[0]

    @classmethod
    def of_each(cls, meeting: Meeting, committees: Sequence[Committee], at: datetime | None = None) -> list[Quorum]:
        """The same of these committees of the call, in their order. One query."""
        at = at or clock.now()
        return cls.counted(committees, at, Attendance.objects.here_at(at).filter(meeting=meeting))

    @classmethod
    def forecast(cls, meeting: Meeting, committees: Sequence[Committee]) -> list[Quorum]:
        """As it will be if those come who said so, and nobody else, of each of these. One query."""
        coming = Rsvp.objects.going().filter(meeting=meeting, edition=meeting.edition)
        return cls.counted(committees, meeting.starts_at, coming)

    @classmethod
    def counted(cls, committees: Sequence[Committee], at: datetime, coming: models.QuerySet[Any]) -> list[Quorum]:
        """From the seats at that moment and the rows of those who are there, or will be."""
        if not committees:
            return []
        comes = models.Q(models.Exists(coming.filter(user=models.OuterRef("user"))))
        votes, stands_in = models.Q(role__in=Membership.VOTING), models.Q(role=Membership.Role.ALTERNATE)
        seats = Membership.objects.held_by_many(clock.day_of(at)).filter(committee__in=committees).order_by()
        counts = seats.values_list("committee").annotate(
            eligible=models.Count("user", filter=votes, distinct=True),
            voting=models.Count("user", filter=votes & comes, distinct=True),
            alternates=models.Count("user", filter=stands_in & comes, distinct=True),
        )
        found = {committee: numbers for committee, *numbers in counts}
        return [cls._from(each, *found.get(each.pk, (0, 0, 0))) for each in committees]

    @classmethod
    def _from(cls, committee: Committee, eligible: int, voting: int, alternates: int) -> Quorum:
        here = min(voting + alternates, eligible)
        return cls(committee.quorum_rule, eligible, here, committee.quorum_of(eligible), committee.name)

    @property
    def has_rule(self) -> bool:
        return self.rule != Committee.QuorumRule.NONE

    @property
    def is_met(self) -> bool:
        return self.here >= self.needed

    @cached_property
    def missing(self) -> int:
        return max(self.needed - self.here, 0)

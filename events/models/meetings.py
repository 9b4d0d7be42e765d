"""A call: one meeting of a committee."""

from __future__ import annotations

import uuid
from base64 import b32encode
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pghistory
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from events.models.agenda_publications import AgendaPublication
from events.models.feeds import CalendarFeed
from events.models.joint import JointCommittee, of_committees, people_of, scope_of_each, seats_at
from events.models.replies import CalendarReply, ReplyNote
from events.models.rsvps import Rsvp
from members.fields import Line, Moment, Words
from members.models import AuditEntry, User
from members.queries.indexing import Source
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.text.hosts import check_link, is_at
from members.times import clock
from members.times.wall_clock import instant
from members.times.zones import validate_zone
from members.web.meanwhile import ChangedMeanwhile
from members.web.page_urls import url_of

JOIN_OPENS = timedelta(minutes=15)  # before the start
LONGEST = 720  # minutes
MOST_SEATS = 100_000
OWN_LETTERS = 4  # at the end of a call's address; more where these are taken
JOIN_CLOSES = timedelta(minutes=30)  # after the planned end
VIDEO_SERVICES = {
    "zoom.us": "Zoom",
    "zoomgov.com": "Zoom",
    "meet.google.com": "Google Meet",
    "teams.microsoft.com": "Teams",
    "webex.com": "Webex",
}


LEAVING = timedelta(seconds=5)  # before mails leave their hold
CALL = Source("call", "events_meeting", title="t.title", body="t.summary", at="t.starts_at")
AGENDA_ITEM = Source(
    "agenda_item",
    "events_agendaitem",
    title="t.title",
    body="t.description",
    at="(SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id)",
    only="t.removed_at IS NULL",
)
MINUTES = Source(
    "minutes",
    "events_minutes",
    title="(SELECT m.title FROM events_meeting m WHERE m.id = t.meeting_id)",
    body="t.words",
    at="(SELECT m.starts_at FROM events_meeting m WHERE m.id = t.meeting_id)",
    only="t.approved_at IS NOT NULL",
)


class Stage(models.TextChoices):
    """What a committee knows of a call. Decided here and nowhere else: by `told_at`, and by what was published."""

    DRAFT = "draft", _("Draft")  # nobody but those who manage it knows of it
    SAVE_THE_DATE = "save_the_date", _("Save the date")  # the time, without the agenda
    PUBLISHED = "published", _("Published")  # the agenda too


def _is_told() -> models.Q:
    return models.Q(told_at__lte=clock.now())


def _agenda_is(published: models.QuerySet[AgendaPublication]) -> models.Q:
    """Among these, or the call was begun: what it is on is no secret then."""
    return models.Q(models.Exists(published.filter(meeting=models.OuterRef("pk")))) | models.Q(run__isnull=False)


def _agenda_is_out() -> models.Q:
    return _agenda_is(AgendaPublication.objects.out())


class MeetingQuerySet(VisibleQuerySet["Meeting"]):
    def open_to(self, user: User) -> MeetingQuerySet:
        """Calls of one's committees; anybody sees one that its chairs made public.

        One that the committee is not told of yet is seen by those who may manage it, and nobody else.
        """
        public = models.Q(public=True, committee__confidential=False)
        if not user.is_authenticated or not user.is_member:
            return self.told().filter(public)
        memberships = Membership.objects.of(user)
        chaired = of_committees(memberships.chairs().values("committee"))
        return self.filter(_is_told() & (of_committees(memberships.values("committee")) | public) | chaired)

    def of(self, user: User) -> MeetingQuerySet:
        """Calls of the committees this person is on today, as far as these are told of them: what is theirs to attend."""
        return self.told().filter(of_committees(Membership.objects.of(user).values("committee")))

    def of_committee(self, committee: int) -> MeetingQuerySet:
        """Those it hosts, and those of another that it shares."""
        return self.of_committees([committee])

    def of_committees(self, committees: Any) -> MeetingQuerySet:
        return self.filter(of_committees(committees))

    def first_start(self) -> models.functions.Least:
        """Over committees: when the first of these calls starts that it hosts or shares."""
        hosted = self.filter(committee=models.OuterRef("pk")).order_by("starts_at").values("starts_at")[:1]
        beside = JointCommittee.objects.standing().filter(committee=models.OuterRef("pk"), meeting__in=self.order_by())
        shared = beside.order_by("meeting__starts_at").values("meeting__starts_at")[:1]
        return models.functions.Least(models.Subquery(hosted), models.Subquery(shared))

    def concerning(self, user: User) -> MeetingQuerySet:
        """Those to attend, and those answered since: whoever left the committee still finds what they answered, where they may see it."""
        return self.filter(
            models.Q(pk__in=Meeting.objects.of(user).values("pk")) | models.Exists(self._answer_of(user))
        )

    def not_concerning(self, user: User) -> MeetingQuerySet:
        return self.exclude(pk__in=Meeting.objects.of(user).values("pk")).filter(~models.Exists(self._answer_of(user)))

    def _answer_of(self, user: User) -> models.QuerySet[Rsvp]:
        return Rsvp.objects.current().filter(meeting=models.OuterRef("pk"), user=user.pk or 0)

    def told(self) -> MeetingQuerySet:
        """Those that their committees know of."""
        return self.filter(_is_told())

    def published(self) -> MeetingQuerySet:
        """Those whose agenda their committees may read."""
        return self.filter(_is_told() & _agenda_is_out())

    def agenda_to_be_told(self) -> MeetingQuerySet:
        """Those whose agenda the mails bring that are on their way."""
        return self.filter(_agenda_is(AgendaPublication.objects.not_taken_back()))

    def with_stage(self) -> MeetingQuerySet:
        """`stage`, a value of `Stage`."""
        return self.annotate(
            stage=models.Case(
                models.When(_is_told() & _agenda_is_out(), then=models.Value(Stage.PUBLISHED.value)),
                models.When(_is_told(), then=models.Value(Stage.SAVE_THE_DATE.value)),
                default=models.Value(Stage.DRAFT.value),
                output_field=models.CharField(),
            )
        )

    def known(self) -> MeetingQuerySet:
        """Those, and what is about to be told: too late to change without a word what the mails say."""
        return self.filter(told_at__lte=Now() + LEAVING)

    def upcoming(self) -> MeetingQuerySet:
        """Not over yet, soonest first."""
        return self.filter(ends_at__gt=clock.now()).order_by("starts_at", "pk")

    def past(self) -> MeetingQuerySet:
        return self.filter(ends_at__lte=clock.now()).order_by("-starts_at", "-pk")

    def not_cancelled(self) -> MeetingQuerySet:
        return self.filter(cancelled_at=None)

    def cancelled(self) -> MeetingQuerySet:
        return self.exclude(cancelled_at=None)

    def made_public(self) -> MeetingQuerySet:
        """Those that their chairs show to everybody."""
        return self.filter(public=True)

    def not_started(self) -> MeetingQuerySet:
        return self.filter(starts_at__gt=clock.now())

    def with_agenda(self) -> MeetingQuerySet:
        """Those with an item on it; each as often as it has items."""
        return self.filter(agenda_items__removed_at=None, agenda_items__isnull=False)

    def for_listing(self, user: User) -> MeetingQuerySet:
        """Visible, with committee, `my_response`, `my_version` and `going`, in one query."""
        return self.visible_to(user).select_related("committee").with_answer_of(user).with_going()

    def for_page(self, user: User) -> MeetingQuerySet:
        """Visible, with committee, `stage`, my answer (`my_answer_is_by` whoever wrote it down for me) and `my_role`: asking what the person may do
        costs nothing more.
        """
        calls = self.visible_to(user).select_related("committee").with_stage()
        calls = calls.with_answer_of(user).annotate(my_answer_is_by=models.F("mine__written_by__name"))
        shared = models.Exists(JointCommittee.objects.standing().filter(meeting=models.OuterRef("pk")))
        return calls.annotate(is_joint=shared).with_replies(user).with_role_of(user).with_feed_of(user)

    def with_feed_of(self, user: User) -> MeetingQuerySet:
        """`my_feed_brings_it`: calls come into this person's calendar by the feed alone, and added by hand stand there twice."""
        return self.annotate(my_feed_brings_it=models.Exists(CalendarFeed.objects.alone().filter(user=user.pk or 0)))

    def with_beside(self) -> MeetingQuerySet:
        """`beside`: the numbers of the committees that share it with the host."""
        there = JointCommittee.objects.standing().filter(meeting=models.OuterRef("pk")).order_by("pk")
        return self.annotate(beside=ArraySubquery(there.values("committee")))

    def with_shared(self) -> MeetingQuerySet:
        """`shared_with`: the names of those committees in addresses."""
        there = JointCommittee.objects.standing().filter(meeting=models.OuterRef("pk")).order_by("pk")
        return self.annotate(shared_with=ArraySubquery(there.values("committee__slug")))

    def for_mails(self) -> MeetingQuerySet:
        """With `was_joint`, whether another committee ever shared it, and what `asks_to_sign_in` wants to know."""
        rows = JointCommittee.objects.filter(meeting=models.OuterRef("pk"))
        calls = self.select_related("committee", "series", "cancelled_by")
        return calls.annotate(was_joint=models.Exists(rows), asks_beside=models.Exists(rows.standing().strict()))

    def with_role_of(self, user: User) -> MeetingQuerySet:
        """`my_role` on the call today, "" for none: of several committees the one that may do most. `my_host_role` on its host."""
        roles = seats_at(models.OuterRef("pk"), Membership.objects.of(user)).by_rights().values("role")[:1]
        on_host = Membership.objects.of(user).filter(committee=models.OuterRef("committee")).values("role")[:1]
        return self.annotate(
            my_role=models.functions.Coalesce(models.Subquery(roles), models.Value("")),
            my_host_role=models.functions.Coalesce(models.Subquery(on_host), models.Value("")),
            my_role_is_of=models.Value(user.pk or 0),
        )

    def with_replies(self, user: User) -> MeetingQuerySet:
        """`my_reply_waits`: a calendar's answer to the time that holds waits for this person. `notes_open`: for co-chairs."""
        mine = CalendarReply.objects.undecided().filter(
            meeting=models.OuterRef("pk"), edition=models.OuterRef("edition"), user=user.pk or 0
        )
        notes = ReplyNote.objects.open().filter(meeting=models.OuterRef("pk")).order_by().values("meeting")
        count = notes.annotate(n=models.Count("pk")).values("n")
        return self.annotate(
            my_reply_waits=models.Exists(mine),
            notes_open=models.functions.Coalesce(models.Subquery(count), 0),
        )

    def with_going(self) -> MeetingQuerySet:
        """`going`: how many of those on its committees today said so."""
        on_it = seats_at(models.OuterRef("meeting"), Membership.objects.held().filter(user=models.OuterRef("user")))
        said = Rsvp.objects.filter(
            models.Exists(on_it),
            meeting=models.OuterRef("pk"),
            edition=models.OuterRef("edition"),
            response=Rsvp.Response.ACCEPTED,
        )
        count = said.order_by().values("meeting").annotate(n=models.Count("pk")).values("n")
        return self.annotate(going=models.functions.Coalesce(models.Subquery(count), 0))

    def with_answer_of(self, user: User) -> MeetingQuerySet:
        """`my_response` to the time that holds now (None without), `my_earlier` to whatever time, `my_version`, `my_note`;
        `my_offered_until` of whom a seat was offered.
        """
        mine = models.FilteredRelation("rsvps", condition=models.Q(rsvps__user=user.pk or 0))
        holds = models.When(mine__edition=models.F("edition"), then=models.F("mine__response"))
        return self.annotate(
            mine=mine,
            my_response=models.Case(holds, default=None, output_field=models.CharField()),
            my_earlier=models.F("mine__response"),
            my_version=models.functions.Coalesce("mine__version", 0),
            my_note=models.functions.Coalesce("mine__note", models.Value("")),
            my_offered_until=models.F("mine__offered_until"),
            my_answer_is_of=models.Value(user.pk or 0),
        )


@pghistory.track()
class Meeting(models.Model):
    """`local_date`, `local_time` and `timezone` are what was meant; `starts_at` is derived from them.

    `edition` grows with every change of time (answers and reminders of an older edition are void);
    `sequence` grows with every change of time or place and with cancellation (RFC 5545 SEQUENCE).
    `told_at` is when the committee knows of it, the end of the hold of its invitation; without, it is a draft.
    """

    my_response: str | None  # these are added by `with_my_answer` and `for_page`
    my_earlier: str | None
    my_version: int
    my_offered_until: datetime | None
    my_answer_is_by: str | None
    my_reply_waits: bool
    notes_open: int
    my_role: str
    my_host_role: str
    beside: list[int]  # by `with_beside`
    was_joint: bool  # by `for_mails`
    my_feed_brings_it: bool
    stage: str  # by `with_stage`

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="meetings")
    slug = models.SlugField(max_length=100, unique=True)
    title = Line(_("topic"), max_length=120)
    summary = Words(_("what it’s about"), blank=True, max_length=1000)
    local_date = models.DateField(_("date"))
    local_time = models.TimeField(_("time"))
    fold = models.PositiveSmallIntegerField(default=0, help_text="1: the second time, where clocks go back")
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    starts_at = Moment(editable=False)
    ends_at = Moment(editable=False)
    duration = models.PositiveSmallIntegerField(
        _("length in minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(LONGEST)]
    )
    video_url = models.URLField(
        _("video link"), blank=True, max_length=500, validators=[URLValidator(schemes=["https", "http"])]
    )
    dial_in = Line(_("dial-in"), blank=True, max_length=120, help_text=_("Number and code, for those without video"))
    organizer = models.ForeignKey(User, models.PROTECT, related_name="organized_meetings")
    series = models.ForeignKey(
        "events.MeetingSeries", models.PROTECT, null=True, editable=False, related_name="meetings"
    )
    original_start = models.DateTimeField(
        null=True, editable=False, help_text="of a call in a series: when the rule has it (RECURRENCE-ID)"
    )
    public = models.BooleanField(_("show the date on the public issue page"), default=False)
    seats = models.PositiveIntegerField(
        _("seats"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_SEATS)],
        help_text=_("Empty: as many as come"),
    )
    reminder_offsets = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(5), MaxValueValidator(28 * 24 * 60)]),
        verbose_name=_("reminders, minutes before"),
        null=True,
        blank=True,
        size=5,
        help_text=_("Empty: as the committee has it"),
    )
    reminders_set_at = models.DateTimeField(
        null=True, editable=False, help_text="since when they are so: none that was past then is owed"
    )
    uid = models.CharField(max_length=120, unique=True, editable=False)
    edition = models.PositiveIntegerField(default=0, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancelled_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    cancel_reason = Words(blank=True, max_length=500)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="meeting_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["series", "original_start"],
                name="meeting_once_in_series",
                deferrable=models.Deferrable.IMMEDIATE,  # so that one statement may let calls change places
            ),
            models.CheckConstraint(
                condition=models.Q(series=None, original_start=None)
                | models.Q(series__isnull=False, original_start__isnull=False),
                name="meeting_has_place_in_series",
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], name="meeting_starts"),
            models.Index(fields=["committee", "starts_at"], name="meeting_of_committee"),
            models.Index(fields=["ends_at"], name="meeting_ends"),
        ]
        triggers = [
            CALL.kept("title", "summary", "starts_at"),
            AGENDA_ITEM.kept_with("starts_at", by="meeting_id"),
            MINUTES.kept_with("title", "starts_at", by="meeting_id"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return url_of("meeting_detail", self.slug)

    @property
    def join_path(self) -> str:
        """The page that leads on to the video room."""
        return reverse("meeting_join", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        try:
            check_link(self.video_url)
        except ValidationError as error:
            raise ValidationError({"video_url": error}) from error
        if self.local_date and self.local_time and self.timezone:
            self.derive_instant()

    def derive_instant(self) -> None:
        """Set `starts_at` and `ends_at`. Raises ValidationError for an unknown zone or a time that does not exist."""
        self.starts_at = instant(self.local_date, self.local_time, self.timezone, self.fold)
        self.ends_at = self.starts_at + timedelta(minutes=min(self.duration or 60, LONGEST))

    # Questions ---------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_told(self) -> bool:
        """Whether anybody but those who manage it knows of it."""
        return self.told_at is not None and self.told_at <= timezone.now()

    @property
    def is_draft(self) -> bool:
        """Nobody is told, and nothing that tells them is on its way."""
        return self.told_at is None

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_over(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def is_live(self) -> bool:
        return not self.is_cancelled and self.starts_at <= timezone.now() < self.ends_at

    @property
    def join_opens_at(self) -> datetime:
        return self.starts_at - JOIN_OPENS

    @property
    def join_is_open(self) -> bool:
        """The Join link works: from fifteen minutes before until half an hour after the end."""
        return (
            not self.is_cancelled
            and bool(self.video_url)
            and self.join_opens_at <= timezone.now() < self.ends_at + JOIN_CLOSES
        )

    @property
    def offsets(self) -> list[int]:
        """Reminder offsets in minutes that hold for this call."""
        return self.committee.reminder_offsets if self.reminder_offsets is None else self.reminder_offsets

    @property
    def is_moved_by_hand(self) -> bool:
        """In a series, and not when its rule has it."""
        return self.series_id is not None and self.starts_at != self.original_start

    @property
    def calendar_uid(self) -> str:
        """UID in calendars: that of its series, where `original_start` is its RECURRENCE-ID."""
        return self.series.uid if self.series else self.uid

    @property
    def scope(self) -> str:
        return f"committee:{self.committee_id}"

    @property
    def scope_of_each(self) -> Any:
        """The scope of deliveries, over people: of a joint call each one's own committee."""
        return scope_of_each(self.pk) if self.is_joint else self.scope

    @property
    def committees(self) -> set[int]:
        """Their numbers, where `with_beside` brought them; else the host's."""
        return {self.committee_id, *getattr(self, "beside", ())}

    @cached_property
    def asks_to_sign_in(self) -> bool:
        """Whether one of its committees wants the link in a mail to join for those alone who are signed in."""
        if self.committee.asks_to_sign_in:
            return True
        known: bool | None = self.__dict__.get("asks_beside")
        return self.joint.standing().strict().exists() if known is None else known

    @cached_property
    def is_joint(self) -> bool:
        return self.joint.standing().exists()

    def sharing(self) -> list[Committee]:
        """The committees beside the host, in the order in which they came: everybody on the call may know of them."""
        if not self.is_joint:
            return []
        rows = self.joint.standing().select_related("committee").order_by("pk")
        return [row.committee for row in rows]

    def ever_of(self, committee: int) -> bool:
        """It hosts the call, or shares it or did so once."""
        return committee == self.committee_id or self.joint.filter(committee=committee).exists()

    def register_of(self, owner: User | None) -> Committee:
        """Whose list takes what somebody on the call is to do: the host's if they are on it, else their own."""
        committees = [self.committee, *self.sharing()]
        if owner is None or len(committees) == 1:
            return self.committee
        return next((each for each in committees if each.role_of(owner)), self.committee)

    @property
    def about(self) -> str:
        """How deliveries name this call."""
        return f"meeting:{self.pk}"

    @property
    def video_service(self) -> str:
        """What people call the place of the video link; "" when its host is none of the usual ones."""
        return next((name for domain, name in VIDEO_SERVICES.items() if is_at(self.video_url, domain)), "")

    @property
    def needs_new_answer(self) -> bool:
        """The reader had answered an earlier time and not this one."""
        return self.my_response is None and self.my_earlier not in (None, Rsvp.Response.NEEDS_ACTION)

    @property
    def my_seat_until(self) -> datetime | None:
        """Until when a seat that became free is the reader's to take; None without such an offer."""
        until: datetime | None = getattr(self, "my_offered_until", None)
        if until is None or self.my_response != Rsvp.Response.WAITING:
            return None
        return until if until > timezone.now() else None

    def keeps_waiting(self, user: User) -> bool:
        """They are on its wait list: no seat is theirs yet. Free when `with_answer_of` brought it."""
        if self.seats is None:
            return False
        if user.pk and getattr(self, "my_answer_is_of", None) == user.pk:
            return self.my_response == Rsvp.Response.WAITING
        return self.rsvps.filter(user=user.pk, edition=self.edition).waiting().exists()

    def role_of(self, user: User) -> str:
        """The role held today on the call, "" for none; free when `for_page` brought it."""
        if user.pk and getattr(self, "my_role_is_of", None) == user.pk:
            return self.my_role
        if not self.pk or not user.is_authenticated:
            return self.committee.role_of(user)
        if user.pk not in self._roles:
            seats = seats_at(self.pk, Membership.objects.of(user)).by_rights()
            held = dict(seats.values_list("committee", "role"))
            self._roles[user.pk] = next(iter(held.values()), "")
            self.committee.know_role(user, held.get(self.committee_id))
        return self._roles[user.pk]

    @cached_property
    def _roles(self) -> dict[int, str]:
        return {}

    def invitees(self) -> models.QuerySet[User]:
        """Everybody on its committees today."""
        return people_of(self.pk)

    def unanswered(self) -> models.QuerySet[User]:
        """Those of them without an answer to the time that holds."""
        said = Rsvp.objects.filter(meeting=self, user=models.OuterRef("pk"), edition=self.edition)
        return self.invitees().filter(~models.Exists(said.exclude(response=Rsvp.Response.NEEDS_ACTION)))

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def schedule(cls, committee: Committee, by: User, *, key: uuid.UUID | None = None, **fields: Any) -> Meeting:
        """Put a call on. Raises ValidationError with messages by field, IntegrityError when there is one with this `key`."""
        fields.setdefault("timezone", committee.timezone)
        meeting = cls(committee=committee, organizer=by, uid=cls.uid_of(committee, key or uuid.uuid4()), **fields)
        take_turn("addresses of calls")
        meeting.slug = meeting._free_slug()
        meeting.full_clean(exclude=["uid"])
        meeting.save()
        AuditEntry.record(by, "scheduled", meeting, after=meeting._when())
        return meeting

    @staticmethod
    def uid_of(committee: Committee, key: uuid.UUID) -> str:
        """Of each committee its own: a key that another one used is neither taken nor known here."""
        return f"{uuid.uuid5(key, str(committee.pk))}@calls"

    @transaction.atomic
    def edit(self, by: User, *, seen: datetime | None = None, sequence: int | None = None, **fields: Any) -> Meeting:
        """Change words, links or length, not the start (see `move`). A new place or length raises `sequence`.

        `seen` is the `updated_at` the form showed, `sequence` that of its series when all of it changes. Raises
        ChangedMeanwhile when somebody saved after that, ValidationError with messages by field.
        """
        locked = Meeting.objects.select_for_update().get(pk=self.pk)
        if locked.is_cancelled:
            raise ValidationError(_("This call is canceled. Schedule a new one instead."), "cancelled")
        if seen is not None and seen != locked.updated_at:
            raise ChangedMeanwhile(locked)
        before = {name: getattr(locked, name) for name in fields}
        changed = {name: value for name, value in fields.items() if value != before[name]}
        if changed:
            for name, value in changed.items():
                setattr(locked, name, value)
            if {"video_url", "dial_in", "duration", "title"} & changed.keys():
                locked.sequence = sequence or locked.raised_sequence
            if "reminder_offsets" in changed:
                locked.reminders_set_at = clock.now()
            locked.full_clean()
            locked.save()
            AuditEntry.record(by, "edited", locked, before={name: before[name] for name in changed}, after=changed)
        self._become(locked)
        return self

    @transaction.atomic
    def move(
        self,
        by: User,
        *,
        local_date: date,
        local_time: time,
        timezone: str,
        reason: str,
        fold: int = 0,
        seen: datetime | None = None,
        sequence: int | None = None,
    ) -> MeetingMove | None:
        """Set a new time: answers are void and asked again. None when the time is the same.

        Nobody knew the time of a call that the committee is not told of: the move that comes back for it is not kept.
        `seen` is the start that the form showed; `sequence` that of its series, when all of it changes. Raises
        ChangedMeanwhile when the start is another by now, ValidationError for a cancelled call, an unknown zone or a time
        that does not exist.
        """
        locked = Meeting.objects.select_for_update().get(pk=self.pk)
        if locked.is_cancelled:
            raise ValidationError(_("This call is canceled. Schedule a new one instead."), "cancelled")
        old_starts_at, before = locked.starts_at, locked._when()
        locked.local_date, locked.local_time, locked.timezone, locked.fold = local_date, local_time, timezone, fold
        locked.full_clean()
        if locked.starts_at == old_starts_at and locked.timezone == before["timezone"]:
            return None
        if seen is not None and seen != old_starts_at:
            raise ChangedMeanwhile(Meeting.objects.get(pk=self.pk))
        known = Meeting.objects.known().filter(pk=self.pk).exists()
        if known:
            locked.edition, locked.sequence = locked.edition + 1, sequence or locked.raised_sequence
        locked.save()
        self._become(locked)
        AuditEntry.record(by, "moved", self, before=before, after=self._when(), reason=reason)
        move = MeetingMove(
            meeting=self,
            edition=self.edition,
            moved_by=by,
            reason=reason,
            old_starts_at=old_starts_at,
            new_starts_at=self.starts_at,
            sequence=self.sequence,
        )
        if known:
            move.save()
        return move

    @transaction.atomic
    def cancel(self, by: User, reason: str) -> bool:
        """Call it off, once: False when it was already."""
        won = Meeting.objects.filter(pk=self.pk, cancelled_at=None).update(
            cancelled_at=timezone.now(),
            cancelled_by=by,
            cancel_reason=reason,
            sequence=models.functions.Greatest("sequence", models.Value(self._series_sequence)) + 1,
            updated_at=timezone.now(),
        )
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, "cancelled", self, reason=reason)
        return bool(won)

    @property
    def raised_sequence(self) -> int:
        """The next SEQUENCE: above that of its series too, whose entry stands for the call in calendars."""
        return max(self.sequence, self._series_sequence) + 1

    @property
    def _series_sequence(self) -> int:
        """As it is now."""
        if not self.series_id:
            return 0
        return Meeting.objects.filter(pk=self.pk).values_list("series__sequence", flat=True).get() or 0

    def _become(self, locked: Meeting) -> None:
        """Take over what the row says now, keeping annotations."""
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(locked, field.attname))

    def _when(self) -> dict[str, str]:
        return {"date": str(self.local_date), "time": str(self.local_time), "timezone": self.timezone}

    def _free_slug(self) -> str:
        """Topic and day, and some letters of the call's own: a number would tell that another committee has such a call."""
        stem = (
            slugify(f"{self.title[:70]} {self.local_date:%Y-%m-%d}" if self.local_date else self.title[:70]) or "call"
        )
        own = b32encode(sha256(self.uid.encode()).digest()[:10]).decode().lower()
        slugs = [f"{stem}-{own[:length]}" for length in range(OWN_LETTERS, len(own) + 1)]
        taken = set(Meeting.objects.filter(slug__in=slugs).values_list("slug", flat=True))
        return next(slug for slug in slugs if slug not in taken)


class MeetingMove(models.Model):
    """One change of time: shown on the call page and in the mail, struck through."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="moves")
    edition = models.PositiveIntegerField()
    moved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    moved_at = models.DateTimeField(auto_now_add=True)
    reason = Words(blank=True, max_length=500)
    old_starts_at = Moment()
    new_starts_at = Moment()
    sequence = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="SEQUENCE of the entry that told it: an answer to a lower one is to another time",
    )

    class Meta:
        ordering = ["-edition"]
        constraints = [models.UniqueConstraint(fields=["meeting", "edition"], name="move_once")]

    def __str__(self) -> str:
        return f"{self.meeting}: {self.old_starts_at:%Y-%m-%d %H:%M} to {self.new_starts_at:%Y-%m-%d %H:%M} UTC"

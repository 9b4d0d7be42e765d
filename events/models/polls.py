"""A poll that finds a time: some times, everybody's yes, if need be or no to each, and the one that became the call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees.models import Committee, Membership
from events.models.meetings import LONGEST, Meeting
from members.fields import Line, Moment, Words
from members.models import AuditEntry, User
from members.queries.visibility import VisibleQuerySet
from members.times import clock
from members.times.wall_clock import instant
from members.times.zones import validate_zone
from members.web.meanwhile import refuse_changed
from members.web.page_urls import url_of

FEWEST, MOST = 2, 10  # times in a poll


@dataclass(frozen=True)
class Time:
    """A time as somebody typed it: `fold` 1 is the second one, where clocks go back."""

    local_date: date
    local_time: time
    fold: int = 0


@dataclass(frozen=True)
class Said:
    """What a ballot says of one time, and what its page showed when it was filled in."""

    answer: str
    was: str = ""


@dataclass(frozen=True)
class Voted:
    """What became of a ballot: the votes that were written, and the times where a later vote or a removal stood before it."""

    changed: list[PollSlot] = field(default_factory=list)
    overtaken: list[PollSlot] = field(default_factory=list)
    gone: int = 0


class PollQuerySet(VisibleQuerySet["Poll"]):
    def open_to(self, user: User) -> PollQuerySet:
        """Polls of one's committees, and nobody else's; one that is not sent yet is seen by those who may manage it."""
        if not user.is_authenticated or not user.is_member:
            return self.none()
        memberships = Membership.objects.of(user)
        told = models.Q(told_at__lte=clock.now(), committee__in=memberships.values("committee"))
        return self.filter(told | models.Q(committee__in=memberships.chairs().values("committee")))

    def told(self) -> PollQuerySet:
        """Those that their committees know of."""
        return self.filter(told_at__lte=clock.now())

    def open(self) -> PollQuerySet:
        """Those that take votes now."""
        return self.told().filter(closed_at=None, closes_at__gt=clock.now())

    def waiting_for(self, user: User) -> PollQuerySet:
        """Open ones of their committees in which this person has not voted."""
        voted = PollVote.objects.filter(slot__poll=models.OuterRef("pk"), user=user.pk)
        mine = self.open().filter(committee__in=Membership.objects.of(user).values("committee"))
        return mine.filter(~models.Exists(voted))

    def for_listing(self) -> PollQuerySet:
        """With committee, and `voters`: how many of those on the committee today voted. Newest first."""
        return self.select_related("committee", "meeting").with_voters().order_by("-created_at", "-pk")

    def with_voters(self) -> PollQuerySet:
        votes = PollVote.objects.counting().filter(slot__poll=models.OuterRef("pk"))
        count = votes.order_by().values("slot__poll").annotate(n=models.Count("user", distinct=True)).values("n")
        return self.annotate(voters=models.functions.Coalesce(models.Subquery(count), 0))


class Poll(models.Model):
    """`told_at` is when the committee knows of it, the end of the hold of its message; without, it is a draft.

    `closes_at` is when voting ends by itself, `closed_at` when it ended, `closings` how often it did: each is told.
    `rounds` counts the times that further times were offered.
    """

    voters: int  # added by `with_voters`

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="polls")
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    title = Line(_("topic"), max_length=120)
    summary = Words(_("what it’s about"), blank=True, max_length=1000)
    duration = models.PositiveSmallIntegerField(
        _("length in minutes"), default=60, validators=[MinValueValidator(5), MaxValueValidator(LONGEST)]
    )
    timezone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)
    closes_at = Moment()
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    closings = models.PositiveIntegerField(default=0, editable=False)
    rounds = models.PositiveIntegerField(default=0, editable=False)
    chosen = models.ForeignKey("events.PollSlot", models.PROTECT, null=True, editable=False, related_name="+")
    chosen_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    meeting = models.OneToOneField(Meeting, models.SET_NULL, null=True, editable=False, related_name="poll")

    objects = PollQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(meeting=None) | models.Q(chosen__isnull=False), name="poll_call_of_chosen"
            )
        ]
        indexes = [
            models.Index(fields=["committee", "-created_at"], name="poll_of_committee"),
            models.Index(fields=["closes_at"], name="poll_closing", condition=models.Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return url_of("poll_detail", self.key)

    # Questions ---------------------------------------------------------------------------------

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_told(self) -> bool:
        return self.told_at is not None and self.told_at <= timezone.now()

    @property
    def is_draft(self) -> bool:
        """Nobody is asked, and nothing that asks them is on its way."""
        return self.told_at is None

    @property
    def is_closed(self) -> bool:
        """Takes no votes any more; one whose moment has come is closed before the sweep wrote it down."""
        return self.closed_at is not None or self.closes_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        return self.is_told and not self.is_closed

    @property
    def state(self) -> str:
        if self.chosen_id:
            return "chosen"
        if self.is_draft:
            return "draft"
        return "closed" if self.is_closed else "open"

    @property
    def scope(self) -> str:
        return f"committee:{self.committee_id}"

    @property
    def about(self) -> str:
        """How deliveries name this poll."""
        return f"poll:{self.pk}"

    def role_of(self, user: User) -> str:
        return self.committee.role_of(user)

    def invitees(self) -> models.QuerySet[User]:
        """Everybody on the committee today."""
        return self.committee.people()

    def silent(self) -> models.QuerySet[User]:
        """Those of them who voted on none of its times."""
        voted = PollVote.objects.filter(slot__poll=self, user=models.OuterRef("pk"))
        return self.invitees().filter(~models.Exists(voted))

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def make(
        cls, committee: Committee, by: User, times: Iterable[Time], *, key: uuid.UUID | None = None, **fields: Any
    ) -> Poll:
        """A draft with these times. Raises ValidationError by field, IntegrityError when there is one with this `key`."""
        fields.setdefault("timezone", committee.timezone)
        poll = cls(committee=committee, made_by=by, key=cls.key_of(committee, key or uuid.uuid4()), **fields)
        slots = [poll._slot(each) for each in times]
        poll._check(slots)
        poll.full_clean(exclude=["key"])
        poll.save()
        for slot in slots:
            slot.poll = poll
        PollSlot.objects.bulk_create(slots)
        AuditEntry.record(by, "made a poll", poll, after={"times": len(slots)})
        return poll

    @transaction.atomic
    def edit(self, by: User, *, seen: str = "", title: str, summary: str) -> bool:
        """Other words about it; votes stay. False when nothing changed. Raises ValidationError once a time is chosen, and
        ChangedMeanwhile when it is not as `seen`.
        """
        locked, words = self._locked(), {"title": title, "summary": summary}
        locked._refuse_decided()
        refuse_changed(locked, seen, words)
        before = {name: getattr(locked, name) for name in words}
        if before == words:
            return False
        locked.title, locked.summary = title, summary
        locked.full_clean(exclude=["key"])
        locked.save(update_fields=[*words])
        AuditEntry.record(by, "edited a poll", locked, before=before, after=words)
        self._become(locked)
        return True

    @transaction.atomic
    def discard(self, by: User) -> bool:
        """Delete a draft, which nobody was asked about; False once it is sent."""
        locked = self._locked()
        if not locked.is_draft or locked.chosen_id:
            return False
        AuditEntry.record(by, "discarded a poll", locked)
        locked.delete()
        return True

    @staticmethod
    def key_of(committee: Committee, key: uuid.UUID) -> uuid.UUID:
        """Of each committee its own: a key that another one used is neither taken nor known here."""
        return uuid.uuid5(key, str(committee.pk))

    @transaction.atomic
    def change_times(
        self, by: User, *, add: Iterable[Time] = (), remove: Iterable[int] = (), closes_at: datetime | None = None
    ) -> list[PollSlot]:
        """Offer further times and take others away; votes on the rest stay. The new ones. Raises ValidationError.

        Without another `closes_at`, voting ends with the last of the times where that came nearer. A time that is
        offered again after it was removed comes back with its votes.
        """
        locked = self._locked()
        locked._refuse_decided()
        if locked.is_closed and not locked.is_draft:
            raise ValidationError(_("Voting has ended. Open the poll again before you change its times."), "closed")
        standing = list(locked.slots.standing())
        gone = {slot.pk for slot in standing} & set(remove)
        kept = [slot for slot in standing if slot.pk not in gone]
        new = [locked._slot(each) for each in add]
        locked.closes_at = closes_at or min(locked.closes_at, max(slot.starts_at for slot in [*kept, *new] or standing))
        locked._check([*kept, *new], new=new)
        locked.slots.filter(pk__in=gone).update(removed_at=timezone.now())
        back = {slot.starts_at: slot for slot in locked.slots.exclude(removed_at=None).exclude(pk__in=gone)}
        locked.rounds += not locked.is_draft and any(slot.starts_at not in back for slot in new)
        added = [locked._offer(slot, back.get(slot.starts_at)) for slot in new]
        locked.save(update_fields=["rounds", "closes_at"])
        if gone or added:
            AuditEntry.record(by, "changed a poll", locked, after={"added": len(added), "removed": len(gone)})
        self._become(locked)
        return added

    def _offer(self, slot: PollSlot, again: PollSlot | None) -> PollSlot:
        """Store a further time; one that was taken away comes back as it was."""
        slot.poll, slot.round = self, self.rounds
        if again:
            again.removed_at = None
            again.save(update_fields=["removed_at"])
            return again
        slot.save()
        return slot

    @transaction.atomic
    def vote(self, user: User, ballot: Mapping[int, Said], *, source: str = "page") -> Voted:
        """Write down what a ballot changed, time by time; one that repeats, or that a later vote overtook, changes nothing.

        Raises ValidationError for an unknown answer and for a poll that takes no votes.
        """
        if not ballot:
            raise ValidationError(_("You chose no answer yet."), "unknown_answer")
        if any(said.answer not in PollVote.Answer.values for said in ballot.values()):
            raise ValidationError(_("Answer with yes, if need be or no."), "unknown_answer")
        locked = self._locked()
        locked._refuse_votes()
        slots = locked.slots.standing().ahead().in_bulk(ballot)
        mine = {vote.slot_id: vote for vote in PollVote.objects.filter(slot__in=slots, user=user)}
        voted = Voted(gone=len(ballot) - len(slots))
        for pk, slot in sorted(slots.items()):
            said, now = ballot[pk], mine[pk].answer if pk in mine else ""
            if said.answer in (said.was, now):
                continue
            (voted.changed if now == said.was else voted.overtaken).append(slot)
        PollVote.objects.bulk_create(
            [PollVote(slot=slot, user=user, answer=ballot[slot.pk].answer, source=source) for slot in voted.changed],
            update_conflicts=True,
            unique_fields=["slot", "user"],
            update_fields=["answer", "source", "voted_at"],
        )
        return voted

    @transaction.atomic
    def close(self, by: User) -> bool:
        """End the voting by hand; False when it ended already."""
        locked = self._locked()
        if locked.is_draft:
            raise ValidationError(_("This poll isn’t sent yet, so there is nothing to close."), "draft")
        won = not locked.is_closed
        if won:
            locked._end(timezone.now(), by)
            AuditEntry.record(by, "closed a poll", locked)
        self._become(locked)
        return won

    def end_by_itself(self) -> None:
        """Write down that its moment has come; the caller holds its row."""
        self._end(self.closes_at, None)

    def _end(self, at: datetime, by: User | None) -> None:
        self.closed_at, self.closed_by, self.closings = at, by, self.closings + 1
        self.save(update_fields=["closed_at", "closed_by", "closings"])

    @transaction.atomic
    def reopen(self, by: User, closes_at: datetime) -> bool:
        """Take votes again until then; False when it takes some. Raises ValidationError."""
        locked = self._locked()
        locked._refuse_decided()
        if not locked.is_closed:
            return False
        locked.closed_at, locked.closed_by, locked.closes_at = None, None, closes_at
        locked._check_closing(list(locked.slots.standing()))
        locked.save(update_fields=["closed_at", "closed_by", "closes_at"])
        AuditEntry.record(by, "reopened a poll", locked)
        self._become(locked)
        return True

    @transaction.atomic
    def choose(self, slot: PollSlot, by: User) -> PollSlot:
        """Make a time the one, which also ends the voting: once, under the lock. Raises ValidationError, "chosen" for the
        second of two co-chairs.
        """
        locked = self._locked()
        locked._refuse_decided()
        found = locked.slots.standing().filter(pk=slot.pk).first()
        if found is None:
            raise ValidationError(_("That time was taken out of the poll meanwhile."), "gone")
        if found.starts_at <= timezone.now():
            raise ValidationError(_("That time has passed. Choose a later one."), "past")
        if not locked.is_closed:
            locked._end(timezone.now(), by)
        locked.chosen, locked.chosen_by = found, by
        locked.save(update_fields=["chosen", "chosen_by"])
        AuditEntry.record(by, "chose a time", locked, after={"starts_at": found.starts_at.isoformat()})
        self._become(locked)
        return found

    def became(self, meeting: Meeting) -> None:
        """Remember the call that the chosen time became."""
        Poll.objects.filter(pk=self.pk).update(meeting=meeting)
        self.meeting = meeting

    def _locked(self) -> Poll:
        return Poll.objects.select_for_update(of=["self"]).select_related("committee", "chosen_by").get(pk=self.pk)

    def _become(self, locked: Poll) -> None:
        for each in self._meta.concrete_fields:
            setattr(self, each.attname, getattr(locked, each.attname))

    def _slot(self, at: Time) -> PollSlot:
        try:
            starts_at = instant(at.local_date, at.local_time, self.timezone, at.fold)
        except ValidationError as error:
            raise ValidationError({"timezone" if error.code == "unknown_zone" else "times": error}) from error
        return PollSlot(local_date=at.local_date, local_time=at.local_time, fold=at.fold, starts_at=starts_at)

    def _check(self, slots: list[PollSlot], new: list[PollSlot] | None = None) -> None:
        if len({slot.starts_at for slot in slots}) < len(slots):
            raise ValidationError({"times": ValidationError(_("The same time stands there twice."), "twice")})
        if len(slots) < FEWEST:
            raise ValidationError({"times": ValidationError(_("Offer two times at least."), "too_few")})
        if len(slots) > MOST:
            words = ngettext("Offer %(n)s time at most.", "Offer %(n)s times at most.", MOST) % {"n": MOST}
            raise ValidationError({"times": ValidationError(words, "too_many")})
        if any(slot.starts_at <= timezone.now() for slot in (slots if new is None else new)):
            raise ValidationError({"times": ValidationError(_("That time has passed. Choose a later one."), "past")})
        self._check_closing(slots)

    def _check_closing(self, slots: list[PollSlot]) -> None:
        """Voting ends while there is something left to vote on."""
        if self.closed_at is None and self.closes_at <= timezone.now():
            raise ValidationError({"closes_on": ValidationError(_("That day has passed. Choose a later one."), "past")})
        if self.closes_at > max(slot.starts_at for slot in slots):
            raise ValidationError(
                {"closes_on": ValidationError(_("Voting has to end before the last of the times."), "late")}
            )

    def _refuse_votes(self) -> None:
        if not self.is_told:
            raise ValidationError(_("This poll isn’t sent yet, so there is nothing to answer."), "draft")
        if self.is_closed:
            raise ValidationError(_("This poll is closed, so your answers were not saved."), "closed")

    def _refuse_decided(self) -> None:
        if self.chosen_id is None:
            return
        name = self.chosen_by.name if self.chosen_by else _("Somebody")
        raise ValidationError(_("%(name)s chose a time meanwhile, and that stands."), "chosen", {"name": name})


class PollSlotQuerySet(models.QuerySet["PollSlot"]):
    def standing(self) -> PollSlotQuerySet:
        return self.filter(removed_at=None)

    def ahead(self) -> PollSlotQuerySet:
        """Not past: only these are voted on and chosen."""
        return self.filter(starts_at__gt=clock.now())

    def with_answer_of(self, user: User) -> PollSlotQuerySet:
        """`my_answer`, "" for none."""
        mine = PollVote.objects.filter(slot=models.OuterRef("pk"), user=user.pk or 0).values("answer")
        return self.annotate(my_answer=models.functions.Coalesce(models.Subquery(mine), models.Value("")))


class PollSlot(models.Model):
    """One time of a poll. `local_date`, `local_time` and the poll's zone are what was meant; `starts_at` is derived.

    `round` is the round in which it was offered: 0 when the poll was sent.
    """

    my_answer: str  # added by `with_answer_of`

    poll = models.ForeignKey(Poll, models.CASCADE, related_name="slots")
    local_date = models.DateField()
    local_time = models.TimeField()
    fold = models.PositiveSmallIntegerField(default=0)
    starts_at = Moment()
    round = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = PollSlotQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["poll", "starts_at"], name="poll_slot_once")]

    def __str__(self) -> str:
        return f"{self.poll}: {self.starts_at:%Y-%m-%d %H:%M} UTC"

    @property
    def is_past(self) -> bool:
        return self.starts_at <= timezone.now()

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.poll.duration)


class PollVoteQuerySet(models.QuerySet["PollVote"]):
    def counting(self) -> PollVoteQuerySet:
        """Votes of those who are on the poll's committee today."""
        seats = Membership.objects.held_by_many().filter(
            committee=models.OuterRef("slot__poll__committee"), user=models.OuterRef("user")
        )
        return self.filter(models.Exists(seats))

    def to_their_calls(self) -> PollVoteQuerySet:
        """Each yes to a time that became a call which is at this time still, and ahead."""
        calls = Meeting.objects.not_cancelled().not_started()
        return self.filter(
            answer=PollVote.Answer.YES,
            slot=models.F("slot__poll__chosen"),
            slot__starts_at=models.F("slot__poll__meeting__starts_at"),
            slot__poll__meeting__in=calls,
        )


class PollVote(models.Model):
    """One person's answer to one time."""

    class Answer(models.TextChoices):
        YES = "yes", _("Yes")
        IF_NEEDED = "if_needed", _("If need be")
        NO = "no", _("No")

    class Source(models.TextChoices):
        PAGE = "page", _("the portal")
        MAIL = "mail", _("the link in an email")

    slot = models.ForeignKey(PollSlot, models.CASCADE, related_name="votes")
    user = models.ForeignKey(User, models.CASCADE, related_name="poll_votes")
    answer = models.CharField(max_length=10, choices=Answer)
    source = models.CharField(max_length=8, choices=Source, default=Source.PAGE)
    voted_at = models.DateTimeField(default=timezone.now)

    objects = PollVoteQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "user"], name="poll_vote_once")]
        indexes = [models.Index(fields=["user"], name="poll_vote_of_user")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_answer_display()}"

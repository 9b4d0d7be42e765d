"""Minutes of a call: drafted from its log, out for comment, approved, and amended later as a further revision.

What is written lives in revisions, none of which is overwritten once it has been sent; what people answer (comments,
objections) hangs on the minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from events.models.joint import of_committees, seats_at
from events.models.meetings import MINUTES, Meeting
from members.fields import Line, Words
from members.models import AuditEntry, User
from members.queries.visibility import VisibleQuerySet
from members.times import clock
from members.times.clock import database_today
from members.web.page_urls import url_of

KEEPING = (*Membership.CHAIRING, Membership.Role.SECRETARY)
ONE_SITTING = timedelta(minutes=30)  # in which one person's saves make one revision
LAST_TO_END = timedelta(hours=11)  # after a day of UTC: then it is over in American Samoa too
MOST_COMMENTS = 500


class MinutesPolicy(models.Model):
    """What a committee does with its minutes; without a row, what the fields say by default."""

    committee = models.OneToOneField(Committee, models.CASCADE, primary_key=True, related_name="minutes_policy")
    days = models.PositiveSmallIntegerField(
        _("days for comments"), default=7, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    silently = models.BooleanField(_("approved without a word"), default=False)

    def __str__(self) -> str:
        return str(self.committee)

    @classmethod
    def of(cls, committee: Committee) -> MinutesPolicy:
        return cls.objects.filter(committee=committee).first() or cls(committee=committee)


class MinutesQuerySet(VisibleQuerySet["Minutes"]):
    def open_to(self, user: User) -> MinutesQuerySet:
        """Those of one's committees once they are out, those one may write, and approved ones that all members may read."""
        if not user.is_authenticated or not user.is_member:
            return self.none()
        mine = Membership.objects.of(user)
        kept = of_committees(mine.filter(role__in=KEEPING).values("committee"), "meeting")
        out = models.Q(sent_at__lte=clock.now()) & of_committees(mine.values("committee"), "meeting")
        published = models.Q(
            approved_at__isnull=False, audience=Minutes.Audience.MEMBERS, meeting__committee__confidential=False
        )
        return self.filter(kept | out | published)

    def out(self) -> MinutesQuerySet:
        """Out for comment, and no more to be taken back."""
        return self.filter(sent_at__lte=Now(), approved_at=None)

    def approved(self) -> MinutesQuerySet:
        return self.exclude(approved_at=None)

    def with_objections(self) -> MinutesQuerySet:
        """`objected`: whether an objection stands."""
        standing = MinutesObjection.objects.standing().filter(minutes=models.OuterRef("pk"))
        return self.annotate(objected=models.Exists(standing))

    def of_call(self, slug: str) -> MinutesQuerySet:
        return self.filter(meeting__slug=slug)

    def of_committee(self, committee: Committee) -> MinutesQuerySet:
        return self.filter(of_committees([committee.pk], "meeting"))

    def for_listing(self) -> MinutesQuerySet:
        return self.select_related("meeting__committee").with_objections()

    def silently_due(self) -> MinutesQuerySet:
        """Those whose time for objections is over without one."""
        standing = MinutesObjection.objects.standing().filter(minutes=models.OuterRef("pk"))
        return self.out().filter(~models.Exists(standing), silently=True, closes_at__lte=Now())


class Minutes(models.Model):
    """`sent_at` is when they went out, the end of the hold of their mail; in the future they can still be taken back.

    `comments_until` is a day, over when it is over for everybody (`closes_at`). `silently`: they are approved then if
    nobody objects. `words` is what search finds of them.
    """

    class Stage(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OUT = "out", _("Out for comment")
        OBJECTED = "objected", _("Objected to")
        APPROVED = "approved", _("Approved")
        AMENDED = "amended", _("Amended")

    class Audience(models.TextChoices):
        COMMITTEE = "committee", _("The committee")
        MEMBERS = "members", _("All members")

    class Approval(models.TextChoices):
        SILENCE = "silence", _("without objection")
        CALL = "call", _("by the committee")

    meeting = models.OneToOneField(Meeting, models.CASCADE, related_name="minutes")
    begun_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    times_sent = models.PositiveIntegerField(default=0)
    comments_until = models.DateField(null=True)
    closes_at = models.DateTimeField(null=True)
    silently = models.BooleanField(default=False)
    audience = models.CharField(max_length=9, choices=Audience, default=Audience.COMMITTEE)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    approval = models.CharField(max_length=7, choices=Approval, blank=True)
    amended_at = models.DateTimeField(null=True)
    words = models.TextField(blank=True, help_text="of the approved revision, without markup")

    objected: bool  # of `with_objections`

    objects = MinutesQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "minutes"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(comments_until__isnull=False, closes_at__isnull=False),
                name="minutes_sent_until",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_at=None) | models.Q(sent_at__isnull=False), name="minutes_approved_once_out"
            ),
            models.CheckConstraint(
                condition=models.Q(amended_at=None) | models.Q(approved_at__isnull=False),
                name="minutes_amended_once_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["closes_at"], name="minutes_closing", condition=models.Q(approved_at=None)),
        ]
        triggers = [MINUTES.kept("words", "approved_at")]

    def __str__(self) -> str:
        return str(self.meeting)

    def get_absolute_url(self) -> str:
        return url_of("meeting_minutes", self.meeting.slug)

    # Questions ---------------------------------------------------------------------------------

    @property
    def slug(self) -> str:
        """Of the call."""
        return self.meeting.slug

    @property
    def about(self) -> str:
        """The `about` of their deliveries."""
        return f"minutes:{self.pk}"

    @property
    def dedupe_key(self) -> str:
        """Of the deliveries of the latest sending."""
        return f"minutes:{self.times_sent}"

    @property
    def is_out(self) -> bool:
        """Whether members may read them."""
        return self.sent_at is not None and self.sent_at <= timezone.now()

    @property
    def is_held(self) -> bool:
        """Sent a moment ago, to be taken back still."""
        return self.sent_at is not None and self.sent_at > timezone.now()

    @property
    def sent_on(self) -> date:
        """The organization’s day on which they went out."""
        return clock.day_of(self.sent_at or timezone.now())

    @property
    def is_approved(self) -> bool:
        return self.approved_at is not None

    @property
    def stage(self) -> Minutes.Stage:
        """Asks whether an objection stands, unless `with_objections` brought it."""
        if self.amended_at:
            return Minutes.Stage.AMENDED
        if self.approved_at:
            return Minutes.Stage.APPROVED
        if not self.is_out:
            return Minutes.Stage.DRAFT
        return Minutes.Stage.OBJECTED if self.is_objected else Minutes.Stage.OUT

    @property
    def is_objected(self) -> bool:
        known = self.__dict__.get("objected")
        return self.objections.standing().exists() if known is None else known

    @property
    def takes_comments(self) -> bool:
        return self.is_out and not self.is_approved

    def latest(self) -> MinutesRevision | None:
        return self.revisions.select_related("written_by").first()

    def standing(self) -> MinutesRevision | None:
        """The revision that holds: the latest approved one, and before that the latest."""
        approved = self.revisions.approved().select_related("written_by").first()
        return approved or self.latest()

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, meeting: Meeting, by: User) -> Minutes:
        """The minutes of a call, begun if there are none. Raises ValidationError for a call that has none."""
        refuse_without(meeting)
        return cls.objects.get_or_create(meeting=meeting, defaults={"begun_by": by})[0]

    def locked(self) -> Minutes:
        """The row as it stands, locked until the transaction ends."""
        return Minutes.objects.select_for_update(of=("self",)).select_related("meeting__committee").get(pk=self.pk)

    @transaction.atomic
    def keep(self, by: User, sections: list[dict[str, Any]], facts: dict[str, Any]) -> MinutesRevision:
        """Store the words as they are now: into this person's revision of this sitting, or as a further one.

        Raises ValidationError once they are approved: see `amend`.
        """
        locked = self.locked()
        if locked.is_approved:
            raise ValidationError(_("These minutes are approved. Amend them instead."), "approved")
        last = locked.revisions.first()
        if last and last.sections == sections:
            return last
        if last and last.goes_on_for(by):
            last.sections, last.facts = sections, facts
            last.save(update_fields=["sections", "facts", "written_at"])
            return last
        return locked.add_revision(by, sections=sections, facts=facts)

    def add_revision(self, by: User | None, **words: Any) -> MinutesRevision:
        """The caller holds the lock."""
        number = (self.revisions.aggregate(last=models.Max("number"))["last"] or 0) + 1
        return self.revisions.create(number=number, written_by=by, **words)

    @transaction.atomic
    def send(self, by: User, *, until: date, silently: bool, audience: str) -> bool:
        """Send them to the committee for comment, once: False when they were. Raises ValidationError for a day that is
        over, or an audience that a confidential committee can't have.
        """
        locked = self.locked()
        if locked.sent_at is not None:
            self.refresh_from_db()
            return False
        locked.refuse_audience(audience)
        if until < clock.today():
            raise ValidationError({"until": _("Choose a day that is still to come.")})
        locked.sent_at, locked.sent_by, locked.times_sent = timezone.now(), by, locked.times_sent + 1
        locked.comments_until, locked.closes_at = until, end_of(until)
        locked.silently, locked.audience = silently, audience
        locked.save()
        locked.revisions.filter(closed_at=None).update(closed_at=Now())
        AuditEntry.record(by, "sent the minutes of", locked.meeting, after={"until": str(until), "silently": silently})
        self.refresh_from_db()
        return True

    def refuse_audience(self, audience: str) -> None:
        if audience == Minutes.Audience.MEMBERS and self.meeting.committee.confidential:
            raise ValidationError({"audience": _("This committee is confidential, so only it can read its minutes.")})

    def wait_until(self, moment: datetime) -> None:
        """Set the moment until which they can be taken back, and from which members may read them."""
        Minutes.objects.filter(pk=self.pk).update(sent_at=moment)
        self.sent_at = moment

    @transaction.atomic
    def take_back(self, by: User) -> bool:
        """Make them a draft again before anybody read them; False when they are one, or approved."""
        won = Minutes.objects.filter(pk=self.pk, sent_at__isnull=False, approved_at=None).update(
            sent_at=None, comments_until=None, closes_at=None
        )
        if won:
            AuditEntry.record(by, "took back the minutes of", self.meeting)
        self.refresh_from_db()
        return bool(won)

    @transaction.atomic
    def approve(self, by: User | None, *, audience: str = "", frozen: dict[str, Any], words: str) -> bool:
        """Approve the latest revision, once: False when it was. `by` is None for silence.

        `frozen` are the sections, facts and heading as they were shown. Silence asks once more whether it holds.
        """
        locked = self.locked()
        silent = by is None
        if locked.is_approved or not locked.is_out:
            return False
        if silent and not Minutes.objects.silently_due().filter(pk=self.pk).exists():
            return False
        if audience:
            locked.refuse_audience(audience)
            locked.audience = audience
        locked.approved_at, locked.approved_by = timezone.now(), by
        locked.approval = Minutes.Approval.SILENCE if silent else Minutes.Approval.CALL
        locked.words = words
        locked.save(update_fields=["approved_at", "approved_by", "approval", "words", "audience"])
        locked.freeze(by, frozen)
        AuditEntry.record(by, "approved the minutes of", locked.meeting, after={"approval": str(locked.approval)})
        self.refresh_from_db()
        return True

    def freeze(self, by: User | None, frozen: dict[str, Any], reason: str = "") -> MinutesRevision:
        """The approved words: the latest revision when it says the same, else one of their own. The lock is held."""
        last = self.revisions.first()
        if last is None or reason or last.sections != frozen["sections"]:
            last = self.add_revision(by, reason=reason, **frozen)
        last.facts, last.heading = frozen["facts"], frozen["heading"]
        last.approved_at = last.closed_at = timezone.now()
        last.save(update_fields=["facts", "heading", "approved_at", "closed_at"])
        return last

    @transaction.atomic
    def amend(self, by: User, *, seen: int, reason: str, frozen: dict[str, Any], words: str) -> MinutesRevision:
        """A further revision of approved minutes, with the reason; the earlier ones stay.

        `seen` is the number of the revision that the form showed. Raises AmendedMeanwhile when there is a later one,
        ValidationError while they are not approved, without a reason, or when nothing changed.
        """
        locked = self.locked()
        if not locked.is_approved:
            raise ValidationError(_("These minutes aren’t approved yet. Change them instead."), "not_approved")
        standing = locked.standing()
        assert standing
        if standing.number != seen:
            raise AmendedMeanwhile(standing)
        if not reason.strip():
            raise ValidationError({"reason": _("Write what was wrong, and who asked for the change.")})
        if standing.sections == frozen["sections"]:
            raise ValidationError(_("Nothing is different yet."), "same")
        locked.amended_at, locked.words = timezone.now(), words
        locked.save(update_fields=["amended_at", "words"])
        revision = locked.freeze(by, frozen, reason=reason)
        AuditEntry.record(by, "amended the minutes of", locked.meeting, after={"revision": revision.number})
        self.refresh_from_db()
        return revision

    @transaction.atomic
    def object(self, member: User, reason: str) -> tuple[MinutesObjection, bool]:
        """Object, once a person: (what stands, whether it is new). It stops silent approval until it is withdrawn.

        Raises ValidationError without a reason, and for minutes that are not out.
        """
        locked = self.locked()
        if not locked.takes_comments:
            raise ValidationError(closed_words(locked), "closed")
        if not reason.strip():
            raise ValidationError({"reason": _("Write what is wrong, so that it can be put right.")})
        found = locked.objections.standing().filter(member=member).first()
        if found:
            return found, False
        objection = MinutesObjection(minutes=locked, member=member, reason=reason)
        objection.full_clean()
        objection.save()
        AuditEntry.record(member, "objected to the minutes of", locked.meeting)
        return objection, True

    @transaction.atomic
    def comment(
        self, by: User, words: str, *, section: str, quote: str = "", answers: MinutesComment | None = None
    ) -> MinutesComment:
        """Raises ValidationError without words, and for minutes that are not out."""
        locked = self.locked()
        if not locked.takes_comments:
            raise ValidationError(closed_words(locked), "closed")
        if locked.comments.count() >= MOST_COMMENTS:
            raise ValidationError(_("There are very many comments already. Write to the co-chairs instead."), "full")
        comment = MinutesComment(
            minutes=locked, author=by, words=words, section=section, quote=quote[:QUOTED], answers=answers
        )
        comment.full_clean()
        comment.save()
        return comment


def refuse_without(meeting: Meeting) -> None:
    """Raise ValidationError for a call that has no minutes: canceled, not begun, or never told."""
    if meeting.is_cancelled:
        raise ValidationError(_("This call was canceled, so it has no minutes."), "cancelled")
    if meeting.starts_at > timezone.now():
        raise ValidationError(_("This call hasn’t begun, so there is nothing to write down yet."), "ahead")


def closed_words(minutes: Minutes) -> Any:
    if minutes.is_approved:
        return _("These minutes are approved, so they take no more comments. Write to the co-chairs.")
    return _("These minutes aren’t out for comment.")


def end_of(day: date) -> datetime:
    """When the day is over for everybody in the network, from Guam to American Samoa."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) + LAST_TO_END


class AmendedMeanwhile(Exception):
    """Somebody else amended them after the form was opened; `current` is the revision that holds."""

    def __init__(self, current: MinutesRevision) -> None:
        super().__init__(str(current))
        self.current = current


class MinutesRevisionQuerySet(models.QuerySet["MinutesRevision"]):
    def closed(self) -> MinutesRevisionQuerySet:
        """Those that take no more saves: what was sent, and what was approved."""
        return self.exclude(closed_at=None)

    def approved(self) -> MinutesRevisionQuerySet:
        return self.exclude(approved_at=None)


class MinutesRevision(models.Model):
    """The words at one time. `sections` are what is written, `facts` the decisions and actions among them as they were
    said then, and `heading` (once approved) who was there.

    One that is closed takes no more saves; one that is approved never changes.
    """

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    sections = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    heading = models.JSONField(null=True)
    reason = Line(_("what is changed, and why"), max_length=300, blank=True)
    written_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    written_at = models.DateTimeField(auto_now=True)
    closed_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)

    objects = MinutesRevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["minutes", "number"], name="minutes_revision_once")]

    def __str__(self) -> str:
        return f"{self.minutes} {self.number}"

    def goes_on_for(self, person: User) -> bool:
        """Whether a save of this person is part of it."""
        sits = self.begun_at > timezone.now() - ONE_SITTING
        return self.closed_at is None and self.written_by_id == person.pk and sits


QUOTED = 400  # letters of the paragraph that a comment is about


class MinutesCommentQuerySet(models.QuerySet["MinutesComment"]):
    def threads(self) -> MinutesCommentQuerySet:
        """Those that began one, in order, each with its answers."""
        answers = models.Prefetch("replies", MinutesComment.objects.select_related("author").order_by("pk"))
        return self.first_ones().select_related("author", "settled_by").prefetch_related(answers).order_by("pk")

    def first_ones(self) -> MinutesCommentQuerySet:
        """Those that answer none."""
        return self.filter(answers=None)

    def open(self) -> MinutesCommentQuerySet:
        return self.first_ones().filter(settled_at=None)


class MinutesComment(models.Model):
    """Beside a paragraph: `section` and the words it is about find the place again after the text was edited."""

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    section = models.CharField(max_length=40)
    quote = Words(blank=True, max_length=QUOTED)
    words = Words(_("comment"), max_length=2000)
    answers = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="replies")
    written_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MinutesCommentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["minutes", "id"], name="minutes_comments")]

    def __str__(self) -> str:
        return self.words[:80]

    def settle(self, by: User) -> bool:
        """Mark it as settled, once; `reopen` takes that back."""
        won = MinutesComment.objects.filter(pk=self.pk, settled_at=None).update(settled_at=Now(), settled_by=by)
        return bool(won)

    def reopen(self) -> bool:
        won = MinutesComment.objects.filter(pk=self.pk, settled_at__isnull=False).update(settled_at=None)
        return bool(won)


class MinutesObjectionQuerySet(models.QuerySet["MinutesObjection"]):
    def standing(self) -> MinutesObjectionQuerySet:
        """Those that nobody withdrew, of people who are on the committee still."""
        held = Membership.objects.held(on=database_today()).filter(user=models.OuterRef("member"))
        on_it = seats_at(models.OuterRef("minutes__meeting"), held)
        return self.filter(models.Exists(on_it), withdrawn_at=None)

    def of(self, member: User) -> MinutesObjectionQuerySet:
        return self.filter(member=member)


class MinutesObjection(models.Model):
    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="objections")
    member = models.ForeignKey(User, models.CASCADE, related_name="+")
    reason = Words(_("what is wrong"), max_length=1000)
    raised_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = MinutesObjectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["minutes", "member"], condition=models.Q(withdrawn_at=None), name="objection_once"
            )
        ]

    def __str__(self) -> str:
        return self.reason[:80]

    @transaction.atomic
    def withdraw(self) -> bool:
        """Once; only whoever raised it may."""
        won = MinutesObjection.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
        if won:
            AuditEntry.record(self.member, "withdrew an objection to the minutes of", self.minutes.meeting)
        return bool(won)


def people_who_keep(meeting: Meeting) -> models.QuerySet[User]:
    """Co-chairs, vice chairs and the secretaries of its committees today."""
    memberships = seats_at(meeting.pk, Membership.objects.current()).filter(role__in=KEEPING)
    return User.objects.members().filter(pk__in=memberships.values("user")).order_by("name", "pk")


def keepers_of(committees: Iterable[int]) -> models.QuerySet[Membership]:
    return Membership.objects.held().filter(committee__in=committees, role__in=KEEPING)

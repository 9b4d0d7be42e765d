"""Steering committees, caucuses and boards: where members do the work."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from committees.models.issues import IssueArea
from committees.models.memberships import Membership
from committees.models.requests import JoinRequest
from committees.usual import usual_time
from members.fields import Line, Words, Zone
from members.models import AuditEntry, User
from members.queries.indexing import Source
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.web.meanwhile import refuse_changed

DAY = 24 * 60

COMMITTEE = Source("committee", "committees_committee", title="t.name", body="t.purpose")


def default_reminder_offsets() -> list[int]:
    """Minutes before a call: a week, a day, ten minutes."""
    return [7 * DAY, DAY, 10]


class CommitteeQuerySet(VisibleQuerySet["Committee"]):
    def open_to(self, user: User) -> CommitteeQuerySet:
        """Public committees for everybody; a confidential one only for its own people."""
        if not user.is_authenticated:
            return self.not_confidential()
        mine = Membership.objects.of(user).filter(committee=models.OuterRef("pk"))
        return self.filter(models.Q(confidential=False) | models.Exists(mine))

    def not_archived(self) -> CommitteeQuerySet:
        return self.filter(archived_at=None)

    def archived(self) -> CommitteeQuerySet:
        return self.exclude(archived_at=None)

    def not_confidential(self) -> CommitteeQuerySet:
        """Those that everybody may know of."""
        return self.filter(confidential=False)

    def steering(self) -> CommitteeQuerySet:
        """Those that carry the work on an issue."""
        return self.filter(kind=Committee.Kind.STEERING)

    def that_take_new_people(self) -> CommitteeQuerySet:
        """Those that everybody sees and any member may join or ask to join, by name."""
        return self.not_archived().not_confidential().exclude(join_policy=Committee.JoinPolicy.INVITED).order_by("name")

    def leaderless(self, on: date | None = None) -> CommitteeQuerySet:
        """Standing ones that lost their last co-chair: nobody decides about requests or puts on calls.

        One that never had any is being set up. Who chaired for less than a day has no row of it, only history.
        """
        chaired = Membership.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # pghistory's
            committee=models.OuterRef("pk"), role__in=Membership.CHAIRING
        )
        led = Membership.objects.chairs().filter(committee=models.OuterRef("pk"))
        leading = led.held(on)
        had_one = models.Exists(led) | models.Exists(chaired)
        return self.not_archived().filter(had_one, ~models.Exists(leading)).order_by("name")

    def of(self, user: User) -> CommitteeQuerySet:
        """Those the person is on today: nobody who left the network is on any."""
        return self.filter(pk__in=Membership.objects.of(user).values("committee"))

    def for_page(self, user: User) -> CommitteeQuerySet:
        """Visible, with `my_role` and the open request `my_request_id` and `my_request_at`, in one query."""
        queryset = self.visible_to(user).select_related("issue")
        if not user.is_authenticated:
            return queryset
        mine = Membership.objects.of(user).filter(committee=models.OuterRef("pk"))
        waiting = JoinRequest.objects.waiting().filter(committee=models.OuterRef("pk"), user=user)
        return queryset.annotate(
            my_role=models.Subquery(mine.values("role")[:1]),
            my_request_id=models.Subquery(waiting.values("pk")[:1]),
            my_request_at=models.Subquery(waiting.values("asked_at")[:1]),
        )

    def for_listing(self, user: User) -> CommitteeQuerySet:
        """As `for_page`, standing ones by name. How many are on them: committees.headcounts."""
        return self.for_page(user).not_archived().order_by("name")

    def with_people(self) -> CommitteeQuerySet:
        """Count `people` here and now."""
        held = Membership.objects.held().filter(committee=models.OuterRef("pk"))
        people = held.order_by().values("committee").annotate(n=models.Count("pk")).values("n")
        return self.annotate(people=models.functions.Coalesce(models.Subquery(people), 0))


class Committee(models.Model):
    class Kind(models.TextChoices):
        STEERING = "steering", _("Steering committee")
        STATE = "state", _("State committee")
        CAUCUS = "caucus", _("Caucus")
        BOARD = "board", _("Board")
        WORKING_GROUP = "working_group", _("Working group")

    class JoinPolicy(models.TextChoices):
        OPEN = "open", _("Open to all members")
        ASK = "ask", _("Its co-chairs decide")
        INVITED = "invited", _("By invitation")

    slug = models.SlugField(max_length=60, unique=True)
    name = Line(_("name"), max_length=80)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.STEERING)
    issue = models.ForeignKey(IssueArea, models.PROTECT, null=True, blank=True, related_name="committees")
    purpose = Words(_("purpose"), max_length=400)
    rhythm = Line(
        _("when it usually meets"), max_length=80, blank=True, help_text=_("Second Thursdays, 3:00 PM Eastern")
    )
    join_policy = models.CharField(_("who may join"), max_length=8, choices=JoinPolicy, default=JoinPolicy.OPEN)
    confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Only its own people know that it exists.")
    )
    timezone = Zone(_("time zone"))
    reminder_offsets = ArrayField(
        models.PositiveIntegerField(validators=[MinValueValidator(5), MaxValueValidator(28 * DAY)]),
        verbose_name=_("reminders, minutes before a call"),
        default=default_reminder_offsets,
        blank=True,
        size=5,
    )
    reminders_set_at = models.DateTimeField(
        null=True, editable=False, help_text="since when they are so: none that was past then is owed"
    )
    quilt_block = models.CharField(max_length=24, blank=True)
    quilt_hue = models.CharField(max_length=16, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    leaderless_at = models.DateTimeField(
        null=True, editable=False, help_text="since when it is seen without a co-chair (committees.leaderless)"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    # What `for_page` and `for_listing` bring along.
    my_role: str | None
    my_request_id: int | None

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        triggers = [COMMITTEE.kept("name", "purpose")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("committee_detail", args=[self.slug])

    @property
    def open_issue(self) -> IssueArea | None:
        """Its issue, once that is published: until then its name is for staff."""
        return self.issue if self.issue and self.issue.published_at else None

    @property
    def usually(self) -> str:
        """When it usually meets, by the reader's clock."""
        return usual_time(self.rhythm, self.timezone)

    @property
    def scope(self) -> str:
        """Where preferences and deliveries about this committee apply."""
        return f"committee:{self.pk}"

    def people(self) -> models.QuerySet[User]:
        """Those on the committee today."""
        return User.objects.members().filter(memberships__in=self.memberships.current()).order_by("name", "id")

    def chairs(self) -> models.QuerySet[User]:
        return (
            User.objects.members()
            .filter(memberships__in=self.memberships.current().chairs())
            .order_by("memberships__started_on", "name")
        )

    @cached_property
    def _roles(self) -> dict[int, str]:
        return {}

    def know_role(self, user: User, role: str | None) -> None:
        """Remember what a queryset's `my_role` said, so that `role_of` need not ask."""
        self._roles[user.pk] = role or ""

    def role_of(self, user: User) -> str:
        """The role held today, "" for none; one query, kept for this pair."""
        if not user.is_authenticated:
            return ""
        if user.pk not in self._roles:
            self.know_role(user, self.memberships.of(user).values_list("role", flat=True).first())
        return self._roles[user.pk]

    def way_in(self, user: User) -> str:
        """How the person comes onto it: "on_it", "asked" (as `for_page` says), or its policy."""
        if self.role_of(user):
            return "on_it"
        return "asked" if getattr(self, "my_request_id", None) else self.join_policy

    def take_turn(self) -> Committee:
        """The row as it stands, locked until the transaction ends: who changes memberships and requests here takes turns."""
        return Committee.objects.select_for_update(no_key=True).get(pk=self.pk)

    def refuse_archived(self) -> None:
        """Raise ValidationError: nobody comes onto a committee that is archived."""
        if self.archived_at:
            words = _("%(name)s is archived, so nobody joins it any more.")
            raise ValidationError(words, "archived", {"name": self.name})

    @transaction.atomic
    def edit(self, by: User, *, seen: str = "", **fields: Any) -> Committee:
        """Change what the committee says about itself. Raises ValidationError by field.

        `seen` marks what the form showed of these fields: raises ChangedMeanwhile when somebody saved after that.
        """
        locked = self.take_turn()
        before = {name: getattr(locked, name) for name in fields}
        changed = {name: value for name, value in fields.items() if value != before[name]}
        if not changed:
            return self
        refuse_changed(locked, seen, fields)
        for name, value in changed.items():
            setattr(self, name, value)
        self.full_clean()
        if "reminder_offsets" in changed:
            self.reminders_set_at = timezone.now()
        self.save(update_fields=[*changed, "reminders_set_at"])
        AuditEntry.record(by, "edited", self, before={name: before[name] for name in changed}, after=changed)
        return self

    @classmethod
    @transaction.atomic
    def found(cls, by: User, **fields: Any) -> Committee:
        """Start a committee, under the first free address made from its name."""
        take_turn("addresses of committees")
        committee = cls(slug=_free_slug(fields["name"]), **fields)
        committee.full_clean()
        committee.save()
        AuditEntry.record(by, "created", committee)
        return committee

    @transaction.atomic
    def archive(self, by: User) -> Committee:
        """Nobody joins any more and no list shows it; its papers and people stay on record. Done once."""
        self.take_turn()
        if Committee.objects.filter(pk=self.pk, archived_at=None).update(archived_at=timezone.now()):
            AuditEntry.record(by, "archived", self)
        self.refresh_from_db(fields=["archived_at"])
        return self

    @transaction.atomic
    def restore(self, by: User) -> Committee:
        if Committee.objects.filter(pk=self.pk, archived_at__isnull=False).update(archived_at=None):
            AuditEntry.record(by, "restored", self)
        self.refresh_from_db(fields=["archived_at"])
        return self


def _free_slug(name: str) -> str:
    """From the name, numbered when taken; "new" is the address of the form."""
    start = slugify(name)[:54] or "committee"
    taken = {"new", *Committee.objects.filter(slug__startswith=start).values_list("slug", flat=True)}
    return next(slug for number in count(1) if (slug := start if number == 1 else f"{start}-{number}") not in taken)

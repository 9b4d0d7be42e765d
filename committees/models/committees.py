"""Steering committees, caucuses and boards: where members do the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
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
from members.web.page_urls import url_of

DAY = 24 * 60

COMMITTEE = Source("committee", "committees_committee", title="t.name", body="t.purpose")


# What other apps say of a committee that can't become confidential; "" where they see no reason.
STAYS_OPEN: list[Callable[[Committee], str]] = []


def default_reminder_offsets() -> list[int]:
    """A week, a day and ten minutes before a call, in minutes."""
    return [7 * DAY, DAY, 10]


class CommitteeQuerySet(VisibleQuerySet["Committee"]):
    def open_to(self, user: User) -> CommitteeQuerySet:
        """Public committees; confidential ones only for the people on them."""
        if not user.is_authenticated:
            return self.not_confidential()
        mine = Membership.objects.of(user).filter(committee=models.OuterRef("pk"))
        return self.filter(models.Q(confidential=False) | models.Exists(mine))

    def not_archived(self) -> CommitteeQuerySet:
        return self.filter(archived_at=None)

    def archived(self) -> CommitteeQuerySet:
        return self.exclude(archived_at=None)

    def not_confidential(self) -> CommitteeQuerySet:
        """Committees that everybody may know of."""
        return self.filter(confidential=False)

    def steering(self) -> CommitteeQuerySet:
        """Steering committees, which work on an issue."""
        return self.filter(kind=Committee.Kind.STEERING)

    def that_take_new_people(self) -> CommitteeQuerySet:
        """Public committees that members may join or ask to join, by name."""
        return self.not_archived().not_confidential().exclude(join_policy=Committee.JoinPolicy.INVITED).order_by("name")

    def leaderless(self, on: date | None = None) -> CommitteeQuerySet:
        """Committees not archived that lost their last co-chair: nobody decides about requests or schedules calls.

        One that never had a co-chair is still being set up. Somebody who chaired for less than a day has no row of it,
        only history.
        """
        chaired = Membership.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # pghistory's
            committee=models.OuterRef("pk"), role__in=Membership.CHAIRING
        )
        led = Membership.objects.chairs().filter(committee=models.OuterRef("pk"))
        leading = led.held(on)
        had_one = models.Exists(led) | models.Exists(chaired)
        return self.not_archived().filter(had_one, ~models.Exists(leading)).order_by("name")

    def of(self, user: User) -> CommitteeQuerySet:
        """The committees that the person is on today."""
        return self.filter(pk__in=Membership.objects.of(user).values("committee"))

    def for_page(self, user: User) -> CommitteeQuerySet:
        """Visible ones, with `my_role` and the open request as `my_request_id` and `my_request_at`, in one query."""
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
        """As `for_page`, those not archived, by name. For numbers of people see committees.headcounts."""
        return self.for_page(user).not_archived().order_by("name")

    def with_people(self) -> CommitteeQuerySet:
        """Annotate `people`, the number of people today."""
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

    class QuorumRule(models.TextChoices):
        MAJORITY = "majority", _("More than half of the voting members")
        NUMBER = "number", _("A number of them")
        NONE = "none", _("No quorum")

    slug = models.SlugField(max_length=60, unique=True)
    name = Line(_("name"), max_length=80)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.STEERING)
    issue = models.ForeignKey(IssueArea, models.PROTECT, null=True, blank=True, related_name="committees")
    purpose = Words(_("purpose"), max_length=400)
    rhythm = Line(
        _("when it usually meets"), max_length=80, blank=True, help_text=_("Second Thursdays, 3:00 PM Eastern")
    )
    series_rhythm = Line(
        max_length=120, blank=True, editable=False, help_text="the same, as its series of calls has it"
    )
    join_policy = models.CharField(_("who may join"), max_length=8, choices=JoinPolicy, default=JoinPolicy.OPEN)
    confidential = models.BooleanField(
        _("confidential"), default=False, help_text=_("Only its own people know that it exists.")
    )
    join_signed_in = models.BooleanField(
        _("joining a call from an email needs signing in"),
        default=False,
        help_text=_(
            "Otherwise the link in a reminder opens the call by itself while it is on. Forwarded, it does too."
        ),
    )
    hides_answers = models.BooleanField(
        _("only co-chairs see who said what to a call"),
        default=False,
        db_default=False,
        help_text=_("Everybody sees how many go. Otherwise members see those who let the committee see it."),
    )
    quorum_rule = models.CharField(
        _("quorum"), max_length=8, choices=QuorumRule, default=QuorumRule.MAJORITY, db_default=QuorumRule.MAJORITY
    )
    quorum_number = models.PositiveSmallIntegerField(
        _("how many"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(2000)]
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
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(quorum_rule="number") | models.Q(quorum_number__isnull=False, quorum_number__gte=1),
                name="committee_quorum_number",
                violation_error_message=_("Say how many voting members it takes."),
            )
        ]
        triggers = [COMMITTEE.kept("name", "purpose")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return url_of("committee_detail", self.slug)

    def clean(self) -> None:
        super().clean()
        words = next(filter(None, (reason(self) for reason in STAYS_OPEN)), None) if self.confidential else None
        if words:
            raise ValidationError({"confidential": words})

    @property
    def open_issue(self) -> IssueArea | None:
        """Its issue once that is published; until then only staff may read its name."""
        return self.issue if self.issue and self.issue.published_at else None

    @property
    def usually(self) -> str:
        """When it usually meets, in the reader's time zone: as its series of calls has it, else as its co-chairs wrote it."""
        return usual_time(self.series_rhythm or self.rhythm, self.timezone)

    @property
    def asks_to_sign_in(self) -> bool:
        """Whether a link in a mail joins its calls only for whoever is signed in; a confidential one always wants it."""
        return self.join_signed_in or self.confidential

    @property
    def scope(self) -> str:
        """The scope of preferences and deliveries: "committee:3"."""
        return f"committee:{self.pk}"

    def people(self) -> models.QuerySet[User]:
        """The people on the committee today."""
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
        """Cache the role that a queryset loaded as `my_role`, for `role_of`."""
        self._roles[user.pk] = role or ""

    def role_of(self, user: User) -> str:
        """The person's role today, "" for none; one query, cached on this object."""
        if not user.is_authenticated:
            return ""
        if user.pk not in self._roles:
            self.know_role(user, self.memberships.of(user).values_list("role", flat=True).first())
        return self._roles[user.pk]

    def quorum_of(self, eligible: int) -> int:
        """How many of so many voting members decisions need; 0 without a quorum."""
        if self.quorum_rule == self.QuorumRule.NONE:
            return 0
        return eligible // 2 + 1 if self.quorum_rule == self.QuorumRule.MAJORITY else self.quorum_number or 1

    def way_in(self, user: User) -> str:
        """How the person may come onto it: "on_it", "asked" (needs `for_page`), or the join policy."""
        if self.role_of(user):
            return "on_it"
        return "asked" if getattr(self, "my_request_id", None) else self.join_policy

    def take_turn(self) -> Committee:
        """The row as it stands, locked until the transaction ends, so that changes of memberships and requests take
        turns.
        """
        return Committee.objects.select_for_update(no_key=True).get(pk=self.pk)

    def refuse_archived(self) -> None:
        """Raise ValidationError if it is archived: then nobody may join."""
        if self.archived_at:
            words = _("%(name)s is archived, so nobody joins it any more.")
            raise ValidationError(words, "archived", {"name": self.name})

    @transaction.atomic
    def edit(self, by: User, *, seen: str = "", **fields: Any) -> Committee:
        """Change its own fields. Raises ValidationError by field.

        `seen` is the hash of the values that the form showed: raises ChangedMeanwhile when somebody saved after that.
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
        """Create a committee, at the first free address made from its name."""
        take_turn("addresses of committees")
        committee = cls(slug=_free_slug(fields["name"]), **fields)
        committee.full_clean()
        committee.save()
        AuditEntry.record(by, "created", committee)
        return committee

    @transaction.atomic
    def archive(self, by: User) -> Committee:
        """Take it off all lists; nobody can join any more. Its documents and people stay on record. Safe to repeat."""
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

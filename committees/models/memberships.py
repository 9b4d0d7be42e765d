"""Membership: one person on one committee for a time, in a role. Rights follow from its dates when they are asked for."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pghistory
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import AuditEntry, Office, User
from members.models.users import admitted
from members.times.clock import today

if TYPE_CHECKING:
    from committees.models.committees import Committee


class RoleChanged(Exception):
    """Somebody else gave the person another role after the page was opened; `current` is the membership as it stands."""

    def __init__(self, current: Membership) -> None:
        super().__init__(str(current))
        self.current = current


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: date | None = None) -> MembershipQuerySet:
        on = on or today()
        return self.filter(models.Q(ended_on=None) | models.Q(ended_on__gt=on), started_on__lte=on)

    def planned(self) -> MembershipQuerySet:
        """Those that begin on a later day: a role that somebody on the committee is to have from then on."""
        return self.filter(started_on__gt=today())

    def lasting(self, on: date | None = None) -> MembershipQuerySet:
        """Those held today, and those planned."""
        return self.filter(models.Q(ended_on=None) | models.Q(ended_on__gt=on or today())).of_active_people()

    def of_active_people(self) -> MembershipQuerySet:
        """Those of members: who left the network, or whose account is closed, keeps the row and is on no committee."""
        return self.filter(admitted("user__"))

    def held(self, on: date | None = None) -> MembershipQuerySet:
        """Who is on a committee today: the one answer, for pages, messages and rights."""
        return self.current(on).of_active_people()

    def held_by_many(self, on: date | None = None) -> MembershipQuerySet:
        """The rows of `held`, with a query that is faster for a whole committee: it excludes the few people who left."""
        return self.current(on).filter(~models.Exists(User.objects.not_members().filter(pk=models.OuterRef("user"))))

    def of(self, user: User) -> MembershipQuerySet:
        """The memberships of this person today."""
        return self.held().filter(user=user.pk)

    def chairs(self) -> MembershipQuerySet:
        return self.filter(role__in=Membership.CHAIRING)

    def by_rights(self) -> MembershipQuerySet:
        """Of one person on several committees: the role that may do most first."""
        last = len(Membership.Role.values)
        ranks = [models.When(role=role, then=rank) for rank, role in enumerate(Membership.BY_RIGHTS)]
        return self.order_by(models.Case(*ranks, default=last), "pk")

    def voting(self) -> MembershipQuerySet:
        """Those whose people vote, and whom a quorum is counted from: observers, alternates and staff organizers are none."""
        return self.filter(role__in=Membership.VOTING)

    def holding_over(self, on: date | None = None) -> MembershipQuerySet:
        """Those whose term is over and who stay until a successor comes."""
        return self.held(on).filter(term_ends_on__lte=on or today())

    def officers(self) -> MembershipQuerySet:
        """Co-chairs, vice chairs and staff organizers."""
        return self.filter(role__in=Membership.OFFICERS)

    def without_officers(self) -> MembershipQuerySet:
        return self.exclude(role__in=Membership.OFFICERS)

    def left_today(self, user: User) -> MembershipQuerySet:
        """Memberships that this person ended today, which the same person may take back."""
        return self.filter(user=user, ended_on=today(), ended_by=user)

    def for_listing(self) -> MembershipQuerySet:
        """Today's people with their `office` in words: co-chairs first, then staff organizers, then by name. One query."""
        rank = models.Case(
            models.When(role__in=Membership.CHAIRING, then=0),
            models.When(role=Membership.Role.LIAISON, then=1),
            default=2,
        )
        people = self.held().select_related("user")
        return people.annotate(rank=rank, office=Office.objects.held_by("user")).order_by("rank", "user__name", "pk")


@pghistory.track()
class Membership(models.Model):
    """One person on one committee in one role. `ended_on` is the first day off the committee, None while it lasts.

    A role planned for a later day is a row of its own: the one held until then ends on that day, so that nothing has
    to be done at midnight.

    `term_ends_on` is the first day after the term. It takes nobody off: who has one and no `ended_on` holds over, with
    all rights, until somebody ends it or gives another role.

    Verbs work on committee and person, under the lock of `Committee.take_turn`: the row that a page showed may have
    been replaced.
    """

    class Role(models.TextChoices):
        CHAIR = "chair", _("Co-chair")
        VICE_CHAIR = "vice_chair", _("Vice chair")
        SECRETARY = "secretary", _("Secretary")
        MEMBER = "member", _("Member")
        LIAISON = "liaison", _("Staff organizer")
        OBSERVER = "observer", _("Observer")
        ALTERNATE = "alternate", _("Alternate")

    CHAIRING = (Role.CHAIR, Role.VICE_CHAIR)
    VOTING = (*CHAIRING, Role.SECRETARY, Role.MEMBER)
    OFFICERS = (*CHAIRING, Role.LIAISON)
    BY_RIGHTS = (*VOTING, Role.LIAISON, Role.ALTERNATE, Role.OBSERVER)

    committee = models.ForeignKey("committees.Committee", models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    started_on = models.DateField()
    seated_at = models.DateTimeField(null=True, editable=False, help_text="The moment, when it was not a midnight")
    ended_on = models.DateField(null=True, blank=True)
    term_ends_on = models.DateField(
        _("term ends"), null=True, blank=True, help_text="then in office until a successor comes"
    )
    ended_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "user"], condition=models.Q(ended_on=None), name="membership_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("started_on")),
                name="membership_dates",
            ),
            models.CheckConstraint(
                condition=models.Q(term_ends_on=None) | models.Q(term_ends_on__gte=models.F("started_on")),
                name="membership_term",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "committee"], name="membership_of_user"),
            models.Index(
                fields=["committee"],
                name="membership_officers",
                condition=models.Q(role__in=("chair", "vice_chair", "liaison")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.committee}"

    @property
    def is_holding_over(self) -> bool:
        return self.term_ends_on is not None and self.term_ends_on <= today()

    @classmethod
    @transaction.atomic
    def begin(cls, committee: Committee, user: User, *, by: User, role: str = Role.MEMBER) -> tuple[Membership, bool]:
        """Put `user` on the committee, once: (membership, whether it is new).

        Raises ValidationError for an archived committee, and for somebody who is no member: their row stays locked, so
        that they do not leave in the same moment.
        """
        committee.take_turn().refuse_archived()
        if not User.objects.select_for_update(no_key=True).get(pk=user.pk).is_member:
            raise ValidationError(_("%(name)s isn’t a member."), "left", {"name": user.name})
        if held := cls._held(committee.pk, user.pk):
            return held, False
        membership = cls.objects.create(
            committee=committee, user=user, role=role, started_on=today(), seated_at=timezone.now()
        )
        membership.recount()
        AuditEntry.record(by, "joined", committee, after={"user": user.pk, "role": role})
        return membership, True

    @classmethod
    def _held(cls, committee: int, user: int) -> Membership | None:
        """The membership that the person holds today, in whichever row: another role is another row."""
        held = cls.objects.current().filter(committee=committee, user=user)
        return held.select_related("committee", "user").order_by("-pk").first()

    @transaction.atomic
    def change_role(self, role: str, by: User, *, seen: str = "") -> Membership | None:
        """Give another role from today on, in a row of its own, so that who chaired when stays on record.

        None when the person is not on the committee any more. `seen` is the role that was shown: raises RoleChanged
        when it is another one by now.
        """
        self.committee.take_turn()
        held = Membership._held(self.committee_id, self.user_id)
        if held is None or held.role == role:
            return held
        if seen and held.role != seen:
            raise RoleChanged(held)
        membership = held._with_role(role, by)
        AuditEntry.record(
            by, "changed role", held.committee, before={"user": held.user_id, "role": held.role}, after={"role": role}
        )
        return membership

    @transaction.atomic
    def appoint(
        self, role: str, by: User, *, starts_on: date, term_ends_on: date | None = None, seen: str = ""
    ) -> Membership | None:
        """Give a role from `starts_on` on, today or later, with the end of its term; it replaces what was planned before.

        The row of that role, None when the person is not on the committee any more. Raises RoleChanged as `change_role`
        does, ValidationError for a day that is past or a term that ends before it begins.
        """
        if starts_on < today():
            raise ValidationError({"starts_on": _("Choose today or a later day.")})
        if term_ends_on and term_ends_on <= starts_on:
            raise ValidationError({"term_ends_on": _("Choose a day after the term begins.")})
        self.committee.take_turn().refuse_archived()
        held = Membership._held(self.committee_id, self.user_id)
        if held is None:
            return None
        if seen and held.role != seen:
            raise RoleChanged(held)
        held._forget_plan()
        if starts_on == today():
            changed = held.change_role(role, by) or held
            return changed.set_term(term_ends_on, by)
        return held._plan(role, by, starts_on, term_ends_on)

    def _plan(self, role: str, by: User, starts_on: date, term_ends_on: date | None) -> Membership:
        ends = self.ended_on
        if ends and ends <= starts_on:
            raise ValidationError({"starts_on": _("The membership ends before that day.")})
        Membership.objects.filter(pk=self.pk).update(ended_on=starts_on, ended_by=by)
        planned = Membership.objects.create(
            committee=self.committee,
            user=self.user,
            role=role,
            started_on=starts_on,
            ended_on=ends,
            term_ends_on=term_ends_on,
        )
        AuditEntry.record(
            by,
            "planned a role",
            self.committee,
            before={"user": self.user_id, "role": self.role},
            after={"role": role, "from": str(starts_on)},
        )
        return planned

    def _forget_plan(self) -> None:
        """The role held today goes on as if none were planned after it."""
        planned = Membership.objects.planned().filter(committee=self.committee_id, user=self.user_id).first()
        if planned is None:
            return
        planned.delete()
        Membership.objects.filter(pk=self.pk).update(ended_on=planned.ended_on, ended_by=None)
        self.ended_on = planned.ended_on

    def _with_role(self, role: str, by: User) -> Membership:
        if self.started_on == today():
            Membership.objects.filter(pk=self.pk).update(role=role)
            return Membership.objects.select_related("committee", "user").get(pk=self.pk)
        Membership.objects.filter(pk=self.pk).update(ended_on=today(), ended_by=by)
        return Membership.objects.create(
            committee=self.committee,
            user=self.user,
            role=role,
            started_on=today(),
            ended_on=self.ended_on,
            term_ends_on=self.term_ends_on and max(self.term_ends_on, today()),
            seated_at=self.seated_at,
        )

    @transaction.atomic
    def set_term(self, ends_on: date | None, by: User) -> Membership:
        """Say when the term is over; whoever has it then stays until a successor comes. None: it has no end."""
        self.committee.take_turn()
        before = self.term_ends_on
        if ends_on != before:
            self.term_ends_on = ends_on
            self.full_clean(exclude=["committee", "user"], validate_unique=False)
            self.save(update_fields=["term_ends_on"])
            words = {"user": self.user_id, "term_ends_on": ends_on}
            AuditEntry.record(by, "set term", self.committee, before=words | {"term_ends_on": before}, after=words)
        return self

    @transaction.atomic
    def end(self, by: User) -> Membership:
        """End the membership today, in whatever role it is held by now. Ending an ended membership changes nothing."""
        self.committee.take_turn()
        held = Membership._held(self.committee_id, self.user_id)
        if held is None:
            self._keep_out(by)
            self.refresh_from_db()
            return self
        held._forget_plan()
        Membership.objects.filter(pk=held.pk).update(ended_on=today(), ended_by=by)
        held.refresh_from_db()
        held.recount()
        AuditEntry.record(by, "left", held.committee, before={"user": held.user_id, "role": held.role})
        return held

    def _keep_out(self, by: User) -> None:
        """Who is taken off in the moment of leaving does not come back by Undo."""
        if by.pk != self.user_id:
            Membership.objects.left_today(self.user).filter(committee=self.committee_id).update(ended_by=by)

    @transaction.atomic
    def resume(self, by: User) -> Membership:
        """Undo `end` on the day of leaving, unless there is a new membership; a term that had an end keeps it."""
        self.committee.take_turn().refuse_archived()
        if held := Membership._held(self.committee_id, self.user_id):
            return held
        told = self.events  # type: ignore[attr-defined]  # pghistory's, one row a change
        term_end = told.exclude(ended_on=today()).order_by("-pgh_id").values_list("ended_on", flat=True).first()
        given_up = Membership.objects.filter(pk=self.pk, ended_on=today(), ended_by=self.ended_by_id)
        resumed = given_up.update(ended_on=term_end, ended_by=None)
        self.refresh_from_db()
        if resumed:
            self.recount()
            AuditEntry.record(by, "rejoined", self.committee, after={"user": self.user_id, "role": self.role})
        return self

    @staticmethod
    def count_key(committee: int) -> str:
        """The cache key of the committee's headcount."""
        return f"headcount:{committee}"

    def recount(self) -> None:
        """Drop the cached headcount on commit."""
        transaction.on_commit(partial(cache.delete, self.count_key(self.committee_id)))

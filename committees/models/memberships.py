"""One person on one committee for a time, in a role. Rights are read from the dates when asked."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pghistory
from django.core.cache import cache
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.clock import today
from members.models import AuditEntry, Office, User

if TYPE_CHECKING:
    from committees.models.committees import Committee


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self, on: date | None = None) -> MembershipQuerySet:
        on = on or today()
        return self.filter(models.Q(ended_on=None) | models.Q(ended_on__gt=on), started_on__lte=on)

    def chairs(self) -> MembershipQuerySet:
        return self.filter(role__in=Membership.CHAIRING)

    def left_today(self, user: User) -> MembershipQuerySet:
        """Seats that this person gave up today: those the same person may take back."""
        return self.filter(user=user, ended_on=today(), ended_by=user)

    def for_listing(self) -> MembershipQuerySet:
        """Today's people with their `office` in words: co-chairs first, then staff organizers, then by name. One query."""
        rank = models.Case(
            models.When(role__in=Membership.CHAIRING, then=0),
            models.When(role=Membership.Role.LIAISON, then=1),
            default=2,
        )
        people = self.current().filter(user__is_active=True, user__left_at=None).select_related("user")
        return people.annotate(rank=rank, office=Office.objects.held_by("user")).order_by("rank", "user__name", "pk")


@pghistory.track()
class Membership(models.Model):
    """`ended_on` is the first day without the seat; None while it is held."""

    class Role(models.TextChoices):
        CHAIR = "chair", _("Co-chair")
        VICE_CHAIR = "vice_chair", _("Vice chair")
        SECRETARY = "secretary", _("Secretary")
        MEMBER = "member", _("Member")
        LIAISON = "liaison", _("Staff organizer")
        OBSERVER = "observer", _("Observer")

    CHAIRING = (Role.CHAIR, Role.VICE_CHAIR)

    committee = models.ForeignKey("committees.Committee", models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    started_on = models.DateField()
    seated_at = models.DateTimeField(null=True, editable=False, help_text="The moment, when it was not a midnight")
    ended_on = models.DateField(null=True, blank=True)
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
        ]
        indexes = [models.Index(fields=["user", "committee"], name="membership_of_user")]

    def __str__(self) -> str:
        return f"{self.user} on {self.committee}"

    @classmethod
    @transaction.atomic
    def begin(cls, committee: Committee, user: User, *, by: User, role: str = Role.MEMBER) -> tuple[Membership, bool]:
        """Seat `user`, once: (membership, whether it is new)."""
        membership, created = cls.objects.current().get_or_create(
            committee=committee,
            user=user,
            ended_on=None,
            defaults={"role": role, "started_on": today(), "seated_at": timezone.now()},
        )
        if created:
            membership.recount()
            AuditEntry.record(by, "joined", committee, after={"user": user.pk, "role": role})
        return membership, created

    @transaction.atomic
    def change_role(self, role: str, by: User) -> Membership:
        """Hold another role from today on, in a row of its own, so that who chaired when stays on record."""
        held = Membership.objects.select_for_update().get(pk=self.pk)
        if held.role == role or held.ended_on is not None:
            return held
        if held.started_on == today():
            Membership.objects.filter(pk=held.pk).update(role=role)
            seat = Membership.objects.get(pk=held.pk)
        else:
            Membership.objects.filter(pk=held.pk).update(ended_on=today(), ended_by=by)
            seat = Membership.objects.create(
                committee=held.committee, user=held.user, role=role, started_on=today(), seated_at=held.seated_at
            )
        AuditEntry.record(
            by, "changed role", held.committee, before={"user": held.user_id, "role": held.role}, after={"role": role}
        )
        return seat

    @transaction.atomic
    def end(self, by: User) -> Membership:
        """Give up the seat today. Ending an ended membership changes nothing."""
        held = Membership.objects.filter(models.Q(ended_on=None) | models.Q(ended_on__gt=today()), pk=self.pk)
        ended = held.update(ended_on=today(), ended_by=by)
        self.refresh_from_db()
        if ended:
            self.recount()
            AuditEntry.record(by, "left", self.committee, before={"user": self.user_id, "role": self.role})
        return self

    @transaction.atomic
    def resume(self, by: User) -> Membership:
        """Undo `end` on the day of leaving; a term that had an end keeps it."""
        told = self.events  # type: ignore[attr-defined]  # pghistory's, one row a change
        term_end = told.exclude(ended_on=today()).order_by("-pgh_id").values_list("ended_on", flat=True).first()
        resumed = Membership.objects.filter(pk=self.pk, ended_on=today()).update(ended_on=term_end, ended_by=None)
        self.refresh_from_db()
        if resumed:
            self.recount()
            AuditEntry.record(by, "rejoined", self.committee, after={"user": self.user_id, "role": self.role})
        return self

    @staticmethod
    def count_key(committee: int) -> str:
        """Where committees.headcounts keeps its count of a committee."""
        return f"headcount:{committee}"

    def recount(self) -> None:
        """Have the committee counted anew, once this change is there to be counted."""
        transaction.on_commit(partial(cache.delete, self.count_key(self.committee_id)))

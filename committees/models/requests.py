"""Requests to join a committee whose co-chairs decide."""

from __future__ import annotations

from datetime import timedelta

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.memberships import Membership
from members.fields import Words
from members.models import AuditEntry, Office, User
from members.models.users import admitted

ASKED_ONCE = timedelta(days=1)  # however often it is taken back meanwhile, those who decide hear of it once


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def waiting(self) -> JoinRequestQuerySet:
        """Open requests of people who may still join."""
        return self.filter(admitted("user__"), closed_at=None)

    def taken_back_lately(self) -> JoinRequestQuerySet:
        """Withdrawn requests made within a day; asking again reopens such a request."""
        return self.filter(outcome=JoinRequest.Outcome.WITHDRAWN, asked_at__gt=Now() - ASKED_ONCE)

    def for_listing(self) -> JoinRequestQuerySet:
        """Open ones, oldest first, each with the person and their `office`, in one query."""
        return self.waiting().select_related("user").with_office().order_by("asked_at", "pk")

    def with_office(self) -> JoinRequestQuerySet:
        """Each with the `office` its person holds, in words."""
        return self.annotate(office=Office.objects.held_by("user"))


class JoinRequest(models.Model):
    """Open while `closed_at` is empty; a person has at most one open request to a committee."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    committee = models.ForeignKey("committees.Committee", models.CASCADE, related_name="requests")
    user = models.ForeignKey(User, models.CASCADE, related_name="join_requests")
    message = Words(_("message"), blank=True, max_length=1000)
    asked_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="requests_closed")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    note = Words(_("note"), blank=True, max_length=1000)

    objects = JoinRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["committee", "user"], condition=models.Q(closed_at=None), name="request_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} asks to join {self.committee}"

    @transaction.atomic
    def accept(self, by: User, note: str = "") -> bool:
        """Put the person on the committee; False when the request was closed already. Raises ValidationError as `Membership.begin` does."""
        self.committee.take_turn().refuse_archived()
        if not self._close(by, self.Outcome.ACCEPTED, note):
            return False
        Membership.begin(self.committee, self.user, by=by)
        return True

    @transaction.atomic
    def decline(self, by: User, note: str = "") -> bool:
        return self._close(by, self.Outcome.DECLINED, note)

    @transaction.atomic
    def withdraw(self) -> bool:
        return self._close(self.user, self.Outcome.WITHDRAWN, "")

    @transaction.atomic
    def reopen(self, message: str) -> bool:
        """Make a withdrawn request open again, with this message; False when it was not withdrawn."""
        withdrawn = JoinRequest.objects.filter(pk=self.pk, outcome=self.Outcome.WITHDRAWN)
        won = withdrawn.update(closed_at=None, closed_by=None, outcome="", message=message)
        self.refresh_from_db()
        return bool(won)

    def _close(self, by: User, outcome: str, note: str) -> bool:
        won = JoinRequest.objects.filter(pk=self.pk, closed_at=None).update(
            closed_at=timezone.now(), closed_by=by, outcome=outcome, note=note
        )
        self.refresh_from_db()
        if won:
            AuditEntry.record(by, f"request {outcome}", self.committee, after={"user": self.user_id}, reason=note)
        return bool(won)

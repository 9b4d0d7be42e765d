"""A member asks another how to reach them; whoever is asked shows what they choose, for a while, and may take it back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.fields import Words
from members.models.audit import AuditEntry
from members.models.users import User
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.times import clock

OPEN_FOR = timedelta(days=30)  # then it lapses without an answer
SHOWN_FOR = timedelta(days=30)  # long enough to write it down
REST = timedelta(days=90)  # after a no, before the same person may be asked again
A_DAY = timedelta(days=1)
MOST_A_DAY = 10


class Refused(Exception):
    """`reason` is "many" (too many in a day) or "rest" (the same person said no lately)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ContactRequestQuerySet(VisibleQuerySet["ContactRequest"]):
    def open_to(self, user: User) -> ContactRequestQuerySet:
        """The two whom it concerns."""
        return self.filter(models.Q(asker=user) | models.Q(owner=user))

    def waiting(self) -> ContactRequestQuerySet:
        return self.filter(answered_at=None, asked_at__gt=Now() - OPEN_FOR)

    def showing(self) -> ContactRequestQuerySet:
        """Those whose answer shows something now."""
        shown = models.Q(shows_email=True) | models.Q(shows_phone=True)
        return self.filter(shown, taken_back_at=None, answered_at__gt=Now() - SHOWN_FOR)

    def between(self, asker: User, owner: User) -> ContactRequestQuerySet:
        return self.filter(asker=asker, owner=owner).order_by("-asked_at", "-pk")


class ContactRequest(models.Model):
    """Nobody's address or number stands here: it is read from the owner's profile while it is shown."""

    asker = models.ForeignKey(User, models.CASCADE, related_name="contact_asked_for")
    owner = models.ForeignKey(User, models.CASCADE, related_name="contact_requests")
    message = Words(_("message"), max_length=500)
    asked_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    shows_email = models.BooleanField(_("my email"), default=False)
    shows_phone = models.BooleanField(_("my mobile number"), default=False)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    objects = ContactRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(answered_at=None) | models.Q(shows_email=False, shows_phone=False),
                name="contact_request_shown_by_an_answer",
            ),
            models.CheckConstraint(condition=~models.Q(asker=models.F("owner")), name="contact_request_of_another"),
        ]
        indexes = [models.Index(fields=["owner", "asked_at"], name="contact_request_of_owner")]

    def __str__(self) -> str:
        return f"{self.asker} to {self.owner}"

    # Questions ---------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """ "waiting", "lapsed", "shown", "over" (no more shown, by time or taken back), or "declined"."""
        if self.answered_at is None:
            return "waiting" if clock.now() < self.asked_at + OPEN_FOR else "lapsed"
        if not (self.shows_email or self.shows_phone):
            return "declined"
        over = self.taken_back_at is not None or clock.now() >= self.shown_until
        return "over" if over else "shown"

    @property
    def shown_until(self) -> datetime:
        return (self.answered_at or self.asked_at) + SHOWN_FOR

    @property
    def contact(self) -> dict[str, Any]:
        """ "email" and "phone" of the owner as far as they are shown to the asker by this request."""
        if self.state != "shown":
            return {}
        profile = self.owner.profile
        chosen = {
            "email": self.owner.email if self.shows_email else "",
            "phone": profile.phone if self.shows_phone else "",
        }
        return {name: value for name, value in chosen.items() if value}

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    @transaction.atomic
    def ask(cls, asker: User, owner: User, message: str) -> tuple[ContactRequest, bool]:
        """The request, and whether it is new: one that waits is not asked twice. Raises Refused."""
        take_turn(f"contact asked by {asker.pk}")
        between = cls.objects.between(asker, owner)
        if waiting := between.waiting().first():
            return waiting, False
        declined = between.filter(answered_at__gt=clock.now() - REST, shows_email=False, shows_phone=False)
        if declined.exists():
            raise Refused("rest")
        if cls.objects.filter(asker=asker, asked_at__gt=clock.now() - A_DAY).count() >= MOST_A_DAY:
            raise Refused("many")
        request = cls.objects.create(asker=asker, owner=owner, message=message)
        AuditEntry.record(asker, "asked for contact data", owner)
        return request, True

    @transaction.atomic
    def answer(self, *, email: bool, phone: bool) -> bool:
        """Whether this answered it: an answer is given once. Neither is a no."""
        locked = ContactRequest.objects.select_for_update().get(pk=self.pk)
        if locked.state != "waiting":
            return False
        locked.answered_at, locked.shows_email, locked.shows_phone = clock.now(), email, phone
        locked.save(update_fields=["answered_at", "shows_email", "shows_phone"])
        verb = "showed contact data to" if email or phone else "kept contact data from"
        AuditEntry.record(self.owner, verb, self.asker)
        return True

    @transaction.atomic
    def take_back(self) -> bool:
        """Show nothing any more; whether something was shown."""
        locked = ContactRequest.objects.select_for_update().get(pk=self.pk)
        if locked.state != "shown":
            return False
        locked.taken_back_at = clock.now()
        locked.save(update_fields=["taken_back_at"])
        AuditEntry.record(self.owner, "took contact data back from", self.asker)
        return True

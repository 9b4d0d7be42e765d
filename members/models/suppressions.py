"""Addresses to which we stopped sending, because mail to them comes back or is not wanted."""

from __future__ import annotations

import re
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Coalesce, Lower, Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models.audit import AuditEntry
from members.models.deliveries import Delivery
from members.models.users import User

LONGEST = 254  # characters of an address
FROM_A_LIST = "it was on a list that staff brought."  # the detail of such a row


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def open(self) -> SuppressionQuerySet:
        return self.filter(lifted_at=None)

    def at(self, address: str) -> SuppressionQuerySet:
        return self.filter(address=address.strip().lower())

    def of(self, person: User) -> Suppression | None:
        """What stops mail to this person's present address."""
        return self.open().at(person.email).first()

    def for_listing(self) -> SuppressionQuerySet:
        """Each with `person_id`, `person_name`: whose address it is now, or to whom the mail went that came back."""
        owner = User.objects.alias(lower=Lower("email")).filter(lower=models.OuterRef("address"))
        return self.annotate(
            person_id=Coalesce(models.Subquery(owner.values("pk")[:1]), "delivery__recipient_id"),
            person_name=Coalesce(models.Subquery(owner.values("name")[:1]), "delivery__recipient__name"),
        ).order_by("-pk")


class Suppression(models.Model):
    """One reason not to write to an address. It holds until somebody says that the address works again.

    It is about the address and not about a person: whoever changes their address leaves it behind.
    """

    class Reason(models.TextChoices):
        BOUNCE = "bounce", _("Mail came back")
        COMPLAINT = "complaint", _("Reported as unwanted")
        REFUSED = "refused", _("Refused by the mail server")

    DEAD = (Reason.BOUNCE, Reason.REFUSED)  # nobody reads mail there

    address = models.EmailField(max_length=LONGEST, help_text="in lower case")
    reason = models.CharField(max_length=9, choices=Reason)
    detail = models.CharField(max_length=200, help_text="what is wrong, for people")
    reply = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="what the server said")
    happened_at = models.DateTimeField(db_default=Now())
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="suppressions")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=models.Q(lifted_at=None), name="suppression_open_once"
            ),
            models.UniqueConstraint(  # what staff send again may be refused again
                fields=["delivery", "reason"],
                condition=~models.Q(reason="refused"),
                name="suppression_once_a_delivery",
            ),
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="suppression_in_lower_case"),
        ]
        indexes = [models.Index(fields=["address", "lifted_at"], name="suppression_address")]

    def __str__(self) -> str:
        return self.address

    @classmethod
    def stop(
        cls,
        address: str,
        reason: str,
        detail: str | Promise,
        *,
        reply: str = "",
        delivery: Delivery | None = None,
        happened_at: datetime | None = None,
    ) -> bool:
        """Write to this address no more. Whether that is new: reports come twice, late and about several mails at once.

        Nothing happens when it is stopped already, when this delivery stopped it before, or when somebody said after
        `happened_at` that it works. A complaint gives way to a bounce, which stops more.
        """
        address = address.strip().lower()
        if "@" not in address or len(address) > LONGEST:
            return False
        reply = re.sub(
            re.escape(address), f"…@{address.rpartition('@')[2]}", reply, flags=re.IGNORECASE
        )  # it is private
        known = cls.objects.at(address)
        if happened_at and known.filter(lifted_at__gte=happened_at).exists():
            return False
        row = cls(address=address, reason=reason, detail=str(detail)[:200], reply=reply[:300], delivery=delivery)
        if happened_at:
            row.happened_at = happened_at
        try:
            with transaction.atomic():
                if reason in cls.DEAD:
                    known.open().filter(reason=cls.Reason.COMPLAINT).update(lifted_at=Now())
                row.save(force_insert=True)
        except IntegrityError:
            return False
        return True

    @transaction.atomic
    def lift(self, by: User) -> bool:
        """Write to it again, as `by` says that it works. Whether it was stopped until now."""
        lifted = Suppression.objects.open().filter(pk=self.pk).update(lifted_at=Now(), lifted_by=by)
        if lifted:
            AuditEntry.record(by, "resumed mail", self.person or self, before={"stopped": self.get_reason_display()})
        return bool(lifted)

    @property
    def person(self) -> User | None:
        """Who has this address now."""
        return User.objects.alias(lower=Lower("email")).filter(lower=self.address).first()

    @property
    def local(self) -> str:
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """All of the address that may be shown where its owner's is private."""
        return self.address.rpartition("@")[2]

"""Members who are asked whether they know somebody who applied, and what they say."""

from __future__ import annotations

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.fields import Words
from members.models.applications import AlreadyDecided, Application
from members.models.audit import AuditEntry
from members.models.users import User

MOST = 5  # members who are asked about one application


class TooMany(Exception):
    """More members would be asked than may be."""


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def waiting(self) -> VoucherQuerySet:
        return self.filter(said_at=None, application__decided_at=None)


class Voucher(models.Model):
    """What one member says about one application. Staff read it; the applicant and other members do not."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="vouchers")
    member = models.ForeignKey(User, models.CASCADE, related_name="vouchers")
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="vouchers_asked")
    knows = models.BooleanField(_("knows the applicant"), null=True, blank=True)
    words = Words(_("words"), blank=True, default="", db_default="", max_length=500)
    said_at = models.DateTimeField(null=True, blank=True)

    objects = VoucherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "member"], name="voucher_once"),
            models.CheckConstraint(
                condition=models.Q(said_at=None, knows=None) | models.Q(said_at__isnull=False, knows__isnull=False),
                name="voucher_said",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}"

    @classmethod
    @transaction.atomic
    def ask(cls, application: Application, member: User, by: User) -> tuple[Voucher, bool]:
        """The row, and whether it is new: nobody is asked twice. Raises AlreadyDecided, and TooMany above the most."""
        locked = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if locked.decided_at:
            raise AlreadyDecided(locked)
        locked.applicant.refuse_deciding(by)
        if earlier := locked.vouchers.filter(member=member).first():
            return earlier, False
        if locked.vouchers.count() >= MOST:
            raise TooMany
        voucher = cls.objects.create(application=locked, member=member, asked_by=by)
        AuditEntry.record(by, "asked a member about", locked, after={"member": member.name})
        return voucher, True

    @transaction.atomic
    def say(self, *, knows: bool, words: str) -> bool:
        """Store what the member says, in place of what they said before; False when it was decided, or is gone."""
        locked = Application.objects.open_for_answer(self.application_id)
        if locked is None or not Voucher.objects.filter(pk=self.pk).exists():
            return False
        self.knows, self.words, self.said_at = knows, words, timezone.now()
        self.save(update_fields=["knows", "words", "said_at"])
        AuditEntry.record(self.member, "vouched for" if knows else "does not know", locked)
        return True

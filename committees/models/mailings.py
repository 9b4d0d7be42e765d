"""What staff write to the people of a list: written and looked at, then one email each."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from committees.models.drafts import Draft
from members.fields import Line, Words
from members.models import AuditEntry, BulkSend, Delivery, Segment, User
from members.models.deliveries import DeliveryQuerySet
from members.web.page_urls import url_of


class MailingQuerySet(models.QuerySet["Mailing"]):
    def drafts(self) -> MailingQuerySet:
        return self.filter(sent_at=None)

    def let_go(self) -> MailingQuerySet:
        """Sent ones, also those that are held or paused."""
        return self.exclude(sent_at=None)

    def for_listing(self) -> MailingQuerySet:
        return self.select_related("author", "segment").order_by(models.F("sent_at").desc(nulls_first=True), "-pk")


class Mailing(Draft):
    """An email to the people of a list. A draft asks for the saved list it names, as that list stands, or for its own
    `query`; a sent one keeps in `query` what it was for.
    """

    KIND, TEST = "mailing", "mailing_test"  # how messages call them

    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="mailings")
    query = models.JSONField(default=dict, blank=True)
    subject = Line(_("subject"), max_length=120, blank=True)
    body = Words(_("text"), max_length=8000, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="mailings")

    objects = MailingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-sent_at"], name="mailing_newest")]

    def __str__(self) -> str:
        return self.subject or str(_("Without a subject"))

    def get_absolute_url(self) -> str:
        return url_of("staff_mailing", self.pk)

    # Questions ---------------------------------------------------------------------------------

    @property
    def asks(self) -> dict[str, Any]:
        """The query of its list, as it was chosen."""
        return self.segment.query if self.is_draft and self.segment else self.query

    @property
    def about(self) -> str:
        return f"mailing:{self.pk}"

    @property
    def dedupe_key(self) -> str:
        """Of the deliveries of its latest sending."""
        return f"{self.KIND}:{self.times_sent}"

    @property
    def sending(self) -> BulkSend | None:
        """Its latest bulk send, while it is one that was sent."""
        found = BulkSend.objects.filter(kind=self.KIND, about=self.about, dedupe_key=self.dedupe_key)
        return None if self.is_draft else found.first()

    def deliveries(self) -> DeliveryQuerySet:
        """Of the latest sending."""
        return Delivery.objects.filter(kind=self.KIND, about=self.about, dedupe_key=self.dedupe_key)

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, by: User, **words: Any) -> Mailing:
        """Store a new draft, however unfinished. Raises ValidationError by field for what is too long."""
        draft = cls(author=by, **words)
        draft.full_clean()
        draft.save()
        return draft

    @transaction.atomic
    def release(self, by: User, people: int) -> bool:
        """Mark it as sent to so many, and keep whom it was for; False when it was sent already, or changed."""
        won = self.let_go(author=by, query=self.asks)
        if won:
            AuditEntry.record(by, "mailed", self, after={"people": people})
        return won

    @transaction.atomic
    def take_back(self, by: User) -> bool:
        """Make it a draft again before anybody had it; False when it is one."""
        won = self.call_back()
        if won:
            AuditEntry.record(by, "took back", self)
        return won

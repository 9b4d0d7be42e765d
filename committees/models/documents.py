"""Documents of a committee, in versions. Files are sent only by a view that asks `visible_to`."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.models.committees import Committee
from committees.models.memberships import Membership
from committees.models.versions import DOCUMENT, DocumentVersion
from members.fields import Line
from members.models import AuditEntry, Findable, User
from members.queries.visibility import VisibleQuerySet
from members.web.page_urls import url_of


class DocumentQuerySet(VisibleQuerySet["Document"]):
    def open_to(self, user: User) -> DocumentQuerySet:
        """Public documents for everybody, shared ones for all members, others for the people on the committee."""
        if not user.is_authenticated or not user.is_member:
            return self.filter(audience=Document.Audience.PUBLIC, withdrawn_at=None, committee__confidential=False)
        mine = Membership.objects.of(user).values("committee")
        open_to_members = models.Q(
            audience__in=[Document.Audience.PUBLIC, Document.Audience.MEMBERS], committee__confidential=False
        )
        return self.filter(open_to_members | models.Q(committee__in=mine), withdrawn_at=None)

    def with_file(self) -> DocumentQuerySet:
        return self.exclude(latest=None)

    def for_listing(self, user: User) -> DocumentQuerySet:
        """Visible, newest first, with committee and the latest version (without its text), in one query."""
        queryset = self.visible_to(user).with_file().select_related("committee", "latest", "latest__uploaded_by")
        return queryset.defer("latest__text").order_by("-latest_id")  # versions are numbered as they are uploaded

    def matching(self, text: str) -> DocumentQuerySet:
        """Those whose title or latest text holds every word."""
        found = Findable.objects.of(DOCUMENT.kind).typed(text)
        return self.filter(pk__in=found.values("key"))


class Document(models.Model):
    class Audience(models.TextChoices):
        COMMITTEE = "committee", _("The committee")
        MEMBERS = "members", _("All members")
        PUBLIC = "public", _("Everybody")

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="documents")
    title = Line(_("title"), max_length=160)
    audience = models.CharField(_("who can read it"), max_length=10, choices=Audience, default=Audience.COMMITTEE)
    latest = models.OneToOneField(DocumentVersion, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        triggers = [DOCUMENT.kept("title", "latest_id")]
        indexes = [
            models.Index(fields=["committee", "-latest"], name="document_of_committee"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return url_of("document_detail", self.pk)

    def is_open_to(self, committees: Collection[int]) -> bool:
        """Whether a member on these committees may read it: the rule of `open_to`, for many people without a query."""
        if self.withdrawn_at is not None:
            return False
        shared = self.audience in (self.Audience.PUBLIC, self.Audience.MEMBERS) and not self.committee.confidential
        return shared or self.committee_id in committees

    @transaction.atomic
    def add_version(self, version: DocumentVersion, by: User) -> DocumentVersion:
        """Store `version` (its file checked by committees.documents.uploads) as the newest."""
        Document.objects.select_for_update().get(pk=self.pk)
        number = (self.versions.aggregate(n=models.Max("number"))["n"] or 0) + 1
        version.document, version.number, version.uploaded_by = self, number, by
        version.save()
        self.latest = version
        self.save(update_fields=["latest"])
        AuditEntry.record(by, "uploaded", self, after={"version": number, "name": version.name})
        return version

    @transaction.atomic
    def withdraw(self, by: User) -> bool:
        """Hide it from everybody but staff; False when it was hidden already."""
        won = Document.objects.filter(pk=self.pk, withdrawn_at=None).update(withdrawn_at=timezone.now())
        return self._recorded(bool(won), by, "withdrew")

    @transaction.atomic
    def restore(self, by: User) -> bool:
        """Undo `withdraw`."""
        won = Document.objects.filter(pk=self.pk).exclude(withdrawn_at=None).update(withdrawn_at=None)
        return self._recorded(bool(won), by, "restored")

    def _recorded(self, won: bool, by: User, verb: str) -> bool:
        self.refresh_from_db(fields=["withdrawn_at"])
        if won:
            AuditEntry.record(by, verb, self)
        return won

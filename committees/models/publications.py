"""What the organization publishes about an issue."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from committees.models.issues import IssueArea
from members.fields import Line, Moment, Words
from members.models import AuditEntry, User
from members.queries.turns import take_turn
from members.text.hosts import check_link
from members.times import clock
from members.web.meanwhile import mark, refuse_changed


class PublicationQuerySet(models.QuerySet["Publication"]):
    def published(self) -> PublicationQuerySet:
        return self.filter(published_at__lte=clock.now(), issue__published_at__isnull=False)

    def visible_to(self, user: User) -> PublicationQuerySet:
        return self if getattr(user, "may_act_as_staff", False) else self.published()


class Publication(models.Model):
    """A draft has no `published_at`; a moment ahead publishes itself when it comes."""

    class Type(models.TextChoices):
        REPORT = "report", _("Report")
        BRIEF = "brief", _("Policy brief")
        POST = "post", _("Blog")
        NEWS = "news", _("News")

    issue = models.ForeignKey(IssueArea, models.PROTECT, related_name="publications")
    type = models.CharField(max_length=8, choices=Type)
    slug = models.SlugField(max_length=100)
    title = Line(max_length=160)
    kicker = Line(max_length=60, blank=True, help_text=_("a few words above the title"))
    summary = Words(max_length=500)
    body = Words(blank=True, help_text=_("Markdown"))
    external_url = models.URLField(blank=True)
    dated_on = models.DateField(_("date shown"))
    featured = models.BooleanField(default=False)
    published_at = Moment(null=True, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="publications")

    WRITTEN = (
        "issue",
        "type",
        "slug",
        "title",
        "kicker",
        "summary",
        "body",
        "external_url",
        "dated_on",
        "featured",
        "published_at",
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-dated_on", "-id"]
        constraints = [models.UniqueConstraint(fields=["issue", "slug"], name="publication_slug_unique")]
        indexes = [models.Index(fields=["issue", "-dated_on"], name="publication_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("publication_detail", args=[self.issue.slug, self.slug])

    def clean(self) -> None:
        super().clean()
        try:
            check_link(self.external_url)
        except ValidationError as error:
            raise ValidationError({"external_url": error}) from error

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_pdf_link(self) -> bool:
        return self.external_url.partition("?")[0].lower().endswith(".pdf")

    @classmethod
    def free_slug(cls, issue: IssueArea, title: str, besides: int | None = None) -> str:
        """An address from the title that no other publication of the issue has."""
        start = slugify(title)[:90] or "publication"
        taken = set(
            cls.objects.filter(issue=issue, slug__startswith=start).exclude(pk=besides).values_list("slug", flat=True)
        )
        return next(slug for number in count(1) if (slug := start if number == 1 else f"{start}-{number}") not in taken)

    @transaction.atomic
    def store(self, by: User, published_at: datetime | None, *, seen: str = "") -> Publication:
        """Save what was written, as a draft, published, or published when `published_at` comes.

        `seen` marks what the form showed: raises ChangedMeanwhile when somebody saved after that. An address that
        another took in this moment is numbered.
        """
        take_turn("addresses of publications")
        locked = Publication.objects.select_for_update(of=["self"]).filter(pk=self.pk).first()
        is_new, was_out = locked is None, locked is not None and locked.published_at is not None
        self.published_at = published_at
        if locked and mark(self, self.WRITTEN) != mark(locked, self.WRITTEN):
            refuse_changed(locked, seen, self.WRITTEN)
        if Publication.objects.filter(issue=self.issue, slug=self.slug).exclude(pk=self.pk).exists():
            self.slug = self.free_slug(self.issue, self.title, besides=self.pk)
        self.author = self.author or by
        self.full_clean()
        self.save()
        verb = "published" if published_at and not was_out else "created" if is_new else "edited"
        AuditEntry.record(by, verb, self, after={"published_at": published_at} if published_at and not was_out else {})
        return self

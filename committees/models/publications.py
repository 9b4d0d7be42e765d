"""What the organization publishes about an issue."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from committees.models.issues import IssueArea
from committees.models.pictures import Picture
from members.fields import Line, Moment, Words
from members.models import AuditEntry, User
from members.place_names.words import STATE_OF
from members.queries.indexing import Source
from members.queries.turns import take_turn
from members.queries.visibility import VisibleQuerySet
from members.text.hosts import check_link, host_of
from members.times import clock
from members.web.meanwhile import mark, refuse_changed
from members.web.page_urls import url_of

PDF_COLUMNS = ("pdf", "pdf_size", "pdf_pages")
WORDS_A_MINUTE = 220
RESERVED = frozenset(["news"])  # what stands at this place in an address already
STATES = frozenset(STATE_OF.values())
PUBLICATION = Source(
    "publication",
    "committees_publication",
    title="t.title",
    body="concat_ws(chr(10), nullif(t.kicker, ''), t.summary, t.body)",
    at="t.dated_on",
)


def check_state(code: str) -> None:
    if code not in STATES:
        raise ValidationError(_("%(code)s is no state we know"), "state", {"code": code})


def pdf_storage_name(publication: Publication, filename: str) -> str:
    """Under a generated name; nothing of what the person called the file reaches the disk."""
    key = uuid.uuid4().hex
    return f"publications/{key[:2]}/{key}"


class PublicationQuerySet(VisibleQuerySet["Publication"]):
    def published(self, at: Any = None) -> PublicationQuerySet:
        """What everybody may read now: asked by each page, feed, map of the site, mail and search.

        `at` is the database's moment, for the pipeline of messages.
        """
        return self.filter(published_at__lte=at or clock.now(), issue__published_at__isnull=False)

    def published_since(self, moment: Any, at: Any = None) -> PublicationQuerySet:
        return self.published(at).filter(published_at__gt=moment)

    def open_to(self, user: User) -> PublicationQuerySet:
        return self.published()

    def about(self, issue: IssueArea | int) -> PublicationQuerySet:
        """Of this issue, and of others that say that they touch it."""
        touching = Publication.also_about.through.objects.filter(issuearea=issue)
        return self.filter(models.Q(issue=issue) | models.Q(pk__in=touching.values("publication")))

    def reports(self) -> PublicationQuerySet:
        return self.filter(type=Publication.Type.REPORT)

    def stories(self) -> PublicationQuerySet:
        """Everything but reports, which an issue shows by themselves."""
        return self.exclude(type=Publication.Type.REPORT)

    def with_pdf(self) -> PublicationQuerySet:
        return self.exclude(pdf="")

    def in_order(self) -> PublicationQuerySet:
        """What is pinned today first, then the newest."""
        return self.annotate(is_pinned=pinned()).order_by("-is_pinned", "-dated_on", "-pk")

    def for_listing(self) -> PublicationQuerySet:
        """With what a card says."""
        return self.select_related("issue", "picture")

    def once_at(self, issue: str, slug: str) -> PublicationQuerySet:
        """The one that stood at this address before, or that this other issue shows."""
        earlier = EarlierAddress.objects.filter(issue__slug=issue, slug=slug).values("publication")
        return self.filter(models.Q(pk__in=earlier) | models.Q(also_about__slug=issue, slug=slug)).distinct()[:1]

    def related_to(self, publication: Publication) -> PublicationQuerySet:
        """Others, those that share the most issues and states first, then the newest."""
        issues = [publication.issue_id, *publication.also_about.values_list("pk", flat=True)]
        touching = Publication.also_about.through.objects.filter(issuearea__in=issues)
        here = touching.filter(publication=models.OuterRef("pk")).order_by().values("publication")
        shared = here.values_list(models.Count("pk"))
        states = models.Q(states__overlap=publication.states) if publication.states else models.Q(pk__in=[])
        nearness = (
            Coalesce(models.Subquery(shared), 0)
            + models.Case(models.When(issue__in=issues, then=1), default=0)
            + models.Case(models.When(states, then=1), default=0)
        )
        others = self.exclude(pk=publication.pk).annotate(nearness=nearness).filter(nearness__gt=0)
        return others.order_by("-nearness", "-dated_on", "-pk")


def pinned() -> models.Case:
    return models.Case(
        models.When(pinned_until__gte=clock.today(), then=1), default=0, output_field=models.IntegerField()
    )


class Publication(models.Model):
    """A draft has no `published_at`; a moment ahead publishes itself when it comes.

    Its address stands under `issue`; its card also under those it is `also_about`.
    """

    class Type(models.TextChoices):
        REPORT = "report", _("Report")
        BRIEF = "brief", _("Policy brief")
        TOOLKIT = "toolkit", _("Toolkit")
        MODEL_LAW = "model_law", _("Model law")
        CASE_STUDY = "case_study", _("Case study")
        POST = "post", _("Blog")
        NEWS = "news", _("News")
        VIDEO = "video", _("Video")

    issue = models.ForeignKey(IssueArea, models.PROTECT, related_name="publications")
    also_about = models.ManyToManyField(IssueArea, blank=True, related_name="touched_by")
    type = models.CharField(max_length=10, choices=Type)
    slug = models.SlugField(max_length=100)
    title = Line(max_length=160)
    kicker = Line(max_length=60, blank=True, help_text=_("a few words above the title"))
    summary = Words(max_length=500)
    body = Words(blank=True, help_text=_("Markdown"))
    external_url = models.URLField(blank=True)
    states = ArrayField(models.CharField(max_length=2, validators=[check_state]), default=list, blank=True)
    picture = models.OneToOneField(Picture, models.SET_NULL, null=True, blank=True, editable=False, related_name="+")
    pdf = models.FileField(upload_to=pdf_storage_name, max_length=120, blank=True, editable=False)
    pdf_size = models.PositiveIntegerField(null=True, editable=False, help_text="bytes")
    pdf_pages = models.PositiveSmallIntegerField(null=True, editable=False)
    dated_on = models.DateField(_("date shown"))
    pinned_until = models.DateField(null=True, blank=True, help_text=_("stands first until the end of this day"))
    published_at = Moment(null=True, blank=True)
    author_name = Line(max_length=120, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="publications")

    touched: list[int]  # of portal.digest

    WRITTEN = (
        "issue",
        "also_about",
        "type",
        "slug",
        "title",
        "kicker",
        "summary",
        "body",
        "external_url",
        "states",
        "dated_on",
        "pinned_until",
        "author_name",
        "published_at",
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-dated_on", "-id"]
        triggers = [PUBLICATION.kept("title", "kicker", "summary", "body", "dated_on")]
        constraints = [models.UniqueConstraint(fields=["issue", "slug"], name="publication_slug_unique")]
        indexes = [models.Index(fields=["issue", "-dated_on"], name="publication_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return url_of("publication_detail", self.issue.slug, self.slug)

    def clean(self) -> None:
        super().clean()
        if self.slug in RESERVED:
            raise ValidationError({"slug": _("That address is taken by a page of ours. Choose another.")})
        try:
            check_link(self.external_url)
        except ValidationError as error:
            raise ValidationError({"external_url": error}) from error
        if self.type == self.Type.VIDEO and not self.external_url:
            raise ValidationError({"external_url": _("Copy the link to the video")})

    @property
    def leads_to(self) -> str:
        """Where its title leads: to the site it stands on, or to our page of it."""
        return self.external_url or self.get_absolute_url()

    @property
    def reads_at(self) -> str:
        """Where there is something to read: our text, or else the other site."""
        return self.get_absolute_url() if self.body else self.leads_to

    @property
    def pdf_url(self) -> str:
        return url_of("publication_pdf", self.issue.slug, self.slug) if self.pdf else ""

    @property
    def pdf_extent(self) -> str:
        """How long and how large: "12 pages, 1.2 MB"."""
        pages = ngettext("%(n)s page", "%(n)s pages", self.pdf_pages) % {"n": self.pdf_pages} if self.pdf_pages else ""
        return ", ".join(filter(None, [pages, filesizeformat(self.pdf_size or 0)]))

    @property
    def host(self) -> str:
        """The other site it stands on, as people say it."""
        return host_of(self.external_url).removeprefix("www.")

    @property
    def byline(self) -> str:
        return self.author.name if self.author else self.author_name

    @property
    def reading_minutes(self) -> int:
        """0 when there is no text of ours to read."""
        return -(-len(self.body.split()) // WORDS_A_MINUTE)

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_pdf_link(self) -> bool:
        return self.external_url.partition("?")[0].lower().endswith(".pdf")

    @classmethod
    def free_slug(cls, issue: IssueArea, title: str, besides: int = 0) -> str:
        """An address from the title that no other publication of the issue has."""
        start = slugify(title)[:90] or "publication"
        start = f"{start}-1" if start in RESERVED else start
        taken = set(
            cls.objects.filter(issue=issue, slug__startswith=start).exclude(pk=besides).values_list("slug", flat=True)
        )
        return next(slug for number in count(1) if (slug := start if number == 1 else f"{start}-{number}") not in taken)

    @transaction.atomic
    def store(
        self, by: User, published_at: datetime | None, *, also_about: Iterable[IssueArea] | None = None, seen: str = ""
    ) -> Publication:
        """Save what was written, as a draft, published, or published when `published_at` comes.

        `also_about` are the issues it touches beside its own; None leaves them. `seen` marks what the form showed: raises
        ChangedMeanwhile when somebody saved after that. An address that another took in this moment is numbered, and
        the one it had before leads to it from then on.
        """
        take_turn("addresses of publications")
        locked = Publication.objects.select_for_update(of=["self"]).filter(pk=self.pk).first()
        is_new, was_out = locked is None, locked is not None and locked.published_at is not None
        self.published_at = published_at
        touched = None if also_about is None else {issue.pk for issue in also_about} - {self.issue_id}
        if locked and (mark(self, self.WRITTEN) != mark(locked, self.WRITTEN) or locked.touches_other(touched)):
            refuse_changed(locked, seen, self.WRITTEN)
        if Publication.objects.filter(issue=self.issue, slug=self.slug).exclude(pk=self.pk).exists():
            self.slug = self.free_slug(self.issue, self.title, besides=self.pk)
        self.author = _member_named(self.author_name)
        self.full_clean()
        self.save()
        if touched is not None:
            self.also_about.set(touched)
        if locked:
            EarlierAddress.keep(locked, self)
        verb = "published" if published_at and not was_out else "created" if is_new else "edited"
        AuditEntry.record(by, verb, self, after={"published_at": published_at} if published_at and not was_out else {})
        return self

    def touches_other(self, issues: set[int] | None) -> bool:
        return issues is not None and issues != set(self.also_about.values_list("pk", flat=True))


def _member_named(name: str) -> User | None:
    """The member, where the name is that of one alone."""
    named = list(User.objects.members().filter(name__iexact=name)[:2]) if name else []
    return named[0] if len(named) == 1 else None


class EarlierAddress(models.Model):
    """Where a publication stood before: links that people have go on to where it stands now."""

    issue = models.ForeignKey(IssueArea, models.CASCADE, related_name="+")
    slug = models.SlugField(max_length=100)
    publication = models.ForeignKey(Publication, models.CASCADE, related_name="earlier_addresses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["issue", "slug"], name="earlier_address_unique")]

    def __str__(self) -> str:
        return self.slug

    @classmethod
    def keep(cls, before: Publication, now: Publication) -> None:
        """Remember where it stood, if somebody could read it there; nothing leads away from an address in use."""
        cls.objects.filter(issue=now.issue, slug=now.slug).delete()
        if before.is_published and (before.issue_id, before.slug) != (now.issue_id, now.slug):
            given: dict[str, Any] = {"issue": before.issue, "slug": before.slug}
            cls.objects.update_or_create(**given, defaults={"publication": now})

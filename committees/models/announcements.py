"""What co-chairs tell their committee, and staff all members: written, looked at, sent once, and kept to read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from committees.markdown import to_text
from committees.models.committees import Committee
from committees.models.drafts import Draft
from committees.models.memberships import Membership
from members.fields import Line, Words
from members.models import AuditEntry, Delivery, Jurisdiction, Office, User
from members.queries.indexing import Source
from members.queries.visibility import VisibleQuerySet
from members.times import clock
from members.web.page_urls import url_of

PLACEHOLDER = re.compile(r"\{\{[^\n]*?\}\}|\{%[^\n]*?%\}|\*\|[^\n]*?\|\*|\{\{|\}\}|\{%|%\}")
FIRST_LINE = 140  # letters
LATELY = timedelta(days=7)  # staff write to a person at most so often
ANNOUNCEMENT = Source(
    "announcement",
    "committees_announcement",
    title="t.headline",
    body="t.body",
    at="coalesce(t.sent_at, t.created_at)",
)


@lru_cache(maxsize=256)
def _first_line(body: str) -> str:
    words = next(filter(None, map(to_text, body.split("\n\n"))), "")
    return words if len(words) <= FIRST_LINE else f"{words[:FIRST_LINE].rsplit(' ', 1)[0]}…"


class AnnouncementQuerySet(VisibleQuerySet["Announcement"]):
    def sent(self) -> AnnouncementQuerySet:
        """Sent announcements that can no longer be undone."""
        return self.filter(sent_at__lte=clock.now())

    def drafts(self) -> AnnouncementQuerySet:
        return self.filter(sent_at=None)

    def let_go(self) -> AnnouncementQuerySet:
        """Sent announcements, including those that can still be undone."""
        return self.exclude(sent_at=None)

    def open_to(self, user: User) -> AnnouncementQuerySet:
        """Sent ones to one's committees or to all members, those one was mailed, and what co-chairs write on committees
        one chairs.
        """
        if not user.is_authenticated or not user.is_member:
            return self.none()
        memberships = Membership.objects.of(user)
        got = Delivery.objects.filter(
            recipient=user,
            kind__in=Announcement.KINDS,
            about_id=models.OuterRef("pk"),
            dedupe_number=models.OuterRef("times_sent"),  # an earlier one was taken back, and rewritten for others
        )
        read = models.Q(committee__in=memberships.values("committee")) | models.Q(committee=None, state="", level="")
        return self.filter(
            (models.Q(sent_at__lte=clock.now()) & (read | models.Q(models.Exists(got), committee=None)))
            | models.Q(committee__in=memberships.chairs().values("committee"), by_staff=False)
        )

    def for_listing(self) -> AnnouncementQuerySet:
        """Drafts first, then newest first, with the author, in one query."""
        return self.select_related("committee", "author").order_by(models.F("sent_at").desc(nulls_first=True), "-pk")


class Announcement(Draft):
    KIND, TO_ALL = "announcement", "network_announcement"  # how messages call them
    KINDS = (KIND, TO_ALL)
    ALONG = ("committee",)

    committee = models.ForeignKey(
        Committee,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="announcements",
        help_text=_("Empty: all members"),
    )
    state = models.CharField(_("state"), max_length=2, blank=True, help_text=_("only members who serve in it"))
    level = models.CharField(_("kind of office"), max_length=8, blank=True, choices=Office.Level)
    headline = Line(_("headline"), max_length=120, blank=True)
    body = Words(_("text"), max_length=8000, blank=True)
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="announcements")
    by_staff = models.BooleanField(default=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        triggers = [ANNOUNCEMENT.kept("headline", "body", "sent_at")]
        indexes = [models.Index(fields=["committee", "-sent_at"], name="announcement_newest")]

    def __str__(self) -> str:
        return self.headline or str(_("Without a headline"))

    def get_absolute_url(self) -> str:
        return url_of("announcement_detail", self.pk)

    # Questions ---------------------------------------------------------------------------------

    @property
    def is_out(self) -> bool:
        """Whether it was sent and can no longer be undone."""
        return self.sent_at is not None and self.sent_at <= timezone.now()

    @property
    def kind(self) -> str:
        return self.KIND if self.committee_id else self.TO_ALL

    @property
    def about(self) -> str:
        """The `about` of its deliveries."""
        return f"announcement:{self.pk}"

    @property
    def dedupe_key(self) -> str:
        """The `dedupe_key` of the deliveries of its latest sending."""
        return f"{self.kind}:{self.times_sent}"

    @property
    def scope(self) -> str:
        return f"committee:{self.committee_id}" if self.committee_id else ""

    @property
    def first_line(self) -> str:
        """The beginning of the text, for lists."""
        return _first_line(self.body)

    def audience(self) -> models.QuerySet[User]:
        """The people it is for today."""
        if self.committee is not None:
            return self.committee.people()
        people = User.objects.members().order_by("name", "id")
        offices = Office.objects.current()
        if self.state:
            offices = offices.filter(jurisdiction__in=Jurisdiction.objects.filter(state=self.state))
        if self.level:
            offices = offices.filter(level=self.level)
        return people.filter(pk__in=offices.order_by().values("user")) if self.state or self.level else people

    def told_lately(self) -> int:
        """How many of its audience were sent a staff announcement within the last seven days."""
        theirs = Announcement.objects.filter(by_staff=True, pk=models.OuterRef("about_id"))
        lately = Delivery.objects.filter(
            models.Exists(theirs), kind__in=self.KINDS, state=Delivery.State.SENT, sent_at__gt=Now() - LATELY
        )
        return self.audience().filter(pk__in=lately.values("recipient")).count()

    def refuse_unfinished(self) -> None:
        """Raise ValidationError by field for what must not be sent: empty words, or a placeholder that nothing fills."""
        problems = {name: problem for name in ("headline", "body") if (problem := _problem(name, getattr(self, name)))}
        if problems:
            raise ValidationError(problems)

    # Verbs -------------------------------------------------------------------------------------

    @classmethod
    def begin(cls, by: User, committee: Committee | None, *, by_staff: bool, **words: Any) -> Announcement:
        """Store a new draft, however unfinished. Raises ValidationError by field for what is too long."""
        draft = cls(author=by, committee=committee, by_staff=by_staff, **words)
        draft.full_clean()
        draft.save()
        return draft

    @transaction.atomic
    def release(self, by: User) -> bool:
        """Mark it as sent; False when it was already. Raises as `refuse_unfinished`."""
        self.refresh_from_db()
        self.refuse_unfinished()
        won = self.let_go(author=by)
        if won:
            AuditEntry.record(by, "announced", self, after=self._whom())
        return won

    def wait_until(self, moment: datetime) -> None:
        """Set the moment until which it can be undone, and from which it is shown."""
        Announcement.objects.filter(pk=self.pk).update(sent_at=moment)
        self.sent_at = moment

    @transaction.atomic
    def take_back(self, by: User) -> bool:
        """Make it a draft again before it went; False when it is one."""
        won = self.call_back()
        if won:
            AuditEntry.record(by, "took back", self)
        return won

    def _whom(self) -> dict[str, Any]:
        whom = {"committee": self.committee_id, "state": self.state, "level": self.level}
        return {name: value for name, value in whom.items() if value}


def _problem(name: str, words: str) -> ValidationError | None:
    if not words.strip():
        return ValidationError(
            _("Write a headline: the sentence people read first.")
            if name == "headline"
            else _("Write what you want to tell."),
            "empty",
        )
    if found := PLACEHOLDER.search(words):
        return ValidationError(
            _("“%(words)s” looks like a placeholder. Nothing fills it in, so people would read it as it stands."),
            "placeholder",
            {"words": found[0]},
        )
    return None

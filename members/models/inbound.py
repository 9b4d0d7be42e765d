"""A mail that somebody sent to us, kept as it came before anybody looks into it; or words typed on a page for others."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.fields import Line, Words
from members.models.audit import AuditEntry

if TYPE_CHECKING:
    from members.models.users import User

ANSWER_SIGNS = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|rv|sv|vs|tr)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)


class InboundMailQuerySet(models.QuerySet["InboundMail"]):
    def for_listing(self) -> InboundMailQuerySet:
        return self.select_related("person").defer("raw").order_by("-pk")

    def lately_failed(self) -> InboundMailQuerySet:
        """Given up in the last week: after it, nobody is asked again to look."""
        return self.filter(state=InboundMail.State.FAILED, received_at__gt=Now() - InboundMail.LATELY)

    def waiting(self) -> InboundMailQuerySet:
        """What a person wrote and nobody of staff looked after yet."""
        return self.filter(state=InboundMail.State.WAITING)

    def counted(self) -> InboundMailQuerySet:
        """Each with how many it is `among`."""
        return self.annotate(among=models.Window(models.Count("pk")))


class InboundMail(models.Model):
    """`next_try_at` is the moment before which nobody reads it: while somebody does, the end of that try."""

    class State(models.TextChoices):
        NEW = "new", _("not read yet")
        DONE = "done", _("read")
        IGNORED = "ignored", _("changed nothing")
        FAILED = "failed", _("could not be read")
        WAITING = "waiting", _("needs somebody")

    class Via(models.TextChoices):
        WEBHOOK = "webhook", _("the mail provider")
        IMAP = "imap", _("the mailbox")
        LOCAL = "local", _("our mail server")
        PAGE = "page", _("a page of the portal")

    class Settled(models.TextChoices):
        ANSWERED = "answered", _("answered")
        HANDED_ON = "handed_on", _("handed on")
        DONE = "done", _("done")

    VERBS: ClassVar[dict[str, str]] = {
        Settled.ANSWERED: "answered mail",
        Settled.HANDED_ON: "handed on mail",
        Settled.DONE: "was done with mail",
    }  # for the activity log
    MOST_ATTEMPTS = 3
    LATELY = timedelta(days=7)
    TRY_LASTS = timedelta(minutes=6)  # longer than the hard limit of a task: a later try means that this one died

    message_id = models.CharField(max_length=255, unique=True, help_text="or a hash of the mail, when it has none")
    via = models.CharField(max_length=8, choices=Via)
    received_at = models.DateTimeField(db_default=Now())
    raw = models.BinaryField()
    size = models.PositiveIntegerField(
        help_text="bytes as it came; `raw` keeps only the headers of one that is too large"
    )
    envelope_from = models.CharField(
        max_length=320, blank=True, null=True, help_text='"": none, as a bounce; null: not known'
    )
    envelope_to = models.CharField(max_length=320, blank=True, default="")

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    outcome = Line(max_length=300, blank=True, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    subject = Line(max_length=300, blank=True, default="")
    sender = models.CharField(max_length=320, blank=True, default="", help_text="the bare address of From")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="inbound_mails")

    words = Words(
        blank=True, default="", db_default="", help_text="what a person wrote in it, where somebody reads that"
    )
    answers = models.ForeignKey("members.Delivery", models.SET_NULL, null=True, related_name="+")
    settled_as = models.CharField(max_length=10, choices=Settled, blank=True, default="", db_default="")
    settled_at = models.DateTimeField(null=True, help_text="when staff had looked after it")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    among: int  # of `counted`

    objects = InboundMailQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(message_id=""), name="inbound_has_an_id")]
        indexes = [
            models.Index(fields=["next_try_at"], name="inbound_new", condition=models.Q(state="new")),
            models.Index(fields=["state", "-id"], name="inbound_by_state"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id

    @classmethod
    def typed(cls, writer: User, subject: str, words: str, outcome: str) -> InboundMail:
        """What a member wrote on a page to be carried to others: it was never a mail, so it has no `raw` and no sender."""
        return cls.objects.create(
            message_id=f"page:{uuid.uuid4()}",
            via=cls.Via.PAGE,
            raw=b"",
            size=len(words.encode()),
            state=cls.State.DONE,
            read_at=Now(),
            outcome=outcome,
            subject=subject,
            words=words,
            person=writer,
        )

    @property
    def about(self) -> str:
        return f"mail:{self.pk}"

    @property
    def answer_key(self) -> str:
        """Which time it was looked after: put back, it may be answered again."""
        assert self.settled_at
        return f"mail:{int(self.settled_at.timestamp() * 1_000_000)}"

    @property
    def bare_subject(self) -> str:
        """Without Re: and Fwd: in front."""
        return ANSWER_SIGNS.sub("", self.subject)

    @property
    def thread_id(self) -> str:
        """Its Message-ID, for what hangs under it; "" where it has none that may stand in a header."""
        usable = self.message_id.isascii() and "@" in self.message_id and not self.message_id.startswith("sha256:")
        return f"<{self.message_id}>" if usable else ""

    @transaction.atomic
    def settle(self, by: User, how: str) -> bool:
        """Somebody of staff looked after it; False when it waits no more."""
        waiting = InboundMail.objects.waiting().filter(pk=self.pk)
        if not waiting.update(state=self.State.DONE, settled_as=how, settled_at=Now(), settled_by=by):
            return False
        self.refresh_from_db(fields=["state", "settled_as", "settled_at", "settled_by"])
        AuditEntry.record(by, self.VERBS[how], self)
        return True

    @transaction.atomic
    def put_back(self, by: User) -> bool:
        """It waits again. What went out meanwhile stays out."""
        settled = InboundMail.objects.filter(pk=self.pk, state=self.State.DONE).exclude(settled_as="")
        if not settled.update(state=self.State.WAITING, settled_as="", settled_at=None, settled_by=None):
            return False
        self.refresh_from_db(fields=["state", "settled_as", "settled_at", "settled_by"])
        AuditEntry.record(by, "put back mail", self)
        return True

"""What came back by mail: answers that calendars sent, and words for the co-chairs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from events.models.rsvps import Rsvp
from members.fields import ShortWords, Words
from members.models import InboundMail, User
from members.times import clock

if TYPE_CHECKING:
    from events.models.meetings import Meeting


class CalendarReplyQuerySet(models.QuerySet["CalendarReply"]):
    def recorded(self) -> CalendarReplyQuerySet:
        return self.filter(state__in=[CalendarReply.State.RECORDED, CalendarReply.State.CONFIRMED])

    def undecided(self) -> CalendarReplyQuerySet:
        """Those that wait for the person's word, unless they answered in another way since."""
        answered = Rsvp.objects.filter(
            meeting=models.OuterRef("meeting"),
            user=models.OuterRef("user"),
            answered_at__gt=models.OuterRef("received_at"),
        )
        return self.filter(~models.Exists(answered), state=CalendarReply.State.WAITING)

    def waiting(self) -> CalendarReplyQuerySet:
        """Those that the person may still confirm: to the time that holds, of a call that is on and not over."""
        open_call = {"meeting__cancelled_at": None, "meeting__ends_at__gt": clock.now()}
        return self.undecided().filter(edition=models.F("meeting__edition"), **open_call)


class CalendarReply(models.Model):
    """One answer from a calendar. From an address that is not the person's it waits until the person confirms it."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("recorded")
        WAITING = "waiting", _("waiting for the member")
        CONFIRMED = "confirmed", _("confirmed by the member")
        DISCARDED = "discarded", _("discarded by the member")

    meeting = models.ForeignKey("events.Meeting", models.CASCADE, related_name="calendar_replies")
    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_replies")
    mail = models.ForeignKey(InboundMail, models.SET_NULL, null=True, related_name="calendar_replies")
    edition = models.PositiveIntegerField()
    response = models.CharField(max_length=12, choices=Rsvp.Response)
    note = ShortWords(max_length=300, blank=True)
    sender = models.CharField(max_length=320, blank=True)
    stamped_at = models.DateTimeField(
        null=True, help_text="DTSTAMP: when the calendar made it, never later than it came"
    )
    state = models.CharField(max_length=10, choices=State)
    received_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    objects = CalendarReplyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "calendar replies"
        indexes = [
            models.Index(fields=["meeting", "user"], name="calendar_reply_of"),
            models.Index(fields=["user"], name="calendar_reply_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_response_display()} ({self.get_state_display()})"

    @property
    def is_in_name_of_user(self) -> bool:
        """It came under the person's own address, and nothing proves that the address is no lie."""
        return self.sender.casefold() == self.user.email.casefold()

    @classmethod
    def last_stamp(cls, meeting: Meeting, user: User) -> datetime | None:
        """When the newest recorded answer of this person was made."""
        stamps = cls.objects.recorded().filter(meeting=meeting, user=user, edition=meeting.edition)
        return stamps.aggregate(last=models.Max("stamped_at"))["last"]

    def settle(self, state: str) -> bool:
        """Leave the waiting state, once: False when somebody did already."""
        waiting = CalendarReply.objects.filter(pk=self.pk, state=self.State.WAITING)
        return bool(waiting.update(state=state, decided_at=Now()))


class ReplyNoteQuerySet(models.QuerySet["ReplyNote"]):
    def open(self) -> ReplyNoteQuerySet:
        return self.filter(settled_at=None)


class ReplyNote(models.Model):
    """What a member wrote back to a mail about a call, for its co-chairs to read; it answers nothing by itself."""

    class Kind(models.TextChoices):
        WORDS = "words", _("a reply")
        TIME = "time", _("another time")

    meeting = models.ForeignKey("events.Meeting", models.CASCADE, related_name="reply_notes")
    user = models.ForeignKey(User, models.CASCADE, related_name="reply_notes")
    mail = models.ForeignKey(InboundMail, models.SET_NULL, null=True, related_name="reply_notes")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.WORDS)
    words = Words(max_length=1000, blank=True)
    proposed_at = models.DateTimeField(null=True, help_text="the start that a calendar proposed")
    proposed_duration = models.DurationField(null=True, help_text="how long the proposed call is, when it says")
    sender = models.CharField(
        max_length=320, blank=True, help_text="where it came from, when that is not the member’s address"
    )
    received_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ReplyNoteQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["meeting"], name="reply_note_open", condition=models.Q(settled_at=None))]

    def __str__(self) -> str:
        return f"{self.user}: {self.words[:60]}"

    def settle(self, by: User) -> bool:
        """Put it aside, once."""
        return bool(ReplyNote.objects.filter(pk=self.pk, settled_at=None).update(settled_at=Now(), settled_by=by))

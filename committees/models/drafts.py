"""What is written by several, looked at, and sent once: a draft, until it has a moment at which it was sent."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class WrittenMeanwhile(Exception):
    """Somebody else saved the draft after the form was opened; `current` is the draft as it stands."""

    def __init__(self, current: Any) -> None:
        super().__init__(str(current))
        self.current = current


class Draft(models.Model):
    """A draft has no `sent_at`. `times_sent` counts every sending, also undone ones: each has deliveries of its own.

    `version` counts the saves of the draft, so that nobody overwrites words they have not seen.
    """

    ALONG: ClassVar[tuple[str, ...]] = ()  # relations that its rules look at

    version = models.PositiveIntegerField(default=0, editable=False)
    times_sent = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_draft(self) -> bool:
        return self.sent_at is None

    @transaction.atomic
    def write(self, *, seen: int, **words: Any) -> Self:
        """Change the draft. Raises WrittenMeanwhile when its version is not `seen`, ValidationError when it was sent."""
        rows = type(self)._default_manager.select_for_update(of=("self",))
        locked = (rows.select_related(*self.ALONG) if self.ALONG else rows).get(pk=self.pk)
        if not locked.is_draft:
            raise ValidationError(_("It was sent in the meantime, so it can’t be changed."), "sent")
        if all(getattr(locked, name) == value for name, value in words.items()):
            return locked
        if locked.version != seen:
            raise WrittenMeanwhile(locked)
        for name, value in words.items():
            setattr(locked, name, value)
        locked.version += 1
        locked.full_clean()
        locked.save(update_fields=[*words, "version"])
        return locked

    def discard(self) -> bool:
        """Delete the draft; False when there is none. One that was ever sent stays."""
        return bool(type(self)._default_manager.filter(pk=self.pk, sent_at=None, times_sent=0).delete()[0])

    def let_go(self, **kept: Any) -> bool:
        """Mark this version as sent, and keep so much of it; False when it was already, or somebody changed it."""
        unsent = type(self)._default_manager.filter(pk=self.pk, sent_at=None, version=self.version)
        won = unsent.update(sent_at=Now(), times_sent=models.F("times_sent") + 1, **kept)
        self.refresh_from_db()
        return bool(won)

    def call_back(self) -> bool:
        """Make it a draft again; False when it is one."""
        won = type(self)._default_manager.filter(pk=self.pk, sent_at__isnull=False).update(sent_at=None)
        self.refresh_from_db()
        return bool(won)

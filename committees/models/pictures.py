"""A picture of something that the organization publishes, in several widths. Files leave only through a view that asks `visible_to`."""

from __future__ import annotations

import secrets
from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.fields import Line
from members.models import User

FORMATS = {"avif": "image/avif", "jpg": "image/jpeg"}
WORDS = ("description", "decorative", "credit", "focus")


def new_key() -> str:
    return secrets.token_hex(8)


class Picture(models.Model):
    """Its words are decided: a description, or that it only decorates."""

    class Focus(models.TextChoices):
        CENTER = "", _("The middle")
        TOP = "top", _("The top")
        BOTTOM = "bottom", _("The bottom")
        LEFT = "left", _("The left")
        RIGHT = "right", _("The right")
        TOP_LEFT = "top left", _("Top left")
        TOP_RIGHT = "top right", _("Top right")
        BOTTOM_LEFT = "bottom left", _("Bottom left")
        BOTTOM_RIGHT = "bottom right", _("Bottom right")

    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    description = Line(_("what it shows"), max_length=300, blank=True)
    decorative = models.BooleanField(_("it only decorates"), default=False)
    credit = Line(_("credit"), max_length=120, blank=True)
    focus = models.CharField(_("what has to stay in view"), max_length=12, choices=Focus, blank=True)
    widths = ArrayField(models.PositiveSmallIntegerField(), editable=False)
    width = models.PositiveSmallIntegerField(editable=False, help_text="of the largest, in pixels")
    height = models.PositiveSmallIntegerField(editable=False)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decorative=True, description="")
                | (models.Q(decorative=False) & ~models.Q(description="")),
                name="picture_words_decided",
            )
        ]

    def __str__(self) -> str:
        return self.description or str(_("a decorative picture"))

    def clean(self) -> None:
        super().clean()
        if self.decorative and self.description:
            raise ValidationError({"decorative": _("It has a description: take the tick away, or the words")})
        if not self.decorative and not self.description:
            raise ValidationError(
                {"description": _("Say what it shows, for those who don’t see it, or tick that it only decorates")}
            )

    # Files ------------------------------------------------------------------------------------------

    def keep(self, files: dict[str, bytes]) -> None:
        """Store the files made of it, by name such as "320.avif"; they are removed if the transaction rolls back."""
        for name, content in files.items():
            default_storage.save(self.path(name), ContentFile(content))

    def path(self, name: str) -> str:
        return f"pictures/{self.key[:2]}/{self.key}-{name}"

    def discard(self) -> None:
        """Delete it, and its files on commit."""
        paths = [self.path(f"{width}.{ending}") for width in self.widths for ending in FORMATS]
        self.delete()
        transaction.on_commit(partial(_delete, paths), robust=True)

    # Addresses --------------------------------------------------------------------------------------

    def url(self, width: int, ending: str) -> str:
        return reverse("picture_file", args=[self.key, width, ending])

    def srcset(self, ending: str) -> str:
        return ", ".join(f"{self.url(width, ending)} {width}w" for width in self.widths)

    @property
    def largest(self) -> str:
        """The largest JPEG, which every program that shows a preview can read."""
        return self.url(self.widths[-1], "jpg")

    @property
    def usual(self) -> str:
        """The JPEG of middle width, for browsers without AVIF."""
        return self.url(self.widths[len(self.widths) // 2], "jpg")


def _delete(paths: list[str]) -> None:
    for path in paths:
        default_storage.delete(path)

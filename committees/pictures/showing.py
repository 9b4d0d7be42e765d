"""Adds a picture to a publication or an issue, and removes it, under its lock and with a line in the activity log."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from committees.models import IssueArea, Picture, Publication
from committees.models.pictures import WORDS
from committees.pictures.rendering import Rendered
from members.models import AuditEntry, User
from members.web.meanwhile import ChangedMeanwhile, mark


def shown_to(user: User) -> QuerySet[Picture]:
    """The pictures of publications and issues that the person may see."""
    publications = Publication.objects.visible_to(user).exclude(picture=None).order_by()
    issues = IssueArea.objects.visible_to(user).exclude(picture=None).order_by()
    return Picture.objects.filter(Q(pk__in=publications.values("picture")) | Q(pk__in=issues.values("picture")))


@transaction.atomic
def show(
    owner: Publication | IssueArea, by: User, *, rendered: Rendered | None = None, seen: str | None = None, **words: Any
) -> Picture:
    """Set the picture and its words; without `rendered`, new words for the present one.

    `seen` is the hash of the words that the form showed, "" for none: raises ChangedMeanwhile when they were changed.
    Raises ValidationError by field when neither a description nor "decorative" was chosen.
    """
    locked = _locked(owner)
    before = locked.picture
    if seen is not None and before and seen != mark(before, WORDS):
        raise ChangedMeanwhile(before)
    if rendered:
        picture = Picture(widths=rendered.widths, width=rendered.width, height=rendered.height, uploaded_by=by, **words)
    else:
        picture = before or Picture()
        for name, value in words.items():
            setattr(picture, name, value)
    picture.full_clean(exclude=["uploaded_by"])
    picture.save()
    if rendered:
        picture.keep(rendered.files)
        _replace(locked, picture)
    owner.picture = picture
    AuditEntry.record(by, "illustrated", owner, after={"picture": str(picture)})
    return picture


@transaction.atomic
def take_away(owner: Publication | IssueArea, by: User) -> bool:
    """Remove the picture; False when there is none."""
    locked = _locked(owner)
    if locked.picture is None:
        return False
    _replace(locked, None)
    owner.picture = None
    AuditEntry.record(by, "took the picture off", owner)
    return True


def _locked(owner: Publication | IssueArea) -> Publication | IssueArea:
    rows: Any = type(owner).objects
    locked: Publication | IssueArea = (
        rows.select_for_update(of=["self"], no_key=True).select_related("picture").get(pk=owner.pk)
    )
    return locked


def _replace(owner: Publication | IssueArea, picture: Picture | None) -> None:
    before, owner.picture = owner.picture, picture
    owner.save(update_fields=["picture"])
    if before:
        before.discard()

"""Giving a publication or an issue its picture, and taking it away: one lock, one line in the activity log."""

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
    """Pictures of what the person may open, and no other."""
    publications = Publication.objects.visible_to(user).exclude(picture=None).order_by()
    issues = IssueArea.objects.visible_to(user).exclude(picture=None).order_by()
    return Picture.objects.filter(Q(pk__in=publications.values("picture")) | Q(pk__in=issues.values("picture")))


@transaction.atomic
def show(
    owner: Publication | IssueArea, by: User, *, rendered: Rendered | None = None, seen: str | None = None, **words: Any
) -> Picture:
    """Show this picture with these words; without a picture, the one there is with other words.

    `seen` marks the words that the form showed, "" of none: raises ChangedMeanwhile when they are others by now.
    Raises ValidationError by field when nobody decided about the words.
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
    """False when there was none any more."""
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

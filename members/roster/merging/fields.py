"""What is chosen field by field: from the account that stays, or from the one that is merged into it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Profile, User

AUDIENCE = Profile.Audience
OPENNESS = [AUDIENCE.STAFF, AUDIENCE.COMMITTEES, AUDIENCE.MEMBERS]
AUDIENCES = ("email_audience", "phone_audience", "rsvp_audience")


@dataclass(frozen=True)
class Field:
    """`is_private`: shown to staff only when they ask for it, which is written down."""

    name: str
    label: str | Promise
    model: type[models.Model]
    is_private: bool = False

    def of(self, person: User) -> Any:
        return getattr(self.row_of(person), self.name)

    def row_of(self, person: User) -> models.Model:
        return person if self.model is User else person.profile


FIELDS = [
    Field("name", _("Name"), User),
    Field("given_name", _("What we call them"), User),
    Field("email", _("Email to sign in with"), User, is_private=True),
    Field("phone", _("Mobile number"), Profile, is_private=True),
    Field("pronouns", _("Pronouns"), Profile),
    Field("bio", _("About them"), Profile),
    Field("timezone", _("Time zone"), User),
]
BY_NAME = {field.name: field for field in FIELDS}


def differing(kept: User, merged: User) -> Iterator[Field]:
    """Those to choose: both accounts say something, and not the same."""
    for field in FIELDS:
        one, other = str(field.of(kept) or ""), str(field.of(merged) or "")
        if one and other and one.casefold() != other.casefold():
            yield field


def taken(kept: User, merged: User, chosen: set[str]) -> Iterator[tuple[Field, Any]]:
    """What the account that stays gets from the other: what was chosen, and what it says nothing about."""
    for field in FIELDS:
        other = field.of(merged)
        if other and field.of(kept) != other and (field.name in chosen or not field.of(kept)):
            yield field, other


def closest(one: str, other: str) -> str:
    """Of two answers to who may see something, the one that fewer people are in."""
    return min(one, other, key=lambda audience: OPENNESS.index(AUDIENCE(audience)))


def standing(kept: User, merged: User) -> dict[str, Any]:
    """Admitted since the first of both days, a member if one of them is."""
    admitted = [each.admitted_at for each in (kept, merged) if each.admitted_at]
    stays = kept.is_member or merged.is_member
    barred = [each.barred_at for each in (kept, merged) if each.barred_at]
    asked = [each.second_step_since for each in (kept, merged) if each.second_step_since]
    return {
        "admitted_at": min(admitted, default=None),
        "left_at": None if stays else max([each.left_at for each in (kept, merged) if each.left_at], default=None),
        "barred_at": min(barred, default=None),
        "second_step_since": min(asked, default=None),
    }

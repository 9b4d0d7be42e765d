"""Whom an act or an export is about: the ticked rows of a page, or all that a query finds. It stands in the address."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from members.models import User
from members.models.users import UserQuerySet
from members.roster.segments.narrowings import Query, Selection, query_of
from members.text.numbers import key_of

MOST_TICKED = 100
FEW = 8


@dataclass(frozen=True)
class Picked:
    """`selection` is set when it is all of a list, and not those ticked alone."""

    people: UserQuerySet
    query: Query
    selection: Selection | None

    @property
    def keys(self) -> list[int]:
        return list(self.people.order_by("pk").values_list("pk", flat=True))

    @property
    def back_to(self) -> str:
        return f"{reverse('staff_members')}?{urlencode(self.query, doseq=True)}"

    def names(self) -> list[str]:
        """The first few, by name."""
        return list(self.people.order_by("name", "pk").values_list("name", flat=True)[:FEW])


def picked(request: HttpRequest) -> Picked:
    query = query_of(request.GET)
    if request.GET.get("all"):
        selection = Selection(query, request.user)
        return Picked(selection.people(), query, selection)
    keys = [key_of(each) for each in request.GET.getlist("p")[:MOST_TICKED]]
    return Picked(User.objects.visible_to(request.user).filter(pk__in=keys), query, None)


def fingerprint(keys: list[int]) -> str:
    """The same as long as it is about the same people."""
    return sha256(",".join(map(str, keys)).encode()).hexdigest()[:16]

"""Narrowing people by the committees they are on, and their role there."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from committees.models import Committee, Membership
from members.models import User
from members.models.users import UserQuerySet
from members.roster.segments.narrowings import Choices, Narrowing, Query, register


def on_committee(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    seats = Membership.objects.current().filter(committee__slug=values[0])
    return people.filter(pk__in=seats.order_by().values("user"))


def in_role(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    """In that role on the committee of the query, else on any that the reader may know of."""
    committees = Committee.objects.visible_to(reader).not_archived()
    if "committee" in query:
        committees = committees.filter(slug=query["committee"][0])
    seats = Membership.objects.current().filter(role=values[0], committee__in=committees)
    return people.filter(pk__in=seats.order_by().values("user"))


def committees(reader: User) -> Choices:
    return list(Committee.objects.visible_to(reader).order_by("name").values_list("slug", "name"))


register(
    Narrowing(
        "committee",
        _("Committee"),
        on_committee,
        committees,
        _("All committees"),
        gone=_("The committee that this list asks for is gone, or isn’t yours to see."),
    )
)
register(Narrowing("role", _("Role"), in_role, lambda reader: Membership.Role.choices, _("All roles")))

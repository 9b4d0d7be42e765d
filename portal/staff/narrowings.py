"""Narrowing people by the state in which they hold office."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.models import Jurisdiction, Office, User
from members.models.users import UserQuerySet
from members.roster.segments.narrowings import Narrowing, Query, register
from portal.statemap import choices


def in_states(people: UserQuerySet, values: list[str], query: Query, reader: User) -> UserQuerySet:
    places = Jurisdiction.objects.filter(state__in=values)
    return people.filter(pk__in=Office.objects.current().filter(jurisdiction__in=places).order_by().values("user"))


register(Narrowing("state", _("State"), in_states, lambda reader: choices(), is_many=True))

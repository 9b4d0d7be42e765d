"""Whose term ends: offices and roles on committees in one table, by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import BooleanField, CharField, F, Q, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Committee, Membership
from members.models import Office, User
from members.models.users import admitted
from members.times.clock import today
from members.web.widgets import PlainSelect, PlainTextInput
from portal.statemap import choices

AHEAD = 120
OVER, NEAR, SOON = "over", "14", "60"
OFFICES, ROLES, UNCHECKED = "offices", "roles", "unchecked"


class TermFilter(django_filters.FilterSet):
    """Of offices, and of roles: `Radar` asks both with the same query."""

    q = django_filters.CharFilter(
        label=gettext_lazy("Search people"),
        method="named",
        widget=PlainTextInput(
            attrs={"type": "search", "placeholder": gettext_lazy("Name, office or place"), "maxlength": 100}
        ),
    )
    within = django_filters.ChoiceFilter(
        label=gettext_lazy("When"),
        empty_label=gettext_lazy("Past, and within 120 days"),
        choices=[
            (OVER, gettext_lazy("Past: holding over")),
            (NEAR, gettext_lazy("Within 14 days")),
            (SOON, gettext_lazy("Within 60 days")),
            (str(AHEAD), gettext_lazy("Within 120 days")),
        ],
        method="ending",
        widget=PlainSelect,
    )
    what = django_filters.ChoiceFilter(
        label=gettext_lazy("What ends"),
        empty_label=gettext_lazy("Offices and roles"),
        choices=[
            (OFFICES, gettext_lazy("Offices")),
            (ROLES, gettext_lazy("Roles on committees")),
            (UNCHECKED, gettext_lazy("Offices to be checked")),
        ],
        method="as_it_is",
        widget=PlainSelect,
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"), empty_label=gettext_lazy("All states"), method="in_state", widget=PlainSelect
    )

    day = "ended_on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["state"].extra["choices"] = choices()

    @property
    def what_said(self) -> str:
        return str(self.form.cleaned_data.get("what") or "") if self.form.is_valid() else ""

    def named(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(user__in=User.objects.matching(value).values("pk"))

    def as_it_is(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return queryset

    def in_state(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(user__in=User.objects.in_state(value).values("pk"))

    def ending(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        if value == OVER:
            return queryset.filter(**{f"{self.day}__lte": today()})
        last = today() + timedelta(days=int(value))
        return queryset.filter(**{f"{self.day}__gt": today(), f"{self.day}__lte": last})


class RoleFilter(TermFilter):
    day = "term_ends_on"


@dataclass(frozen=True)
class Ending:
    """A line: whose what ends where on which day, how near that is, and the page on which it is settled."""

    person: User
    what: str
    place: str
    ends_on: date | None
    url: str
    is_role: bool
    unchecked: bool
    leaves: bool

    @property
    def tone(self) -> str:
        if self.ends_on is None:
            return ""
        days = (self.ends_on - today()).days
        return "bad" if days <= 0 else "warn" if days <= int(NEAR) else ""

    @property
    def nearness(self) -> str:
        if self.ends_on is None:
            return ""
        days = (self.ends_on - today()).days
        if self.leaves:
            return _("Leaves on that day")
        if days <= 0:
            return _("Holding over")
        return ngettext("In %(n)s day", "In %(n)s days", days) % {"n": days}


class Radar:
    """The lines that somebody of staff may see, for a query of the table."""

    def __init__(self, query: Any, reader: User) -> None:
        last = today() + timedelta(days=AHEAD)
        offices = Office.objects.current().filter(admitted("user__"))
        seats = Membership.objects.held().filter(term_ends_on__lte=last, committee__archived_at=None)
        seats = seats.filter(committee__in=Committee.objects.visible_to(reader))
        self.filter = TermFilter(query, offices)
        self.roles = RoleFilter(query, seats)
        said = self.filter.what_said
        found = self.filter.qs
        found = (
            found.filter(unchecked_since__isnull=False)
            if said == UNCHECKED
            else found.none()
            if said == ROLES
            else found.filter(ended_on__lte=last)
        )
        others = self.roles.qs.none() if said in (OFFICES, UNCHECKED) else self.roles.qs
        self.rows = _of_offices(found).union(_of_roles(others), all=True).order_by("ends_on", "name", "key")

    @staticmethod
    def lines(rows: Iterable[dict[str, Any]]) -> list[Ending]:
        return [_line(row) for row in rows]


def how_many_over() -> QuerySet[Office]:
    """Offices whose term is over without word of what follows."""
    return Office.objects.holding_over().filter(admitted("user__"))


def _text(value: str) -> Value:
    return Value(value, CharField())


def _of_offices(offices: Any) -> QuerySet[Any, dict[str, Any]]:
    return (
        offices.with_place()
        .order_by()
        .values(
            key=F("pk"),
            person=F("user"),
            name=F("user__name"),
            what=F("title"),
            where=F("place"),
            ends_on=F("ended_on"),
            slug=_text(""),
            unchecked=Q(unchecked_since__isnull=False),
            leaving=F("leaves"),
        )
    )


def _of_roles(seats: Any) -> QuerySet[Any, dict[str, Any]]:
    return seats.order_by().values(
        key=F("pk"),
        person=F("user"),
        name=F("user__name"),
        what=F("role"),
        where=F("committee__name"),
        ends_on=F("term_ends_on"),
        slug=F("committee__slug"),
        unchecked=Value(False, BooleanField()),
        leaving=Value(False, BooleanField()),
    )


def _line(row: dict[str, Any]) -> Ending:
    slug = row["slug"]
    return Ending(
        User(pk=row["person"], name=row["name"]),
        str(Membership.Role(row["what"]).label) if slug else row["what"],
        row["where"],
        row["ends_on"],
        reverse("staff_committee", args=[slug]) if slug else f"{reverse('staff_member', args=[row['person']])}#offices",
        bool(slug),
        row["unchecked"],
        row["leaving"],
    )

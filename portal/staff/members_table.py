"""The staff's table of members: which columns it has, in what order its rows come, and what a row needs to know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, DateTimeField, Expression, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from committees.models import Membership
from members.models import Office, Suppression, Tagging, User
from members.queries.paging import PAGE
from portal.packed import pack

ROWS = (PAGE, 100)
LATE, EARLY = date(9999, 1, 1), date(1, 1, 1)
LONG_AGO = datetime(1900, 1, 1, tzinfo=ZoneInfo("UTC"))


@dataclass(frozen=True)
class Column:
    """`sort` is the key of SORTS that orders by it, "" for none."""

    name: str
    label: str | Promise
    sort: str = ""


MEMBER = Column("member", _("Member"), "name")
COLUMNS = {
    column.name: column
    for column in (
        Column("office", _("Office and place")),
        Column("committees", _("Committees")),
        Column("tags", _("Tags")),
        Column("ends", _("Term ends"), "ends"),
        Column("seen", _("Last sign-in"), "seen"),
        Column("since", _("Member since"), "since"),
        Column("standing", _("Standing")),
    )
}
USUAL = ("office", "committees", "ends", "standing")
SORTS = ("name", "ends", "seen", "since")


@dataclass(frozen=True)
class Heading:
    """`order` is "ascending" or "descending" for the column that orders the rows; `url` orders by it, or the other way."""

    column: Column
    url: str = ""
    order: str = ""


@dataclass(frozen=True)
class Table:
    """As one person looks at it: `columns` after the name, how many `rows` a page, and `sort`, with "-" for descending."""

    columns: tuple[str, ...]
    rows: int
    sort: str

    @property
    def is_usual(self) -> bool:
        """Whether its first page is one of those that are asked for all day."""
        return self.sort == "name" and self.rows == PAGE

    def headings(self, query: QueryDict) -> list[Heading]:
        return [self._heading(column, query) for column in (MEMBER, *(COLUMNS[name] for name in self.columns))]

    def _heading(self, column: Column, query: QueryDict) -> Heading:
        if not column.sort:
            return Heading(column)
        turned = self.sort == column.sort
        order = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(self.sort, "")
        return Heading(column, address(query, sort=f"-{column.sort}" if turned else column.sort), order)

    @property
    def keys(self) -> list[str]:
        """The rows are ordered by these, and found again by them on the next page."""
        if self.sort.lstrip("-") == "name":
            return [self.sort, "-pk" if self.sort.startswith("-") else "pk"]
        return [f"-{self._key}" if self.sort.startswith("-") else self._key, "name", "pk"]

    @property
    def _key(self) -> str:
        return f"by_{self.sort.lstrip('-')}"

    def ordered(self, people: QuerySet[User]) -> QuerySet[User]:
        """With the key by which they are ordered, which has no gaps: without an end of term last, never signed in first."""
        offices = Office.objects.current().filter(user=OuterRef("pk")).order_by("-started_on", "pk")
        nothing = Value(EARLY if self.sort.startswith("-") else LATE, output_field=DateField())
        long_ago = Value(LONG_AGO, output_field=DateTimeField())
        by: dict[str, Expression] = {
            "ends": Coalesce(Subquery(offices.values("ended_on")[:1]), nothing),
            "seen": Coalesce(F("last_login"), long_ago),
            "since": Coalesce(F("admitted_at"), long_ago),
        }
        name = self.sort.lstrip("-")
        return people.annotate(**{self._key: by[name]}) if name in by else people


def table_of(view: dict[str, Any] | None, query: QueryDict) -> Table:
    """What the person chose before (a TableView in columns), and what the address says."""
    columns = tuple(name for name in COLUMNS if view and name in view["columns"]) if view else USUAL
    rows = view["rows"] if view and view["rows"] in ROWS else PAGE
    sort = query.get("sort", "")
    return Table(columns or USUAL, rows, sort if sort.removeprefix("-") in SORTS else "name")


def with_row(people: QuerySet[User], among: Expression) -> QuerySet[User]:
    """With what a line of the table says, whatever its columns, and `among` how many they are."""
    offices = Office.objects.current().with_place().filter(user=OuterRef("pk")).order_by("-started_on", "pk")
    memberships = Membership.objects.current().filter(user=OuterRef("pk"))
    tags = Tagging.objects.filter(person=OuterRef("pk")).order_by("tag__name")
    stopped = Suppression.objects.open().filter(address=Lower(OuterRef("email")))
    facts = ("name", "given_name", "is_active", "left_at", "admitted_at", "last_login")
    return people.only(*facts).annotate(
        held=pack(offices[:1], "title", "place", "ended_on"),
        committee_keys=ArraySubquery(memberships.order_by().values("committee")),
        tag_names=ArraySubquery(tags.values("tag__name")),
        trouble=Subquery(stopped.values("reason")[:1]),
        among=among,
    )


def address(query: QueryDict, **changed: str) -> str:
    """The same list with another value, on its first page."""
    kept = query.copy()
    for name in ("after", "before", *changed):
        kept.pop(name, None)
    for name, value in changed.items():
        if value:
            kept[name] = value
    return f"?{kept.urlencode()}"


def without(query: QueryDict, name: str) -> str:
    """The same list with one narrowing less."""
    return address(query, **{name: ""})


def chosen(names: Iterable[str]) -> list[str]:
    """Of columns that somebody ticked, those that there are, in their order."""
    ticked = set(names)
    return [name for name in COLUMNS if name in ticked]


def all_columns() -> Sequence[Column]:
    return list(COLUMNS.values())

"""The ways to narrow a list of people: what the table of members offers, and what a saved list is made of.

Each app adds its own (`narrowings` modules are found by the app's config). A query is a dict of their names and the values
chosen; it is kept as it was chosen and judged each time, because what it names may be gone by then: a query that does not
hold finds nobody, and `problems` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from members.discovery import Registry
from members.models import User
from members.models.users import UserQuerySet
from members.text.cleaning import line

Query = dict[str, list[str]]
Choices = Sequence[tuple[str, Any]]
LONGEST = 100  # letters of a value
MOST = 60  # values of one


@dataclass(frozen=True)
class Narrowing:
    """`choices` are those that the reader has, None where words are typed; `is_many` where several may be chosen.

    `narrow` gets the people, the values, the whole query and who reads. `gone` says that a value is not there any more.
    """

    name: str
    label: str | Promise
    narrow: Callable[[UserQuerySet, list[str], Query, User], UserQuerySet]
    choices: Callable[[User], Choices] | None = None
    empty_label: str | Promise = ""
    is_many: bool = False
    hint: str | Promise = ""
    gone: str | Promise = ""


narrowings: Registry[Narrowing] = Registry("narrowings")


def register(narrowing: Narrowing) -> Narrowing:
    narrowings.add(narrowing.name, narrowing)
    return narrowing


def query_of(given: QueryDict | Mapping[str, list[str]]) -> Query:
    """What of an address, a form or a stored filter is a query: known names, with values that are not empty."""
    found = {}
    for name, narrowing in narrowings.items():
        values = given.getlist(name) if isinstance(given, QueryDict) else given.get(name, [])
        kept = list(dict.fromkeys(value for each in values if (value := line(str(each)[:LONGEST]))))
        if kept:
            found[name] = kept[:MOST] if narrowing.is_many else kept[-1:]
    return found


@dataclass
class Selection:
    """The people whom a query finds for one reader. `offered` are choices that a page has asked for already."""

    query: Query
    reader: User
    offered: Mapping[str, Choices] = field(default_factory=dict)

    def people(self, among: UserQuerySet | None = None) -> UserQuerySet:
        """Without a choice of standing, members. Nobody where the query names what is not there."""
        found = User.objects.visible_to(self.reader) if among is None else among
        if self.problems:
            return found.none()
        for name, values in self.query.items():
            found = narrowings[name].narrow(found, values, self.query, self.reader)
        return found if "standing" in self.query else found.members()

    @property
    def problems(self) -> list[str]:
        """In sentences; each names what is asked for and not there, as far as the reader may know of it."""
        found = []
        for name, values in self.query.items():
            known = {key for key, _label in self.choices(name)} if narrowings[name].choices else set(values)
            if not known.issuperset(values):
                found.append(str(narrowings[name].gone or _("A choice of this list is not there any more.")))
        return found

    def choices(self, name: str) -> Choices:
        choose = narrowings[name].choices
        if name in self.offered or choose is None:
            return self.offered.get(name, [])
        return choose(self.reader)

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """(name, label, chosen values in words), for chips and for what is told before an act."""
        return [
            (name, str(narrowings[name].label), ", ".join(self._said(name, values)))
            for name, values in self.query.items()
        ]

    def _said(self, name: str, values: list[str]) -> list[str]:
        if narrowings[name].choices is None:
            return values
        labels = {key: str(label) for key, label in self.choices(name)}
        return [labels.get(value, "—") for value in values]

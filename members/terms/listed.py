"""The offices of one person as a page lists them: those held, with what is to say of each, and those of before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.models import Office, User
from members.terms.offices import SHOWN
from members.times import formats
from members.times.clock import today
from members.web.meanwhile import mark


@dataclass(frozen=True)
class Listed:
    """`term` in words; `states`: badges as (tone, words); `is_open` while something is to be said of it."""

    office: Office
    term: str
    states: list[tuple[str, str]]
    is_open: bool = True

    @property
    def seen(self) -> str:
        return mark(self.office, SHOWN)


def listed(person: User) -> tuple[list[Listed], list[Listed]]:
    rows = all_of(person)
    return [row for row in rows if row.is_open], [row for row in rows if not row.is_open]


def all_of(person: User) -> list[Listed]:
    rows = person.offices.select_related("jurisdiction")
    return [Listed(office, _span(office), list(_states(office)), not office.has_left) for office in rows]


def _states(office: Office) -> Iterator[tuple[str, str]]:
    if office.unchecked_since:
        yield "info", _("To be checked by staff")
    if office.has_left:
        return
    if office.leaves and office.ended_on:
        yield "warn", _("Out of office from %s") % formats.date_only(office.ended_on)
    if office.is_holding_over:
        yield "warn", _("The term is over: in office until somebody says otherwise")
    if office.started_on and office.started_on > today():
        yield "info", _("Begins %s") % formats.date_only(office.started_on)


def _span(office: Office) -> str:
    begins = formats.date_only(office.started_on) if office.started_on else "…"
    ends = formats.date_only(office.ended_on) if office.ended_on else _("no end set")
    return f"{begins} – {ends}"

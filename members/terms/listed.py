"""The offices of one person as a page lists them: those held, with what is to say about each, and those of before."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from members.models import Office, User
from members.terms.offices import SHOWN
from members.times import formats
from members.times.clock import today
from members.web.meanwhile import mark


@dataclass(frozen=True)
class Listed:
    """`term` in words; `tone` and `state` of the badge, where there is one; `is_open` while something is to be said."""

    office: Office
    term: str
    tone: str = ""
    state: str = ""
    is_open: bool = True

    @property
    def seen(self) -> str:
        return mark(self.office, SHOWN)


def listed(person: User) -> tuple[list[Listed], list[Listed]]:
    rows = [_listed(office) for office in person.offices.select_related("jurisdiction")]
    return [row for row in rows if row.is_open], [row for row in rows if not row.is_open]


def _listed(office: Office) -> Listed:
    if office.has_left:
        return Listed(office, _span(office), is_open=False)
    tone, state = _state(office)
    return Listed(office, _span(office), tone, state)


def _state(office: Office) -> tuple[str, str]:
    if office.leaves and office.ended_on:
        return "warn", _("Out of office from %s") % formats.date_only(office.ended_on)
    if office.is_holding_over:
        return "warn", _("The term is over: in office until somebody says otherwise")
    if office.unchecked_since:
        return "info", _("To be checked by staff")
    if office.started_on and office.started_on > today():
        return "info", _("Begins %s") % formats.date_only(office.started_on)
    return "", ""


def _span(office: Office) -> str:
    begins = formats.date_only(office.started_on) if office.started_on else "…"
    ends = formats.date_only(office.ended_on) if office.ended_on else _("no end set")
    return f"{begins} – {ends}"

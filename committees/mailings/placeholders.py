"""The words in braces of which each reader gets their own: {first name}, {office|your office}.

There are those listed here and no others. Anything else that looks like one, in our way of writing or that of another
program, keeps the email from going, and is told with what was likely meant. What a person has no value for is written
behind a bar; without, the email stops as well.

Values are what people wrote about themselves. So they are put in after the Markdown became HTML, escaped: nobody's name
makes a link of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from committees.markdown import to_html
from members.mail.emails import placeholder as mark
from members.models import Jurisdiction, Office, User
from members.models.users import UserQuerySet
from members.times import formats

SLOT = re.compile(r"\{(?P<name>[^{}|\n]*)(?P<bar>\|(?P<instead>[^{}\n]*))?\}")
OF_OTHERS = re.compile(
    r"\{\{[^\n]*?\}\}|\{%[^\n]*?%\}|\*\|[^\n]*?\|\*|%%[^%\n]{1,40}%%|\[\[[^\]\n]{1,40}\]\]|<<[^<>\n]{1,40}>>"
)
BRACE = re.compile(r"[{}]")
IN_A_LINK = re.compile(rf'(?:href|title|src)="[^"]*{re.escape(mark("slot").partition("slot")[0])}')
NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Placeholder:
    """`column` is of the office held, "" for what is the person's own. `also` are names that other programs have for it."""

    name: str
    label: str | Promise
    example: str
    also: tuple[str, ...] = ()
    column: str = ""

    @property
    def written(self) -> str:
        return f"{{{self.name}}}"

    def lacking(self, people: UserQuerySet) -> UserQuerySet:
        """Those who have no value for it."""
        if not self.column:
            return people.filter(Q(name=""))
        value = Subquery(Office.objects.current().filter(user=OuterRef("pk")).order_by(*NEWEST).values(self.column)[:1])
        return people.alias(said=value).filter(said=None)


NEWEST = ("-started_on", "pk")  # the office that stands for somebody who holds several, as in exports
PLACEHOLDERS = {
    each.name: each
    for each in (
        Placeholder("first name", _("What we call them"), "Maria", ("fname", "given name", "forename", "recipient first name")),
        Placeholder("name", _("Full name"), "Maria Lopez", ("full name", "last name", "lname", "surname", "recipient")),
        Placeholder("office", _("Title of their office"), "Council Member", ("title", "position", "role", "job title"), "title"),
        Placeholder(
            "place", _("City, county or district"), "Durham", ("city", "town", "county", "jurisdiction", "district"), "jurisdiction__name"
        ),
        Placeholder("state", _("State"), "North Carolina", ("province", "region", "st"), "jurisdiction__state"),
        Placeholder("term end", _("Last day of their term"), "December 6, 2027", ("term", "term ends", "ends on"), "ended_on"),
    )
}  # fmt: skip
KNOWN = {NOT_LETTERS.sub(" ", name).strip(): name for name in PLACEHOLDERS}
MEANT = KNOWN | {word: each.name for each in PLACEHOLDERS.values() for word in each.also}


# Reading -------------------------------------------------------------------------------------------


def plain(name: str) -> str:
    """As names are compared: {First_Name} is {first name}."""
    return NOT_LETTERS.sub(" ", name).strip().casefold()


def used(*texts: str) -> set[str]:
    """The names of the placeholders in these texts, of those that there are."""
    return {
        KNOWN[plain(found["name"])] for text in texts for found in SLOT.finditer(text) if plain(found["name"]) in KNOWN
    }


def without_instead(*texts: str) -> set[str]:
    """Of those used, the ones for which at least once nothing is written for people without a value."""
    return {
        KNOWN[plain(found["name"])]
        for text in texts
        for found in SLOT.finditer(text)
        if found["bar"] is None and plain(found["name"]) in KNOWN
    }


def refuse_unknown(text: str) -> None:
    """Raise ValidationError that names the first thing nothing would fill in, and what was likely meant."""
    for words, name in _unfilled(text):
        raise ValidationError(
            _("Nothing fills in “%(words)s”. %(hint)s"), "placeholder", {"words": words, "hint": _hint(name)}
        )
    if IN_A_LINK.search(to_html(_marked(text)[0])):
        raise ValidationError(
            _("A placeholder can’t stand in the address of a link. Put it beside the link."), "in a link"
        )


def _unfilled(text: str) -> Iterator[tuple[str, str]]:
    """(as written, the name in it) of what looks like a placeholder and is none."""
    for found in OF_OTHERS.finditer(text):
        yield found[0], found[0].strip("{}%*|[]<> ")
    bare = OF_OTHERS.sub("", text)
    for found in SLOT.finditer(bare):
        if plain(found["name"]) not in KNOWN:
            yield found[0], found["name"]
    for found in BRACE.finditer(SLOT.sub("", bare)):
        yield found[0], ""


def _hint(name: str) -> Promise | str:
    meant = get_close_matches(plain(name), MEANT, n=1, cutoff=0.6) if plain(name) else []
    if meant:
        return _("Did you mean %(written)s?") % {"written": PLACEHOLDERS[MEANT[meant[0]]].written}
    names = ", ".join(each.written for each in PLACEHOLDERS.values())
    return _("There are %(names)s.") % {"names": names}


# Filling in ----------------------------------------------------------------------------------------


def values_of(people: Sequence[User]) -> dict[int, dict[str, str]]:
    """By person, the value of each placeholder; "" for what they do not have. Two queries."""
    offices: dict[int, Office] = {}
    held = Office.objects.current().filter(user__in=people).select_related("jurisdiction").order_by(*NEWEST)
    for office in held:
        offices.setdefault(office.user_id, office)
    states = dict(Jurisdiction.objects.filter(kind=Jurisdiction.Kind.STATE).values_list("state", "name"))
    return {person.pk: _values(person, offices.get(person.pk), states) for person in people}


def _values(person: User, office: Office | None, states: Mapping[str, str]) -> dict[str, str]:
    state = office.jurisdiction.state if office else ""
    return {
        "first name": person.get_short_name(),
        "name": person.name,
        "office": office.title if office else "",
        "place": office.jurisdiction.name if office else "",
        "state": states.get(state, state),
        "term end": formats.date_only(office.ended_on) if office and office.ended_on else "",
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    return SLOT.sub(lambda found: _value(found, values), text)


def filled_html(text: str, values: Mapping[str, str]) -> SafeString:
    """Markdown as HTML."""
    marked, slots = _marked(text)
    html = str(to_html(marked))
    for number, found in enumerate(slots):
        html = html.replace(mark(f"slot{number}"), escape(_value(found, values)))
    return mark_safe(html)  # noqa: S308 - to_html cleaned it, and values are escaped


def _marked(text: str) -> tuple[str, list[re.Match[str]]]:
    slots = list(SLOT.finditer(text))
    numbers: Any = iter(range(len(slots)))
    return SLOT.sub(lambda _found: mark(f"slot{next(numbers)}"), text), slots


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    return values.get(KNOWN.get(plain(found["name"]), ""), "") or (found["instead"] or "").strip()

"""An agenda item in one line: "Wage theft update 15m @Maria" is a title, minutes and a presenter.

"Decide:" or "Info:" in front says the kind. Raises ValidationError with a sentence when the name fits nobody or several.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from events.models import AgendaItem
from members.models import User
from members.place_names.words import fold

MINUTES = re.compile(r"(?<!\S)(\d{1,3})\s?(?:m|min|mins|minutes?|['’′])(?!\w)", re.IGNORECASE)
NAMED = re.compile(r"(?<!\S)@(\S.*)$")
KINDS = {
    "decide": AgendaItem.Kind.DECISION,
    "decision": AgendaItem.Kind.DECISION,
    "info": AgendaItem.Kind.INFORMATION,
    "discuss": AgendaItem.Kind.DISCUSSION,
    "welcome": AgendaItem.Kind.OPENING,
}
KIND = re.compile(rf"^({'|'.join(KINDS)}):\s*(?=\S)", re.IGNORECASE)


def parse(line: str, people: Sequence[User]) -> dict[str, Any]:
    """Fields of `AgendaItem.add`; what the line does not say is left out."""
    fields: dict[str, Any] = {}
    line = " ".join(line.split())
    named = NAMED.search(line)
    if named:
        person, rest = person_named(named.group(1), people)
        line, fields["presenter"] = f"{line[: named.start()]} {rest}", person
    timed = MINUTES.search(line)
    if timed:
        line, fields["minutes"] = line[: timed.start()] + line[timed.end() :], int(timed.group(1))
    kind = KIND.match(line)
    if kind:
        line, fields["kind"] = line[kind.end() :], KINDS[kind.group(1).lower()]
    fields["title"] = " ".join(line.split())
    if not fields["title"]:
        raise ValidationError(_("Write what the item is about, for example: Wage theft update 15m @Maria"), "no_title")
    return fields


def person_named(words: str, people: Sequence[User]) -> tuple[User, str]:
    """The one person the words after @ begin with, and what follows the name."""
    for length in range(min(4, len(words.split())), 0, -1):
        name = " ".join(words.split()[:length])
        found = [person for person in people if _fits(name, person)]
        if len(found) == 1:
            return found[0], " ".join(words.split()[length:])
        if len(found) > 1:
            names = ", ".join(person.name for person in found[:4])
            raise ValidationError(
                _("@%(name)s could be %(names)s. Write more of the name.") % {"name": name, "names": names}, "several"
            )
    raise ValidationError(
        _("Nobody on this committee is called %(name)s. Leave it out and choose below.") % {"name": words.split()[0]},
        "nobody",
    )


def _fits(words: str, person: User) -> bool:
    said, name, given = _plain(words), _plain(person.name), _plain(person.given_name)
    return said in (name, given) or name.startswith(f"{said} ") or bool(" " in said and name.startswith(said))


def _plain(text: str) -> str:
    return fold(text)

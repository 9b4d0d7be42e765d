"""An agenda item in one line: "Wage theft update 15m @Maria @Sam #decision" is a title, minutes, presenters and a kind.

"Decide:" or "Info:" in front says the kind too, and "Break" is one. A guest's name stands in quotes: @"Ana Ruiz". Raises
ValidationError with a sentence when a name without them fits nobody or several.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
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
TAGS = KINDS | {
    "information": AgendaItem.Kind.INFORMATION,
    "discussion": AgendaItem.Kind.DISCUSSION,
    "opening": AgendaItem.Kind.OPENING,
    "break": AgendaItem.Kind.BREAK,
    "wrapup": AgendaItem.Kind.WRAP_UP,
    "wrap-up": AgendaItem.Kind.WRAP_UP,
}
TAG = re.compile(rf"(?<!\S)#({'|'.join(TAGS)})(?!\S)", re.IGNORECASE)
OTHER_TAG = re.compile(r"(?<!\S)#([a-z-]{4,})(?!\S)", re.IGNORECASE)
GUEST = re.compile(r"""(?<!\S)@["“”]([^"“”]+)["“”]""")
BREAK = re.compile(r"(?:short |lunch |coffee )?break", re.IGNORECASE)
KIND = re.compile(rf"^({'|'.join(KINDS)}):\s*(?=\S)", re.IGNORECASE)


def parse(line: str, people: Sequence[User]) -> dict[str, Any]:
    """Fields of `AgendaItem.add`; what the line does not say is left out."""
    fields: dict[str, Any] = {}
    line = " ".join(line.split())
    line, who = _presenters(line, people)
    tagged = TAG.search(line)
    if tagged:
        line, fields["kind"] = line[: tagged.start()] + line[tagged.end() :], TAGS[tagged.group(1).lower()]
    else:
        _refuse_misspelled(line)
    timed = MINUTES.search(line)
    if timed:
        line, fields["minutes"] = line[: timed.start()] + line[timed.end() :], int(timed.group(1))
        if not 0 < fields["minutes"] <= AgendaItem.MOST_MINUTES:
            most = {"most": AgendaItem.MOST_MINUTES, "line": timed.group().strip()}
            raise ValidationError(_("An item takes 1 to %(most)d minutes, not %(line)s.") % most, "minutes")
    kind = KIND.match(line)
    if kind:
        line, fields["kind"] = line[kind.end() :], KINDS[kind.group(1).lower()]
    fields["title"] = " ".join(word for word in line.split() if word != "@")
    if not fields["title"]:
        raise ValidationError(_("Write what the item is about, for example: Wage theft update 15m @Maria"), "no_title")
    if BREAK.fullmatch(fields["title"]):
        fields.setdefault("kind", AgendaItem.Kind.BREAK)
    return fields | who


def _presenters(line: str, people: Sequence[User]) -> tuple[str, dict[str, Any]]:
    """The line without them, and the fields that name them: the first member, other members, guests."""
    guests = GUEST.findall(line)
    line, members = GUEST.sub("", line), []
    while named := NAMED.search(line):
        words, at, further = named.group(1).partition(" @")
        person, rest = _member_named(words, people)
        members += [person] if person not in members else []
        line = f"{line[: named.start()]} {rest}{at}{further}"
    return line, presenting(members, guests)


def _member_named(words: str, people: Sequence[User]) -> tuple[User, str]:
    """As `person_named`, and says how a guest is named."""
    try:
        return person_named(words, people)
    except ValidationError as error:
        if error.code != "nobody":
            raise
        said = _("Nobody on this committee is called %(name)s. A guest’s name stands in quotes: @“%(name)s”.")
        raise ValidationError(said % {"name": words.split()[0].strip('"“”') or words}, "nobody") from error


def presenting(members: Sequence[User], guests: Sequence[str]) -> dict[str, Any]:
    """The fields of an item that say who presents; none where nobody does."""
    found: dict[str, Any] = {"presenter": members[0]} if members else {}
    found |= {"also_presenting": list(members[1:])} if members[1:] else {}
    return found | (
        {"guests": ", ".join(" ".join(each.replace(",", " ").split()) for each in guests)} if guests else {}
    )


def named_apart(names: str, people: Sequence[User]) -> tuple[list[User], list[str]]:
    """Of names with commas between them, those on the committee, called in full, and the others."""
    members: list[User] = []
    guests: list[str] = []
    for name in filter(None, (part.strip() for part in names.split(","))):
        found = [person for person in people if _plain(person.name) == _plain(name)]
        if len(found) == 1:
            members += found
        else:
            guests.append(name)
    return list(dict.fromkeys(members)), guests


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


def _refuse_misspelled(line: str) -> None:
    """A word after # that is nearly one of ours was meant as that; any other is a word of the title."""
    for word in OTHER_TAG.findall(line):
        for meant in get_close_matches(word.lower(), TAGS, n=1, cutoff=0.75):
            words = {"word": f"#{word}", "meant": f"#{meant}"}
            raise ValidationError(_("We don’t know %(word)s. Write %(meant)s, or leave out the #.") % words, "tag")

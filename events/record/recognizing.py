"""Who of a committee somebody in a report is: by address, by what was answered before, by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress

from committees.models import Committee
from events.models.attendance import KnownAs
from events.record.reports import Attendee
from members.models import User

BRACKETS = re.compile(r"[(\[{“\"]([^)\]}”\"]*)[)\]}”\"]")
ASIDE = re.compile(r"\s+[-–—|/•·]\s+|\s*[|/•]\s*|,\s*(?=(?:city|town|county|council|mayor|alder)\b)", re.IGNORECASE)
DEVICE = re.compile(r"[’']s\s+(?:iphone|ipad|phone|galaxy|android|macbook|laptop|pc)\b.*$", re.IGNORECASE)
HONORS = {
    "mr",
    "mrs",
    "ms",
    "mx",
    "dr",
    "hon",
    "rev",
    "mayor",
    "councilmember",
    "alder",
    "commissioner",
    "jr",
    "sr",
    "ii",
    "iii",
}


class Roster:
    """The people of a call's list, as they may be called."""

    def __init__(self, committee: Committee, people: Iterable[User]) -> None:
        self.people = {person.pk: person for person in people}
        self.by_address = {person.email.casefold(): person.pk for person in self.people.values()}
        more = EmailAddress.objects.filter(user__in=self.people, verified=True).values_list("email", "user")
        self.by_address |= {email.casefold(): user for email, user in more}
        self.by_answer = dict(KnownAs.objects.filter(committee=committee).values_list("said", "user"))
        self.by_name: dict[tuple[str, ...], set[int]] = {}
        for person in self.people.values():
            for spelled in spellings(person.name):
                self.by_name.setdefault(spelled, set()).add(person.pk)

    def find(self, attendee: Attendee) -> tuple[User | None, bool]:
        """The person, and whether anybody has to be asked: (None, False) is known to be nobody of the committee."""
        if attendee.email in self.by_address:
            return self.people[self.by_address[attendee.email]], False
        for said in known_as(attendee):
            if said in self.by_answer:
                answer = self.by_answer[said]
                if answer is None or answer in self.people:
                    return self.people.get(answer or 0), False
        found = set().union(*(self.by_name.get(spelled, set()) for spelled in spellings(attendee.name)))
        return (self.people[found.pop()], False) if len(found) == 1 else (None, True)

    def like(self, attendee: Attendee) -> list[User]:
        """Those who share a word with the name: who is offered first."""
        words = set(_words(attendee.name)) | set(_words(attendee.email.partition("@")[0]))
        return [person for person in self.people.values() if words & set(_words(person.name))]


def known_as(attendee: Attendee) -> list[str]:
    """By what an answer is remembered: an address, else the name as it was written."""
    return [attendee.email] if attendee.email else [_said(attendee.name)] if _said(attendee.name) else []


def spellings(name: str) -> set[tuple[str, ...]]:
    """In how many ways one name may be meant: without asides, "Last, First", a nickname in brackets, no middle name."""
    name = DEVICE.sub("", name)
    inside = BRACKETS.findall(name)
    bare = ASIDE.split(BRACKETS.sub(" ", name))[0]
    written = {bare, *inside}
    if "," in bare:
        last, _comma, first = bare.partition(",")
        written.add(f"{first} {last}")
    words = _words(bare)
    for nickname in inside:
        if words[1:] and len(_words(nickname)) == 1:
            written.add(" ".join([nickname, *words[1:]]))
    found: set[tuple[str, ...]] = set()
    for each in written:
        tokens = tuple(word for word in _words(each) if word not in HONORS)
        if len(tokens) > 1:
            found |= {tuple(sorted(tokens)), tuple(sorted((tokens[0], tokens[-1])))}
    return found


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", re.sub(r"[’'`ʻ]", "", letters))


def _said(name: str) -> str:
    return " ".join(_words(name))[:200]


def choices(roster: Roster, attendee: Attendee, most: int) -> list[tuple[str, Any]]:
    """Who it may be, those most like it first; everybody as long as they are not too many."""
    alike = sorted(roster.like(attendee), key=lambda person: person.name)
    others = [] if len(roster.people) > most else sorted(roster.people.values(), key=lambda person: person.name)
    rest = [person for person in others if person not in alike]
    return [(str(person.pk), person.name) for person in [*alike[:most], *rest]]

"""What calendars send back: REPLY and COUNTER (RFC 5546) in a mail (RFC 6047), read line by line.

Only the VEVENTs are looked at and only the lines that an answer needs, each by itself: whole-calendar parsers stumble
over time zones that Outlook leaves half empty, over quotes inside of names, and over anything that a stranger invents.
Nothing here raises.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from members import mime

REPLY, COUNTER = "REPLY", "COUNTER"
CALENDARS = ("text/calendar", "application/ics", "application/icalendar")
COMMENTS = ("COMMENT", "X-RESPONSE-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT")  # Exchange, Google, Apple
MOST_LINES = 5000
MOST_EVENTS = 20
MOST_ATTENDEES = 200
MOST_COMMENTS = 5
MOST_SIGNS = 300_000

FOLD = re.compile(r"\n[ \t]")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
NUMBER = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One content line: NAME;PARAMETER=value:value"""

    name: str
    value: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """A TEXT value, unescaped."""
        return _unescaped(self.value).strip()

    @property
    def mailbox(self) -> str:
        """The bare address of a person: after mailto:, or in EMAIL where Apple puts a urn."""
        value = self.value.strip()
        address = value[7:] if value[:7].lower() == "mailto:" else self.parameters.get("EMAIL", value)
        return address.strip().strip("<>")


@dataclass(frozen=True)
class Answer:
    """What one VEVENT of a reply says. `occurrence` is the line RECURRENCE-ID, when there is one."""

    method: str
    uid: str
    sequence: int
    stamped_at: datetime | None
    attendees: tuple[Line, ...]
    comments: tuple[str, ...]
    organizer: str
    occurrence: Line | None
    starts_at: datetime | None
    ends_at: datetime | None

    def attendee(self, *addresses: str) -> Line | None:
        """The line of one of these people; most calendars send one line, some all they know."""
        wanted = {address.casefold() for address in addresses}
        return next((line for line in self.attendees if line.mailbox.casefold() in wanted), None)

    def comment_of(self, attendee: Line | None) -> str:
        """What the person wrote: Exchange and Apple make it a property, Google a parameter of the attendee."""
        own = [attendee.parameters.get(name, "") for name in COMMENTS] if attendee else []
        said = [*self.comments, *(html.unescape(_unescaped(words)) for words in own)]
        return "\n".join(dict.fromkeys(filter(None, (words.strip() for words in said))))


def answers(mail: mime.Mail) -> list[Answer]:
    """Every answer in a mail, those of the first calendar that holds any: Google and Apple send the same one twice."""
    for part in mail.of_type(*CALENDARS):
        if found := list(_answers(part)):
            return found
    return []


def moment(line: Line | None) -> datetime | None:
    """The instant of a DATE-TIME, None when it is missing, floating, a day, or in a zone that nobody knows."""
    found = MOMENT.fullmatch(line.value.strip()) if line else None
    if not (line and found and found[4]):
        return None
    year, month, day, hour, minute, second = (int(group or 0) for group in found.groups()[:6])
    try:
        local = datetime.combine(date(year, month, day), time(hour, minute, min(second, 59)))
        return local.replace(tzinfo=UTC if found[7] else _zone(line.parameters.get("TZID", ""))).astimezone(UTC)
    except (ValueError, OverflowError, LookupError, OSError):
        return None


def _answers(part: mime.Part) -> Iterator[Answer]:
    lines = list(_lines(part.text[:MOST_SIGNS]))
    method = next((line.value.strip().upper() for line in lines if line.name == "METHOD"), "")
    method = method or part.parameters.get("method", "").upper()
    if method in (REPLY, COUNTER):
        for event in _events(lines):
            yield _answer(method, event)


def _answer(method: str, event: list[Line]) -> Answer:
    first = {line.name: line for line in reversed(event)}
    attendees = tuple(line for line in event if line.name == "ATTENDEE")[:MOST_ATTENDEES]
    sequence = NUMBER.fullmatch(first["SEQUENCE"].value.strip()) if "SEQUENCE" in first else None
    return Answer(
        method=method,
        uid=first["UID"].value.strip() if "UID" in first else "",
        sequence=int(sequence[0]) if sequence else 0,
        stamped_at=moment(first.get("DTSTAMP")),
        attendees=attendees,
        comments=tuple(line.text for line in event if line.name in COMMENTS)[:MOST_COMMENTS],
        organizer=first["ORGANIZER"].mailbox if "ORGANIZER" in first else "",
        occurrence=first.get("RECURRENCE-ID"),
        starts_at=moment(first.get("DTSTART")),
        ends_at=moment(first.get("DTEND")),
    )


def _events(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines of each VEVENT, without those of alarms inside of it."""
    event: list[Line] | None = None
    within: list[str] = []
    count = 0
    for line in lines:
        if line.name == "BEGIN":
            within.append(line.value.strip().upper())
            if within[-1] == "VEVENT":
                event = []
        elif line.name == "END":
            ended = within.pop() if within else ""
            if ended == "VEVENT" and event is not None and count < MOST_EVENTS:
                yield event
                event, count = None, count + 1
        elif event is not None and within and within[-1] == "VEVENT":
            event.append(line)


def _lines(text: str) -> Iterator[Line]:
    for raw in FOLD.sub("", text).split("\n", MOST_LINES)[:MOST_LINES]:
        if line := _line(raw):
            yield line


def _line(raw: str) -> Line | None:
    """Split at the colons and semicolons outside of quotes."""
    pieces, quoted, start = [], False, 0
    for position, sign in enumerate(raw):
        if sign == '"':
            quoted = not quoted
        elif not quoted and sign in ":;":
            pieces.append(raw[start:position])
            start = position + 1
            if sign == ":":
                return Line(pieces[0].strip().upper(), raw[start:], _parameters(pieces[1:])) if pieces[0] else None
    return None


def _parameters(pieces: list[str]) -> dict[str, str]:
    pairs = (piece.partition("=") for piece in pieces)
    return {name.strip().upper(): _uncaret(value.replace('"', "")) for name, _equals, value in pairs}


def _unescaped(value: str) -> str:
    return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _uncaret(value: str) -> str:
    """Line ends and quotes in parameters are written with a caret (RFC 6868)."""
    return re.sub(r"\^(['n^])", lambda found: {"'": '"', "n": "\n", "^": "^"}[found[1]], value)


def _zone(name: str) -> ZoneInfo:
    """By its usual name or by Microsoft's. Raises LookupError or ValueError."""
    name = name.strip().lstrip("/")
    return ZoneInfo(WINDOWS_TO_OLSON.get(name, name) or "-")

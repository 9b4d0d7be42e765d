"""What calendars send back: REPLY and COUNTER (RFC 5546) in a mail (RFC 6047), read line by line.

A calendar is known by its content, because mail servers rename what they pass on; and the bytes of a folded line are put
together before they become characters, because some fold inside of one (RFC 5545 3.1).

Only the VEVENTs are looked at and only the lines that an answer needs, each by itself: whole-calendar parsers stumble
over time zones that Outlook leaves half empty, over quotes inside of names, and over anything that a stranger invents.
Nothing here raises.
"""

from __future__ import annotations

import html
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from members.mail.incoming import charsets, mime

REPLY, COUNTER = "REPLY", "COUNTER"
CALENDARS = (
    "text/calendar",
    "text/x-vcalendar",
    "application/ics",
    "application/icalendar",
    "application/x-vcalendar",
)
FILES = (".ics", ".ical", ".icalendar", ".vcs")
COMMENTS = ("COMMENT", "X-RESPONSE-COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT")  # Exchange, Google, Apple
MOST_LINES = 5000
MOST_CALENDARS = 10
MOST_EVENTS = 20
MOST_ATTENDEES = 200
MOST_COMMENTS = 5
MOST_BYTES = 300_000
MOST_BEFORE = 4_000  # bytes in which a calendar begins, behind what a mail server put before it

BEGINS = re.compile(rb"^[ \t]*BEGIN:VCALENDAR[ \t]*\r{0,2}$", re.IGNORECASE | re.MULTILINE)
FOLD = re.compile(rb"(?:\r{0,2}\n|\r)[ \t]")
LINE_END = re.compile(rb"\r{0,2}\n|\r")
NAMED = re.compile(rb"[ \t]*[A-Za-z][\w.-]{0,60}[ \t]*[;:]")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.ASCII)
OUTLOOK_UID = re.compile(
    r"040000008200E00074C5B7101A82E008[0-9A-F]{48}7643616C2D55696401000000((?:[0-9A-F]{2}){1,255})", re.IGNORECASE
)
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
        address = unquote(value[7:].partition("?")[0]) if value[:7].lower() == "mailto:" else ""
        address = address or self.parameters.get("EMAIL") or value
        return address.rpartition("<")[2].partition(">")[0].strip()


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


@dataclass(frozen=True)
class Calendar:
    """One calendar in a mail: what it is for ("" when it does not say), and what each of its events says."""

    method: str
    events: tuple[Answer, ...]
    enclosed: bool  # in another mail that was sent along

    @property
    def is_answer(self) -> bool:
        return self.method in (REPLY, COUNTER)


def calendars(mail: mime.Mail) -> list[Calendar]:
    """Every calendar in a mail, those that are its own first, in order."""
    parts = sorted(filter(_is_calendar, mail.parts), key=lambda part: part.enclosed)
    return [_calendar(part) for part in parts[:MOST_CALENDARS]]


def answers(mail: mime.Mail) -> list[Answer]:
    """Every answer in a mail, those of the first calendar that holds any: Google and Apple send the same one twice."""
    found = (calendar.events for calendar in calendars(mail) if calendar.is_answer)
    return list(next(filter(None, found), ()))


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


def _is_calendar(part: mime.Part) -> bool:
    """By its content; its type and name only say where it may begin behind other words."""
    named = part.content_type in CALENDARS or part.filename.lower().endswith(FILES)
    return named or (not part.content_type.startswith("multipart/") and _begins(part))


def _begins(part: mime.Part) -> bool:
    return bool(BEGINS.search(_narrow(part, MOST_BEFORE).removeprefix(BOM_UTF8)))


def _narrow(part: mime.Part, most: int) -> bytes:
    """The beginning of the part, in a charset in which a line end is one byte."""
    if charsets.is_wide(part.content, part.charset):
        return charsets.decoded(part.content, part.charset, most).encode("utf-8", "replace")
    return part.content[:most]


def _calendar(part: mime.Part) -> Calendar:
    lines = list(_lines(part))
    method = next((line.value.strip().upper() for line in lines if line.name == "METHOD"), "")
    method = method or part.parameters.get("method", "").strip().upper()
    return Calendar(method, tuple(_answer(method, event) for event in _events(lines)), part.enclosed)


def _answer(method: str, event: list[Line]) -> Answer:
    first = {line.name: line for line in reversed(event)}
    attendees = tuple(line for line in event if line.name == "ATTENDEE")[:MOST_ATTENDEES]
    sequence = NUMBER.fullmatch(first["SEQUENCE"].value.strip()) if "SEQUENCE" in first else None
    return Answer(
        method=method,
        uid=_uid(first["UID"].text) if "UID" in first else "",
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


def _lines(part: mime.Part) -> Iterator[Line]:
    wide = charsets.is_wide(part.content, part.charset)
    for raw in _unfolded(_narrow(part, MOST_BYTES).replace(b"\0", b"")):
        words = charsets.decoded(raw, "utf-8" if wide else part.charset, MOST_BYTES)
        if line := _line(words):
            yield line


def _unfolded(content: bytes) -> list[bytes]:
    """The content lines as bytes. What a mail server broke without a blank belongs to the line before it."""
    lines: list[list[bytes]] = []
    for piece in LINE_END.split(FOLD.sub(b"", content.removeprefix(BOM_UTF8)), MOST_LINES)[:MOST_LINES]:
        if lines and not NAMED.match(piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [b"".join(pieces) for pieces in lines]


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


def _uid(value: str) -> str:
    """Outlook wraps what it did not make itself: a fixed head, "vCal-Uid", and the UID in hexadecimal ([MS-OXCICAL] 2.1.3.1.1.20.26)."""
    wrapped = OUTLOOK_UID.fullmatch(value)
    if not wrapped:
        return value[:255]
    return bytes.fromhex(wrapped[1]).rstrip(b"\0").decode("ascii", "replace")[:255]


def _zone(name: str) -> ZoneInfo:
    """By its usual name or by Microsoft's. Raises LookupError or ValueError."""
    name = name.strip().lstrip("/")
    return ZoneInfo(WINDOWS_TO_OLSON.get(name, name) or "-")

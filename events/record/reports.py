"""Reading the attendance report of a video service: a CSV of Zoom, Teams, Google Meet or Webex, as people download it.

It is read in this process and within bounds (bytes, rows, columns, letters), each row once. A report says its times in
a zone that it does not name: the one in which it is of this call is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice

from django.utils.translation import gettext as _

from events.models import Meeting
from members.text.cleaning import line

MOST_BYTES = 1024 * 1024
MOST_ROWS, MOST_COLUMNS, MOST_LETTERS = 5_000, 40, 200
MOST_PEOPLE = 1_500
EARLY, LATE = timedelta(hours=1), timedelta(hours=3)  # around a call, in which its report may begin and end
GRACE = timedelta(minutes=5)  # after the start, and before the end: neither late nor early

COLUMNS = {
    "name": "name nameoriginalname fullname displayname participantname participant attendeename attendee",
    "first": "firstname givenname",
    "last": "lastname surname familyname",
    "email": "useremail email attendeeemail emailaddress participantemail participantidupn",
    "joined": "jointime firstjoin firstjointime timejoined joined timestamp",
    "left": "leavetime lastleave lastleavetime timeexited left",
    "minutes": "durationminutes totaldurationminutes inmeetingduration duration totalduration attendanceduration timeincall",
    "act": "useraction",
    "topic": "meetingname",
    "starts": "meetingstarttime",
}
KNOWN = {word: column for column, words in COLUMNS.items() for word in words.split()}
FACTS = {
    "topic": "topic meetingtitle meetingname title",
    "starts": "starttime meetingstarttime date",
}
TOLD = {word: fact for fact, words in FACTS.items() for word in words.split()}
MOMENT = re.compile(
    r"(?:(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4}),?[ T]+)?"
    r"(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2}))?(?:\.\d+)?\s*(?P<half>[ap])?\.?m?\.?\s*(?P<utc>z|utc|gmt)?",
    re.IGNORECASE,
)
SPAN = re.compile(r"(\d+(?:[.,]\d+)?)\s*(h|m|s)", re.IGNORECASE)


class NotAReport(Exception):
    """Why the file cannot be read, in a sentence for who chose it."""


@dataclass
class Attendee:
    """One person as the report names them, over all their joins."""

    name: str
    email: str
    joined_at: datetime | None = None
    left_at: datetime | None = None
    minutes: int | None = None


@dataclass
class Report:
    people: list[Attendee]
    topic: str = ""
    began_at: datetime | None = None  # as far as it says

    def is_of(self, meeting: Meeting) -> bool:
        """Whether its times are those of this call; True where it says none."""
        return self.began_at is None or _is_near(self.began_at, meeting)

    def names(self, meeting: Meeting) -> bool:
        """Whether its topic shares a word with the call or its committee; True where it says none."""
        ours = _words(f"{meeting.title} {meeting.committee.name}")
        return not self.topic or not ours or bool(_words(self.topic) & ours)


def read(content: bytes, meeting: Meeting, zones: Iterable[tzinfo]) -> Report:
    """The report in a file. Raises NotAReport with a sentence that says why there is none."""
    rows, columns, facts = _table(_text(content))
    lines = [entry for row in islice(rows, MOST_ROWS) if (entry := _entry(row, columns))]
    if not lines:
        raise NotAReport(_("The report has no people in it."))
    told = [each.starts for each in lines if each.starts] + [facts.get("starts", "")]
    topic = facts.get("topic") or next((each.topic for each in lines if each.topic), "")
    reading = _reading([each.joined for each in lines], told[0], meeting, list(zones))
    people = _summed(lines, reading)
    if len(people) > MOST_PEOPLE:
        raise NotAReport(_("The report has more than %(n)d people. Split it in two.") % {"n": MOST_PEOPLE})
    began = [each.joined_at for each in people if each.joined_at]
    start = reading.moment(told[0])
    return Report(people, topic, min(began) if began else start)


# The file ------------------------------------------------------------------------------------------


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise NotAReport(_("This file is larger than a report gets: at most 1 MB."))
    if not content.strip(b" \t\r\n\0"):
        raise NotAReport(_("The file is empty. Export the report again and choose that file."))
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise NotAReport(_("That’s an Excel file. Open it, choose “Save as”, and take CSV."))
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")):
        raise NotAReport(_("That’s no CSV. Export the report as CSV, and choose that file."))
    text = _decoded(content)
    if sum(not letter.isprintable() and letter not in "\t\r\n\ufeff" for letter in text[:4000]) > 8:
        raise NotAReport(_("That’s no CSV. Export the report as CSV, and choose that file."))
    return text.replace("\0", "")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content[1:200:2].count(0) > 40:  # Latin letters in two bytes, without a mark
        return content.decode("utf-16-le", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _table(text: str) -> tuple[Iterator[list[str]], dict[str, int], dict[str, str]]:
    """The rows below the head of the table, which column is what, and what stands above it."""
    for delimiter in ("\t", ",", ";"):
        rows = _rows(text, delimiter)
        above: list[list[str]] = []
        for row in islice(rows, 60):
            columns = _columns(row)
            if columns:
                return _until_it_ends(rows), columns, _facts(above)
            above.append(row)
    raise NotAReport(
        _("We can’t find the people in it. It needs a column with names, and one with emails, times or minutes.")
    )


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_cell(cell) for cell in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise NotAReport(_("That’s no CSV. Export the report as CSV, and choose that file.")) from error


def _cell(cell: str) -> str:
    """Without the ="…" by which Webex keeps spreadsheets from reading a date."""
    cell = cell[: 2 * MOST_LETTERS].strip().removeprefix("\ufeff")
    formula = re.fullmatch(r'="(.*)"', cell)
    return line(formula[1] if formula else cell)[:MOST_LETTERS]


def _columns(row: list[str]) -> dict[str, int]:
    """Which column is what, if this is the head of the people."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        column = KNOWN.get(_plain(cell))
        if column:
            found.setdefault(column, place)
    named = "name" in found or "first" in found
    return found if named and {"email", "joined", "minutes"} & found.keys() else {}


def _until_it_ends(rows: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in rows:
        if not any(row) or re.match(r"\d+\. ", row[0]):
            return
        yield row


def _facts(above: list[list[str]]) -> dict[str, str]:
    """What a report says before its people: a word and its value beside it (Teams), or below it (Zoom)."""
    told: dict[str, str] = {}
    nothing: list[str] = []
    for row, below in zip(above, [*above[1:], nothing], strict=False):
        labels = {place: TOLD[_plain(cell)] for place, cell in enumerate(row) if _plain(cell) in TOLD}
        is_pair = len([cell for cell in row if cell]) == 2 and 0 in labels
        for place, fact in labels.items():
            value = row[1] if is_pair and len(row) > 1 else below[place] if place < len(below) else ""
            if value:
                told.setdefault(fact, value)
    return told


def _plain(cell: str) -> str:
    return re.sub(r"[^a-z0-9]", "", cell.casefold())


def _words(text: str) -> set[str]:
    common = {"call", "meeting", "monthly", "weekly", "committee", "with", "the", "and", "zoom", "for"}
    return set(re.findall(r"\w{3,}", text.casefold())) - common


# Rows ----------------------------------------------------------------------------------------------


@dataclass
class _Line:
    name: str
    email: str
    joined: str
    left: str
    minutes: str
    topic: str
    starts: str


def _entry(row: list[str], columns: dict[str, int]) -> _Line | None:
    def cell(column: str) -> str:
        place = columns.get(column)
        return row[place] if place is not None and place < len(row) else ""

    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    email = cell("email").casefold() if "@" in cell("email") else ""
    if not name and not email:
        return None
    joined, left = cell("joined"), cell("left")
    if cell("act").casefold() == "left":
        joined, left = "", joined
    return _Line(name, email, joined, left, cell("minutes"), cell("topic"), cell("starts"))


def _summed(lines: list[_Line], reading: _Reading) -> list[Attendee]:
    """One for each person: first join, last leave, and the minutes in the room, whatever devices they came with."""
    people: dict[str, Attendee] = {}
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for each in lines:
        key = each.email or each.name.casefold()
        person = people.setdefault(key, Attendee(each.name, each.email))
        joined, left = reading.moment(each.joined), reading.moment(each.left)
        person.joined_at = min(filter(None, (person.joined_at, joined)), default=None)
        person.left_at = max(filter(None, (person.left_at, left)), default=None)
        minutes = _minutes(each.minutes)
        if minutes is not None:
            person.minutes = min((person.minutes or 0) + minutes, 1440)
        if joined and left and left > joined:
            spans.setdefault(key, []).append((joined, left))
    for key, person in people.items():
        joins = spans.get(key, [])
        if not joins and person.joined_at and person.left_at:
            joins = [(person.joined_at, person.left_at)]  # of an old report of Teams, with a row for each act
        if len(joins) > 1 or (joins and person.minutes is None):
            person.minutes = _covered(joins)
    return list(people.values())


def _covered(spans: list[tuple[datetime, datetime]]) -> int:
    """Minutes that at least one of them covers."""
    total, until = timedelta(), None
    for begin, end in sorted(spans):
        begin = max(begin, until) if until else begin
        total += max(end - begin, timedelta())
        until = max(end, until) if until else end
    return min(round(total.total_seconds() / 60), 1440)


def _minutes(text: str) -> int | None:
    """Of 63, "63 mins", "1h 2m 30s", "1 hr 2 min", "1:02:30"."""
    if clock := re.fullmatch(r"(\d{1,3}):(\d{2})(?::(\d{2}))?", text):
        hours, minutes = (clock[1], clock[2]) if clock[3] else ("0", clock[1])
        return min(int(hours) * 60 + int(minutes), 1440)
    if whole := re.fullmatch(r"(\d{1,6})(?:[.,]\d+)?", text):
        return min(int(whole[1]), 1440)
    parts = [(float(number.replace(",", ".")[:9]), unit.casefold()) for number, unit in SPAN.findall(text)]
    seconds = sum(number * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts)
    return min(round(seconds / 60), 1440) if parts else None


# Times ---------------------------------------------------------------------------------------------


@dataclass
class _Reading:
    """How this file writes a moment: in which zone, and whether the day comes before the month."""

    zone: tzinfo
    day: date
    day_first: bool = False
    seen: dict[str, datetime | None] = field(default_factory=dict)

    def moment(self, text: str) -> datetime | None:
        if text not in self.seen:
            self.seen[text] = self._moment(text)
        return self.seen[text]

    def _moment(self, text: str) -> datetime | None:
        found = MOMENT.search(text)
        if found is None:
            return None
        hour = int(found["h"])
        if found["half"]:
            hour = hour % 12 + (12 if found["half"].casefold() == "p" else 0)
        try:
            day = self._day(found)
            return datetime(
                day.year,
                day.month,
                day.day,
                hour,
                int(found["m"]),
                int(found["s"] or 0),
                tzinfo=UTC if found["utc"] else self.zone,
            ).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def _day(self, found: re.Match[str]) -> date:
        if found["a"] is None:
            return self.day
        a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
        if len(found["a"]) == 4:
            return date(a, b, c)
        year = c + 2000 if c < 100 else c
        day_first = self.day_first or "." in found[0]
        month, day = (b, a) if day_first and b <= 12 else (a, b)
        return date(year, day, month) if month > 12 else date(year, month, day)


def _reading(joined: list[str], starts: str, meeting: Meeting, zones: list[tzinfo]) -> _Reading:
    """The one in which the report is nearest to this call: the host's zone stands nowhere."""
    readings = [
        _Reading(zone, meeting.starts_at.astimezone(zone).date(), day_first)
        for zone in [*zones, UTC]
        for day_first in (False, True)
    ]
    texts = [text for text in joined if text][:50] or [starts]
    return min(readings, key=lambda reading: _distance(reading, texts, meeting))  # of equal ones the first


def _distance(reading: _Reading, texts: list[str], meeting: Meeting) -> timedelta:
    """How far from the start most people came."""
    moments = sorted(moment for text in texts if (moment := reading.moment(text)))
    return abs(moments[len(moments) // 2] - meeting.starts_at) if moments else timedelta.max


def _is_near(moment: datetime, meeting: Meeting) -> bool:
    return meeting.starts_at - EARLY <= moment <= meeting.ends_at + LATE

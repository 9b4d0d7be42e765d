"""Dates as a list writes them: which of day and month comes first is decided over whole columns, never for one cell."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from members.roster.reading.cells import is_nothing

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr", "may mayo", "june jun junio",
            "july jul julio", "august aug agosto ago", "september sep sept septiembre", "october oct octubre",
            "november nov noviembre", "december dec diciembre dic",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))})\.?"
TIME = re.compile(
    r"(?:[T\s]+|,\s*)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[A-Z]{3,4}|[+-]\d{2}:?\d{2})?$"
)
WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]?\s+", re.IGNORECASE)
ABOUT = re.compile(
    r"^(?:on|by|until|thru|through|ends?|expires?|exp\.?|est\.?|approx\.?|circa|c\.|~|since|from)\s+", re.IGNORECASE
)
YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
PACKED = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
FIGURES = re.compile(r"^(\d{1,2})\s?[-/.\s]\s?(\d{1,2})\s?[-/.\s]\s?(\d{4}|'?\d{2})$")
MONTH_DAY = re.compile(
    rf"^{MONTH}\s*-?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*[,-]\s*|\s+)(?P<year>\d{{4}}|'?\d{{2}})$", re.IGNORECASE
)
DAY_MONTH = re.compile(
    rf"^(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s.-]*(?:de\s+)?{MONTH}(?:\s+de)?[\s,.-]*(?P<year>\d{{4}}|'?\d{{2}})$",
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(
    rf"^{MONTH}[\s,/-]*(?:de\s+)?(?P<year>\d{{4}}|'\d{{2}}|(?<=-)\d{{2}}|(?<=[a-z]\s)\d{{2}})$", re.IGNORECASE
)
FIGURE_YEAR = re.compile(r"^(\d{1,2})[-/](\d{4})$")
YEAR_MONTH = re.compile(r"^(\d{4})[-/](\d{1,2})$")
YEAR = re.compile(r"^((?:19|20)\d{2})(?:\.0)?$")
SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
SERIALS = range(20_000, 73_051)  # 1954 to 2099
FIRST_DAY = date(1899, 12, 30)
YEARS = range(1900, 2101)
OPEN = frozenset(
    [
        "present",
        "current",
        "incumbent",
        "ongoing",
        "now",
        "at large",
        "life",
        "indefinite",
        "no end",
        "open",
        "no term limit",
        "n/a (appointed)",
    ]
)
BETWEEN = re.compile(
    r"\s*(?:–|—|\bto\b|\bthrough\b|\bthru\b|\buntil\b|\s-\s|(?<=\d{4})-(?=(?:19|20)?\d{2}\b))\s*", re.IGNORECASE
)


@dataclass(frozen=True)
class Habit:
    is_day_first: bool = False


@dataclass(frozen=True)
class Read:
    """`on` is the day; `is_partial` where only a month or year stood there; `is_wrong` where what stands there is no date."""

    on: date | None = None
    is_partial: bool = False
    is_wrong: bool = False


def habit_of(columns: Iterable[Iterable[str]]) -> list[Habit]:
    """The habit of each column. One that does not tell has that of the others; where none tells, the month comes first."""
    votes = [_votes(cells) for cells in columns]
    of_all = sum(votes)
    return [Habit((vote or of_all) > 0) for vote in votes]


def _votes(cells: Iterable[str]) -> int:
    """How many dates can only have the day first, less those that can only have the month first."""
    votes = 0
    for half in (half for cell in cells for half in BETWEEN.split(cell.strip())):
        figures = FIGURES.match(_bare(half))
        if figures:
            first, second = int(figures[1]), int(figures[2])
            votes += (12 < first <= 31 and second <= 12) - (12 < second <= 31 and first <= 12)
    return votes


def read(cell: str, habit: Habit = Habit(), *, is_end: bool = False) -> Read:
    """The day in a cell. Of a month or a year it is the last one where `is_end`, else the first."""
    text = _bare(cell)
    if not text or is_nothing(text) or text.lower() in OPEN or not text.strip("0-/ :"):
        return Read()
    whole = _whole(text, habit)
    if whole is not None:
        return _on(*whole)
    serial = SERIAL.match(text)
    if serial:
        return Read(FIRST_DAY + timedelta(int(serial[1]))) if int(serial[1]) in SERIALS else Read(is_wrong=True)
    year, month = _partly(text)
    if not year or year not in YEARS or month > 12:
        return Read(is_wrong=True)
    last = month or (12 if is_end else 1)
    return Read(date(year, last, monthrange(year, last)[1] if is_end else 1), is_partial=True)


def span(cell: str, habit: Habit = Habit()) -> tuple[Read, Read]:
    """A term in one cell, "2023-2027" or "Jan 2023 to Dec 2026"; one date alone is its end."""
    halves = [half for half in BETWEEN.split(_bare(cell), maxsplit=1) if half]
    if len(halves) == 2 and re.fullmatch(r"\d{2}", halves[1]):
        halves[1] = f"{halves[0][:2]}{halves[1]}"
    if len(halves) == 2:
        return read(halves[0], habit), read(halves[1], habit, is_end=True)
    return Read(), read(cell, habit, is_end=True)


def looks_like_one(cell: str) -> bool:
    return (
        read(cell).on is not None
        or read(cell, Habit(is_day_first=True)).on is not None
        or bool(BETWEEN.search(cell.strip()))
    )


def is_full(cell: str) -> bool:
    """Whether it is a day rather than a number that may be one."""
    text = _bare(cell)
    return _whole(text, Habit()) is not None and not PACKED.match(text)


def _bare(cell: str) -> str:
    text = " ".join(cell.replace("\u2011", "-").split()).strip(" ,;")
    text = WEEKDAY.sub("", TIME.sub("", text))
    return re.sub(r"\.0+$", "", ABOUT.sub("", text)).strip(" ,;*")


def _whole(text: str, habit: Habit) -> tuple[int, int, int] | None:
    """(year, month, day) as written, which may be no day at all."""
    found = YEAR_FIRST.match(text) or PACKED.match(text)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = FIGURES.match(text)
    if found:
        first, second = int(found[1]), int(found[2])
        day, month = (first, second) if habit.is_day_first else (second, first)
        return _year(found[3]), month, day
    found = MONTH_DAY.match(text) or DAY_MONTH.match(text)
    return (_year(found["year"]), MONTHS[found["month"].lower()], int(found["day"])) if found else None


def _on(year: int, month: int, day: int) -> Read:
    try:
        return Read(date(year, month, day)) if year in YEARS else Read(is_wrong=True)
    except ValueError:
        return Read(is_wrong=True)


def _partly(text: str) -> tuple[int, int]:
    """(year, month or 0); year 0 for none."""
    found = MONTH_YEAR.match(text)
    if found:
        return _year(found["year"]), MONTHS[found["month"].lower()]
    if found := FIGURE_YEAR.match(text):
        return int(found[2]), int(found[1])
    if found := YEAR_MONTH.match(text):
        return int(found[1]), int(found[2])
    found = YEAR.match(text)
    return (int(found[1]), 0) if found else (0, 0)


def _year(text: str) -> int:
    """Of two digits, one within the terms of people who serve today."""
    digits = text.lstrip("'")
    if len(digits) == 4:
        return int(digits)
    return 2000 + int(digits) if int(digits) < 70 else 1900 + int(digits)

"""What a line of a list is that is no person: blank, the headings once more, a total, a note."""

from __future__ import annotations

import re

from members.place_names.words import STATE_OF, fold
from members.roster.reading import offices
from members.roster.reading.addresses import found_in
from members.roster.reading.cells import cleaned
from members.roster.reading.heading_words import spelled
from members.roster.reading.person_names import OFFICE
from members.roster.reading.sheets import Line, Sheet

TOTAL = re.compile(
    r"^(?:(?:grand|sub)[\s-]?)?totals?\b|^(?:count|sum|average|avg|n)\s*[:=]?\s*$|^(?:count|sum|average|total|number) of\b"
    r"|^(?:records?|rows?|members?|people|contacts?|subscribers)\s*[:=]\s*\d*\s*$|^\(?\d+ (?:records?|rows?|members?|people|contacts?|total|officials?|subscribers)\b",
    re.IGNORECASE,
)
NOTE = re.compile(
    r"^\W*(?:notes?|sources?|generated|exported|prepared|compiled|last updated|updated|as of|confidential|copyright|©|page \d|report|filter(?:ed|s)?"
    r"|see|please|key|legend|created by|created on|run (?:by|on)|data (?:as of|from|source)|printed|end of|continued|disclaimer|for (?:internal|questions)|questions"
    r"|contact (?:us|the)|this (?:list|report|file|document|spreadsheet)|all rights|do not|updated by|maintained by|revised|draft|internal use|\* )\b|^\W*(?:copyright|©|\(c\) \d{4})",
    re.IGNORECASE,
)


def of_no_person(line: Line, sheet: Sheet, columns: dict[int, str]) -> str:
    """The reason why the line is ignored, "" for a line that is to be a person."""
    filled = {at: text for at, cell in enumerate(line.cells) if (text := cleaned(cell))}
    if not filled:
        return "blank_row"
    if _repeats_headings(filled, sheet):
        return "repeated_headings"
    if any(
        columns.get(at) in ("email", "other_email") and found_in(text).addresses and not _is_sentence(text, len(filled))
        for at, text in filled.items()
    ):
        return ""
    first = filled[min(filled)]
    if TOTAL.match(first) or (len(filled) <= 3 and any(TOTAL.match(text) for text in filled.values())):
        return "total_row"
    if all(re.fullmatch(r"[\d.,%$\s/-]+", text) for text in filled.values()):
        return "total_row"
    if NOTE.match(first) and len(filled) <= 3:
        return "note_row"
    return "note_row" if len(filled) == 1 and _is_note(*filled.items(), columns=columns) else ""


def _repeats_headings(filled: dict[int, str], sheet: Sheet) -> bool:
    if not sheet.heading_row:
        return False
    same = sum(
        at < len(sheet.headings) and bool(spelled(text)) and _says(sheet.headings[at], text)
        for at, text in filled.items()
    )
    return (same >= 2 and same >= 0.7 * len(filled)) or (same == len(filled) == 1 and len(sheet.headings) == 1)


def _says(heading: str, text: str) -> bool:
    return spelled(heading) == spelled(text) or (bool(spelled(text)) and spelled(heading).endswith(f" {spelled(text)}"))


def _is_sentence(text: str, filled: int) -> bool:
    return filled == 1 and len(text.split()) > 3


def _is_note(only: tuple[int, str], *, columns: dict[int, str]) -> bool:
    """The one cell of a line is no name: it stands elsewhere, or reads as a heading between groups, a remark, a place."""
    at, text = only
    words = text.split()
    if columns.get(at) in ("email", "other_email"):
        return len(words) > 3 or NOTE.match(text) is not None
    if columns.get(at) not in ("name", "given_name", "family_name"):
        return True
    return (
        len(words) > 5
        or bool(re.search(r"[\d:@=]|\.$|https?", re.sub(r"\b(?:Jr|Sr|[A-Z])\.", "", text)))
        or fold(text) in STATE_OF
        or bool(OFFICE.search(text))
        or offices.is_title_alone(text)
        or text.startswith("*")
    )

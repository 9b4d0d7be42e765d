"""What each column of a list holds, by its heading and, where that does not tell, by what stands in it."""

from __future__ import annotations

import re
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from members.place_names.words import fold
from members.roster.reading.sheets import Sheet

# What a column can be, with the words for staff who correct one. The first is for columns that are left out.
FIELDS = {
    "": _("Leave out"),
    "name": _("Full name"),
    "given_name": _("First name"),
    "middle": _("Middle name"),
    "family_name": _("Last name"),
    "prefix": _("Prefix (Dr., Hon.)"),
    "suffix": _("Suffix (Jr., III)"),
    "nickname": _("What we call them"),
    "email": _("Email"),
    "other_email": _("Another email"),
    "phone": _("Phone"),
    "office": _("Office (title)"),
    "office_level": _("Office level"),
    "jurisdiction": _("City, county or school district"),
    "jurisdiction_id": _("Open Civic Data ID"),
    "county": _("County"),
    "state": _("State"),
    "district": _("District or seat"),
    "term_starts": _("Took office"),
    "term_ends": _("Term ends"),
    "member_id": _("Member ID"),
    "notes": _("Notes"),
    "opted_out": _("Opted out of email"),
}
ONCE = frozenset(FIELDS) - {"", "other_email", "phone", "notes", "opted_out"}  # fields that one column at most has


def guess_columns(sheet: Sheet) -> dict[int, str]:
    """The field for each column by its index, "" for one to leave out."""
    return {index: _named(heading) for index, heading in enumerate(sheet.headings)}


def layout_key(headings: tuple[str, ...]) -> str:
    """What a correction of columns is remembered for: the same headings in the same order, however they are spelled."""
    return sha256("\n".join(fold(heading) for heading in headings).encode()).hexdigest()


NAMES = {"first name": "given_name", "last name": "family_name", "title": "office", "place": "jurisdiction"}


def _named(heading: str) -> str:
    folded = re.sub(r"[ ,]+", " ", fold(heading))
    return NAMES.get(folded) or (folded.replace(" ", "_") if folded.replace(" ", "_") in FIELDS else "")

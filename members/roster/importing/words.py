"""What a plan says in words: why a row is as it is, what may be done with it, what would change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import ImportRow
from members.roster.importing.changes import Change

# Stable words of plan.csv, and their sentences. %(value)s is what stood in the row, %(into)s another row of the file.
REASONS: dict[str, str | Promise] = {
    "new_member": gettext_lazy("Nobody has this email, and nobody there has a name like it."),
    "same_email": gettext_lazy("A member has this email."),
    "former_email": gettext_lazy("A member has this address besides, or had it before."),
    "same_person_in_file": gettext_lazy("The same person as row %(into)s. What it adds is taken from here."),
    "same_member_in_file": gettext_lazy("The same member as row %(into)s. What it adds is taken from here."),
    "two_members_match": gettext_lazy("More than one member fits."),
    "looks_like_member": gettext_lazy("Looks like a member whose email differs."),
    "looks_like_former_member": gettext_lazy("Looks like somebody who left."),
    "looks_like_applicant": gettext_lazy("Looks like somebody who applied and isn’t admitted."),
    "looks_like_row": gettext_lazy("The same name and place as row %(into)s, with another email."),
    "has_applied": gettext_lazy("Has an account and isn’t admitted. Decide the application instead."),
    "left_with_office": gettext_lazy("Was a member until the office ended. Bring them back on their page."),
    "email_belongs_to_another_member": gettext_lazy("A member of another name has this email."),
    "email_belongs_to_another_person_in_file": gettext_lazy("Row %(into)s is somebody else with this email."),
    "email_bounces": gettext_lazy("Mail to this address came back."),
    "asked_to_be_removed": gettext_lazy("Asked us to be removed, or left. We don’t add people back."),
    "missing_email": gettext_lazy("No email."),
    "invalid_email": gettext_lazy("%(value)s isn’t an email."),
    "missing_name": gettext_lazy("No name."),
    "invalid_name": gettext_lazy("%(value)s isn’t a person’s name."),
    "name_too_long": gettext_lazy("The name is longer than 120 letters."),
    "two_people_in_one_row": gettext_lazy("Two people in one row: %(value)s."),
    "wrong_number_of_columns": gettext_lazy("Cells too many or too few: they may have moved."),
    "jurisdiction_unresolved": gettext_lazy("We don’t know which place %(value)s is."),
    "unknown_state": gettext_lazy("We don’t know the state %(value)s."),
    "shared_mailbox": gettext_lazy("No one person’s email: %(value)s is shared."),
    "invalid_phone": gettext_lazy("%(value)s isn’t a phone number."),
    "invalid_term_start": gettext_lazy("The start of the term, %(value)s, isn’t a date."),
    "invalid_term_end": gettext_lazy("The end of the term, %(value)s, isn’t a date."),
    "term_ends_before_it_starts": gettext_lazy("The term ends before it starts: %(value)s."),
    "deceased": gettext_lazy("The list says that %(value)s has died."),
    "state_not_said": gettext_lazy("The list names no state. There is one %(value)s."),
    "vacant_seat": gettext_lazy("A vacant seat."),
    "unreadable_name": gettext_lazy("The name can’t be read: %(value)s."),
    "look_alike_letters": gettext_lazy("The name %(value)s has letters that look like others."),
    "blank_row": gettext_lazy("A blank row."),
    "repeated_headings": gettext_lazy("The headings once more."),
    "total_row": gettext_lazy("A total."),
    "note_row": gettext_lazy("A note, and nobody’s row."),
    # what kept a row from being carried out, or from being taken back
    "changed_since": gettext_lazy("Somebody changed this person since."),
    "other_row_not_imported": gettext_lazy("Row %(into)s wasn’t imported, and this one belongs to it."),
    "not_chosen": gettext_lazy("Left alone, as chosen."),
    "in_use": gettext_lazy("Stays: they signed in, sit on a committee, or were written to since."),
    "gone": gettext_lazy("The account is gone already."),
}
FIELDS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"),
    "title": gettext_lazy("Office"),
    "jurisdiction": gettext_lazy("Place"),
    "district": gettext_lazy("District"),
    "started_on": gettext_lazy("Took office"),
    "ended_on": gettext_lazy("Term ends"),
}
KINDS: dict[str, str | Promise] = {
    "update": gettext_lazy("Update that member"),
    "create": gettext_lazy("Add a new member"),
    "without": gettext_lazy("Take it without that"),
    "skip": gettext_lazy("Skip these rows"),
}


def sentence(reason: str, row: ImportRow) -> str:
    """Words for a reason; one that has none here is told as it is called."""
    words = REASONS.get(reason)
    if words is None:
        told = reason.replace("_", " ").capitalize()
        return f"{told}: {row.value}" if row.value else f"{told}."
    return str(words) % {"value": f"“{row.value}”", "into": row.into}


def choice_label(row: ImportRow, choice: dict[str, Any]) -> str:
    kind = choice["code"].partition(":")[0]
    several = sum(each["code"].startswith("update:") for each in row.choices) > 1
    if kind == "update":
        return _("Update %(name)s") % {"name": choice["name"]} if several else _("Update that member")
    if kind == "place":
        return _("It is %(place)s") % {"place": choice["label"]}
    if kind == "without":
        return _without(row)
    labels = {"create": _("Add a new member"), "merge": _("Merge into row %(into)s"), "skip": _("Skip this row")}
    return labels[kind] % {"into": row.into}


def _without(row: ImportRow) -> str:
    if "date" in row.reason or "term" in row.reason:
        return _("Leave the date empty")
    if "phone" in row.reason:
        return _("Leave the phone empty")
    if "jurisdiction" in row.reason or "state" in row.reason:
        return _("Import without the office")
    return _("Import all the same")


def told_changes(changes: Iterable[Change], places: dict[int, str]) -> Iterator[tuple[str, str, str]]:
    """(field in words, before, after) of what differs; of an office that is new, all of it."""
    for change in changes:
        if change["field"] != "office":
            yield str(FIELDS[change["field"]]), change["before"] or "", change["after"] or ""
            continue
        before, after = change["before"] or {}, change["after"]
        for name in ("title", "jurisdiction", "district", "started_on", "ended_on"):
            if before.get(name, "") != after[name]:
                yield str(FIELDS[name]), _said(name, before.get(name), places), _said(name, after[name], places)


def _said(name: str, value: Any, places: dict[int, str]) -> str:
    if not value:
        return ""
    if name == "jurisdiction":
        return places.get(value, "")
    return date_format(date.fromisoformat(value), "M j, Y") if name.endswith("_on") else str(value)


def places_in(rows: Iterable[ImportRow]) -> set[int]:
    """The governments that the changes of these rows name."""
    changes = [change for row in rows for choice in row.choices for change in choice["changes"]]
    return {change["after"]["jurisdiction"] for change in changes if change["field"] == "office"} | {
        row.person["jurisdiction"] for row in rows if row.person.get("jurisdiction")
    }

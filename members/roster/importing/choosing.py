"""What staff choose for rows of a plan. A choice is one of those that the row offers, or none."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.http import QueryDict

from members.models import Import, ImportRow
from members.models.imports import ImportRowQuerySet
from members.roster.importing.forms import ChoicesForm
from members.roster.importing.pages import kinds_of
from members.text.numbers import key_of

MOST = 200  # rows of one page


def choose(imported: Import, posted: QueryDict) -> int:
    """How many choices are others than before, of those posted as row-<number>. None once it was begun."""
    numbers = [key_of(name.removeprefix("row-")) for name in posted if name.startswith("row-")][:MOST]
    form_rows = imported.rows_of.filter(number__in=[each for each in numbers if each is not None])
    with transaction.atomic():
        rows = _locked(imported, form_rows)
        form = ChoicesForm(posted, rows=rows)
        form.is_valid()
        answers = form.answers()
        changed = [row for row in rows if row.number in answers and answers[row.number] != row.chosen]
        for row in changed:
            row.choice = answers[row.number]
        return _store(imported, changed)


def choose_kind(imported: Import, reason: str, kind: str) -> int:
    """The same for all rows that need a look for one reason, where it can be done with them."""
    with transaction.atomic():
        rows = _locked(imported, imported.rows_of.filter(outcome=ImportRow.Outcome.SUSPECT, reason=reason))
        changed = []
        for row in rows:
            code = next((each["code"] for each in row.choices if each["code"].partition(":")[0] == kind), "")
            if kind in kinds_of(row) and code != row.chosen:
                row.choice = code
                changed.append(row)
        return _store(imported, changed)


def _locked(imported: Import, rows: ImportRowQuerySet) -> list[ImportRow]:
    """Nothing once it is being imported: what was shown is what is done."""
    locked = Import.objects.select_for_update().get(pk=imported.pk)
    return list(rows) if locked.state == Import.State.PLANNED else []


def _store(imported: Import, rows: list[ImportRow]) -> int:
    if rows:
        ImportRow.objects.bulk_update(rows, ["choice"], batch_size=500)
        Import.objects.filter(pk=imported.pk).update(version=F("version") + 1)
    return len(rows)

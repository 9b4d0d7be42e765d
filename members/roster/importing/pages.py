"""What the page of an import shows, by the state it is in: decided here, so that its templates only say it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.models import Import, ImportRow, Jurisdiction
from members.models.imports import ImportRowQuerySet
from members.queries.paging import Page, page_of
from members.roster.importing.forms import ChoicesForm
from members.roster.importing.words import KINDS, places_in, sentence, told_changes

FEW = 10
State, Outcome, Done = Import.State, ImportRow.Outcome, ImportRow.Done
STEPS = (gettext_lazy("File"), gettext_lazy("Columns"), gettext_lazy("Check"), gettext_lazy("Import"))
TITLES: dict[str, str | Promise] = {
    State.PLANNING: gettext_lazy("Reading the list"),
    State.PLANNED: gettext_lazy("Check before importing"),
    State.IMPORTING: gettext_lazy("Importing"),
    State.FINISHED: gettext_lazy("Imported"),
    State.STOPPED: gettext_lazy("Stopped"),
    State.OUTDATED: gettext_lazy("Check again before importing"),
    State.FAILED: gettext_lazy("This list couldn’t be imported"),
    State.UNDOING: gettext_lazy("Taking it back"),
    State.UNDONE: gettext_lazy("Taken back"),
}
TONES = {State.PLANNED: "warn", State.OUTDATED: "warn", State.FAILED: "bad", State.FINISHED: "good"}
LOOK = Q(outcome=Outcome.SUSPECT) | Q(reason=ImportRow.STAYS_OUT)
BEFORE = {
    "look": (gettext_lazy("Need a look"), LOOK),
    "updates": (gettext_lazy("Updates"), Q(outcome=Outcome.UPDATE)),
    "new": (gettext_lazy("New"), Q(outcome=Outcome.CREATE)),
    "skipped": (
        gettext_lazy("Skipped"),
        Q(outcome__in=[Outcome.UNCHANGED, Outcome.MERGE, Outcome.IGNORE]) & ~LOOK,
    ),
    "rejected": (gettext_lazy("Rejected"), Q(outcome=Outcome.REJECT)),
}
NOT_TAKEN = Q(outcome=Outcome.REJECT) | Q(done=Done.FAILED)
AFTER = {
    "missing": (gettext_lazy("Not imported"), NOT_TAKEN),
    "added": (gettext_lazy("Added"), Q(done=Done.CREATED)),
    "updates": (gettext_lazy("Updated"), Q(done=Done.UPDATED)),
    "skipped": (gettext_lazy("Skipped"), Q(done__in=[Done.SKIPPED, Done.UNCHANGED]) & ~NOT_TAKEN),
}
UNDONE = {"kept": (gettext_lazy("Not taken back"), ~Q(undo_reason=""))} | AFTER
CHANGED = {"changed": (gettext_lazy("Changed since"), Q(done_reason=ImportRow.CHANGED_SINCE))} | BEFORE


@dataclass
class Shown:
    """One row in a table: who, what was found, what would change, what is chosen or was done."""

    row: ImportRow
    words: str
    changes: list[tuple[str, str, str]]
    people: list[tuple[str, str]]
    field: Any = None
    done: str = ""

    @property
    def name(self) -> str:
        return self.row.person.get("name") or _("No name")

    @property
    def place(self) -> str:
        written, state = self.row.person.get("place", ""), self.row.person.get("state", "")
        return written if not state or written.endswith(state) else ", ".join(filter(None, [written, state]))

    @property
    def is_locked(self) -> bool:
        return len(self.row.choices) < 2


@dataclass(frozen=True)
class Tab:
    name: str
    label: str
    url: str
    count: str
    current: bool


class ImportPage:
    def __init__(self, imported: Import, query: QueryDict) -> None:
        self.imported, self.query = imported, query
        self.state = imported.state

    # Where it is -----------------------------------------------------------------------------------

    @property
    def title(self) -> str:
        return str(TITLES[self.state])

    @property
    def said(self) -> str:
        number = self.imported.rows
        rows = ngettext("%(n)s row", "%(n)s rows", number) % {"n": intcomma(number)}
        return _("%(file)s, %(rows)s.") % {"file": self.imported.name, "rows": rows}

    @property
    def is_to_check(self) -> bool:
        return self.state == State.PLANNED

    @property
    def has_begun(self) -> bool:
        return self.imported.confirmed_at is not None and self.state != State.OUTDATED

    @property
    def may_stop(self) -> bool:
        return self.state in (State.PLANNING, State.IMPORTING)

    @property
    def may_go_on(self) -> bool:
        return self.state == State.STOPPED and self.has_begun

    @property
    def may_correct_columns(self) -> bool:
        return (
            bool(self.imported.sheet)
            and self.state in (State.PLANNED, State.OUTDATED, State.FAILED, State.STOPPED)
            and not self.has_begun
        )

    @property
    def may_read_again(self) -> bool:
        return self.state in (State.OUTDATED, State.FAILED) or (self.state == State.STOPPED and not self.has_begun)

    @property
    def may_be_undone(self) -> bool:
        return self.imported.may_be_undone

    @property
    def steps(self) -> list[dict[str, Any]]:
        at = 3 if self.has_begun else 2
        over = self.state in (State.FINISHED, State.UNDONE, State.UNDOING)
        columns = reverse("staff_import_columns", args=[self.imported.pk]) if self.may_correct_columns else ""
        return [
            {
                "label": label,
                "state": "done" if number < at or over else "current" if number == at else "todo",
                "url": columns if number == 1 else "",
            }
            for number, label in enumerate(STEPS)
        ]

    @property
    def progress(self) -> dict[str, Any]:
        return progress_of(self.imported)

    # What it shows ---------------------------------------------------------------------------------

    @cached_property
    def _tabs(self) -> dict[str, tuple[Any, Q]]:
        if self.state == State.UNDONE:
            return UNDONE
        if self.state == State.OUTDATED:
            return CHANGED
        return AFTER if self.has_begun else BEFORE

    @cached_property
    def counts(self) -> dict[str, int]:
        counts = {name: Count("pk", filter=which) for name, (_label, which) in self._tabs.items()}
        if self.is_to_check:
            counts |= {"doing": Count("pk", filter=DOING), "waiting": Count("pk", filter=WAITING)}
        return self.imported.rows_of.aggregate(**counts)

    @cached_property
    def tab(self) -> str:
        asked = self.query.get("tab", "")
        if asked in self._tabs:
            return asked
        return next((name for name in self._tabs if self.counts[name]), next(iter(self._tabs)))

    @property
    def tabs(self) -> list[Tab]:
        here = reverse("staff_import", args=[self.imported.pk])
        return [
            Tab(name, str(label), f"{here}?tab={name}", intcomma(self.counts[name]), name == self.tab)
            for name, (label, _which) in self._tabs.items()
            if self.counts[name] or name in ("look", "missing")
        ]

    @property
    def tally(self) -> list[dict[str, Any]]:
        """The four numbers."""
        numbers = self.counts
        if self.has_begun:
            return [
                _number(numbers["added"], gettext_lazy("members added")),
                _number(numbers["updates"], gettext_lazy("members updated")),
                _number(numbers["missing"], gettext_lazy("not imported"), "warn"),
                _number(numbers["skipped"], gettext_lazy("skipped")),
            ]
        return [
            _number(numbers["new"], gettext_lazy("new members")),
            _number(numbers["updates"], gettext_lazy("members updated")),
            _number(numbers["look"], gettext_lazy("need a look from you"), "warn"),
            _number(numbers["skipped"] + numbers["rejected"], gettext_lazy("skipped or rejected")),
        ]

    @cached_property
    def rows(self) -> ImportRowQuerySet:
        return self.imported.rows_of.filter(self._tabs[self.tab][1])

    @cached_property
    def page(self) -> Page:
        everything = self.query.keys() & {"all", "after", "before"}
        size = {} if everything else {"size": FEW}
        return page_of(self.rows, ["number"], self.query, anchors=self.imported.rows_of.all(), **size)

    @property
    def others(self) -> int:
        """How many are not shown at first."""
        few = not self.query.keys() & {"all", "after", "before"}
        return max(0, self.counts[self.tab] - FEW) if few else 0

    @property
    def others_url(self) -> str:
        return f"{reverse('staff_import', args=[self.imported.pk])}?tab={self.tab}&all=1"

    @cached_property
    def form(self) -> ChoicesForm:
        return ChoicesForm(rows=self.page.rows if self.is_to_check else [])

    @cached_property
    def shown(self) -> list[Shown]:
        rows = self.page.rows
        places = {each.pk: str(each) for each in Jurisdiction.objects.filter(pk__in=places_in(rows))}
        return [self._shown(row, places) for row in rows]

    def _shown(self, row: ImportRow, places: dict[int, str]) -> Shown:
        taken = row.will_do or next(iter(row.choices), None) or {"changes": []}
        changes = row.wrote["changes"] if row.wrote else taken["changes"]
        people = {each["member"]: each["name"] for each in row.choices if each["member"] and each.get("name")}
        links = [(name, reverse("staff_member", args=[key])) for key, name in people.items()]
        field = self.form[f"row-{row.number}"] if self.is_to_check and row.choices else None
        return Shown(row, self._words(row), list(told_changes(changes, places)), links, field, self._done(row))

    def _words(self, row: ImportRow) -> str:
        return sentence(row.undo_reason or (row.done_reason if row.done_reason != "skipped" else "") or row.reason, row)

    def _done(self, row: ImportRow) -> str:
        if row.undone_at:
            return _("Not taken back") if row.undo_reason else _("Taken back")
        return row.get_done_display() if row.done else ""

    # The button ------------------------------------------------------------------------------------

    @property
    def doing(self) -> int:
        return self.counts["doing"]

    @property
    def button(self) -> str:
        return ngettext("Import %(n)s row", "Import %(n)s rows", self.doing) % {"n": intcomma(self.doing)}

    @cached_property
    def consequences(self) -> list[str]:
        told = [_("No welcome emails go out."), _("You can undo the whole import for 7 days.")]
        return [waiting, *told] if (waiting := self._waiting_words()) else told

    def _waiting_words(self) -> str:
        number = self.counts["waiting"]
        if not number:
            return ""
        first = [
            str(each)
            for each in self.imported.rows_of.filter(WAITING).order_by("number").values_list("number", flat=True)[:3]
        ]
        if number == 1:
            return _("Row %(row)s is skipped unless you choose.") % {"row": first[0]}
        if number <= len(first):
            return _("Rows %(rows)s are skipped unless you choose.") % {
                "rows": _(" and ").join([", ".join(first[:-1]), first[-1]])
            }
        words = {"rows": ", ".join(first), "n": intcomma(number - len(first))}
        return _("Rows %(rows)s and %(n)s more are skipped unless you choose.") % words

    @cached_property
    def kinds(self) -> list[dict[str, Any]]:
        """Reasons for which several rows need a look, with what may be done with all of them."""
        if not self.is_to_check or self.tab != "look":
            return []
        rows = self.imported.rows_of.filter(outcome=Outcome.SUSPECT).only(
            "number", "reason", "value", "into", "choices"
        )
        number = Counter[str]()
        may: dict[str, set[str]] = {}
        first: dict[str, ImportRow] = {}
        for row in rows.iterator(chunk_size=2000):
            number[row.reason] += 1
            first.setdefault(row.reason, row)
            may.setdefault(row.reason, set()).update(kinds_of(row))
        return [
            {
                "reason": reason,
                "number": count,
                "words": general(first[reason]),
                "choices": [(kind, label) for kind, label in KINDS.items() if kind in may[reason]],
            }
            for reason, count in number.most_common()
            if count > 1 and len(may[reason]) > 1
        ]


DOING = ((~Q(choice="") & ~Q(choice=ImportRow.SKIP)) | (Q(choice="") & ~Q(safe="") & ~Q(safe=ImportRow.SKIP))) & Q(
    outcome__in=[Outcome.CREATE, Outcome.UPDATE, Outcome.SUSPECT]
)
WAITING = Q(outcome=Outcome.SUSPECT, choice="", safe="")


def kinds_of(row: ImportRow) -> set[str]:
    """What can be done with the row as with others of its kind: a member is named only where one alone may be meant."""
    kinds = [each["code"].partition(":")[0] for each in row.choices]
    return {kind for kind in kinds if kind in KINDS and (kind != "update" or kinds.count(kind) == 1)}


def general(row: ImportRow) -> str:
    """The sentence of a reason without what stood in one row."""
    return sentence(row.reason, ImportRow(reason=row.reason, value="…", into=row.into)).replace(
        "“…”", _("what is written")
    )


def _number(number: int, words: Any, tone: str = "") -> dict[str, Any]:
    return {"number": number, "words": words, "tone": tone if number else ""}


def progress_of(imported: Import) -> dict[str, Any]:
    """For the bar of one that a worker is at, with about how long it takes yet."""
    words = _("%(done)s of %(rows)s rows") % {"done": intcomma(imported.done), "rows": intcomma(imported.rows)}
    if imported.begun_at and imported.done:
        seconds = (timezone.now() - imported.begun_at).total_seconds()
        left = round(seconds / imported.done * max(0, imported.rows - imported.done))
        words = f"{words} · {_left(left)}"
    elif not imported.rows:
        words = _("waiting for its turn")
    return {"value": imported.done, "max": max(imported.rows, 1), "words": words}


def _left(seconds: int) -> str:
    if seconds < 90:
        number = max(5, round(seconds / 5) * 5)
        return ngettext("about %(n)d second left", "about %(n)d seconds left", number) % {"n": number}
    number = round(seconds / 60)
    return ngettext("about %(n)d minute left", "about %(n)d minutes left", number) % {"n": number}

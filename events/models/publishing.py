"""What an agenda says, kept with each publication, so that the next one says what changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from committees.models import Document
from events.models.agendas import AgendaItem

Snapshot = dict[str, list[dict[str, Any]]]
NOTHING: Snapshot = {"items": [], "papers": []}
WORDS = ("title", "kind", "minutes", "presenter", "others", "guests", "description")


@dataclass(frozen=True)
class Changes:
    """What an agenda has that an earlier one had not, by title."""

    new_items: list[str] = field(default_factory=list)
    changed_items: list[str] = field(default_factory=list)
    gone_items: list[str] = field(default_factory=list)
    new_papers: list[str] = field(default_factory=list)
    changed_papers: list[str] = field(default_factory=list)
    gone_papers: list[str] = field(default_factory=list)
    reordered: bool = False

    @property
    def count(self) -> int:
        lists = (self.new_items, self.changed_items, self.gone_items)
        papers = (self.new_papers, self.changed_papers, self.gone_papers)
        return sum(map(len, lists + papers)) + self.reordered

    def __bool__(self) -> bool:
        return bool(self.count)


def snapshot(items: Iterable[AgendaItem], papers: dict[int, list[Document]]) -> Snapshot:
    """`items` in their order; `papers` by item, each with its latest version."""
    items = list(items)
    named: dict[int, dict[str, Any]] = {}
    for item in items:
        for paper in papers.get(item.pk, []):
            named.setdefault(paper.pk, {"paper": paper.pk, "title": paper.title, "version": paper.latest_id})
    return {"items": [_row(item) for item in items], "papers": list(named.values())}


def _row(item: AgendaItem) -> dict[str, Any]:
    return {
        "item": item.pk,
        "title": item.title,
        "kind": str(item.kind),
        "minutes": item.minutes,
        "presenter": item.presenter_id,
        "others": item.others,
        "guests": item.guests,
        "description": item.description,
    }


def changes(old: Snapshot, new: Snapshot) -> Changes:
    was, now = ({row["item"]: row for row in each["items"]} for each in (old, new))
    had, has = ({row["paper"]: row for row in each["papers"]} for each in (old, new))
    return Changes(
        new_items=[row["title"] for key, row in now.items() if key not in was],
        changed_items=[row["title"] for key, row in now.items() if key in was and _differs(was[key], row)],
        gone_items=[row["title"] for key, row in was.items() if key not in now],
        new_papers=[row["title"] for key, row in has.items() if key not in had],
        changed_papers=[row["title"] for key, row in has.items() if key in had and had[key] != row],
        gone_papers=[row["title"] for key, row in had.items() if key not in has],
        reordered=[key for key in was if key in now] != [key for key in now if key in was],
    )


def _differs(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return any((old.get(name) or None) != (new.get(name) or None) for name in WORDS)  # some came later than others

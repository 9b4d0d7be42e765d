"""A call of the demo network that is being run right now, through the verb that the page of who runs it uses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from committees.models import Committee
from events.models import Meeting
from events.run.entries import Written
from events.run.recording import record
from portal.demo import texts
from portal.demo.cast import Cast

Story = dict[str, Any]


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    """Run the calls that the story runs, as far as they are on and nobody has started them."""
    for told in texts.table("runs.toml")["runs"]:
        calls = committees[told["committee"]].meetings.not_cancelled().upcoming()
        call = calls.filter(title=told["call"], run=None).first()
        if call and told["by"] in cast:
            record(call, cast[told["by"]], _log(call, told, cast))


def _log(call: Meeting, told: Story, cast: Cast) -> list[Written]:
    items = {item.title: item.pk for item in call.agenda_items.all()}
    here = [{"at": 1, "kind": "here", "user": person.pk} for person in cast.all(told["here"])]
    first, *others = told["entries"]
    return [_written(call, entry, items, number) for number, entry in enumerate([first, *here, *others])]


def _written(call: Meeting, entry: Story, items: dict[str, int], number: int) -> Written:
    fields = {name: value for name, value in entry.items() if name not in ("at", "item")}
    fields["key"] = uuid5(NAMESPACE_URL, f"{call.uid} {number}")
    return Written.of(
        fields | {"item": items.get(entry.get("item", ""), "")}, call.starts_at + timedelta(minutes=entry["at"])
    )

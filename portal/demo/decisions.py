"""What a committee of the demo network decided, one superseded and one tied, and its actions: late, due and done."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from committees.models import Committee
from events.models import ActionItem, Decision
from members.times.clock import today
from portal.demo import texts
from portal.demo.cast import Cast

Story = dict[str, Any]
PERSONS = ("mover", "seconder", "owner")
AFTERNOON = time(15, 20)


def load(cast: Cast, committees: dict[str, Committee]) -> None:
    """Each once, by a key made of its words."""
    told = texts.table("decisions.toml")
    recorded: list[Decision] = []
    for story in told["decisions"]:
        recorded.append(_decide(story, committees[story["committee"]], cast, recorded))
    for story in told["actions"]:
        _assign(story, committees[story["committee"]], cast)


def _decide(story: Story, committee: Committee, cast: Cast, earlier: list[Decision]) -> Decision:
    at = datetime.combine(today() + timedelta(days=story["days"]), AFTERNOON, ZoneInfo(committee.timezone))
    fields: dict[str, Any] = {name: story[name] for name in ("method", "ayes", "noes", "abstentions") if name in story}
    call = committee.meetings.filter(title=story["call"]).first() if "call" in story else None
    return Decision.record(
        committee,
        cast[story["by"]],
        key=uuid5(NAMESPACE_URL, story["motion"]),
        motion=story["motion"],
        decided_at=call.starts_at + timedelta(minutes=40) if call else at,
        meeting=call,
        here=None,
        supersedes=earlier[story["supersedes"]] if "supersedes" in story else None,
        **fields,
        **_people(story, cast),
    )


def _assign(story: Story, committee: Committee, cast: Cast) -> None:
    action = ActionItem.assign(
        committee,
        cast[story["by"]],
        key=uuid5(NAMESPACE_URL, story["text"]),
        text=story["text"],
        owner_name=story.get("owner_name", ""),
        due_on=today() + timedelta(days=story["due"]) if "due" in story else None,
        **_people(story, cast),
    )
    if story.get("done"):
        action.finish(cast[story["by"]])


def _people(story: Story, cast: Cast) -> dict[str, Any]:
    return {name: cast[story[name]] for name in PERSONS if story.get(name) in cast.by_name}

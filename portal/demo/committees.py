"""Committees of the demo network, who is on them, and who asks to be."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from committees.models import Committee, IssueArea, JoinRequest, Membership
from members.models import User
from members.times.clock import today
from portal.demo import texts
from portal.demo.cast import Cast

TWO_ONLY = {"Teresa Villanueva", "Denise Whitfield", "Marcus Oyelaran"}  # their committees are part of the story
FIXED = {"economic-justice", "wisconsin"}  # so are the people of these
GROUNDS = (
    "slug",
    "name",
    "kind",
    "purpose",
    "rhythm",
    "join_policy",
    "confidential",
    "timezone",
    "quilt_block",
    "quilt_hue",
)


def load(cast: Cast, issues: dict[str, IssueArea]) -> dict[str, Committee]:
    story = texts.table("committees.toml")["committees"]
    found = {}
    for row in story:
        committee = Committee.objects.create(
            issue=issues.get(row.get("issue", "")), **{name: row[name] for name in GROUNDS if name in row}
        )
        _seat(committee, row, cast)
        found[committee.slug] = committee
    return found


def _seat(committee: Committee, row: dict[str, Any], cast: Cast) -> None:
    chairs, liaison = cast.all(row["chairs"]), cast[row["liaison"]]
    for chair in chairs:
        Membership.begin(committee, chair, by=cast.admin, role=Membership.Role.CHAIR)
    Membership.begin(committee, liaison, by=cast.admin, role=Membership.Role.LIAISON)
    for person in _members(committee.slug, row["people"] - len(chairs) - 1, set(row["chairs"]), cast):
        Membership.begin(committee, person, by=person)


def _members(slug: str, places: int, seated: set[str], cast: Cast) -> list[User]:
    """Those whose row says so, then as many others as there are places."""
    named = [person for person in cast.officials if slug in cast.seats[person.name] and person.name not in seated]
    if slug in FIXED:
        assert len(named) == places, f"{slug} has {len(named)} people for {places} places"
        return named
    others = [person for person in cast.officials if person not in named and person.name not in seated | TWO_ONLY]
    others = [person for person in others if slug != "climate-and-environment" or person.timezone != "America/Denver"]
    return named[:places] + Random(slug).sample(others, max(0, places - len(named)))


def load_requests(cast: Cast, committees: dict[str, Committee]) -> None:
    for row in texts.table("requests.toml")["requests"]:
        request = JoinRequest.objects.create(
            committee=committees[row["committee"]], user=cast[row["who"]], message=row["message"]
        )
        request.asked_at = timezone.now() - timedelta(days=row["days_ago"], hours=2)
        request.save(update_fields=["asked_at"])


def seated_long_ago() -> None:
    """`Membership.begin` seats from today on; people have been here for months and years, chairs longest."""
    seats = list(Membership.objects.select_related("user", "committee").order_by("pk"))
    for seat in seats:
        admitted_on = timezone.localdate(seat.user.admitted_at)
        seat.started_on = min(max(today() - timedelta(days=_days(seat)), admitted_on), today())
    Membership.objects.bulk_update(seats, ["started_on"], batch_size=500)


def _days(seat: Membership) -> int:
    """Co-chairs were seated one after the other, as they are named."""
    chance = Random(f"{seat.committee.slug} {seat.user.name}")
    if seat.role == Membership.Role.MEMBER:
        return int(chance.triangular(5, 900, 120))
    return 900 - seat.pk % 100 - (0 if seat.role == Membership.Role.CHAIR else 300)

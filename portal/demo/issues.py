"""What the demo organization stands for: issues with a vision, and what it published about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from committees.models import IssueArea, Publication
from members.times.clock import today
from portal.demo import texts
from portal.demo.cast import Cast


def load(cast: Cast) -> dict[str, IssueArea]:
    found = {}
    for name in texts.names("issues", ".toml"):
        told = texts.table(name)
        issue = _add_issue(told)
        for publication in told["publications"]:
            _publish(issue, publication, cast)
        found[issue.slug] = issue
    return found


def _add_issue(told: dict[str, Any]) -> IssueArea:
    return IssueArea.objects.create(
        slug=told["slug"],
        name=told["name"],
        tagline=_one_line(told["tagline"]),
        vision=told["vision"].strip(),
        levers=told["levers"],
        position=told["position"],
        published_at=timezone.now() - timedelta(days=400),
    )


def _publish(issue: IssueArea, told: dict[str, Any], cast: Cast) -> None:
    """A row without `days_ago` is a draft."""
    days_ago = told.get("days_ago")
    Publication.objects.create(
        issue=issue,
        type=told["type"],
        slug=slugify(told["title"])[:100],
        title=told["title"],
        kicker=told.get("kicker", ""),
        summary=_one_line(told["summary"]),
        body=told.get("body", "").strip(),
        external_url=told.get("external_url", ""),
        featured=told.get("featured", False),
        dated_on=today() - timedelta(days=days_ago or 0),
        published_at=None if days_ago is None else timezone.now() - timedelta(days=days_ago, hours=1),
        author=cast[told["author"]] if "author" in told else None,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())

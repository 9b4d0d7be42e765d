"""What the demo organization stands for: issues with a vision, and what it published about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.text import slugify

from committees.models import IssueArea, Publication
from committees.pictures import showing
from committees.pictures.rendering import render
from committees.publications import pdfs
from members.times.clock import today
from portal.demo import drawing, pdf, texts
from portal.demo.cast import Cast
from portal.demo.manuscript import blocks


def load(cast: Cast) -> dict[str, IssueArea]:
    stories = [texts.table(name) for name in texts.names("issues", ".toml")]
    found = {told["slug"]: _add_issue(told, cast) for told in stories}
    for told in stories:
        for publication in told["publications"]:
            _publish(found[told["slug"]], publication, cast, found)
    return found


def _add_issue(told: dict[str, Any], cast: Cast) -> IssueArea:
    issue = IssueArea.objects.create(
        slug=told["slug"],
        name=told["name"],
        tagline=_one_line(told["tagline"]),
        vision=told["vision"].strip(),
        levers=told["levers"],
        position=told["position"],
        published_at=timezone.now() - timedelta(days=400),
    )
    if "picture" in told:
        _illustrate(issue, told["picture"], cast)
    return issue


def _publish(issue: IssueArea, told: dict[str, Any], cast: Cast, issues: dict[str, IssueArea]) -> None:
    """A row without `days_ago` is a draft."""
    days_ago = told.get("days_ago")
    publication = Publication(
        issue=issue,
        type=told["type"],
        slug=slugify(told["title"])[:100],
        title=told["title"],
        kicker=told.get("kicker", ""),
        summary=_one_line(told["summary"]),
        body=told.get("body", "").strip(),
        external_url=told.get("external_url", ""),
        states=told.get("states", []),
        dated_on=today() - timedelta(days=days_ago or 0),
        pinned_until=today() + timedelta(days=told["pinned_for"]) if "pinned_for" in told else None,
        author_name=told.get("author", ""),
    )
    out_at = None if days_ago is None else timezone.now() - timedelta(days=days_ago, hours=1)
    publication.store(cast.organizer, out_at, also_about=[issues[slug] for slug in told.get("also_about", [])])
    if "picture" in told:
        _illustrate(publication, told["picture"], cast)
    if told.get("pdf"):
        raw, _pages = pdf.write(
            blocks(f"# {publication.title}\n\n{publication.body.replace('*', '')}"), publication.title
        )
        pdfs.attach(publication, cast.organizer, pdfs.examine_pdf(SimpleUploadedFile("report.pdf", raw)))


def _illustrate(owner: IssueArea | Publication, told: dict[str, str], cast: Cast) -> None:
    """Drawn, and sent the way staff send one."""
    rendered = render(SimpleUploadedFile("picture.png", drawing.draw(told["scene"])))
    words = {name: told[name] for name in ("description", "credit")}
    showing.show(owner, cast.organizer, rendered=rendered, **words)


def _one_line(text: str) -> str:
    return " ".join(text.split())

"""Minutes of the demo network in each of their states, written through the verbs that the pages use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from events.models import Meeting, Minutes
from events.record.minutes import reading, writing
from events.record.minutes.drafting import OTHER, Document
from events.record.minutes.writing import Typed, mark
from members.times import clock
from portal.demo import texts
from portal.demo.cast import Cast

Story = dict[str, Any]
COMMENTS_FOR = timedelta(days=7)


def load(cast: Cast) -> None:
    for told in texts.table("minutes.toml")["minutes"]:
        meeting = Meeting.objects.past().select_related("committee", "organizer").filter(title=told["call"]).first()
        if meeting and meeting.organizer and not Minutes.objects.filter(meeting=meeting).exists():
            _write(told, meeting, cast)


def _write(told: Story, meeting: Meeting, cast: Cast) -> None:
    by = meeting.organizer
    assert by
    words = {each["item"]: each["text"] for each in told["words"]}
    writing.save(meeting, by, _typed(writing.current(meeting), words))
    choice = {"silently": told.get("silently", False), "audience": "members" if told.get("for_all") else "committee"}
    minutes = writing.send(meeting, by, until=clock.today() + COMMENTS_FOR, **choice)
    assert minutes
    for said in told.get("comments", []):
        _comment(said, minutes, cast)
    for said in told.get("objections", []):
        if said["by"] in cast:
            minutes.object(cast[said["by"]], said["reason"])
    if told.get("approved"):
        writing.approve(minutes, by)
    if amended := told.get("amended"):
        document = writing.current(meeting, minutes)
        standing = minutes.standing()
        assert standing
        typed = _typed(document, {"": amended["text"]})
        writing.amend(minutes, by, typed, seen=standing.number, reason=amended["reason"])
    _set_back(minutes, timedelta(days=told["sent_days_ago"]))


def _typed(document: Document, words: dict[str, str]) -> dict[str, Typed]:
    """By part; "" is what belongs to no item."""
    found = {}
    for section in document.sections:
        text = words.get("" if section.key == OTHER else section.title)
        if text:
            part = section.texts[-1] if not section.texts[0].text else section.texts[0]
            found[part.key] = Typed(text, mark(part.text))
    return found


def _comment(said: Story, minutes: Minutes, cast: Cast) -> None:
    if said["by"] not in cast:
        return
    sections = reading.shown(writing.current(minutes.meeting, minutes))
    section = next((each for each in sections if reading.find(each.paragraphs, said["quote"])), sections[-1])
    comment = minutes.comment(cast[said["by"]], said["words"], section=section.key, quote=said["quote"])
    if said.get("answer_by", "") in cast:
        minutes.comment(
            cast[said["answer_by"]], said["answer"], section=section.key, quote=said["quote"], answers=comment
        )
    if said.get("settled") and minutes.sent_by:
        comment.settle(minutes.sent_by)


def _set_back(minutes: Minutes, ago: timedelta) -> None:
    """As if they had gone out then; those that are approved were so a week later."""
    sent_at = timezone.now() - ago
    minutes.refresh_from_db()
    changed: dict[str, Any] = {"sent_at": sent_at, "begun_at": sent_at - timedelta(hours=1)}
    if minutes.approved_at:
        changed |= {"approved_at": sent_at + COMMENTS_FOR}
        minutes.revisions.filter(approved_at__isnull=False, reason="").update(approved_at=sent_at + COMMENTS_FOR)
        minutes.revisions.filter(reason="").update(written_at=sent_at)
    Minutes.objects.filter(pk=minutes.pk).update(**changed)

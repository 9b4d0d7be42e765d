"""What happens to minutes: saved while they are written, sent, approved by hand or by silence, amended.

The words that a form posts carry a mark of those it showed, part by part: two people who write in two places save both,
and who writes in a place that changed meanwhile is shown that, and keeps the words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from committees.markdown import to_text
from events.models import Meeting, Minutes, MinutesPolicy, MinutesRevision
from events.models.minutes import AmendedMeanwhile
from events.record.minutes.drafting import OTHER, Document, Part, Section, draft
from members.models import BulkSend, User

LONGEST = 20_000  # letters of one part
LONGEST_OF_ALL = 150_000


def mark(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Typed:
    """The words of one part, and the mark of those that the form showed."""

    text: str
    seen: str

    @property
    def is_changed(self) -> bool:
        return mark(self.text) != self.seen


@dataclass(frozen=True)
class Conflict:
    """A part that somebody else changed while this person wrote in it."""

    key: str
    heading: str
    theirs: str
    yours: str

    @property
    def seen(self) -> str:
        return mark(self.theirs)


@dataclass
class Saved:
    document: Document
    minutes: Minutes | None = None
    conflicts: list[Conflict] = field(default_factory=list)


def current(meeting: Meeting, minutes: Minutes | None = None) -> Document:
    """As they stand now: the approved revision, or the latest words with what is known."""
    minutes = minutes or Minutes.objects.filter(meeting=meeting).first()
    return draft(meeting, minutes, minutes.standing() if minutes else None)


@transaction.atomic
def save(meeting: Meeting, by: User, typed: Mapping[str, Typed]) -> Saved:
    """Keep what was typed, but for what would overwrite words its author has not seen (`conflicts`).

    Raises ValidationError for a call without minutes, minutes that are approved, or far too many words.
    """
    minutes = Minutes.begin(meeting, by).locked()
    saved = put(draft(meeting, minutes, minutes.latest()), typed)
    saved.minutes = minutes
    refuse_too_long(saved.document)
    stored = saved.document.stored()
    minutes.keep(by, stored["sections"], stored["facts"])
    return saved


def put(document: Document, typed: Mapping[str, Typed]) -> Saved:
    """The document with these words in their places."""
    left, conflicts = dict(typed), []
    for section in document.sections:
        for place, part in enumerate(section.parts):
            given = left.pop(part.key, None)
            if given is None or not given.is_changed or given.text.strip() == part.text.strip():
                continue
            if given.seen == mark(part.text):
                section.parts[place] = replace(part, text=given.text.strip(), own=True)
            else:
                conflicts.append(Conflict(part.key, section.heading, part.text, given.text))
    stray = [given.text.strip() for given in left.values() if given.is_changed and given.text.strip()]
    if stray:  # its place is gone; the words are not
        _put_last(document, stray)
    return Saved(document, conflicts=conflicts)


def _put_last(document: Document, texts: list[str]) -> None:
    other = next(section for section in document.sections if section.key == OTHER)
    last = other.parts[-1]
    words = "\n\n".join(filter(None, [last.text, *texts]))
    other.parts[-1] = Part(last.key, words, last.entries, own=True)


def refuse_too_long(document: Document) -> None:
    texts = [part.text for section in document.sections for part in section.parts]
    if max(map(len, texts), default=0) > LONGEST or sum(map(len, texts)) > LONGEST_OF_ALL:
        raise ValidationError(_("That is too long for minutes. Put the long text into a document, and name it here."))


# Sending -------------------------------------------------------------------------------------------


@transaction.atomic
def send(meeting: Meeting, by: User, *, until: date, silently: bool, audience: str) -> Minutes | None:
    """Send the minutes as they stand to the committee; None when they were sent already.

    What is chosen is how the committee does it the next time. Raises ValidationError as `Minutes.send`.
    """
    minutes = Minutes.begin(meeting, by).locked()
    if minutes.sent_at is not None:
        return None
    stored = draft(meeting, minutes, minutes.latest()).stored()
    minutes.keep(by, stored["sections"], stored["facts"])
    if not minutes.send(by, until=until, silently=silently, audience=audience):
        return None
    days = min(max((until - minutes.sent_on).days, 1), 60)
    MinutesPolicy.objects.update_or_create(committee=meeting.committee, defaults={"days": days, "silently": silently})
    return minutes


def sending_of(minutes: Minutes) -> BulkSend | None:
    return BulkSend.objects.filter(about=minutes.about, dedupe_key=minutes.dedupe_key).first()


# Approving and amending ----------------------------------------------------------------------------


def words_of(document: Document) -> str:
    """For search: what is written, and the facts, without markup."""
    found = [document.heading.line, *(f"{label}: {names}" for label, names in document.heading.roll)]
    for section in document.numbered:
        found += [section.title, *_words_in(section, document)]
    return "\n".join(found)


def _words_in(section: Section, document: Document) -> list[str]:
    said = []
    for part in section.parts:
        fact = document.fact(part.fact) if part.fact else None
        said.append(fact.in_words if fact else to_text(part.text))
    return [words for words in said if words]


@transaction.atomic
def approve(minutes: Minutes, by: User | None, *, audience: str = "") -> bool:
    """Approve what stands, once; `by` is None where nobody objected in time."""
    locked = minutes.locked()
    document = draft(locked.meeting, locked, locked.latest())
    return minutes.approve(by, audience=audience, frozen=document.to_json(), words=words_of(document))


def approve_what_nobody_objects_to() -> int:
    """Approve the minutes whose time is over without an objection; how many. It may run twice."""
    due = list(Minutes.objects.silently_due().select_related("meeting__committee"))
    return sum(approve(minutes, None) for minutes in due)


@transaction.atomic
def amend(minutes: Minutes, by: User, typed: Mapping[str, Typed], *, seen: int, reason: str) -> MinutesRevision:
    """A further revision with these words; decisions, actions and names stay as they were approved.

    Raises AmendedMeanwhile, or ValidationError as `Minutes.amend`.
    """
    locked = minutes.locked()
    standing = locked.standing()
    if standing is None or standing.heading is None:
        raise ValidationError(_("These minutes aren’t approved yet. Change them instead."), "not_approved")
    saved = put(Document.of_revision(standing), typed)
    if saved.conflicts:
        raise AmendedMeanwhile(standing)
    refuse_too_long(saved.document)
    document = saved.document
    return minutes.amend(by, seen=seen, reason=reason, frozen=document.to_json(), words=words_of(document))

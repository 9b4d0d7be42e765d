"""The draft: what was captured while the call ran, in the order of the agenda and, within an item, of the log.

Words are a person's to change; decisions and actions stay facts that stand between them. A text that nobody touched
follows the log (a note that is taken back or arrives late is gone or there); one that somebody wrote stays as written,
and what arrives after it comes behind it. Nothing of the log is left out or comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import ActionItem, AgendaItem, Decision, LogEntry, Meeting, Minutes, MinutesRevision
from events.record.minutes import names
from events.record.minutes.heading import Heading
from members.models import StaffAppointment, User
from members.times import clock, formats

OTHER = "other"
DECISION, ACTION = "decision", "action"


@dataclass(frozen=True)
class Fact:
    """A decision or an action as it is said: "Decision D-2027-03: …", and below it how the vote went."""

    kind: str
    key: str
    label: str
    words: str
    detail: str
    section: str = OTHER
    url: str = ""
    owner: int | None = None
    lacks: str = ""  # "owner" or "day" of an action that has none

    @property
    def icon(self) -> str:
        return "gavel" if self.kind == DECISION else "square-check"

    def to_json(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in ("kind", "key", "label", "words", "detail", "section", "url", "owner")
        }

    @property
    def in_words(self) -> str:
        return f"{self.label}: {self.words} ({self.detail})" if self.detail else f"{self.label}: {self.words}"


@dataclass(frozen=True)
class Part:
    """Words, or the place of a fact. `own`: somebody wrote them, so they follow the log no more."""

    key: str
    text: str = ""
    entries: tuple[str, ...] = ()
    own: bool = False
    fact: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.fact:
            return {"fact": self.fact}
        return {"key": self.key, "text": self.text, "entries": list(self.entries), "own": self.own}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Part:
        if "fact" in stored:
            return cls(key=f"fact-{stored['fact']}", fact=stored["fact"])
        return cls(stored["key"], stored["text"], tuple(stored["entries"]), stored["own"])


@dataclass
class Section:
    """An agenda item, or what belongs to none. `number` is its place among the items, 0 for none."""

    key: str
    title: str
    number: int = 0
    parts: list[Part] = field(default_factory=list)

    @property
    def heading(self) -> str:
        return f"{self.number}. {self.title}" if self.number else self.title

    @property
    def texts(self) -> list[Part]:
        return [part for part in self.parts if not part.fact]

    @property
    def is_empty(self) -> bool:
        return not any(part.fact or part.text.strip() for part in self.parts)

    def next_key(self) -> str:
        return f"{self.key}.{len(self.texts)}"

    def note(self, entry: str, text: str) -> None:
        """Behind what is there: into the last text if nobody wrote that, or as one of its own."""
        last = self.parts[-1] if self.parts else None
        if last and not last.fact and not last.own:
            self.parts[-1] = replace(last, text=_joined(last.text, text), entries=(*last.entries, entry))
        else:
            self.parts.append(Part(self.next_key(), text, (entry,)))

    def place(self, fact: str) -> None:
        self.parts.append(Part(f"fact-{fact}", fact=fact))

    def open_end(self) -> None:
        """A place to write behind the last fact."""
        if not self.parts or self.parts[-1].fact:
            self.parts.append(Part(self.next_key()))

    def to_json(self) -> dict[str, Any]:
        parts = list(self.parts)
        while parts and not parts[-1].fact and not (parts[-1].text.strip() or parts[-1].entries):
            parts.pop()
        return {"key": self.key, "title": self.title, "number": self.number, "parts": [p.to_json() for p in parts]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Section:
        return cls(stored["key"], stored["title"], stored["number"], [Part.from_json(each) for each in stored["parts"]])


def _joined(*texts: str) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())


@dataclass
class Document:
    """Minutes as they are shown: heading, sections, and the facts by key."""

    heading: Heading
    sections: list[Section]
    facts: dict[str, Fact]

    @property
    def numbered(self) -> list[Section]:
        """Without the places to write that are empty, and without sections of nothing that are no items."""
        return [section for section in self.sections if section.number or not section.is_empty]

    def fact(self, key: str) -> Fact | None:
        return self.facts.get(key)

    def to_json(self) -> dict[str, Any]:
        return {
            "sections": [section.to_json() for section in self.sections],
            "facts": {key: fact.to_json() for key, fact in self.facts.items()},
            "heading": self.heading.to_json(),
        }

    def stored(self) -> dict[str, Any]:
        """Without the heading, which is a fact until they are approved."""
        return {name: value for name, value in self.to_json().items() if name != "heading"}

    @classmethod
    def of_revision(cls, revision: MinutesRevision) -> Document:
        """An approved one, as it was approved."""
        facts = {key: Fact(**stored) for key, stored in revision.facts.items()}
        return cls(
            Heading.from_json(revision.heading or {}), [Section.from_json(each) for each in revision.sections], facts
        )


# From what is known now ----------------------------------------------------------------------------


def draft(meeting: Meeting, minutes: Minutes | None = None, revision: MinutesRevision | None = None) -> Document:
    """The minutes as they stand: those approved as they were approved, the others with what is known now."""
    if minutes and minutes.is_approved and revision and revision.heading is not None:
        return Document.of_revision(revision)
    has_begun = meeting.starts_at <= clock.now()  # until then who takes notes reads of the agenda what the others do
    items = list(AgendaItem.objects.of_call(meeting.pk, unpublished=has_begun))
    facts = facts_of(meeting)
    follows = minutes is None or minutes.sent_at is None
    stored = revision.sections if revision else []
    sections = compose(stored, items, list(captured(meeting)), facts, follows=follows)
    return Document(Heading.of(meeting), sections, facts)


def captured(meeting: Meeting) -> QuerySet[LogEntry]:
    return LogEntry.objects.of_call(meeting).captured().in_order().select_related("agenda_item")


def compose(
    stored: Sequence[dict[str, Any]],
    items: Iterable[AgendaItem],
    entries: Sequence[LogEntry],
    facts: dict[str, Fact],
    *,
    follows: bool = True,
) -> list[Section]:
    """What was stored, and behind it what is not in it yet. `follows`: texts that nobody wrote say what the log says."""
    known = {str(entry.key): entry for entry in entries}
    sections = _sections(stored, items, entries)
    for section in sections.values():
        section.parts = [part for part in section.parts if not part.fact or part.fact in facts]
        if follows:
            section.parts = [_as_logged(part, known) for part in section.parts]
    placed = {key for section in sections.values() for part in section.parts for key in (part.fact, *part.entries)}
    for entry in entries:
        if str(entry.key) not in placed:
            _add(sections[_section_of(entry)], entry, facts)
            placed.add(str(entry.key))
    for key, fact in facts.items():
        if key not in placed:
            sections[fact.section if fact.section in sections else OTHER].place(key)
    for section in sections.values():
        section.open_end()
    return list(sections.values())


def _sections(
    stored: Sequence[dict[str, Any]], items: Iterable[AgendaItem], entries: Sequence[LogEntry]
) -> dict[str, Section]:
    """By key, in the order of the agenda; what was taken off it after something was said on it follows."""
    kept = {each["key"]: Section.from_json(each) for each in stored}
    off = {entry.agenda_item.pk: entry.agenda_item for entry in entries if entry.agenda_item}
    found: dict[str, Section] = {}
    for number, item in enumerate({item.pk: item for item in [*items, *off.values()]}.values(), 1):
        section = kept.pop(key_of(item.pk), None) or Section(key_of(item.pk), item.title)
        section.title, section.number = item.title, number
        found[section.key] = section
    other = kept.pop(OTHER, None) or Section(OTHER, "")
    for section in kept.values():  # its item was taken off the agenda
        if not section.is_empty:
            section.number = len(found) + 1
            found[section.key] = section
    other.title = _("Other business") if found else _("Notes")
    return found | {OTHER: other}


def key_of(item: int | None) -> str:
    return f"item-{item}" if item else OTHER


def _section_of(entry: LogEntry) -> str:
    return key_of(entry.agenda_item_id)


def _as_logged(part: Part, known: dict[str, LogEntry]) -> Part:
    if part.fact or part.own:
        return part
    standing = tuple(key for key in part.entries if key in known)
    return replace(part, entries=standing, text=_joined(*(known[key].text for key in standing)))


def _add(section: Section, entry: LogEntry, facts: dict[str, Fact]) -> None:
    """A decision or an action that became none is a note."""
    key = str(entry.key)
    if entry.kind != LogEntry.Kind.NOTE and key in facts:
        section.place(key)
    elif entry.text.strip():
        section.note(key, entry.text)


# Facts ---------------------------------------------------------------------------------------------


def facts_of(meeting: Meeting) -> dict[str, Fact]:
    """Decisions and actions of the call by key, in the order in which they were made. Two queries."""
    decisions = (
        Decision.objects.filter(meeting=meeting).select_related("mover", "seconder").order_by("decided_at", "pk")
    )
    actions = (
        ActionItem.objects.filter(meeting=meeting)
        .not_dropped()
        .select_related("owner", "committee")
        .order_by("made_at", "pk")
    )
    facts = [_decided(each, meeting) for each in decisions] + [_assigned(each) for each in actions]
    return {fact.key: fact for fact in facts}


def _decided(decision: Decision, meeting: Meeting) -> Fact:
    return Fact(
        DECISION,
        str(decision.key),
        _("Decision %(number)s") % {"number": decision.reference},
        decision.motion,
        counted(decision),
        key_of(decision.agenda_item_id),
        reverse("decision_detail", args=[meeting.committee.slug, decision.reference]),
    )


def counted(decision: Decision) -> str:
    """22 for, 0 against, 1 abstained, 3 not voting."""
    if decision.outcome == Decision.Outcome.WITHDRAWN:
        words = [_("Withdrawn")]
    elif decision.method == Decision.Method.CONSENT:
        words = [_("Adopted by consent")]
    else:
        words = [_votes(decision)]
        if not decision.is_adopted:
            words.insert(0, str(decision.get_outcome_display()))
    if decision.mover:
        moved = _("moved by %(mover)s, seconded by %(seconder)s") if decision.seconder else _("moved by %(mover)s")
        seconder = decision.seconder.name if decision.seconder else ""
        words.append(moved % {"mover": decision.mover.name, "seconder": seconder})
    return "; ".join(words)


def _votes(decision: Decision) -> str:
    said = [_("%(n)d for") % {"n": decision.ayes}, _("%(n)d against") % {"n": decision.noes}]
    if decision.abstentions:
        said.append(_("%(n)d abstained") % {"n": decision.abstentions})
    silent = (decision.here or 0) - decision.ayes - decision.noes - decision.abstentions
    if silent > 0:
        said.append(_("%(n)d not voting") % {"n": silent})
    return ", ".join(said)


def _assigned(action: ActionItem) -> Fact:
    owner = action.owner_in_words
    if owner and action.due_on:
        detail = _("%(name)s, by %(day)s") % {"name": owner, "day": formats.day(action.due_on)}
    elif owner:
        detail = _("%(name)s, no date yet") % {"name": owner}
    elif action.due_on:
        detail = _("Nobody yet, by %(day)s") % {"day": formats.day(action.due_on)}
    else:
        detail = _("Nobody and no date yet")
    return Fact(
        ACTION,
        str(action.key),
        _("Action"),
        action.text,
        detail,
        key_of(action.agenda_item_id),
        reverse("action_detail", args=[action.committee.slug, action.pk]),
        action.owner_id,
        "owner" if not owner else "day" if not action.due_on else "",
    )


# Before one sends ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """A line of "Before you send". `well` is False for what is worth a look; nothing is forbidden."""

    well: bool
    words: str
    detail: str
    url: str = ""


def checks(document: Document, meeting: Meeting) -> list[Check]:
    return [
        _check_attendance(document.heading, meeting),
        _check_actions(document),
        *_check_notes(document),
        *_check_facts(document),
        *_check_names(document),
    ]


def _check_attendance(heading: Heading, meeting: Meeting) -> Check:
    url = reverse("meeting_attendance", args=[meeting.slug])
    if not heading.taken:
        return Check(False, _("Nobody wrote down who was there"), _("Take attendance"), url)
    people = ngettext("%(n)s person", "%(n)s people", heading.here) % {"n": heading.here}
    return Check(True, _("Attendance matched"), people, url)


def _check_actions(document: Document) -> Check:
    actions = [fact for fact in document.facts.values() if fact.kind == ACTION]
    lacking = [fact for fact in actions if fact.lacks]
    if lacking:
        first = lacking[0]
        words = _("“%(action)s” has no name") if first.lacks == "owner" else _("“%(action)s” has no date")
        return Check(False, words % {"action": first.words}, _("Write it down"), first.url)
    if not actions:
        return Check(True, _("No actions"), _("Nobody promised anything"))
    return Check(
        True,
        _("Every action has a name and a date"),
        ngettext("%(n)s action", "%(n)s actions", len(actions)) % {"n": len(actions)},
    )


def _check_notes(document: Document) -> list[Check]:
    return [
        Check(
            False,
            _("“%(item)s” has no notes") % {"item": section.title},
            _("Fine to leave empty"),
            f"#{section.key}",
        )
        for section in document.sections
        if section.number and section.is_empty
    ]


def _check_facts(document: Document) -> list[Check]:
    decisions = sum(fact.kind == DECISION for fact in document.facts.values())
    if not decisions:
        return []
    words = ngettext("%(n)s decision", "%(n)s decisions", decisions) % {"n": decisions}
    return [Check(True, _("Decisions are in the register"), words)]


def _check_names(document: Document) -> list[Check]:
    """Staff are named by those who hardly know them. What is nearly a name may be that of somebody else on the committee."""
    heading = document.heading
    others = {*heading.present, *heading.also, *heading.absent}
    staff = User.objects.filter(pk__in=StaffAppointment.objects.current().values("user"))
    known = list(staff.order_by("name").values_list("name", flat=True))
    right: list[str] = []
    wrong = []
    for section in document.sections:
        found, nearly = names.read("\n".join(part.text for part in section.texts), known)
        right += found
        for written, name in nearly:
            if written in others:
                continue
            words = _("“%(written)s” is nearly %(name)s") % {"written": written, "name": name}
            wrong.append(Check(False, words, _("Look at the name"), f"#{section.key}"))
    if wrong or not right:
        return wrong
    return [Check(True, _("Staff names read right"), ", ".join(dict.fromkeys(right)))]

"""What one revision says that another does not, in words added and removed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from events.models import MinutesRevision
from events.record.minutes.drafting import Fact, Section

SAME, ADDED, REMOVED = "same", "added", "removed"
WORDS = re.compile(r"\S+\s*|^\s+")
AROUND = 10  # words shown before and behind a change


@dataclass(frozen=True)
class Run:
    """Words that are the same, added or removed."""

    kind: str
    words: str


@dataclass(frozen=True)
class Change:
    """A section that reads otherwise."""

    heading: str
    runs: list[Run]

    @property
    def html(self) -> SafeString:
        return marked(self.runs)


def marked(runs: Iterable[Run]) -> SafeString:
    """For a page: underlined and struck, and said in words for who sees no marks."""
    added, removed = _("added:"), _("removed:")
    markup = {
        ADDED: format_html('<ins><span class="visually-hidden">{} </span>{{}}</ins>', added),
        REMOVED: format_html('<del><span class="visually-hidden">{} </span>{{}}</del>', removed),
        SAME: "{}",
    }
    return format_html_join("", "{}", ((format_html(markup[run.kind], run.words),) for run in runs))


def between(old: MinutesRevision | None, new: MinutesRevision) -> list[Change]:
    """The sections that differ, in their order; all of them against nothing."""
    was, now = (_texts(each) if each else {} for each in (old, new))
    changes = []
    for key in [*now, *(key for key in was if key not in now)]:
        heading, words = now.get(key) or (was[key][0], "")
        before = was.get(key, ("", ""))[1]
        if before != words:
            changes.append(Change(heading, list(runs(before, words))))
    return changes


def _texts(revision: MinutesRevision) -> dict[str, tuple[str, str]]:
    facts = {key: Fact(**stored) for key, stored in revision.facts.items()}
    found: dict[str, tuple[str, str]] = {}
    for stored in revision.sections:
        section = Section.from_json(stored)
        said = [facts[p.fact].in_words if p.fact in facts else p.text for p in section.parts]
        found[section.key] = (section.heading, "\n".join(filter(None, said)))
    return found


def runs(old: str, new: str) -> Iterator[Run]:
    """Word by word; long stretches that are the same are shortened to what stands around a change."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    opcodes = matcher.get_opcodes()
    for place, (tag, i1, i2, j1, j2) in enumerate(opcodes):
        if tag == "equal":
            yield Run(SAME, _shortened(before[i1:i2], first=place == 0, last=place == len(opcodes) - 1))
            continue
        if removed := "".join(before[i1:i2]):
            yield Run(REMOVED, removed)
        if added := "".join(after[j1:j2]):
            yield Run(ADDED, added)


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    if len(words) <= 3 * AROUND:
        return "".join(words)
    head = "" if first else "".join(words[:AROUND])
    tail = "" if last else "".join(words[-AROUND:])
    return f"{head} … {tail}"

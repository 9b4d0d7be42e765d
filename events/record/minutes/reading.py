"""Minutes as a page shows them: paragraph by paragraph, each with the comments that are about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.safestring import SafeString

from committees.markdown import blocks, to_html, to_text
from events.models import MinutesComment
from events.models.minutes import QUOTED
from events.record.minutes.drafting import Document, Fact, Section

ALIKE = 0.6  # of a paragraph that was edited to the words a comment quotes
LETTERS_A_MINUTE = 1300  # about 220 words


@dataclass
class Paragraph:
    """`quote` is what a comment beside it is about; `place` names it in an address while the text stands."""

    place: str
    quote: str
    html: SafeString | None = None
    fact: Fact | None = None
    comments: list[MinutesComment] = field(default_factory=list)


@dataclass
class ShownSection:
    key: str
    heading: str
    paragraphs: list[Paragraph]
    adrift: list[MinutesComment] = field(default_factory=list)  # about words that are gone

    @property
    def comments(self) -> list[MinutesComment]:
        return [each for paragraph in self.paragraphs for each in paragraph.comments] + self.adrift


def shown(document: Document, comments: Iterable[MinutesComment] = ()) -> list[ShownSection]:
    sections = [_section(section, document) for section in document.numbered]
    by_key = {section.key: section for section in sections}
    for comment in comments:
        section = by_key.get(comment.section) or (sections[-1] if sections else None)
        if section is None:
            continue
        paragraph = find(section.paragraphs, comment.quote)
        (paragraph.comments if paragraph else section.adrift).append(comment)
    return sections


def _section(section: Section, document: Document) -> ShownSection:
    paragraphs: list[Paragraph] = []
    for part in section.parts:
        if fact := document.fact(part.fact):
            paragraphs.append(Paragraph(f"{section.key}.{len(paragraphs)}", fact.in_words[:QUOTED], fact=fact))
        for source in blocks(part.text):
            quote = to_text(source)[:QUOTED]
            paragraphs.append(Paragraph(f"{section.key}.{len(paragraphs)}", quote, html=to_html(source)))
    return ShownSection(section.key, section.heading, paragraphs)


def find(paragraphs: Iterable[Paragraph], quote: str) -> Paragraph | None:
    """The paragraph that a comment is about: with the same words, with those words in it, or else the one most alike."""
    wanted = " ".join(quote.split())
    if not wanted:
        return None
    paragraphs = list(paragraphs)
    for same in (lambda each: each.quote == wanted, lambda each: wanted in each.quote or each.quote in wanted):
        if found := next((each for each in paragraphs if each.quote and same(each)), None):
            return found
    scored = [(SequenceMatcher(None, wanted, each.quote, autojunk=False).ratio(), each) for each in paragraphs]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] >= ALIKE else None


def at_place(sections: Iterable[ShownSection], place: str) -> tuple[ShownSection, Paragraph] | None:
    for section in sections:
        for paragraph in section.paragraphs:
            if paragraph.place == place:
                return section, paragraph
    return None


def reading_minutes(document: Document) -> int:
    letters = sum(len(part.text) for section in document.sections for part in section.parts)
    letters += sum(len(fact.in_words) for fact in document.facts.values())
    return max(-(-letters // LETTERS_A_MINUTE), 1)

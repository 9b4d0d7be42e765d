"""Looking for words in everything a person may see; each group is one query of a few rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import Q, QuerySet, Value

from committees.models import Committee, Document
from events.models import Meeting
from members.finding import Word, Words, all_found_by, typed_words
from members.models import User

FEW = 6
ALIKE = 3


@dataclass(frozen=True)
class Found:
    calls: list[Meeting]
    committees: list[Committee]
    documents: list[Document]
    people: list[User]

    def __bool__(self) -> bool:
        return any((self.calls, self.committees, self.documents, self.people))


def everything(words: str, user: User) -> Found:
    """The first few of each kind."""
    if not typed_words(words):
        return Found([], [], [], [])
    return Found(
        calls=list(
            _holding(Meeting.objects.visible_to(user), "title", words)
            .select_related("committee")
            .order_by("-starts_at", "-pk")[:FEW]
        ),
        committees=list(_holding(Committee.objects.visible_to(user).standing(), "name", words)[:FEW]),
        documents=list(Document.objects.for_listing(user).matching(words)[:FEW]),
        people=list(User.objects.members().matching(words).for_listing()[:FEW]),
    )


def resembling(words: str) -> list[User]:
    """A few members whose names are nearly what was typed: a next step where nothing was found."""
    typed = typed_words(words)
    if not typed:
        return []
    nearly = Q(name_words__trigram_word_similar=Word(Value(" ".join(typed))))
    for word in typed:
        nearly |= Q(name_words__trigram_word_similar=Word(Value(word)))
    alike = TrigramWordSimilarity(Word(Value(max(typed, key=len))), "name_words")  # type: ignore[arg-type]  # takes expressions
    return list(User.objects.members().filter(nearly).order_by(-alike, "name", "pk").only("name")[:ALIKE])


def _holding(rows: QuerySet[Any], column: str, words: str) -> QuerySet[Any]:
    """Those whose `column` has each word."""
    return rows.alias(words=Words(column)).filter(all_found_by("words", words))

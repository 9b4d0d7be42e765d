"""Looking for words in everything a person may see; each group is one query of a few rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from committees.models import Committee, Document
from events.models import Meeting
from members.finding import Words, all_found_by, typed_words
from members.models import User

FEW = 6


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


def _holding(rows: QuerySet[Any], column: str, words: str) -> QuerySet[Any]:
    """Those whose `column` has each word."""
    return rows.alias(words=Words(column)).filter(all_found_by("words", words))

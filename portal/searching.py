"""Looking for words in everything a person may see: one question for the first few of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db.models import F, Q, QuerySet, Value

from committees.models import Committee, Document, DocumentVersion
from events.models import Meeting
from members.models import Office, User
from members.queries.finding import Word, Words, all_of, typed_words
from members.queries.prepared import prepared
from portal.packed import pack, unpack

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


def everything(text: str, user: User) -> Found:
    """The first few of each kind, knowing what their rows on the page say and nothing else."""
    words = typed_words(text)
    if not words:
        return Found([], [], [], [])
    found = _first_few(user, text.replace("\0", "")[:200], *words)[0]
    return Found(
        calls=[_call(**row) for row in found["calls"]],
        committees=[unpack(Committee, row) for row in found["committees"]],
        documents=[_document(**row) for row in found["documents"]],
        people=[_person(**row) for row in found["people"]],
    )


@prepared
def _first_few(user: User, text: str, *words: str) -> QuerySet[User, dict[str, Any]]:
    """One row, of the person who asks: a page of four lists costs one round to the database."""
    calls = _holding(Meeting.objects.visible_to(user), "title", words).order_by("-starts_at", "-pk")
    committees = _holding(Committee.objects.visible_to(user).not_archived(), "name", words).order_by("name")
    documents = Document.objects.for_listing(user).saying(text, *words)
    people = User.objects.members().found_by_words(*words).order_by("name", "pk")
    return User.objects.filter(pk=user.pk).values(
        calls=pack(calls[:FEW], "slug", "title", "starts_at", "told_at", committee=F("committee__name")),
        committees=pack(committees[:FEW], "slug", "name", "quilt_block", "quilt_hue"),
        documents=pack(
            documents[:FEW],
            "id",
            "title",
            "withdrawn_at",
            committee=F("committee__name"),
            file=F("latest__name"),
            pages=F("latest__pages"),
            uploaded_at=F("latest__uploaded_at"),
            uploaded_by=F("latest__uploaded_by__name"),
        ),
        people=pack(people[:FEW], "id", "name", "given_name", office=Office.objects.held_by("pk")),
    )


def _call(committee: str, **columns: Any) -> Meeting:
    call = unpack(Meeting, columns)
    call.committee = Committee(name=committee)
    return call


def _document(
    committee: str, file: str, pages: int | None, uploaded_at: str, uploaded_by: str | None, **columns: Any
) -> Document:
    document = unpack(Document, columns)
    document.committee = Committee(name=committee)
    document.latest = unpack(DocumentVersion, {"name": file, "pages": pages, "uploaded_at": uploaded_at})
    document.latest.uploaded_by = User(name=uploaded_by) if uploaded_by else None
    return document


def _person(office: str, **columns: Any) -> User:
    person = unpack(User, columns)
    person.office = office  # type: ignore[attr-defined]  # as for_listing() brings it
    return person


def resembling(words: str) -> list[User]:
    """A few members whose names are nearly what was typed: a next step where nothing was found."""
    typed = typed_words(words)
    return _resembling(" ".join(typed), max(typed, key=len), *typed) if typed else []


@prepared
def _resembling(together: str, longest: str, *typed: str) -> QuerySet[User]:
    nearly = Q(name_words__trigram_word_similar=Word(Value(together)))
    for word in typed:
        nearly |= Q(name_words__trigram_word_similar=Word(Value(word)))
    alike = TrigramWordSimilarity(Word(Value(longest)), "name_words")  # type: ignore[arg-type]  # takes expressions
    return User.objects.members().filter(nearly).order_by(-alike, "name", "pk").only("name")[:ALIKE]


def _holding(rows: QuerySet[Any], column: str, words: tuple[str, ...]) -> QuerySet[Any]:
    """Those whose `column` has each word."""
    return rows.alias(words=Words(column)).filter(all_of("words", words))

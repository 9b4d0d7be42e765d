"""The index of everything that search finds: a row a thing, kept by triggers (members.queries.indexing)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVectorField, TrigramWordSimilarity
from django.db import models
from django.db.models import Case, FloatField, Func, Q, Value, When

from members.queries.finding import Word, Words, all_of, typed_words

NOT_WANTED = re.compile(r"(?<!\S)-+")  # what would ask for all that does not say a word
ENGLISH = "members_english"  # the text search configuration of migration 0031: English, without accents


@dataclass(frozen=True)
class Typed:
    """What somebody typed, and its words taken apart."""

    text: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Typed:
        text = text.replace("\0", "").strip()[:200]
        return cls(NOT_WANTED.sub("", text), tuple(typed_words(text)))


class Said(Func):
    """The words of a kind's title (weight A) and of its text (D), as PostgreSQL searches them."""

    function = "members_said"
    arity = 3
    output_field = SearchVectorField()


class FindableQuerySet(models.QuerySet["Findable"]):
    def of(self, kind: str) -> FindableQuerySet:
        return self.filter(kind=kind)

    def saying(self, text: str, *words: str) -> FindableQuerySet:
        """Those whose title has a word beginning with each of the `words`, or whose title and text say `text` together."""
        said = Q(said=SearchQuery(text, config=ENGLISH, search_type="websearch"))
        return self.filter(all_of("words", words) | said if words else said)

    def typed(self, text: str) -> FindableQuerySet:
        """As `saying`, of what somebody typed."""
        sought = Typed.of(text)
        return self.saying(sought.text, *sought.words) if sought.words else self.none()

    def ranked(self, *words: str) -> FindableQuerySet:
        """`rank`: what is called so comes before what only says so."""
        called = When(all_of("words", words), then=Value(1.0))
        return self.annotate(rank=Case(called, default=Value(0.0), output_field=FloatField()))

    def resembling(self, together: str, longest: str, *typed: str) -> FindableQuerySet:
        """Those whose title has nearly what was typed, with how near as `rank`."""
        nearly = Q(words__trigram_word_similar=Word(Value(together)))
        for word in typed:
            nearly |= Q(words__trigram_word_similar=Word(Value(word)))
        alike: Any = TrigramWordSimilarity(Word(Value(longest)), "words")  # type: ignore[arg-type]  # takes expressions
        return self.filter(nearly).annotate(rank=alike)


class Findable(models.Model):
    """`kind` and `key` name the thing. Nothing stands here that its own page does not show to all who may open it.

    No rights: whoever asks goes through `visible_to` of the thing's model (members.findables.kinds).
    """

    kind = models.CharField(max_length=20)
    key = models.BigIntegerField()
    title = models.TextField()
    body = models.TextField(blank=True)
    at = models.DateTimeField(null=True)
    words = models.GeneratedField(expression=Words("title"), output_field=models.TextField(), db_persist=True)
    said = models.GeneratedField(
        expression=Said("kind", "title", "body"), output_field=SearchVectorField(), db_persist=True
    )

    objects = FindableQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="findable_once")]
        indexes = [
            GinIndex(OpClass("words", name="gin_trgm_ops"), name="findable_words", fastupdate=False),
            GinIndex(fields=["said"], name="findable_said", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"

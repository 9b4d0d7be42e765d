"""How often a thing was done in one span of time: limits that hold in all processes, without any cache."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from django.db import connection, models

from members.times import clock

KEPT = timedelta(days=2)  # after its span ended
ADD = """
INSERT INTO members_count AS counted (key, since, ends_at, n) VALUES {rows}
ON CONFLICT (since, key) DO UPDATE SET n = greatest(counted.n + %s, 0) RETURNING key, n
"""


class CountQuerySet(models.QuerySet["Count"]):
    def add(self, seconds: Mapping[str, int], by: int = 1) -> dict[str, int]:
        """Count `by` for each key, in a span of so many seconds; how many there are now in each span.

        One statement in the order of the keys, so two that count the same things wait for each other and never deadlock.
        """
        rows = [(key, *span(seconds[key]), max(by, 0)) for key in sorted(seconds)]
        statement = ADD.format(rows=", ".join(["(%s, %s, %s, %s)"] * len(rows)))
        with connection.cursor() as cursor:
            cursor.execute(statement, [*(value for row in rows for value in row), by])
            return dict(cursor.fetchall())

    def of_now(self, seconds: int) -> CountQuerySet:
        """Those of the spans of this length that the present is in."""
        since, ends_at = span(seconds)
        return self.filter(since=since, ends_at=ends_at)

    def totals(self, keys: Iterable[str], seconds: int) -> dict[str, int]:
        return dict(self.of_now(seconds).filter(key__in=list(keys)).values_list("key", "n"))

    def outlived(self) -> CountQuerySet:
        return self.filter(ends_at__lt=clock.now() - KEPT)


class Count(models.Model):
    """`key` says what and whose; addresses of people stand in it as keyed hashes alone."""

    key = models.CharField(max_length=120)
    since = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    n = models.PositiveIntegerField(default=0)

    objects = CountQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["since", "key"], name="count_once")]

    def __str__(self) -> str:
        return f"{self.key}: {self.n}"


def span(seconds: int) -> tuple[datetime, datetime]:
    """The span of so many seconds that the present is in: the same for everybody, so one row counts it."""
    since = datetime.fromtimestamp(time.time() // seconds * seconds, UTC)
    return since, since + timedelta(seconds=seconds)

"""That a post did its work, so that the same one again does not do it twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection, models

from members.times import clock

CLAIM = """
INSERT INTO members_submission (token, answer, answered_at) VALUES (%(token)s, '', clock_timestamp())
ON CONFLICT (token) DO UPDATE SET answer = '', answered_at = clock_timestamp()
WHERE members_submission.answered_at < clock_timestamp() - %(lasts)s RETURNING token
"""


KEPT_FOR = timedelta(days=2)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def outlived(self) -> SubmissionQuerySet:
        return self.filter(answered_at__lt=clock.now() - KEPT_FOR)


class Submission(models.Model):
    """`token` names a post; `answer` is the address that it led to."""

    token = models.CharField(max_length=64, primary_key=True)
    answer = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField(db_index=True)

    objects = SubmissionQuerySet.as_manager()

    def __str__(self) -> str:
        return self.token

    @classmethod
    def claim(cls, token: str, lasts: timedelta) -> bool:
        """Whether this is the first of its kind for as long as `lasts`. An equal one at work is waited for."""
        with connection.cursor() as cursor:
            values: dict[str, Any] = {"token": token, "lasts": lasts}
            cursor.execute(CLAIM, values)
            return cursor.fetchone() is not None

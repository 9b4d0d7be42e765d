"""Which rows exist for somebody: the one start of every `visible_to`."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        """What this person may know of; the rest is 404. Staff who proved it lately see all, everybody else what `open_to` says."""
        return self if getattr(user, "may_act_as_staff", False) else self.open_to(user)

    def open_to(self, user: Any) -> Self:
        raise NotImplementedError

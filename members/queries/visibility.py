"""Which rows exist for a person: the base of every `visible_to`."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model, covariant=True)


class VisibleQuerySet(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Self:
        """The rows this person may know of; pages answer 404 for others.

        All rows for staff with a strong session, `open_to` for everybody else.
        """
        return self if getattr(user, "may_act_as_staff", False) else self.open_to(user)

    def open_to(self, user: Any) -> Self:
        raise NotImplementedError

"""Members: found by name, by what they tell about themselves, and by the office they hold today."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.findables.kinds import Kind, Row, register
from members.models import Office, User
from members.models.users import PERSON


def _row(key: int, title: str, facts: dict[str, Any]) -> Row:
    return Row(reverse("person", args=[key]), facts["office"], "avatar", User(pk=key, name=title))


register(
    Kind(
        PERSON,
        _("People"),
        may_open=lambda user: User.objects.visible_to(user).members(),
        facts={"office": Office.objects.held_by("pk")},
        row=_row,
        besides=lambda words: User.objects.found_by_words(*words),  # offices have dates, which no index can follow
        listed_at="people",
    )
)

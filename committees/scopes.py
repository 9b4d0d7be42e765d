"""Names of committees for scopes of messages."""

from __future__ import annotations

from collections.abc import Collection

from committees.models import Committee
from members.mail.scopes import scopes
from members.models import User


def committee_names(pks: Collection[int], reader: User | None = None) -> dict[int, str]:
    """Names by number; for a `reader`, only of committees they are on."""
    committees = Committee.objects.filter(pk__in=pks)
    return dict((committees.of(reader) if reader else committees).values_list("pk", "name"))


scopes.add("committee", committee_names)

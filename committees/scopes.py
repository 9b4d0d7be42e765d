"""Names of committees for scopes of messages."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from committees.models import Committee, Membership
from members.mail.scopes import leaders, scopes
from members.models import User


def committee_names(pks: Collection[int], reader: User | None = None) -> dict[int, str]:
    """Names by number; for a `reader`, only of committees they are on."""
    committees = Committee.objects.filter(pk__in=pks)
    return dict((committees.of(reader) if reader else committees).values_list("pk", "name"))


def co_chairs(pk: int) -> QuerySet[User]:
    """Nobody, for a committee that is gone or archived."""
    leading = Membership.objects.current().chairs().filter(committee=pk, committee__archived_at=None)
    return User.objects.members().filter(pk__in=leading.values("user"))


scopes.add("committee", committee_names)
leaders.add("committee", co_chairs)

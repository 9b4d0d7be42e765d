"""Names of the scopes in which a preference may differ, such as "committee:3". The app that owns a sort of scope
registers it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.db.models import QuerySet

from members.discovery import Registry
from members.models import User

Names = Callable[[Collection[int], User | None], dict[int, str]]  # those that a reader may know of; without one, all
scopes: Registry[Names] = Registry("scopes")  # "committee": how those of these numbers are called
Leaders = Callable[[int], QuerySet[User]]
leaders: Registry[Leaders] = Registry(
    "leaders of scopes"
)  # "committee": who reads what is written to the one of this number


def scope_name(scope: str, reader: User | None = None) -> str:
    """The name of a scope: "Economic Justice" for "committee:3". "" for everywhere, and for what a reader does not
    belong to.
    """
    return scope_names([scope], reader).get(scope, "")


def scope_names(wanted: Iterable[str], reader: User | None = None) -> dict[str, str]:
    """Names of many scopes, with one query a sort. Those that no longer exist are left out."""
    numbers: dict[str, set[int]] = {}
    for scope in wanted:
        sort, _colon, pk = scope.partition(":")
        if sort in scopes and pk.isdigit():
            numbers.setdefault(sort, set()).add(int(pk))
    return {f"{sort}:{pk}": name for sort, pks in numbers.items() for pk, name in scopes[sort](pks, reader).items()}

"""What may be done to many people at once: what it needs to know, what is told before, how it is done and taken back.

Each app adds its own (`bulk_acts` modules are found by the app's config). A kind calls the verb that does the same to one person,
so that rights, mails and the activity log are those of the verb.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from members.discovery import Registry
from members.models import User
from members.web import plain_forms

Facts = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What an act will do, in sentences; `mails` go out, and for `people` something changes."""

    people: int
    lines: list[str] = field(default_factory=list)
    mails: int = 0


class Kind:
    name: str
    label: str | Promise
    icon = ""
    perm = "members.use_staff_desk"
    needs_proof = False  # who one is, lately
    is_grave = False
    form: type[BulkForm]

    def facts(self, cleaned: dict[str, Any], by: User) -> Facts:
        """What is kept of a valid form; it writes nothing that matters if the act is not done."""
        raise NotImplementedError

    def words(self, cleaned: dict[str, Any]) -> str:
        """What it does, in words: "Tag as Donor"."""
        raise NotImplementedError

    def told(self, cleaned: dict[str, Any], people: QuerySet[User], by: User) -> Told:
        raise NotImplementedError

    def do(self, person: User, facts: Facts, by: User, reason: str) -> bool:
        """Whether anything changed. Raises ValidationError or PermissionDenied, whose words are kept beside the person."""
        raise NotImplementedError

    def undo(self, person: User, facts: Facts, by: User) -> bool:
        raise NotImplementedError


class BulkForm(plain_forms.Form):
    """What a kind needs to know. `reader` is who chooses."""

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader


kinds: Registry[Kind] = Registry("acts on many people")


def register(kind: type[Kind]) -> type[Kind]:
    kinds.add(kind.name, kind())
    return kind

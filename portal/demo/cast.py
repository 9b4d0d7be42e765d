"""Who is who in the demo: the people of the story, found by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from members.models import User

NEWCOMER = "newcomer@portal.example"


@dataclass
class Cast:
    """`seats` says which committees a person's row of people.csv names."""

    by_name: dict[str, User] = field(default_factory=dict)
    seats: dict[str, list[str]] = field(default_factory=dict)
    officials: list[User] = field(default_factory=list)

    def __getitem__(self, name: str) -> User:
        return self.by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def all(self, names: Iterable[str]) -> list[User]:
        """Those of the names who are here."""
        return [self.by_name[name] for name in names if name in self.by_name]

    @property
    def admin(self) -> User:
        return self["Ada Lindgren"]

    @property
    def membership_staff(self) -> User:
        return self["Jonah Feld"]

    @property
    def organizer(self) -> User:
        return self["Priya Raman"]

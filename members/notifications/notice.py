"""The kinds of messages. Each kind is a class, registered by the app that owns the fact, in its notices.py.

A kind says who it goes to and about what (`tell`), what stops it (`stops`: asked in the statement that marks the
hand-over, and again to explain), and what it reads like (`write`). Nothing else in the portal knows the kinds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from members.models.deliveries import Delivery
from members.models.users import User
from members.notifications.kick import DELIVER, DELIVER_FAST, kick

registry: dict[str, Notice] = {}


class Class(TextChoices):
    """How freely a person may stop a kind."""

    ACCOUNT = "account", _("Your account and your answers: always, at once")
    CHANGE = "change", _("Changes to calls: always")
    ROUTINE = "routine", _("The rest: as you like")


class Notice:
    kind: ClassVar[str]
    label: ClassVar[str]
    sort: ClassVar[str] = Class.ROUTINE

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "kind" in cls.__dict__:
            registry[cls.kind] = cls()

    @classmethod
    def tell(cls, people: Iterable[User] | QuerySet[User], subject: str, *, edition: int = 0, scope: str = "") -> None:
        """Store the message for these people in the caller's transaction, and wake the workers when it commits."""
        Delivery.enqueue(cls.kind, people, subject, edition=edition, scope=scope)
        kick(DELIVER)

    @classmethod
    def tell_at_once(cls, address: str, person: User | None = None, *, useful_for: timedelta, **facts: Any) -> None:
        """As `tell`, to somebody who waits with the page open."""
        Delivery.enqueue_fast(cls.kind, address, facts, person, useful_for=useful_for)
        kick(DELIVER_FAST)
